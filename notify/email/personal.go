package email

import (
	"bytes"
	"crypto/rand"
	"errors"
	"mime/quotedprintable"
	"strings"

	"github.com/allclear-status/allclear/internal/markup"
	"github.com/allclear-status/allclear/notify"
)

// field is one of the few things that differ between two people's mails.
type field int

const (
	fieldWhy field = iota
	fieldAsk
	fieldAct
	fieldPreferences
	fieldLeave
	fieldCount
)

// values are one recipient's fields. An empty one is left out, with the words
// around it.
type values [fieldCount]string

// shape says which fields somebody has.
type shape [fieldCount]bool

func (v values) shape() (s shape) {
	for f := range v {
		s[f] = v[f] != ""
	}
	return s
}

func valuesOf(to notify.Recipient) values {
	return values{
		fieldWhy: oneLine(to.Why), fieldAsk: oneLine(to.Ask),
		fieldAct: to.ActURL, fieldPreferences: to.PreferencesURL, fieldLeave: to.LeaveURL,
	}
}

// oneLine is markup.Line, which most texts have been through already.
func oneLine(text string) string {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == ' ' && (i == 0 || i == len(text)-1 || text[i-1] == ' ') {
			return markup.Line(text)
		}
	}
	return text
}

// encoding is how a value is written before it becomes quoted-printable.
type encoding int

const (
	asText encoding = iota
	asHTML
	asLink // in an attribute of HTML
)

// span is a piece of quoted-printable text that is alike for all of one shape,
// and the field that follows it. It begins where a line does, and so does the
// field: neither has to know how long the line before it is.
type span struct {
	bytes []byte // with doubled dots
	field field
	as    encoding
	last  bool // no field follows
	bare  bool // a line break follows the field by itself
}

// spans are the two personal places of a letter.
type spans struct {
	text, html []span
}

// spansOf are those of a shape, made when the first of it comes.
func (l *letter) spansOf(s shape) (*spans, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if made, ok := l.shapes[s]; ok {
		return made, nil
	}
	here, marks := strings.ToLower(rand.Text()), values{}
	for f := range marks {
		if s[f] {
			marks[f] = here + string(rune('a'+f))
		}
	}
	words := l.newWords(marks)
	var text, html bytes.Buffer
	if err := l.designs.text.ExecuteTemplate(&text, l.personalDesign()+".txt", words); err != nil {
		return nil, err
	}
	if err := l.designs.html.ExecuteTemplate(&html, l.personalDesign()+".html", words); err != nil {
		return nil, err
	}
	made := &spans{cut(bytes.TrimSpace(text.Bytes()), here, false), cut(bytes.TrimSpace(html.Bytes()), here, true)}
	if made.text == nil || made.html == nil {
		return nil, errors.New("the personal part was written in an unknown way")
	}
	l.shapes[s] = made
	return made, nil
}

// cut takes a text apart at its marks.
func cut(text []byte, here string, html bool) []span {
	var all []span
	for {
		before, after, found := bytes.Cut(text, []byte(here))
		s := span{last: !found, as: asText}
		encoded := encode(before)
		if !found {
			s.bytes = stuff(encoded)
			return append(all, s)
		}
		if len(after) == 0 || after[0] < 'a' || after[0] >= 'a'+byte(fieldCount) {
			return nil
		}
		s.field, text = field(after[0]-'a'), after[1:]
		if html {
			s.as = asHTML
			if bytes.HasSuffix(before, []byte(`"`)) {
				s.as = asLink
			}
		}
		if len(encoded) > 0 && !bytes.HasSuffix(encoded, []byte("\r\n")) {
			encoded = append(encoded, "=\r\n"...)
		}
		s.bytes = stuff(encoded)
		s.bare = len(text) == 0 || text[0] == '\n'
		all = append(all, s)
	}
}

// encode writes a text as quoted-printable.
func encode(text []byte) []byte {
	var out bytes.Buffer
	w := quotedprintable.NewWriter(&out)
	_, _ = w.Write(text) // a buffer does not fail
	_ = w.Close()
	return out.Bytes()
}

