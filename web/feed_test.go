package web

import (
	"bytes"
	"encoding/xml"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/status"
	"github.com/google/go-cmp/cmp"
	"github.com/mmcdole/gofeed"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares an answer with its golden file.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := "testdata/" + name
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got), rewrite with -update if it is right:\n%s", path, diff)
	}
}

func TestFeedIsStatuspages(t *testing.T) {
	golden(t, "history.rss", newBench(t, troubledRecord()).Snapshot().answer("/history.rss").plain)
}

func TestFeedIsRead(t *testing.T) {
	r := troubledRecord()
	r.Page.TimeZone = "Europe/Berlin"
	body := newBench(t, r).Snapshot().answer("/history.rss").plain
	feed, err := gofeed.NewParser().Parse(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if feed.Title != "Kestrel & Co Status - Incident History" || feed.Link != "https://status.kestrel.example" || len(feed.Items) != 2 {
		t.Errorf("feed %q %q with %d items", feed.Title, feed.Link, len(feed.Items))
	}
	first := feed.Items[0]
	if first.Title != "Card payments fail" || first.GUID != "https://status.kestrel.example/incidents/k7l8m9n0p1q2" || first.Link != first.GUID || !first.PublishedParsed.Equal(at(10, 44)) {
		t.Errorf("item %q %q %q at %v", first.Title, first.GUID, first.Link, first.PublishedParsed)
	}
	if first.Published != "Sat, 21 Nov 2026 11:44:00 +0100" {
		t.Errorf("published %q, want the page's zone", first.Published)
	}
	want := "<p><small>Nov <var data-var='date'>21</var>, <var data-var='time'>11:44</var> CET</small><br><strong>Identified</strong> - We know why"
	if !strings.HasPrefix(first.Description, want) {
		t.Errorf("description begins %q", first.Description[:min(len(want)+20, len(first.Description))])
	}
	if !strings.Contains(feed.Items[1].Description, "<strong>Resolved</strong>") {
		t.Error("no <strong>Resolved</strong>")
	}
}

func TestFeedNamesAnUpdateThatChangedNoState(t *testing.T) {
	r := troubledRecord()
	i := &r.Incidents[0]
	again := i.Updates[1]
	again.ID, again.Body = "t3t3t3t3t3t3", "Still working."
	i.Updates = append(i.Updates, again)
	if body := feedBody(r.Page, *i); !strings.HasPrefix(body[strings.Index(body, "<br>"):], "<br><strong>Update</strong> - Still working.") {
		t.Errorf("the feed says %q", body)
	}
}

// Traps 13 and 15: what people write must not break the feed.
func TestFeedParsesWhateverPeopleWrite(t *testing.T) {
	body := newBench(t, hostileRecord()).Snapshot().answer("/history.rss").plain
	decoder := xml.NewDecoder(bytes.NewReader(body))
	for {
		if token, err := decoder.Token(); token == nil && err != nil {
			if err.Error() != "EOF" {
				t.Fatal(err)
			}
			break
		}
	}
	if _, err := gofeed.NewParser().Parse(bytes.NewReader(body)); err != nil {
		t.Fatal(err)
	}
	if bytes.ContainsAny(body, "\x0b\x00\uFFFE") {
		t.Error("the feed holds characters that XML forbids")
	}
}

func TestEmptyFeedIsAFeed(t *testing.T) {
	body := newBench(t, status.Record{Page: calmRecord().Page}).Snapshot().answer("/history.rss").plain
	feed, err := gofeed.NewParser().Parse(bytes.NewReader(body))
	if err != nil || len(feed.Items) != 0 {
		t.Errorf("parsed with %v", err)
	}
}

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
