package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

const (
	high = stakeholders.High
	low  = stakeholders.Low
)

func TestTwoWorkersNeverGetTheSameRows(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.many(1300, `{}`)
		w.post(stakeholders.Opened, status.ImpactCritical)
		w.expand()
		var mu sync.Mutex
		times := map[string]int{}
		var workers sync.WaitGroup
		for range 4 {
			workers.Go(func() {
				for {
					b, err := w.store.Claim(t.Context(), notify.Claim{Channel: stakeholders.Email, Lease: leaseTime, Limit: 100})
					if err != nil {
						t.Error(err)
						return
					}
					if b.Size()+b.Settled == 0 {
						return
					}
					mu.Lock()
					for _, o := range all(b) {
						times[o.Address]++
					}
					mu.Unlock()
				}
			})
		}
		workers.Wait()
		if len(times) != 1300 {
			t.Errorf("%d addresses were claimed, want 1300", len(times))
		}
		for address, n := range times {
			if n != 1 {
				t.Errorf("%s was claimed %d times", address, n)
			}
		}
		w.whole()
	})
}

func TestExpiredLeaseIsTakenOverAndTheMessageIsUncertain(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.subscribe("ana@customer.example", everyUpdate)
		opened := w.post(stakeholders.Opened, status.ImpactCritical)
		w.expand()
		if b := w.claim(); b.Size() != 1 { // and this worker is never heard of again
			t.Fatalf("claimed %d", b.Size())
		}
		w.clock.Advance(leaseTime - time.Second)
		if b := w.claim(); b.Size() != 0 {
			t.Error("claimed while another holds the lease")
		}
		w.clock.Advance(2 * time.Second)
		again := w.claim()
		w.same("taken over", words(again), "ana@customer.example: opened")
		if o := all(again)[0]; o.Attempt != 2 || o.NoticeID != opened {
			t.Errorf("taken over: %+v", o)
		}
		w.record(again, notify.Delivered)
		d := w.ledger(opened)["ana@customer.example"]
		if d.State != notify.Sent || !d.Uncertain || d.Attempts != 2 {
			t.Errorf("ledger: %+v", d)
		}
		attempts, err := w.store.Attempts(t.Context(), d.Key)
		w.must(err)
		if len(attempts) != 1 || attempts[0].Outcome != notify.UncertainSent || attempts[0].Number != 1 {
			t.Errorf("attempts: %+v", attempts)
		}
		w.idle()
	})
}

func TestReleasedDeliveryIsAsIfNeverClaimed(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		for i := range 3 {
			w.subscribe(fmt.Sprintf("p%d@customer.example", i), everyUpdate)
		}
		w.post(stakeholders.Opened, status.ImpactCritical)
		w.expand()
		b := w.claim()
		w.recordSome(b, all(b)[:1], notify.Delivered)
		w.must(w.store.Release(t.Context(), b, all(b)[1:]))
		w.whole()
		again := w.claim()
		if again.Size() != 2 {
			t.Fatalf("claimed %d after the release, want 2", again.Size())
		}
		for _, o := range all(again) {
			if o.Attempt != 1 || w.ledger(o.NoticeID)[o.Address].Uncertain {
				t.Errorf("attempt %d of %s", o.Attempt, o.Address)
			}
		}
		w.record(again, notify.Delivered)
		w.idle()
	})
}

func TestReleasedHoldKeepsItsCondition(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.subscribe("ana@customer.example", stakeholders.Preferences{}) // minor: told only if still open after 30 minutes
		opened := w.post(stakeholders.Opened, status.ImpactMinor)
		w.expand()
		w.clock.Advance(30 * time.Minute)
		b := w.claim()
		if b.Size() != 1 {
			t.Fatalf("claimed %d when the hold ended", b.Size())
		}
		w.must(w.store.Release(t.Context(), b, all(b)))
		w.post(stakeholders.Monitoring, status.ImpactMinor)
		w.same("released, and then no longer open", w.deliver())
		w.state(opened, "ana@customer.example", notify.Dropped)
		w.idle()
	})
}

