package dsn_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/allclear-status/allclear/internal/dsn"
)

// postfix is a report as Postfix writes it.
const postfix = `Return-Path: <>
Delivered-To: bounces+7-abc@acme.example
From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
To: bounces+7-abc@acme.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
	boundary="x/mx.example.net"

This is a MIME-encapsulated message.

--x/mx.example.net
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you.

--x/mx.example.net
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
X-Postfix-Queue-ID: 4C0A

Final-Recipient: rfc822; ana@customer.example
Original-Recipient: rfc822;Ana@customer.example
Action: failed
Status: 5.1.1
Remote-MTA: dns; mail.customer.example
Diagnostic-Code: smtp; 550 5.1.1 <ana@customer.example>: Recipient address
    rejected: User unknown

--x/mx.example.net
Content-Type: text/rfc822-headers

Return-Path: <bounces+7-abc@acme.example>
To: Ana <ana@customer.example>
Subject: [Critical] Card payments fail

--x/mx.example.net--
`

func TestReportIsRead(t *testing.T) {
	want := dsn.Report{
		SentTo: []string{"bounces+7-abc@acme.example", "bounces+7-abc@acme.example", "ana@customer.example", "bounces+7-abc@acme.example"},
		Recipients: []dsn.Recipient{{Original: "Ana@customer.example", Final: "ana@customer.example", Action: dsn.Failed, Status: "5.1.1",
			Diagnostic: "550 5.1.1 <ana@customer.example>: Recipient address rejected: User unknown"}},
	}
	status := strings.Index(postfix, "Reporting-MTA")
	end := strings.Index(postfix, "\n--x/mx.example.net\nContent-Type: text/rfc822-headers")
	encoded := postfix[:status-1] + "Content-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString([]byte(postfix[status:end])) + postfix[end:]
	for name, text := range map[string]string{
		"as it is": postfix, "with CRLF": strings.ReplaceAll(postfix, "\n", "\r\n"),
		"cut off at the end": strings.TrimSuffix(postfix, "--x/mx.example.net--\n"), "in base64": encoded,
		"to a program":      "From MAILER-DAEMON  Sat May  2 10:00:00 2026\n" + postfix,
		"with broken lines": strings.ReplaceAll(postfix, "\nContent-Type: message", "\n=?broken\n: x\nContent-Type: message"),
		"boundary bare":     strings.Replace(postfix, `"x/mx.example.net"`, "x/mx.example.net; charset=x", 1),
		"without its type":  strings.Replace(postfix, " report-type=delivery-status;", "", 1),
		"action explained":  strings.Replace(postfix, "Action: failed", "ACTION : Failed (bad mailbox)", 1),
	} {
		got, err := dsn.Parse(strings.NewReader(text))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
	}
}

// Gateways that add a footer, and people who pass a report on, wrap it.
func TestWrappedReportIsRead(t *testing.T) {
	head, body, _ := strings.Cut(postfix, "\n\n")
	kind := head[strings.Index(head, "Content-Type"):]
	mixed := "To: bounces+7-abc@acme.example\nContent-Type: multipart/mixed; boundary=\"out\"\n\n--out\n" + kind + "\n\n" + body +
		"--out\nContent-Type: text/plain\n\nScanned by a gateway.\n--out--\n"
	forwarded := "To: bounces+7-abc@acme.example\nContent-Type: multipart/mixed; boundary=out\n\n--out\n\nSee below.\n--out\nContent-Type: message/rfc822\n\n" +
		postfix + "--out--\n"
	for name, text := range map[string]string{"by a gateway": mixed, "by a person": forwarded, "both": strings.Replace(mixed, "To:", "From x\nTo:", 1)} {
		got, err := dsn.Parse(strings.NewReader(text))
		if err != nil || len(got.Recipients) != 1 || got.Recipients[0].Status != "5.1.1" || got.SentTo[0] != "bounces+7-abc@acme.example" {
			t.Errorf("%s: %+v (%v)", name, got, err)
		}
	}
	deep := postfix
	for range 50 {
		deep = "Content-Type: message/rfc822\n\n" + deep
	}
	if _, err := dsn.Parse(strings.NewReader(deep)); !errors.Is(err, dsn.ErrNoReport) {
		t.Error(err)
	}
}

