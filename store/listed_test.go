package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/allclear-status/allclear/internal/clock"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/store/storetest"
)

// company is a small register and its addresses, on two replicas.
type company struct {
	t      *testing.T
	clock  *clock.Manual
	stores []*store.Store
	random *rand.Rand
}

var errUndo = errors.New("undo")

// mail is one of few addresses, so that entries and subscriptions meet on them.
func (c *company) mail() stakeholders.Contact {
	return stakeholders.Contact{Channel: stakeholders.Email, Address: fmt.Sprintf("p%d@acme.example", c.random.IntN(3))}
}

// acts are what changes who of the register subscribed, left or is not sent to.
var acts = []struct {
	name string
	do   func(c *company, tx *store.Tx) error
}{
	{"put into the register", (*company).place},
	{"take out of the register", func(c *company, tx *store.Tx) error {
		return ignore(tx.DeleteStakeholder(c.t.Context(), fmt.Sprint("e", c.random.IntN(3))))
	}},
	{"subscribe", (*company).subscribe}, {"subscribe", (*company).subscribe}, {"subscribe", (*company).subscribe},
	{"leave", func(c *company, tx *store.Tx) error {
		a := c.mail()
		if err := tx.Suppress(c.t.Context(), a.Channel, a.Address, store.Unsubscribed); err != nil {
			return err
		}
		return tx.Unsubscribe(c.t.Context(), a.Channel, a.Address)
	}},
	{"take off the subscribers", func(c *company, tx *store.Tx) error {
		a := c.mail()
		if err := tx.Unsubscribe(c.t.Context(), a.Channel, a.Address); err != nil {
			return err
		}
		return tx.Suppress(c.t.Context(), a.Channel, a.Address, store.Removed)
	}},
	{"unsubscribe", func(c *company, tx *store.Tx) error {
		a := c.mail()
		return tx.Unsubscribe(c.t.Context(), a.Channel, a.Address)
	}},
	{"suppress", func(c *company, tx *store.Tx) error {
		a := c.mail()
		return tx.Suppress(c.t.Context(), a.Channel, a.Address, []string{"no such mailbox", store.Quarantined}[c.random.IntN(2)])
	}},
	{"come back", func(c *company, tx *store.Tx) error {
		a := c.mail()
		return tx.Welcome(c.t.Context(), a.Channel, a.Address)
	}},
	{"lift a suppression", func(c *company, tx *store.Tx) error {
		a := c.mail()
		return ignore(tx.LiftSuppression(c.t.Context(), a.Channel, a.Address))
	}},
	{"welcome the registered", func(c *company, tx *store.Tx) error { return tx.WelcomeRegistered(c.t.Context()) }},
	{"quarantine", func(c *company, tx *store.Tx) error {
		s, err := c.known(tx)
		if err != nil || s.ID == "" {
			return err
		}
		s.QuarantinedAt = tx.Now()
		if err := tx.SaveSubscriber(c.t.Context(), s); err != nil {
			return err
		}
		return tx.Suppress(c.t.Context(), s.Contact.Channel, s.Contact.Address, store.Quarantined)
	}},
	{"delete who was never told", func(c *company, tx *store.Tx) error {
		s, err := c.known(tx)
		if err != nil || s.ID == "" {
			return err
		}
		return tx.DeleteUntold(c.t.Context(), s)
	}},
	{"erase", func(c *company, tx *store.Tx) error {
		a := c.mail()
		_, err := tx.Erase(c.t.Context(), store.Erasure{Places: []store.Place{{Channel: a.Channel, Address: a.Address}}})
		return err
	}},
}

func ignore(err error) error {
	if errors.Is(err, status.ErrNotFound) {
		return nil
	}
	return err
}

// place makes or changes an entry with one or two addresses; entries may share
// them.
func (c *company) place(tx *store.Tx) error {
	id := fmt.Sprint("e", c.random.IntN(3))
	s := stakeholders.Stakeholder{ID: id, Name: id, Kind: stakeholders.Person, Power: stakeholders.Low, Interest: stakeholders.High, Contacts: []stakeholders.Contact{c.mail()}}
	if other := c.mail(); other.Address != s.Contacts[0].Address {
		s.Contacts = append(s.Contacts, other)
	}
	return tx.SaveStakeholder(c.t.Context(), s, 0)
}

