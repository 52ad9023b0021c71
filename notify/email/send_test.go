package email_test

import (
	"testing"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/notify/email"
)

func TestManyMessagesTravelOverOneConnection(t *testing.T) {
	s := startServer(t, &server{}, nil, false)
	c := newChannel(t, email.Config{URL: "smtp://" + s.Addr})
	to := []notify.Recipient{}
	for i := range 50 {
		to = append(to, person(i))
	}
	for i, r := range sendAll(t, c, opened(), to...) {
		if r.Outcome != notify.Delivered {
			t.Errorf("recipient %d: %+v", i, r)
		}
	}
	if sessions, _, _ := s.counts(); sessions != 1 {
		t.Errorf("%d connections were opened, not 1", sessions)
	}
	got := s.messages()
	if len(got) != len(to) {
		t.Fatalf("%d messages arrived of %d", len(got), len(to))
	}
	for i, m := range got {
		if h := m.parse(t).Header; m.To != to[i].Address || h.Get("To") != to[i].Address || m.From != "status@acme.example" {
			t.Errorf("message %d went to %s with To %q from %s", i, m.To, h.Get("To"), m.From)
		}
	}
}
