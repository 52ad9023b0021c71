package publish_test

import (
	"errors"
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

// wish saves what somebody who confirmed chooses.
func (w *world) wish(address string, wishes publish.Wishes) {
	w.t.Helper()
	if err := w.publisher.SavePreferences(w.t.Context(), w.preferencesToken(address), wishes); err != nil {
		w.t.Fatal(err)
	}
	w.classesAgree()
}

func TestEverybodyIsWrittenToInTheirLanguage(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		const eva = "eva@customer.example"
		spoken := func(what, want string) {
			t.Helper()
			if got := w.step(); !told(got, eva) || w.sink.spoken[eva] != want {
				t.Errorf("%s: %v, in %q, want %q", what, got, w.sink.spoken[eva], want)
			}
			w.classesAgree()
		}
		w.ask(eva, publish.Wishes{Language: "de"})
		spoken("the question", "de")
		w.confirm(w.confirmToken(eva))
		c.Advance(time.Minute)
		w.open(status.MajorOutage)
		spoken("an incident", "de")
		c.Advance(time.Minute)
		w.ask(eva, publish.Wishes{Language: "es"})
		spoken("that a stranger asked", "de")
		w.wish(eva, publish.Wishes{Language: "fr"})
		c.Advance(time.Minute)
		w.open(status.MajorOutage)
		spoken("after the choice", "fr")
		w.wish(eva, publish.Wishes{})
		c.Advance(time.Minute)
		w.open(status.MajorOutage)
		spoken("without a choice", "en")
	})
}

func TestWhatSubscribersWishOfTimeIsKept(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) { // it is 10:45 UTC
		w := newWorld(t, s, c)
		const quiet, daily = "quiet@customer.example", "daily@customer.example"
		for _, address := range []string{quiet, daily} {
			w.subscribe(address, true)
		}
		w.wish(quiet, publish.Wishes{QuietHours: "9:00-14:00", TimeZone: "Europe/Madrid"})
		w.wish(daily, publish.Wishes{DailyDigest: true, TimeZone: "America/New_York"})
		if p := w.subscriber(quiet).Preferences; p.QuietHours != "09:00-14:00" {
			t.Errorf("stored %+v", p)
		}
		opened := w.open(status.MajorOutage)
		if got := w.step(); told(got, quiet) || told(got, daily) {
			t.Errorf("at once: %v", got)
		}
		c.Advance(2*time.Hour + 16*time.Minute) // 14:01 in Madrid
		got := append(w.step(), w.step()...)
		if !slices.Contains(got, c.Now().Format("15:04")+" "+quiet+": opened") || told(got, daily) {
			t.Errorf("when the quiet hours end: %v", got)
		}
		w.update(opened.Incident.ID, status.Post{Body: "Still looking."})
		c.Advance(time.Hour) // 09:01 in New York
		if got := append(w.step(), w.step()...); !slices.Contains(got, c.Now().Format("15:04")+" "+daily+": update") || slices.Contains(got, c.Now().Format("15:04")+" "+daily+": opened") {
			t.Errorf("at the digest hour: %v", got)
		}
		why, err := w.publisher.Why(t.Context(), "INC-1", daily)
		if err != nil || len(why) != 2 || !strings.HasPrefix(why[0].Words, "Put together with others in one message (notice ") || !strings.HasPrefix(why[1].Words, "Told at 14:01") {
			t.Errorf("why: %+v, %v", why, err)
		}
	})
}

func TestWishesThatContradictAreRefusedByField(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		before := w.subscriber("ana@customer.example").Preferences
		for field, wishes := range map[string]publish.Wishes{
			"components":   {Components: []string{"gone"}},
			"least_impact": {LeastImpact: "huge"},
			"every_update": {EveryUpdate: true, StartAndEndOnly: true},
			"daily_digest": {EveryUpdate: true, DailyDigest: true},
			"quiet_hours":  {QuietHours: "22:00-"},
			"time_zone":    {TimeZone: "Local"},
			"language":     {Language: "tlh"},
		} {
			var bad *status.Invalid
			err := w.publisher.SavePreferences(t.Context(), w.preferencesToken("ana@customer.example"), wishes)
			if !errors.As(err, &bad) || len(bad.Fields) != 1 || bad.Fields[0].Field != field {
				t.Errorf("%+v: %v", wishes, err)
			}
			err = w.publisher.Subscribe(t.Context(), publish.SubscribeForm{Address: "new@customer.example", Wishes: wishes, From: home})
			if !errors.As(err, &bad) || len(bad.Fields) != 1 || bad.Fields[0].Field != field {
				t.Errorf("a stranger's %+v: %v", wishes, err)
			}
		}
		for _, wishes := range []publish.Wishes{{DailyDigest: true, StartAndEndOnly: true}, {QuietHours: "07:00-07:00"}, {QuietHours: "25:00-07:00"}, {TimeZone: "Europe/Atlantis"}} {
			if err := w.publisher.SavePreferences(t.Context(), w.preferencesToken("ana@customer.example"), wishes); err == nil {
				t.Errorf("%+v was taken", wishes)
			}
		}
		if after := w.subscriber("ana@customer.example").Preferences; after.QuietHours != before.QuietHours || after.DailyDigest {
			t.Errorf("stored %+v", after)
		}
		w.wish("ana@customer.example", publish.Wishes{DailyDigest: true, QuietHours: "22:00-07:00", TimeZone: "Asia/Kathmandu", Language: "es", LeastImpact: "major", Components: []string{w.search.ID}})
	})
}
