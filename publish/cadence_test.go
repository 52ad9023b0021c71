package publish_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/allclear-status/allclear/internal/clock"
	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/store/storetest"
)

func by(name, email string) *publish.RoleGiven {
	return &publish.RoleGiven{Field: "role", Name: name, Email: email}
}

// crew gives the page's roles: Lea speaks, Mia manages, Dan is her deputy.
func (w *world) crew() {
	w.t.Helper()
	slack := by("Lea", "lea@acme.example")
	slack.Slack, slack.SlackLabel = "https://hooks.example/services/lea", "@lea"
	if err := w.publisher.SaveDefaultRoles(w.t.Context(), manager, publish.RoleChanges{
		stakeholders.CommunicationLead: slack, stakeholders.IncidentManager: by("Mia", "mia@acme.example"), stakeholders.Deputy: by("Dan", "dan@acme.example"),
	}, nil); err != nil {
		w.t.Fatal(err)
	}
}

// reminded lets time pass minute by minute and lists the reminders that are sent.
func (w *world) reminded(minutes int) []string {
	w.t.Helper()
	var heard []string
	keeper := w.publisher.Timekeeper()
	for range minutes {
		w.clock.Advance(time.Minute)
		runOut(w.t, keeper)
		due, err := w.store.Deliveries(w.t.Context(), store.LedgerFilter{State: notify.Pending, Limit: 100})
		if err != nil {
			w.t.Fatal(err)
		}
		if slices.ContainsFunc(due, func(d notify.Delivery) bool { return strings.HasPrefix(d.Person, "role:") }) {
			for _, said := range w.step() {
				if strings.HasSuffix(said, "reminder") {
					heard = append(heard, said)
				}
			}
		}
	}
	return heard
}

// roleTokens are the links of the reminders so far, the newest first.
func (w *world) roleTokens() []string {
	w.t.Helper()
	ledger, err := w.store.Deliveries(w.t.Context(), store.LedgerFilter{Limit: 1000})
	if err != nil {
		w.t.Fatal(err)
	}
	var tokens []string
	for _, d := range ledger {
		if link, ok := w.publisher.RoleLink(d.Person, d.CreatedAt); ok {
			tokens = append(tokens, lastPart(link))
		}
	}
	return tokens
}

func TestItsOwnPeopleAreRemindedOfAnUpdate(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		w.crew()
		opened := w.open(status.MajorOutage) // 10:45, critical: 15 minutes
		if len(opened.Warnings) != 0 {
			t.Errorf("warned: %q", opened.Warnings)
		}
		w.step()
		equal(t, "until long after it was due", w.reminded(60),
			"10:55 lea@acme.example: update_reminder", "10:55 lea chat: update_reminder", "11:00 lea@acme.example: update_reminder", "11:00 lea chat: update_reminder",
			"11:05 mia@acme.example: update_reminder", "11:15 dan@acme.example: update_reminder")

		w.update(opened.Incident.ID, status.Post{Body: "We found the cause: a provider has an outage."}) // 11:45, due 12:00
		w.step()
		equal(t, "until the next one", w.reminded(12), "11:55 lea@acme.example: update_reminder", "11:55 lea chat: update_reminder")
		moved := c.Now().Add(30 * time.Minute) // at 11:57 it is moved to 12:27
		w.update(opened.Incident.ID, status.Post{NextUpdateDueAt: moved})
		equal(t, "after it was moved", w.reminded(26), "12:22 lea@acme.example: update_reminder", "12:22 lea chat: update_reminder")
		w.update(opened.Incident.ID, status.Post{Status: status.Resolved, Body: "Card payments work again.", Components: []status.ComponentState{{ComponentID: w.payments.ID, Status: status.Operational}}})
		w.step()
		equal(t, "after the end", w.reminded(60))
	})
}

