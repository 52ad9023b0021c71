package web

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/allclear-status/allclear/status"
)

// testNow is when the tests take place.
func testNow() time.Time { return time.Date(2026, 11, 21, 10, 44, 0, 0, time.UTC) }

func at(hour, minute int) time.Time { return time.Date(2026, 11, 21, hour, minute, 0, 0, time.UTC) }

// calmRecord is a company with three groups, everything working, and a past.
func calmRecord() status.Record {
	born := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	part := func(id, name, group string, position int) status.Component {
		return status.Component{ID: id, Name: name, Status: status.Operational, GroupID: group, Position: position, Showcase: true, CreatedAt: born, UpdatedAt: born}
	}
	group := func(id, name string, position int) status.Group {
		return status.Group{ID: id, Name: name, Position: position, CreatedAt: born, UpdatedAt: born}
	}
	r := status.Record{
		Page:   status.Page{ID: "dm4k2t8vxq1z", Name: "Kestrel & Co", URL: "https://status.kestrel.example", TimeZone: "UTC", Language: "en", Version: 7, CreatedAt: born, UpdatedAt: at(9, 12)},
		Groups: []status.Group{group("gpay00000001", "Payments", 1), group("gshp00000002", "Shop", 2)},
		Components: []status.Component{
			part("c7x2m9tq4kvz", "Card payments", "gpay00000001", 1),
			part("c0bnktrnsfr1", "Bank transfer", "gpay00000001", 2),
			part("c0wbsht00001", "Website", "gshp00000002", 1),
			part("c0srch000001", "Search", "gshp00000002", 2),
			part("c0chckt00001", "Checkout", "gshp00000002", 3),
			part("c0sppt000001", "Support desk", "", 3),
			part("c0xprt000001", "Nightly export", "", 4),
		},
		Incidents: []status.Incident{pastIncident()},
	}
	r.Components[0].Description = "Visa, Mastercard and American Express"
	r.Components[6].OnlyShowIfDegraded = true
	return r
}

func pastIncident() status.Incident {
	day := func(hour, minute int) time.Time { return time.Date(2026, 11, 17, hour, minute, 0, 0, time.UTC) }
	return status.Incident{
		ID: "b1c2d3f4g5h6", Number: 1, Name: "Search results are incomplete", Status: status.Resolved,
		Impact: status.ImpactMinor, HighestImpact: status.ImpactMinor,
		CreatedAt: day(14, 5), StartedAt: day(14, 5), UpdatedAt: day(15, 40), MonitoringAt: day(15, 10), ResolvedAt: day(15, 40),
		Affected: []status.Affected{{ComponentID: "c0srch000001", Graded: status.DegradedPerformance}},
		Updates: []status.Update{
			{ID: "p1p1p1p1p1p1", IncidentID: "b1c2d3f4g5h6", Status: status.Investigating, Body: "Search shows only some of the products. Browsing by category shows all of them.", CreatedAt: day(14, 5), UpdatedAt: day(14, 5), DisplayAt: day(14, 5), Notify: true,
				Changes: []status.ComponentChange{{ComponentID: "c0srch000001", Name: "Shop - Search", Old: status.Operational, New: status.DegradedPerformance}}},
			{ID: "p2p2p2p2p2p2", IncidentID: "b1c2d3f4g5h6", Status: status.Monitoring, Body: "All products can be found again. We are watching.", CreatedAt: day(15, 10), UpdatedAt: day(15, 10), DisplayAt: day(15, 10), Notify: true, Changes: []status.ComponentChange{}},
			{ID: "p3p3p3p3p3p3", IncidentID: "b1c2d3f4g5h6", Status: status.Resolved, Body: "Search works as usual since 15:10 UTC. Nothing was lost; no order was affected.", CreatedAt: day(15, 40), UpdatedAt: day(15, 40), DisplayAt: day(15, 40), Notify: true,
				Changes: []status.ComponentChange{{ComponentID: "c0srch000001", Name: "Shop - Search", Old: status.DegradedPerformance, New: status.Operational}}},
		},
	}
}

// troubledRecord is the same company with card payments down since 10:42.
func troubledRecord() status.Record {
	r := calmRecord()
	r.Page.Version, r.Page.UpdatedAt = 9, at(10, 44)
	r.Components[0].Status = status.MajorOutage
	r.Components[4].Status = status.DegradedPerformance
	open := status.Incident{
		ID: "k7l8m9n0p1q2", Number: 2, Name: "Card payments fail", Status: status.Identified,
		Impact: status.ImpactCritical, HighestImpact: status.ImpactCritical,
		CreatedAt: at(10, 42), StartedAt: at(10, 42), UpdatedAt: at(10, 44), NextUpdateDueAt: at(10, 59),
		Affected: []status.Affected{{ComponentID: "c7x2m9tq4kvz", Graded: status.MajorOutage}, {ComponentID: "c0chckt00001", Graded: status.DegradedPerformance}},
		Updates: []status.Update{
			{ID: "t1t1t1t1t1t1", IncidentID: "k7l8m9n0p1q2", Status: status.Investigating, Body: "Card payments fail for all customers since 10:42 UTC. Bank transfer works.", CreatedAt: at(10, 42), UpdatedAt: at(10, 42), DisplayAt: at(10, 42), Notify: true, NextUpdateDueAt: at(10, 57),
				Changes: []status.ComponentChange{{ComponentID: "c7x2m9tq4kvz", Name: "Payments - Card payments", Old: status.Operational, New: status.MajorOutage}}},
			{ID: "t2t2t2t2t2t2", IncidentID: "k7l8m9n0p1q2", Status: status.Identified, Body: "We know why card payments fail, and our payment partner is working on it with us. **Bank transfer works.**\n\nOrders placed with a card since 10:42 UTC were not charged. You can place them again by bank transfer, or later by card.", CreatedAt: at(10, 44), UpdatedAt: at(10, 44), DisplayAt: at(10, 44), Notify: true, NextUpdateDueAt: at(10, 59),
				Changes: []status.ComponentChange{{ComponentID: "c0chckt00001", Name: "Checkout", Old: status.Operational, New: status.DegradedPerformance}}},
		},
	}
	r.Incidents = append([]status.Incident{open}, r.Incidents...)
	return r
}

// bench is a site over a record that the test may change.
type bench struct {
	*Site
	record atomic.Pointer[status.Record]
	now    atomic.Pointer[time.Time]
	loads  atomic.Int64
}

// newBench makes a site with its first snapshot in place.
func newBench(t testing.TB, record status.Record, change ...func(*Options)) *bench {
	t.Helper()
	b := &bench{}
	b.set(record)
	b.setNow(testNow())
	options := Options{
		Load: func(context.Context) (status.Record, error) {
			b.loads.Add(1)
			return *b.record.Load(), nil
		},
		Now: func() time.Time { return *b.now.Load() },
		Log: slog.New(slog.DiscardHandler),
	}
	for _, c := range change {
		c(&options)
	}
	b.Site = New(options)
	if err := b.Refresh(context.Background(), record.Page.Version); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) set(r status.Record)  { b.record.Store(&r) }
func (b *bench) setNow(now time.Time) { b.now.Store(&now) }
