package plainlanguage

import (
	"strings"
	"time"

	"github.com/allclear-status/allclear/status"
)

const (
	reasonZone     = "a time without its zone; readers elsewhere take it for theirs"
	reasonMidnight = "midnight belongs to two days; write 00:01 or 23:59 with the date and zone"
	reasonTomorrow = "whoever reads it later, or elsewhere, takes it for another day; name the date"
	reasonPast     = "the time for the next update has passed"
)

var (
	// zoneNames are the short names of time zones; zoneWords say one in words.
	zoneNames = set(`utc gmt cet cest est edt et pst pdt pt cst cdt ct mst mdt mt bst ist jst kst sgt hkt aest aedt acst awst nzst nzdt wet west eet
		eest msk sast brt art clt wib pht ast adt akst hst pkt gst ict mez mesz myt cat eat wat trt nzt aet`)
	zoneWords = []string{
		"local time", "eastern", "pacific", "central time", "mountain time", "london time", "berlin time", "paris time", "madrid hour", "time zone", "timezone", "heure de", "hora de", "hora peninsular",
		"ortszeit", "heure locale", "hora local", "uhr deutscher zeit",
	}
	zoneOffsets = map[string]int{"utc": 0, "gmt": 0, "wet": 0, "bst": 1, "west": 1, "cet": 1, "mez": 1, "cest": 2, "mesz": 2, "eet": 2, "eest": 3, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7,
		"mdt": -6, "pst": -8, "pdt": -7, "jst": 9, "aest": 10, "aedt": 11}
)

// clock is a time of day in the text.
type clock struct {
	span
	word         int // the index of the word that begins it
	hour, minute int
}

// findTimes finds times that do not say when.
func (k *checker) findTimes() {
	clocks := k.clocks()
	switch {
	case len(clocks) == 0 || k.namesZone():
	case k.lexicon == english():
		k.warn(RuleTime, clocks[0].span, reasonZone)
	default:
		// Texts in other languages are mostly read in one country.
		k.advise(RuleTime, clocks[0].span, reasonZone)
	}
	for i := range k.words {
		switch k.word(i) {
		case "midnight":
			k.warn(RuleTime, k.words[i], reasonMidnight)
		case "tomorrow":
			if !k.dateNear(i) {
				k.warn(RuleTime, k.words[i], reasonTomorrow)
			}
		}
	}
	k.findPast(clocks)
}

// clocks finds 10:42, 10.42 Uhr, 2pm, 2 p.m., 15 Uhr, 15 h 30.
func (k *checker) clocks() []clock {
	var found []clock
	for i, w := range k.words {
		if c, ok := k.clockAt(i); ok && !k.inLinkTail(w.start) {
			if n := len(found); n == 0 || found[n-1].end <= c.start {
				found = append(found, c)
			}
		}
	}
	return found
}

// clockAt reads the time of day that begins with word i.
func (k *checker) clockAt(i int) (clock, bool) {
	w := k.words[i]
	word := k.word(i)
	digits := 0
	for digits < len(word) && isDigit(word[digits]) {
		digits++
	}
	if digits == 0 || digits > 2 || k.at(w.start-1) == ':' || k.at(w.start-1) == '.' && isDigit(k.at(w.start-2)) {
		return clock{}, false
	}
	c := clock{span: w, word: i, hour: number(word[:digits])}
	rest := word[digits:]
	switch {
	case c.hour > 24:
		return c, false
	case rest == "" && k.at(w.end) == ':' && i+1 < len(k.words) && k.words[i+1].length() == 2 && every(k.word(i+1), isDigit) && k.words[i+1].start == w.end+1:
		c.minute, c.end = number(k.word(i+1)), k.words[i+1].end
		return c, c.minute < 60 && !(k.at(c.end) == '.' && isDigit(k.at(c.end+1))) && (k.at(c.end) != ':' || isDigit(k.at(c.end+1)))
	case rest == "am" || rest == "pm":
		if rest == "pm" && c.hour < 12 {
			c.hour += 12
		}
		return c, c.hour <= 24
	case rest == "" && i+1 < len(k.words) && k.words[i+1].start <= w.end+1:
		next := k.word(i + 1)
		if next == "am" || next == "pm" || next == "uhr" || (next == "p" || next == "a") && strings.HasPrefix(k.lower[k.words[i+1].end:], ".m") {
			if next[0] == 'p' && c.hour < 12 {
				c.hour += 12
			}
			c.end = k.words[i+1].end
			if len(next) == 1 {
				c.end += len(".m")
			}
			return c, true
		}
	}
	return c, false
}

func number(s string) int {
	n := 0
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

// namesZone says whether the text names a zone anywhere.
func (k *checker) namesZone() bool {
	for i, w := range k.words {
		if zoneNames[k.word(i)] && count(k.plain[w.start:w.end], isUpper) >= 2 {
			return true
		}
	}
	_, said := k.has(span{0, len(k.plain)}, zoneWords)
	return said
}

// dateNear says whether a date, or a time with its zone, stands near word i in
// its sentence.
func (k *checker) dateNear(i int) bool {
	for n := i - 1; n >= 0 && n >= i-dateReach && !k.sentenceEnds(n, n+1); n-- {
		if k.isDateWord(n) {
			return true
		}
	}
	for n := i + 1; n < len(k.words) && n <= i+dateReach && !k.sentenceEnds(n-1, n); n++ {
		if k.isDateWord(n) {
			return true
		}
	}
	return false
}

// dateReach is how many words away a date still belongs to a day.
const dateReach = 12

// isDateWord knows the names of months and of time zones.
func (k *checker) isDateWord(n int) bool {
	word, start := k.word(n), k.words[n].start
	month := len(word) >= 3 && months[word[:3]] && isLower(k.at(start+1))
	return isUpper(k.plain[start]) && (month || zoneNames[word])
}

// findPast finds "next update 13:40 UTC" when it is later than that.
func (k *checker) findPast(clocks []clock) {
	if k.context.Now.IsZero() {
		return
	}
	for _, c := range clocks {
		n := c.word
		for n < len(k.words) && k.words[n].start < c.end {
			n++
		}
		if n == len(k.words) || k.words[n].start > c.end+5 {
			continue
		}
		offset, ok := zoneOffsets[k.word(n)]
		before := k.lower[max(0, c.start-40):c.start]
		if !ok || !strings.Contains(before, "next update") && !strings.Contains(before, "update again") && !strings.Contains(before, "more by") {
			continue
		}
		now := k.context.Now.UTC().Add(time.Duration(offset) * time.Hour)
		due := time.Date(now.Year(), now.Month(), now.Day(), c.hour, c.minute, 0, 0, time.UTC)
		local := time.Date(now.Year(), now.Month(), now.Day(), now.Hour(), now.Minute(), 0, 0, time.UTC)
		if late := local.Sub(due); late > 0 && late < 12*time.Hour && k.context.Status != status.Resolved {
			k.warn(RuleTime, c.span, reasonPast)
		}
	}
}
