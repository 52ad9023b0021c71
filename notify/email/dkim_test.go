package email_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/notify/email"
)

// keys are made once: an RSA key takes long.
var keys = sync.OnceValue(func() map[string]string {
	big, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		panic(err)
	}
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	pkcs8 := func(key crypto.PrivateKey) string {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			panic(err)
		}
		return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	}
	return map[string]string{
		"rsa":     pkcs8(big),
		"rsa-1":   string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(big)})),
		"ed25519": pkcs8(ed),
		"small":   pkcs8(small),
	}
})

func signer(t testing.TB, key string) *email.Signer {
	t.Helper()
	s, err := email.NewSigner(email.DKIM{Domain: "acme.example", Selector: "allclear1", Key: keys()[key]})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// verify checks a message as a receiver does, with the record that the signer
// would have published.
func verify(t *testing.T, s *email.Signer, raw []byte) error {
	t.Helper()
	name, record := s.Record()
	verifications, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: func(domain string) ([]string, error) {
		if domain != name {
			return nil, fmt.Errorf("asked for %s", domain)
		}
		return []string{record}, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	if len(verifications) != 1 {
		t.Fatalf("%d signatures\n%s", len(verifications), raw)
	}
	v := verifications[0]
	if v.Err != nil {
		return v.Err
	}
	signed := strings.ToLower(strings.Join(v.HeaderKeys, ":"))
	if v.Domain != "acme.example" || !strings.HasSuffix(signed, ":from") {
		t.Errorf("signed %s for %s", signed, v.Domain)
	}
	for _, header := range []string{"from", "to", "subject", "date", "message-id", "list-unsubscribe", "list-unsubscribe-post", "mime-version", "content-type"} {
		if !strings.Contains(":"+signed+":", ":"+header+":") {
			t.Errorf("%s is not signed", header)
		}
	}
	return nil
}

// Each message is its own: the signature holds for every recipient, and for
// text with dots, spaces and signs of every script.
func TestEveryMessageIsSigned(t *testing.T) {
	for _, key := range []string{"rsa", "rsa-1", "ed25519"} {
		t.Run(key, func(t *testing.T) {
			s := startServer(t, &server{}, nil, false)
			signs := signer(t, key)
			c := newChannel(t, email.Config{URL: "smtp://" + s.Addr, DKIM: signs})
			text := opened()
			text.Content.Title = "Zahlungen mit Karte schlagen fehl: ünïcödé, 支払い, and a long title that must be folded in its header"
			text.Content.Body = ".a dot\n..two dots\n\n  spaces   between  \n\n" + strings.Repeat("a long line with ünïcödé ", 60) + "\n.\nend   \n\n\n"
			to := []notify.Recipient{}
			for i := range 60 {
				r := person(i)
				r.Why = fmt.Sprintf("%s because  you are %d .  ", strings.Repeat(".", i), i)
				to = append(to, r)
			}
			for i, r := range sendAll(t, c, text, to...) {
				if r.Outcome != notify.Delivered {
					t.Fatalf("recipient %d: %+v", i, r)
				}
			}
			got := s.messages()
			if len(got) != len(to) {
				t.Fatalf("%d messages", len(got))
			}
			for i, m := range got {
				if err := verify(t, signs, m.Raw); err != nil {
					t.Fatalf("message %d: %v\n%s", i, err, m.Raw)
				}
			}
			for what, change := range map[string][2]string{
				"body": {"two dots", "two d0ts"}, "To": {"To: ", "To: x"},
				"another From": {"From:", "From: x@evil.example\r\nFrom:"}, "link": {"List-Unsubscribe: <https", "List-Unsubscribe: <http"},
			} {
				changed := bytes.Replace(got[0].Raw, []byte(change[0]), []byte(change[1]), 1)
				if what == "To" || what == "link" {
					changed = bytes.Replace(got[0].Raw, []byte("\r\n"+change[0]), []byte("\r\n"+change[1]), 1)
				}
				if bytes.Equal(changed, got[0].Raw) {
					t.Fatalf("%s: nothing to change in\n%s", what, got[0].Raw)
				}
				if verify(t, signs, changed) == nil {
					t.Errorf("a changed %s goes unnoticed", what)
				}
			}
		})
	}
}

func TestSignerRefusesWhatCannotWork(t *testing.T) {
	good := keys()["ed25519"]
	for _, test := range []struct {
		name string
		d    email.DKIM
		want string
	}{
		{"no domain", email.DKIM{"", "s1", good}, "domain"},
		{"a domain of one word", email.DKIM{"localhost", "s1", good}, "domain"},
		{"a domain that injects", email.DKIM{"acme.example;\r\nX: y", "s1", good}, "domain"},
		{"no selector", email.DKIM{"acme.example", "", good}, "selector"},
		{"a selector that injects", email.DKIM{"acme.example", "s1; x=", good}, "selector"},
		{"no key", email.DKIM{"acme.example", "s1", ""}, "PEM"},
		{"a short key", email.DKIM{"acme.example", "s1", keys()["small"]}, "1024"},
		{"a key cut off", email.DKIM{"acme.example", "s1", strings.Replace(good, "MC4", "MC5", 1)}, "cannot be read"},
	} {
		_, err := email.NewSigner(test.d)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v", test.name, err)
		}
		if err != nil && len(test.d.Key) > 60 && strings.Contains(err.Error(), test.d.Key[30:60]) {
			t.Errorf("%s: the key is in %v", test.name, err)
		}
	}
}

// FuzzSign holds our canonical form against an independent one.
func FuzzSign(f *testing.F) {
	f.Add("Hello \t world", "line\r\n..dot\r\n\r\n  a  b \t\r\n\r\n")
	f.Add("a\r\n\tb", "")
	f.Add("", "\r\n\r\n")
	s := signer(f, "ed25519")
	f.Fuzz(func(t *testing.T, subject, body string) {
		subject = strings.Map(func(r rune) rune {
			if r < ' ' && r != '\t' || r == 0x7f {
				return -1
			}
			return r
		}, subject)
		if strings.ContainsAny(strings.ReplaceAll(body, "\r\n", ""), "\r\n") {
			return // lines end with both on the wire
		}
		if body != "" && !strings.HasSuffix(body, "\r\n") {
			body += "\r\n"
		}
		lines := strings.Split(body, "\r\n")
		stuffed := make([]string, len(lines))
		for i, line := range lines {
			if strings.HasPrefix(line, ".") {
				line = "." + line
			}
			stuffed[i] = line
		}
		head := "To: b@acme.example\r\nMessage-ID: <1@acme.example>\r\nFrom: a@acme.example\r\nSubject: " + subject + "\r\nDate: x\r\n" +
			"List-Unsubscribe: <https://x.example>\r\nList-Unsubscribe-Post: y\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n"
		field, err := s.Sign([]byte(head + strings.Join(stuffed, "\r\n")))
		if err != nil {
			t.Fatal(err)
		}
		if err := verify(t, s, append(field, head+body...)); err != nil {
			t.Errorf("%v: %q %q", err, subject, body)
		}
	})
}

func BenchmarkSign(b *testing.B) {
	head := "To: b@acme.example\r\nMessage-ID: <1@acme.example>\r\nFrom: a@acme.example\r\nSubject: Card payments fail\r\nDate: x\r\n" +
		"List-Unsubscribe: <https://x.example>\r\nList-Unsubscribe-Post: y\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n"
	message := []byte(head + strings.Repeat("Card payments fail for all customers since 10:42 UTC. Bank transfers wor=\r\n", 130)) // 10 kB
	for _, key := range []string{"ed25519", "rsa"} {
		s := signer(b, key)
		b.Run(key, func(b *testing.B) {
			b.SetBytes(int64(len(message)))
			for b.Loop() {
				if _, err := s.Sign(message); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
