package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"net"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/internal/catcher"
	"github.com/allclear-status/allclear/notify/email"
)

// dkimKey is a key as the settings have it.
func dkimKey(t *testing.T) string {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func TestDoctorFindsWhatIsWrongAndSendsATest(t *testing.T) {
	h := newHouse(t)
	mail, err := catcher.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = mail.Close() })
	code, out, errOut := h.run("", "doctor", "--public-url", "https://status.acme.test", "--smtp-url", mail.URL(), "--mail-from", "Acme <status@acme.test>",
		"--mail-return-path", "bounces@acme.test", "--dkim-domain", "acme.test", "--dkim-key="+dkimKey(t), "--mail-to", "Ana@customer.example")
	if code != 0 || errOut != "" {
		t.Errorf("%d %s", code, errOut)
	}
	for _, line := range []string{"ok    public URL      https://status.acme.test", "ok    database ", "ok    mail settings   sender Acme <status@acme.test>",
		"note  SPF             acme.test is not a name of the internet", "ok    mail server     127.0.0.1:", ": in the clear", "ok    test message    taken by 127.0.0.1:"} {
		if !strings.Contains(out, line) {
			t.Errorf("no line %q in\n%s", line, out)
		}
	}
	got := mail.Messages()
	if len(got) != 1 || !strings.HasPrefix(got[0].From, "bounces+0-") || got[0].Subject != "Test message from status.acme.test" {
		t.Errorf("%+v", got)
	}

	code, out, errOut = h.run("", "doctor", "--smtp-url", "smtp://127.0.0.1:1,"+mail.URL(), "--mail-to", "ana@customer.example")
	if code != exitFailed || !strings.Contains(out, "FAIL  mail server     connect to mail server 127.0.0.1:1") || !strings.Contains(out, "ok    test message") ||
		!strings.Contains(errOut, "found 1 of these wrong") {
		t.Errorf("%d %s%s", code, out, errOut)
	}
	for _, args := range [][]string{{"--smtp-url", "imap://x"}, {"--mail-return-path", "x"}, {"--bounce-maildir", t.TempDir()}, {"--dkim-domain", "acme.example"},
		{"--public-url", "acme"}, {"--webhook-allow", "10.0.0.0/99"}, {"--trusted-proxies", "x"}, {"--database-url", "sqlite:///dev/null"}} {
		if code, out, _ := h.run("", append([]string{"doctor"}, args...)...); code != exitFailed || strings.Count(out, "FAIL") != 1 {
			t.Errorf("%s: %d %s", args, code, out)
		}
	}
	if code, _, _ := h.run("", "doctor", "--mail-to", "nobody"); code != exitMisuse {
		t.Error(code)
	}
}

func TestDoctorLooksUpWhatReceiversDo(t *testing.T) {
	key := dkimKey(t)
	signer, err := email.NewSigner(email.DKIM{Domain: "acme.example", Selector: "allclear", Key: key})
	if err != nil {
		t.Fatal(err)
	}
	name, record := signer.Record()
	texts := map[string]string{name: strings.Replace(record, "; p=", "; t=s; p= ", 1), "bounces.acme.example": "v=spf1 ip4:192.0.2.1 -all"}
	lookup := func(_ context.Context, name string) ([]string, error) {
		if name == "_dmarc.status.acme.example" {
			return nil, &net.DNSError{Err: "server failure", IsTemporary: true}
		}
		if text, ok := texts[name]; ok {
			return []string{"other=1", text}, nil
		}
		return nil, &net.DNSError{Err: "no such host", IsNotFound: true}
	}
	look := func(m mailing) string {
		c := &doctorCommand{settings: settings{mailing: m, PublicURL: "https://status.acme.example"}}
		public, err := c.publicURL()
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		c.examineNames(t.Context(), &diagnosis{out: &out, lookup: lookup}, public)
		return out.String()
	}
	m := mailing{MailFrom: "Acme <status@status.acme.example>", MailReturnPath: "bounces@bounces.acme.example", DKIMDomain: "acme.example", DKIMSelector: "allclear", DKIMKey: key}
	got := look(m)
	for _, line := range []string{"ok    DKIM            published at allclear._domainkey.acme.example", "ok    SPF             published at bounces.acme.example",
		"note  DMARC           _dmarc.status.acme.example could not be looked up"} {
		if !strings.Contains(got, line) {
			t.Errorf("no line %q in\n%s", line, got)
		}
	}
	m.MailReturnPath, m.DKIMDomain = "", "elsewhere.example"
	got = look(m)
	for _, line := range []string{"does not hold the sender's domain status.acme.example", "note  SPF             not found at status.acme.example", "note  return path     not set"} {
		if !strings.Contains(got, line) {
			t.Errorf("no line %q in\n%s", line, got)
		}
	}
}
