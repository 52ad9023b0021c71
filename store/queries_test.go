package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/store/storetest"
)

func TestComponentsAndGroupsKeepTheirPlaceAndHistory(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		var group status.Group
		var first, second status.Component
		w.do(func(tx *store.Tx) (err error) {
			if group, err = tx.AddGroup(ctx, status.Group{ID: "group", Name: "Payments", Description: "all of them"}); err != nil {
				return err
			}
			if first, err = tx.AddComponent(ctx, status.Component{ID: "first", Name: "Cards", Status: status.Operational, GroupID: "group"}); err != nil {
				return err
			}
			second, err = tx.AddComponent(ctx, status.Component{ID: "second", Name: "Transfers", Status: status.Operational, GroupID: "group", NotCore: true, Showcase: true})
			return err
		})
		if group.Position != 1 || first.Position != 1 || second.Position != 2 || !second.NotCore || !second.Showcase {
			t.Errorf("group %+v, components %+v %+v", group, first, second)
		}
		group.Name, second.Name, second.GroupID, second.OnlyShowIfDegraded = "Money", "Bank transfer", "", true
		w.do(func(tx *store.Tx) error {
			if err := tx.SaveGroup(ctx, group); err != nil {
				return err
			}
			if err := tx.SaveComponent(ctx, second); err != nil {
				return err
			}
			return tx.ChangeComponents(ctx, "", []status.ComponentChange{{ComponentID: "first", Old: status.Operational, New: status.MajorOutage}})
		})
		groups, err := w.store.Groups(ctx)
		w.must(err)
		if len(groups) != 1 || groups[0].Name != "Money" || groups[0].Description != "all of them" {
			t.Errorf("groups %+v", groups)
		}
		if c, err := w.store.Component(ctx, "second"); err != nil || c.Name != "Bank transfer" || c.GroupID != "" || !c.OnlyShowIfDegraded {
			t.Errorf("component %+v, %v", c, err)
		}
		history, err := w.store.ComponentHistory(ctx, "first")
		w.must(err)
		if len(history) != 1 || history[0].Old != status.Operational || history[0].New != status.MajorOutage || history[0].ChangedAt != w.clock.Now().UnixMicro() {
			t.Errorf("history %+v", history)
		}
		w.do(func(tx *store.Tx) error {
			if err := tx.DeleteGroup(ctx, "group"); err != nil {
				return err
			}
			return tx.DeleteComponent(ctx, "second")
		})
		all, err := w.store.Components(ctx)
		w.must(err)
		if len(all) != 1 || all[0].ID != "first" || all[0].GroupID != "" || all[0].Status != status.MajorOutage {
			t.Errorf("what is left: %+v", all)
		}
		for what, act := range map[string]func(tx *store.Tx) error{
			"save component":   func(tx *store.Tx) error { return tx.SaveComponent(ctx, second) },
			"delete component": func(tx *store.Tx) error { return tx.DeleteComponent(ctx, "second") },
			"save group":       func(tx *store.Tx) error { return tx.SaveGroup(ctx, group) },
			"delete group":     func(tx *store.Tx) error { return tx.DeleteGroup(ctx, "group") },
			"change component": func(tx *store.Tx) error {
				return tx.ChangeComponents(ctx, "", []status.ComponentChange{{ComponentID: "second", New: status.Operational}})
			},
		} {
			if err := w.store.InTx(ctx, act); !errors.Is(err, status.ErrNotFound) {
				t.Errorf("%s that is gone: %v", what, err)
			}
		}
	})
}