func TestHeldMessageIsSupersededAndItsDueTimeInherited(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.stakeholder("management", high, high, nil, "m@acme.example")
		w.post(stakeholders.Opened, status.ImpactCritical)
		w.same("at once", w.deliver(), "m@acme.example: opened")
		w.clock.Advance(10 * time.Minute)
		first := w.post(stakeholders.Updated, status.ImpactCritical) // one mail in 30 minutes
		w.expand()
		due := w.ledger(first)["m@acme.example"].DueAt
		w.clock.Advance(15 * time.Minute)
		second := w.post(stakeholders.Updated, status.ImpactCritical)
		w.expand()
		w.state(first, "m@acme.example", notify.Superseded)
		if d := w.ledger(second)["m@acme.example"]; d.State != notify.Held || !d.DueAt.Equal(due) {
			t.Errorf("the newer is %s until %s, want held until %s", d.State, d.DueAt, due)
		}
		w.clock.Advance(5 * time.Minute)
		w.same("when the first fell due", w.deliver(), "m@acme.example: update")
		w.idle()
	})
}

// What falls due as it is posted about is one message, as stakeholders.Simulate
// has it: the post is worked out before the worker looks for what is due.
func TestHeldMessageThatFallsDueAsItIsPostedIsOneMessage(t *testing.T) {
	for _, last := range []stakeholders.Event{stakeholders.Updated, stakeholders.Resolved} {
		t.Run(string(last), func(t *testing.T) {
			eachWorld(t, func(t *testing.T, w *world) {
				w.stakeholder("management", high, high, nil, "m@acme.example")
				w.post(stakeholders.Opened, status.ImpactCritical)
				w.same("at once", w.deliver(), "m@acme.example: opened")
				w.clock.Advance(10 * time.Minute)
				first := w.post(stakeholders.Updated, status.ImpactCritical)
				w.expand()
				w.clock.Advance(w.ledger(first)["m@acme.example"].DueAt.Sub(w.clock.Now()))
				w.post(last, status.ImpactCritical)
				w.expand()
				w.same("as the limit ends", w.deliver(), "m@acme.example: "+string(last))
				w.state(first, "m@acme.example", notify.Superseded)
				w.idle()
			})
		})
	}
}

func TestConditionalHoldIsDroppedWhenItLapsed(t *testing.T) {
	for _, end := range []stakeholders.Event{stakeholders.Monitoring, stakeholders.Resolved} {
		t.Run(string(end), func(t *testing.T) {
			eachWorld(t, func(t *testing.T, w *world) {
				w.subscribe("ana@customer.example", stakeholders.Preferences{})
				opened := w.post(stakeholders.Opened, status.ImpactMinor)
				w.expand()
				w.state(opened, "ana@customer.example", notify.Held)
				w.post(end, status.ImpactMinor)
				w.expand()
				w.clock.Advance(time.Hour)
				w.same("nothing is sent", w.deliver())
				w.state(opened, "ana@customer.example", notify.Dropped)
				w.idle()
			})
		})
	}
}

func TestConditionLapsesDuringARetry(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.subscribe("ana@customer.example", stakeholders.Preferences{})
		opened := w.post(stakeholders.Opened, status.ImpactMinor)
		w.expand()
		w.clock.Advance(30 * time.Minute)
		w.record(w.claim(), notify.Transient)
		w.post(stakeholders.Monitoring, status.ImpactMinor)
		w.expand()
		w.clock.Advance(time.Minute)
		w.same("in monitoring", w.deliver())
		w.state(opened, "ana@customer.example", notify.Dropped)
		w.idle()
	})
}

func TestWhoLeftIsStoppedAtClaimAndAgainBeforeSending(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		for _, name := range []string{"ana", "bo", "cem"} {
			w.subscribe(name+"@customer.example", everyUpdate)
		}
		leave := func(address string) {
			w.do(func(tx *store.Tx) error {
				if err := tx.Suppress(t.Context(), stakeholders.Email, address, "unsubscribed"); err != nil {
					return err
				}
				return tx.Unsubscribe(t.Context(), stakeholders.Email, address)
			})
		}
		opened := w.post(stakeholders.Opened, status.ImpactCritical)
		w.expand()
		leave("ana@customer.example")
		b := w.claim()
		w.same("claimed", words(b), "bo@customer.example: opened", "cem@customer.example: opened")
		w.state(opened, "ana@customer.example", notify.Suppressed)
		leave("bo@customer.example")
		gone, err := w.store.Check(t.Context(), b, all(b))
		w.must(err)
		if len(gone) != 1 || gone[notify.Key{NoticeID: opened, Channel: stakeholders.Email, Address: "bo@customer.example"}] != "unsubscribed" {
			t.Errorf("check found %v", gone)
		}
	})
}

