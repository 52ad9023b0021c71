package plainlanguage

import "strings"

const reasonStatusCode = "a number of a protocol; say what customers see"

var (
	// statusCodes are the numbers in use.
	statusCodes = set("400 401 403 404 405 408 409 410 412 413 415 422 429 499 500 501 502 503 504 507 508 520 521 522 523 524 525 526")
	// statusBefore and statusAfter make a number a status code.
	statusBefore = set("http https status code codes error errors throwing throws erreur erreurs errores fehler")
	// statusVerbs may count what they give back, too: "returns 500 rows".
	statusVerbs = set("returning returns return returned renvoie renvoient retourne retournent r\x01pond r\x01pondent liefert liefern lieferte lieferten devuelve devuelven")
	statusAfter = set("error errors response responses status code codes fehler erreurs errores")
	// sureCodes are codes even in "the 502 errors": nobody counts so many.
	sureCodes = set("502 503 504 429 521 522 524")
	definite  = set("the these those all other")
	// amounts before "of" make what follows a kind, not a number: "a high level
	// of 429 errors".
	amounts = set("level levels rate rates number numbers amount amounts percentage share spike spikes wave waves increase lot lots volume rash burst bursts handful")
	// commonCodes are taken for codes behind an article: "a 404 for new pages".
	commonCodes = set("401 403 404 410 429 500 502 503 504")
	phraseAfter = set("when for on if in at from to and or while after instead page during")
	// aboutWords make it a count: "about 500 errors".
	aboutWords = set("about around roughly over nearly than some approximately under up to almost of first last next other all those these the")
)

// findStatusCodes finds "503s", "5xx", "HTTP 500", "error 502", "502 errors".
func (k *checker) findStatusCodes() {
	for i, w := range k.words {
		s := k.lower[w.start:w.end]
		if len(s) < 3 || len(s) > 5 || s[0] < '2' || s[0] > '5' || k.at(w.start-1) == '.' || k.at(w.start-1) == '-' {
			continue
		}
		code := strings.TrimSuffix(strings.TrimSuffix(s, "s"), "'")
		class := len(code) == 3 && code[1:] == "xx"
		if !statusCodes[code] && !class || isDecimal(k.at(w.end), k.at(w.end+1)) {
			continue
		}
		found, ok := k.statusSpan(i, class || code != s)
		if !ok {
			continue
		}
		replacement := "errors"
		if k.lexicon == nil {
			replacement = "" // nobody knows the language's word
		} else if before, _ := k.wordBefore(found.start); before == "a" || before == "an" {
			replacement = "error"
		} else if code == "401" {
			replacement = "sign-in errors"
		}
		k.hits = append(k.hits, hit{span: found, rule: RuleStatusCode, level: LevelWarning, reason: reasonStatusCode, replacement: replacement, developerKnown: true})
	}
}

// statusSpan is the number with the words that make it a status code. A sure
// number needs none.
func (k *checker) statusSpan(i int, sure bool) (span, bool) {
	s := k.words[i]
	before, after := "", ""
	if i > 0 && k.joined(k.words[i-1].end, s.start, " :-#(") {
		before = k.lower[k.words[i-1].start:k.words[i-1].end]
	}
	if i+1 < len(k.words) && k.joined(s.end, k.words[i+1].start, " -") {
		after = k.lower[k.words[i+1].start:k.words[i+1].end]
	}
	ok := sure || k.joinsStatusCode(i) || commonCodes[k.word(i)] && (before == "a" || before == "an") && (after == "" || phraseAfter[after])
	if statusAfter[after] && (!aboutWords[before] || sureCodes[k.word(i)] && (definite[before] || before == "of" && i > 1 && amounts[k.word(i-2)])) {
		s.end, ok = k.words[i+1].end, true
	}
	if statusBefore[before] && !statusVerbs[before] || statusVerbs[before] && (after == "" || statusAfter[after]) {
		ok = true
		if before == "http" || before == "error" || before == "https" || before == "code" || before == "erreur" {
			s.start = k.words[i-1].start
		}
	}
	if n := k.statusWords(i); n > 0 {
		s.end, ok = k.words[i+n].end, true
	}
	return s, ok
}

// joinsStatusCode knows the first of "503 and 504 errors" and "502/504s".
func (k *checker) joinsStatusCode(i int) bool {
	if i+2 >= len(k.words) {
		return false
	}
	next := i + 1
	if word := k.word(next); word == "and" || word == "or" {
		next++
	}
	w := k.words[next]
	if !statusCodes[strings.TrimSuffix(k.word(next), "s")] || w.start-k.words[i].end > 5 {
		return false
	}
	return k.lower[w.end-1] == 's' || next+1 < len(k.words) && statusAfter[k.word(next+1)]
}

// statusWords is how many words behind the number are the protocol's own words
// for it: "502 Bad Gateway".
func (k *checker) statusWords(i int) int {
	rest := k.lower[k.words[i].end:min(len(k.lower), k.words[i].end+24)]
	for _, own := range []string{" bad gateway", " gateway timeout", " internal server error", " service unavailable", " too many requests", " not found"} {
		if strings.HasPrefix(rest, own) {
			return strings.Count(own, " ")
		}
	}
	return 0
}

func isDecimal(sign, next byte) bool {
	return (sign == '.' || sign == ',' || sign == ':') && isDigit(next) || sign == '%'
}
