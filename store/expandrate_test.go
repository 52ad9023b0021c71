package store_test

import (
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// TestExpandRate measures how fast an audience is written: of a start, of an
// update to who was told of it, and of the end. It asserts nothing and runs
// only by "make bench-expand N=200000".
func TestExpandRate(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("ALLCLEAR_BENCH_EXPAND"))
	if err != nil {
		t.Skip("run by make bench-expand")
	}
	eachWorld(t, func(t *testing.T, w *world) {
		for i := range 20 { // classes
			w.many(n/20, `{"components":["`+strconv.Itoa(i)+`","payments"]}`)
		}
		w.clock.Advance(time.Minute)
		for _, event := range []stakeholders.Event{stakeholders.Opened, stakeholders.Identified, stakeholders.Resolved} {
			w.clock.Advance(2 * time.Hour)
			id := w.postWith(event, status.ImpactCritical, stakeholders.Occasion{Components: []string{"payments"}})
			start := time.Now()
			w.expand()
			took := time.Since(start)
			var rows int
			w.must(w.store.Raw().Get(&rows, `SELECT COUNT(*) FROM deliveries WHERE notice_id = $1`, id))
			t.Logf("%-10s %d deliveries in %s: %.0f a second", event, rows, took.Round(time.Millisecond), float64(rows)/took.Seconds())
			for _, statement := range []string{ // as if all were sent
				`UPDATE deliveries SET state = 'sent', sent_at = 1`, `DELETE FROM chunks`,
				`UPDATE threads SET told_at = 1, told_id = waiting_id, waiting_id = 0`,
			} {
				_, err := w.store.Raw().Exec(statement)
				w.must(err)
			}
		}
	})
}
