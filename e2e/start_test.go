package e2e

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/store/storetest"
)

// refused runs serve, which must refuse to start: one clear line that contains
// the words, and the exit code.
func (s *server) refused(what string, code int, words ...string) {
	s.t.Helper()
	_, errOut, got := s.command("serve")
	if got != code {
		s.t.Errorf("%s: exit code %d, want %d: %s", what, got, code, errOut)
	}
	for _, w := range words {
		if !strings.Contains(errOut, w) {
			s.t.Errorf("%s: does not say %q: %s", what, w, errOut)
		}
	}
	if strings.Contains(errOut, "panic") || strings.Contains(errOut, "goroutine") {
		s.t.Errorf("%s: %s", what, errOut)
	}
}

func TestServeRefusesWhatCannotWork(t *testing.T) {
	s := newServer(t, storetest.SQLite(t))
	good := s.env
	for _, c := range []struct {
		what, setting string
		code          int
		words         []string
	}{
		{"a public URL with a path", "ALLCLEAR_PUBLIC_URL=http://example.com/status", 2, []string{"--public-url", "https://status.example.com"}},
		{"a public URL that is none", "ALLCLEAR_PUBLIC_URL=status", 2, []string{"--public-url"}},
		{"a mail server that is none", "ALLCLEAR_SMTP_URL=http://mail", 2, []string{"--smtp-url", "smtp://"}},
		{"a sender that is none", "ALLCLEAR_MAIL_FROM=nobody", 2, []string{"--mail-from"}},
		{"a list of hosts that is none", "ALLCLEAR_WEBHOOK_ALLOW=https://hooks.example", 2, []string{"--webhook-allow", "10.0.8.0/24"}},
		{"a short secret", "ALLCLEAR_SECRET_KEY=short", 2, []string{"--secret-key", "16"}},
		{"another kind of database", "ALLCLEAR_DATABASE_URL=mysql://localhost/x", 2, []string{"sqlite:// or postgres://"}},
		{"PostgreSQL without a secret", "ALLCLEAR_DATABASE_URL=postgres://127.0.0.1:1/x", 2, []string{"--secret-key"}},
		{"a folder that cannot be made", "ALLCLEAR_DATABASE_URL=sqlite:///proc/nowhere/allclear.db", 1, []string{"data directory", "--data-dir"}},
		{"a listening address that is none", "ALLCLEAR_LISTEN=nonsense", 1, []string{"--listen"}},
		{"a secret file that is not there", "ALLCLEAR_SMTP_URL_FILE=/nonexistent/file", 2, []string{"ALLCLEAR_SMTP_URL"}},
	} {
		s.env = append(good[:len(good):len(good)], c.setting)
		s.refused(c.what, c.code, c.words...)
	}
}

func TestServeRefusesAPortInUseAndASecondServer(t *testing.T) {
	s := newServer(t, storetest.SQLite(t))
	taken, err := net.Listen("tcp", s.listen)
	if err != nil {
		t.Fatal(err)
	}
	s.refused("a port in use", 1, "--listen", "in use", "choose another")
	if err := taken.Close(); err != nil {
		t.Fatal(err)
	}
	s.start()
	first := s.listen
	s.listen = freeAddress(t)
	s.refused("a second server on one file", 1, "another allclear serves", "PostgreSQL")
	s.listen = first
	if code, _ := s.get("/readyz"); code != 200 {
		t.Errorf("the first server answers %d", code)
	}
}

func TestServeRefusesAnotherKeyAndKeepsTheFirst(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, database string) {
		s := newServer(t, database)
		s.start()
		s.kill()
		s.env = append(s.env, "ALLCLEAR_SECRET_KEY=quite another secret key")
		s.refused("another key", 1, "secret key", "--secret-key")
	})
}

func TestSecretsComeFromFiles(t *testing.T) {
	s := newServer(t, storetest.SQLite(t))
	file := filepath.Join(s.dir, "smtp")
	if err := os.WriteFile(file, []byte(s.smtp+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.smtp = ""
	s.env = append(s.env, "ALLCLEAR_SMTP_URL_FILE="+file, "ALLCLEAR_LISTNE=typo")
	s.start()
	if !strings.Contains(s.log.String(), "ALLCLEAR_LISTNE is not known") {
		t.Errorf("a misspelt variable passed in silence: %s", s.log)
	}
	if _, body := s.get("/readyz"); !strings.Contains(body, `"email":{"configured":true`) {
		t.Errorf("mail is not configured: %s", body)
	}
	if info, err := os.Stat(filepath.Join(s.dir, "secret.key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the kept secret: %v %v", info, err)
	}
}

func TestMailServerAwayHoldsMailAndSaysSo(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, database string) {
		s := newServer(t, database)
		s.smtp = "smtp://" + freeAddress(t) + "?tls=none"
		s.start()
		payments, _ := s.settle()
		s.call("POST", s.page+"/incidents", opening(payments), 201, nil)
		mailServer := strings.TrimPrefix(strings.TrimSuffix(s.smtp, "?tls=none"), "smtp://")
		s.wait("readiness to name the channel", func() bool {
			code, body := s.get("/readyz")
			if strings.Contains(body, mailServer) {
				t.Fatalf("the public is told of the mail server: %s", body)
			}
			return code == 200 && strings.Contains(body, `"email":{"configured":true,"up":false,"down_since":"`)
		})
		if log := s.log.String(); !strings.Contains(log, mailServer) || !strings.Contains(log, "refused") {
			t.Errorf("the log does not say why: %s", log)
		}
		var ledger []struct {
			State, Channel, Answer string
			Attempts               int
			DueAt                  *string `json:"due_at"`
		}
		// Seven mails about the incident and a letter to who has not confirmed;
		// an outage costs at least one of them an attempt, and none is lost.
		tried := 0
		s.wait("the ledger to say so", func() bool {
			s.call("GET", s.page+"/deliveries?channel=email&state=pending", "", 200, &ledger)
			tried = 0
			for _, d := range ledger {
				if d.Attempts == 1 && strings.Contains(d.Answer, "refused") && d.DueAt != nil {
					tried++
				}
			}
			return len(ledger) == 8 && tried > 0
		})
		if len(ledger) != 8 || tried == 0 {
			t.Errorf("ledger %+v", ledger)
		}
	})
}
