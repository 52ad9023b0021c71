package web

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/status"
)

func TestHoursAndLanguageAreTaken(t *testing.T) {
	for name, c := range map[string]struct {
		form url.Values
		want publish.Wishes
	}{
		"nothing but an address": {url.Values{}, publish.Wishes{Language: "en"}},
		"the zone of nothing":    {url.Values{"time_zone": {"Europe/Madrid"}, "quiet_from": {""}, "quiet_to": {""}}, publish.Wishes{Language: "en"}},
		"quiet hours": {url.Values{"quiet_from": {"22:00"}, "quiet_to": {"07:00"}, "time_zone": {" Europe/Madrid "}, "language": {"es"}},
			publish.Wishes{QuietHours: "22:00-07:00", TimeZone: "Europe/Madrid", Language: "es"}},
		"half of them": {url.Values{"quiet_to": {"07:00"}}, publish.Wishes{QuietHours: "-07:00", Language: "en"}},
		"a digest":     {url.Values{"how": {"daily"}, "time_zone": {"Asia/Tokyo"}}, publish.Wishes{DailyDigest: true, TimeZone: "Asia/Tokyo", Language: "en"}},
	} {
		d := &desk{}
		s := deskBench(t, d)
		c.form.Set("email", "ana@customer.example")
		send(t, s, "/subscribe", c.form)
		send(t, s, "/subscribe/preferences/abc", c.form)
		if len(d.asked) != 1 || len(d.saved) != 1 {
			t.Fatalf("%s: asked %v, saved %v", name, d.asked, d.saved)
		}
		for _, got := range []publish.Wishes{d.asked[0].Wishes, d.saved[0]} {
			if got.QuietHours != c.want.QuietHours || got.TimeZone != c.want.TimeZone || got.Language != c.want.Language || got.DailyDigest != c.want.DailyDigest {
				t.Errorf("%s: %+v, want %+v", name, got, c.want)
			}
		}
	}
}

func TestThePagesLanguageIsThatOfWhoSubscribes(t *testing.T) {
	record := calmRecord()
	record.Page.Language, record.Page.TimeZone, record.DigestAt = "de", "Europe/Berlin", "08:30"
	d := &desk{}
	s := newBench(t, record, func(o *Options) { o.Subscriptions, o.Subscribing = d, true }).Site
	send(t, s, "/subscribe", url.Values{"email": {"ana@customer.example"}})
	if len(d.asked) != 1 || d.asked[0].Language != "de" {
		t.Errorf("asked for %+v", d.asked)
	}
	_, home, _ := get(t, s, "GET", "/")
	_, alone, _ := get(t, s, "GET", "/subscribe")
	for _, page := range []string{home, alone} {
		for _, want := range []string{`<option value="de" lang="de" selected>Deutsch</option>`, `value="Europe/Berlin" data-guess`, "um 08:30: eine Nachricht", `<details><summary>Weitere Möglichkeiten`} {
			if !strings.Contains(page, want) {
				t.Errorf("the page has no %q", want)
			}
		}
	}
	if strings.Contains(home, `<option value="Asia/Tokyo">`) || !strings.Contains(alone, `<option value="Asia/Tokyo">`) {
		t.Error("the list of zones stands on the form's own page, and not on everybody's")
	}
}

func TestChosenHoursAreShownAndFaultsNamed(t *testing.T) {
	d := &desk{stored: publish.Wishes{DailyDigest: true, QuietHours: "22:00-07:30", TimeZone: "Europe/Madrid", Language: "fr"}}
	_, page, _ := get(t, deskBench(t, d), "GET", "/subscribe/preferences/abc")
	for _, want := range []string{`name="quiet_from" value="22:00"`, `name="quiet_to" value="07:30"`, `value="Europe/Madrid" aria-describedby`, `lang="fr" selected`, `value="daily" checked`} {
		if !strings.Contains(page, want) {
			t.Errorf("the preferences have no %q", want)
		}
	}
	bad := &status.Invalid{}
	for _, field := range []string{"quiet_hours", "time_zone", "language"} {
		bad.Add(field, "is wrong")
	}
	code, page, _ := send(t, deskBench(t, &desk{err: bad}), "/subscribe", url.Values{"email": {"ana@customer.example"}, "quiet_from": {"22:00"}, "time_zone": {"Atlantis"}, "language": {"tlh"}})
	if code != 422 {
		t.Errorf("answered %d", code)
	}
	for _, want := range []string{`<a href="#field-quiet_hours">Enter two different times`, `<a href="#field-time_zone">`, `<a href="#field-language">`, `<details open><summary>More choices`,
		`name="quiet_from" value="22:00" aria-invalid="true"`, `value="Atlantis" aria-invalid="true" aria-describedby="hint-time_zone fault-time_zone"`, `id="fault-language"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the form has no %q", want)
		}
	}
}

func TestEveryZoneToChooseIsKnown(t *testing.T) {
	names := zoneNames()
	for _, name := range names {
		if _, err := time.LoadLocation(name); err != nil {
			t.Error(err)
		}
	}
	if len(names) < 400 || !slices.IsSorted(names) || !slices.Contains(names, "Etc/UTC") {
		t.Errorf("%d zones", len(names))
	}
}
