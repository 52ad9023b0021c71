package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/internal/clock"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/store/storetest"
)

const leaseTime = 30 * time.Second

// fataler is the part of a test, and of rapid's, that the world needs.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// world is a database with one incident, and hands that do by themselves what
// the worker does.
type world struct {
	f        fataler
	t        *testing.T
	store    *store.Store
	clock    *clock.Manual
	incident status.Incident
	heard    []string // what a test gathers of what was sent
}

// everyUpdate is who hears every public update at once.
var everyUpdate = stakeholders.Preferences{EveryUpdate: true}

func eachWorld(t *testing.T, test func(t *testing.T, w *world)) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) { test(t, newWorld(t, t, s, c)) })
}

func newWorld(f fataler, t *testing.T, s *store.Store, c *clock.Manual) *world {
	return &world{f: f, t: t, store: s, clock: c}
}

func (w *world) do(act func(tx *store.Tx) error) {
	w.f.Helper()
	if err := w.store.InTx(w.t.Context(), act); err != nil {
		w.f.Fatalf("%v", err)
	}
}

func (w *world) must(err error) {
	w.f.Helper()
	if err != nil {
		w.f.Fatalf("%v", err)
	}
}

// subscribe adds a confirmed subscriber by email.
func (w *world) subscribe(address string, preferences stakeholders.Preferences) {
	w.f.Helper()
	w.do(func(tx *store.Tx) error {
		return tx.SaveSubscriber(w.t.Context(), stakeholders.Subscriber{ID: store.NewID(), Segment: stakeholders.DefaultSegment, Preferences: preferences,
			Contact:   stakeholders.Contact{Channel: stakeholders.Email, Address: address},
			CreatedAt: tx.Now(), ConfirmedAt: tx.Now()})
	})
}

// many adds confirmed subscribers by SQL, fast.
func (w *world) many(n int, preferences string) {
	w.f.Helper()
	db := w.store.Raw()
	if _, err := db.Exec(`INSERT INTO subscriber_classes (channel, segment, preferences, confirmed) VALUES ('email', 'Customers', $1, $2)`, preferences, n); err != nil {
		w.f.Fatalf("%v", err)
	}
	var class int64
	w.must(db.Get(&class, `SELECT MAX(id) FROM subscriber_classes`))
	now := w.clock.Now().UnixMicro()
	var have int
	w.must(db.Get(&have, `SELECT COUNT(*) FROM subscribers`))
	var rows []string
	flush := func() {
		if len(rows) == 0 {
			return
		}
		if _, err := db.Exec(`INSERT INTO subscribers (id, channel, address, class_id, basis, confirmed_at, unsubscribed_at, created_at, label, email) VALUES ` +
			strings.Join(rows, ",")); err != nil {
			w.f.Fatalf("%v", err)
		}
		rows = nil
	}
	for i := range n {
		id := have + i
		rows = append(rows, fmt.Sprintf(`('s%07d','email','p%07d@customer.example',%d,'',%d,0,%d,'','')`, id, id, class, now, now))
		if len(rows) == 2000 {
			flush()
		}
	}
	flush()
}

// stakeholder adds an entry to the register.
func (w *world) stakeholder(id string, power, interest stakeholders.Level, components []string, emails ...string) {
	w.f.Helper()
	entry := stakeholders.Stakeholder{ID: id, Name: id, Kind: stakeholders.Team, Power: power, Interest: interest, Components: components}
	for _, e := range emails {
		entry.Contacts = append(entry.Contacts, stakeholders.Contact{Channel: stakeholders.Email, Address: e, OptedIn: true})
	}
	w.do(func(tx *store.Tx) error { return tx.SaveStakeholder(w.t.Context(), entry, 1) })
}

// post puts one notice about the incident into the outbox.
func (w *world) post(event stakeholders.Event, impact status.Impact) int64 {
	w.f.Helper()
	return w.postWith(event, impact, stakeholders.Occasion{})
}

var statusAfter = map[stakeholders.Event]status.IncidentStatus{
	stakeholders.Opened: status.Investigating, stakeholders.Updated: status.Investigating, stakeholders.Reopened: status.Investigating,
	stakeholders.Identified: status.Identified, stakeholders.Monitoring: status.Monitoring, stakeholders.Resolved: status.Resolved,
}

