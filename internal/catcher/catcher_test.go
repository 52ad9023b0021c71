package catcher

import (
	"net/smtp"
	"strings"
	"testing"
)

func TestCatchesTextAndHTML(t *testing.T) {
	c, err := Start()
	if err != nil {
		t.Fatal(err)
	}
	mail := strings.ReplaceAll(`From: Status <status@acme.example>
To: ana@example.com
Subject: =?utf-8?q?Card_payments_fail_=E2=80=93_critical?=
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Card payments fail=2E
--b
Content-Type: text/html; charset=utf-8

<p>Card payments fail.</p>
--b--
`, "\n", "\r\n")
	address := strings.TrimSuffix(strings.TrimPrefix(c.URL(), "smtp://"), "?tls=none")
	if err := smtp.SendMail(address, nil, "status@acme.example", []string{"ana@example.com", "bo@example.com"}, []byte(mail)); err != nil {
		t.Fatal(err)
	}
	got := c.Messages()
	if len(got) != 2 {
		t.Fatalf("%d messages, want one for each recipient", len(got))
	}
	m := got[1]
	if m.To != "bo@example.com" || m.Subject != "Card payments fail – critical" || !strings.HasPrefix(m.Text, "Card payments fail.") ||
		!strings.Contains(m.HTML, "<p>Card payments fail.</p>") || m.Number != 2 {
		t.Errorf("caught %+v", m)
	}
	if _, ok := c.Message(3); ok {
		t.Error("found a message that never came")
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
}
