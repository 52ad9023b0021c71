package stakeholders

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

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

// columns are the impacts of a cell in the order in which it is written.
var columns = []status.Impact{status.ImpactCritical, status.ImpactMajor, status.ImpactMinor}

// parseCells reads a place of the table: one cell for every impact, or three.
func parseCells(text string) (map[status.Impact]Cell, error) {
	parts := strings.Split(text, " / ")
	if len(parts) == 1 {
		parts = []string{text, text, text}
	}
	if len(parts) != 3 {
		return nil, fmt.Errorf("%q must be one value, or three separated by \" / \": critical / major / minor", text)
	}
	cells := map[status.Impact]Cell{}
	for i, part := range parts {
		cell, err := parseCell(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		cells[columns[i]] = cell
	}
	return cells, nil
}

func parseCell(text string) (Cell, error) {
	cell := Cell{Text: text}
	if text == "–" || text == "-" {
		return cell, nil
	}
	said := map[Class]bool{}
	for list := range strings.SplitSeq(text, ",") {
		entry, err := parseEntry(strings.Fields(list))
		for _, class := range entry.Classes {
			if said[class] && err == nil {
				err = fmt.Errorf("the channel %c stands twice", class)
			}
			said[class] = true
		}
		if err != nil {
			return Cell{}, fmt.Errorf("%q: %w", text, err)
		}
		cell.Entries = append(cell.Entries, entry)
	}
	return cell, nil
}

// parseEntry reads a list of channels, then their timing.
func parseEntry(words []string) (Entry, error) {
	var e Entry
	var timings []string
	for _, word := range words {
		letter, calendar := strings.CutSuffix(word, "+calendar")
		if len(letter) == 1 && strings.Contains("ECSP", letter) {
			if len(timings) > 0 {
				return e, fmt.Errorf("the channel %s stands behind a timing; put a comma before it", letter)
			}
			e.Classes = append(e.Classes, Class(letter[0]))
			e.Calendar = e.Calendar || calendar
			continue
		}
		before := e.Timing
		if err := e.Timing.read(word); err != nil {
			return e, err
		}
		if len(timings) > 0 && e.Timing.kinds() == before.kinds() {
			return e, fmt.Errorf("%q says again what %q says", word, strings.Join(timings, " "))
		}
		timings = append(timings, word)
	}
	switch {
	case len(e.Classes) == 0 && !e.Timing.Told:
		return e, errors.New("it names no channel (E, C, S, P); only \"told\" may stand without one")
	case e.Timing.Hold > 0 && e.Timing.StillOpen > 0:
		return e, errors.New("it holds and waits at once; give one of 15m and >30")
	}
	return e, nil
}

// kinds counts the timings that are set.
func (t Timing) kinds() (n int) {
	for _, set := range []bool{t.Hold > 0, t.Limit > 0, t.StillOpen > 0, t.Digest, t.Told, t.Delayed} {
		if set {
			n++
		}
	}
	return n
}

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
		err = fmt.Errorf("%q is neither a channel (E, C, S, P) nor a timing (15m, 1/60, >30, day, told, delayed)", word)
	}
	return err
}

func minutes(word, text string) (time.Duration, error) {
	n, err := strconv.ParseUint(text, 10, 16)
	if err != nil || n < 1 || n > 1440 {
		return 0, fmt.Errorf("%q: the minutes must be a whole number from 1 to 1440", word)
	}
	return time.Duration(n) * time.Minute, nil
}
