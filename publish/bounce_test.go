package publish_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/internal/clock"
	"github.com/allclear-status/allclear/internal/dsn"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/store/storetest"
)

// key names the message of a notice to an address.
func key(notice int64, address string) notify.Key {
	return notify.Key{NoticeID: notice, Channel: stakeholders.Email, Address: address}
}

// report is one that arrived at a return path.
func report(path, address, code string) dsn.Report {
	return dsn.Report{SentTo: []string{path}, Recipients: []dsn.Recipient{
		{Final: address, Action: dsn.Failed, Status: code, Diagnostic: "550 " + code + " no such user"}}}
}

func (w *world) bounce(r dsn.Report) publish.Bounced {
	w.t.Helper()
	b, err := w.publisher.Bounce(w.t.Context(), r)
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

// returning is a world whose messages have return paths, after one notice.
func returning(t *testing.T, s *store.Store, c *clock.Manual) (*world, int64) {
	t.Helper()
	w := newWorld(t, s, c)
	w.publisher = publish.New(s, publish.Config{PublicURL: "https://status.acme.example", Key: storetest.Key(t), ReturnPath: "bounces@acme.example"})
	return w, w.notice()
}

// notice opens an incident, sends what is due and returns the notice's id.
func (w *world) notice() int64 {
	w.t.Helper()
	id := w.open(status.MajorOutage).Incident.ID
	w.step()
	told, err := w.store.Deliveries(w.t.Context(), store.LedgerFilter{IncidentID: id, Limit: 100})
	if err != nil || len(told) == 0 {
		w.t.Fatalf("%d deliveries (%v)", len(told), err)
	}
	return told[0].NoticeID
}

func TestReturnPathGivesNoAddressAwayAndFitsEverywhere(t *testing.T) {
	p := publish.New(nil, publish.Config{Key: storetest.Key(t), ReturnPath: "bounces-of-the-company@acme.example"})
	path := p.ReturnPath(key(999_999_999_999, "ana@customer.example"))
	local, _, _ := strings.Cut(path, "@")
	if len(local) > 64 || local != strings.ToLower(local) || strings.Contains(path, "ana") || strings.Contains(path, "customer") {
		t.Errorf("%d: %s", len(local), path)
	}
	if other := p.ReturnPath(key(999_999_999_999, "bo@customer.example")); other == path {
		t.Error("two addresses have one return path")
	}
	if path := p.ReturnPath(notify.Key{Channel: stakeholders.Slack}); path != "" {
		t.Errorf("chat has the return path %s", path)
	}
}

func TestDeadAddressIsSuppressedAndToldOf(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w, notice := returning(t, s, c)
		w.imported(ownedRegister, "", false)
		const ana = "ana@customer.example"
		path := w.publisher.ReturnPath(key(notice, ana))
		for what, r := range map[string]dsn.Report{
			"another's name for it": report(strings.Replace(path, "+", "+1", 1), ana, "5.1.1"),
			"made up":               report("bounces+1-0123456789abcdef0123456789ab@acme.example", ana, "5.1.1"),
			"the plain return path": report("bounces@acme.example", ana, "5.1.1"),
			"no path at all":        report("", ana, "5.1.1"),
			"only late":             {SentTo: []string{path}, Recipients: []dsn.Recipient{{Final: ana, Action: dsn.Delayed, Status: "4.4.1"}}},
			"delivered":             {SentTo: []string{path}, Recipients: []dsn.Recipient{{Final: ana, Status: "2.0.0"}}},
		} {
			if b := w.bounce(r); b.Failed || b.Hard || b.Suppressed {
				t.Errorf("%s: %+v", what, b)
			}
		}
		w.suppressed(ana, "")
		if acts := w.acts("bounce"); len(acts) != 0 {
			t.Errorf("audit log %q", acts)
		}

		if b := w.bounce(report(strings.ToUpper(path), "Ana@Customer.example", "5.1.1")); !b.Failed || !b.Hard || !b.Suppressed {
			t.Errorf("%+v", b)
		}
		w.suppressed(ana, "bounced: 550 5.1.1 no such user")
		if b := w.bounce(report(path, ana, "5.1.1")); b.Suppressed {
			t.Errorf("again: %+v", b)
		}
		_, err := w.publisher.AddSubscriber(t.Context(), manager, publish.Subscription{Channel: stakeholders.Email, Address: ana})
		if !errors.Is(err, status.ErrConflict) || !strings.Contains(err.Error(), "bounced: 550 5.1.1 no such user); lift the suppression first") {
			t.Error(err)
		}
		if acts := w.acts("suppress address"); len(acts) != 1 {
			t.Errorf("audit log %q", acts)
		}
		// The report of a message that was passed on names another address.
		bo := w.publisher.ReturnPath(key(notice, "bo@customer.example"))
		if b := w.bounce(report(bo, "bo.forwarded@elsewhere.example", "5.1.1")); !b.Suppressed || b.Key.Address != "bo@customer.example" {
			t.Errorf("%+v", b)
		}
		told, err := s.Deliveries(t.Context(), store.LedgerFilter{NoticeID: notice, Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range told {
			if d.Address == ana && d.Answer != "250 ok; then bounced: 550 5.1.1 no such user" {
				t.Errorf("the ledger says %q", d.Answer)
			}
		}
		// A contract says who must be told there: its owner hears of it.
		w.step()
		contract := w.publisher.ReturnPath(key(notice, "ana@acme.example"))
		if b := w.bounce(report(contract, "ana@acme.example", "5.1.1")); !b.Suppressed {
			t.Errorf("%+v", b)
		}
		equal(t, "letters", ownersLetters(w.step()), "boss@acme.example: contractual_left")
	})
}

func TestAddressThatIsAwayIsSuppressedAfterSeveralMessages(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		w.publisher = publish.New(s, publish.Config{Key: storetest.Key(t), ReturnPath: "bounces@acme.example"})
		const ana = "ana@customer.example"
		soft := func(notice int64, code string) publish.Bounced {
			return w.bounce(report(w.publisher.ReturnPath(key(notice, ana)), ana, code))
		}
		for notice, code := range []string{"4.2.2", "5.2.2", "5.7.1", "4.4.7"} {
			soft(int64(notice+1), code)
			soft(int64(notice+1), code) // the same once more
		}
		w.suppressed(ana, "")
		c.Advance(8 * 24 * time.Hour) // long ago by now
		for notice := range int64(4) {
			soft(notice+10, "4.2.2")
		}
		w.suppressed(ana, "")
		if b := soft(20, "4.2.2"); !b.Suppressed || b.Hard {
			t.Errorf("%+v", b)
		}
		w.suppressed(ana, "bounced 5 times in 7 days: 550 4.2.2 no such user")

		list, err := s.Suppressions(t.Context(), store.SuppressionFilter{Limit: 10})
		if err != nil || len(list) != 1 || list[0].Address != ana || list[0].Bounces != 9 {
			t.Errorf("%+v (%v)", list, err)
		}
		contact := stakeholders.Contact{Channel: stakeholders.Email, Address: ana}
		if err := w.publisher.LiftSuppression(t.Context(), manager, contact, ""); err != nil {
			t.Error(err)
		}
		w.suppressed(ana, "")
		if b := soft(30, "4.2.2"); b.Suppressed {
			t.Error("what came back before it was lifted counts")
		}
		if acts := w.acts("lift suppression"); len(acts) != 1 {
			t.Errorf("audit log %q", acts)
		}
	})
}

