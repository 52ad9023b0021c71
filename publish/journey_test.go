package publish_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/internal/clock"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/store/storetest"
)

const sampleRegister = `
stakeholders:
  - name: Management
    kind: team
    power: high
    interest: high
    contacts:
      - email: management@acme.example
      - slack: https://hooks.example/services/management
        label: "#management"
  - name: Product team
    kind: team
    power: high
    interest: high
    contacts:
      - email: product@acme.example
      - slack: https://hooks.example/services/product
        label: "#product"
  - name: Customers
    kind: segment
    power: high
    interest: low
  - name: Developers
    kind: team
    power: low
    interest: high
    contacts:
      - email: developers@acme.example
      - slack: https://hooks.example/services/developers
        label: "#developers"
  - name: Support analysts
    kind: team
    power: low
    interest: high
    contacts:
      - email: support@acme.example
      - slack: https://hooks.example/services/support
        label: "#support"
  - name: Everyone else
    kind: team
    power: low
    interest: low
    contacts:
      - email: everyone@acme.example
        opted_in: true
`

var manager = auth.Actor{Kind: "token", ID: "t", Name: "manager", Scope: auth.ScopeAdmin}

// world is a page with two components, the sample register, subscribers, and a
// worker that a test steps by hand.
type world struct {
	t         *testing.T
	store     *store.Store
	clock     *clock.Manual
	publisher *publish.Publisher
	payments  status.Component
	search    status.Component
	sink      *sink
}

// sink is a channel that remembers what it was given.
type sink struct {
	mu     sync.Mutex
	now    func() time.Time
	got    []string
	spoken map[string]string // the language of the last message to each address
	answer func(address string) notify.Result
}

func (s *sink) Open(context.Context) (notify.Session, error) { return s, nil }
func (s *sink) Close() error                                 { return nil }
func (s *sink) Send(_ context.Context, text notify.Text, to []notify.Recipient, done func(int, notify.Result)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, r := range to {
		s.got = append(s.got, fmt.Sprintf("%s %s: %s", s.now().Format("15:04"), r.Address, text.Content.Event))
		s.spoken[r.Address] = text.Language
		result := notify.Result{Outcome: notify.Delivered, Answer: "250 ok"}
		if s.answer != nil {
			result = s.answer(r.Address)
		}
		done(i, result)
	}
}

func (s *sink) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	got := s.got
	s.got = nil
	slices.Sort(got)
	return got
}

func newWorld(t *testing.T, s *store.Store, c *clock.Manual) *world {
	t.Helper()
	w := &world{t: t, store: s, clock: c, sink: &sink{now: c.Now, spoken: map[string]string{}}}
	w.publisher = publish.New(s, publish.Config{PublicURL: "https://status.acme.example", Key: storetest.Key(t), Log: slog.New(slog.DiscardHandler)})
	w.payments, w.search = w.component("Card payments"), w.component("Search")
	if _, err := w.publisher.ImportRegister(t.Context(), manager, publish.RegisterImport{Document: []byte(sampleRegister), Format: stakeholders.YAML}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ana", "bo", "cem"} {
		w.subscribe(name+"@customer.example", true)
	}
	w.subscribe("priya@customer.example", true, w.search.ID)
	w.subscribe("li@customer.example", false)
	c.Advance(time.Minute)
	return w
}

