package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"strings"

	"github.com/allclear-status/allclear/notify/email"
)

// mailing is how mail is sent.
type mailing struct {
	SMTPURL        []string `name:"smtp-url" env:"ALLCLEAR_SMTP_URL" sep:"none" placeholder:"URL" help:"Mail server: smtp://user:pass@host:587?tls=mandatory|opportunistic|none&rate=100&connections=8&messages=500, or smtps://…. Several, divided by commas or given several times: the first that answers is used. Unset: mail is held."`
	MailFrom       string   `name:"mail-from" env:"ALLCLEAR_MAIL_FROM" help:"Sender of mail (default: status@ the host of the public URL)."`
	MailReturnPath string   `name:"mail-return-path" env:"ALLCLEAR_MAIL_RETURN_PATH" help:"Address for reports of failed delivery, such as bounces@example.com; each message then has its own, bounces+…@example.com (default: the sender)."`
	BounceMaildir  string   `name:"bounce-maildir" env:"ALLCLEAR_BOUNCE_MAILDIR" help:"Maildir in which reports of failed delivery arrive; the server reads what is new and moves it to cur."`
	DKIMDomain     string   `name:"dkim-domain" env:"ALLCLEAR_DKIM_DOMAIN" help:"Domain that signs the mail (default: the sender's)."`
	DKIMSelector   string   `name:"dkim-selector" env:"ALLCLEAR_DKIM_SELECTOR" default:"allclear" help:"Name under which the key is published: SELECTOR._domainkey.DOMAIN."`
	DKIMKey        string   `name:"dkim-key" env:"ALLCLEAR_DKIM_KEY" help:"Private key that signs the mail, in PEM: RSA of 2048 bits or more, or Ed25519. Unset: mail is not signed."`
}

// relays is the URLs of the mail servers in one text; empty: there is none.
func (m mailing) relays() string { return strings.Join(m.SMTPURL, ",") }

// mailFrom is the sender of mail.
func (m mailing) mailFrom(public *url.URL) string {
	return cmp.Or(m.MailFrom, "status@"+public.Hostname())
}

// channel makes the way of sending mail; nil when there is no mail server.
func (m mailing) channel(public *url.URL) (*email.Channel, error) {
	signer, err := m.signer(public)
	if err != nil {
		return nil, misuse{fmt.Errorf("--dkim-domain, --dkim-selector, --dkim-key: %w", err)}
	}
	if err := m.checkReturnPath(); err != nil {
		return nil, misuse{fmt.Errorf("--mail-return-path: %w", err)}
	}
	if m.BounceMaildir != "" {
		if err := checkMaildir(m.BounceMaildir); err != nil {
			return nil, misuse{fmt.Errorf("--bounce-maildir: %w", err)}
		}
	}
	if m.relays() == "" {
		return nil, nil
	}
	channel, err := email.New(email.Config{URL: m.relays(), From: m.mailFrom(public), DKIM: signer})
	if err != nil {
		return nil, misuse{fmt.Errorf("--smtp-url, --mail-from: %w", err)}
	}
	return channel, nil
}

// signer is what signs the mail; nil when there is no key.
func (m mailing) signer(public *url.URL) (*email.Signer, error) {
	if m.DKIMKey == "" {
		if m.DKIMDomain != "" {
			return nil, errors.New("there is a domain but no key to sign for it")
		}
		return nil, nil
	}
	domain := m.DKIMDomain
	if from, err := mail.ParseAddress(m.mailFrom(public)); err == nil && domain == "" {
		_, domain, _ = strings.Cut(from.Address, "@")
	}
	return email.NewSigner(email.DKIM{Domain: domain, Selector: m.DKIMSelector, Key: m.DKIMKey})
}

// maxReturnLocal leaves room for what makes each return path its own: the part
// before the @ may have 64 bytes.
const maxReturnLocal = 22

func (m mailing) checkReturnPath() error {
	if m.MailReturnPath == "" {
		return nil
	}
	local, domain, _ := strings.Cut(m.MailReturnPath, "@")
	parsed, err := mail.ParseAddress(m.MailReturnPath)
	if err != nil || parsed.Address != m.MailReturnPath || domain == "" || strings.ContainsFunc(m.MailReturnPath, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' }) {
		return fmt.Errorf("%q is not an address such as bounces@example.com", m.MailReturnPath)
	}
	if len(local) > maxReturnLocal {
		return fmt.Errorf("%q has %d signs before the @; at most %d leave room for what is added", m.MailReturnPath, len(local), maxReturnLocal)
	}
	return nil
}
