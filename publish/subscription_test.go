package publish_test

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/allclear-status/allclear/internal/clock"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/store/storetest"
)

var home = netip.MustParseAddr("198.51.100.7")

func (w *world) ask(address string, wishes publish.Wishes) {
	w.t.Helper()
	if err := w.publisher.Subscribe(w.t.Context(), publish.SubscribeForm{Address: address, Wishes: wishes, From: home}); err != nil {
		w.t.Fatalf("subscribe %s: %v", address, err)
	}
}

// subscriber reads the subscriber of an address.
func (w *world) subscriber(address string) stakeholders.Subscriber {
	w.t.Helper()
	s, err := w.store.SubscriberAt(w.t.Context(), stakeholders.Email, address)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// confirmToken is that of a link made now, as the mail would carry it.
func (w *world) confirmToken(address string) string {
	return lastPart(w.publisher.ConfirmLink(w.subscriber(address).ID, w.clock.Now()))
}

func (w *world) preferencesToken(address string) string {
	return lastPart(w.publisher.PreferencesLink(w.subscriber(address).ID))
}

func (w *world) leaveToken(address string) string {
	return lastPart(w.publisher.LeaveLink(stakeholders.Email, address))
}

func lastPart(link string) string { return link[strings.LastIndexByte(link, '/')+1:] }

func (w *world) confirm(token string) {
	w.t.Helper()
	if err := w.publisher.Confirm(w.t.Context(), token); err != nil {
		w.t.Fatalf("confirm: %v", err)
	}
}

// told says whether somebody is among those who got something.
func told(got []string, who string) bool {
	return slices.ContainsFunc(got, func(line string) bool { return strings.Contains(line, who+":") })
}

// classesAgree checks that the counts of the classes are those of the rows.
func (w *world) classesAgree() {
	w.t.Helper()
	classes, err := w.store.SubscriberClasses(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, c := range classes {
		members, err := w.store.SampleSubscribers(w.t.Context(), c.ID, 1000)
		if err != nil {
			w.t.Fatal(err)
		}
		if c.ID != 0 && int(c.Confirmed) != len(members) {
			w.t.Errorf("class %+v counts %d, has %d", c.Preferences, c.Confirmed, len(members))
		}
	}
}

func TestOnlyWhoConfirmsIsTold(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		w.ask("New@Customer.example ", publish.Wishes{Components: []string{w.payments.ID}})
		equal(t, "asking", w.step(), "10:45 new@customer.example: subscription_confirm")
		before := w.open(status.MajorOutage)
		if got := w.step(); told(got, "new@customer.example") {
			t.Errorf("told before confirming: %v", got)
		}
		w.update(before.Incident.ID, status.Post{Status: status.Resolved, Body: "It works again."})
		if got := w.step(); told(got, "new@customer.example") {
			t.Errorf("told of the end before confirming: %v", got)
		}
		token := w.confirmToken("new@customer.example")
		shown, err := w.publisher.ConfirmInfo(t.Context(), token)
		if err != nil || shown != "n…@customer.example" || !w.subscriber("new@customer.example").ConfirmedAt.IsZero() {
			t.Errorf("looking at the link: %q %v", shown, err)
		}
		w.confirm(token)
		w.confirm(token)
		w.classesAgree()
		c.Advance(time.Minute)
		w.open(status.MajorOutage)
		if got := w.step(); !told(got, "new@customer.example") {
			t.Errorf("not told after confirming: %v", got)
		}
		if p := w.subscriber("new@customer.example").Preferences; !slices.Equal(p.Components, []string{w.payments.ID}) {
			t.Errorf("preferences %+v", p)
		}
	})
}

func TestAKnownAddressIsChangedByNoStranger(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		before := w.subscriber("ana@customer.example")
		w.ask("ana@customer.example", publish.Wishes{LeastImpact: "critical", Components: []string{w.search.ID}})
		equal(t, "asking again", w.step(), "10:45 ana@customer.example: subscription_known")
		if after := w.subscriber("ana@customer.example"); after.ConfirmedAt != before.ConfirmedAt || len(after.Preferences.Components) != 0 || after.Preferences.LeastImpact != "" {
			t.Errorf("changed to %+v", after)
		}
		w.classesAgree()
	})
}

