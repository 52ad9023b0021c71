package web

import (
	"encoding/xml"
	"strings"
	"testing"
)

func TestBadgeIsAnImageOfTheHeadline(t *testing.T) {
	site := newBench(t, hostileRecord()).Site
	golden(t, "badge.svg", site.Snapshot().answer("/badge.svg").plain)
	for query, want := range map[string]string{
		"": "status: Major outage", "?label=shop": "shop: Major outage", "?style=flat-square": "status: Major outage", "?style=unknown": "status: Major outage",
		"?label=%3Cscript%3Ealert(1)%3C%2Fscript%3E": "&lt;script&gt;alert(1)&lt;/script&gt;: Major outage",
		"?label=%0b%00%ff%20a":                       "a: Major outage", "?label=" + strings.Repeat("w", 500): strings.Repeat("w", 39) + "…: Major outage",
	} {
		_, body, _ := get(t, site, "GET", "/badge.svg"+query)
		if !strings.Contains(body, "<title>"+want+"</title>") {
			t.Errorf("badge%s has no title %q:\n%s", query, want, body)
		}
		if err := xml.Unmarshal([]byte(body), new(struct{})); err != nil {
			t.Errorf("badge%s is no XML: %v", query, err)
		}
	}
}
