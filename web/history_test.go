package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/statuspage"
)

func beganOn(day time.Time, n int) status.Incident {
	i := pastIncident()
	i.ID, i.Number, i.Name = fmt.Sprintf("h%011d", n), int64(100+n), fmt.Sprintf("Trouble of %s", day.Format(time.DateOnly))
	i.CreatedAt, i.StartedAt, i.UpdatedAt, i.ResolvedAt = day, day, day, day.Add(90*time.Minute)
	return i
}

func TestHistoryIsByMonthNewestFirst(t *testing.T) {
	r := plannedRecord() // the page exists since January, and it is November
	r.Incidents = append(r.Incidents, beganOn(time.Date(2026, 9, 3, 23, 30, 0, 0, time.UTC), 1), beganOn(time.Date(2026, 8, 31, 12, 0, 0, 0, time.UTC), 2))
	site := newBench(t, r).Site
	page, last := mainText(t, site, "/history"), -1
	for _, want := range []string{"Incident history", "November 2026", "Card payments fail", "Ongoing", "Search results are incomplete", "17 Nov 2026, 14:05 UTC – 15:40 UTC", "October 2026 No incidents reported.", "September 2026", "Trouble of 2026-09-03", "3 Sep 2026, 23:30 UTC – 4 Sep 2026, 01:00 UTC", "Older"} {
		found := strings.Index(page, want)
		if found <= last {
			t.Errorf("%q stands at %d, want it after %d:\n%s", want, found, last, page)
		}
		last = found
	}
	if strings.Contains(page, "Newer") || strings.Contains(page, "August") || strings.Count(page, "Search moves") != 2 {
		t.Errorf("the first page holds too much, or an announced maintenance:\n%s", page)
	}
	if second := mainText(t, site, "/history?page=2"); !strings.Contains(second, "August 2026 Trouble of 2026-08-31") || !strings.Contains(second, "June 2026") || !strings.Contains(second, "Newer") {
		t.Errorf("the second page says %q", second)
	}
	if first := mainText(t, site, "/history?page=4"); !strings.Contains(first, "February 2026") || !strings.Contains(first, "January 2026") || strings.Contains(first, "2025") || strings.Contains(first, "Older") {
		t.Errorf("the page of the beginning says %q", first)
	}
}

func TestHistoryIsBounded(t *testing.T) {
	site := newBench(t, calmRecord()).Site
	for query, want := range map[string]int{
		"": 200, "?page=1": 200, "?page=4": 200, "?page=5": 404, "?page=80": 404, "?page=81": 404, "?page=0": 404, "?page=-1": 404,
		"?page=x": 404, "?page=01": 404, "?page=99999999999999999999": 404, "?page=1&page=2": 200, "?page=": 200, "?other=1": 200,
	} {
		if code, _, _ := get(t, site, "GET", "/history"+query); code != want {
			t.Errorf("/history%s answers %d, want %d", query, code, want)
		}
	}
	for range historyPages * 2 {
		ask(site.App().Handler(), fmt.Sprintf("/history.json?page=%d", 1+time.Now().Nanosecond()%historyPages))
	}
	if kept := len(site.Snapshot().history.kept); kept > keptHistory {
		t.Errorf("%d pages are kept", kept)
	}
}

func TestHistoryAsJSONIsStatuspages(t *testing.T) {
	site := newBench(t, plannedRecord()).Site
	var indented bytes.Buffer
	if err := json.Indent(&indented, bodyOf(t, site, "/history.json"), "", "  "); err != nil {
		t.Fatal(err)
	}
	golden(t, "history.json", indented.Bytes())
	for path, want := range map[string]int{"/history.json?page=4": 2, "/history.json?page=5": 0, "/history.json?page=80": 0} {
		var got statuspage.History
		if err := json.Unmarshal(bodyOf(t, site, path), &got); err != nil || len(got.Months) != want || got.Months == nil {
			t.Errorf("%s has %d months, want %d (%v)", path, len(got.Months), want, err)
		}
	}
}