func TestIncidentsAreFoundByNameNumberAndWords(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.post(stakeholders.Opened, status.ImpactCritical)
		w.incident.Name = `100% of "cards" fail_`
		w.incident.Updates = []status.Update{{ID: "u1", IncidentID: w.incident.ID, Status: status.Investigating, Body: "We look at it.", Notify: true,
			CreatedAt: w.clock.Now(), UpdatedAt: w.clock.Now(), DisplayAt: w.clock.Now()}}
		w.do(func(tx *store.Tx) error { return tx.SaveIncident(ctx, w.incident) })
		first := w.incident
		w.clock.Advance(time.Hour)
		w.post(stakeholders.Opened, status.ImpactMinor)
		w.post(stakeholders.Resolved, status.ImpactMinor)
		for name, c := range map[string]struct {
			filter store.IncidentFilter
			want   int
		}{
			"all":                   {store.IncidentFilter{Limit: 10}, 2},
			"one":                   {store.IncidentFilter{Limit: 1}, 1},
			"the second":            {store.IncidentFilter{Limit: 10, Offset: 1}, 1},
			"open":                  {store.IncidentFilter{OpenOnly: true, Limit: 10}, 1},
			"by name, as written":   {store.IncidentFilter{Query: `100% OF "CARDS" fail_`, Limit: 10}, 1},
			"an underscore is one":  {store.IncidentFilter{Query: `fail__`, Limit: 10}, 0},
			"a percent sign is one": {store.IncidentFilter{Query: `1%0`, Limit: 10}, 0},
			"by an update":          {store.IncidentFilter{Query: "LOOK AT", Limit: 10}, 1},
			"open, by other words":  {store.IncidentFilter{Query: "nothing", OpenOnly: true, Limit: 10}, 0},
		} {
			found, err := w.store.Incidents(ctx, c.filter)
			if err != nil || len(found) != c.want {
				t.Errorf("%s: %d found, want %d, %v", name, len(found), c.want, err)
			}
		}
		found, err := w.store.FindIncident(ctx, "inc-1")
		w.must(err)
		if found.ID != first.ID || len(found.Updates) != 1 || found.Updates[0].Body != "We look at it." {
			t.Errorf("found %+v", found)
		}
		if _, err := w.store.FindIncident(ctx, "INC-99"); !errors.Is(err, status.ErrNotFound) {
			t.Errorf("a number that is not there: %v", err)
		}
	})
}

func TestTokensAreFoundUntilRevokedAndTheirUseIsNoted(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.do(func(tx *store.Tx) error {
			return tx.AddToken(ctx, auth.Token{ID: "token", Name: "robot", Scope: auth.ScopePost, Hash: "digest"})
		})
		err := w.store.InTx(ctx, func(tx *store.Tx) error {
			return tx.AddToken(ctx, auth.Token{ID: "other", Name: "robot", Scope: auth.ScopePost, Hash: "digest"})
		})
		if !errors.Is(err, status.ErrConflict) {
			t.Errorf("the same secret twice: %v", err)
		}
		token, err := w.store.TokenByHash(ctx, "digest")
		w.must(err)
		if token.Name != "robot" || token.Scope != auth.ScopePost || !token.LastUsedAt.IsZero() {
			t.Errorf("token %+v", token)
		}
		w.must(w.store.TouchToken(ctx, token))
		used := w.clock.Now()
		token, err = w.store.TokenByHash(ctx, "digest")
		w.must(err)
		w.clock.Advance(30 * time.Second)
		w.must(w.store.TouchToken(ctx, token)) // within the minute: no write
		tokens, err := w.store.Tokens(ctx)
		w.must(err)
		if len(tokens) != 1 || !tokens[0].LastUsedAt.Equal(used) {
			t.Errorf("tokens %+v, used at %s", tokens, used)
		}
		w.do(func(tx *store.Tx) error { return tx.RevokeToken(ctx, "token") })
		if _, err := w.store.TokenByHash(ctx, "digest"); !errors.Is(err, status.ErrNotFound) {
			t.Errorf("revoked: %v", err)
		}
		if err := w.store.InTx(ctx, func(tx *store.Tx) error { return tx.RevokeToken(ctx, "token") }); !errors.Is(err, status.ErrNotFound) {
			t.Errorf("revoked again: %v", err)
		}
	})
}

func TestSubscribersAreListedCountedAndFound(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		for i, address := range []string{"a_b@x.example", "axb@x.example", "left@x.example", "never@x.example"} {
			w.do(func(tx *store.Tx) error {
				s := stakeholders.Subscriber{ID: address, Segment: stakeholders.DefaultSegment, Contact: stakeholders.Contact{Channel: stakeholders.Email, Address: address},
					CreatedAt: tx.Now().Add(time.Duration(i) * time.Second)}
				if i < 3 {
					s.ConfirmedAt = tx.Now()
				}
				return tx.SaveSubscriber(ctx, s)
			})
		}
		w.do(func(tx *store.Tx) error { return tx.Unsubscribe(ctx, stakeholders.Email, "left@x.example") })
		w.do(func(tx *store.Tx) error { return tx.Unsubscribe(ctx, stakeholders.Email, "left@x.example") }) // twice counts once
		listed, err := w.store.Subscribers(ctx, 10, 0)
		w.must(err)
		if len(listed) != 3 || listed[0].ID != "a_b@x.example" || listed[2].ID != "never@x.example" {
			t.Errorf("listed %+v", listed)
		}
		named, err := w.store.SubscribersNamed(ctx, "a_b")
		w.must(err)
		if len(named) != 1 || named[0].Contact.Address != "a_b@x.example" {
			t.Errorf("named a_b: %+v", named)
		}
		if n, err := w.store.Unconfirmed(ctx); err != nil || n != 1 {
			t.Errorf("%d never confirmed, %v", n, err)
		}
		classes, err := w.store.SubscriberClasses(ctx)
		w.must(err)
		if len(classes) != 1 || classes[0].Confirmed != 2 {
			t.Errorf("classes %+v", classes)
		}
		if gone, err := w.store.Subscriber(ctx, "left@x.example"); err != nil || !gone.UnsubscribedAt.Equal(w.clock.Now()) {
			t.Errorf("who left: %+v, %v", gone, err)
		}
	})
}