func TestWhoLeftComesBackByConfirming(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		w.ask("bo@customer.example", publish.Wishes{})
		w.step()
		old := w.confirmToken("bo@customer.example")
		c.Advance(time.Minute)
		if err := w.publisher.Leave(t.Context(), w.leaveToken("bo@customer.example"), true); err != nil {
			t.Fatal(err)
		}
		if err := w.publisher.Confirm(t.Context(), old); !errors.Is(err, publish.ErrExpired) {
			t.Errorf("a link from before leaving: %v", err)
		}
		c.Advance(time.Minute)
		w.ask("bo@customer.example", publish.Wishes{})
		equal(t, "the question reaches who left", w.step(), "10:47 bo@customer.example: subscription_confirm")
		w.open(status.MajorOutage)
		if got := w.step(); told(got, "bo@customer.example") {
			t.Errorf("told after leaving: %v", got)
		}
		w.confirm(w.confirmToken("bo@customer.example"))
		w.classesAgree()
		c.Advance(time.Minute)
		w.open(status.MajorOutage)
		if got := w.step(); !told(got, "bo@customer.example") {
			t.Errorf("not told after coming back: %v", got)
		}
		if err := w.publisher.Leave(t.Context(), w.leaveToken("bo@customer.example"), true); err != nil {
			t.Fatal(err)
		}
		c.Advance(time.Minute)
		w.open(status.MajorOutage)
		if got := w.step(); told(got, "bo@customer.example") {
			t.Errorf("told after leaving again: %v", got)
		}
		w.classesAgree()
	})
}

func TestADeadAddressStaysDead(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		if err := s.InTx(t.Context(), func(tx *store.Tx) error {
			return tx.Suppress(t.Context(), stakeholders.Email, "gone@customer.example", "bounced")
		}); err != nil {
			t.Fatal(err)
		}
		w.ask("gone@customer.example", publish.Wishes{})
		equal(t, "nothing to a dead address", w.step())
		w.confirm(w.confirmToken("gone@customer.example"))
		if reason, err := s.Suppressed(t.Context(), stakeholders.Email, "gone@customer.example"); err != nil || reason != "bounced" {
			t.Errorf("suppressed %q %v", reason, err)
		}
	})
}

func TestLinksExpireAndForgedOnesAreToldApart(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		w.ask("late@customer.example", publish.Wishes{})
		token := w.confirmToken("late@customer.example")
		c.Advance(publish.ConfirmFor)
		if _, err := w.publisher.ConfirmInfo(t.Context(), token); err != nil {
			t.Errorf("at the last moment: %v", err)
		}
		c.Advance(time.Second)
		if _, err := w.publisher.ConfirmInfo(t.Context(), token); !errors.Is(err, publish.ErrExpired) {
			t.Errorf("looking late: %v", err)
		}
		if err := w.publisher.Confirm(t.Context(), token); !errors.Is(err, publish.ErrExpired) || !w.subscriber("late@customer.example").ConfirmedAt.IsZero() {
			t.Errorf("confirming late: %v", err)
		}
		for _, forged := range []string{"", "forged", token[:len(token)-2], w.leaveToken("late@customer.example"), w.preferencesToken("late@customer.example")} {
			if _, err := w.publisher.ConfirmInfo(t.Context(), forged); !errors.Is(err, status.ErrNotFound) {
				t.Errorf("looking at %q: %v", forged, err)
			}
			if err := w.publisher.Confirm(t.Context(), forged); !errors.Is(err, status.ErrNotFound) {
				t.Errorf("confirming %q: %v", forged, err)
			}
		}
		for _, forged := range []string{"", token, w.leaveToken("late@customer.example")} {
			if err := w.publisher.SavePreferences(t.Context(), forged, publish.Wishes{}); !errors.Is(err, status.ErrNotFound) {
				t.Errorf("preferences by %q: %v", forged, err)
			}
		}
		if _, err := w.publisher.PreferencesInfo(t.Context(), w.preferencesToken("late@customer.example")); !errors.Is(err, publish.ErrExpired) {
			t.Errorf("preferences of who never confirmed: %v", err)
		}
	})
}