func (w *world) component(name string) status.Component {
	w.t.Helper()
	c, err := w.publisher.AddComponent(w.t.Context(), manager, publish.ComponentPatch{Name: &name})
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *world) subscribe(address string, confirmed bool, components ...string) {
	w.t.Helper()
	if _, err := w.publisher.AddSubscriber(w.t.Context(), manager, publish.Subscription{
		Channel: stakeholders.Email, Address: address, Components: components, Confirmed: confirmed, Quiet: true}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) open(state status.ComponentStatus) publish.Published {
	w.t.Helper()
	done, err := w.publisher.OpenIncident(w.t.Context(), manager, status.Post{
		Name: "Card payments fail", Body: "Card payments fail for all customers since 10:42 UTC. Bank transfer works.", Notify: true,
		Components: []status.ComponentState{{ComponentID: w.payments.ID, Status: state}},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return done
}

func (w *world) update(id string, post status.Post) publish.Published {
	w.t.Helper()
	post.Notify = true
	done, err := w.publisher.PostUpdate(w.t.Context(), manager, id, post)
	if err != nil {
		w.t.Fatal(err)
	}
	return done
}

// step expands and sends everything that is due now.
func (w *world) step() []string {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	worker := notify.NewWorker(notify.Config{
		Outbox: w.store,
		Channels: map[stakeholders.Channel]notify.Route{stakeholders.Email: {Channel: w.sink, Sessions: 2}, stakeholders.Slack: {Channel: w.sink, Sessions: 2},
			stakeholders.Webhook: {Channel: w.sink, Sessions: 2}},
		Personal: func(_ notify.Text, o notify.Outgoing) notify.Recipient {
			if o.Endpoint != "" {
				return notify.Recipient{Address: strings.TrimPrefix(o.Endpoint, "https://hooks.example/services/") + " chat"}
			}
			return notify.Recipient{Address: o.Address}
		},
		Now: w.clock.Now, Log: slog.New(slog.DiscardHandler),
		Settings: notify.Settings{Poll: 50 * time.Millisecond, Lease: time.Minute, Slice: 10, Due: 100, Retry: notify.DefaultRetry()},
	})
	done := make(chan struct{})
	go func() { defer close(done); worker.Run(ctx) }()
	w.settle()
	cancel()
	<-done
	return w.sink.take()
}

// settle waits until nothing is left to do at this moment of the manual clock.
func (w *world) settle() {
	w.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; {
		waiting, err := w.store.Unexpanded(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		ledger, err := w.store.Deliveries(w.t.Context(), store.LedgerFilter{Limit: 1000})
		if err != nil {
			w.t.Fatal(err)
		}
		busy := waiting > 0
		for _, d := range ledger {
			if d.State == notify.Sending || (d.State == notify.Pending || d.State == notify.Held || d.State == notify.Uncertain) && !d.DueAt.After(w.clock.Now()) {
				busy = true
			}
		}
		if !busy {
			return
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("not settled: %d unexpanded, ledger %+v", waiting, ledger)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func equal(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got  %s\n want %s", what, strings.Join(got, "\n      "), strings.Join(want, "\n      "))
	}
}

func TestOneIncidentFromStartToEnd(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		opened := w.open(status.MajorOutage)
		if got := opened.Incident.Reference(); got != "INC-1" {
			t.Errorf("reference %s", got)
		}
		equal(t, "counts", counts(opened.Audience), "told manage_closely email 2", "told manage_closely slack 2", "told keep_informed email 2",
			"told keep_informed slack 2", "told keep_satisfied email 3", "waiting monitor email 1")
		equal(t, "opened", w.step(),
			"10:45 management@acme.example: opened", "10:45 product@acme.example: opened", "10:45 management chat: opened", "10:45 product chat: opened",
			"10:45 developers@acme.example: opened", "10:45 support@acme.example: opened", "10:45 developers chat: opened", "10:45 support chat: opened",
			"10:45 ana@customer.example: opened", "10:45 bo@customer.example: opened", "10:45 cem@customer.example: opened")
		silent, err := w.publisher.WhoIsNotTold(t.Context(), opened.NoticeID)
		if err != nil {
			t.Fatal(err)
		}
		var reasons []string
		for _, n := range silent {
			reasons = append(reasons, n.Who+": "+n.Reason)
		}
		equal(t, "not told", reasons, "li@customer.example: never confirmed", "priya@customer.example: only follows Search")

		c.Advance(15 * time.Minute)
		equal(t, "the hold of the fourth quadrant ends", w.step(), "11:00 everyone@acme.example: opened")

		c.Advance(5 * time.Minute)
		w.update(opened.Incident.ID, status.Post{Body: "Still investigating, no estimate yet."})
		equal(t, "an update within the limits: chat now, mail later", w.step(),
			"11:05 management chat: update", "11:05 product chat: update", "11:05 developers chat: update", "11:05 support chat: update")

		c.Advance(10 * time.Minute)
		equal(t, "mail to manage_closely, once in 30 minutes", w.step(), "11:15 management@acme.example: update", "11:15 product@acme.example: update")

		resolved := w.update(opened.Incident.ID, status.Post{Status: status.Resolved, Body: "Card payments work again since 11:14 UTC.",
			Components: []status.ComponentState{{ComponentID: w.payments.ID, Status: status.Operational}}})
		if resolved.Incident.ShownImpact() != status.ImpactCritical {
			t.Errorf("the record keeps the highest impact, got %s", resolved.Incident.ShownImpact())
		}
		equal(t, "everybody who heard of the start hears of the end", w.step(),
			"11:15 management@acme.example: resolved", "11:15 product@acme.example: resolved", "11:15 management chat: resolved", "11:15 product chat: resolved",
			"11:15 developers@acme.example: resolved", "11:15 support@acme.example: resolved", "11:15 developers chat: resolved", "11:15 support chat: resolved",
			"11:15 ana@customer.example: resolved", "11:15 bo@customer.example: resolved", "11:15 cem@customer.example: resolved",
			"11:15 everyone@acme.example: resolved")

		c.Advance(3 * time.Hour)
		equal(t, "nothing is left over", w.step())
	})
}

func counts(a publish.Audience) []string {
	var words []string
	for _, c := range a.Told {
		words = append(words, fmt.Sprintf("told %s %s %d", c.Quadrant, c.Channel, c.N))
	}
	for _, c := range a.Waiting {
		words = append(words, fmt.Sprintf("waiting %s %s %d", c.Quadrant, c.Channel, c.N))
	}
	slices.Sort(words)
	return words
}

func TestPlannedWorkTellsOfItsEndOnlyWhoHeardOfADelay(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		begin, end, expected := c.Now().Add(48*time.Hour), c.Now().Add(50*time.Hour), status.ImpactMajor
		planned, err := w.publisher.OpenIncident(t.Context(), manager, status.Post{Name: "Database move", Notify: true, Status: status.MaintenanceScheduled,
			Body: "Card payments pause for ten minutes.", ScheduledFor: &begin, ScheduledUntil: &end, ExpectedImpact: &expected, ComponentIDs: []string{w.payments.ID}})
		if err != nil {
			t.Fatal(err)
		}
		customers := func(event string) []string {
			at := c.Now().Format("15:04")
			return []string{at + " ana@customer.example: " + event, at + " bo@customer.example: " + event, at + " cem@customer.example: " + event}
		}
		mails := func(event string) []string {
			at := c.Now().Format("15:04")
			return append(customers(event), at+" management@acme.example: "+event, at+" product@acme.example: "+event,
				at+" developers@acme.example: "+event, at+" support@acme.example: "+event)
		}
		chats := func(event string) []string {
			at := c.Now().Format("15:04")
			return []string{at + " management chat: " + event, at + " product chat: " + event, at + " developers chat: " + event, at + " support chat: " + event}
		}
		equal(t, "announced", w.step(), mails("maintenance_announced")...)
		c.Advance(48 * time.Hour)
		w.update(planned.Incident.ID, status.Post{Status: status.MaintenanceInProgress})
		equal(t, "started", w.step(), chats("maintenance_started")...)
		end = end.Add(time.Hour)
		w.update(planned.Incident.ID, status.Post{ScheduledUntil: &end, Body: "It takes an hour longer."})
		equal(t, "extended", w.step(), append(mails("maintenance_extended"), chats("maintenance_extended")...)...)
		w.update(planned.Incident.ID, status.Post{Status: status.MaintenanceCompleted})
		equal(t, "over, after a delay", w.step(), append(mails("maintenance_completed"), chats("maintenance_completed")...)...)
	})
}

func TestDeletedIncidentIsTakenBackFromWhoHeardOfIt(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		opened := w.open(status.PartialOutage)
		told := w.step()
		if _, err := w.publisher.DeleteIncident(t.Context(), manager, opened.Incident.Reference()); err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, one := range told {
			want = append(want, strings.Replace(one, "opened", "withdrawn", 1))
		}
		equal(t, "withdrawn", w.step(), want...)
		if record, err := w.publisher.Record(t.Context()); err != nil || len(record.Incidents) != 0 {
			t.Errorf("the record still holds %v, %v", record.Incidents, err)
		}
		if ledger, err := s.Deliveries(t.Context(), store.LedgerFilter{IncidentID: opened.Incident.ID, Limit: 100}); err != nil || len(ledger) != 2*(len(told)+1) {
			// The fourth quadrant's start was held: it and its end are dropped.
			t.Errorf("the ledger holds %d rows, want %d: %v", len(ledger), 2*(len(told)+1), err)
		}
	})
}

