package email

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/allclear-status/allclear/notify"
)

// Checked is what a look at one mail server found.
type Checked struct {
	Server string // host and port
	Err    error  // why it cannot be used
	// Secured says how the connection is: "TLS 1.3, certificate of
	// mail.example.com until 2027-05-02"; empty: it is in the clear.
	Secured  string
	SignedIn bool           // with a password
	Offers   []string       // of what matters to us
	Sent     *notify.Result // what became of the trial; nil: there was none
}

// Trial is a message by which somebody sees whether mail arrives.
type Trial struct {
	To      notify.Recipient
	Subject string
	Text    string // plain
}

// Check connects to every mail server, one after the other, and sends the trial,
// when there is one, over each of them.
func (c *Channel) Check(ctx context.Context, trial *Trial) []Checked {
	found := make([]Checked, len(c.relays))
	for i, r := range c.relays {
		found[i] = c.check(ctx, r, trial)
	}
	return found
}

func (c *Channel) check(ctx context.Context, r *relay, trial *Trial) Checked {
	found := Checked{Server: r.server.String()}
	if !r.take() {
		found.Err = errors.New("all its connections are in use")
		return found
	}
	l, err := c.dialRelay(ctx, r)
	if err != nil {
		found.Err = err
		return found
	}
	defer l.quit()
	found.SignedIn = r.server.User != ""
	if state, ok := l.client.TLSConnectionState(); ok {
		found.Secured = securedWords(state, r.tlsConfig.InsecureSkipVerify)
	}
	for _, name := range []string{"PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8"} {
		if offered, value := l.client.Extension(name); offered {
			found.Offers = append(found.Offers, strings.TrimSpace(name+" "+value))
		}
	}
	if trial != nil {
		result := c.try(ctx, l, *trial)
		found.Sent = &result
	}
	return found
}

// securedWords describes a secured connection.
func securedWords(state tls.ConnectionState, unchecked bool) string {
	words := tls.VersionName(state.Version)
	if len(state.PeerCertificates) > 0 {
		certificate := state.PeerCertificates[0]
		name := certificate.Subject.CommonName
		if len(certificate.DNSNames) > 0 {
			name = certificate.DNSNames[0]
		}
		words += fmt.Sprintf(", certificate of %s until %s", oneLine(name), certificate.NotAfter.UTC().Format(time.DateOnly))
	}
	if unchecked {
		words += ", not checked on this machine"
	}
	return words
}

// try sends the trial over a line.
func (c *Channel) try(ctx context.Context, l *line, trial Trial) notify.Result {
	p, err := c.trial(trial)
	if err != nil {
		return notify.Result{Outcome: notify.Permanent, Answer: limit("not sent: " + err.Error())}
	}
	accepted, f := l.send(ctx, p, nil)
	if f != nil {
		return f.result()
	}
	return notify.Result{Outcome: notify.Delivered, Answer: l.scrub.clean(accepted)}
}

// trial makes the message.
func (c *Channel) trial(trial Trial) (*parcel, error) {
	if err := checkPersonal(trial.To); err != nil {
		return nil, err
	}
	p := &parcel{to: trial.To.Address}
	var err error
	if p.from, err = c.returnPath(trial.To); err != nil {
		return nil, err
	}
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	m.FromMailAddress(c.from)
	m.Subject(trial.Subject)
	m.SetDate()
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetMessageIDWithValue(trial.To.MessageID)
	m.SetBodyString(gomail.TypeTextPlain, trial.Text)
	var out bytes.Buffer
	if _, err = m.WriteTo(&out); err != nil {
		return nil, err
	}
	if !bytes.HasSuffix(out.Bytes(), []byte("\r\n")) {
		out.WriteString("\r\n")
	}
	// go-mail encodes an address in another script; the mail goes to the plain one.
	p.message = stuff(append([]byte("To: "+trial.To.Address+"\r\n"), out.Bytes()...))
	p.signature, err = c.sign(p.message)
	return p, err
}
