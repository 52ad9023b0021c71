package stakeholders

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/allclear-status/allclear/status"
)

// Cell is one place in the table for one impact.
type Cell struct {
	Text    string // as written in the policy
	Entries []Entry
}

// Entry is a list of channels with one timing. No channel means every channel
// on which somebody was already told.
type Entry struct {
	Classes  []Class
	Calendar bool
	Timing   Timing
}

// Timing says when an entry applies; the zero Timing is now, to everybody.
type Timing struct {
	Hold      time.Duration // held that long
	Limit     time.Duration // at most one message in that period
	StillOpen time.Duration // held that long, dropped unless open and not in monitoring
	Digest    bool          // with the daily digest
	Told      bool          // only where something was told already
	Delayed   bool          // only where a delay was told
}

// Immediate says that nothing delays a message with this timing.
func (t Timing) Immediate() bool {
	return t.Hold == 0 && t.Limit == 0 && t.StillOpen == 0 && !t.Digest
}

// nothing is how a cell is written that gives nothing.
const nothing = "–"

// maxMinutes bounds the timings of a cell: a day. minutePattern is such a
// number.
const (
	maxMinutes    = 1440
	minutePattern = `(?:[1-9][0-9]{0,2}|1[0-3][0-9]{2}|14[0-3][0-9]|1440)`
)

// columns are the impacts of a cell in the order in which it is written.
var columns = []status.Impact{status.ImpactCritical, status.ImpactMajor, status.ImpactMinor}

// String writes the cell in the table's notation, the same for every way in
// which it can be written.
func (c Cell) String() string {
	if len(c.Entries) == 0 {
		return nothing
	}
	lists := make([]string, len(c.Entries))
	for i, e := range c.Entries {
		lists[i] = e.String()
	}
	return strings.Join(lists, ", ")
}

// String writes the entry in the table's notation.
func (e Entry) String() string {
	var words []string
	for _, class := range e.Classes {
		word := string(class)
		if e.Calendar {
			word += "+calendar"
		}
		words = append(words, word)
	}
	return strings.Join(append(words, e.Timing.notation()...), " ")
}

// notation is the timing in the words of the table.
func (t Timing) notation() (words []string) {
	for _, part := range []struct {
		set  bool
		word string
	}{
		{t.Told, "told"}, {t.Delayed, "delayed"}, {t.Digest, "day"},
		{t.Hold > 0, fmt.Sprintf("%dm", int(t.Hold.Minutes()))},
		{t.Limit > 0, fmt.Sprintf("1/%d", int(t.Limit.Minutes()))},
		{t.StillOpen > 0, fmt.Sprintf(">%d", int(t.StillOpen.Minutes()))},
	} {
		if part.set {
			words = append(words, part.word)
		}
	}
	return words
}

// word is a word of a place in the table, and where it begins in the text.
type word struct {
	text string
	at   int // in bytes
}

// words takes a place apart. A comma is a word of its own.
func words(text string) (found []word) {
	begin := -1
	end := func(at int) {
		if begin >= 0 {
			found = append(found, word{text[begin:at], begin})
		}
		begin = -1
	}
	for i, r := range text {
		switch {
		case r == ',':
			end(i)
			found = append(found, word{",", i})
		case unicode.IsSpace(r):
			end(i)
		case begin < 0:
			begin = i
		}
	}
	end(len(text))
	return found
}

// separated splits words at a separator; there is always one list.
func separated(all []word, separator string) (lists [][]word) {
	var list []word
	for _, w := range all {
		if w.text == separator {
			lists, list = append(lists, list), nil
		} else {
			list = append(list, w)
		}
	}
	return append(lists, list)
}

// cellReader reads places of the table and gathers what is wrong with one.
type cellReader struct {
	letters string // that stand for channels
	text    string
	faults  []cellFault
}

// cellFault is what is wrong, and the byte of the text where.
type cellFault struct {
	at    int
	words string
}

func (r *cellReader) fault(at int, format string, args ...any) {
	r.faults = append(r.faults, cellFault{at, fmt.Sprintf(format, args...)})
}

// read reads a place: one cell for every impact, or three.
func (r *cellReader) read() map[status.Impact]Cell {
	parts := separated(words(r.text), "/")
	cells := map[status.Impact]Cell{}
	switch len(parts) {
	case 1:
		cell := r.cell(parts[0])
		for _, impact := range columns {
			cells[impact] = cell
		}
	case len(columns):
		for i, impact := range columns {
			cells[impact] = r.cell(parts[i])
		}
	default:
		r.fault(0, "it must be one value, or three separated by \" / \": critical / major / minor; it has %d", len(parts))
	}
	return cells
}

