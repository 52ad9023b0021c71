package main

import (
	"testing"
	"time"

	"github.com/allclear-status/allclear/bench"
)

func TestSpeedIsCountedFromThePost(t *testing.T) {
	began := time.Unix(1000, 0)
	r := result{began: began, cpu: time.Second, total: bench.Total{Messages: 2000, First: began.Add(time.Second), Last: began.Add(4 * time.Second)}}
	if r.perSecond() != 500 || first(r) != 1000 || last(r) != 4 || cpuEach(r) != 500 {
		t.Errorf("%g a second, first after %g ms, last after %g s, %g us each", r.perSecond(), first(r), last(r), cpuEach(r))
	}
}

func TestEveryKindOfLossIsCounted(t *testing.T) {
	total := func(distinct, repeats int) bench.Total { return bench.Total{Distinct: distinct, Repeats: repeats} }
	for what, c := range map[string]struct {
		r   result
		off int
	}{
		"nothing":                   {result{sent: 10, total: total(10, 0)}, 0},
		"told twice":                {result{sent: 10, total: total(10, 2)}, 2},
		"told and not written down": {result{sent: 8, unsent: 2, total: total(10, 0)}, 6},
		"written down and not told": {result{sent: 10, total: total(9, 0)}, 1},
		"never thought of":          {result{sent: 7, total: total(7, 0)}, 3},
	} {
		if got := c.r.off(10); got != c.off {
			t.Errorf("%s: %d, want %d", what, got, c.off)
		}
	}
}
