package plainlanguage

import "github.com/allclear-status/allclear/status"

const (
	reasonEarlyCause = "a cause, although the incident is still being investigated; first say what customers notice, the cause when it is sure"
	reasonBlame      = "points at somebody; say what happened and what changes, not whose fault it was"
)

// causePhrases name a cause as a fact.
var causePhrases = []string{
	"caused by", "was caused", "is caused", "due to a", "due to an", "due to the", "due to our", "because of a", "because of an", "because of the", "because of our",
	"as a result of", "the cause is", "the cause was", "root cause is", "root cause was", "stems from", "stemming from", "originated from", "triggered by", "attributed to",
}

// unsure make it a guess that is called one, or no cause of the trouble.
var unsure = []string{
	"may be", "might be", "could be", "suspect", "suspected", "believe", "think", "appears", "seems", "likely", "possibly", "probably", "not known", "unknown", "not yet",
	"whether", "if", "investigating the cause", "looking for", "find the cause", "to determine", "sorry", "apologise", "apologize", "inconvenience", "caution", "no", "scheduled",
	"planned", "time difference", "public holiday",
}

// findEarlyCause finds a cause told as a fact while it is still being sought.
func (k *checker) findEarlyCause() {
	if k.context.Status != status.Investigating {
		return
	}
	for _, s := range k.sentences {
		found, ok := k.has(s.span, causePhrases)
		if !ok {
			continue
		}
		if _, guess := k.has(s.span, unsure); !guess {
			k.warn(RuleEarlyCause, found, reasonEarlyCause)
		}
	}
}

var (
	// persons are those whom a text should not point at.
	persons = set(`engineer engineers developer developers administrator administrators admin employee employees colleague colleagues
		contractor contractors technician technicians operator operators intern team teams staff member vendor supplier provider
		partner dba sysadmin programmer department`)
	// failings are what is said of them.
	failings = set("forgot forgotten neglected messed screwed botched overlooked accidentally mistakenly carelessly wrongly ignored")
)

// findBlame finds "an engineer accidentally deleted" and "our supplier forgot".
func (k *checker) findBlame() {
	for i := range k.words {
		if !persons[k.word(i)] {
			continue
		}
		for n := i + 1; n < len(k.words) && n <= i+4 && k.sameSentence(n-1, n); n++ {
			word := k.word(n)
			mistake := word == "mistake" || word == "error" && k.word(n-1) != "an"
			if failings[word] || mistake && (k.word(n-1) == "a" || k.word(n-1) == "made") || word == "to" && k.word(n-1) == "failed" {
				k.warn(RuleBlame, span{k.words[i].start, k.words[n].end}, reasonBlame)
				break
			}
		}
	}
}