// fill writes the spans with one recipient's values.
func fill(out []byte, all []span, v *values) []byte {
	for i := range all {
		s := &all[i]
		out = append(out, s.bytes...)
		if s.last {
			break
		}
		q := quoter{out: out}
		q.write(v[s.field], s.as)
		out = q.end(s.bare)
	}
	return out
}

// quoter writes one value as quoted-printable, from the beginning of a line.
type quoter struct {
	out  []byte
	used int // of the line
}

// lineMost is how long a line may be before the sign of its soft end.
const lineMost = 75

// room makes room for so many bytes that may not be torn apart.
func (q *quoter) room(n int) {
	if q.used+n > lineMost {
		q.out, q.used = append(q.out, "=\r\n"...), 0
	}
	q.used += n
}

func (q *quoter) write(value string, as encoding) {
	plain := &plainBytes[as]
	for i := 0; i < len(value); i++ {
		n := i
		for n < len(value) && plain[value[n]] {
			n++
		}
		q.run(value[i:n])
		if i = n; i == len(value) {
			return
		}
		c := value[i]
		switch {
		case as == asLink && !plainInLink(value, i):
			q.plain('%')
			q.plain(lowerHex[c>>4])
			q.plain(lowerHex[c&15])
		case as != asText && escapes[c] != "":
			for j := range len(escapes[c]) {
				q.plain(escapes[c][j])
			}
		default:
			q.plain(c)
		}
	}
}

const lowerHex, upperHex = "0123456789abcdef", "0123456789ABCDEF"

// plainBytes are those that stand for themselves wherever they are, in a value
// that is written so.
var plainBytes = func() (plain [asLink + 1][256]bool) {
	for c := byte(' '); c <= '~'; c++ {
		plain[asText][c] = c != '='
		plain[asHTML][c] = c != '=' && escapes[c] == ""
		plain[asLink][c] = c != '=' && c != '%' && escapes[c] == "" && plainInLink(string(c), 0)
	}
	return plain
}()

// run writes bytes that stand for themselves, as plain does one by one.
func (q *quoter) run(value string) {
	for len(value) > 0 {
		if room := lineMost - q.used; room > 0 && (q.used > 0 || value[0] != '.') {
			n := min(room, len(value))
			q.out, q.used, value = append(q.out, value[:n]...), q.used+n, value[n:]
			continue
		}
		q.plain(value[0])
		value = value[1:]
	}
}

// plain writes one byte. A dot that would begin a line is written as a code:
// the mail protocol doubles dots there.
func (q *quoter) plain(c byte) {
	if c < ' ' || c > '~' || c == '=' {
		q.code(c)
		return
	}
	q.room(1)
	if c == '.' && q.used == 1 {
		q.used = 0
		q.code(c)
		return
	}
	q.out = append(q.out, c)
}

func (q *quoter) code(c byte) {
	q.room(3)
	q.out = append(q.out, '=', upperHex[c>>4], upperHex[c&15])
}

// end ends the value; what follows begins a line of its own, unless the line
// ends there anyway.
func (q *quoter) end(bare bool) []byte {
	if !bare {
		return append(q.out, "=\r\n"...)
	}
	if n := len(q.out); q.used > 0 && q.out[n-1] == ' ' { // no space ends a line
		q.out, q.used = q.out[:n-1], q.used-1
		q.code(' ')
	}
	return q.out
}

// escapes are the characters that HTML means otherwise, as html/template
// writes them.
var escapes = [256]string{'"': "&#34;", '&': "&amp;", '\'': "&#39;", '+': "&#43;", '<': "&lt;", '>': "&gt;"}

// plainInLink says whether a byte of a web address stands for itself, as
// html/template has it.
func plainInLink(url string, i int) bool {
	switch c := url[i]; {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("!#$&*+,/:;=?@[]-._~", c) >= 0:
		return true
	case c == '%':
		return i+2 < len(url) && isHex(url[i+1]) && isHex(url[i+2])
	default:
		return false
	}
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