func TestNewerWaitsUntilTheOlderIsRecorded(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.subscribe("ana@customer.example", everyUpdate)
		w.post(stakeholders.Opened, status.ImpactCritical)
		w.expand()
		inHand := w.claim()
		w.post(stakeholders.Updated, status.ImpactCritical)
		w.expand()
		for range 5 {
			if b := w.claim(); b.Size() != 0 {
				t.Fatalf("%q was claimed while the older is in flight", words(b))
			}
			w.clock.Advance(2 * time.Second)
			w.whole()
		}
		w.record(inHand, notify.Delivered)
		w.clock.Advance(2 * time.Second)
		w.same("after it", w.deliver(), "ana@customer.example: update")
		w.idle()
	})
}

func TestRetryYieldsToANewerMessage(t *testing.T) {
	for _, outcome := range []notify.Outcome{notify.Transient, notify.UncertainSent, notify.Unavailable, notify.RateLimited} {
		t.Run(string(outcome), func(t *testing.T) {
			eachWorld(t, func(t *testing.T, w *world) {
				w.subscribe("ana@customer.example", everyUpdate)
				opened := w.post(stakeholders.Opened, status.ImpactCritical)
				w.expand()
				inHand := w.claim()
				w.post(stakeholders.Updated, status.ImpactCritical)
				w.expand()
				w.record(inHand, outcome)
				w.state(opened, "ana@customer.example", notify.Superseded)
				w.clock.Advance(2 * time.Hour)
				w.same("only the newer", w.deliver(), "ana@customer.example: update")
				w.idle()
			})
		})
	}
}

func TestRetryIsSupersededByANewerMessage(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.subscribe("ana@customer.example", everyUpdate)
		opened := w.post(stakeholders.Opened, status.ImpactCritical)
		w.expand()
		w.record(w.claim(), notify.Transient)
		w.post(stakeholders.Updated, status.ImpactCritical)
		w.expand()
		w.state(opened, "ana@customer.example", notify.Superseded)
		w.clock.Advance(time.Hour)
		w.same("only the newer", w.deliver(), "ana@customer.example: update")
		w.idle()
	})
}

// The start was to be told at once and failed; a newer message with a timing
// took its place and its next try. That is no hold, so the end is told.
func TestEndOfWhatCouldNotBeDeliveredIsTold(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.subscribe("ana@customer.example", stakeholders.Preferences{})
		w.post(stakeholders.Opened, status.ImpactCritical)
		w.expand()
		w.record(w.claim(), notify.Transient)
		monitoring := w.post(stakeholders.Monitoring, status.ImpactCritical) // held 15 minutes
		w.expand()
		w.state(monitoring, "ana@customer.example", notify.Pending)
		w.post(stakeholders.Resolved, status.ImpactCritical)
		w.same("the end", w.deliver(), "ana@customer.example: resolved")
		w.idle()
	})
}

// What takes the place of a message that was to be sent is owed in its stead,
// also where its limit ends before the older one's next try: it does not lapse
// with the end.
func TestHeldMessageThatTakesATurnDoesNotLapse(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.subscribe("ana@customer.example", stakeholders.Preferences{}) // one update in an hour
		w.clock.Advance(time.Second)
		w.post(stakeholders.Opened, status.ImpactCritical)
		w.expand()
		sending := w.claim()
		w.post(stakeholders.Monitoring, status.ImpactCritical)
		w.expand()
		w.clock.Advance(time.Hour - 5*time.Second) // of a mail server that was away
		w.record(sending, notify.Transient)
		w.post(stakeholders.Resolved, status.ImpactCritical)
		w.expand()
		w.clock.Advance(time.Minute)
		w.same("told", w.deliver(), "ana@customer.example: resolved")
	})
}

