package notify

import (
	"slices"
	"time"
)

// Results are written down together: the sessions do not wait for the database,
// and what a crash leaves unknown stays little.
const (
	markAfter = 50 * time.Millisecond
	markMost  = 1000
)

// mark is one result on its way to the ledger.
type mark struct {
	hand   *hand
	result Recorded
}

// mark writes results down until there will be no more, and keeps the leases of
// what is not finished. It is the only one to write for its channel, so what is
// reported in one order is written in that order.
func (l *line) mark() {
	keep := time.NewTicker(l.settings.Lease / 3)
	defer keep.Stop()
	late := time.NewTimer(markAfter)
	defer late.Stop()
	var waiting []mark
	var results []Recorded // used again and again
	flush := func() {
		results = l.write(waiting, results)
		waiting = waiting[:0]
	}
	for {
		select {
		case m, ok := <-l.marks:
			if !ok {
				flush()
				return
			}
			if len(waiting) == 0 {
				late.Reset(markAfter)
			}
			waiting = append(waiting, m)
			if len(waiting) >= markMost || l.stock.quiet(len(waiting)) {
				flush()
			}
		case <-late.C:
			flush()
		case <-keep.C:
			flush()
			for _, h := range l.stock.open() {
				l.record(h, nil)
			}
		}
	}
}

// write records results, those of one batch in one transaction. It returns the
// room that it took for them.
func (l *line) write(marks []mark, results []Recorded) []Recorded {
	var order []*hand // a few
	for _, m := range marks {
		if !slices.Contains(order, m.hand) {
			order = append(order, m.hand)
		}
	}
	for _, h := range order {
		results = results[:0]
		for _, m := range marks {
			if m.hand == h {
				results = append(results, m.result)
			}
		}
		l.record(h, results)
		if rest := l.stock.settled(h, len(results)); len(rest) > 0 {
			l.release(h.Batch, rest)
		}
	}
	return results
}