func TestPageAndAuditLogAreKept(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.must(w.store.Ping(ctx))
		page, err := w.store.Page(ctx)
		w.must(err)
		page.Name, page.TimeZone, page.Language = "Acme Status", "Europe/Berlin", "de"
		actor := auth.Actor{Kind: "token", ID: "t", Name: "robot", From: "192.0.2.1"}
		w.do(func(tx *store.Tx) error {
			bumped, err := tx.BumpPage(ctx)
			if err != nil {
				return err
			}
			if err := tx.SavePage(ctx, page); err != nil {
				return err
			}
			return tx.Audit(ctx, actor, "change page", "page", map[string]any{"name": page.Name}, bumped.Version)
		})
		if again, err := w.store.Page(ctx); err != nil || again.Name != "Acme Status" || again.TimeZone != "Europe/Berlin" || again.Version != page.Version+1 {
			t.Errorf("page %+v, %v", again, err)
		}
		if version, err := w.store.PageVersion(ctx); err != nil || version != page.Version+1 {
			t.Errorf("version %d, %v", version, err)
		}
		log, err := w.store.AuditLog(ctx, 10)
		w.must(err)
		if len(log) != 1 || log[0].Actor.Name != "robot" || log[0].Actor.From != "192.0.2.1" || string(log[0].Detail) != `{"name":"Acme Status"}` ||
			!log[0].At.Equal(w.clock.Now()) || log[0].PageVersion != page.Version+1 {
			t.Errorf("log %+v", log)
		}
	})
}

func TestFailedTransactionLeavesNothingBehind(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		before, err := w.store.PageVersion(t.Context())
		w.must(err)
		fault := errors.New("a fault")
		err = w.store.InTx(t.Context(), func(tx *store.Tx) error {
			if _, err := tx.BumpPage(t.Context()); err != nil {
				return err
			}
			return fault
		})
		if !errors.Is(err, fault) {
			t.Errorf("got %v", err)
		}
		if after, err := w.store.PageVersion(t.Context()); err != nil || after != before {
			t.Errorf("version %d, then %d, %v", before, after, err)
		}
	})
}

// What waited for the page's turn bears the time of its turn, so that the
// record's times follow its order.
func TestTimesFollowTheOrderOfPosts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		entered, release := make(chan struct{}), make(chan struct{})
		var first, second time.Time
		done := make(chan error, 2)
		go func() {
			done <- s.InTx(t.Context(), func(tx *store.Tx) error {
				_, err := tx.BumpPage(t.Context())
				close(entered)
				<-release
				first = s.Now() // by the same clock: the database's is known to some milliseconds only
				return err
			})
		}()
		<-entered
		go func() {
			done <- s.InTx(t.Context(), func(tx *store.Tx) error {
				_, err := tx.BumpPage(t.Context())
				second = tx.Now()
				return err
			})
		}()
		time.Sleep(50 * time.Millisecond)
		close(release)
		for range 2 {
			if err := <-done; err != nil {
				t.Fatal(err)
			}
		}
		if second.Before(first) {
			t.Errorf("the later post bears %s, the earlier ended at %s", second, first)
		}
	})
}

func TestLeasesOfADeadServerAreTakenOverAtOnce(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.subscribe("ana@customer.example", everyUpdate)
		w.post(stakeholders.Opened, status.ImpactCritical)
		w.expand()
		w.claim() // and the server dies
		w.must(w.store.TakeOverLeases(t.Context()))
		w.same("after a restart", words(w.claim()), "ana@customer.example: opened")
	})
}

// Whatever a server answers is kept as far as both databases can.
func TestServersAnswerMayHoldAnyBytes(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.subscribe("ana@customer.example", everyUpdate)
		opened := w.post(stakeholders.Opened, status.ImpactCritical)
		w.expand()
		b := w.claim()
		w.must(w.store.Record(t.Context(), b, []notify.Recorded{{Outgoing: all(b)[0], State: notify.Failed, At: w.clock.Now(),
			Result: notify.Result{Outcome: notify.Permanent, Answer: "550 \x00no\xff \"such\\ user"}}}))
		if got := w.ledger(opened)["ana@customer.example"].Answer; got != "550 no\ufffd \"such\\ user" {
			t.Errorf("answer %q", got)
		}
		w.idle()
	})
}
