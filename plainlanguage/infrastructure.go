package plainlanguage

import "strings"

const (
	reasonRegion  = "a provider's name for a place; say the place that customers know"
	reasonAPIPath = "an address in our programming interface; only developers know it"
	reasonPort    = "a number of a protocol; only developers know it"
)

// compass are the words of a provider's regions.
var compass = set("north south east west central northeast northwest southeast southwest")

// findInfrastructure finds what no list of words can hold: regions, paths of
// interfaces, ports.
func (k *checker) findInfrastructure() {
	for _, name := range k.names {
		if name.length() < 20 && isRegion(k.lower[name.start:name.end]) {
			k.known(name, reasonRegion)
		}
	}
	for i, w := range k.words {
		if k.lower[w.start:w.end] == "port" && i+1 < len(k.words) && k.words[i+1].start == w.end+1 {
			number := k.words[i+1]
			if s := k.plain[number.start:number.end]; len(s) >= 2 && len(s) <= 5 && every(s, isDigit) && k.at(w.end) == ' ' {
				k.known(span{w.start, number.end}, reasonPort)
			}
		}
	}
	for i := range len(k.plain) {
		if k.plain[i] == '/' && (k.at(i-1) == ' ' || k.at(i-1) == '`' || k.at(i-1) == '\n') {
			k.findAPIPath(i)
		}
	}
}

// known reports what developers know.
func (k *checker) known(s span, reason string) {
	k.hits = append(k.hits, hit{span: s, rule: RuleInfrastructure, level: LevelWarning, reason: reason, developerKnown: true})
}

// isRegion knows eu-west-1, us-east-1a, europe-west4 and us-gov-west-1.
func isRegion(s string) bool {
	parts := strings.Split(s, "-")
	if len(parts) < 2 || len(parts) > 4 || !every(parts[0], isLower) {
		return false
	}
	for i, part := range parts[1:] {
		word, number := cutNumber(part)
		if number != "" && compass[word] {
			return true
		}
		if compass[word] && i+2 < len(parts) {
			next := strings.TrimRight(parts[i+2], "abcdef")
			return len(next) == 1 && isDigit(next[0]) && len(parts[i+2]) <= 2
		}
	}
	return false
}

// findAPIPath looks at "/v1/payments" and the verb before it.
func (k *checker) findAPIPath(i int) {
	end := i
	for end < len(k.plain) && end-i < 120 && (isPathByte(k.plain[end]) || k.plain[end] == '{' || k.plain[end] == '}') {
		end++
	}
	p := k.lower[i:end]
	version := len(p) > 3 && p[1] == 'v' && isDigit(p[2]) && p[3] == '/'
	if !version && !strings.HasPrefix(p, "/api/") && !strings.HasPrefix(p, "/graphql") {
		return
	}
	start := i
	switch before, at := k.wordBefore(i); before {
	case "get", "post", "put", "patch", "delete":
		if isUpper(k.plain[at]) && isUpper(k.plain[at+1]) {
			start = at
		}
	}
	k.known(k.trimSentence(span{start, end}), reasonAPIPath)
}