// A limit took the message in flight for sent and held the newer one for an
// hour; but the older one failed, or was given back.
func TestNewerMessageTakesTheTurnOfAnOlderThatWasNotSent(t *testing.T) {
	for _, how := range []string{"failed", "given back"} {
		t.Run(how, func(t *testing.T) {
			eachWorld(t, func(t *testing.T, w *world) {
				w.subscribe("ana@customer.example", stakeholders.Preferences{})
				w.post(stakeholders.Opened, status.ImpactCritical)
				w.expand()
				b := w.claim()
				update := w.post(stakeholders.Updated, status.ImpactCritical) // one mail in 60 minutes
				w.expand()
				w.state(update, "ana@customer.example", notify.Held)
				if how == "failed" {
					w.record(b, notify.Transient)
				} else {
					w.must(w.store.Release(t.Context(), b, all(b)))
				}
				w.whole()
				w.clock.Advance(30 * time.Second)
				w.same("the newer, at the next try", w.deliver(), "ana@customer.example: update")
				w.idle()
			})
		})
	}
}

// A retry that is given back while a newer message is on its way must not
// follow it.
func TestOlderMessageGivenBackDoesNotFollowANewer(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.subscribe("ana@customer.example", everyUpdate)
		opened := w.post(stakeholders.Opened, status.ImpactCritical)
		w.expand()
		w.record(w.claim(), notify.Transient)
		w.clock.Advance(time.Minute)
		retry := w.claim()
		w.post(stakeholders.Updated, status.ImpactCritical)
		w.expand()
		w.must(w.store.Release(t.Context(), retry, all(retry)))
		w.same("only the newer", w.deliver(), "ana@customer.example: update")
		w.clock.Advance(time.Hour)
		w.same("nothing after it", w.deliver())
		w.state(opened, "ana@customer.example", notify.Superseded)
		w.idle()
	})
}

// A newer message used to delete the due row of a retry in flight: when its
// worker died, the thread stayed in flight and the person heard nothing more.
func TestDeadSenderOfARetrySilencesNobody(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.subscribe("ana@customer.example", everyUpdate)
		opened := w.post(stakeholders.Opened, status.ImpactCritical)
		w.expand()
		w.record(w.claim(), notify.Transient)
		w.clock.Advance(time.Minute)
		if b := w.claim(); b.Size() != 1 { // never heard of again
			t.Fatalf("retry: claimed %d", b.Size())
		}
		w.post(stakeholders.Updated, status.ImpactCritical)
		w.expand()
		w.whole()
		w.clock.Advance(time.Minute)
		w.claim()
		w.clock.Advance(time.Minute)
		w.same("the newer arrives", w.deliver(), "ana@customer.example: update")
		if d := w.ledger(opened)["ana@customer.example"]; d.State != notify.Superseded || !d.Uncertain {
			t.Errorf("the older: %+v", d)
		}
		w.idle()
	})
}

// Who may have heard of the start, because a sender died over it, is owed the
// end, even when what came between was held.
func TestEndIsOwedToWhoMayHaveHeardTheStart(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.stakeholder("support", low, high, nil, "s@acme.example")
		opened := w.post(stakeholders.Opened, status.ImpactCritical)
		w.expand()
		w.claim()                                           // and this worker dies
		w.post(stakeholders.Updated, status.ImpactCritical) // one mail in 60 minutes: held
		w.expand()
		w.clock.Advance(2 * leaseTime)
		w.same("the older has been replaced", w.deliver())
		if d := w.ledger(opened)["s@acme.example"]; d.State != notify.Superseded || !d.Uncertain {
			t.Errorf("the older: %+v", d)
		}
		w.stakeholder("support", low, high, []string{"other"}, "s@acme.example")
		w.post(stakeholders.Resolved, status.ImpactCritical)
		w.same("the end", w.deliver(), "s@acme.example: resolved")
		w.idle()
	})
}

