package plainlanguage

import "strings"

const (
	reasonKey        = "looks like a secret key or token; whoever reads it can use it"
	reasonPrivateKey = "a private key; whoever reads it can use it"
	reasonHookURL    = "a private webhook address; whoever reads it can post to it"
	reasonUserInfo   = "an address with a password in it; whoever reads it can sign in"
	reasonPassword   = "looks like a password or token with its value; whoever reads it can use it"
	reasonBearer     = "the credentials of a request; whoever reads them can use them"
)

// tokenPrefix is how the keys of one provider begin.
type tokenPrefix struct {
	prefix string
	// least is how many characters must follow, all of a kind.
	least int
	kind  func(byte) bool
}

// tokenPrefixes are the keys of the large providers, and our own.
var tokenPrefixes = []tokenPrefix{
	{"acl_", 16, isAlnum},
	{"AKIA", 16, isUpperAlnum}, {"ASIA", 16, isUpperAlnum}, {"AROA", 16, isUpperAlnum}, {"AIDA", 16, isUpperAlnum},
	{"ghp_", 20, isAlnum}, {"gho_", 20, isAlnum}, {"ghu_", 20, isAlnum}, {"ghs_", 20, isNameByte}, {"ghr_", 20, isAlnum},
	{"github_pat_", 20, isTokenByte},
	{"glpat-", 16, isNameByte}, {"gldt-", 16, isTokenByte}, {"glrt-", 16, isNameByte}, {"glcbt-", 16, isTokenByte},
	{"glptt-", 16, isTokenByte}, {"glft-", 16, isTokenByte}, {"gloas-", 16, isTokenByte}, {"glsoat-", 16, isTokenByte},
	{"xoxb-", 10, isNameByte}, {"xoxp-", 10, isNameByte}, {"xoxa-", 10, isNameByte}, {"xoxr-", 10, isNameByte},
	{"xoxs-", 10, isNameByte}, {"xoxe-", 10, isNameByte}, {"xoxe.", 10, isNameByte}, {"xoxc-", 10, isNameByte},
	{"xoxd-", 10, isNameByte}, {"xapp-", 10, isNameByte}, {"xwfp-", 10, isNameByte},
	{"sk_live_", 10, isTokenByte}, {"sk_test_", 10, isTokenByte}, {"rk_live_", 10, isTokenByte}, {"rk_test_", 10, isTokenByte},
	{"whsec_", 16, isTokenByte},
	{"AIza", 30, isTokenByte}, {"ya29.", 16, isNameByte}, {"GOCSPX-", 20, isTokenByte},
	{"sk-", 20, isTokenByte},
	{"SK", 32, isHex}, {"AC", 32, isHex}, {"SG.", 30, isNameByte},
	{"npm_", 20, isAlnum}, {"pypi-", 30, isTokenByte}, {"dckr_pat_", 16, isTokenByte}, {"rubygems_", 32, isHex},
	{"dop_v1_", 32, isHex}, {"doo_v1_", 32, isHex}, {"dor_v1_", 32, isHex},
	{"hf_", 30, isAlnum}, {"r8_", 30, isAlnum}, {"gsk_", 30, isAlnum}, {"xai-", 30, isAlnum}, {"pplx-", 30, isAlnum},
	{"shpat_", 32, isHex}, {"shpss_", 32, isHex}, {"shpca_", 32, isHex}, {"shppa_", 32, isHex},
	{"sq0atp-", 20, isTokenByte}, {"sq0csp-", 20, isTokenByte}, {"EAAA", 50, isTokenByte},
	{"key-", 32, isAlnum}, {"xkeysib-", 32, isTokenByte}, {"lin_api_", 20, isAlnum}, {"ntn_", 30, isAlnum},
	{"secret_", 32, isAlnum}, {"figd_", 20, isTokenByte}, {"sbp_", 32, isHex}, {"PMAK-", 20, isTokenByte},
	{"hvs.", 20, isTokenByte}, {"hvb.", 20, isTokenByte}, {"dapi", 32, isHex}, {"dp.pt.", 20, isAlnum}, {"dp.st.", 20, isNameByte},
	{"NRAK-", 20, isAlnum}, {"NRII-", 20, isTokenByte}, {"sntrys_", 20, isTokenByte}, {"sntryu_", 20, isTokenByte},
	{"pscale_tkn_", 20, isNameByte}, {"glsa_", 20, isTokenByte}, {"glc_", 30, isTokenByte}, {"ATATT3", 30, isTokenByte},
	{"HRKU-", 20, isTokenByte}, {"AGE-SECRET-KEY-1", 30, isAlnum}, {"tskey-", 16, isTokenByte}, {"sl.", 60, isTokenByte},
}

