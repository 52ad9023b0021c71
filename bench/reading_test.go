package bench

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// readOften serves a page by a function until it was asked for so many times,
// and says how often at most it should have been.
func readOften(t *testing.T, times int64, serve func(w http.ResponseWriter, n int64)) (took []time.Duration, most int, err error) {
	t.Helper()
	const rate = 400
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { serve(w, asked.Add(1)) }))
	defer server.Close()
	began := time.Now()
	reading := Read(t.Context(), strings.TrimPrefix(server.URL, "http://"), "/page", rate)
	for deadline := began.Add(time.Minute); asked.Load() < times && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	took, err = reading.End()
	return took, int(time.Since(began).Seconds()*rate) + 1, err
}

func TestReadingCountsFromWhenARequestWasDue(t *testing.T) {
	release := make(chan struct{})
	took, most, err := readOften(t, 80, func(_ http.ResponseWriter, n int64) {
		if n == readingConnections {
			time.Sleep(200 * time.Millisecond)
			close(release)
		}
		if n <= readingConnections {
			<-release
		}
	})
	// As many again were due meanwhile: they were answered at once, and are late all
	// the same.
	if err != nil || len(took) < 80 || len(took) > most || took[len(took)-2*readingConnections] < 100*time.Millisecond {
		t.Errorf("%d answers, the slowest after %s: %v", len(took), Percentile(took, 100), err)
	}
}

func TestReadingSaysWhatFailed(t *testing.T) {
	_, _, err := readOften(t, 1, func(w http.ResponseWriter, _ int64) { w.WriteHeader(http.StatusNotFound) })
	if err == nil || !strings.Contains(err.Error(), "GET /page: 404") {
		t.Errorf("got %v", err)
	}
}

func TestPercentile(t *testing.T) {
	var sorted []time.Duration
	for i := range 100 {
		sorted = append(sorted, time.Duration(i))
	}
	for percent, want := range map[float64]time.Duration{0: 0, 50: 50, 99: 99, 100: 99} {
		if got := Percentile(sorted, percent); got != want {
			t.Errorf("%v %%: %d, want %d", percent, got, want)
		}
	}
}