func TestEndReachesWhoLeftTheAudience(t *testing.T) {
	type change struct {
		name string
		make func(w *world)
	}
	leftRegister := func(w *world) {
		w.do(func(tx *store.Tx) error { return tx.DeleteStakeholder(w.t.Context(), "support") })
	}
	for _, c := range []change{
		{"left the register", leftRegister},
		{"changed scope", func(w *world) { w.stakeholder("support", low, high, []string{"other"}, "s@acme.example") }},
		{"another policy", func(w *world) {
			document := strings.Replace(string(stakeholders.DefaultPolicyDocument()), "resolved:\n    manage_closely: E C, S told / E C / C, E told\n    keep_satisfied: P / P / P told\n    keep_informed: E C / E C / C",
				"resolved:\n    manage_closely: \"–\"\n    keep_satisfied: \"–\"\n    keep_informed: \"–\"", 1)
			if document == string(stakeholders.DefaultPolicyDocument()) {
				w.f.Fatalf("the default policy reads differently now")
			}
			w.do(func(tx *store.Tx) error {
				_, err := tx.AddPolicy(w.t.Context(), []byte(document), "test", "")
				return err
			})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Run("told", func(t *testing.T) {
				eachWorld(t, func(t *testing.T, w *world) {
					w.stakeholder("support", low, high, nil, "s@acme.example")
					w.post(stakeholders.Opened, status.ImpactCritical)
					w.same("the start", w.deliver(), "s@acme.example: opened")
					c.make(w)
					w.post(stakeholders.Resolved, status.ImpactCritical)
					w.same("the end", w.deliver(), "s@acme.example: resolved")
					w.idle()
				})
			})
			t.Run("to be told at the next try", func(t *testing.T) {
				eachWorld(t, func(t *testing.T, w *world) {
					w.stakeholder("support", low, high, nil, "s@acme.example")
					w.post(stakeholders.Opened, status.ImpactCritical)
					w.expand()
					w.record(w.claim(), notify.Transient)
					c.make(w)
					w.post(stakeholders.Resolved, status.ImpactCritical)
					w.expand()
					w.clock.Advance(time.Hour)
					w.same("the end instead of the start", w.deliver(), "s@acme.example: resolved")
					w.idle()
				})
			})
			t.Run("being told", func(t *testing.T) {
				eachWorld(t, func(t *testing.T, w *world) {
					w.stakeholder("support", low, high, nil, "s@acme.example")
					w.post(stakeholders.Opened, status.ImpactCritical)
					w.expand()
					b := w.claim()
					c.make(w)
					w.post(stakeholders.Resolved, status.ImpactCritical)
					w.expand()
					w.record(b, notify.Delivered)
					w.clock.Advance(time.Minute)
					w.same("the end", w.deliver(), "s@acme.example: resolved")
					w.idle()
				})
			})
		})
	}
}

func TestUrgentMessagesGoFirst(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.subscribe("a-customer@customer.example", everyUpdate)
		w.stakeholder("everyone", low, low, nil, "b-monitor@acme.example")
		w.stakeholder("support", low, high, nil, "c-informed@acme.example")
		w.stakeholder("management", high, high, nil, "d-closely@acme.example")
		w.post(stakeholders.Opened, status.ImpactMajor)
		w.expand()
		w.post(stakeholders.Opened, status.ImpactCritical)
		w.expand()
		want := []string{
			"d-closely@acme.example critical", "c-informed@acme.example critical", "d-closely@acme.example major", "c-informed@acme.example major",
			"a-customer@customer.example critical", "a-customer@customer.example major",
		}
		take := func(outcome notify.Outcome) (got []string) {
			for {
				b := w.claim()
				if b.Size() == 0 {
					return got
				}
				for _, o := range all(b) {
					notice, err := w.store.Notice(t.Context(), o.NoticeID)
					w.must(err)
					got = append(got, o.Address+" "+string(notice.Occasion.Impact))
				}
				w.record(b, outcome)
			}
		}
		if got := take(notify.Transient); !slices.Equal(got, want) {
			t.Errorf("first pass in the order %v", got)
		}
		w.clock.Advance(time.Minute)
		if got := take(notify.Delivered); !slices.Equal(got, want) {
			t.Errorf("retries in the order %v", got)
		}
	})
}

