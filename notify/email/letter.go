package email

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/allclear-status/allclear/notify"
)

// letter is a mail as bytes, built once for all who get it, in three pieces:
// around them go the headers and the few lines of text and HTML that are
// personal. Each of these starts and ends where a line does, so that neither
// the encoding nor the dots at the start of a line need to be done again. Many
// sessions may address it at once.
type letter struct {
	designs  designs
	language string
	letter   bool // to one person, in these words; else about an incident
	words    notify.Letter
	pieces   [3][]byte // with doubled dots: headers and text, HTML, the end

	mu     sync.Mutex
	shapes map[shape]*spans
}

// compose builds the mail.
func (c *Channel) compose(text notify.Text) (*letter, error) {
	// Nobody who writes a title can know the places that are cut out.
	here := "allclear" + strings.ToLower(rand.Text())
	textMark, htmlMark, idMark := here+"text", here+"html", here+"id"
	v := newView(text, textMark)
	var plain, html bytes.Buffer
	if err := c.designs.text.ExecuteTemplate(&plain, "mail.txt", v); err != nil {
		return nil, err
	}
	v.Personal = htmlMark
	if err := c.designs.html.ExecuteTemplate(&html, "mail.html", v); err != nil {
		return nil, err
	}
	built, err := c.build(v, text.Content.PostedAt.In(text.Content.Location()), idMark, plain.String(), html.String())
	if err != nil {
		return nil, err
	}
	l := &letter{designs: c.designs, language: v.Language, shapes: map[shape]*spans{}}
	l.words, l.letter = notify.LetterOf(text)
	headers, rest, ok1 := bytes.Cut(built, []byte("Message-ID: <"+idMark+">\r\n"))
	first, rest, ok2 := bytes.Cut(rest, []byte(textMark))
	second, third, ok3 := bytes.Cut(rest, []byte(htmlMark))
	if !ok1 || !ok2 || !ok3 {
		return nil, errors.New("go-mail wrote the message in an unknown way")
	}
	l.pieces = [3][]byte{stuff(slices.Concat(headers, first)), stuff(second), stuff(third)}
	return l, nil
}

// build lets go-mail write the message.
func (c *Channel) build(v view, date time.Time, id, text, html string) ([]byte, error) {
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	m.FromMailAddress(c.from)
	m.Subject(v.Subject)
	if date.IsZero() || date.Year() < 1980 {
		date = time.Now()
	}
	m.SetDateWithValue(date)
	m.SetMessageIDWithValue(id)
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("X-Auto-Response-Suppress", "All")
	if v.Topic != "" {
		m.SetGenHeader("Thread-Topic", v.Topic) // by which Exchange makes conversations
	}
	m.SetBodyString(gomail.TypeTextPlain, text)
	m.AddAlternativeString(gomail.TypeTextHTML, html)
	var out bytes.Buffer
	_, err := m.WriteTo(&out)
	if !bytes.HasSuffix(out.Bytes(), []byte("\r\n")) {
		out.WriteString("\r\n") // the final dot stands on a line of its own
	}
	return out.Bytes(), err
}

// stuff doubles the dots that begin a line, as the mail protocol wants it.
func stuff(piece []byte) []byte {
	piece = bytes.ReplaceAll(piece, []byte("\r\n."), []byte("\r\n.."))
	if bytes.HasPrefix(piece, []byte(".")) {
		piece = append([]byte("."), piece...)
	}
	return piece
}

// address makes the letter one person's; the error says why it cannot be.
func (l *letter) address(to notify.Recipient) ([]byte, error) {
	return l.addressInto(nil, to)
}

// addressInto writes one person's letter behind what out holds.
func (l *letter) addressInto(out []byte, to notify.Recipient) ([]byte, error) {
	if err := checkPersonal(to); err != nil {
		return nil, err
	}
	if err := l.checkLinks(to); err != nil {
		return nil, err
	}
	v := valuesOf(to)
	s, err := l.spansOf(v.shape())
	if err != nil {
		return nil, err
	}
	out = appendHeaders(out, to)
	out = append(out, l.pieces[0]...)
	out = fill(out, s.text, &v)
	out = append(out, l.pieces[1]...)
	out = fill(out, s.html, &v)
	return append(out, l.pieces[2]...), nil
}

