package web

import (
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/status"
)

func TestTheBadgeOfPromisesComesFromTheSnapshot(t *testing.T) {
	record := calmRecord()
	site := newBench(t, record).Site
	if code, body, _ := get(t, site, "GET", "/badge/promises.json"); code != 200 || !strings.Contains(body, `"message":"none yet"`) {
		t.Errorf("without promises: %d %s", code, body)
	}
	due := testNow().Add(-time.Hour)
	for n := range 16 {
		end := due
		if n == 0 {
			end = due.Add(time.Second)
		}
		record.Promises = append(record.Promises, status.Promise{DueAt: due, EndedAt: end, End: status.PromiseSpoken})
	}
	record.Promises = append(record.Promises, status.Promise{DueAt: testNow().Add(time.Hour)})
	site = newBench(t, record).Site
	code, body, header := get(t, site, "GET", "/badge/promises.svg")
	if code != 200 || header("Content-Type") != "image/svg+xml" || !strings.Contains(body, `aria-label="updates on time: 93 %"`) || !strings.Contains(body, badgeColour("ok")) {
		t.Errorf("answered %d: %s", code, body)
	}
	if code, body, _ := get(t, site, "GET", "/badge/promises.json"); code != 200 || !strings.Contains(body, `"label":"updates on time","message":"93 %","color":"brightgreen"`) {
		t.Errorf("answered %d: %s", code, body)
	}
}