// findSecrets finds what lets its reader in.
func (k *checker) findSecrets() {
	k.findPrivateKeys()
	k.findSecretLinks()
	k.findAssignedSecrets()
	k.findSpokenPasswords()
	k.findLoginPairs()
	k.findCredentials()
	for _, name := range k.names {
		if name.length() >= 16 && k.isToken(name) {
			k.masked(RuleSecret, name, reasonKey)
		}
	}
	k.findRandomStrings()
}

// isToken says whether a name is a key by its form.
func (k *checker) isToken(name span) bool {
	s := k.plain[name.start:name.end]
	if strings.HasPrefix(s, "eyJ") && len(s) >= 24 && strings.Contains(s, ".") {
		return true // a JSON Web Token
	}
	if len(s) == 35 && k.at(name.start-1) == ':' && isDigit(k.at(name.start-2)) && isDigit(k.at(name.start-8)) {
		return true // a Telegram bot: digits, colon, 35 characters
	}
	if isMailchimpKey(s) || isDiscordToken(s) {
		return true
	}
	for _, p := range tokenPrefixes {
		rest, ok := strings.CutPrefix(s, p.prefix)
		if !ok || len(rest) < p.least || !every(rest, p.kind) {
			continue
		}
		if looksRandom(rest) || p.prefix == "AKIA" || p.prefix == "ASIA" {
			return true
		}
	}
	return false
}

// isMailchimpKey knows 32 hexadecimal digits and a data centre ("-us12").
func isMailchimpKey(s string) bool {
	key, centre, ok := strings.Cut(s, "-us")
	return ok && len(key) == 32 && every(key, isHex) && every(centre, isDigit)
}

// isDiscordToken knows three parts of 23 to 28, 6 and at least 27 characters.
func isDiscordToken(s string) bool {
	parts := strings.Split(s, ".")
	return len(parts) == 3 && len(parts[0]) >= 23 && len(parts[0]) <= 28 && len(parts[1]) == 6 &&
		len(parts[2]) >= 27 && len(parts[2]) <= 40 && mixed(s)
}

// looksRandom tells a key from a name made of words: it has digits, or changes
// case as no word does.
func looksRandom(s string) bool {
	return count(s, isDigit) > 0 && count(s, isAlpha) > 0 || unnaturalTurns(s) >= 4
}

// mixed says whether s holds upper case, lower case and digits.
func mixed(s string) bool {
	return count(s, isUpper) > 0 && count(s, isLower) > 0 && count(s, isDigit) > 0
}

// unnaturalTurns counts where a letter in lower case is followed by one in
// upper case, or a letter meets a digit: rare in words, common in keys.
func unnaturalTurns(s string) int {
	n := 0
	for i := 1; i < len(s); i++ {
		a, b := s[i-1], s[i]
		if isLower(a) && isUpper(b) || isAlpha(a) && isDigit(b) || isDigit(a) && isAlpha(b) {
			n++
		}
	}
	return n
}

// findRandomStrings finds keys that carry no name, such as the secret half of
// an AWS key pair. Hashes are in one case and are another rule's business.
func (k *checker) findRandomStrings() {
	for i := 0; i < len(k.plain); {
		if !isBase64Byte(k.plain[i]) {
			i++
			continue
		}
		start := i
		for isBase64Byte(k.at(i)) {
			i++
		}
		s := k.trim(span{start, i}, "-_")
		if s.length() < 32 || s.length() > 1024 || k.inLinkTail(s.start) {
			continue
		}
		if p := k.plain[s.start:s.end]; mixed(p) && unnaturalTurns(p)*5 >= len(p) {
			k.masked(RuleSecret, s, reasonKey)
		}
	}
}

