package dsn

import (
	"encoding/base64"
	"io"
	"mime/quotedprintable"
	"regexp"
	"strings"
)

// The parsers of the standard library give up at the first line that is not as
// it should be. Reports are written by every kind of server, and what is wrong
// in one line takes nothing from the others.

// split divides headers from what follows them.
func split(text string) (head, body string) {
	if strings.HasPrefix(text, "\n") {
		return "", text[1:]
	}
	head, body, _ = strings.Cut(text, "\n\n")
	return head, body
}

// headers reads the fields of a head by their names in lower case; what is none
// is passed over.
func headers(head string) map[string][]string {
	fields := map[string][]string{}
	unfolded := strings.NewReplacer("\n ", " ", "\n\t", " ").Replace(head)
	for line := range strings.SplitSeq(unfolded, "\n") {
		if name, value, ok := strings.Cut(line, ":"); ok {
			name = strings.ToLower(strings.TrimSpace(name))
			fields[name] = append(fields[name], strings.TrimSpace(value))
		}
	}
	return fields
}

// first is the first value of a field, or empty.
func first(fields map[string][]string, name string) string {
	if values := fields[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

var boundaryParameter = regexp.MustCompile(`(?i)boundary\s*=\s*(?:"([^"]+)"|([^\s;"]+))`)

// boundary is what divides the parts of a Content-Type, or empty.
func boundary(kind string) string {
	m := boundaryParameter.FindStringSubmatch(kind)
	if m == nil {
		return ""
	}
	return m[1] + m[2]
}

// between divides a body into its parts. One that ends too early has those that
// came.
func between(body, boundary string) (parts []string) {
	if boundary == "" {
		return nil
	}
	var part *strings.Builder
	end := func() {
		if part != nil {
			parts = append(parts, part.String())
		}
	}
	for line := range strings.SplitSeq(body, "\n") {
		switch strings.TrimRight(line, " \t") {
		case "--" + boundary:
			end()
			part = &strings.Builder{}
		case "--" + boundary + "--":
			end()
			return parts
		default:
			if part != nil {
				part.WriteString(line)
				part.WriteByte('\n')
			}
		}
	}
	end()
	return parts
}

// decode undoes a Content-Transfer-Encoding, as far as it can be undone.
func decode(body, encoding string) string {
	var plain io.Reader
	switch strings.ToLower(encoding) {
	case "base64":
		plain = base64.NewDecoder(base64.StdEncoding, strings.NewReader(body))
	case "quoted-printable":
		plain = quotedprintable.NewReader(strings.NewReader(body))
	default:
		return body
	}
	text, _ := io.ReadAll(plain) // what comes before a fault counts
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}
