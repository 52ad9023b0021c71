package publish_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store/storetest"
)

// BenchmarkUpdateWithALargeRegister measures an update of a minor incident with
// 1,000 entries in all four quadrants and 20,000 subscribers, without the page.
func BenchmarkUpdateWithALargeRegister(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchmarkUpdate(b, storetest.SQLite(b)) })
	b.Run("postgres", func(b *testing.B) { benchmarkUpdate(b, storetest.Postgres(b)) })
}

func benchmarkUpdate(b *testing.B, url string) {
	p := publish.New(storetest.Open(b, url, nil), publish.Config{PublicURL: "https://status.acme.example", Key: storetest.Key(b), Log: slog.New(slog.DiscardHandler)})
	if _, err := p.ImportRegister(b.Context(), manager, publish.RegisterImport{Document: everyQuadrant(1000)}); err != nil {
		b.Fatal(err)
	}
	name := "Card payments"
	c, err := p.AddComponent(b.Context(), manager, publish.ComponentPatch{Name: &name})
	if err != nil {
		b.Fatal(err)
	}
	crowd(b, url, 20_000)
	open := func() (publish.Published, error) {
		return p.OpenIncident(b.Context(), manager, status.Post{Name: "Card payments fail", Body: "Card payments fail for all customers.", Notify: true,
			Components: []status.ComponentState{{ComponentID: c.ID, Status: status.DegradedPerformance}}})
	}
	var incident string
	var times []time.Duration
	b.ReportAllocs()
	for b.Loop() {
		if len(times)%6 == 0 {
			b.StopTimer()
			opened, _ := timed(b, open)
			incident = opened.Incident.ID
			b.StartTimer()
		}
		_, took := timed(b, func() (publish.Published, error) {
			return p.PostUpdate(b.Context(), manager, incident, status.Post{Body: "Still looking at it, no estimate yet.", Notify: true})
		})
		times = append(times, took)
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "ms/median")
	b.ReportMetric(float64(times[len(times)/10].Microseconds())/1000, "ms/fastest-tenth")
}

// everyQuadrant is a register of n persons, of whom 1 in 20 is managed closely.
func everyQuadrant(n int) []byte {
	var text bytes.Buffer
	text.WriteString("stakeholders:\n")
	for i := range n {
		power, interest := "low", "low"
		switch at := i % 20; {
		case at == 0:
			power, interest = "high", "high"
		case at < 3:
			power = "high"
		case at < 9:
			interest = "high"
		}
		fmt.Fprintf(&text, "  - {name: Person %d, power: %s, interest: %s, contacts: [{email: person%d@acme.example}]}\n", i, power, interest, i)
	}
	return text.Bytes()
}
