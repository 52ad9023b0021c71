package store_test

import (
	"errors"
	"testing"

	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/store/storetest"
)

// named is an entry of the register with one contact.
func named(id, name string) stakeholders.Stakeholder {
	return stakeholders.Stakeholder{ID: id, Name: name, Kind: stakeholders.Person, Power: stakeholders.Low, Interest: stakeholders.High, Components: []string{},
		Contacts: []stakeholders.Contact{{Channel: stakeholders.Email, Address: id + "@acme.example"}}}
}

// wantNames compares the names of the register.
func wantNames(t *testing.T, when string, register []stakeholders.Stakeholder, err error, names ...string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range register {
		got = append(got, s.Name)
	}
	if len(got) != len(names) {
		t.Fatalf("%s: the register is %v, want %v", when, got, names)
	}
	for i := range got {
		if got[i] != names[i] {
			t.Fatalf("%s: the register is %v, want %v", when, got, names)
		}
	}
}

func TestEveryReplicaReadsTheRegisterAsItIs(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		here, there := storetest.Open(t, url, nil), storetest.Open(t, url, nil)
		save := func(s *store.Store, entry stakeholders.Stakeholder) {
			t.Helper()
			if err := s.InTx(t.Context(), func(tx *store.Tx) error { return tx.SaveStakeholder(t.Context(), entry, 0) }); err != nil {
				t.Fatal(err)
			}
		}
		both := func(when string, names ...string) {
			t.Helper()
			for _, s := range []*store.Store{here, there, here} {
				register, err := s.Register(t.Context())
				wantNames(t, when, register, err, names...)
			}
		}
		both("empty")
		save(here, named("a", "Ana"))
		both("added here", "Ana")
		save(there, named("a", "Ana Lima"))
		both("changed there", "Ana Lima")

		// What a transaction sees of its own, and takes back, is nobody else's.
		undo := errors.New("undo")
		if err := here.InTx(t.Context(), func(tx *store.Tx) error {
			if err := tx.SaveStakeholder(t.Context(), named("b", "Bo"), 1); err != nil {
				return err
			}
			register, err := tx.Register(t.Context())
			wantNames(t, "inside", register, err, "Ana Lima", "Bo")
			return undo
		}); !errors.Is(err, undo) {
			t.Fatal(err)
		}
		both("taken back", "Ana Lima")
		save(there, named("c", "Cem"))
		both("added after that", "Ana Lima", "Cem")
		if err := there.InTx(t.Context(), func(tx *store.Tx) error { return tx.DeleteStakeholder(t.Context(), "a") }); err != nil {
			t.Fatal(err)
		}
		both("deleted", "Cem")
	})
}

func TestWhatIsDoneToTheRegisterThatWasReadIsNotKept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		if err := s.InTx(t.Context(), func(tx *store.Tx) error { return tx.SaveStakeholder(t.Context(), named("a", "Ana"), 0) }); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			register, err := s.Register(t.Context())
			wantNames(t, "read", register, err, "Ana")
			if got := register[0].Contacts[0].Endpoint; got != "" {
				t.Fatalf("the endpoint is %q", got)
			}
			register[0].Name, register[0].Contacts[0].Endpoint = "Somebody", "secret"
		}
	})
}