func TestTheNextInLineIsRemindedAndElseTheAnswerWarns(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		ctx := t.Context()
		opened := w.open(status.MajorOutage)
		if len(opened.Warnings) != 1 || !strings.HasPrefix(opened.Warnings[0], "Nobody is set to be reminded") {
			t.Errorf("warned: %q", opened.Warnings)
		}
		w.step()
		equal(t, "with nobody", w.reminded(15))
		roster, err := w.publisher.HandOver(ctx, manager, opened.Incident.Reference(), publish.RoleChanges{stakeholders.Deputy: by("Dan", "dan@acme.example")})
		if err != nil || roster[stakeholders.Deputy].Name != "Dan" || roster[stakeholders.Deputy].From != "incident" {
			t.Fatal(roster, err)
		}
		equal(t, "with a deputy alone", w.reminded(15), "11:05 dan@acme.example: update_reminder", "11:15 dan@acme.example: update_reminder")

		if err := w.publisher.SaveDefaultRoles(ctx, manager, publish.RoleChanges{stakeholders.IncidentManager: {Field: "role", Person: "support analysts"}},
			map[string]publish.RoleChanges{w.payments.ID: {stakeholders.CommunicationLead: by("Pia", "pia@acme.example")}}); err != nil {
			t.Fatal(err)
		}
		w.update(opened.Incident.ID, status.Post{Body: "We are still looking for the cause."})
		w.step()
		equal(t, "with those of the component and the page", w.reminded(21),
			"11:25 pia@acme.example: update_reminder", "11:30 pia@acme.example: update_reminder", "11:35 support@acme.example: update_reminder", "11:35 support chat: update_reminder")
		if err := s.InTx(ctx, func(tx *store.Tx) error {
			return tx.Suppress(ctx, stakeholders.Email, "pia@acme.example", "hard bounce")
		}); err != nil {
			t.Fatal(err)
		}
		w.update(opened.Incident.ID, status.Post{Body: "We are still looking for the cause, with our provider."})
		w.step()
		if got := w.reminded(14); len(got) == 0 || slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "pia") }) {
			t.Errorf("with a dead address: %q", got)
		}
		log, err := s.AuditLog(ctx, 50)
		if err != nil {
			t.Fatal(err)
		}
		given := 0
		for _, e := range log {
			if e.Act == "give roles" && e.Actor.Name == "manager" {
				given++
			}
		}
		if given != 3 {
			t.Errorf("the audit log has %d times that roles were given", given)
		}
	})
}

func TestAReminderThatWaitsIsSupersededByTheUpdate(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		w.crew()
		opened := w.open(status.MajorOutage)
		w.step()
		c.Advance(10 * time.Minute)
		runOut(t, w.publisher.Timekeeper()) // in the outbox, not sent
		w.update(opened.Incident.ID, status.Post{Body: "We are still looking for the cause."})
		for _, said := range w.step() {
			if strings.HasSuffix(said, "reminder") {
				t.Errorf("still sent: %s", said)
			}
		}
		ledger, err := s.Deliveries(t.Context(), store.LedgerFilter{State: notify.Superseded, Limit: 100})
		if err != nil || len(ledger) != 2 || !strings.HasPrefix(ledger[0].Person, "role:communication_lead:") {
			t.Errorf("superseded: %+v, %v", ledger, err)
		}
	})
}

func TestADraftIsRemindedOfUntilItIsPublic(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		w.crew()
		yes, no := true, false
		draft, err := w.publisher.OpenIncident(t.Context(), manager, status.Post{Name: "Card payments fail", Body: "Card payments fail for all customers.", Draft: &yes,
			Components: []status.ComponentState{{ComponentID: w.payments.ID, Status: status.MajorOutage}}, Notify: true})
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "ten minutes after the alert and later", w.reminded(16),
			"10:55 lea@acme.example: first_post_reminder", "10:55 lea chat: first_post_reminder", "11:00 mia@acme.example: first_post_reminder")
		w.update(draft.Incident.ID, status.Post{Draft: &no})
		w.step()
		equal(t, "once it is public", w.reminded(9))
		promises, err := s.Promises(t.Context(), draft.Incident.ID)
		if err != nil || len(promises) != 1 {
			t.Errorf("promised: %+v, %v", promises, err)
		}
	})
}