func TestPreferencesNarrowAndWiden(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		token := w.preferencesToken("ana@customer.example")
		if err := w.publisher.SavePreferences(t.Context(), token, publish.Wishes{Components: []string{w.search.ID, w.search.ID}}); err != nil {
			t.Fatal(err)
		}
		info, err := w.publisher.PreferencesInfo(t.Context(), token)
		if err != nil || !slices.Equal(info.Components, []string{w.search.ID}) || info.Shown != "a…@customer.example" || info.LeaveToken == "" {
			t.Errorf("read back %+v %v", info, err)
		}
		opened := w.open(status.MajorOutage)
		if got := w.step(); told(got, "ana@customer.example") {
			t.Errorf("told of what ana does not follow: %v", got)
		}
		if err := w.publisher.SavePreferences(t.Context(), token, publish.Wishes{EveryUpdate: true}); err != nil {
			t.Fatal(err)
		}
		w.classesAgree()
		c.Advance(time.Minute)
		w.update(opened.Incident.ID, status.Post{Body: "Still looking."})
		if got := w.step(); !told(got, "ana@customer.example") {
			t.Errorf("ana asked for every update: %v", got)
		}
		var bad *status.Invalid
		err = w.publisher.SavePreferences(t.Context(), token, publish.Wishes{Components: []string{"nothere"}, LeastImpact: "huge", EveryUpdate: true, StartAndEndOnly: true})
		if !errors.As(err, &bad) || len(bad.Fields) != 3 {
			t.Errorf("bad wishes: %v", err)
		}
		if info, _ := w.publisher.PreferencesInfo(t.Context(), token); !info.EveryUpdate || info.StartAndEndOnly {
			t.Errorf("bad wishes were stored: %+v", info)
		}
		if err := w.publisher.Leave(t.Context(), info.LeaveToken, false); err != nil {
			t.Fatal(err)
		}
		if err := w.publisher.SavePreferences(t.Context(), token, publish.Wishes{}); !errors.Is(err, publish.ErrExpired) {
			t.Errorf("preferences of who left: %v", err)
		}
	})
}

func TestWhoConfirmsOrLeavesManyTimesAtOnceCountsOnce(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		w.ask("new@customer.example", publish.Wishes{})
		w.step()
		token, leave := w.confirmToken("new@customer.example"), w.leaveToken("new@customer.example")
		atOnce := func(act func() error) {
			var all sync.WaitGroup
			for range 8 {
				all.Go(func() {
					if err := act(); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			w.classesAgree()
		}
		atOnce(func() error { return w.publisher.Confirm(t.Context(), token) })
		n := 0
		var mu sync.Mutex
		atOnce(func() error {
			mu.Lock()
			n++
			wishes := publish.Wishes{EveryUpdate: n%2 == 0, StartAndEndOnly: n%2 == 1}
			mu.Unlock()
			return w.publisher.SavePreferences(t.Context(), w.preferencesToken("new@customer.example"), wishes)
		})
		atOnce(func() error { return w.publisher.Leave(t.Context(), leave, true) })
		atOnce(func() error {
			return w.publisher.Subscribe(t.Context(), publish.SubscribeForm{Address: "same@customer.example", From: home})
		})
		var got []string
		for range 4 { // one at a time to one address: another waits a second
			got = append(got, w.step()...)
			c.Advance(2 * time.Second)
		}
		if len(got) != 3 || !told(got, "same@customer.example") {
			t.Errorf("sent %v, want three letters to the same new address", got)
		}
	})
}

func TestBadFormIsRefusedByField(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		var bad *status.Invalid
		err := w.publisher.Subscribe(t.Context(), publish.SubscribeForm{Address: "nobody", Wishes: publish.Wishes{Components: []string{"x"}, LeastImpact: "none at all"}, From: home})
		if !errors.As(err, &bad) || len(bad.Fields) != 3 || bad.Fields[0].Field != "email" || bad.Fields[1].Field != "components" || bad.Fields[2].Field != "least_impact" {
			t.Errorf("%v", err)
		}
		equal(t, "nothing was sent", w.step())
	})
}
