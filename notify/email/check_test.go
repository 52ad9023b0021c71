package email_test

import (
	"strings"
	"testing"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/notify/email"
)

func trial() *email.Trial {
	return &email.Trial{To: notify.Recipient{Address: "ana@customer.example", MessageID: "test.1@status.acme.example", ReturnPath: "bounces+0-abc@acme.example"},
		Subject: "Test of mail: äöü", Text: "Hello,\n\n.a line with a dot\n" + strings.Repeat("long ", 400)}
}

func TestEveryMailServerIsLookedAtAndTried(t *testing.T) {
	cert, trusted := certificate(t)
	first := startServer(t, &server{mechanisms: []string{"PLAIN"}}, cert, false)
	second := startServer(t, &server{refuse: func(verb, _ string) error {
		if verb == "RCPT" {
			return errRefused
		}
		return nil
	}}, nil, false)
	c := newChannel(t, email.Config{TLSConfig: trusted, URL: "smtp://" + user + ":" + password + "@" + first.Addr + ",smtp://" + second.Addr + "?tls=none,smtp://127.0.0.1:1"})
	found := c.Check(t.Context(), trial())
	if len(found) != 3 {
		t.Fatalf("%+v", found)
	}
	if f := found[0]; f.Err != nil || !strings.HasPrefix(f.Secured, "TLS 1.3, certificate of 127.0.0.1 until 20") || !f.SignedIn || f.Server != first.Addr ||
		f.Sent == nil || f.Sent.Outcome != notify.Delivered || !strings.Contains(strings.Join(f.Offers, " "), "PIPELINING") {
		t.Errorf("%+v", f)
	}
	if f := found[1]; f.Err != nil || f.Secured != "" || f.SignedIn || f.Sent.Outcome != notify.Permanent || !strings.Contains(f.Sent.Answer, "550 5.1.1 no such user") {
		t.Errorf("%+v", f)
	}
	if f := found[2]; f.Err == nil || f.Sent != nil || strings.Contains(f.Err.Error(), password) {
		t.Errorf("%+v", f)
	}
	got := first.messages()
	if len(got) != 1 || got[0].From != "bounces+0-abc@acme.example" || got[0].To != "ana@customer.example" {
		t.Fatalf("%+v", got)
	}
	letter := got[0].parse(t)
	if decoded(t, letter.Header.Get("Subject")) != "Test of mail: äöü" || letter.Header.Get("Message-Id") != "<test.1@status.acme.example>" {
		t.Error(letter.Header)
	}
	if body := string(got[0].Raw); !strings.Contains(body, "\r\n.a line with a dot\r\n") {
		t.Error(body)
	}
}

func TestMailServerIsLookedAtWithoutSending(t *testing.T) {
	s := startRaw(t, false, func(at) string { return "" })
	c := newChannel(t, email.Config{URL: "smtp://" + s.Addr})
	for range 20 { // its connections are given back
		if f := c.Check(t.Context(), nil)[0]; f.Err != nil || f.Sent != nil || f.SignedIn || f.Secured != "" {
			t.Fatalf("%+v", f)
		}
	}
	if _, n, verbs := s.seen(); n != 0 || verbs[len(verbs)-1] != "QUIT" {
		t.Error(n, verbs)
	}
}

func TestTrialToAnOddAddressIsNotSent(t *testing.T) {
	s := startRaw(t, false, func(at) string { return "" })
	c := newChannel(t, email.Config{URL: "smtp://" + s.Addr})
	odd := trial()
	odd.To.Address = "x>\r\nRCPT TO:<evil@example.com"
	if f := c.Check(t.Context(), odd)[0]; f.Sent == nil || f.Sent.Outcome != notify.Permanent {
		t.Errorf("%+v", f)
	}
}

func TestDialingSaysWhatToWriteInstead(t *testing.T) {
	s := startRaw(t, false, func(at) string { return "" })
	for url, words := range map[string]string{
		"smtps://" + s.Addr: "write smtp:// instead of smtps://",
		"smtp://" + user + ":" + password + "@" + s.Addr: "leave the user and the password out of the URL",
	} {
		f := newChannel(t, email.Config{URL: url}).Check(t.Context(), nil)[0]
		if f.Err == nil || !strings.Contains(f.Err.Error(), words) {
			t.Errorf("%v", f.Err)
		}
	}
}
