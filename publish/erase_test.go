package publish_test

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/internal/clock"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/store/storetest"
)

const registerWithAna = sampleRegister + `
  - name: Ana Lima
    kind: person
    power: high
    interest: high
    owner: jo@acme.example
    notes: Ana Lima decides about refunds; her deputy is Bo.
    contacts:
      - email: ana.lima@acme.example
        contractual: {basis: "Contract 7"}
      - slack: https://hooks.example/services/ana
        label: "@ana-lima"
  - name: Bo Berg
    kind: person
    power: low
    interest: high
    owner: Ana Lima
    contacts:
      - email: bo.ana.lima@acme.example
  - name: Board
    kind: team
    power: high
    interest: high
    contacts:
      - email: ana.lima@acme.example
      - email: board@acme.example
`

// whole reads every value of every table, with its place.
func whole(t *testing.T, url string) map[string]string {
	t.Helper()
	driver, dsn := "postgres", url
	query := `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`
	if path, ok := strings.CutPrefix(url, "sqlite://"); ok {
		driver, dsn, query = "sqlite", path, `SELECT name FROM sqlite_master WHERE type = 'table'`
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	list := func(query string) (all [][]any, names []string) {
		rows, err := db.Query(query)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		if names, err = rows.Columns(); err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			row, into := make([]any, len(names)), make([]any, len(names))
			for i := range row {
				into[i] = &row[i]
			}
			if err := rows.Scan(into...); err != nil {
				t.Fatal(err)
			}
			all = append(all, row)
		}
		return all, names
	}
	texts := map[string]string{}
	tables, _ := list(query)
	for _, table := range tables {
		rows, names := list(fmt.Sprintf(`SELECT * FROM %s`, table[0]))
		for n, row := range rows {
			for i, value := range row {
				if raw, ok := value.([]byte); ok {
					value = string(raw)
				}
				texts[fmt.Sprintf("%s.%s[%d]", table[0], names[i], n)] = fmt.Sprint(value)
			}
		}
	}
	return texts
}

// naming lists the places whose text has one of the words, without case.
func naming(texts map[string]string, words ...string) (found []string) {
	for place, text := range texts {
		for _, word := range words {
			if strings.Contains(strings.ToLower(text), strings.ToLower(word)) {
				found = append(found, place+": "+text)
				break
			}
		}
	}
	slices.Sort(found)
	return found
}

