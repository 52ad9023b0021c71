package bench

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Load is what one run of wrk saw.
type Load struct {
	PerSecond float64
	Requests  int64
	P50, P99  time.Duration
	// Refused counts answers that are neither 2xx nor 3xx, Broken requests that
	// got no answer.
	Refused, Broken int64
}

var (
	wrkPercentile = regexp.MustCompile(`(?m)^\s+(50|99)%\s+([0-9.]+[a-z]+)`)
	wrkRequests   = regexp.MustCompile(`(?m)^\s*([0-9]+) requests in `)
	wrkPerSecond  = regexp.MustCompile(`(?m)^Requests/sec:\s+([0-9.]+)`)
	wrkRefused    = regexp.MustCompile(`(?m)Non-2xx or 3xx responses: ([0-9]+)`)
	wrkBroken     = regexp.MustCompile(`(?m)Socket errors: connect ([0-9]+), read ([0-9]+), write ([0-9]+), timeout ([0-9]+)`)
)

// ParseWrk reads what wrk --latency prints.
func ParseWrk(output string) (Load, error) {
	var load Load
	requests, perSecond := wrkRequests.FindStringSubmatch(output), wrkPerSecond.FindStringSubmatch(output)
	percentiles := wrkPercentile.FindAllStringSubmatch(output, -1)
	if requests == nil || perSecond == nil || len(percentiles) != 2 {
		return load, fmt.Errorf("this is not what wrk --latency prints: %q", output)
	}
	var err error
	if load.PerSecond, err = strconv.ParseFloat(perSecond[1], 64); err != nil {
		return load, fmt.Errorf("read wrk's output: %w", err)
	}
	for i, into := range []*time.Duration{&load.P50, &load.P99} {
		if *into, err = time.ParseDuration(percentiles[i][2]); err != nil {
			return load, fmt.Errorf("read wrk's output: %w", err)
		}
	}
	load.Requests = count(requests[1])
	if refused := wrkRefused.FindStringSubmatch(output); refused != nil {
		load.Refused = count(refused[1])
	}
	if broken := wrkBroken.FindStringSubmatch(output); broken != nil {
		for _, n := range broken[1:] {
			load.Broken += count(n)
		}
	}
	return load, nil
}

// count reads digits.
func count(digits string) int64 {
	n, _ := strconv.ParseInt(digits, 10, 64) // the pattern let only digits through
	return n
}
