package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/allclear-status/allclear/internal/safehttp"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/notify/email"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/store"
)

type doctorCommand struct {
	settings `embed:""`
	MailTo   string `name:"mail-to" placeholder:"ADDRESS" help:"Send a test message there, over each mail server."`
}

// diagnosis is what is found, told as it is found.
type diagnosis struct {
	out io.Writer
	bad int
	// lookup reads the texts of a name in the DNS.
	lookup func(ctx context.Context, name string) ([]string, error)
}

func (d *diagnosis) say(mark, what, words string) {
	_, _ = fmt.Fprintf(d.out, "%-5s %-15s %s\n", mark, what, words) // nobody is left to tell when this fails
}

func (d *diagnosis) ok(what, words string)   { d.say("ok", what, words) }
func (d *diagnosis) note(what, words string) { d.say("note", what, words) }

// check says whether something is in order.
func (d *diagnosis) check(what string, err error, words string) bool {
	if err != nil {
		d.bad++
		d.say("FAIL", what, err.Error())
		return false
	}
	d.ok(what, words)
	return true
}

// Run looks at everything that a server needs, without starting one.
func (c *doctorCommand) Run(ctx context.Context, s *streams) error {
	d := &diagnosis{out: s.out, lookup: net.DefaultResolver.LookupTXT}
	if err := c.examine(ctx, d); err != nil {
		return err
	}
	if d.bad > 0 {
		return fmt.Errorf("found %d of these wrong", d.bad)
	}
	return nil
}

func (c *doctorCommand) examine(ctx context.Context, d *diagnosis) error {
	to := ""
	if c.MailTo != "" {
		var err error
		if to, err = stakeholders.NormalizeAddress(stakeholders.Email, c.MailTo); err != nil {
			return misuse{fmt.Errorf("--mail-to: %w", err)}
		}
	}
	public, err := c.publicURL()
	if !d.check("public URL", err, c.PublicURL) {
		return nil // nothing else makes sense
	}
	if loopback := public.Hostname() == "localhost" || net.ParseIP(public.Hostname()).IsLoopback(); loopback {
		d.note("public URL", "only this machine knows it: links in messages lead nowhere for anybody else")
	} else if public.Scheme == "http" {
		d.note("public URL", "it begins with http://; mail programs leave by one click over https:// only")
	}
	_, err = safehttp.ParseGuard(c.WebhookAllow)
	d.check("webhooks", named("--webhook-allow", err), "settings can be read")
	_, err = c.trustedProxies()
	d.check("proxies", err, "settings can be read")
	c.examineDatabase(ctx, d)
	return c.examineMail(ctx, d, public, to)
}

// named puts the name of a setting before an error.
func named(setting string, err error) error {
	if err != nil {
		err = fmt.Errorf("%s: %w", setting, err)
	}
	return err
}

// examineDatabase opens it without changing anything in it.
func (c *doctorCommand) examineDatabase(ctx context.Context, d *diagnosis) {
	if path, ok := c.sqlitePath(); ok {
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
			d.note("database", "there is none yet; \"allclear serve\" makes "+path)
			return
		}
	}
	err := c.withStore(ctx, true, func(s *store.Store, _ *publish.Publisher) (err error) {
		_, err = s.Page(ctx)
		return err
	})
	d.check("database", err, "can be read, and its schema is that of this program")
}

// examineMail looks at how mail is sent, and sends some.
func (c *doctorCommand) examineMail(ctx context.Context, d *diagnosis, public *url.URL, to string) error {
	channel, err := c.mailing.channel(public)
	if !d.check("mail settings", err, "sender "+c.mailFrom(public)) {
		return nil
	}
	if channel == nil {
		d.note("mail server", "--smtp-url is not set: mail is held until there is one")
		if to != "" {
			d.check("test message", errors.New("there is no mail server to send it over"), "")
		}
		return nil
	}
	c.examineNames(ctx, d, public)
	var trial *email.Trial
	if to != "" {
		if trial, err = c.trial(public, to); err != nil {
			d.check("test message", err, "")
			return nil
		}
	}
	for _, found := range channel.Check(ctx, trial) {
		d.server(found)
	}
	return ctx.Err()
}

