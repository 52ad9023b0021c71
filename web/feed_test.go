package web

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/status"
	"github.com/google/go-cmp/cmp"
	"github.com/mmcdole/gofeed"
	"golang.org/x/net/html"
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

// bodyOf is what a path answers.
func bodyOf(t *testing.T, s *Site, path string) []byte {
	t.Helper()
	code, body, _ := get(t, s, "GET", path)
	if code != 200 {
		t.Fatalf("%s answers %d", path, code)
	}
	return []byte(body)
}

// feedPaths are the addresses of every feed.
func feedPaths() []string {
	return []string{"/history.rss", "/history.atom", "/feed.json", "/updates.rss", "/updates.atom", "/updates.json"}
}

func TestFeedsAreWhatTheyWere(t *testing.T) {
	site := newBench(t, plannedRecord()).Site
	for _, path := range append(feedPaths(), "/calendar.ics") {
		body := bodyOf(t, site, path)
		if strings.HasSuffix(path, ".json") {
			var indented bytes.Buffer
			if err := json.Indent(&indented, body, "", "  "); err != nil {
				t.Fatal(err)
			}
			body = indented.Bytes()
		}
		golden(t, path[1:], body)
	}
}

// readFeed reads a feed as another program does.
func readFeed(t *testing.T, body []byte) *gofeed.Feed {
	t.Helper()
	feed, err := gofeed.NewParser().Parse(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return feed
}

func TestHistoryHasOneItemAnIncidentInEveryForm(t *testing.T) {
	site := newBench(t, plannedRecord()).Site
	for _, path := range []string{"/history.rss", "/history.atom", "/feed.json"} {
		feed := readFeed(t, bodyOf(t, site, path))
		if len(feed.Items) != 5 || feed.Items[0].Title != "Card payments fail" || feed.Items[0].Link != "https://status.kestrel.example/incidents/k7l8m9n0p1q2" {
			t.Errorf("%s has %d items, the first %+v", path, len(feed.Items), feed.Items[0])
		}
		if path != "/history.rss" && feed.FeedLink != "https://status.kestrel.example"+path {
			t.Errorf("%s names itself %q", path, feed.FeedLink)
		}
	}
	rss := readFeed(t, bodyOf(t, site, "/history.rss")).Items[2]
	if rss.Published != "Wed, 25 Nov 2026 22:00:00 +0000" || rss.Custom["maintenanceEndDate"] != "Thu, 26 Nov 2026 02:00:00 +0000" {
		t.Errorf("a maintenance is dated %q until %q", rss.Published, rss.Custom["maintenanceEndDate"])
	}
	atom := readFeed(t, bodyOf(t, site, "/history.atom")).Items[0]
	if atom.GUID != "tag:status.kestrel.example,2005:Incident/2" || !atom.PublishedParsed.Equal(at(10, 42)) || !atom.UpdatedParsed.Equal(at(10, 44)) {
		t.Errorf("the Atom entry is %q, published %v, updated %v", atom.GUID, atom.PublishedParsed, atom.UpdatedParsed)
	}
}

func TestUpdatesHaveOneItemEachThatNeverChangesItsName(t *testing.T) {
	b := newBench(t, troubledRecord())
	before := readFeed(t, bodyOf(t, b.Site, "/updates.rss"))
	r := troubledRecord()
	i := &r.Incidents[0]
	i.Name, i.Status, i.UpdatedAt = "Card payments failed", status.Resolved, at(11, 0)
	i.Updates = append(i.Updates, status.Update{ID: "t3t3t3t3t3t3", Status: status.Resolved, Body: "Over.", DisplayAt: at(11, 0), UpdatedAt: at(11, 0)})
	r.Page.Version++
	b.set(r)
	if err := b.Refresh(t.Context(), r.Page.Version); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/updates.rss", "/updates.json"} {
		after := readFeed(t, bodyOf(t, b.Site, path))
		if len(after.Items) != len(before.Items)+1 || after.Items[0].Title != "Resolved: Card payments failed" || after.Items[0].GUID != "t3t3t3t3t3t3" {
			t.Fatalf("%s has %d items, the first %q %q", path, len(after.Items), after.Items[0].Title, after.Items[0].GUID)
		}
		for n, item := range before.Items {
			if again := after.Items[n+1]; again.GUID != item.GUID || again.Link != item.Link || again.GUID == "" {
				t.Errorf("%s: item %d was %q, is %q", path, n, item.GUID, again.GUID)
			}
		}
	}
	if item := before.Items[0]; !strings.HasSuffix(item.Link, "/incidents/k7l8m9n0p1q2#t2t2t2t2t2t2") || !strings.Contains(item.Description, "<li>Shop - Checkout: Degraded performance</li>") || !strings.Contains(item.Description, "Next update by 21 Nov 2026, 10:59 UTC") {
		t.Errorf("the first item is %q:\n%s", item.Link, item.Description)
	}
}

