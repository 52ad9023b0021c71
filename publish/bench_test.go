package publish_test

import (
	"database/sql"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store/storetest"
)

// BenchmarkPost measures what the person who posts waits for, with nobody and
// with 100,000 subscribers in 20 classes: the answer's time does not grow with
// the audience. Half of the posts open an incident, the others update it.
func BenchmarkPost(b *testing.B) {
	for _, database := range []string{"sqlite", "postgres"} {
		for _, n := range []int{0, 100_000} {
			b.Run(fmt.Sprintf("%s/%d", database, n), func(b *testing.B) { benchmarkPost(b, database, n) })
		}
	}
}

func benchmarkPost(b *testing.B, database string, n int) {
	url := ""
	if database == "sqlite" {
		url = storetest.SQLite(b)
	} else {
		url = storetest.Postgres(b)
	}
	s := storetest.Open(b, url, nil)
	p := publish.New(s, publish.Config{PublicURL: "https://status.acme.example", Key: storetest.Key(b), Log: slog.New(slog.DiscardHandler)})
	if _, err := p.ImportRegister(b.Context(), manager, publish.RegisterImport{Document: []byte(sampleRegister), Format: stakeholders.YAML}); err != nil {
		b.Fatal(err)
	}
	name := "Card payments"
	c, err := p.AddComponent(b.Context(), manager, publish.ComponentPatch{Name: &name})
	if err != nil {
		b.Fatal(err)
	}
	crowd(b, url, n)
	var times []time.Duration
	b.ResetTimer()
	for b.Loop() {
		opened, took := timed(b, func() (publish.Published, error) {
			return p.OpenIncident(b.Context(), manager, status.Post{Name: "Card payments fail", Body: "Card payments fail for all customers.", Notify: true,
				Components: []status.ComponentState{{ComponentID: c.ID, Status: status.MajorOutage}}})
		})
		_, again := timed(b, func() (publish.Published, error) {
			return p.PostUpdate(b.Context(), manager, opened.Incident.ID, status.Post{Body: "Still looking at it, no estimate yet.", Notify: true})
		})
		times = append(times, took, again)
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "ms/median")
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "ms/p99")
}

func timed(b *testing.B, act func() (publish.Published, error)) (publish.Published, time.Duration) {
	start := time.Now()
	done, err := act()
	if err != nil {
		b.Fatal(err)
	}
	return done, time.Since(start)
}

// crowd makes it n confirmed subscribers in 20 classes, by SQL.
func crowd(b testing.TB, url string, n int) {
	b.Helper()
	if n == 0 {
		return
	}
	driver, dsn := "postgres", url
	if path, ok := strings.CutPrefix(url, "sqlite://"); ok {
		driver, dsn = "sqlite", path
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	now := time.Now().Add(-time.Minute).UnixMicro()
	for i := range 20 {
		if _, err := db.Exec(`INSERT INTO subscriber_classes (channel, segment, preferences, confirmed) VALUES ('email', 'Customers', $1, $2)
			ON CONFLICT (channel, segment, preferences) DO UPDATE SET confirmed = excluded.confirmed`,
			fmt.Sprintf(`{"quiet_hours":"%d"}`, i), n/20); err != nil {
			b.Fatal(err)
		}
	}
	var first int64
	if err := db.QueryRow(`SELECT MIN(id) FROM subscriber_classes WHERE preferences = '{"quiet_hours":"0"}'`).Scan(&first); err != nil {
		b.Fatal(err)
	}
	if _, err := db.Exec(`
		WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $1)
		INSERT INTO subscribers (id, channel, address, class_id, basis, confirmed_at, unsubscribed_at, created_at, label, email)
		SELECT 's' || i, 'email', 'p' || i || '@customer.example', $2 + i % 20, '', $3, 0, $3, '', '' FROM n WHERE TRUE
		ON CONFLICT DO NOTHING`, n, first, now); err != nil {
		b.Fatal(err)
	}
}
