package plainlanguage

import "strings"

// secretNames are the last words of names whose value is a secret, in the
// languages in which passwords are asked for most.
var secretNames = set(`password passwd passwords passwort kennwort pwd passphrase secret secrets token
	apikey accesskey secretkey privatekey accountkey sharedaccesskey credential credentials
	authtoken accesstoken refreshtoken clientsecret sessionid sessiontoken pass pw psk passcode
	wachtwoord senha passe signature sig otp mdp`)

// keyKinds make a "key" a secret one: "api key", "SECRET_KEY".
var keyKinds = set("api access secret private auth encryption signing master account shared service admin root")

// passwordNames are those after which people write "is".
var passwordNames = set("password passwd passwort kennwort passphrase passcode pwd wachtwoord senha")

// blankedOut are values that say there is none to see.
var blankedOut = set(`true false null none nil undefined empty redacted removed hidden masked changed reset
	required optional missing invalid incorrect wrong expired secret password pass token unknown`)

// findAssignedSecrets finds "password=…", "api key: …", "--token …" and the
// same inside URLs and JSON.
func (k *checker) findAssignedSecrets() {
	past := 0 // what was a value is not read again as a name
	for i := range len(k.plain) {
		switch k.plain[i] {
		case '=', ':':
			if i >= past {
				past = k.findAssignment(i)
			}
		case '-':
			if k.at(i+1) == '-' && k.at(i-1) != '-' && isAlpha(k.at(i+2)) {
				k.findSecretFlag(i)
			}
		}
	}
	for at := 0; ; {
		n := strings.Index(k.plain[at:], "curl ")
		if n < 0 {
			return
		}
		at += n + 5
		k.findCurlUser(at)
	}
}

// findAssignment looks at the name before and the value after a sign and
// returns where the value ends when it is a secret.
func (k *checker) findAssignment(sign int) (past int) {
	name, quoted := k.assignedName(sign)
	if name.length() == 0 || !k.isSecretName(name) {
		return 0
	}
	i := sign + 1
	if k.at(i) == '=' || k.at(i) == '>' {
		i++
	}
	tight := i
	for i < len(k.plain) && i-sign < 4 && k.plain[i] == ' ' {
		i++
	}
	value := k.valueAt(i)
	if value.length() == 0 || k.at(value.start) == '/' && k.plain[sign] == ':' {
		return 0
	}
	s := k.plain[value.start:value.end]
	certain := k.plain[sign] == '=' && tight == i && name.end == sign || quoted && k.at(value.start-1) == '"'
	if isBlankedOut(s) || !certain && !looksLikePassword(s) || certain && len(s) < 3 {
		return 0
	}
	value = k.whole(value)
	k.masked(RuleSecret, span{name.start, value.end}, reasonPassword)
	return value.end
}

// assignedName is the name that ends before a sign, and whether it is quoted.
func (k *checker) assignedName(sign int) (name span, quoted bool) {
	end := sign
	for end > 0 && sign-end < 2 && strings.IndexByte(" \"'`*", k.plain[end-1]) >= 0 {
		quoted = quoted || k.plain[end-1] == '"'
		end--
	}
	start := end
	for start > 0 && end-start < 60 && (isNameByte(k.plain[start-1]) || k.plain[start-1] == letterByte) {
		start--
	}
	return span{start, end}, quoted
}

// isSecretName reads "db_password", "Api-Key", "AWS_SECRET_ACCESS_KEY" and, in
// two words, "access token", "API key".
func (k *checker) isSecretName(name span) bool {
	head, last := cutLastPart(k.lower[name.start:name.end])
	if secretNames[last] || strings.HasSuffix(last, "password") || strings.HasPrefix(last, "contrase") {
		return true
	}
	if last != "key" {
		return secretNames[camelTail(k.plain[name.start:name.end])]
	}
	if head == "" {
		before, _ := k.wordBefore(name.start)
		return keyKinds[before]
	}
	_, kind := cutLastPart(head)
	return keyKinds[kind]
}