// A worker that was stopped for longer than its lease wakes up and reports:
// what it says is kept as far as it is true, and the thread stays with whoever
// has the lease now.
func TestWorkerThatOutlivedItsLeaseDisturbsNobody(t *testing.T) {
	for _, retry := range []bool{false, true} {
		t.Run(fmt.Sprintf("retry=%v", retry), func(t *testing.T) {
			eachWorld(t, func(t *testing.T, w *world) {
				w.subscribe("ana@customer.example", everyUpdate)
				opened := w.post(stakeholders.Opened, status.ImpactCritical)
				w.expand()
				if retry {
					w.record(w.claim(), notify.Transient)
					w.clock.Advance(time.Minute)
				}
				sleeper := w.claim()
				w.clock.Advance(leaseTime + time.Second)
				present := w.claim()
				if _, err := w.store.Check(t.Context(), sleeper, all(sleeper)); !errors.Is(err, notify.ErrLeaseLost) {
					t.Errorf("the sleeper is told %v before it sends", err)
				}
				if _, err := w.store.Check(t.Context(), present, all(present)); err != nil {
					t.Errorf("the present holder is told %v", err)
				}
				w.post(stakeholders.Updated, status.ImpactCritical)
				w.expand()
				w.must(w.store.Release(t.Context(), sleeper, all(sleeper)))
				w.record(sleeper, notify.Transient)
				w.record(sleeper, notify.Delivered)
				w.whole()
				w.state(opened, "ana@customer.example", notify.Sending)
				if b := w.claim(); b.Size() != 0 {
					t.Errorf("%q was claimed while the older is still in flight", words(b))
				}
				w.record(present, notify.Transient)
				w.clock.Advance(time.Minute)
				w.same("then the newer", w.deliver(), "ana@customer.example: update")
				w.idle()
			})
		})
	}
}

func TestResultsMayBeRecordedTwice(t *testing.T) {
	for _, outcome := range []notify.Outcome{notify.Delivered, notify.Transient, notify.Permanent, notify.UncertainSent} {
		t.Run(string(outcome), func(t *testing.T) {
			eachWorld(t, func(t *testing.T, w *world) {
				w.subscribe("ana@customer.example", everyUpdate)
				opened := w.post(stakeholders.Opened, status.ImpactCritical)
				w.expand()
				b := w.claim()
				w.record(b, outcome)
				before := w.ledger(opened)["ana@customer.example"]
				w.record(b, outcome)
				after := w.ledger(opened)["ana@customer.example"]
				after.UpdatedAt, after.DueAt = before.UpdatedAt, before.DueAt
				if after != before {
					t.Errorf("ledger:\n%+v, then\n%+v", before, after)
				}
				w.whole()
			})
		})
	}
}

func TestPermanentFailureIsFinalAndKeepsTheAnswer(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.subscribe("ana@customer.example", everyUpdate)
		opened := w.post(stakeholders.Opened, status.ImpactCritical)
		w.expand()
		w.record(w.claim(), notify.Permanent)
		if d := w.ledger(opened)["ana@customer.example"]; d.State != notify.Failed || d.Answer != "permanent" || d.Attempts != 1 {
			t.Errorf("ledger: %+v", d)
		}
		w.idle()
	})
}

func TestRetriesEndAtTheGreatestAge(t *testing.T) {
	for outcome, want := range map[notify.Outcome]notify.State{notify.Transient: notify.Failed, notify.Unavailable: notify.Failed, notify.UncertainSent: notify.Uncertain} {
		t.Run(string(outcome), func(t *testing.T) {
			eachWorld(t, func(t *testing.T, w *world) {
				w.subscribe("ana@customer.example", everyUpdate)
				opened := w.post(stakeholders.Opened, status.ImpactCritical)
				w.expand()
				w.record(w.claim(), notify.Transient)
				w.clock.Advance(notify.DefaultRetry().MaxAge)
				w.record(w.claim(), outcome)
				w.state(opened, "ana@customer.example", want)
				w.idle()
				if want == notify.Uncertain {
					w.post(stakeholders.Resolved, status.ImpactCritical)
					w.same("the end is owed", w.deliver(), "ana@customer.example: resolved")
					w.state(opened, "ana@customer.example", notify.Uncertain)
				}
			})
		})
	}
}

