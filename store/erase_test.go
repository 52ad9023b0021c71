package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// placesOfPeople are the columns that hold addresses or name people, and that
// erasing looks after. A new column of such a name belongs into Erase first.
var placesOfPeople = []string{
	"attempts.address", "bounces.address", "chunks.first_address", "chunks.last_address", "contacts.address", "contacts.label", "deliveries.address",
	"deliveries.person", "due_deliveries.address", "endpoints.address", "gatherings.address", "notices.cursor_address", "role_links.holder",
	"roles.contacts", "stakeholders.owner", "subscribers.address", "subscribers.email", "subscribers.label", "suppressions.address",
	"threads.address", "threads.person",
}

func TestEveryColumnWithAnAddressIsErased(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		query := `SELECT m.name || '.' || c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'`
		if w.store.Dialect() == "postgres" {
			query = `SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public'
				AND table_name IN (SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE')`
		}
		var columns []string
		w.must(w.store.Raw().Select(&columns, query))
		var found []string
		for _, c := range columns {
			_, name, _ := strings.Cut(c, ".")
			for _, word := range []string{"address", "email", "person", "contacts", "holder", "owner", "label", "recipient", "phone"} {
				if strings.Contains(name, word) && name != "lease_owner" && name != "stakeholder_id" {
					found = append(found, c)
					break
				}
			}
		}
		slices.Sort(found)
		if !slices.Equal(found, placesOfPeople) {
			t.Errorf("columns of people:\n got  %q\n want %q", found, placesOfPeople)
		}
	})
}

// TestErasingHoldsUpNobodyElse erases those at the edges of chunks in the middle
// of a fan-out.
func TestErasingHoldsUpNobodyElse(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.many(1100, `{"every_update":true}`)
		erase := func(address string) (done store.Erased, err error) {
			err = w.store.InTx(t.Context(), func(tx *store.Tx) error {
				done, err = tx.Erase(t.Context(), store.Erasure{Places: []store.Place{{Channel: stakeholders.Email, Address: address}}})
				return err
			})
			return done, err
		}
		address := func(i int) string { return fmt.Sprintf("p%07d@customer.example", i) }
		id := w.post(stakeholders.Opened, status.ImpactMajor)
		for range 3 { // the register, and two stretches of three
			_, err := w.store.Expand(t.Context())
			w.must(err)
		}
		gone := []string{}
		for _, i := range []int{0, 250, 499, 500, 999, 1050, 1099} {
			_, err := erase(address(i))
			w.must(err)
			w.whole()
			gone = append(gone, address(i))
		}
		w.expand()
		b := w.claim()
		flying := all(b)[0].Address
		if _, err := erase(flying); !errors.Is(err, store.ErrSending) {
			t.Errorf("erased while a message is on its way: %v", err)
		}
		w.recordSome(b, all(b)[:1], notify.Transient)
		w.recordSome(b, all(b)[1:], notify.Delivered)
		done, err := erase(flying)
		w.must(err)
		if done.Deliveries != 1 || done.Waiting != 1 || done.Attempts != 1 || done.Subscriptions != 1 {
			t.Errorf("erased %+v", done)
		}
		gone = append(gone, flying)
		heard := w.deliver()
		if n := len(heard) + b.Size() - 1; n != 1100-8 {
			t.Errorf("%d were told", n)
		}
		w.clock.Advance(time.Hour)
		w.post(stakeholders.Resolved, status.ImpactMajor)
		heard = append(heard, w.deliver()...)
		for _, address := range gone {
			if slices.ContainsFunc(heard, func(line string) bool { return strings.HasPrefix(line, address) }) {
				t.Errorf("%s was told", address)
			}
			for _, column := range placesOfPeople {
				table, name, _ := strings.Cut(column, ".")
				if n := w.count(`SELECT COUNT(*) FROM `+table+` WHERE `+name+` LIKE $1`, "%"+address+"%"); n != 0 {
					t.Errorf("%s still stands in %s", address, column)
				}
			}
		}
		if n := w.count(`SELECT COUNT(*) FROM deliveries WHERE notice_id = $1 AND state = 'suppressed' AND address LIKE 'erased:%' AND answer = 'erased'`, id); n == 0 {
			t.Error("the ledger does not say that those erased were not told")
		}
		w.idle()

		// Whatever list brings an address back, nothing is sent there.
		w.subscribe(gone[1], everyUpdate)
		w.clock.Advance(time.Hour)
		last := w.post(stakeholders.Opened, status.ImpactMajor)
		w.deliver()
		w.state(last, gone[1], notify.Suppressed)
		reason, err := w.store.Suppressed(t.Context(), stakeholders.Email, gone[1])
		if err != nil || reason != store.ErasedAddress {
			t.Errorf("suppressed for %q, %v", reason, err)
		}
		w.do(func(tx *store.Tx) error { return tx.Welcome(t.Context(), stakeholders.Email, gone[1]) })
		if reason, _ = w.store.Suppressed(t.Context(), stakeholders.Email, gone[1]); reason != "" {
			t.Errorf("who came back is suppressed for %q", reason)
		}
	})
}
