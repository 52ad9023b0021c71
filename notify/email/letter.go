package email

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"mime/quotedprintable"
	"net/url"
	"slices"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/allclear-status/allclear/notify"
)

// letter is a mail as bytes, built once for all who get it, in three pieces:
// around them go the headers and the few lines of text and HTML that are
// personal. Each of these starts and ends where a line does, so that neither
// the encoding nor the dots at the start of a line need to be done again.
type letter struct {
	designs  designs
	language string
	letter   bool // to one person, in these words; else about an incident
	words    notify.Letter
	pieces   [3][]byte // with doubled dots: headers and text, HTML, the end
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
	l := &letter{designs: c.designs, language: v.Language}
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
	headers, err := personalHeaders(to)
	if err != nil {
		return nil, err
	}
	if err := l.checkLinks(to); err != nil {
		return nil, err
	}
	words := l.newWords(to)
	var text, html bytes.Buffer
	if err := l.designs.text.ExecuteTemplate(&text, l.personalDesign()+".txt", words); err != nil {
		return nil, err
	}
	if err := l.designs.html.ExecuteTemplate(&html, l.personalDesign()+".html", words); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.Grow(len(l.pieces[0]) + len(l.pieces[1]) + len(l.pieces[2]) + len(headers) + 2*text.Len() + 2*html.Len())
	out.WriteString(headers)
	out.Write(l.pieces[0])
	out.Write(quoted(text.Bytes()))
	out.Write(l.pieces[1])
	out.Write(quoted(html.Bytes()))
	out.Write(l.pieces[2])
	return out.Bytes(), nil
}

// quoted is a personal text as it stands in the message.
func quoted(text []byte) []byte {
	var out bytes.Buffer
	w := quotedprintable.NewWriter(&out)
	_, _ = w.Write(bytes.TrimSpace(text)) // a buffer does not fail
	_ = w.Close()
	return stuff(out.Bytes())
}

// personalHeaders are the headers that differ between recipients. Everything
// in them is checked first, because nothing here is encoded.
func personalHeaders(to notify.Recipient) (string, error) {
	if err := checkAddress(to.Address); err != nil {
		return "", err
	}
	if err := checkID(to.MessageID); err != nil {
		return "", fmt.Errorf("the Message-ID is %w", err)
	}
	headers := "To: " + to.Address + "\r\nMessage-ID: <" + to.MessageID + ">\r\n"
	if to.ThreadID != "" && to.ThreadID != to.MessageID {
		if err := checkID(to.ThreadID); err != nil {
			return "", fmt.Errorf("the thread's id is %w", err)
		}
		headers += "In-Reply-To: <" + to.ThreadID + ">\r\nReferences: <" + to.ThreadID + ">\r\n"
	}
	if to.LeaveURL != "" {
		if checkURL(to.LeaveURL) != nil {
			return "", errors.New("the address for leaving is not a plain web address")
		}
		headers += "List-Unsubscribe: <" + to.LeaveURL + ">\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
	}
	return headers, nil
}

const maxHeaderValue = 900 // bytes; a line may have 998

func checkID(id string) error {
	left, right, ok := strings.Cut(id, "@")
	if !ok || left == "" || right == "" || len(id) > maxHeaderValue ||
		strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`<>()[]\,;:"`, r) }) {
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
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || len(raw) > maxHeaderValue ||
		strings.ContainsFunc(raw, func(r rune) bool { return r <= ' ' || r > '~' || r == '<' || r == '>' || r == '"' }) {
		return errors.New("a personal link is not a plain web address")
	}
	return nil
}