func TestTheLinkOfAReminderPostsOnce(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		w.crew()
		ctx := t.Context()
		opened := w.open(status.MajorOutage)
		w.step()
		w.reminded(15)
		tokens := w.roleTokens() // two at 11:00, two at 10:55
		if len(tokens) != 4 {
			t.Fatalf("%d links", len(tokens))
		}
		before, _ := s.PageVersion(ctx)
		still, err := w.publisher.RoleLinkInfo(ctx, tokens[0])
		if err != nil || still.Name != "Lea" || still.Role != stakeholders.CommunicationLead || still.Usual != 15*time.Minute || still.Incident.ID != opened.Incident.ID {
			t.Fatalf("shows %+v, %v", still, err)
		}
		if _, err := w.publisher.SayStillWorking(ctx, tokens[0], 7*time.Minute); !errors.As(err, new(*status.Invalid)) {
			t.Errorf("a time that is not offered: %v", err)
		}
		if after, _ := s.PageVersion(ctx); after != before {
			t.Error("looking at it changed the page")
		}
		var group sync.WaitGroup
		results := make([]error, len(tokens))
		for n, token := range append(slices.Clone(tokens[:2]), tokens[0], tokens[0]) {
			group.Go(func() { _, results[n] = w.publisher.SayStillWorking(ctx, token, 30*time.Minute) })
		}
		group.Wait()
		posted := 0
		for _, err := range results {
			switch {
			case err == nil:
				posted++
			case !errors.Is(err, publish.ErrUsed) && !errors.Is(err, publish.ErrOutdated):
				t.Errorf("pressed at the same time: %v", err)
			}
		}
		i, err := s.Incident(ctx, opened.Incident.ID)
		if err != nil || posted != 1 || len(i.Updates) != 2 || !i.NextUpdateDueAt.Equal(c.Now().Add(30*time.Minute).Truncate(time.Minute)) {
			t.Fatalf("posted %d times: %+v, %v", posted, i, err)
		}
		if latest, _ := i.Latest(); latest.Body != "We are still looking for the cause. There is no news yet. Next update by 11:30 UTC." {
			t.Errorf("posted %q", latest.Body)
		}
		log, _ := s.AuditLog(ctx, 1)
		if log[0].Actor.Name != "role link: Lea, communication lead" || log[0].Actor.Kind != "link" || log[0].Act != "post update" {
			t.Errorf("the audit log says %+v", log[0])
		}
		for _, token := range tokens {
			if _, err := w.publisher.RoleLinkInfo(ctx, token); !errors.Is(err, publish.ErrUsed) && !errors.Is(err, publish.ErrOutdated) {
				t.Errorf("afterwards: %v", err)
			}
		}
	})
}

func TestALinkEndsWithItsTimeItsRoleAndItsIncident(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		w.crew()
		ctx := t.Context()
		opened := w.open(status.MajorOutage)
		w.step()
		w.reminded(10)
		token := w.roleTokens()[0]
		for _, forged := range []string{"", "x", token[:len(token)-2], w.leaveToken("ana@customer.example"), w.confirmToken("ana@customer.example")} {
			if _, err := w.publisher.SayStillWorking(ctx, forged, 0); !errors.Is(err, status.ErrNotFound) {
				t.Errorf("forged: %v", err)
			}
		}
		if _, err := w.publisher.HandOver(ctx, manager, opened.Incident.ID, publish.RoleChanges{stakeholders.CommunicationLead: by("Kim", "kim@acme.example")}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.publisher.SayStillWorking(ctx, token, 0); !errors.Is(err, publish.ErrOutdated) {
			t.Errorf("after the role was handed over: %v", err)
		}
		if _, err := w.publisher.HandOver(ctx, manager, opened.Incident.ID, publish.RoleChanges{stakeholders.CommunicationLead: nil}); err != nil {
			t.Fatal(err)
		}
		c.Advance(4*time.Hour + time.Second)
		if _, err := w.publisher.SayStillWorking(ctx, token, 0); !errors.Is(err, publish.ErrExpired) {
			t.Errorf("after four hours: %v", err)
		}
		c.Advance(-4 * time.Hour)
		if _, err := w.publisher.DeleteIncident(ctx, manager, opened.Incident.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.publisher.SayStillWorking(ctx, token, 0); !errors.Is(err, publish.ErrOutdated) {
			t.Errorf("after it was withdrawn: %v", err)
		}
	})
}

func TestPromisesAreKeptLateMovedAndCounted(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		w.crew()
		ctx := t.Context()
		id := w.open(status.MajorOutage).Incident.ID
		c.Advance(15 * time.Minute)
		w.update(id, status.Post{Body: "We are still looking for the cause."}) // in time
		c.Advance(18 * time.Minute)
		w.update(id, status.Post{NextUpdateDueAt: c.Now().Add(10 * time.Minute)}) // moved 3 minutes after it fell due: nothing was said
		c.Advance(2 * time.Minute)
		w.update(id, status.Post{Body: "We are still looking for the cause, with our provider."}) // 5 minutes late
		c.Advance(time.Minute)
		w.update(id, status.Post{NextUpdateDueAt: c.Now().Add(time.Hour)}) // moved in time
		c.Advance(2 * time.Hour)
		w.update(id, status.Post{Status: status.Resolved}) // an hour late
		promises, err := s.Promises(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range promises {
			got = append(got, strings.TrimSpace(string(p.State(c.Now()))+" "+p.LateBy(c.Now()).String()))
		}
		if want := []string{"kept 0s", "late 5m0s", "kept 0s", "moved 0s", "late 1h0m0s"}; !slices.Equal(got, want) {
			t.Errorf("promises %q, want %q", got, want)
		}
		all, err := s.PublicPromises(ctx, c.Now().Add(-status.PromiseSpan), c.Now())
		record := status.CountPromises(all, c.Now())
		if percent, _ := record.KeptPercent(); err != nil || percent != 50 || record.Moved != 1 {
			t.Errorf("counted %+v, %v", record, err)
		}
		other := w.open(status.PartialOutage).Incident.ID
		c.Advance(2 * time.Hour)
		if _, err := w.publisher.DeleteIncident(ctx, manager, other); err != nil {
			t.Fatal(err)
		}
		if after, err := s.PublicPromises(ctx, c.Now().Add(-status.PromiseSpan), c.Now()); err != nil || len(after) != len(all) {
			t.Errorf("a withdrawn incident counts: %+v, %v", after, err)
		}
	})
}