func (w *world) postWith(event stakeholders.Event, impact status.Impact, o stakeholders.Occasion) (id int64) {
	w.f.Helper()
	ctx := w.t.Context()
	w.do(func(tx *store.Tx) error {
		if _, err := tx.BumpPage(ctx); err != nil {
			return err
		}
		if event == stakeholders.Opened {
			number, err := tx.NextIncidentNumber(ctx)
			if err != nil {
				return err
			}
			w.incident = status.Incident{ID: store.NewID(), Number: number, Name: "Card payments fail", Metadata: "{}", CreatedAt: tx.Now(), HighestImpact: status.ImpactNone}
		}
		w.incident.HighestImpact = w.incident.HighestImpact.Worse(impact)
		w.incident.Status, w.incident.Impact, w.incident.UpdatedAt = statusAfter[event], impact, tx.Now()
		if err := tx.SaveIncident(ctx, w.incident); err != nil {
			return err
		}
		policy, err := tx.Policy(ctx)
		if err != nil {
			return err
		}
		o.Event, o.Impact, o.ImpactBefore, o.Highest = event, impact, impact, w.incident.HighestImpact
		id, err = tx.Enqueue(ctx, notify.Notice{IncidentID: w.incident.ID, Occasion: o, PolicyVersion: policy.Version, Priority: notify.Priority(impact),
			Content: notify.Content{Event: event, Language: "en", Status: w.incident.Status, PostedAt: tx.Now()}})
		return err
	})
	return id
}

// expand works out every audience that waits.
func (w *world) expand() {
	w.f.Helper()
	for {
		more, err := w.store.Expand(w.t.Context())
		w.must(err)
		if !more {
			return
		}
	}
}

// claim leases one batch of mail, skipping those that needed no sending.
func (w *world) claim() notify.Batch {
	w.f.Helper()
	for range 1000 {
		b, err := w.store.Claim(w.t.Context(), notify.Claim{Channel: stakeholders.Email, Lease: leaseTime, Limit: 100})
		w.must(err)
		if b.Size() > 0 || b.Settled == 0 {
			return b
		}
	}
	w.f.Fatalf("claims settle something for ever")
	return notify.Batch{}
}

func all(b notify.Batch) []notify.Outgoing {
	var every []notify.Outgoing
	for _, g := range b.Groups {
		every = append(every, g.To...)
	}
	return every
}

// record reports one outcome for everything in a batch.
func (w *world) record(b notify.Batch, outcome notify.Outcome) {
	w.f.Helper()
	w.recordSome(b, all(b), outcome)
}

func (w *world) recordSome(b notify.Batch, some []notify.Outgoing, outcome notify.Outcome) {
	w.f.Helper()
	var results []notify.Recorded
	for _, o := range some {
		results = append(results, notify.DefaultRetry().Follow(o, notify.Result{Outcome: outcome, Answer: string(outcome)}, w.clock.Now()))
	}
	w.must(w.store.Record(w.t.Context(), b, results))
}

// deliver sends everything that is due now and says what was said to whom, in
// order.
func (w *world) deliver() []string {
	w.f.Helper()
	var said []string
	w.expand()
	for {
		b := w.claim()
		if b.Size() == 0 {
			return said
		}
		said = append(said, words(b)...)
		w.record(b, notify.Delivered)
	}
}

func words(b notify.Batch) []string {
	var said []string
	for _, g := range b.Groups {
		for _, o := range g.To {
			said = append(said, fmt.Sprintf("%s: %s", o.Address, g.Text.Content.Event))
		}
	}
	return said
}

// ledger is the deliveries of a notice (0: of all), by address.
func (w *world) ledger(notice int64) map[string]notify.Delivery {
	w.f.Helper()
	rows, err := w.store.Deliveries(w.t.Context(), store.LedgerFilter{NoticeID: notice, Limit: 100000})
	w.must(err)
	byAddress := map[string]notify.Delivery{}
	for _, d := range rows {
		byAddress[d.Address] = d
	}
	return byAddress
}