// cutLastPart cuts "aws_secret_key" into "aws_secret" and "key".
func cutLastPart(s string) (head, last string) {
	n := strings.LastIndexAny(s, "_-.")
	return s[:max(n, 0)], s[n+1:]
}

// camelTail is the last hump of a camelCase name: "dbPassword" ends in
// "password", "apiKey" in "apikey".
func camelTail(s string) string {
	for i := len(s) - 1; i > 0; i-- {
		if isUpper(s[i]) && isLower(s[i-1]) {
			tail := strings.ToLower(s[i:])
			if tail == "key" && keyKinds[strings.ToLower(s[:i])] {
				return "apikey"
			}
			return tail
		}
	}
	return ""
}

// longestValue is how far a value is read to judge it, so that a text made of
// nothing but names and signs costs no more than another.
const longestValue = 128

// valueAt is the value that begins at i, without the quotes around it.
func (k *checker) valueAt(i int) span {
	if b := k.at(i); b == '"' || b == '\'' || b == '`' {
		for end := i + 1; end < len(k.plain) && end-i < longestValue && k.plain[end] != '\n'; end++ {
			if k.plain[end] == b {
				return span{i + 1, end}
			}
		}
		i++
	}
	end := i
	for end < len(k.plain) && end-i < longestValue && isValueByte(k.plain[end]) {
		end++
	}
	s := span{i, end}
	for s.end > s.start && strings.IndexByte(".:?*_", k.plain[s.end-1]) >= 0 {
		s.end--
	}
	return s
}

// whole extends a value that was read only in part.
func (k *checker) whole(value span) span {
	if value.length() >= longestValue-8 {
		for isValueByte(k.at(value.end)) {
			value.end++
		}
	}
	return value
}

func isValueByte(b byte) bool {
	return (b > ' ' || b == letterByte) && strings.IndexByte("\"'`<>,;&)]", b) < 0
}

// looksLikePassword tells a password from the next word of a sentence: it
// mixes letters with digits or signs, and is no address and no time.
func looksLikePassword(s string) bool {
	if len(s) < 6 || strings.Contains(s, "://") || isBlankedOut(s) {
		return false
	}
	letters, digits := count(s, isAlpha), count(s, isDigit)
	signs := count(s, func(b byte) bool { return strings.IndexByte("!@#$%^&*+=?~", b) >= 0 })
	if letters == 0 {
		return digits > 0 && signs > 0 && strings.IndexByte(s, '%') < 0
	}
	return digits > 0 && !isTimeOrVersion(s) || signs > 0 && !strings.HasSuffix(s, "!") || unnaturalTurns(s) >= 4
}

// isTimeOrVersion knows "10:42UTC", "2024-05-01T10:42Z", "v1.2.3", "8-character".
func isTimeOrVersion(s string) bool {
	head := strings.TrimLeft(s, "vV")
	n := 0
	for n < len(head) && (isDigit(head[n]) || strings.IndexByte(".:-", head[n]) >= 0) {
		n++
	}
	tail := head[n:]
	return n > 0 && isDigit(head[0]) && count(tail, isDigit) == 0 ||
		len(s) >= 16 && isDigit(s[0]) && s[4] == '-' && s[10] == 'T'
}

// isBlankedOut says whether a value shows nothing: stars, a template's gap, a
// word that says so.
func isBlankedOut(s string) bool {
	if s == "" || blankedOut[strings.ToLower(strings.Trim(s, "[]().!*"))] {
		return true
	}
	if strings.ContainsAny(s[:1], "<{[$%") && len(s) > 1 {
		return strings.ContainsAny(s[:1], "<{[") || s[1] == '{' || every(s[1:], func(b byte) bool { return isUpper(b) || b == '_' || b == '%' })
	}
	return every(s, func(b byte) bool { return strings.IndexByte("*x.X-_#", b) >= 0 || b == symbolByte || b == dashByte })
}