// cell reads the words of one cell.
func (r *cellReader) cell(all []word) Cell {
	if len(all) == 0 {
		r.fault(0, "it names no channel (%s); write \"–\" for nothing", r.known())
		return Cell{}
	}
	last := all[len(all)-1]
	cell := Cell{Text: r.text[all[0].at : last.at+len(last.text)]}
	if cell.Text == nothing || cell.Text == "-" {
		return cell
	}
	said := map[Class]bool{}
	at := all[0].at
	for _, list := range separated(all, ",") {
		if len(list) > 0 {
			at = list[0].at
		}
		cell.Entries = append(cell.Entries, r.entry(list, at, said))
	}
	return cell
}

// entry reads a list of channels, then their timing. at is where it begins.
func (r *cellReader) entry(list []word, at int, said map[Class]bool) (e Entry) {
	var timings []string
	before := len(r.faults)
	for _, w := range list {
		letter, calendar := strings.CutSuffix(w.text, "+calendar")
		if len(letter) != 1 || !strings.Contains(r.letters, letter) {
			r.timing(&e.Timing, w, &timings)
			continue
		}
		class := Class(letter[0])
		switch {
		case len(timings) > 0:
			r.fault(w.at, "the channel %s stands behind a timing; put a comma before it", letter)
		case said[class]:
			r.fault(w.at, "the channel %s stands twice", letter)
		}
		said[class] = true
		e.Classes = append(e.Classes, class)
		e.Calendar = e.Calendar || calendar
	}
	if len(r.faults) > before {
		return e
	}
	switch t := e.Timing; {
	case len(e.Classes) == 0 && !t.Told:
		r.fault(at, "it names no channel (%s); only \"told\" may stand without one", r.known())
	case t.Hold > 0 && t.StillOpen > 0:
		r.fault(at, "it holds and waits at once; give one of %dm and >%d", int(t.Hold.Minutes()), int(t.StillOpen.Minutes()))
	case t.Digest && (t.Hold > 0 || t.Limit > 0 || t.StillOpen > 0):
		r.fault(at, "the daily digest has its own hour; \"day\" stands without another time")
	}
	return e
}

// timing reads one word of timing.
func (r *cellReader) timing(t *Timing, w word, before *[]string) {
	had := t.kinds()
	err := t.read(w.text)
	switch {
	case errors.Is(err, errNoTiming) && isLetter(w.text):
		r.fault(w.at, "%q is neither a channel (%s) nor a timing; a letter of your own stands under channels: first", w.text, r.known())
	case errors.Is(err, errNoTiming):
		r.fault(w.at, "%q is neither a channel (%s) nor a timing (15m, 1/60, >30, day, told, delayed)", w.text, r.known())
	case err != nil:
		r.fault(w.at, "%s", err)
	case t.kinds() == had:
		r.fault(w.at, "%q says again what %q says", w.text, strings.Join(*before, " "))
	}
	*before = append(*before, w.text)
}

// known are the letters of channels, for a sentence.
func (r *cellReader) known() string { return strings.Join(strings.Split(r.letters, ""), ", ") }

// isLetter says whether a word looks like a channel's letter.
func isLetter(text string) bool { return len(text) == 1 && text[0] >= 'A' && text[0] <= 'Z' }

// kinds counts the timings that are set.
func (t Timing) kinds() int { return len(t.notation()) }

var errNoTiming = errors.New("not a timing")

// read takes one timing word.
func (t *Timing) read(word string) (err error) {
	switch {
	case word == "told":
		t.Told = true
	case word == "delayed":
		t.Delayed = true
	case word == "day":
		t.Digest = true
	case strings.HasPrefix(word, ">"):
		t.StillOpen, err = minutes(word, word[1:])
	case strings.HasPrefix(word, "1/"):
		t.Limit, err = minutes(word, word[2:])
	case strings.HasSuffix(word, "m"):
		t.Hold, err = minutes(word, strings.TrimSuffix(word, "m"))
	default:
		err = errNoTiming
	}
	return err
}

func minutes(word, text string) (time.Duration, error) {
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil || n < 1 || n > maxMinutes || text[0] == '0' {
		return 0, fmt.Errorf("%q: the minutes must be a whole number from 1 to %d", word, maxMinutes)
	}
	return time.Duration(n) * time.Minute, nil
}
