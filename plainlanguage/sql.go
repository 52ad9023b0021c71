package plainlanguage

import "strings"

const reasonSQL = "a database statement; customers cannot act on it"

// sqlPartners are the words that make a capitalised verb a statement, and how
// many words may stand between.
var sqlPartners = map[string]struct {
	words  string
	within int
}{
	"SELECT":   {" FROM ", 30},
	"INSERT":   {" INTO ", 1},
	"UPDATE":   {" SET ", 2},
	"DELETE":   {" FROM ", 1},
	"ALTER":    {" TABLE INDEX DATABASE ROLE USER ", 1},
	"CREATE":   {" TABLE INDEX DATABASE UNIQUE VIEW ", 1},
	"DROP":     {" TABLE INDEX DATABASE VIEW ", 1},
	"TRUNCATE": {" TABLE ", 1},
	"VACUUM":   {" FULL ANALYZE ", 1},
	"EXPLAIN":  {" ANALYZE SELECT ", 1},
}

// findStatements finds SQL. In lower case the same words make sentences, so
// only what no sentence has counts there.
func (k *checker) findStatements(line span) {
	s := k.plain[line.start:line.end]
	for _, sign := range []string{"select * from ", "select count(", "select 1 from "} {
		if n := strings.Index(k.lower[line.start:line.end], sign); n >= 0 {
			k.leak(RuleTrace, k.statement(line.start+n, line.end), reasonSQL)
			return
		}
	}
	if n := lowerSelect(k.lower[line.start:line.end]); n >= 0 {
		k.leak(RuleTrace, k.statement(line.start+n, line.end), reasonSQL)
		return
	}
	for at := 0; at < len(s); {
		n := strings.IndexAny(s[at:], "SIUDACTVE")
		if n < 0 {
			return
		}
		start := at + n
		end := start
		for end < len(s) && isAlpha(s[end]) {
			end++
		}
		at = max(end, start+1)
		partner, ok := sqlPartners[s[start:end]]
		if !ok || start > 0 && isAlnum(s[start-1]) || !partnerFollows(s[end:min(len(s), end+400)], partner.words, partner.within) {
			continue
		}
		found := k.statement(line.start+start, line.end)
		at = max(at, found.end-line.start)
		// A line that shouts throughout is a heading.
		if hasLower(k.plain[found.start:found.end]) || strings.ContainsAny(k.plain[found.start:found.end], "*=_(") {
			k.leak(RuleTrace, found, reasonSQL)
			return
		}
	}
}

// lowerSelect is where "select … from … where … =" begins, or -1.
func lowerSelect(s string) int {
	n := strings.Index(s, "select ")
	if n < 0 {
		return -1
	}
	_, tail, ok := strings.Cut(s[n:], " from ")
	if !ok {
		return -1
	}
	if _, condition, ok := strings.Cut(tail, " where "); !ok || !strings.Contains(condition, "=") {
		return -1
	}
	return n
}

// partnerFollows says whether one of the words stands near the start of s.
func partnerFollows(s, words string, within int) bool {
	for range within {
		s = strings.TrimLeft(s, " \t")
		n := strings.IndexAny(s, " \t")
		word := s
		if n >= 0 {
			word, s = s[:n], s[n:]
		}
		if word != "" && strings.Contains(words, " "+word+" ") {
			return true
		}
		if n < 0 {
			return false
		}
	}
	return false
}

// statement ends with its semicolon, its code span or its line.
func (k *checker) statement(start, end int) span {
	if n := strings.IndexAny(k.plain[start:end], ";`"); n >= 0 {
		end = start + n
	}
	return k.trim(span{start, end}, " .\"'")
}

func hasLower(s string) bool { return count(s, isLower) > 0 }
