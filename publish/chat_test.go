package publish_test

import (
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/internal/clock"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/store/storetest"
)

const pasted = "https://hooks.slack.com/services/T0/B0/topsecret"

// inChat keeps what went to the pasted address.
func inChat(got []string) []string {
	kept := []string{}
	for _, line := range got {
		if strings.Contains(line, pasted) {
			kept = append(kept, strings.Replace(line, " "+pasted+" chat", "", 1))
		}
	}
	return kept
}

func (w *world) pasted() stakeholders.Subscriber {
	w.t.Helper()
	digest, err := stakeholders.NormalizeAddress(stakeholders.Slack, pasted)
	if err != nil {
		w.t.Fatal(err)
	}
	s, err := w.store.SubscriberAt(w.t.Context(), stakeholders.Slack, digest)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

func TestAPastedChatIsConfirmedInTheChannel(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		enter := func() {
			t.Helper()
			if err := w.publisher.Subscribe(t.Context(), publish.SubscribeForm{Chat: " " + pasted + " ", From: home}); err != nil {
				t.Fatal(err)
			}
		}
		enter()
		got := w.step()
		equal(t, "the link is sent into the channel, and nowhere else", got, "10:45 "+pasted+" chat: subscription_confirm")
		w.open(status.MajorOutage)
		equal(t, "nothing before it is confirmed", inChat(w.step()))
		if known := w.pasted(); known.Contact.Label != "hooks.slack.com" || known.Contact.Endpoint != "" || known.Told() {
			t.Errorf("%+v", known)
		}
		token := lastPart(w.publisher.ConfirmLink(w.pasted().ID, c.Now()))
		if shown, err := w.publisher.ConfirmInfo(t.Context(), token); err != nil || shown != "hooks.slack.com" {
			t.Errorf("the link shows %q, %v", shown, err)
		}
		w.confirm(token)
		w.classesAgree()
		if next, err := w.publisher.SetUp(t.Context(), token); err != nil || !strings.Contains(next, "/subscribe/preferences/") {
			t.Errorf("next is %q, %v", next, err)
		}
		equal(t, "what is open", inChat(w.step()), "10:45: catch_up")
		c.Advance(time.Minute)
		w.open(status.MajorOutage)
		equal(t, "after confirming", inChat(w.step()), "10:46: opened")
		enter()
		equal(t, "entered again", w.step(), "10:46 "+pasted+" chat: subscription_known")
		if err := w.publisher.Leave(t.Context(), lastPart(w.publisher.LeaveLink(stakeholders.Slack, w.pasted().Contact.Address)), false); err != nil {
			t.Fatal(err)
		}
		c.Advance(time.Minute)
		w.open(status.MajorOutage)
		equal(t, "after leaving", inChat(w.step()))
	})
}

func TestWhatIsNoChatOrNotOnTheInternetIsRefused(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		for _, address := range []string{"https://kestrel.example/topsecret", "http://10.0.0.7/hooks/topsecret", "http://[::ffff:169.254.169.254]/hooks/topsecret", "https://chat.kestrel.example:22/hooks/topsecret", "x"} {
			err := w.publisher.Subscribe(t.Context(), publish.SubscribeForm{Chat: address, From: home})
			if err == nil || !strings.Contains(err.Error(), "chat") || strings.Contains(err.Error(), "topsecret") {
				t.Errorf("%s: %v", address, err)
			}
		}
		equal(t, "nothing is sent", w.step())
	})
}
