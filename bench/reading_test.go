package bench

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestReadingCountsFromWhenARequestWasDue(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if asked.Add(1) == 1 {
			time.Sleep(100 * time.Millisecond)
		}
	}))
	defer server.Close()
	reading := Read(t.Context(), strings.TrimPrefix(server.URL, "http://"), "/", 400)
	time.Sleep(250 * time.Millisecond)
	took, err := reading.End()
	if err != nil || len(took) < 40 || len(took) > 110 || took[len(took)-1] < 100*time.Millisecond {
		t.Errorf("%d answers, the slowest after %s: %v", len(took), Percentile(took, 100), err)
	}
}

func TestReadingSaysWhatFailed(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	reading := Read(t.Context(), strings.TrimPrefix(server.URL, "http://"), "/nowhere", 400)
	time.Sleep(50 * time.Millisecond)
	if _, err := reading.End(); err == nil || !strings.Contains(err.Error(), "GET /nowhere: 404") {
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