func (w *world) state(notice int64, address string, want notify.State) {
	w.f.Helper()
	if got := w.ledger(notice)[address].State; got != want {
		w.f.Fatalf("delivery of notice %d to %s is %q, want %q", notice, address, got, want)
	}
}

// same compares lists whatever their order.
func (w *world) same(what string, got []string, want ...string) {
	w.f.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		w.f.Fatalf("%s:\n got  %q\n want %q", what, got, want)
	}
}

// whole checks what must hold between any two transactions: whatever is not
// done can be found again, and a thread is in flight exactly while a delivery
// of it is being sent.
func (w *world) whole() {
	w.f.Helper()
	for what, query := range map[string]string{
		"deliveries that nothing leads to": `
			SELECT COUNT(*) FROM deliveries d
			WHERE (d.state IN ('held', 'pending', 'sending') OR d.state = 'uncertain' AND d.due_at > 0)
			  AND NOT EXISTS (SELECT 1 FROM due_deliveries x WHERE x.notice_id = d.notice_id AND x.channel = d.channel AND x.address = d.address)
			  AND NOT (d.gather <> '' AND EXISTS (SELECT 1 FROM gatherings g WHERE g.channel = d.channel AND g.address = d.address AND g.due_at <= d.due_at))
			  AND (d.state = 'held' OR NOT EXISTS (
			      SELECT 1 FROM chunks c WHERE c.notice_id = d.notice_id AND c.number = d.chunk AND c.channel = d.channel
			         AND d.address BETWEEN c.first_address AND c.last_address))`,
		"deliveries whose due row and due time disagree": `
			SELECT COUNT(*) FROM deliveries d
			WHERE (d.state IN ('held', 'pending', 'sending', 'uncertain') AND d.due_at > 0 AND d.gather = '') <> EXISTS (
			    SELECT 1 FROM due_deliveries x WHERE x.notice_id = d.notice_id AND x.channel = d.channel AND x.address = d.address)`,
		"due rows of deliveries that are done": `
			SELECT COUNT(*) FROM due_deliveries x
			JOIN deliveries d ON d.notice_id = x.notice_id AND d.channel = x.channel AND d.address = x.address
			WHERE d.state NOT IN ('held', 'pending', 'sending', 'uncertain')`,
		"threads in flight with nothing being sent": `
			SELECT COUNT(*) FROM threads t
			WHERE t.flying_id > 0 AND NOT EXISTS (
			    SELECT 1 FROM deliveries d
			    WHERE d.notice_id = t.flying_id AND d.channel = t.channel AND d.address = t.address AND d.state = 'sending')
			  AND NOT EXISTS (
			    SELECT 1 FROM deliveries m
			    JOIN deliveries d ON d.notice_id = m.merged_id AND d.channel = m.channel AND d.address = m.address
			    WHERE m.said_id = t.flying_id AND m.channel = t.channel AND m.address = t.address AND m.state = 'merged'
			      AND d.state IN ('pending', 'sending', 'uncertain'))`,
		"deliveries being sent outside the thread's flight": `
			SELECT COUNT(*) FROM deliveries d
			JOIN notices n ON n.id = d.notice_id
			JOIN threads t ON t.incident_id = COALESCE(n.incident_id, n.component_id) AND t.channel = d.channel AND t.address = d.address
			WHERE d.state = 'sending' AND t.flying_id <> d.notice_id`,
	} {
		var n int
		w.must(w.store.Raw().Get(&n, query))
		if n != 0 {
			w.f.Fatalf("%d %s", n, what)
		}
	}
}

// idle checks that nothing is left to do at all.
func (w *world) idle() {
	w.f.Helper()
	w.whole()
	for _, table := range []string{"chunks", "due_deliveries", "gatherings"} {
		var n int
		w.must(w.store.Raw().Get(&n, `SELECT COUNT(*) FROM `+table))
		if n != 0 {
			w.f.Fatalf("%d rows left in %s", n, table)
		}
	}
	waiting, err := w.store.Unfinished(w.t.Context())
	w.must(err)
	if len(waiting) != 0 {
		w.f.Fatalf("unfinished: %v", waiting)
	}
}