// subscribe makes a subscription, or changes one: confirmed or not, in quarantine
// or not, with other wishes.
func (c *company) subscribe(tx *store.Tx) error {
	s, err := c.known(tx)
	if err != nil {
		return err
	}
	if s.ID == "" {
		s = stakeholders.Subscriber{ID: store.NewID(), Contact: c.mail(), Segment: stakeholders.DefaultSegment, CreatedAt: tx.Now()}
		if _, err := tx.SubscriberAt(c.t.Context(), s.Contact.Channel, s.Contact.Address); !errors.Is(err, status.ErrNotFound) {
			return err
		}
	}
	s.Preferences.EveryUpdate, s.UnsubscribedAt = c.random.IntN(2) == 0, time.Time{}
	s.ConfirmedAt = []time.Time{{}, tx.Now(), tx.Now()}[c.random.IntN(3)]
	s.QuarantinedAt = []time.Time{{}, {}, {}, tx.Now()}[c.random.IntN(4)]
	return tx.SaveSubscriber(c.t.Context(), s)
}

// known is the subscriber of one of the addresses; without an id, there is none.
func (c *company) known(tx *store.Tx) (stakeholders.Subscriber, error) {
	a := c.mail()
	s, err := tx.SubscriberAt(c.t.Context(), a.Channel, a.Address)
	return s, ignore(err)
}

// check compares what every replica kept with what the database says.
func (c *company) check(when string) {
	c.t.Helper()
	for _, before := range []time.Time{c.clock.Now(), c.clock.Now().Add(-90 * time.Second)} {
		for n, s := range c.stores {
			want, err := s.ListedAnew(c.t.Context(), before)
			if err != nil {
				c.t.Fatal(err)
			}
			got, err := s.Listed(c.t.Context(), before)
			if err != nil {
				c.t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				c.t.Fatalf("%s: replica %d keeps\n%+v\nthe database says\n%+v", when, n, got, want)
			}
		}
	}
}

// TestWhatIsKeptOfTheRegisterIsWhatTheDatabaseSays lets everything happen that
// changes who of the register is told besides, in any order and on either
// replica, also what is taken back.
func TestWhatIsKeptOfTheRegisterIsWhatTheDatabaseSays(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		c := &company{t: t, clock: clock.NewManual(storetest.Start), random: rand.New(rand.NewPCG(7, 11))}
		c.stores = []*store.Store{storetest.Open(t, url, c.clock), storetest.Open(t, url, c.clock)}
		c.check("empty")
		for n := range 160 {
			c.clock.Advance(time.Minute)
			act, undone := acts[c.random.IntN(len(acts))], c.random.IntN(6) == 0
			err := c.stores[c.random.IntN(2)].InTx(t.Context(), func(tx *store.Tx) error {
				if err := act.do(c, tx); err != nil {
					return err
				}
				if _, err := tx.Listed(t.Context(), tx.Now()); err != nil { // reads what is not committed yet
					return err
				}
				if undone {
					return errUndo
				}
				return nil
			})
			if err != nil && !errors.Is(err, errUndo) {
				t.Fatalf("%d, %s: %v", n, act.name, err)
			}
			c.check(fmt.Sprintf("%d, %s, undone %v", n, act.name, undone))
		}
	})
}

// TestAnAddressIsListedAndSubscribedAtOnce lets an address enter the register and
// be subscribed in two transactions that overlap: whoever comes second sees the
// first.
func TestAnAddressIsListedAndSubscribedAtOnce(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		c := &company{t: t, clock: clock.NewManual(storetest.Start)}
		c.stores = []*store.Store{storetest.Open(t, url, c.clock), storetest.Open(t, url, c.clock)}
		c.check("empty")
		contact := stakeholders.Contact{Channel: stakeholders.Email, Address: "ana@acme.example"}
		subscribed, release, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
		let := sync.OnceFunc(func() { close(release) })
		defer let()
		if err := c.stores[0].InTx(t.Context(), func(tx *store.Tx) error {
			if err := tx.SaveStakeholder(t.Context(), stakeholders.Stakeholder{ID: "a", Name: "Ana", Kind: stakeholders.Person,
				Power: stakeholders.High, Interest: stakeholders.High, Contacts: []stakeholders.Contact{contact}}, 0); err != nil {
				return err
			}
			go func() {
				done <- c.stores[1].InTx(t.Context(), func(tx *store.Tx) error {
					err := tx.SaveSubscriber(t.Context(), stakeholders.Subscriber{ID: "s", Contact: contact, Segment: stakeholders.DefaultSegment,
						CreatedAt: tx.Now(), ConfirmedAt: tx.Now()})
					close(subscribed)
					<-release
					return err
				})
			}()
			select { // it waits for us; where it did not, it would be read below
			case <-subscribed:
			case <-time.After(20 * time.Millisecond):
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		c.check("registered")
		let()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		c.check("subscribed")
		known, err := c.stores[0].Listed(t.Context(), c.clock.Now())
		if err != nil || len(known.Subscriptions) != 1 {
			t.Errorf("%d subscriptions are known, %v", len(known.Subscriptions), err)
		}
	})
}
