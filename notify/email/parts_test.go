package email_test

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/notify/email"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// What is for some readers is nowhere in a mail to others, even when the
// content still holds it: not in a header, not in the hidden line, not in the
// text.
func TestPartsAreShownInTheirFormOnly(t *testing.T) {
	const note, answer = "notemarker4711", "answermarker4711"
	for _, tag := range lang.Tags() {
		for _, form := range []notify.Form{notify.FormFull, notify.FormShort, notify.FormNote, notify.FormAnswer, "unknown"} {
			for _, event := range []stakeholders.Event{stakeholders.Updated, stakeholders.DailyDigest} {
				text := opened()
				if event == stakeholders.DailyDigest {
					text = digest(event, tag)
				}
				text.Form, text.Language, text.Content.Event = form, tag, event
				text.Content.InternalNote, text.Content.CustomerAnswer = note, answer
				got := one(t, text, person(1))
				plain, html := parts(t, got)
				preview, err := email.Preview(text)
				if err != nil {
					t.Fatal(err)
				}
				single := event != stakeholders.DailyDigest
				for _, shown := range []string{plain, html, preview.Text, preview.HTML} {
					if strings.Contains(shown, note) != (single && form == notify.FormNote) || strings.Contains(shown, answer) != (single && form == notify.FormAnswer) {
						t.Errorf("%s %s %s shows the wrong parts: %s", tag, form, event, shown)
					}
				}
				hidden, _, _ := strings.Cut(html, `<div role="article"`)
				subject := fmt.Sprint(got.parse(t).Header, preview.Subject)
				if strings.Contains(hidden+subject, "marker4711") {
					t.Errorf("%s %s %s: a part is in the headers or the hidden line", tag, form, event)
				}
			}
		}
	}
}

func TestPartsAreMarked(t *testing.T) {
	for tag, want := range map[string]string{"en": "Internal: do not pass on", "de": "Intern: nicht weitergeben"} {
		text := withNote()
		text.Language = tag
		if plain, html := parts(t, one(t, text, person(1))); !strings.Contains(plain, "*** "+want+" ***") || !strings.Contains(html, ">"+want+"<") {
			t.Errorf("%s: the note is not marked: %s", tag, plain)
		}
	}
}

// Gmail cuts off what is longer, and with it the way to leave.
func TestNoMailIsLongerThanGmailShows(t *testing.T) {
	long := map[string]notify.Text{}
	for name, body := range map[string]string{
		"words": strings.Repeat("word & <tag> ", 1900), "paragraphs": strings.Repeat("a\n\n", 8300), "items": strings.Repeat("- a\n", 6200),
		"quotes": strings.Repeat("> a\n\n", 5000), "one word": strings.Repeat("&", 25_000), "umlauts": strings.Repeat("ü", 25_000), "links": strings.Repeat("[a](https://a.example/) ", 1000),
	} {
		text := withNote()
		text.Content.Body, text.Content.InternalNote = body, body
		text.Content.Title = strings.Repeat("<title> ", 31)
		for range 300 {
			text.Content.Affected = append(text.Content.Affected, notify.AffectedComponent{Name: strings.Repeat("<name> ", 36), Status: status.PartialOutage})
		}
		long[name] = text
	}
	many := digest(stakeholders.QuietSummary, "de")
	for len(many.Content.Items) < 60 {
		item := many.Content.Items[len(many.Content.Items)%5]
		item.Affected = long["words"].Content.Affected
		item.Body = strings.Repeat("word & <tag> ", 1900)
		many.Content.Items = append(many.Content.Items, item)
	}
	long["digest"] = many
	for name, text := range long {
		got := one(t, text, person(1))
		plain, html := parts(t, got)
		if len(html) > 100_000 || !strings.Contains(html, "token=t1") || !strings.Contains(plain, "token=t1") {
			t.Errorf("%s: %d bytes of HTML", name, len(html))
		}
		if !strings.Contains(plain, "The rest is on the status page.") && !strings.Contains(plain, "weitere Einträge stehen") {
			t.Errorf("%s: nothing says that there is more", name)
		}
	}
}

// TestColoursCanBeRead compares text with its ground, in both palettes, by the
// contrast that WCAG 2.2 asks for (AA: 4.5).
func TestColoursCanBeRead(t *testing.T) {
	template, err := os.ReadFile("templates/mail.html")
	if err != nil {
		t.Fatal(err)
	}
	for ground, inks := range map[string][]string{
		"#ffffff": {"#1b2126", "#56616c", "#0b57b0", "#b3261e", "#8a5a00", "#1a6b37"},
		"#f2f4f6": {"#56616c"},
		"#fff4dc": {"#1b2126", "#704800", "#0b57b0"}, "#eef3f9": {"#1b2126", "#0b57b0"}, "#0b57b0": {"#ffffff"},
		"#1f2428": {"#eef1f4", "#b4bdc6", "#8fc1ff", "#ff9d97", "#f2c46d", "#86d9a4", "#9cc7ff"},
		"#2a3036": {"#eef1f4", "#9cc7ff", "#8fc1ff"}, "#3a2a12": {"#eef1f4", "#f2c46d", "#8fc1ff"}, "#8fc1ff": {"#10151a"},
	} {
		for _, ink := range inks {
			if got := contrast(t, ink, ground); got < 4.5 {
				t.Errorf("%s on %s: %.2f", ink, ground, got)
			}
			if !regexp.MustCompile(ink).Match(template) || !regexp.MustCompile(ground).Match(template) {
				t.Errorf("%s or %s is not used any more", ink, ground)
			}
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	light := func(colour string) float64 {
		n, err := strconv.ParseUint(colour[1:], 16, 32)
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for i, weight := range []float64{0.0722, 0.7152, 0.2126} {
			c := float64(n>>(8*i)&255) / 255
			if c <= 0.04045 {
				c /= 12.92
			} else {
				c = math.Pow((c+0.055)/1.055, 2.4)
			}
			sum += weight * c
		}
		return sum + 0.05
	}
	return max(light(a)/light(b), light(b)/light(a))
}

func TestListOfMailsShowsWhatMatters(t *testing.T) {
	_, html := parts(t, one(t, updated("en"), person(1)))
	shown := regexp.MustCompile(`mso-hide:all">([^&]*)&`).FindStringSubmatch(html)
	if want := "The fault is at our payment provider. They are mending it. · Next update on the page by 12:29 CET, by mail within the hour"; len(shown) < 2 || shown[1] != want {
		t.Errorf("the hidden line is %q, want %q", shown, want)
	}
}
