package stakeholders

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// NormalizeAddress checks an address as people write it and returns the
// canonical form by which it is known: an email address in lower case with its
// domain in ASCII; for a channel whose address is a secret, a digest of it
// (the secret itself is kept sealed elsewhere). The error says what is wrong
// and never repeats a secret.
func NormalizeAddress(channel Channel, raw string) (string, error) {
	switch channel {
	case Email:
		return normalizeEmail(raw)
	case Slack, Discord, Teams, GoogleChat, Mattermost:
		return normalizeChat(channel, raw)
	case Webhook:
		return normalizeURL(raw, "an address that a webhook can be sent to")
	case SMS:
		return normalizePhone(raw)
	default:
		return "", fmt.Errorf("channel %q is not known; use %s", channel, List(Channels()))
	}
}

func normalizeEmail(raw string) (string, error) {
	raw = strings.TrimSpace(raw)
	at := strings.LastIndexByte(raw, '@')
	if at <= 0 || at == len(raw)-1 || !utf8.ValidString(raw) {
		return "", errors.New("is not an email address such as ana@example.com")
	}
	local, domain := norm.NFC.String(strings.ToLower(norm.NFC.String(raw[:at]))), raw[at+1:]
	for _, r := range local {
		if r <= ' ' || r > '~' && !unicode.In(r, unicode.L, unicode.M, unicode.Nd) || strings.ContainsRune(`"(),:;<>[\]`, r) {
			return "", errors.New("is not an email address such as ana@example.com: the part before @ may hold letters, digits and the usual signs only")
		}
	}
	if !oneScript(local) || !norm.NFKC.IsNormalString(local) {
		return "", errors.New("is not an email address such as ana@example.com: the part before @ has letters that look like others; write it in one alphabet")
	}
	ascii, err := idna.Lookup.ToASCII(domain)
	long := func(label string) bool { return len(label) > 63 } // RFC 1035
	if err != nil || slices.ContainsFunc(strings.Split(ascii, "."), long) {
		return "", errors.New("is not an email address such as ana@example.com: the part after @ is not a domain name")
	}
	address := local + "@" + strings.ToLower(ascii)
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address || len(address) > 254 || len(local) > 64 {
		return "", errors.New("is not an email address such as ana@example.com")
	}
	return address, nil
}

// alphabets are the scripts whose letters may stand together in a name.
var alphabets = [][]*unicode.RangeTable{
	{unicode.Latin}, {unicode.Cyrillic}, {unicode.Greek}, {unicode.Arabic}, {unicode.Hebrew}, {unicode.Devanagari}, {unicode.Bengali},
	{unicode.Tamil}, {unicode.Telugu}, {unicode.Thai}, {unicode.Georgian}, {unicode.Armenian}, {unicode.Ethiopic},
	{unicode.Han, unicode.Hiragana, unicode.Katakana}, {unicode.Han, unicode.Hangul}, {unicode.Han, unicode.Bopomofo},
}

// oneScript says whether all letters are of scripts that are written together:
// two addresses that look the same must not be two (Unicode Technical Standard
// 39, section 5.1, single script). An accent belongs to a letter before it.
func oneScript(text string) bool {
	if first, _ := utf8.DecodeRuneInString(text); unicode.Is(unicode.M, first) {
		return false
	}
	return slices.ContainsFunc(alphabets, func(together []*unicode.RangeTable) bool {
		for _, r := range text {
			if unicode.In(r, unicode.L, unicode.M) && !unicode.In(r, unicode.Common, unicode.Inherited) && !unicode.In(r, together...) {
				return false
			}
		}
		return true
	})
}

// normalizeURL digests a secret address; what says what it should be.
func normalizeURL(raw, what string) (string, error) {
	raw = strings.TrimSpace(raw)
	u, err := url.Parse(raw)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Hostname() == "" || len(raw) > 2048 {
		return "", fmt.Errorf("is not %s; it must begin with https://", what)
	}
	// What differs for the eye only is one address: case, the usual port, a
	// fragment (which is not sent).
	u.Host = strings.ToLower(u.Host)
	if port := u.Port(); u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80" {
		u.Host = strings.TrimSuffix(u.Host, ":"+port)
	}
	u.Fragment, u.RawFragment = "", ""
	sum := sha256.Sum256([]byte(u.String()))
	return hex.EncodeToString(sum[:12]), nil
}

func normalizePhone(raw string) (string, error) {
	var b strings.Builder
	for i, r := range strings.TrimSpace(raw) {
		switch {
		case r >= '0' && r <= '9', r == '+' && i == 0:
			b.WriteRune(r)
		case r == ' ' || r == '-' || r == '(' || r == ')' || r == '.':
		default:
			return "", errors.New("is not a phone number such as +34600000000")
		}
	}
	phone := b.String()
	if !strings.HasPrefix(phone, "+") || len(phone) < 8 || len(phone) > 16 {
		return "", errors.New("is not a phone number with its country, such as +34600000000")
	}
	return phone, nil
}