func TestALongIncidentIsDeclaredAfterTwoHours(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		w.crew()
		yes := true
		id := w.open(status.MajorOutage).Incident.ID
		c.Advance(2*time.Hour - time.Second)
		_, err := w.publisher.PostUpdate(t.Context(), manager, id, status.Post{LongIncident: &yes, Notify: true})
		var bad *status.Invalid
		if !errors.As(err, &bad) || bad.Fields[0].Field != "incident.allclear.long_incident" || !strings.Contains(bad.Fields[0].Message, "119") {
			t.Fatalf("before two hours: %v", err)
		}
		c.Advance(time.Second)
		done := w.update(id, status.Post{LongIncident: &yes})
		latest, _ := done.Incident.Latest()
		if done.Incident.LongEvery != time.Hour || !done.Incident.NextUpdateDueAt.Equal(c.Now().Add(time.Hour)) ||
			latest.Body != "This takes longer than usual. From now on there is an update every 60 minutes." {
			t.Errorf("declared: %+v", done.Incident)
		}
		n, err := s.Notice(t.Context(), done.NoticeID)
		if err != nil || n.Content.LongMinutes != 60 {
			t.Errorf("the notice says %d minutes, %v", n.Content.LongMinutes, err)
		}
		c.Advance(50 * time.Minute)
		done = w.update(id, status.Post{Body: "Engineers of our provider are on it."})
		if !done.Incident.NextUpdateDueAt.Equal(c.Now().Add(time.Hour)) {
			t.Errorf("the next one is due at %s", done.Incident.NextUpdateDueAt)
		}
		w.update(id, status.Post{Status: status.Resolved})
		if i, err := s.Incident(t.Context(), id); err != nil || i.LongEvery != 0 {
			t.Errorf("over, and still long: %v, %v", i.LongEvery, err)
		}
	})
}

func TestTheWordsOfALinkAreFitForTheirReaders(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t), clock.NewManual(storetest.Start))
	w := newWorld(t, s, clock.NewManual(storetest.Start))
	for _, tag := range lang.Tags() {
		if _, err := w.publisher.SavePage(t.Context(), manager, publish.PagePatch{Language: &tag}); err != nil {
			t.Fatal(err)
		}
		for _, state := range []status.IncidentStatus{status.Investigating, status.Identified, status.Monitoring} {
			done, err := w.publisher.OpenIncident(t.Context(), manager, status.Post{Name: "Card payments fail", Status: state, Notify: true,
				Body: lang.Text(tag, "still."+string(state)) + " " + lang.Text(tag, "incident.next_by", "11:30 UTC") + "."})
			if err != nil {
				t.Errorf("%s, %s: %v", tag, state, err)
			}
			for _, f := range done.Findings {
				if f.Field == "body" {
					t.Errorf("%s, %s: %s: %s", tag, state, f.Text, f.Reason)
				}
			}
		}
	}
}

func TestBadRolesAreRefusedByField(t *testing.T) {
	s := storetest.Open(t, storetest.SQLite(t), nil)
	w := newWorld(t, s, clock.NewManual(storetest.Start))
	for want, given := range map[string]*publish.RoleGiven{
		"role is \"Nobody\", who is not in the register": {Field: "role", Person: "Nobody"},
		"role is \"Customers\", which stands for many":   {Field: "role", Person: "Customers"},
		"role.name is missing":                           {Field: "role", Email: "a@acme.example"},
		"role has neither email nor slack":               {Field: "role", Name: "Ana"},
		"role.email is not an email address":             {Field: "role", Name: "Ana", Email: "ana"},
		"role.slack is not the address of an incoming":   {Field: "role", Name: "Ana", Slack: "ana"},
	} {
		err := w.publisher.SaveDefaultRoles(t.Context(), manager, publish.RoleChanges{stakeholders.Deputy: given}, nil)
		var bad *status.Invalid
		if !errors.As(err, &bad) || !strings.HasPrefix(bad.Fields[0].Field+" "+bad.Fields[0].Message, want) {
			t.Errorf("%+v: %v, want %s", given, err, want)
		}
	}
	if rosters, err := s.DefaultRoles(t.Context()); err != nil || len(rosters) != 0 {
		t.Errorf("stored: %v, %v", rosters, err)
	}
}
