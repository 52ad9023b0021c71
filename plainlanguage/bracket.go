package plainlanguage

import "strings"

var (
	// gapNouns are what a template asks for: [TIME], [service name].
	gapNouns = set(`time date datetime timestamp service services component components product company customer customers
		link url eta region regions number email phone duration impact cause details description text feature system team
		tz timezone zone amount issue reason percent percentage placeholder role name names title summary hours minutes
		days users hh mm hh:mm yyyy-mm-dd dd/mm/yyyy xx xxx x n city country location provider vendor workaround window
		action actions fix resolution xx:xx symptom symptoms statement message audience channel signature`)
	// gapVerbs begin an order to the writer: [insert …].
	gapVerbs = set("insert enter add fill your specify choose select describe tbd todo tbc placeholder replace put write include mention list provide explain state if")
	// gapFillers may stand beside the nouns.
	gapFillers = set(`of the a an affected start end next update current estimated expected incident short brief name
		names and or in to your our utc here s`)
	// stateTags head a title and say what is the matter; they are no gaps.
	stateTags = set(`update updated resolved investigating identified monitoring scheduled maintenance completed verifying
		progress outage incident notice alert status critical major minor degraded recovered fixed new info information
		warning caution external internal faq utc gmt cet cest est edt pst pdt cst bst ist jst eu us uk usa emea apac ok
		final closed open planned urgent important all clear customers only in reminder postponed cancelled canceled
		extended follow up followup partial full sic action required test`)
)

// findBrackets knows [TIME] and [insert time here], but not links, footnotes,
// check boxes or a title's [RESOLVED].
func (k *checker) findBrackets(i int) {
	end := k.closing(i+1, ']')
	if end < 0 || k.at(end+1) == '(' || k.at(end+1) == '[' || k.at(end+1) == ':' && k.at(i-1) == '\n' {
		return
	}
	inner := span{i + 1, end}
	if k.isGap(inner, isLineStart(k.plain, i)) {
		k.leak(RulePlaceholder, span{i, end + 1}, reasonGap)
	}
}

// isGap reads what stands in square brackets.
func (k *checker) isGap(inner span, heading bool) bool {
	s := k.lower[inner.start:inner.end]
	words := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" _/-,", r) })
	if len(words) == 0 {
		return s != "" && strings.Trim(s, "_") == ""
	}
	if gapNouns[s] {
		return s != "x" || k.plain[inner.start] == 'X'
	}
	if gapVerbs[words[0]] && (len(words) > 1 || words[0] != "if" && words[0] != "select" && words[0] != "add") {
		return true
	}
	nouns, fillers := 0, 0
	for _, w := range words {
		switch {
		case gapNouns[w]:
			nouns++
		case gapFillers[w]:
			fillers++
		}
	}
	if nouns > 0 && nouns+fillers == len(words) {
		return s != "x"
	}
	return k.isShoutedGap(inner, words, heading)
}

// isShoutedGap takes any capitals for a gap, unless they are a known tag or
// head a line as titles do.
func (k *checker) isShoutedGap(inner span, words []string, heading bool) bool {
	s := k.plain[inner.start:inner.end]
	shouted := every(s, func(b byte) bool { return isUpper(b) || isDigit(b) || strings.IndexByte(" _/-:", b) >= 0 }) &&
		count(s, isUpper) >= 2
	if !shouted {
		return false
	}
	if strings.Contains(s, "_") {
		return true
	}
	for _, w := range words {
		if stateTags[w] || count(w, isDigit) > 0 {
			return false
		}
	}
	return !heading
}

// isLineStart says whether nothing but marks stands before i on its line.
func isLineStart(s string, i int) bool {
	for i--; i >= 0 && s[i] != '\n'; i-- {
		if strings.IndexByte(" \t*#>-_", s[i]) < 0 {
			return false
		}
	}
	return true
}
