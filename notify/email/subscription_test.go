package email_test

import (
	"mime"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/notify/email"
	"github.com/allclear-status/allclear/stakeholders"
)

func subscription(event stakeholders.Event, tag string) notify.Text {
	c := opened().Content
	return notify.Text{Form: notify.FormShort, Language: tag, Content: notify.Content{
		PageName: c.PageName, PageURL: c.PageURL, TimeZone: c.TimeZone, Language: tag, Event: event, PostedAt: c.PostedAt,
	}}
}

func decoded(t *testing.T, header string) string {
	t.Helper()
	words, err := new(mime.WordDecoder).DecodeHeader(header)
	if err != nil {
		t.Fatal(err)
	}
	return words
}

func TestLettersAboutASubscription(t *testing.T) {
	asked := notify.Recipient{Address: "ana@customer.example", MessageID: "n1.1@status.acme.example",
		ActURL: "https://status.acme.example/subscribe/confirm/t0ken", Why: "left out"}
	known := asked
	known.ActURL, known.LeaveURL = "https://status.acme.example/subscribe/preferences/t0ken", "https://status.acme.example/unsubscribe/t0ken"
	for name, c := range map[string]struct {
		text notify.Text
		to   notify.Recipient
	}{
		"confirm":    {subscription(stakeholders.SubscriptionConfirm, "en"), asked},
		"confirm_de": {subscription(stakeholders.SubscriptionConfirm, "de"), asked},
		"known":      {subscription(stakeholders.SubscriptionKnown, "en"), known},
	} {
		t.Run(name, func(t *testing.T) {
			letter := one(t, c.text, c.to)
			header := letter.parse(t).Header
			if header.Get("In-Reply-To") != "" || (header.Get("List-Unsubscribe") == "") != (c.to.LeaveURL == "") {
				t.Errorf("headers %v", header)
			}
			plain, html := parts(t, letter)
			golden(t, name+".txt", "Subject: "+decoded(t, header.Get("Subject"))+"\n\n"+plain)
			golden(t, name+".html", html)
		})
	}
}

func TestLettersToTheOwnerOfAnEntry(t *testing.T) {
	to := notify.Recipient{Address: "boss@acme.example", MessageID: "n1.1@status.acme.example", LeaveURL: "https://status.acme.example/unsubscribe/t0ken"}
	review, left := subscription(stakeholders.ReviewDue, "en"), subscription(stakeholders.ContractualLeft, "de")
	review.Content.RegisterEntry = &notify.RegisterEntry{ID: "k4m8x2t9vqzd", Name: "Ana <b>&\nBcc: x", LastAt: review.Content.PostedAt,
		Review: "https://status.acme.example/v1/pages/p4g3/stakeholders/k4m8x2t9vqzd/review"}
	left.Content.RegisterEntry = &notify.RegisterEntry{Name: "Ana", Contact: "email ana@acme.example", Basis: "Contract of 2026-03-01, section 4"}
	for name, text := range map[string]notify.Text{"review": review, "left_de": left} {
		letter := one(t, text, to)
		plain, html := parts(t, letter)
		golden(t, name+".txt", "Subject: "+decoded(t, letter.parse(t).Header.Get("Subject"))+"\n\n"+plain)
		golden(t, name+".html", html)
	}
}

func TestMailToASubscriberSaysHowToChangeIt(t *testing.T) {
	to := person(1)
	to.PreferencesURL = "https://status.acme.example/subscribe/preferences/t0ken"
	plain, html := parts(t, one(t, opened(), to))
	golden(t, "opened_subscriber.txt", plain)
	golden(t, "opened_subscriber.html", html)
}

func TestLetterWithoutALinkIsNotSent(t *testing.T) {
	s := startServer(t, &server{}, nil, false)
	for _, act := range []string{"", "javascript:alert(1)", "https://a.example/\r\nBcc: x@y.example"} {
		to := notify.Recipient{Address: "ana@customer.example", MessageID: "n1.1@status.acme.example", ActURL: act}
		for _, r := range sendAll(t, newChannel(t, email.Config{URL: "smtp://" + s.Addr}), subscription(stakeholders.SubscriptionConfirm, "en"), to) {
			if r.Outcome != notify.Permanent || strings.Contains(r.Answer, "alert") {
				t.Errorf("%q: %+v", act, r)
			}
		}
	}
	if n := len(s.messages()); n != 0 {
		t.Errorf("%d letters were sent", n)
	}
}