// findSecretFlag looks at "--password value".
func (k *checker) findSecretFlag(i int) {
	name := span{i + 2, i + 2}
	for isNameByte(k.at(name.end)) && name.length() < 40 {
		name.end++
	}
	if k.at(name.end) != ' ' || !k.isSecretName(name) {
		return
	}
	value := k.valueAt(name.end + 1)
	if value.length() < 3 || k.plain[value.start] == '-' || isBlankedOut(k.plain[value.start:value.end]) {
		return
	}
	k.masked(RuleSecret, span{i, value.end}, reasonPassword)
}

// findCurlUser looks at "curl … -u user:password".
func (k *checker) findCurlUser(at int) {
	line, _, _ := strings.Cut(k.plain[at:min(len(k.plain), at+300)], "\n")
	n := strings.Index(line, "-u ")
	if n < 0 {
		return
	}
	value := k.valueAt(at + n + 3)
	_, password, ok := strings.Cut(k.plain[value.start:value.end], ":")
	if ok && !isBlankedOut(password) {
		k.masked(RuleSecret, span{at + n, value.end}, reasonPassword)
	}
}

// toldVerbs stand between the word password and its value; changeVerbs need a
// "to" as well.
var (
	toldVerbs   = set("is was ist war es est equals lautet lauten lautete")
	changeVerbs = set("changed reset set updated")
)

// findSpokenPasswords finds "the password is hunter2" and "the password was
// changed to hunter2".
func (k *checker) findSpokenPasswords() {
	for i, w := range k.words {
		if i+2 >= len(k.words) || !passwordNames[k.lower[w.start:w.end]] {
			continue
		}
		if toldVerbs[k.word(i+1)] && k.spokenValue(i, i+1) {
			continue
		}
		changed := false
		for n := i + 1; n < len(k.words)-1 && n <= i+8 && k.sameSentence(n-1, n); n++ {
			changed = changed || changeVerbs[k.word(n)]
			if changed && k.word(n) == "to" && k.spokenValue(i, n) {
				break
			}
		}
	}
}

// findLoginPairs finds "log in with demo / Passw0rd!" and "credentials
// admin:Winter24!".
func (k *checker) findLoginPairs() {
	for i := range k.words {
		if !k.isLoginWord(i) {
			continue
		}
		for n := i + 1; n < len(k.words) && n <= i+6 && !k.endsBetween(k.words[n-1].end, k.words[n].start); n++ {
			end := k.words[n].end
			if rest := k.plain[end:]; strings.HasPrefix(rest, " / ") {
				end += 3
			} else if k.at(end) == '/' || k.at(end) == ':' {
				end++
			} else {
				continue
			}
			value := k.valueAt(end)
			if s := k.plain[value.start:value.end]; looksLikePassword(s) && !strings.ContainsAny(s, "/-") {
				k.masked(RuleSecret, span{k.words[n].start, value.end}, reasonPassword)
			}
		}
	}
}

// isLoginWord says whether word i speaks of signing in: a pair behind it is a
// name and a password.
func (k *checker) isLoginWord(i int) bool {
	switch k.word(i) {
	case "login", "logins", "credentials", "zugangsdaten", "identifiants", "credenciales", "log", "sign":
		return i+1 < len(k.words) && (k.word(i) != "log" && k.word(i) != "sign" || k.word(i+1) == "in")
	default:
		return false
	}
}

// spokenValue reports the value behind word n, of the password named by word i.
func (k *checker) spokenValue(i, n int) bool {
	start := k.words[n].end
	for start < len(k.plain) && start-k.words[n].end < 3 && (k.plain[start] == ' ' || k.plain[start] == ':') {
		start++
	}
	value := k.valueAt(start)
	if s := k.plain[value.start:value.end]; !looksLikePassword(s) || strings.Contains(s, "-") && !strings.ContainsAny(s, "!@#$^&*=") {
		return false
	}
	k.masked(RuleSecret, span{k.words[i].start, value.end}, reasonPassword)
	return true
}