func TestErasedPersonStandsNowhere(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		c := clock.NewManual(storetest.Start)
		w := newWorld(t, storetest.Open(t, url, c), c)
		ctx := t.Context()
		w.importRegister(registerWithAna)
		if err := w.publisher.SaveDefaultRoles(ctx, manager, publish.RoleChanges{stakeholders.CommunicationLead: by("Ana Lima", "ana.lima@acme.example"),
			stakeholders.Deputy: by("Dan", "dan@acme.example")}, nil); err != nil {
			t.Fatal(err)
		}
		w.subscribe("zoe@customer.example", true)
		w.subscribe("ana.lima@acme.example", true, w.search.ID)
		w.sink.answer = func(address string) notify.Result {
			switch address {
			case "zoe@customer.example":
				return notify.Result{Outcome: notify.Transient, Answer: "451 <Zoe@Customer.example> try later"}
			case "ana.lima@acme.example":
				return notify.Result{Outcome: notify.Permanent, Answer: "550 mailbox ana.lima@acme.example unknown, as is zoe@customer.example.org"}
			default:
				return notify.Result{Outcome: notify.Delivered, Answer: "250 ok"}
			}
		}
		w.ask("zoe@customer.example", publish.Wishes{})
		opened := w.open(status.MajorOutage)
		note := "Ask ANA LIMA before refunds; Anabel knows nothing."
		by := w.publisher.Addressing(publish.Hand{Also: []publish.Also{{Email: "zoe@customer.example"}, {Email: "guest@elsewhere.example"}}, Reason: "Zoe (zoe@customer.example) asked Ana Lima."})
		if _, err := by.PostUpdate(ctx, manager, opened.Incident.ID, status.Post{Body: "We are still looking at it.", Notify: true, InternalNote: &note}); err != nil {
			t.Fatal(err)
		}
		w.step()
		c.Advance(time.Hour)
		w.step()
		before := whole(t, url)
		for _, word := range []string{"ana.lima@acme", "Ana Lima", "@ana-lima", "zoe@customer.example"} {
			if len(naming(before, word)) == 0 {
				t.Fatalf("%s stands only in %q", word, naming(before, word))
			}
		}

		look, err := w.publisher.Erase(ctx, manager, publish.EraseRequest{Person: "ana lima", DryRun: true})
		if err != nil {
			t.Fatal(err)
		}
		if after := whole(t, url); len(naming(after, "ana.lima@acme", "Ana Lima")) != len(naming(before, "ana.lima@acme", "Ana Lima")) {
			t.Error("a look changed something")
		}
		done, err := w.publisher.Erase(ctx, manager, publish.EraseRequest{Person: "ana lima", Reason: "Ana Lima asked, from ana.lima@acme.example"})
		if err != nil {
			t.Fatal(err)
		}
		if done.Deliveries == 0 || done.Deliveries != look.Deliveries || done.Contacts != 3 || done.Entries != 1 || done.Subscriptions != 1 ||
			!slices.Equal(done.Teams, []string{"Board"}) || !slices.Equal(done.Contracts, []string{"Ana Lima"}) || !slices.Equal(done.Owned, []string{"Bo Berg"}) ||
			!slices.Equal(done.Roles, []string{"page communication_lead"}) || len(look.Texts) == 0 {
			t.Errorf("looked %+v\nerased %+v", look, done)
		}
		if _, err := w.publisher.Erase(ctx, manager, publish.EraseRequest{Person: "zoe@customer.example", Names: []string{"Zoe"}, Reason: "asked"}); err != nil {
			t.Fatal(err)
		}
		after := whole(t, url)
		if found := naming(after, "mailbox ana", `"ana.lima@acme`, "<ana.lima@acme", "(ana.lima@acme", "ana lima", "ana-lima", "zoe@customer.example>", `"zoe@customer.example`, "(zoe@customer.example)"); len(found) > 0 {
			t.Errorf("after an erasure there is:\n%s", strings.Join(found, "\n"))
		}
		for place, text := range after {
			for _, address := range []string{"ana.lima@acme.example", "zoe@customer.example"} {
				if text == address {
					t.Errorf("after an erasure %s stands in %s", address, place)
				}
			}
		}
		if others := naming(after, "bo.ana.lima@acme.example"); len(others) < 2 || len(naming(after, "zoe@customer.example.org")) == 0 || len(naming(after, "anabel")) == 0 {
			t.Errorf("others were erased, too: %q", others)
		}
		// Nobody is told again because a list still has the address.
		if _, err := w.publisher.AddSubscriber(ctx, manager, publish.Subscription{Channel: stakeholders.Email, Address: "zoe@customer.example", Confirmed: true}); !errors.Is(err, status.ErrConflict) {
			t.Errorf("added again: %v", err)
		}
		plan, err := w.publisher.ImportRegister(ctx, manager, publish.RegisterImport{Document: []byte(registerWithAna), Format: stakeholders.YAML})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(plan.Warnings, func(words string) bool { return strings.Contains(words, "Ana Lima: nothing is sent to email") }) {
			t.Errorf("warnings %q", plan.Warnings)
		}
		c.Advance(time.Hour)
		w.update(opened.Incident.ID, status.Post{Status: status.Resolved, Body: "Card payments work again."})
		if got := w.step(); told(got, " ana.lima@acme.example") || told(got, "zoe@customer.example") || !told(got, "board@acme.example") && !told(got, "management@acme.example") {
			t.Errorf("told %q", got)
		}

		// Only they themselves can come back.
		w.sink.answer = nil
		w.ask("zoe@customer.example", publish.Wishes{})
		w.confirm(w.confirmToken("zoe@customer.example"))
		w.suppressed("zoe@customer.example", "")
		w.step()
		c.Advance(time.Minute)
		w.open(status.MajorOutage)
		if got := w.step(); !told(got, "zoe@customer.example") || told(got, " ana.lima@acme.example") {
			t.Errorf("told %q", got)
		}
		w.classesAgree()

		for _, person := range []string{"", "nobody@nowhere.example", "Board", "subscriber:zzz", "Nobody"} {
			var invalid *status.Invalid
			if _, err := w.publisher.Erase(ctx, manager, publish.EraseRequest{Person: person}); !errors.As(err, &invalid) {
				t.Errorf("%q: %v", person, err)
			}
		}
		if rows, err := w.store.Deliveries(ctx, store.LedgerFilter{IncidentID: opened.Incident.ID, Limit: 1000}); err != nil || len(rows) == 0 {
			t.Errorf("the ledger cannot be read: %v", err)
		}
	})
}

// The ledger and why find an address by what people have in hand: the pseudonym
// that stands for one that was erased, a webhook's or a chat's whole address.
func TestDeliveriesAreFoundByPseudonymAndBySecretAddress(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		opened := w.open(status.MajorOutage)
		w.step()
		done, err := w.publisher.Erase(t.Context(), manager, publish.EraseRequest{Person: "bo@customer.example"})
		if err != nil {
			t.Fatal(err)
		}
		for _, person := range []string{done.Pseudonym, "https://hooks.example/services/management", "#management", "ana@customer.example"} {
			rows, err := w.publisher.Ledger(t.Context(), publish.LedgerQuery{Person: person, LedgerFilter: store.LedgerFilter{IncidentID: opened.Incident.ID, Limit: 10}})
			if err != nil || len(rows) == 0 {
				t.Errorf("%s: %d deliveries, %v", person, len(rows), err)
			}
			why, err := w.publisher.Why(t.Context(), "INC-1", person)
			if err != nil || len(why) == 0 || why[0].State != notify.Sent || strings.Contains(why[0].Who, "hooks.example/services") {
				t.Errorf("%s: %+v, %v", person, why, err)
			}
		}
		for _, person := range []string{"erased:0000", "https://hooks.example/services/nobody"} {
			if rows, err := w.publisher.Ledger(t.Context(), publish.LedgerQuery{Person: person, LedgerFilter: store.LedgerFilter{Limit: 10}}); err != nil || len(rows) != 0 {
				t.Errorf("%s: %+v, %v", person, rows, err)
			}
		}
	})
}