// trial is the test message. Its return path is like that of any other.
func (c *doctorCommand) trial(public *url.URL, to string) (*email.Trial, error) {
	recipient := notify.Recipient{Address: to, MessageID: "test." + strings.ToLower(rand.Text()) + "@" + public.Hostname()}
	if c.MailReturnPath != "" {
		key, err := c.key()
		if err != nil {
			return nil, err
		}
		recipient.ReturnPath = publish.New(nil, publish.Config{Key: key, ReturnPath: c.MailReturnPath}).
			ReturnPath(notify.Key{Channel: stakeholders.Email, Address: to})
	}
	return &email.Trial{To: recipient, Subject: "Test message from " + public.Host,
		Text: "This is a test: mail from the status page " + c.PublicURL + " reaches you.\n\nIt was sent by \"allclear doctor\". Nothing is wrong, and nothing is to be done.\n"}, nil
}

// server tells of one mail server.
func (d *diagnosis) server(found email.Checked) {
	words := found.Server
	if found.Secured != "" {
		words += ": " + found.Secured
	} else {
		words += ": in the clear"
	}
	if found.SignedIn {
		words += "; signed in"
	}
	if len(found.Offers) > 0 {
		words += "; offers " + strings.Join(found.Offers, ", ")
	}
	if !d.check("mail server", found.Err, words) || found.Sent == nil {
		return
	}
	var err error
	if found.Sent.Outcome != notify.Delivered {
		err = errors.New("not taken by " + found.Server + ": " + found.Sent.Answer)
	}
	d.check("test message", err, "taken by "+found.Server+": "+found.Sent.Answer+" — now see whether it arrives, and not as spam")
}

// examineNames looks up what receivers look up: who may send for the sender's
// domain. What is missing there is no fault of the settings.
func (c *doctorCommand) examineNames(ctx context.Context, d *diagnosis, public *url.URL) {
	from := domainOf(c.mailFrom(public))
	signer, err := c.signer(public)
	switch {
	case err != nil:
		return // was said already
	case signer == nil:
		d.note("DKIM", "no key is set: mail is not signed here")
	case !within(from, signer.Domain()):
		d.note("DKIM", "signs for "+signer.Domain()+", which does not hold the sender's domain "+from+": that does not count for DMARC")
	default:
		name, text := signer.Record()
		d.published(ctx, "DKIM", name, "p="+text[strings.LastIndex(text, "p=")+2:], "publish there: "+text)
	}
	if c.MailReturnPath == "" {
		d.note("return path", "not set: reports of failed delivery go to the sender, and no dead address is noticed")
	}
	returned := from
	if c.MailReturnPath != "" {
		returned = domainOf(c.MailReturnPath)
	}
	d.published(ctx, "SPF", returned, "v=spf1", "name your mail server there: \"v=spf1 … -all\"")
	d.published(ctx, "DMARC", "_dmarc."+from, "v=DMARC1", "publish there: \"v=DMARC1; p=none; rua=mailto:…\"")
}

// domainOf is what stands behind the @ of an address.
func domainOf(address string) string {
	return strings.ToLower(strings.TrimRight(address[strings.LastIndexByte(address, '@')+1:], "> "))
}

// within says whether a domain is another one or below it.
func within(domain, other string) bool {
	return strings.EqualFold(domain, other) || strings.HasSuffix(strings.ToLower(domain), "."+strings.ToLower(other))
}

// private says whether a domain is one that the DNS of the internet cannot know.
func private(domain string) bool {
	top := domain[strings.LastIndexByte(domain, '.')+1:]
	return top == domain || net.ParseIP(strings.Trim(domain, "[]")) != nil || slices.Contains([]string{"localhost", "internal", "local", "test", "invalid"}, top)
}

// lookupTime bounds one question to the DNS.
const lookupTime = 5 * time.Second

// published says whether a text with some words stands at a name in the DNS.
func (d *diagnosis) published(ctx context.Context, what, name, words, advice string) {
	if private(name) {
		d.note(what, name+" is not a name of the internet; nothing can be published there")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	texts, err := d.lookup(ctx, name)
	var missing *net.DNSError
	if err != nil && (!errors.As(err, &missing) || !missing.IsNotFound) {
		d.note(what, name+" could not be looked up")
		return
	}
	for _, text := range texts {
		if strings.Contains(strings.ReplaceAll(text, " ", ""), strings.ReplaceAll(words, " ", "")) {
			d.ok(what, "published at "+name)
			return
		}
	}
	d.note(what, "not found at "+name+"; "+advice)
}