func TestFeedsHoldABoundedNumber(t *testing.T) {
	r := troubledRecord()
	for range 120 {
		r.Incidents = append(r.Incidents, pastIncident())
	}
	site := newBench(t, r).Site
	for path, want := range map[string]int{"/history.rss": feedIncidents, "/history.atom": feedIncidents, "/updates.rss": feedUpdates, "/updates.json": feedUpdates} {
		if got := len(readFeed(t, bodyOf(t, site, path)).Items); got != want {
			t.Errorf("%s has %d items, want %d", path, got, want)
		}
	}
}

func TestFeedIsRead(t *testing.T) {
	r := troubledRecord()
	r.Page.TimeZone = "Europe/Berlin"
	body := []byte(bodyOf(t, newBench(t, r).Site, "/history.rss"))
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

// Traps 13 and 15: what people write must not break a feed.
func TestFeedsParseWhateverPeopleWrite(t *testing.T) {
	site := newBench(t, hostileRecord()).Site
	for _, path := range feedPaths() {
		body := bodyOf(t, site, path)
		if strings.HasSuffix(path, ".json") {
			if !json.Valid(body) {
				t.Errorf("%s is no JSON", path)
			}
		} else if err := validXML(body); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		for _, item := range readFeed(t, body).Items {
			if bad := unsafe(item.Description + item.Content); bad != "" {
				t.Errorf("%s: an item holds %s", path, bad)
			}
		}
	}
}

// validXML reads a document to its end, and refuses characters that XML forbids.
func validXML(body []byte) error {
	if at := bytes.IndexAny(body, "\x0b\x00\uFFFE\uFFFF"); at >= 0 {
		return fmt.Errorf("a forbidden character at %d", at)
	}
	decoder := xml.NewDecoder(bytes.NewReader(body))
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// allowedInFeeds are the elements that the bodies of items are made of.
const allowedInFeeds = " html head body p br strong em code a ul ol li blockquote small var "

// unsafe names what a reader's program could be made to do, or nothing.
func unsafe(body string) string {
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		return err.Error()
	}
	for _, e := range elements(doc) {
		if !strings.Contains(allowedInFeeds, " "+e.Data+" ") {
			return "<" + e.Data + ">"
		}
		for _, a := range e.Attr {
			allowed := a.Key == "data-var" || e.Data == "ol" && a.Key == "start" ||
				e.Data == "a" && (a.Key == "rel" || a.Key == "href" && regexp.MustCompile("^(https?|mailto):").MatchString(a.Val))
			if !allowed {
				return fmt.Sprintf("<%s %s=%q>", e.Data, a.Key, a.Val)
			}
		}
	}
	return ""
}

func TestEmptyFeedsAreFeeds(t *testing.T) {
	site := newBench(t, status.Record{Page: calmRecord().Page}).Site
	for _, path := range feedPaths() {
		body := bodyOf(t, site, path)
		if feed := readFeed(t, body); len(feed.Items) != 0 || feed.Title == "" {
			t.Errorf("%s: %+v", path, feed)
		}
		if strings.HasSuffix(path, ".json") && !bytes.Contains(body, []byte(`"items":[]`)) {
			t.Errorf("%s has no items", path)
		}
	}
	if body := string(bodyOf(t, site, "/calendar.ics")); strings.Contains(body, "VEVENT") || !strings.HasSuffix(body, "END:VCALENDAR\r\n") {
		t.Errorf("the empty calendar is %q", body)
	}
}

func TestCalendarKeepsWhatWasCalledOff(t *testing.T) {
	r := plannedRecord()
	off := &r.Incidents[2]
	off.Status, off.ResolvedAt = status.MaintenanceCompleted, at(8, 0)
	body := string(bodyOf(t, newBench(t, r).Site, "/calendar.ics"))
	if strings.Count(body, "STATUS:CANCELLED") != 1 || strings.Count(body, "BEGIN:VEVENT") != 3 {
		t.Errorf("the calendar is\n%s", body)
	}
}
