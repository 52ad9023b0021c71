package lang

import (
	"regexp"
	"slices"
	"testing"
	"time"
)

func TestEveryLanguageHasEverySentence(t *testing.T) {
	verbs := regexp.MustCompile(`%(\[\d\])?[sd]`)
	english := read().byTag[Default]
	for tag, c := range read().byTag {
		if len(c.Months) != 12 || len(c.MonthsShort) != 12 || len(c.Weekdays) != 7 {
			t.Errorf("%s: names of months or days are missing", tag)
		}
		for key, forms := range english.Sentences {
			if len(c.Sentences[key]) == 0 || c.Sentences[key]["other"] == "" {
				t.Errorf("%s misses %q", tag, key)
				continue
			}
			if len(forms) > 1 && c.Sentences[key]["one"] == "" {
				t.Errorf("%s: %q has no form for one", tag, key)
			}
			for form, text := range c.Sentences[key] {
				want, got := verbs.FindAllString(forms["other"], -1), verbs.FindAllString(text, -1)
				slices.Sort(want)
				slices.Sort(got)
				if !slices.Equal(want, got) {
					t.Errorf("%s: %q (%s) places %v, English places %v", tag, key, form, got, want)
				}
			}
		}
		for key := range c.Sentences {
			if _, ok := english.Sentences[key]; !ok {
				t.Errorf("%s has %q, which English has not", tag, key)
			}
		}
	}
}

func TestTextTakesThePluralForm(t *testing.T) {
	tests := []struct {
		tag  string
		n    int
		want string
	}{
		{"en", 1, "1 update"}, {"en", 0, "All 0 updates"}, {"en", 2, "All 2 updates"},
		{"fr", 0, "0 message"}, {"fr", 2, "Les 2 messages"}, {"de", 1, "1 Meldung"}, {"es", 5, "Los 5 avisos"},
	}
	for _, tt := range tests {
		if got := Text(tt.tag, "incident.all_updates", tt.n); got != tt.want {
			t.Errorf("%s %d: %q, want %q", tt.tag, tt.n, got, tt.want)
		}
	}
}

func TestUnknownLanguageAndKeyAreSeen(t *testing.T) {
	if got := Text("tlh", "badge.label"); got != "status" {
		t.Errorf("unknown language gives %q, want English", got)
	}
	if got := Text("en", "no.such.key"); got != "no.such.key" || Known("no.such.key") {
		t.Errorf("unknown key gives %q", got)
	}
}

func TestMatchFindsTheNearestLanguage(t *testing.T) {
	for tag, want := range map[string]string{
		"de": "de", "de-AT": "de", "fr-CA,en;q=0.5": "fr", "en-GB": "en", "": "en", "xx-invalid-!!": "en", "ja": "en", "ja,es;q=0.3": "es",
	} {
		if got := Match(tag); got != want {
			t.Errorf("Match(%q) = %q, want %q", tag, got, want)
		}
	}
}

func TestTimesNameTheirZone(t *testing.T) {
	berlin, saoPaulo, kolkata := zone(t, "Europe/Berlin"), zone(t, "America/Sao_Paulo"), zone(t, "Asia/Kathmandu")
	when := time.Date(2026, 11, 21, 10, 42, 0, 0, time.UTC)
	tests := []struct{ got, want string }{
		{Moment("en", when), "21 Nov 2026, 10:42 UTC"},
		{Moment("en", when.In(berlin)), "21 Nov 2026, 11:42 CET"},
		{Moment("de", when.In(berlin)), "21. Nov. 2026, 11:42 CET"},
		{Clock("en", when.In(saoPaulo)), "07:42 UTC-3"},
		{Clock("en", when.In(kolkata)), "16:27 UTC+5:45"},
		{Day("en", when), "Saturday, 21 November"},
		{Day("fr", when), "samedi 21 novembre"},
		{Day("es", when), "sábado, 21 de noviembre"},
		{Month("en", when), "November 2026"},
		{Month("es", when), "noviembre de 2026"},
		{ShortDate("en", when), "21 Nov"},
		{Date("en", when), "21 Nov 2026"},
		{Since("en", when, when.Add(time.Hour)), "10:42 UTC"},
		{Since("en", when, when.Add(14*time.Hour)), "21 Nov 2026, 10:42 UTC"},
		{Since("en", when.In(berlin), when.Add(13*time.Hour)), "21 Nov 2026, 11:42 CET"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}
