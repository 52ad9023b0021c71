package safehttp

import (
	"encoding/base64"
	"net/url"
	"strings"
	"unicode"
)

const (
	maxWords = 300 // bytes
	// Parts of an address shorter than this ("api", "hooks") are words.
	minSecret = 6
)

// Scrubber takes the parts of a secret address out of texts.
type Scrubber struct {
	secrets *strings.Replacer
}

// NewScrubber makes a Scrubber for an address.
func NewScrubber(address *url.URL) Scrubber {
	whole := []string{address.String(), address.RequestURI(), address.EscapedPath(), address.Path}
	password, _ := address.User.Password()
	name := address.User.Username()
	parts := []string{address.RawQuery, password, name, base64.StdEncoding.EncodeToString([]byte(name + ":" + password))}
	parts = append(parts, strings.Split(address.EscapedPath(), "/")...)
	parts = append(parts, strings.Split(address.Path, "/")...)
	for _, values := range address.Query() {
		parts = append(parts, values...)
	}
	var pairs []string
	for _, text := range whole {
		if len(text) > 1 {
			pairs = append(pairs, text, "***")
		}
	}
	for _, part := range parts {
		if len(part) >= minSecret {
			pairs = append(pairs, part, "***")
		}
	}
	return Scrubber{strings.NewReplacer(pairs...)}
}

// Clean makes a text fit for a log: nothing of the address, one line of at most
// 300 bytes.
func (s Scrubber) Clean(text string) string {
	text = s.secrets.Replace(strings.ToValidUTF8(text, "?"))
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, text)
	if len(text) > maxWords {
		text = strings.ToValidUTF8(text[:maxWords-len("…")], "") + "…"
	}
	return text
}