// checkPersonal refuses what cannot stand in the headers that differ between
// recipients, because nothing there is encoded.
func checkPersonal(to notify.Recipient) error {
	if err := checkAddress(to.Address); err != nil {
		return err
	}
	if err := checkID(to.MessageID); err != nil {
		return fmt.Errorf("the Message-ID is %w", err)
	}
	if answers(to) {
		if err := checkID(to.ThreadID); err != nil {
			return fmt.Errorf("the thread's id is %w", err)
		}
	}
	if to.LeaveURL != "" && checkURL(to.LeaveURL) != nil {
		return errors.New("the address for leaving is not a plain web address")
	}
	return nil
}

// answers says whether the message follows another one of its thread.
func answers(to notify.Recipient) bool { return to.ThreadID != "" && to.ThreadID != to.MessageID }

// appendHeaders writes the headers that differ between recipients; they were
// checked.
func appendHeaders(out []byte, to notify.Recipient) []byte {
	add := func(parts ...string) {
		for _, p := range parts {
			out = append(out, p...)
		}
	}
	add("To: ", to.Address, "\r\nMessage-ID: <", to.MessageID, ">\r\n")
	if answers(to) {
		add("In-Reply-To: <", to.ThreadID, ">\r\nReferences: <", to.ThreadID, ">\r\n")
	}
	if to.LeaveURL != "" {
		add("List-Unsubscribe: <", to.LeaveURL, ">\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n")
	}
	return out
}

const maxHeaderValue = 900 // bytes; a line may have 998

// idBytes are those of which a Message-ID may consist.
var idBytes = func() (set [256]bool) {
	for c := '!'; c <= '~'; c++ {
		set[c] = !strings.ContainsRune(`<>()[]\,;:"`, c)
	}
	return set
}()

func checkID(id string) error {
	left, right, ok := strings.Cut(id, "@")
	if !ok || left == "" || right == "" || len(id) > maxHeaderValue ||
		!consists(id, &idBytes) {
		return errors.New("not of the form name@host")
	}
	return nil
}

// checkLinks refuses personal links that are not plain web addresses.
func (l *letter) checkLinks(to notify.Recipient) error {
	if l.words.Act != "" && checkURL(to.ActURL) != nil {
		return errors.New("a letter has no link to follow")
	}
	if to.PreferencesURL != "" {
		return checkURL(to.PreferencesURL)
	}
	return nil
}

// checkURL refuses an address that could leave its header or its angle
// brackets. It does not repeat the address, which is a key to the preferences.
func checkURL(raw string) error {
	if everydayURL(raw) {
		return nil
	}
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || len(raw) > maxHeaderValue ||
		strings.ContainsFunc(raw, func(r rune) bool { return r <= ' ' || r > '~' || r == '<' || r == '>' || r == '"' }) {
		return errors.New("a personal link is not a plain web address")
	}
	return nil
}

// everydayURL says whether an address is one of those that need no second look,
// as all that the server makes are.
func everydayURL(raw string) bool {
	rest, ok := strings.CutPrefix(raw, "https://")
	if !ok {
		if rest, ok = strings.CutPrefix(raw, "http://"); !ok {
			return false
		}
	}
	host, path, _ := strings.Cut(rest, "/")
	host, port, _ := strings.Cut(host, ":")
	return host != "" && len(raw) <= maxHeaderValue && consists(host, &hostBytes) && consists(path, &pathBytes) && (port == "" || len(port) <= 5 && strings.Trim(port, "0123456789") == "")
}

// Of which bytes the hosts and the paths of everyday addresses consist.
var (
	hostBytes = lettersAnd("-.")
	pathBytes = lettersAnd("-._~/?=&")
)

// lettersAnd are letters, digits and some signs.
func lettersAnd(signs string) (set [256]bool) {
	for c := range set {
		b := byte(c)
		set[c] = 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || strings.IndexByte(signs, b) >= 0
	}
	return set
}

// consists says whether a text has only bytes of a set.
func consists(text string, set *[256]bool) bool {
	for i := range len(text) {
		if !set[text[i]] {
			return false
		}
	}
	return true
}