func TestEveryRecipientIsRead(t *testing.T) {
	more := strings.Replace(postfix, "\n--x/mx.example.net\nContent-Type: text/rfc822", `
Final-Recipient: rfc822; <bo@customer.example> (Bo)
Action: delivered
Status: 2.1.5

Final-Recipient: rfc822;cem@customer.example
Action: delayed
Status: 4.4.1
Will-Retry-Until: Sat, 2 May 2026 10:00:00 +0000

--x/mx.example.net
Content-Type: text/rfc822`, 1)
	got, err := dsn.Parse(strings.NewReader(more))
	if err != nil || len(got.Recipients) != 3 {
		t.Fatalf("%+v (%v)", got, err)
	}
	if diff := cmp.Diff([]dsn.Recipient{{Final: "bo@customer.example", Action: dsn.Delivered, Status: "2.1.5"},
		{Final: "cem@customer.example", Action: dsn.Delayed, Status: "4.4.1"}}, got.Recipients[1:]); diff != "" {
		t.Error(diff)
	}
}

func TestUnreadableReportIsAnErrorOfItsOwn(t *testing.T) {
	if _, err := dsn.Parse(iotest.ErrReader(errors.New("the pipe broke"))); err == nil || errors.Is(err, dsn.ErrNoReport) {
		t.Error(err)
	}
}

func TestStatusIsFoundWhereServersPutIt(t *testing.T) {
	for said, want := range map[string]string{
		"Status: 5.1.1":               "5.1.1",
		"Status: 5.1.1 (bad mailbox)": "5.1.1",
		"Status: 5.0.0\nDiagnostic-Code: smtp; 550 5.7.1 blocked": "5.7.1",
		"Status: 4.0.0\nDiagnostic-Code: smtp; 550 5.1.1 gone":    "4.0.0",
		"Diagnostic-Code: smtp; 452 4.2.2 full":                   "4.2.2",
		"Diagnostic-Code: smtp; 550 No such user":                 "5.0.0",
		"Status: unknown": "",
		"Status: 9.9.9":   "",
	} {
		text := strings.Replace(postfix, "Status: 5.1.1\n", said+"\n", 1)
		if strings.Contains(said, "Diagnostic") || want == "" {
			at := strings.Index(text, "Diagnostic-Code: smtp; 550 5.1.1 <ana")
			text = text[:at] + text[strings.Index(text, "\n--x/mx.example.net\nContent-Type: text/rfc822"):]
		}
		got, err := dsn.Parse(strings.NewReader(text))
		if err != nil || len(got.Recipients) != 1 || got.Recipients[0].Status != want {
			t.Errorf("%s: %+v (%v)", said, got.Recipients, err)
		}
	}
}

func TestWhatIsNoReportIsNone(t *testing.T) {
	for name, text := range map[string]string{
		"an answer by a machine": "From: ana@customer.example\nAuto-Submitted: auto-replied\nSubject: I am away\n\nBack on Monday.",
		"an answer by a person":  "From: ana@customer.example\nSubject: Re: payments\n\nThanks.",
		"a receipt":              strings.Replace(postfix, "message/delivery-status", "message/disposition-notification", 1),
		"no recipients":          strings.Replace(postfix, "message/delivery-status", "text/plain", 1),
		"no boundary":            "Content-Type: multipart/report; report-type=delivery-status\n\nx",
		"a bad content type":     "Content-Type: multipart/report; report-type\n\nx",
		"nothing":                "",
		"no headers":             "hello\n",
	} {
		if _, err := dsn.Parse(strings.NewReader(text)); !errors.Is(err, dsn.ErrNoReport) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(postfix)
	f.Add(strings.ReplaceAll(postfix, "\n", "\r\n"))
	f.Add(strings.ReplaceAll(postfix, "failed", "delayed"))
	f.Add("From x\n" + strings.Replace(postfix, "message/delivery-status", "message/delivery-status\nContent-Transfer-Encoding: quoted-printable", 1))
	f.Add("Content-Type: message/rfc822\n\n" + postfix)
	f.Add("Content-Type: multipart/report; report-type=delivery-status; boundary=\"\"\n\n--\n\n--")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := dsn.Parse(strings.NewReader(text))
		if err == nil && len(r.Recipients) == 0 {
			t.Error("a report about nobody")
		}
		for _, to := range r.Recipients {
			if !utf8.ValidString(to.Diagnostic) || strings.ContainsAny(to.Diagnostic, "\r\n\x00") || len(to.Diagnostic) > 300 {
				t.Errorf("words: %q", to.Diagnostic)
			}
			if !utf8.ValidString(to.Final) || len(to.Final) > 320 || strings.ContainsAny(to.Final+to.Original, "\r\n\x00") {
				t.Errorf("address: %q", to.Final)
			}
			if to.Status != "" && !strings.ContainsAny(to.Status[:1], "245") {
				t.Errorf("status: %q", to.Status)
			}
		}
	})
}
