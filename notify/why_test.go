package notify_test

import (
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

func TestMessagesSayWhyTheyCame(t *testing.T) {
	support := notify.Outgoing{Person: "stakeholder:s", Entry: "Customer support", Rule: stakeholders.RuleTable, Quadrant: stakeholders.KeepInformed}
	subscriber := notify.Outgoing{Person: "subscriber:x", Rule: stakeholders.RuleTable, Quadrant: stakeholders.KeepSatisfied}
	with := func(o notify.Outgoing, change func(*notify.Outgoing)) notify.Outgoing {
		change(&o)
		return o
	}
	for _, one := range []struct {
		tag  string
		o    notify.Outgoing
		want string
	}{
		{"en", support, "You get this because you are listed as Customer support."},
		{"en", with(support, func(o *notify.Outgoing) { o.Follows = []string{"Checkout"} }), "You get this because you are listed as Customer support for Checkout."},
		{"en", with(support, func(o *notify.Outgoing) { o.Follows = []string{"Login"} }), "You get this because you are listed as Customer support."},
		{"en", with(support, func(o *notify.Outgoing) { o.Quadrant = stakeholders.Monitor }), "You get this because you asked to be told and are listed as Customer support."},
		{"de", with(support, func(o *notify.Outgoing) { o.Follows = []string{"Checkout"} }), "Sie erhalten das, weil Sie als Customer support für Checkout eingetragen sind."},
		{"en", subscriber, "You get this because you subscribed to updates."},
		{"en", with(subscriber, func(o *notify.Outgoing) { o.Follows = []string{"Checkout", "Login", "Payments"} }), "You get this because you subscribed to updates about Checkout, Login and Payments."},
		{"fr", with(subscriber, func(o *notify.Outgoing) { o.Follows = []string{"Checkout", "Payments"} }), "Vous recevez ceci parce que vous vous êtes abonné aux messages sur Checkout et Payments."},
		{"en", with(subscriber, func(o *notify.Outgoing) { o.Follows = []string{"A", "B", "C", "D", "Search", "Checkout"} }), "You get this because you subscribed to updates about Checkout and Search."},
		{"es", with(subscriber, func(o *notify.Outgoing) { o.Rule = stakeholders.RuleClosure }), "Recibe esto porque se le avisó cuando empezó."},
		{"en", with(subscriber, func(o *notify.Outgoing) { o.Rule = stakeholders.RuleRaised }),
			"You get this because you subscribed to updates. You are told now because it became more serious or reaches further."},
		{"en", with(support, func(o *notify.Outgoing) { o.Event = stakeholders.CatchUp }),
			"You get this because you are listed as Customer support. It began before you were to be told of it; this is how it stands."},
		{"en", notify.Outgoing{Person: string(stakeholders.FromManager) + ":m"}, "You get this because the incident manager wanted you to know of it."},
		{"en", notify.Outgoing{}, "You get this because those who run the status page chose to tell you."},
		{"en", with(support, func(o *notify.Outgoing) { o.Entry = "Sup\r\nBcc: x" }), "You get this because you are listed as Sup Bcc: x."},
	} {
		text := said(stakeholders.Updated, status.Identified, status.ImpactMajor)
		text.Language = one.tag
		if got := notify.Why(text, one.o); got != one.want {
			t.Errorf("%s %+v\n got %s\nwant %s", one.tag, one.o, got, one.want)
		}
	}
}

func TestWhoCannotChangeItIsToldWhomToAsk(t *testing.T) {
	text := said(stakeholders.Updated, status.Identified, status.ImpactMajor)
	for _, one := range []struct {
		o    notify.Outgoing
		want string
	}{
		{notify.Outgoing{Person: "subscriber:x"}, ""},
		{notify.Outgoing{Person: "stakeholder:s", Owner: "Priya Nair"}, "To change what you get, ask Priya Nair."},
		{notify.Outgoing{Person: "stakeholder:s"}, "To change what you get, ask those who run https://status.acme.example."},
	} {
		if got := notify.Ask(text, one.o); got != one.want {
			t.Errorf("%+v: %q, want %q", one.o, got, one.want)
		}
	}
}

func TestNextUpdateSaysWhereALimitHoldsMailBack(t *testing.T) {
	for _, one := range []struct {
		tag  string
		pace time.Duration
		way  notify.Way
		want string
	}{
		{"en", 0, notify.ByMail, "Next update by 10:59 UTC"},
		{"en", time.Hour, notify.ByMail, "Next update on the page by 10:59 UTC, by mail within the hour"},
		{"en", 30 * time.Minute, notify.ByMail, "Next update on the page by 10:59 UTC, by mail within 30 minutes"},
		{"en", 2 * time.Hour, notify.ByChat, "Next update on the page by 10:59 UTC, here within 2 hours"},
		{"de", time.Hour, notify.ByMail, "Nächste Meldung auf der Seite bis 10:59 UTC, per E-Mail innerhalb einer Stunde"},
		{"fr", time.Hour, notify.ByMail, "Prochain message sur la page avant 10:59 UTC, par e-mail dans l’heure"},
		{"es", 30 * time.Minute, notify.ByMail, "Próximo aviso en la página antes de las 10:59 UTC, por correo en menos de 30 minutos"},
		{"en", stakeholders.PageOnly, notify.ByMail, "Next update on the status page by 10:59 UTC"},
		{"de", stakeholders.PageOnly, notify.ByMail, "Nächste Meldung auf der Statusseite bis 10:59 UTC"},
		{"fr", stakeholders.PageOnly, notify.ByChat, "Prochain message sur la page d’état avant 10:59 UTC"},
		{"es", stakeholders.PageOnly, notify.ByChat, "Próximo aviso en la página de estado antes de las 10:59 UTC"},
	} {
		text := said(stakeholders.Updated, status.Identified, status.ImpactMajor)
		text.Language, text.Pace = one.tag, one.pace
		if got := notify.Next(text, one.way); got != one.want {
			t.Errorf("%s %s: %q, want %q", one.tag, one.pace, got, one.want)
		}
	}
	text := said(stakeholders.Resolved, status.Resolved, status.ImpactMajor)
	text.Pace, text.Content.NextUpdateDueAt = time.Hour, time.Time{}
	if got := notify.Next(text, notify.ByMail); got != "" {
		t.Errorf("something is promised: %q", got)
	}
}

// What is sent late promises nothing that is past.
func TestAPromiseThatIsPastIsNotMade(t *testing.T) {
	text := said(stakeholders.Updated, status.Identified, status.ImpactMajor)
	due := text.Content.NextUpdateDueAt
	before := notify.Next(text, notify.ByMail)
	for tag, past := range map[string]string{"en": "The newest update is on the status page", "de": "Die neueste Meldung steht auf der Statusseite",
		"fr": "Le message le plus récent est sur la page d’état", "es": "El aviso más reciente está en la página de estado"} {
		text.Language = tag
		for _, pace := range []time.Duration{0, time.Hour, stakeholders.PageOnly} {
			text.Pace = pace
			for _, way := range []notify.Way{notify.ByMail, notify.ByChat} {
				if got := notify.Next(text.AsOf(due), way); got != past {
					t.Errorf("%s %s: %q", tag, pace, got)
				}
				if got := notify.Next(text.AsOf(due.Add(-time.Second)), way); got == past || !strings.Contains(got, "10:59 UTC") {
					t.Errorf("%s %s: in time: %q", tag, pace, got)
				}
			}
		}
	}
	if text.Language, text.Pace = "en", 0; notify.Next(text.AsOf(due).AsOf(due.Add(-time.Hour)), notify.ByMail) != before {
		t.Error("a text does not become what it was")
	}
	digest := said(stakeholders.QuietSummary, "", "")
	digest.Content.Items = []notify.Item{{Status: status.Identified, NextUpdateDueAt: due}, {Status: status.Identified, NextUpdateDueAt: due.Add(time.Hour)}}
	entries, _ := notify.Entries(digest.AsOf(due.Add(time.Minute)), notify.ByMail, 5)
	if entries[0].Next != "" || entries[1].Next != "Next update by 11:59 UTC" || digest.Content.Items[0].NextUpdateDueAt.IsZero() {
		t.Errorf("the digest promises %q and %q", entries[0].Next, entries[1].Next)
	}
	digest.Content.NextUpdateDueAt = time.Time{}
	if digest.AsOf(due.Add(-time.Hour)).Late {
		t.Error("a digest is late that promises nothing past")
	}
}

// Every sentence that a message may hold is said in every language.
func TestNoMessageShowsAKey(t *testing.T) {
	for _, tag := range lang.Tags() {
		for _, event := range []stakeholders.Event{stakeholders.Opened, stakeholders.Updated, stakeholders.CatchUp, stakeholders.MaintenanceOverruns, "unheard_of",
			stakeholders.DailyDigest, stakeholders.QuietSummary} {
			for _, pace := range []time.Duration{stakeholders.PageOnly, 0, time.Minute, time.Hour, 3 * time.Hour} {
				text := said(event, status.Identified, status.ImpactMajor)
				text.Language, text.Pace = tag, pace
				if event == stakeholders.DailyDigest {
					text.Content.Items = []notify.Item{{Status: status.Resolved}, {Status: status.Identified}, {Status: status.MaintenanceScheduled},
						{Status: status.Resolved, Events: []stakeholders.Event{stakeholders.Retrospective}}}
				}
				all := notify.Subject(text) + notify.Next(text, notify.ByMail) + notify.Next(text, notify.ByChat) + notify.Label(text)
				for _, key := range []string{"notice.", "incident.", "digest.", "why.", "list.", "%!"} {
					if strings.Contains(all, key) {
						t.Errorf("%s %s: %q is in %q", tag, event, key, all)
					}
				}
			}
		}
	}
}