// A message to an address that leads to several people, or elsewhere, is
// reported for each of them.
func TestAddressLivesWhileOneOfThoseBehindItDoes(t *testing.T) {
	failed := func(code, words string) dsn.Recipient {
		return dsn.Recipient{Action: dsn.Failed, Status: code, Diagnostic: words}
	}
	behind := func(us string, r dsn.Recipient) dsn.Recipient {
		r.Original, r.Final = us, "inside@elsewhere.example"
		return r
	}
	gone, full := failed("5.1.1", "no such user"), failed("5.2.2", "mailbox full")
	delivered, delayed := dsn.Recipient{Action: dsn.Delivered, Status: "2.1.5"}, dsn.Recipient{Action: dsn.Delayed, Status: "4.4.1"}
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := publish.New(s, publish.Config{Key: storetest.Key(t), ReturnPath: "bounces@acme.example"})
		for i, test := range []struct {
			what         string
			behind       []dsn.Recipient
			failed, hard bool
		}{
			{"all are gone", []dsn.Recipient{gone, gone}, true, true},
			{"one is full", []dsn.Recipient{gone, full}, true, false},
			{"one got it", []dsn.Recipient{gone, delivered}, false, false},
			{"one may get it", []dsn.Recipient{delayed, gone}, false, false},
			{"our server is not wanted", []dsn.Recipient{failed("5.7.1", "550 5.7.1 blocked")}, true, false},
			{"our sender is not liked", []dsn.Recipient{failed("5.1.8", "")}, true, false},
			{"no such domain", []dsn.Recipient{failed("5.4.4", "Host not found")}, true, true},
			{"a loop", []dsn.Recipient{failed("5.4.6", "too many hops")}, true, false},
			{"no code, no mailbox", []dsn.Recipient{failed("5.0.0", "550 unknown user")}, true, true},
			{"no code, spam", []dsn.Recipient{failed("5.0.0", "550 looks like spam")}, true, false},
			{"no code at all", []dsn.Recipient{failed("", "")}, true, false},
		} {
			us := fmt.Sprintf("team%d@customer.example", i)
			r := dsn.Report{SentTo: []string{"", "x@y", p.ReturnPath(key(7, us))}, Recipients: []dsn.Recipient{{Final: "stranger@elsewhere.example", Action: dsn.Delayed}}}
			for _, one := range test.behind {
				r.Recipients = append(r.Recipients, behind(us, one))
			}
			b, err := p.Bounce(t.Context(), r)
			if err != nil || b.Key != key(7, us) || b.Failed != test.failed || b.Hard != test.hard || b.Suppressed != test.hard {
				t.Errorf("%s: %+v (%v)", test.what, b, err)
			}
		}
	})
}

