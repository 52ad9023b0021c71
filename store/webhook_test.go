package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// changed puts the notice about a component's change of state into the outbox.
func (w *world) changed(component string) (id int64) {
	w.f.Helper()
	w.do(func(tx *store.Tx) error {
		policy, err := tx.Policy(w.t.Context())
		if err != nil {
			return err
		}
		id, err = tx.Enqueue(w.t.Context(), notify.Notice{ComponentID: component, PolicyVersion: policy.Version, Priority: 1,
			Occasion: stakeholders.Occasion{Event: stakeholders.ComponentChanged, Impact: status.ImpactMajor, Components: []string{component}},
			Content:  notify.Content{Event: stakeholders.ComponentChanged, Language: "en"}})
		return err
	})
	return id
}

func (w *world) hook(id, url string) {
	w.f.Helper()
	w.do(func(tx *store.Tx) error {
		return tx.SaveSubscriber(w.t.Context(), stakeholders.Subscriber{ID: id, Segment: stakeholders.DefaultSegment, Email: id + "@customer.example",
			Contact:   stakeholders.Contact{Channel: stakeholders.Webhook, Address: "digest-" + id, Label: "hooks.example", Endpoint: url},
			CreatedAt: tx.Now(), ConfirmedAt: tx.Now()})
	})
}

func (w *world) claimHooks() notify.Batch {
	w.f.Helper()
	b, err := w.store.Claim(w.t.Context(), notify.Claim{Channel: stakeholders.Webhook, Lease: leaseTime, Limit: 100, DueFirst: true})
	w.must(err)
	return b
}

func TestWebhookOfASubscriberIsSealed(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		const url = "https://hooks.example/topsecret"
		w.hook("a", url)
		var sealed string
		w.must(w.store.Raw().Get(&sealed, `SELECT sealed FROM endpoints WHERE channel = 'webhook' AND address = 'digest-a'`))
		if sealed == "" || strings.Contains(sealed, "topsecret") || strings.Contains(sealed, "hooks") {
			t.Errorf("sealed is %q", sealed)
		}
		s, err := w.store.Subscriber(t.Context(), "a")
		if err != nil || s.Contact.Endpoint != "" || s.Contact.Label != "hooks.example" || s.Email != "a@customer.example" {
			t.Errorf("read back %+v, %v", s, err)
		}
		w.do(func(tx *store.Tx) error { return tx.SaveSubscriber(t.Context(), s) })
		if got, err := w.store.Endpoint(t.Context(), stakeholders.Webhook, "digest-a"); err != nil || got != url {
			t.Errorf("%q, %v", got, err)
		}
	})
}

func TestChangesOfComponentsDoNotSupersedeEachOther(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.subscribe("ana@customer.example", everyUpdate)
		w.hook("a", "https://hooks.example/a")
		w.clock.Advance(time.Second)
		search, payments := w.changed("search"), w.changed("payments")
		w.expand()
		w.state(search, "digest-a", notify.Pending)
		w.state(payments, "digest-a", notify.Pending)
		// Of one component the newer waits for what is being sent, and stands for
		// what is not.
		first := w.claimHooks()
		newer := w.changed("search")
		w.expand()
		w.state(search, "digest-a", notify.Sending)
		w.record(first, notify.Transient)
		w.state(search, "digest-a", notify.Superseded)
		for range 4 {
			if b := w.claimHooks(); b.Size() > 0 {
				w.record(b, notify.Delivered)
			}
			w.clock.Advance(2 * time.Second)
		}
		w.state(payments, "digest-a", notify.Sent)
		w.state(newer, "digest-a", notify.Sent)
		if got := len(w.ledger(0)); got != 1 {
			t.Errorf("somebody else was told: %v", w.ledger(0))
		}
		w.idle()
	})
}
