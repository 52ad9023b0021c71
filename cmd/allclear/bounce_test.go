package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/store"
)

// returned is what a mail server writes when an address is dead.
func returned(path, address string) string {
	return "From: MAILER-DAEMON@mx.example.net\nTo: " + path + "\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n" +
		"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; " + address +
		"\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n\n--b--\n"
}

// house is a data directory with a database in it.
type house struct {
	t   *testing.T
	dir string
}

func (h house) run(in string, args ...string) (code int, out, errOut string) {
	h.t.Helper()
	var o, e bytes.Buffer
	code = run(h.t.Context(), append(args, "--data-dir", h.dir), strings.NewReader(in), &o, &e)
	return code, o.String(), e.String()
}

// returnPath is the one of a message to an address.
func (h house) returnPath(address string) string {
	h.t.Helper()
	key, err := database{DataDir: h.dir}.key()
	if err != nil {
		h.t.Fatal(err)
	}
	p := publish.New(nil, publish.Config{Key: key, ReturnPath: "bounces@acme.example"})
	return p.ReturnPath(notify.Key{NoticeID: 7, Channel: stakeholders.Email, Address: address})
}

func newHouse(t *testing.T) house {
	h := house{t, t.TempDir()}
	if code, _, errOut := h.run("", "migrate"); code != 0 {
		t.Fatal(errOut)
	}
	return h
}

func TestBounceCommandAnswersAsMailServersExpect(t *testing.T) {
	h := newHouse(t)
	const ana = "ana@customer.example"
	for name, test := range map[string]struct {
		in   string
		code int
		says string
	}{
		"an answer by a machine": {"From: ana@customer.example\nAuto-Submitted: auto-replied\n\nI am away", 0, "passed over"},
		"forged":                 {returned("bounces@acme.example", ana), 0, "return path of a message of ours"},
		"no mail":                {"hello", 0, "passed over"},
	} {
		if code, out, errOut := h.run(test.in, "bounce"); code != test.code || out != "" || !strings.Contains(errOut, test.says) {
			t.Errorf("%s: %d %q %q", name, code, out, errOut)
		}
	}
	if code, _, errOut := h.run(returned(h.returnPath(ana), ana), "bounce", "--database-url", "sqlite:///nowhere/at/all.db"); code != exitTempFail {
		t.Errorf("without a database: %d %s", code, errOut)
	}
	if code, _, errOut := h.run(returned(h.returnPath(ana), ana), "bounce"); code != 0 || !strings.Contains(errOut, "nothing is sent to that address any more") {
		t.Errorf("%d %s", code, errOut)
	}
	if code, _, errOut := h.run(returned("postmaster@acme.example", "bo@customer.example"), "bounce", "--recipient", h.returnPath("bo@customer.example")); code != 0 || !strings.Contains(errOut, "taken") {
		t.Errorf("%d %s", code, errOut)
	}
	_, list, _ := h.run("", "suppressions", "list")
	if strings.Count(list, "\n") != 3 || !strings.Contains(list, ana+"  bounced: 550 5.1.1 no such user") && !strings.Contains(list, ana) {
		t.Errorf("%s", list)
	}
	if code, _, errOut := h.run("", "suppressions", "list", "--channel", "fax"); code != exitMisuse || !strings.Contains(errOut, "email, slack") {
		t.Errorf("%d %s", code, errOut)
	}
	_, exported, _ := h.run("", "suppressions", "export")
	if !strings.HasPrefix(exported, "channel,address,reason,since,bounces\nemail,ana@customer.example,bounced: 550 5.1.1 no such user,") {
		t.Errorf("%s", exported)
	}
	if code, _, errOut := h.run("", "suppressions", "lift", "Ana@customer.example"); code != 0 {
		t.Errorf("%d %s", code, errOut)
	}
	if code, _, errOut := h.run("", "suppressions", "lift", ana); code != exitFailed || !strings.Contains(errOut, "not found") {
		t.Errorf("%d %s", code, errOut)
	}
}

func TestBounceMaildirIsEmptied(t *testing.T) {
	h := newHouse(t)
	box := t.TempDir()
	if checkMaildir(box) == nil {
		t.Error("an empty folder is taken for a maildir")
	}
	for _, folder := range []string{"new", "cur", "tmp"} {
		if err := os.Mkdir(filepath.Join(box, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := checkMaildir(box); err != nil {
		t.Error(err)
	}
	put := func(name, text string) {
		if err := os.WriteFile(filepath.Join(box, "new", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("1.report", returned(h.returnPath("ana@customer.example"), "ana@customer.example"))
	put("2.junk", "\x00\xff junk")
	put("3.away", "Auto-Submitted: auto-replied\n\nback on Monday")
	err := database{DataDir: h.dir}.withStore(t.Context(), true, func(s *store.Store, p *publish.Publisher) error {
		b := bounceBox{box, slog.New(slog.DiscardHandler), p.Bounce}
		away, stop := context.WithCancel(t.Context())
		stop()
		if err := b.empty(away); err == nil { // the database cannot answer
			return fmt.Errorf("the report is gone although it was not taken")
		}
		if left, _ := os.ReadDir(filepath.Join(box, "new")); len(left) != 3 {
			return fmt.Errorf("%d are left", len(left))
		}
		if err := b.empty(t.Context()); err != nil {
			return err
		}
		if reason, err := s.Suppressed(t.Context(), stakeholders.Email, "ana@customer.example"); err != nil || reason == "" {
			return fmt.Errorf("not suppressed (%w)", err)
		}
		return b.empty(t.Context())
	})
	if err != nil {
		t.Error(err)
	}
	seen, err := filepath.Glob(filepath.Join(box, "cur", "*:2,S"))
	if err != nil || len(seen) != 3 {
		t.Errorf("%v (%v)", seen, err)
	}
}