func TestSpansAreWrittenAsStatuspageWritesThem(t *testing.T) {
	from := time.Date(2026, 7, 3, 23, 42, 0, 0, time.UTC)
	for want, until := range map[string]time.Time{
		"Jul <var data-var='date'>3</var>, <var data-var='time'>23:42</var> UTC":                                                                      {},
		"Jul <var data-var='date'>3</var>, <var data-var='time'>23:42</var> - <var data-var='time'>23:50</var> UTC":                                   from.Add(8 * time.Minute),
		"Jul <var data-var='date'>3</var>, <var data-var='time'>23:42</var> - Jul <var data-var='date'>4</var>, <var data-var='time'>00:20</var> UTC": from.Add(38 * time.Minute),
		"Jul <var data-var='date'>3</var>, <var data-var='time'>23:42</var> - Aug <var data-var='date'>1</var>, <var data-var='time'>23:42</var> UTC": from.AddDate(0, 0, 29),
	} {
		if got := stampSpan(from, until, "%d"); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
}

// longRecord holds sixty incidents, a day apart, so that it is whole only since
// the beginning of October.
func longRecord() status.Record {
	r := calmRecord()
	r.Page.CreatedAt = time.Date(2024, 2, 1, 0, 0, 0, 0, time.UTC)
	r.Incidents = nil
	for n := range 60 {
		r.Incidents = append(r.Incidents, beganOn(time.Date(2026, 11, 20-n, 8, 0, 0, 0, time.UTC), n))
	}
	return r
}

func TestMonthsBeyondTheRecordAreReadOnceAndKept(t *testing.T) {
	var reads atomic.Int64
	var asked [2]time.Time
	old := beganOn(time.Date(2026, 9, 2, 0, 0, 0, 0, time.UTC), 900)
	draft := old
	draft.ID, draft.Name, draft.Draft = "hdr4ft000000", "A draft", true
	site := newBench(t, longRecord(), func(o *Options) {
		o.LoadMonths = func(_ context.Context, from, to time.Time) ([]status.Incident, error) {
			reads.Add(1)
			asked = [2]time.Time{from, to}
			return []status.Incident{old, draft, beganOn(time.Date(2026, 10, 2, 8, 0, 0, 0, time.UTC), 49)}, nil
		}
	}).Site
	for range 3 {
		page := mainText(t, site, "/history")
		if !strings.Contains(page, "Trouble of 2026-09-02") || strings.Contains(page, "A draft") || strings.Count(page, "Trouble of 2026-10-02") != 1 {
			t.Fatalf("the page says %q", page)
		}
	}
	if reads.Load() != 1 || !asked[0].Equal(time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)) || !asked[1].Equal(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("three visitors read the database %d times, for %v", reads.Load(), asked)
	}
}

func TestMonthsThatTheRecordHoldsAreNotRead(t *testing.T) {
	r := longRecord()
	r.Incidents = r.Incidents[:40]
	site := newBench(t, r, func(o *Options) {
		o.LoadMonths = func(context.Context, time.Time, time.Time) ([]status.Incident, error) {
			t.Error("the database was read")
			return nil, nil
		}
	}).Site
	mainText(t, site, "/history")
	mainText(t, site, "/history?page=3")
}

func TestMonthsThatCannotBeReadAre503(t *testing.T) {
	fail := errors.New("disk on fire")
	site := newBench(t, longRecord(), func(o *Options) {
		o.LoadMonths = func(context.Context, time.Time, time.Time) ([]status.Incident, error) { return nil, fail }
	}).Site
	if code, body, header := get(t, site, "GET", "/history"); code != 503 || header("Retry-After") == "" || strings.Contains(body, "disk") {
		t.Errorf("answered %d", code)
	}
	fail = nil
	if code, _, _ := get(t, site, "GET", "/history"); code != 200 {
		t.Errorf("the failure was kept: %d", code)
	}
}

func TestMonthsFollowThePagesZone(t *testing.T) {
	r := calmRecord()
	r.Page.TimeZone = "America/Los_Angeles"
	r.Incidents = append(r.Incidents, beganOn(time.Date(2026, 11, 1, 5, 0, 0, 0, time.UTC), 1)) // still October there
	if page := mainText(t, newBench(t, r).Site, "/history"); !strings.Contains(page, "October 2026 Trouble of 2026-11-01") {
		t.Errorf("the page says %q", page)
	}
}
