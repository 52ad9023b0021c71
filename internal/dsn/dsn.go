// Package dsn reads the reports by which mail servers say that a message could
// not be delivered (RFC 3464). It takes whatever arrives at a return path, from
// anybody: it reads a bounded part, makes the best of what is written badly, and
// believes nothing; who reads a report must know whether it is true.
package dsn

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode"
)

// ErrNoReport is a message that is no report about a delivery: an answer by a
// machine, or by somebody, or no message at all.
var ErrNoReport = errors.New("not a report about a delivery")

// Report is what a server says of one message.
type Report struct {
	// SentTo are the addresses to which the report itself went, and the return
	// path of the message it is about, as its headers have them.
	SentTo     []string
	Recipients []Recipient
}

// Recipient is what became of the message to one address.
type Recipient struct {
	Original, Final string // addresses; empty where they are not said
	Action          Action
	Status          string // such as "5.1.1"; empty when none is said
	Diagnostic      string // a server's words, on one line
}

// Action is what a server did with the message to one address; empty when that
// is not said.
type Action string

// The actions there are (RFC 3464, 2.3.3).
const (
	Failed    Action = "failed"
	Delayed   Action = "delayed"   // it may still arrive
	Delivered Action = "delivered" // it arrived
	Relayed   Action = "relayed"   // it was passed on to where no reports are made
	Expanded  Action = "expanded"  // it was passed on to several
)

// How much of a message is read.
const (
	maxMessage    = 1 << 20
	maxParts      = 50
	maxDepth      = 5
	maxAddresses  = 20
	maxRecipients = 100
	maxText       = 300 // bytes of a server's words
	maxAddress    = 320
)

// Parse reads a message. The error is ErrNoReport for one that says nothing
// about a delivery; any other means that it could not be read.
func Parse(r io.Reader) (Report, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxMessage))
	if err != nil {
		return Report{}, fmt.Errorf("read the report: %w", err)
	}
	whole := reading{}
	whole.message(strings.ReplaceAll(string(text), "\r\n", "\n"), 0)
	if len(whole.Recipients) == 0 {
		return Report{}, ErrNoReport
	}
	return whole.Report, nil
}

// reading is a report as far as it was read.
type reading struct {
	Report
	parts int
}

// carriers are the headers that say to whom a message went.
var carriers = []string{"delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to", "return-path"}

// message reads one with its headers: the report itself, or one inside it.
func (r *reading) message(text string, depth int) {
	head, body := split(envelope(text))
	fields := headers(head)
	for _, name := range carriers {
		for _, value := range fields[name] {
			r.sentTo(value)
		}
	}
	r.part(fields, body, depth)
}

// envelope leaves out the line that mail servers put before a message when they
// hand it to a program: "From ana@example.com Sat May  2 10:00:00 2026".
func envelope(text string) string {
	text = strings.TrimLeft(text, "\n")
	if strings.HasPrefix(text, "From ") || strings.HasPrefix(text, ">From ") {
		_, text, _ = strings.Cut(text, "\n")
	}
	return text
}

// part reads what stands between two boundaries, or a whole message.
func (r *reading) part(fields map[string][]string, body string, depth int) {
	if r.parts++; r.parts > maxParts || depth > maxDepth {
		return
	}
	kind := first(fields, "content-type")
	body = decode(body, first(fields, "content-transfer-encoding"))
	switch name, _, _ := strings.Cut(kind, ";"); strings.ToLower(strings.TrimSpace(name)) {
	case "multipart/report", "multipart/mixed", "multipart/related", "multipart/signed":
		for _, part := range between(body, boundary(kind)) {
			head, body := split(part)
			r.part(headers(head), body, depth+1)
		}
	case "message/delivery-status", "message/global-delivery-status":
		r.statuses(body)
	case "message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers":
		r.message(body, depth+1)
	}
}

// statuses reads what became of each address. What is said of the whole message
// comes first, and some leave it out.
func (r *reading) statuses(body string) {
	for group := range strings.SplitSeq(body, "\n\n") {
		f := headers(strings.TrimLeft(group, "\n"))
		if len(r.Recipients) < maxRecipients && (f["final-recipient"] != nil || f["original-recipient"] != nil || f["action"] != nil) {
			r.Recipients = append(r.Recipients, recipient(f))
		}
	}
}

// sentTo notes the address of a header.
func (r *reading) sentTo(value string) {
	if address := plain(value); address != "" && len(r.SentTo) < maxAddresses {
		r.SentTo = append(r.SentTo, address)
	}
}

var (
	enhanced = regexp.MustCompile(`\b([245])\.(\d{1,3})\.(\d{1,3})\b`)
	simple   = regexp.MustCompile(`\b([45])\d\d\b`)
	word     = regexp.MustCompile(`^[a-z]+`)
)

func recipient(f map[string][]string) Recipient {
	r := Recipient{
		Original: plain(typed(first(f, "original-recipient"))), Final: plain(typed(first(f, "final-recipient"))),
		Diagnostic: clean(typed(first(f, "diagnostic-code"))),
	}
	switch action := Action(word.FindString(strings.ToLower(first(f, "action")))); action {
	case Failed, Delayed, Delivered, Relayed, Expanded:
		r.Action = action
	}
	if r.Status = enhanced.FindString(first(f, "status")); r.Status == "" || strings.HasSuffix(r.Status, ".0.0") {
		// Some say nothing there, and everything in the words.
		if said := enhanced.FindString(r.Diagnostic); said != "" && (r.Status == "" || said[0] == r.Status[0]) {
			r.Status = said
		} else if code := simple.FindString(r.Diagnostic); code != "" && r.Status == "" {
			r.Status = code[:1] + ".0.0"
		}
	}
	return r
}

// typed is a value without the kind before it, as in "rfc822; ana@example.com".
func typed(value string) string {
	if _, rest, ok := strings.Cut(value, ";"); ok {
		value = rest
	}
	return strings.TrimSpace(value)
}

var angled = regexp.MustCompile(`<([^<>\s]+)>`)

// plain is the address in a value, or empty.
func plain(value string) string {
	if m := angled.FindStringSubmatch(value); m != nil {
		value = m[1]
	} else if words := strings.Fields(value); len(words) > 0 {
		value = strings.Trim(words[0], "<>,;")
	}
	if len(value) > maxAddress || !strings.Contains(value, "@") || strings.ContainsFunc(value, unicode.IsControl) {
		return ""
	}
	return strings.ToValidUTF8(value, "?")
}

// clean makes a server's words fit for the ledger.
func clean(words string) string {
	words = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(words, "?"))
	words = strings.Join(strings.Fields(words), " ")
	if len(words) > maxText {
		words = strings.ToValidUTF8(words[:maxText], "")
	}
	return words
}
