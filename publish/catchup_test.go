package publish_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/internal/clock"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/store/storetest"
)

func TestWhoEntersLateIsCaughtUpOnce(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		w.importRegister(sampleRegister)
		w.ask("late@customer.example", publish.Wishes{})
		w.ask("elsewhere@customer.example", publish.Wishes{Components: []string{w.search.ID}})
		w.ask("mild@customer.example", publish.Wishes{LeastImpact: "critical"})
		done := w.open(status.MajorOutage)
		w.step()

		for _, address := range []string{"late@customer.example", "elsewhere@customer.example", "mild@customer.example"} {
			w.confirm(w.confirmToken(address))
		}
		equal(t, "when they confirm", w.step(), "10:45 late@customer.example: catch_up", "10:45 mild@customer.example: catch_up")
		w.confirm(w.confirmToken("late@customer.example"))
		equal(t, "when one confirms again", w.step())

		c.Advance(time.Hour)
		w.update(done.Incident.ID, status.Post{Status: status.Resolved, Body: "Card payments work again."})
		got := strings.Join(w.step(), "\n")
		for _, who := range []string{"late@customer.example: resolved", "mild@customer.example: resolved"} {
			if !strings.Contains(got, who) {
				t.Errorf("the end goes to\n%s\nwithout %s", got, who)
			}
		}
		w.ask("later@customer.example", publish.Wishes{})
		w.step()
		w.confirm(w.confirmToken("later@customer.example"))
		equal(t, "who enters when it is over", w.step())
	})
}

func TestAWiderWishAndANewEntryAreCaughtUp(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		w.importRegister(sampleRegister)
		w.subscribe("search@customer.example", true, w.search.ID)
		w.open(status.MajorOutage)
		w.step()

		if err := w.publisher.SavePreferences(t.Context(), w.preferencesToken("search@customer.example"), publish.Wishes{}); err != nil {
			t.Fatal(err)
		}
		equal(t, "who widens", w.step(), "10:45 search@customer.example: catch_up")
		w.importRegister(sampleRegister + `
  - name: Legal
    kind: team
    power: high
    interest: high
    contacts:
      - email: legal@acme.example
`)
		equal(t, "who is put into the register", w.step(), "10:45 legal@acme.example: catch_up")
		w.importRegister(sampleRegister)
		equal(t, "who is taken out", w.step())
	})
}

func TestNobodyIsCaughtUpWithWhatWasSilent(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		post := status.Post{Name: "Card payments fail", Body: "Card payments fail for everybody.", Components: []status.ComponentState{{ComponentID: w.payments.ID, Status: status.MajorOutage}}}
		if _, err := w.publisher.OpenIncident(t.Context(), manager, post); err != nil {
			t.Fatal(err)
		}
		w.subscribe("late@customer.example", true)
		equal(t, "a silent incident", w.step())
	})
}

func TestACatchUpThatIsHeldGivesWayToWhatIsNewer(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		w.importRegister(sampleRegister)
		done := w.open(status.MajorOutage)
		w.step()
		w.importRegister(sampleRegister + `
  - name: Works council
    kind: team
    power: low
    interest: low
    contacts:
      - email: council@acme.example
        opted_in: true
`)
		equal(t, "at first", w.step())
		c.Advance(5 * time.Minute)
		w.update(done.Incident.ID, status.Post{Status: status.Resolved, Body: "Card payments work again."})
		if told(w.step(), "council@acme.example") {
			t.Error("who was told of no start is told of the end")
		}
		c.Advance(time.Hour)
		equal(t, "later", w.step())
	})
}

// At night in Madrid: one incident ends, one was critical, one goes on.
func TestASummaryComesWhenQuietHoursEnd(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		w.importRegister(`
stakeholders:
  - name: Ana
    power: high
    interest: low
    time_zone: Europe/Madrid
    quiet_hours: 22:00-07:00
    contacts:
      - email: ana@acme.example
  - name: Berta
    power: high
    interest: high
    time_zone: Europe/Madrid
    quiet_hours: 22:00-07:00
    contacts:
      - email: berta@acme.example
  - name: Carl
    power: high
    interest: low
    time_zone: Europe/Madrid
    quiet_hours: 22:00-07:00
    contacts:
      - email: carl@acme.example
`)
		setClock(c, time.Date(2027, 3, 27, 22, 30, 0, 0, time.UTC)) // half past eleven; the clocks change at two
		short := w.open(status.PartialOutage)
		worst := w.open(status.MajorOutage)
		long := w.open(status.PartialOutage)
		equal(t, "at night", w.colleagues(), "22:30 berta@acme.example: opened")
		c.Advance(time.Hour)
		w.update(short.Incident.ID, status.Post{Status: status.Resolved, Body: "Card payments work again."})
		w.update(worst.Incident.ID, status.Post{Status: status.Resolved, Body: "Card payments work again."})
		equal(t, "in the middle of it", w.colleagues(), "23:30 berta@acme.example: resolved")
		setClock(c, time.Date(2027, 3, 28, 4, 59, 59, 0, time.UTC))
		equal(t, "just before seven", w.colleagues())
		setClock(c, time.Date(2027, 3, 28, 5, 0, 0, 0, time.UTC))
		// Ana and Carl read of the critical one and the open one; Berta, who knows
		// of the first, of the open one alone.
		equal(t, "at seven", w.colleagues(), "05:00 ana@acme.example: quiet_summary", "05:00 berta@acme.example: opened", "05:00 carl@acme.example: quiet_summary")
		w.update(long.Incident.ID, status.Post{Status: status.Resolved, Body: "Search works again."})
		equal(t, "by day", w.colleagues(), "05:00 ana@acme.example: resolved", "05:00 berta@acme.example: resolved", "05:00 carl@acme.example: resolved")
	})
}

func (w *world) importRegister(document string) {
	w.t.Helper()
	if _, err := w.publisher.ImportRegister(w.t.Context(), manager, publish.RegisterImport{Document: []byte(document)}); err != nil {
		w.t.Fatal(err)
	}
}

func setClock(c *clock.Manual, at time.Time) { c.Advance(at.Sub(c.Now())) }

// colleagues is what the register's people get of a step.
func (w *world) colleagues() []string {
	w.t.Helper()
	return slices.DeleteFunc(w.step(), func(line string) bool { return strings.Contains(line, "@customer.example") })
}
