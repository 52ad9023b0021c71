package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// addComponent adds a component with a name of its own.
func (w *world) addComponent(id, name string) {
	w.f.Helper()
	w.do(func(tx *store.Tx) error {
		_, err := tx.AddComponent(w.t.Context(), status.Component{ID: id, Name: name, Status: status.Operational})
		return err
	})
}

func TestMessagesKnowWhyTheyAreSent(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.addComponent("checkout", "Checkout")
		w.addComponent("payments", "Payments")
		w.do(func(tx *store.Tx) error {
			return tx.SaveStakeholder(t.Context(), stakeholders.Stakeholder{ID: "support", Name: "Customer support", Kind: stakeholders.Team, Power: low, Interest: high,
				Owner: "Priya Nair", Components: []string{"payments", "gone"}, Contacts: []stakeholders.Contact{{Channel: stakeholders.Email, Address: "support@acme.example"}}}, 1)
		})
		w.stakeholder("Management", high, high, nil, "m@acme.example")
		w.subscribe("all@customer.example", stakeholders.Preferences{})
		w.subscribe("some@customer.example", stakeholders.Preferences{Components: []string{"checkout", "payments"}})
		w.postWith(stakeholders.Opened, status.ImpactCritical, stakeholders.Occasion{Components: []string{"payments"}})
		w.expand()
		got := map[string]string{}
		for range 4 {
			b := w.claim()
			for _, g := range b.Groups {
				for _, o := range g.To {
					got[o.Address] = fmt.Sprintf("%q %q %q", o.Entry, o.Owner, o.Follows)
				}
			}
			w.record(b, notify.Delivered)
		}
		for address, want := range map[string]string{
			"m@acme.example":        `"Management" "" []`,
			"support@acme.example":  `"Customer support" "Priya Nair" ["Payments"]`,
			"all@customer.example":  `"" "" []`,
			"some@customer.example": `"" "" ["Checkout" "Payments"]`,
		} {
			if got[address] != want {
				t.Errorf("%s: %s, want %s", address, got[address], want)
			}
		}
	})
}

func TestWhoIsToldLateIsToldAStart(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.stakeholder("management", high, high, nil, "m@acme.example")
		w.post(stakeholders.Opened, status.ImpactMajor)
		w.expand()
		first := func(want map[string]bool) {
			t.Helper()
			for n := 0; n < len(want); {
				b := w.claim()
				if b.Size() == 0 {
					t.Fatalf("nothing more to send after %d of %v", n, want)
				}
				for _, g := range b.Groups {
					for _, o := range g.To {
						n++
						if g.Text.First != want[o.Address] {
							t.Errorf("%s: first %v", o.Address, g.Text.First)
						}
					}
				}
				w.record(b, notify.Delivered)
			}
		}
		first(map[string]bool{"m@acme.example": true})
		w.stakeholder("developers", low, high, nil, "dev@acme.example") // after the start
		w.clock.Advance(time.Hour)
		w.post(stakeholders.Updated, status.ImpactMajor)
		w.expand()
		first(map[string]bool{"m@acme.example": false, "dev@acme.example": true})
	})
}