// More contacts than one statement may have parameters.
func TestLargeRegisterIsExpanded(t *testing.T) {
	if underRace {
		t.Skip("one goroutine; slow under the race detector")
	}
	eachWorld(t, func(t *testing.T, w *world) {
		const n = 2800 // with 12 columns more than SQLite's 32766 parameters
		var people, contacts []string
		for i := range n {
			people = append(people, fmt.Sprintf(`('id%[1]d', 'Person %[1]d', 'person', 'low', 'high', %[1]d, '', '', '', '', '', '', 0, 0, 0)`, i))
			contacts = append(contacts, fmt.Sprintf(`('c%[1]d', 'id%[1]d', 0, 'email', 's%[1]d@acme.example', '', FALSE, FALSE, '')`, i))
		}
		for _, statement := range []string{
			`INSERT INTO stakeholders (id, name, kind, power, interest, position, language, time_zone, quiet_hours, owner, notes,
			                           review_after, reviewed_at, created_at, updated_at)
			 VALUES ` + strings.Join(people, ","),
			`INSERT INTO contacts (id, stakeholder_id, position, channel, address, label, private, opted_in, contractual)
			 VALUES ` + strings.Join(contacts, ","),
		} {
			_, err := w.store.Raw().Exec(statement)
			w.must(err)
		}
		opened := w.post(stakeholders.Opened, status.ImpactCritical)
		if said := w.deliver(); len(said) != n {
			t.Errorf("%d were told, want %d", len(said), n)
		}
		if rows := w.ledger(opened); len(rows) != n {
			t.Errorf("%d in the ledger, want %d", len(rows), n)
		}
		w.idle()
	})
}

func TestHeldMessageSaysTheNewestButNothingTwice(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.stakeholder("monitor", low, low, nil, "m@acme.example") // opened: held 15 minutes; update: nothing
		w.post(stakeholders.Opened, status.ImpactCritical)
		w.expand()
		w.post(stakeholders.Identified, status.ImpactCritical)
		w.expand()
		w.clock.Advance(15 * time.Minute)
		w.post(stakeholders.Updated, status.ImpactCritical) // not expanded: who gets it is not known yet
		w.same("the newest that is worked out", words(w.claim()), "m@acme.example: identified")
	})
}

func TestComponentChangeTellsNobodyAndEndsAtOnce(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.many(1200, `{"every_update":true}`)
		w.do(func(tx *store.Tx) error {
			policy, err := tx.Policy(t.Context())
			if err != nil {
				return err
			}
			_, err = tx.Enqueue(t.Context(), notify.Notice{PolicyVersion: policy.Version, Occasion: stakeholders.Occasion{Event: stakeholders.ComponentChanged, Impact: status.ImpactCritical}})
			return err
		})
		if more, err := w.store.Expand(t.Context()); err != nil || !more {
			t.Fatal(more, err)
		}
		if n, err := w.store.Unexpanded(t.Context()); err != nil || n != 0 {
			t.Errorf("%d unexpanded after one stretch, %v", n, err)
		}
		if rows := w.ledger(0); len(rows) != 0 {
			t.Errorf("%d deliveries", len(rows))
		}
	})
}

func TestPanicInATransactionFreesTheConnection(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		func() {
			defer func() { _ = recover() }()
			_ = w.store.InTx(t.Context(), func(*store.Tx) error { panic("a fault") })
		}()
		w.subscribe("ana@customer.example", everyUpdate)
	})
}

func TestUnreadableEndpointStopsOnlyItself(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.subscribe("ana@customer.example", everyUpdate)
		w.subscribe("bo@customer.example", everyUpdate)
		_, err := w.store.Raw().Exec(`INSERT INTO endpoints (channel, address, sealed, created_at) VALUES ('email', 'ana@customer.example', 'torn', 0)`)
		w.must(err)
		opened := w.post(stakeholders.Opened, status.ImpactCritical)
		w.same("the other", w.deliver(), "bo@customer.example: opened")
		w.state(opened, "ana@customer.example", notify.Failed)
		w.idle()
	})
}