// findPrivateKeys finds key blocks, to their last line.
func (k *checker) findPrivateKeys() {
	const begin, end = "-----BEGIN ", "-----END "
	for at := 0; ; {
		n := strings.Index(k.plain[at:], begin)
		if n < 0 {
			return
		}
		s := span{at + n, len(k.plain)}
		head := k.plain[s.start:min(s.start+80, len(k.plain))]
		at = s.start + len(begin)
		if !strings.Contains(head, "PRIVATE KEY") {
			continue
		}
		if n := strings.Index(k.plain[at:], end); n >= 0 {
			s.end = k.lineEnd(at + n)
		}
		at = s.end
		k.masked(RuleSecret, k.trim(s, " \t\n`"), reasonPrivateKey)
	}
}

// hookHosts take a post from anybody who knows the rest of the address.
var hookHosts = []struct{ host, path string }{
	{"hooks.slack.com", "/"},
	{"discord.com", "/api/webhooks/"},
	{"discordapp.com", "/api/webhooks/"},
	{"hooks.zapier.com", "/hooks/"},
	{"chat.googleapis.com", "/v1/spaces/"},
	{"api.telegram.org", "/bot"},
	{"maker.ifttt.com", "/trigger/"},
	{".webhook.office.com", "/"},
	{"outlook.office.com", "/webhook/"},
	{".logic.azure.com", "/workflows/"},
	{"events.pagerduty.com", "/integration/"},
}

// findSecretLinks finds URLs that hold a password or are one.
func (k *checker) findSecretLinks() {
	for _, l := range k.links {
		if k.hasPassword(l) {
			k.masked(RuleSecret, span{l.start, l.user.end + 1}, reasonUserInfo)
			continue
		}
		host, tail := k.lower[l.host.start:l.host.end], k.lower[l.host.end:l.end]
		for _, h := range hookHosts {
			if strings.HasSuffix(host, h.host) && strings.HasPrefix(tail, h.path) && len(tail) > len(h.path)+8 {
				k.masked(RuleSecret, l.span, reasonHookURL)
				break
			}
		}
	}
}

func (k *checker) hasPassword(l link) bool {
	_, password, ok := strings.Cut(k.plain[l.user.start:l.user.end], ":")
	return ok && !isBlankedOut(password)
}

// findCredentials finds authorization headers and bearer tokens.
func (k *checker) findCredentials() {
	for i, w := range k.words {
		switch k.lower[w.start:w.end] {
		case "authorization", "cookie":
			k.findHeader(w)
		case "bearer":
			if i+1 < len(k.words) && k.words[i+1].start == w.end+1 {
				k.findBearer(w)
			}
		}
	}
}

// authSchemes stand before the credentials in a header.
var authSchemes = set("basic bearer digest token oauth negotiate apikey")

// findHeader looks at "Authorization: Scheme value".
func (k *checker) findHeader(w span) {
	i := w.end
	for i < len(k.plain) && i-w.end < 4 && strings.IndexByte(`"': `, k.plain[i]) >= 0 {
		i++
	}
	if strings.IndexByte(k.plain[w.end:i], ':') < 0 {
		return
	}
	scheme := i
	for isAlpha(k.at(i)) {
		i++
	}
	if i > scheme && k.at(i) == ' ' {
		i++
	} else {
		i = scheme
	}
	value := k.valueAt(i)
	v := k.plain[value.start:value.end]
	schemed := i > scheme && authSchemes[k.lower[scheme:i-1]] && len(v) >= 8 && count(v, isLower) < len(v)
	if !schemed && !looksLikePassword(v) {
		return
	}
	k.masked(RuleSecret, span{w.start, k.whole(value).end}, reasonBearer)
}

// findBearer looks at "Bearer value".
func (k *checker) findBearer(w span) {
	value := k.valueAt(w.end + 1)
	if value.length() >= 12 && looksRandom(k.plain[value.start:value.end]) {
		k.masked(RuleSecret, span{w.start, k.whole(value).end}, reasonBearer)
	}
}

func isUpperAlnum(b byte) bool { return isUpper(b) || isDigit(b) }
func isTokenByte(b byte) bool  { return isAlnum(b) || b == '-' || b == '_' }
func isBase64Byte(b byte) bool { return isTokenByte(b) || b == '+' || b == '/' || b == '=' }