func TestWhoLeavesFromADeadAddressLeft(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w, notice := returning(t, s, c)
		const ana = "ana@customer.example"
		leave := w.leaveToken(ana)
		w.bounce(report(w.publisher.ReturnPath(key(notice, ana)), ana, "5.1.1"))
		if err := w.publisher.Leave(t.Context(), leave, true); err != nil {
			t.Fatal(err)
		}
		w.suppressed(ana, store.Unsubscribed)
		w.bounce(report(w.publisher.ReturnPath(key(notice+1, ana)), ana, "5.1.1"))
		w.suppressed(ana, store.Unsubscribed)
	})
}

func TestReportWritesNobodyDownWhoWasErased(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w, notice := returning(t, s, c)
		const ana = "ana@customer.example"
		path := w.publisher.ReturnPath(key(notice, ana))
		w.bounce(report(path, ana, "4.2.2"))
		if _, err := w.publisher.Erase(t.Context(), manager, publish.EraseRequest{Person: ana, Reason: "asked"}); err != nil {
			t.Fatal(err)
		}
		if b := w.bounce(report(path, ana, "5.1.1")); b.Suppressed {
			t.Errorf("%+v", b)
		}
		w.suppressed(ana, store.ErasedAddress)
		list, err := s.Suppressions(t.Context(), store.SuppressionFilter{Limit: 10})
		if err != nil || len(list) != 1 || strings.Contains(fmt.Sprint(list), "ana") || list[0].Bounces != 0 {
			t.Errorf("%+v (%v)", list, err)
		}
		contact := stakeholders.Contact{Channel: stakeholders.Email, Address: ana}
		if err := w.publisher.LiftSuppression(t.Context(), manager, contact, ""); err == nil || !strings.Contains(err.Error(), "basis") {
			t.Error(err)
		}
		if err := w.publisher.LiftSuppression(t.Context(), manager, contact, "asked to be told again on 3 May"); err != nil {
			t.Error(err)
		}
		w.suppressed(ana, "")
	})
}

func TestWholeListOfSuppressionsIsExported(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := publish.New(s, publish.Config{Key: storetest.Key(t)})
		const many = 1203 // more than one query reads
		if err := s.InTx(t.Context(), func(tx *store.Tx) error {
			for i := range many {
				if err := tx.Suppress(t.Context(), stakeholders.Email, fmt.Sprintf("p%d@customer.example", i), "=HYPERLINK(\"x\"), said\nthe server"); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		if err := p.ExportSuppressions(t.Context(), &out, stakeholders.Email); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
		seen := map[string]bool{}
		for _, row := range rows {
			if seen[row[1]] = true; strings.HasPrefix(row[2], "=") {
				t.Fatalf("%q is a formula", row[2])
			}
		}
		if err != nil || len(rows) != many+1 || len(seen) != many+1 {
			t.Errorf("%d rows, %d different (%v)", len(rows), len(seen), err)
		}
		out.Reset()
		if err := p.ExportSuppressions(t.Context(), &out, stakeholders.Slack); err != nil || strings.Count(out.String(), "\n") != 1 {
			t.Errorf("%q (%v)", out.String(), err)
		}
	})
}

func TestWhoLeftIsWrittenToAgainForAReasonOnly(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		const ana = "ana@customer.example"
		if err := w.publisher.Leave(t.Context(), w.leaveToken(ana), true); err != nil {
			t.Fatal(err)
		}
		contact := stakeholders.Contact{Channel: stakeholders.Email, Address: ana}
		if err := w.publisher.LiftSuppression(t.Context(), manager, contact, ""); err == nil || !strings.Contains(err.Error(), "basis") {
			t.Error(err)
		}
		w.suppressed(ana, store.Unsubscribed)
		if err := w.publisher.LiftSuppression(t.Context(), manager, contact, "asked by phone"); err != nil {
			t.Error(err)
		}
		if err := w.publisher.LiftSuppression(t.Context(), manager, contact, "asked by phone"); err == nil {
			t.Error("lifted what is not there")
		}
	})
}