func TestPostscriptThatWasHeldIsSentAlthoughAllIsOver(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		opened := w.open(status.MajorOutage)
		w.step()
		c.Advance(time.Minute)
		w.update(opened.Incident.ID, status.Post{Status: status.Resolved, Body: "Card payments work again."})
		w.step()
		c.Advance(time.Minute)
		w.update(opened.Incident.ID, status.Post{Body: "Nobody was charged twice."})
		w.step()
		c.Advance(2 * time.Hour)
		equal(t, "the postscript, when its limit allows", w.step(), "12:47 ana@customer.example: update", "12:47 bo@customer.example: update",
			"12:47 cem@customer.example: update", "12:47 developers@acme.example: update", "12:47 support@acme.example: update",
			"12:47 management@acme.example: update", "12:47 product@acme.example: update")
	})
}

func TestSubscriberAddedByOthersIsAskedToConfirm(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		if _, err := w.publisher.AddSubscriber(t.Context(), manager, publish.Subscription{Channel: stakeholders.Email, Address: "mo@customer.example"}); err != nil {
			t.Fatal(err)
		}
		equal(t, "the letter", w.step(), "10:45 mo@customer.example: subscription_confirm")
		w.open(status.MajorOutage)
		for _, one := range w.step() {
			if strings.Contains(one, "mo@customer.example") {
				t.Errorf("told although unconfirmed: %s", one)
			}
		}
	})
}
