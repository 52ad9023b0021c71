package publish_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/store/storetest"
)

// cost is what an act asks of the database.
type cost struct{ statements, rows int64 }

// counted lets a post happen, or its preview, and says what it cost.
func counted(t *testing.T, act func(ctx context.Context) (publish.Published, error)) (publish.Published, cost) {
	t.Helper()
	tally := &store.Tally{}
	done, err := act(tally.Count(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	return done, cost{tally.Statements.Load(), tally.Rows.Load()}
}

// costs posts an incident and an update of it, and previews another; told is
// how many the start reaches.
func costs(t *testing.T, p *publish.Publisher, component string) (all [3]cost, told int64) {
	t.Helper()
	opening := status.Post{Name: "Card payments fail", Body: "Card payments fail for all customers.", Notify: true,
		Components: []status.ComponentState{{ComponentID: component, Status: status.MajorOutage}}}
	saying := status.Post{Body: "Still looking at it, no estimate yet.", Notify: true}
	if _, err := p.PreviewPost(t.Context(), manager, "", opening); err != nil { // reads what changed since
		t.Fatal(err)
	}
	opened, open := counted(t, func(ctx context.Context) (publish.Published, error) { return p.OpenIncident(ctx, manager, opening) })
	_, update := counted(t, func(ctx context.Context) (publish.Published, error) {
		return p.PostUpdate(ctx, manager, opened.Incident.ID, saying)
	})
	_, preview := counted(t, func(ctx context.Context) (publish.Published, error) {
		preview, err := p.PreviewPost(ctx, manager, opened.Incident.ID, saying)
		return preview.Published, err
	})
	for _, c := range opened.Audience.Told {
		told += c.N
	}
	return [3]cost{open, update, preview}, told
}

// TestPostAsksNoMoreOfTheDatabaseWithMoreToTell counts statements and rows, in
// place of measuring time.
func TestPostAsksNoMoreOfTheDatabaseWithMoreToTell(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		p := publish.New(storetest.Open(t, url, nil), publish.Config{PublicURL: "https://status.acme.example", Key: storetest.Key(t), Log: slog.New(slog.DiscardHandler)})
		name := "Card payments"
		component, err := p.AddComponent(t.Context(), manager, publish.ComponentPatch{Name: &name})
		if err != nil {
			t.Fatal(err)
		}
		audience := func(persons, subscribers int) [3]cost {
			t.Helper()
			if _, err := p.ImportRegister(t.Context(), manager, publish.RegisterImport{Document: entries(persons)}); err != nil {
				t.Fatal(err)
			}
			crowd(t, url, subscribers)
			all, told := costs(t, p, component.ID)
			if want := int64(persons + subscribers); told != want {
				t.Fatalf("%d are told, want %d", told, want)
			}
			return all
		}
		audience(1, 20) // the first incident also changes the component
		few, many := audience(2, 20), audience(100, 3000)
		if few != many {
			t.Errorf("opening, updating, previewing take %v (statements, rows) with 22 to tell and %v with 3,100", few, many)
		}
		if few[0].statements > 35 || few[1].statements > 35 {
			t.Errorf("opening and updating are %v statements", few)
		}
	})
}

// entries is a register of n persons who are managed closely.
func entries(n int) []byte {
	var text strings.Builder
	text.WriteString("stakeholders:\n")
	for i := range n {
		fmt.Fprintf(&text, "  - {name: Person %d, power: high, interest: high, contacts: [{email: person%d@acme.example}]}\n", i, i)
	}
	return []byte(text.String())
}
