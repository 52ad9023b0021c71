package slack

import (
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"

	"pgregory.net/rapid"
)

func digestText(n int) notify.Text {
	o := openedText().Content
	text := notify.Text{Form: notify.FormFull, Language: "en", Content: notify.Content{
		PageName: o.PageName, PageURL: o.PageURL, TimeZone: o.TimeZone, Language: "en", Event: stakeholders.QuietSummary, PostedAt: o.PostedAt.Add(6 * time.Hour)}}
	for i := range n {
		item := notify.Item{Title: o.Title, Status: status.Identified, Impact: status.ImpactMajor, URL: o.URL, Body: o.Body, Affected: o.Affected,
			StartedAt: o.StartedAt, PostedAt: o.PostedAt, NextUpdateDueAt: o.PostedAt.Add(7 * time.Hour)}
		item.WhatToDo = "Choose bank transfer."
		if i%2 == 1 {
			item.Title, item.Status, item.ResolvedAt, item.NextUpdateDueAt = "Search was slow", status.Resolved, o.StartedAt.Add(time.Hour), time.Time{}
		}
		text.Content.Items = append(text.Content.Items, item)
	}
	return text
}

func TestDigestIsOneMessage(t *testing.T) {
	golden(t, "quiet.json", pretty(t, newMessage(digestText(2))))
}

func TestPartsStandInAPlaceOfTheirOwn(t *testing.T) {
	text := openedText()
	text.Form, text.Content.InternalNote = notify.FormNote, "About **4,000 EUR a minute**. Decision needed by 12:30."
	text.Content.WhatToDo, text.Pace = "Choose bank transfer.", 30*time.Minute
	golden(t, "note.json", pretty(t, newMessage(text)))
}

func TestMessagePromisesWhatWillBeTrue(t *testing.T) {
	text := openedText()
	text.Pace = stakeholders.PageOnly
	due := text.Content.NextUpdateDueAt
	for at, want := range map[time.Time]string{due.Add(-time.Minute): "Next update on the status page by ", due: "The newest update is on the status page"} {
		m := newMessage(text.AsOf(at))
		if !strings.Contains(m.Text, want) || !strings.Contains(string(pretty(t, m)), "*"+want) {
			t.Errorf("%q is not in %s", want, pretty(t, m))
		}
	}
}

func TestPartsAreShownInTheirFormOnly(t *testing.T) {
	for _, tag := range lang.Tags() {
		for _, form := range []notify.Form{notify.FormFull, notify.FormShort, notify.FormNote, notify.FormAnswer, "unknown"} {
			for _, text := range []notify.Text{openedText(), digestText(3)} {
				text.Form, text.Language = form, tag
				text.Content.InternalNote, text.Content.CustomerAnswer = "notemarker4711", "answermarker4711"
				sent, err := encode(text)
				if err != nil {
					t.Fatal(err)
				}
				preview, err := Preview(text)
				if err != nil {
					t.Fatal(err)
				}
				single := len(text.Content.Items) == 0
				for _, shown := range []string{string(sent), preview.Text} {
					if strings.Contains(shown, "notemarker") != (single && form == notify.FormNote) || strings.Contains(shown, "answermarker") != (single && form == notify.FormAnswer) {
						t.Errorf("%s %s shows the wrong parts: %s", tag, form, shown)
					}
				}
			}
		}
	}
}

func TestEveryDigestIsWithinSlacksLimits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := digestText(rapid.IntRange(1, 30).Draw(t, "items"))
		word := rapid.SampledFrom([]string{"a", "<&>", "ü", strings.Repeat("&", 255), strings.Repeat("long ", 50), "😀"})
		for i := range text.Content.Items {
			item := &text.Content.Items[i]
			item.Title, item.Body = word.Draw(t, "title"), strings.Repeat(word.Draw(t, "body"), 20)
			for range rapid.IntRange(0, 12).Draw(t, "components") {
				item.Affected = append(item.Affected, notify.AffectedComponent{Name: item.Title, Status: status.PartialOutage})
			}
		}
		checkLimits(t, newMessage(text))
	})
}
