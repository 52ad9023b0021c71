package email_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/notify/email"
)

func TestParseURL(t *testing.T) {
	tests := []struct {
		url  string
		want email.Server
	}{
		{"smtp://mail.example.com", email.Server{Host: "mail.example.com", Port: 587, TLS: email.TLSMandatory}},
		{"smtp://u:p@mail.example.com:25?tls=opportunistic", email.Server{Host: "mail.example.com", Port: 25, User: "u", Password: "p", TLS: email.TLSOpportunistic}},
		{"smtp://u%40x.example:p%40ss%2Fw%3Fo%23rd@mail.example.com", email.Server{Host: "mail.example.com", Port: 587, User: "u@x.example", Password: "p@ss/w?o#rd", TLS: email.TLSMandatory}},
		{"smtp://mail.example.com/?tls=none", email.Server{Host: "mail.example.com", Port: 587, TLS: email.TLSNone}},
		{"smtp://localhost:1025", email.Server{Host: "localhost", Port: 1025, TLS: email.TLSOpportunistic}},
		{"smtp://127.0.0.1:1025", email.Server{Host: "127.0.0.1", Port: 1025, TLS: email.TLSOpportunistic}},
		{"smtp://[::1]:1025?tls=mandatory", email.Server{Host: "::1", Port: 1025, TLS: email.TLSMandatory}},
		{"SMTPS://u:p@mail.example.com", email.Server{Host: "mail.example.com", Port: 465, User: "u", Password: "p", TLS: email.TLSImplicit}},
		{"smtp://mail.example.com?rate=100&connections=4&messages=500", email.Server{Host: "mail.example.com", Port: 587, TLS: email.TLSMandatory, Rate: 100, Connections: 4, Messages: 500}},
		{"smtps://mail.example.com:2465?tls=mandatory", email.Server{Host: "mail.example.com", Port: 2465, TLS: email.TLSImplicit}},
	}
	for _, test := range tests {
		got, err := email.ParseURL(test.url)
		if test.want.Connections == 0 {
			test.want.Connections = email.DefaultConnections
		}
		if err != nil || got != test.want {
			t.Errorf("%s: %+v (%v)", test.url, got, err)
		}
	}
}

func TestParseURLRefusesClearlyAndKeepsThePassword(t *testing.T) {
	const secret = "hunter2secret"
	tests := map[string]string{
		"":                         "must begin with smtp://",
		"mail.example.com:587":     "must begin with smtp://",
		"http://mail.example.com":  "must begin with smtp://",
		"smtp://":                  "names no host",
		"smtp://:25":               "names no host",
		"smtp://mail.example.com?": "", // an empty query is none
		"smtp://mail.example.com?starttls=always":                   `unknown parameter "starttls"`,
		"smtp://mail.example.com?rate=fast":                         "rate in the mail server's URL must be a whole number",
		"smtp://mail.example.com?rate=0":                            "from 1 to",
		"smtp://mail.example.com?connections=65":                    "from 1 to 64",
		"smtp://mail.example.com?messages=1&messages=2":             "messages more than once",
		"smtp://mail.example.com?tls=sometimes":                     "tls=sometimes is not known",
		"smtp://mail.example.com?tls=none&tls=mandatory":            "more than once",
		"smtps://mail.example.com?tls=none":                         "always encrypted",
		"smtp://mail.example.com:99999":                             "from 1 to 65535",
		"smtp://mail.example.com:0":                                 "from 1 to 65535",
		"smtp://user@mail.example.com":                              "both a user and a password",
		"smtp://:" + secret + "@mail.example.com":                   "both a user and a password",
		"smtp://user:" + secret + "/x@mail.example.com":             "cannot be read",
		"smtp://user:12/" + secret + "@mail.example.com":            "cannot be read",
		"smtp://user:12?" + secret + "@mail.example.com":            "cannot be read",
		"smtp://user:12#" + secret + "@mail.example.com":            "cannot be read",
		"smtp://user:" + secret + "%zz@mail.example.com":            "cannot be read",
		"smtp://user:" + secret + "@mail.example.com/path":          "cannot be read",
		"smtp://user:" + secret + "@mail.example.com:port":          "cannot be read",
		"smtp://user:" + secret + "@mail.example.com?tls=none;x=%z": "cannot be read",
		"smtp://user:" + secret + "\n@mail.example.com":             "cannot be read",
	}
	for url, want := range tests {
		_, err := email.ParseURL(url)
		switch {
		case want == "" && err != nil:
			t.Errorf("%q: %v", url, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%q: %v, want %q", url, err, want)
		case err != nil && strings.Contains(err.Error(), secret):
			t.Errorf("%q: the password is in the error: %v", url, err)
		}
	}
}

func TestServerPrintsWithoutItsPassword(t *testing.T) {
	s, err := email.ParseURL("smtp://user:hunter2@mail.example.com")
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(verb, s); strings.Contains(got, "hunter2") {
			t.Errorf("%s prints %s", verb, got)
		}
	}
}

func TestNewRefusesABadSender(t *testing.T) {
	for _, from := range []string{"", "status", "a@b@c", "Acme <status@acme.example>, Eve <eve@example.com>", "status@acme.example\r\nBcc: eve@example.com", `"a b"@acme.example`, "stätus@acme.example"} {
		if _, err := email.New(email.Config{URL: "smtp://localhost", From: from}); err == nil {
			t.Errorf("%q was taken", from)
		}
	}
	if _, err := email.New(email.Config{URL: "smtp://localhost", From: "a@acme.example", HelloName: "a b\r\n"}); err == nil {
		t.Error("a HELO name with a line break was taken")
	}
	for _, from := range []string{"status@acme.example", "Ä Status <status@äcme.example>"} {
		if _, err := email.New(email.Config{URL: "smtp://localhost", From: from}); err != nil {
			t.Errorf("%q: %v", from, err)
		}
	}
}

func TestSeveralURLs(t *testing.T) {
	got, err := email.ParseURLs("smtp://u:a,b@one.example:25?rate=10, smtps://two.example,SMTP://three.example?connections=2")
	if err != nil || len(got) != 3 {
		t.Fatalf("%+v (%v)", got, err)
	}
	if got[0].Password != "a,b" || got[0].Rate != 10 || got[1].TLS != email.TLSImplicit || got[2].Host != "three.example" || got[2].Connections != 2 {
		t.Errorf("%#v", got)
	}
	for _, bad := range []string{"", ",", "smtp://one.example,", "smtp://one.example,two.example"} {
		if got, err := email.ParseURLs(bad); err == nil {
			t.Errorf("%q: %v", bad, got)
		}
	}
}
