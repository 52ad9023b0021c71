package email_test

import (
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// updated is a step on the way, to somebody whom a limit holds back.
func updated(tag string) notify.Text {
	text := opened()
	text.Language, text.Pace = tag, time.Hour
	c := &text.Content
	c.Event, c.Status = stakeholders.Updated, status.Identified
	c.Body = "The fault is at our payment provider. They are mending it.\n\nOrders that were placed are kept and will be charged later."
	c.WhatToDo = "Choose bank transfer or invoice at checkout."
	c.PostedAt = c.PostedAt.Add(15 * time.Minute)
	c.NextUpdateDueAt = c.PostedAt.Add(30 * time.Minute)
	return text
}

func withNote() notify.Text {
	text := updated("en")
	text.Form, text.Pace = notify.FormNote, 0
	text.Content.InternalNote = "About **4,000 EUR a minute** are not coming in.\n\n- Decision needed by 12:30: switch to the second provider?\n- Ask Priya Nair, +49 30 1234."
	return text
}

func withAnswer() notify.Text {
	text := updated("en")
	text.Form, text.Pace = notify.FormAnswer, 0
	text.Content.CustomerAnswer = "Card payments are failing at the moment. Your order is safe: choose bank transfer, or wait for our next update at 12:29."
	return text
}

func planned() notify.Text {
	text := opened()
	c := &text.Content
	c.Event, c.Status, c.Impact = stakeholders.MaintenanceAnnounced, status.MaintenanceScheduled, status.ImpactMaintenance
	c.Title = "Database upgrade"
	c.Body = "Checkout will be slower for about an hour. You need not do anything."
	c.Affected = []notify.AffectedComponent{{Name: "Checkout", Status: status.Operational}}
	c.ScheduledFor, c.ScheduledUntil = c.StartedAt.Add(36*time.Hour), c.StartedAt.Add(38*time.Hour)
	c.NextUpdateDueAt = time.Time{}
	return text
}

func digest(event stakeholders.Event, tag string) notify.Text {
	o := opened().Content
	item := func(title string, state status.IncidentStatus, impact status.Impact, events ...stakeholders.Event) notify.Item {
		return notify.Item{IncidentID: title, Reference: "INC-14", URL: o.URL, Title: title, Status: state, Impact: impact, Affected: o.Affected[:1],
			Body: o.Body, Events: events, StartedAt: o.StartedAt, PostedAt: o.PostedAt}
	}
	over := item("Search was slow", status.Resolved, status.ImpactMinor, stakeholders.Opened, stakeholders.Resolved)
	over.ResolvedAt, over.Body = o.StartedAt.Add(time.Hour), "Search is as fast as before."
	over.Affected = []notify.AffectedComponent{{Name: "Search", Status: status.Operational}}
	open := item("Card payments fail", status.Identified, status.ImpactCritical, stakeholders.Opened, stakeholders.Identified)
	open.NextUpdateDueAt, open.Affected = o.StartedAt.Add(8*time.Hour), o.Affected
	open.WhatToDo = "Choose bank transfer or invoice at checkout."
	mild := item("Some pictures are missing", status.Monitoring, status.ImpactMinor, stakeholders.Monitoring)
	mild.Body = "Most pictures are back. The rest are being copied. " + strings.Repeat("It takes a while, because there are many of them. ", 12)
	upgrade := item("Database upgrade", status.MaintenanceScheduled, status.ImpactMaintenance, stakeholders.MaintenanceAnnounced)
	upgrade.ScheduledFor, upgrade.ScheduledUntil = o.StartedAt.Add(36*time.Hour), o.StartedAt.Add(38*time.Hour)
	upgrade.Body, upgrade.Affected = "Checkout will be slower for about an hour.", nil
	review := item("Login failed for an hour", status.Resolved, status.ImpactMajor, stakeholders.Retrospective)
	review.ResolvedAt, review.Body = o.StartedAt.Add(-40*time.Hour), "What happened, and what we changed so that it does not happen again."
	review.StartedAt = o.StartedAt.Add(-41 * time.Hour)
	return notify.Text{Form: notify.FormFull, Language: tag, Content: notify.Content{
		PageName: o.PageName, PageURL: o.PageURL, URL: o.PageURL + "/", TimeZone: o.TimeZone, Language: "en", Event: event,
		PostedAt: o.StartedAt.Add(6 * time.Hour), Items: []notify.Item{over, mild, review, open, upgrade},
	}}
}

// kinds are messages of every kind.
func kinds() map[string]notify.Text {
	return map[string]notify.Text{
		"updated": updated("en"), "updated_de": updated("de"), "note": withNote(), "answer": withAnswer(), "planned": planned(),
		"digest": digest(stakeholders.DailyDigest, "en"), "quiet_fr": digest(stakeholders.QuietSummary, "fr"),
	}
}

func TestEveryKindOfMessage(t *testing.T) {
	to := person(1)
	to.Why, to.Ask = "You get this because you are listed as Customer support for Checkout.", "To change what you get, ask Priya Nair."
	for name, text := range kinds() {
		t.Run(name, func(t *testing.T) {
			got := one(t, text, to)
			plain, html := parts(t, got)
			golden(t, name+".txt", "Subject: "+decoded(t, got.parse(t).Header.Get("Subject"))+"\n\n"+plain)
			golden(t, name+".html", html)
			harmless(t, html)
		})
	}
}

func TestMailPromisesWhatWillBeTrue(t *testing.T) {
	text := updated("en")
	text.Pace = stakeholders.PageOnly
	due := text.Content.NextUpdateDueAt
	for at, want := range map[time.Time]string{due.Add(-time.Minute): "Next update on the status page by ", due: "The newest update is on the status page"} {
		plain, html := parts(t, one(t, text.AsOf(at), person(1)))
		if !strings.Contains(plain, want) || strings.Count(html, want) != 2 { // also in what a list of mails shows
			t.Errorf("%q is not in\n%s\n%s", want, plain, html)
		}
	}
}
