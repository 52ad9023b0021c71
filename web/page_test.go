package web

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/status"
	"golang.org/x/net/html"
)

// document is a page taken apart as a browser does.
func document(t *testing.T, body string) *html.Node {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// elements lists the elements of a document in order.
func elements(doc *html.Node) []*html.Node {
	all := []*html.Node{}
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode {
			all = append(all, n)
		}
	}
	return all
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func text(n *html.Node) string {
	var out strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			out.WriteString(d.Data)
			out.WriteByte(' ')
		}
	}
	return strings.Join(strings.Fields(out.String()), " ")
}

// main is the text of the page's main part.
func mainText(t *testing.T, s *Site, path string) string {
	t.Helper()
	_, body, _ := get(t, s, "GET", path)
	for _, e := range elements(document(t, body)) {
		if e.Data == "main" {
			return text(e)
		}
	}
	t.Fatalf("%s has no main part", path)
	return ""
}

func TestCalmPageSaysSo(t *testing.T) {
	page := mainText(t, newBench(t, calmRecord()).Site, "/")
	if !strings.HasPrefix(page, "All systems operational Components Payments Operational Card payments Visa, Mastercard and American Express Operational") {
		t.Errorf("the page begins %q", page[:min(200, len(page))])
	}
	if got := strings.Count(page, "No incidents reported."); got != 13 {
		t.Errorf("%d quiet days, want 13 of 14", got)
	}
	for _, want := range []string{"Tuesday, 17 November", "Search results are incomplete", "Minor impact", "14:05 UTC – 15:40 UTC", "INC-1", "Nothing was lost", "Other components Operational Support desk"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for _, unwanted := range []string{"Happening now", "Nightly export", "Next update"} {
		if strings.Contains(page, unwanted) {
			t.Errorf("the page says %q", unwanted)
		}
	}
}

func TestTroubledPagePutsTheIncidentFirst(t *testing.T) {
	page := mainText(t, newBench(t, troubledRecord()).Site, "/")
	at := -1
	for _, want := range []string{
		"Major outage", "2 of 7 components are affected.", "Happening now", "Critical impact", "Identified", "INC-2", "Card payments fail",
		"We know why card payments fail", "Bank transfer works.", "Latest update: 10:44 UTC", "Next update by 10:59 UTC",
		"Affects Payments - Card payments Major outage Shop - Checkout Degraded performance", "Since 10:42 UTC", "All 2 updates",
		"Components", "Past incidents", "Ongoing",
	} {
		found := strings.Index(page, want)
		if found < at || found < 0 {
			t.Errorf("%q stands at %d, want it after %d", want, found, at)
		}
		at = max(at, found)
	}
	if strings.Contains(page, "Card payments fail for all customers") {
		t.Error("the page shows an older update than the latest")
	}
}

func TestComponentShownOnlyWhileDegradedAppearsThen(t *testing.T) {
	r := calmRecord()
	r.Components[6].Status = status.PartialOutage
	if page := mainText(t, newBench(t, r).Site, "/"); !strings.Contains(page, "Nightly export Partial outage") {
		t.Error("the degraded component is hidden")
	}
}

func TestPageSaysWhatTheGradesMeanWhereAsked(t *testing.T) {
	r := calmRecord()
	if page := mainText(t, newBench(t, r).Site, "/"); strings.Contains(page, "What the grades mean") {
		t.Error("the page speaks of grades that nobody asked it to show")
	}
	r.Grades = []status.Grade{
		{Impact: status.ImpactCritical, Name: "Critical", Means: "Use is impossible."},
		{Impact: status.ImpactMajor, Name: "Average", Means: "Use is <degraded>."},
		{Impact: status.ImpactMinor, Name: "Minor", Means: "No core feature is affected."},
	}
	site := newBench(t, r).Site
	want := "What the grades mean Critical impact Use is impossible. Average Major impact Use is <degraded>. Minor impact No core feature is affected. Stay informed"
	if page := mainText(t, site, "/"); !strings.Contains(page, want) {
		t.Errorf("the page says %q", page[max(0, len(page)-800):])
	}
}

func TestOpenIncidentWithoutComponentsIsInTheHeadline(t *testing.T) {
	r := calmRecord()
	r.Incidents = append([]status.Incident{{ID: "z1z2z3z4z5z6", Number: 3, Name: "Something odd", Status: status.Investigating, Impact: status.ImpactNone, HighestImpact: status.ImpactNone, CreatedAt: at(10, 0), StartedAt: at(10, 0), UpdatedAt: at(10, 0)}}, r.Incidents...)
	site := newBench(t, r).Site
	if page := mainText(t, site, "/"); !strings.HasPrefix(page, "Incident in progress") || strings.Contains(page, "Next update") {
		t.Errorf("the page begins %q", page[:60])
	}
	if page := mainText(t, site, "/incidents/z1z2z3z4z5z6"); !strings.Contains(page, "No message has been published") {
		t.Errorf("the incident's page says %q", page)
	}
}

func TestIncidentPageTellsTheWholeStory(t *testing.T) {
	site := newBench(t, troubledRecord()).Site
	page := mainText(t, site, "/incidents/k7l8m9n0p1q2")
	at := -1
	for _, want := range []string{"Critical impact", "INC-2", "Card payments fail Investigating Identified Monitoring Resolved", "Next update by 10:59 UTC", "Started 21 Nov 2026, 10:42 UTC", "Updates", "Identified 21 Nov 2026, 10:44 UTC", "Shop - Checkout Degraded performance", "Investigating 21 Nov 2026, 10:42 UTC", "Card payments fail for all customers"} {
		found := strings.LastIndex(page, want)
		if found < at {
			t.Errorf("%q stands at %d, want it after %d", want, found, at)
		}
		at = found
	}
	over := mainText(t, site, "/incidents/b1c2d3f4g5h6")
	for _, want := range []string{"Resolved 17 Nov 2026, 15:40 UTC", "Affected Shop - Search", "Started 17 Nov 2026, 14:05 UTC"} {
		if !strings.Contains(over, want) {
			t.Errorf("the past incident's page does not say %q", want)
		}
	}
	if strings.Contains(over, "Next update") {
		t.Error("a past incident promises an update")
	}
}

func TestTimesAreInThePagesZone(t *testing.T) {
	r := troubledRecord()
	r.Page.TimeZone = "America/Sao_Paulo"
	site := newBench(t, r).Site
	if page := mainText(t, site, "/"); !strings.Contains(page, "Next update by 07:59 UTC-3") {
		t.Errorf("no local time in %q", page[:300])
	}
	_, body, _ := get(t, site, "GET", "/")
	if !strings.Contains(body, `<time datetime="2026-11-21T10:59:00Z">07:59 UTC-3</time>`) {
		t.Error("the machine's time is not UTC")
	}
}

func TestPageSpeaksItsLanguage(t *testing.T) {
	r := troubledRecord()
	r.Page.Language, r.Page.TimeZone = "de", "Europe/Berlin"
	site := newBench(t, r).Site
	_, body, _ := get(t, site, "GET", "/")
	for _, want := range []string{`<html lang="de">`, "Größerer Ausfall", "Nächste Meldung bis", "11:59 CET", "Keine Störungen gemeldet.", "Samstag, 21. November"} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q on the German page", want)
		}
	}
}

// allPages are the addresses of every kind of page that there is.
func allPages() []string {
	return []string{"/", "/history", "/history?page=2", "/incidents/k7l8m9n0p1q2", "/incidents/b1c2d3f4g5h6", "/nowhere", "/unsubscribe/token", "/unsubscribe/broken"}
}

func leavingSite(t *testing.T, r status.Record) *Site {
	return newBench(t, r, func(o *Options) { o.Leave, o.LeaveInfo = someLeave, someLeaveInfo; o.Contact = "help@kestrel.example" }).Site
}

func TestPagesAreWellBuilt(t *testing.T) {
	site := leavingSite(t, troubledRecord())
	for _, path := range allPages() {
		_, body, _ := get(t, site, "GET", path)
		level, ids, seen := 0, map[string]bool{}, map[string]int{}
		for _, e := range elements(document(t, body)) {
			seen[e.Data]++
			if id := attribute(e, "id"); id != "" {
				if ids[id] {
					t.Errorf("%s: the id %q stands twice", path, id)
				}
				ids[id] = true
			}
			if len(e.Data) == 2 && e.Data[0] == 'h' && e.Data[1] >= '1' && e.Data[1] <= '6' {
				now := int(e.Data[1] - '0')
				if now > level+1 {
					t.Errorf("%s: heading %q jumps from level %d to %d", path, text(e), level, now)
				}
				level = now
			}
		}
		for _, e := range elements(document(t, body)) {
			if id := attribute(e, "aria-labelledby"); id != "" && !ids[id] {
				t.Errorf("%s: aria-labelledby names %q, which is not there", path, id)
			}
			if e.Data == "use" && !ids[strings.TrimPrefix(attribute(e, "href"), "#")] {
				t.Errorf("%s: no icon %s", path, attribute(e, "href"))
			}
			if e.Data == "time" && attribute(e, "datetime") == "" {
				t.Errorf("%s: a time without datetime", path)
			}
		}
		for _, one := range []string{"main", "h1", "title", "header", "footer"} {
			if seen[one] != 1 {
				t.Errorf("%s has %d %s", path, seen[one], one)
			}
		}
	}
}

func TestPagesAskNoOtherHostAndHoldNothingInline(t *testing.T) {
	site := leavingSite(t, troubledRecord())
	own := []string{site.assets.Style, site.assets.Script, "/favicon.svg"}
	for _, path := range allPages() {
		_, body, _ := get(t, site, "GET", path)
		for _, e := range elements(document(t, body)) {
			for _, a := range e.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
					t.Errorf("%s: inline %s on <%s>", path, a.Key, e.Data)
				}
			}
			switch e.Data {
			case "style", "iframe", "img", "object", "embed", "base":
				t.Errorf("%s holds <%s>", path, e.Data)
			case "script":
				if !slices.Contains(own, attribute(e, "src")) || e.FirstChild != nil {
					t.Errorf("%s: script from %q", path, attribute(e, "src"))
				}
			case "link":
				rel := attribute(e, "rel")
				if (rel == "stylesheet" || rel == "icon") && !slices.Contains(own, attribute(e, "href")) {
					t.Errorf("%s: %s from %q", path, rel, attribute(e, "href"))
				}
			}
		}
	}
	for _, name := range []string{"app.css", "live.js", "frame.css", "frame.js", "embed.js"} {
		if regexp.MustCompile(`(https?:)?//[a-z0-9]|url\(|@import`).Match(mustRead(name)) {
			t.Errorf("%s reaches outside", name)
		}
	}
}

func TestHeadTellsWhatThePageIs(t *testing.T) {
	_, body, _ := get(t, newBench(t, troubledRecord()).Site, "GET", "/incidents/k7l8m9n0p1q2")
	for _, want := range []string{
		`<title>INC-2: Card payments fail</title>`, `<meta name="description" content="Card payments fail. Identified, Critical impact.">`,
		`<link rel="canonical" href="https://status.kestrel.example/incidents/k7l8m9n0p1q2">`, `<meta name="theme-color" content="#b3202c">`,
		`<meta property="og:title" content="INC-2: Card payments fail">`, `<link rel="alternate" type="application/rss+xml" href="/history.rss"`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the head has no %s", want)
		}
	}
}

// hostileRecord holds attempts at markup and at breaking XML in every field
// that people fill in.
func hostileRecord() status.Record {
	r := troubledRecord()
	bad := func(n int) string {
		return fmt.Sprintf("\"'><script>alert(%d)</script><img src=x onerror=alert(%d)>{{.}}]]>&lt;b&gt;\x0b\x00\uFFFE", n, n)
	}
	r.Page.Name = bad(1)
	for n := range r.Groups {
		r.Groups[n].Name = bad(10 + n)
	}
	for n := range r.Components {
		r.Components[n].Name, r.Components[n].Description = bad(20+n), bad(30+n)
	}
	for n := range r.Incidents {
		i := &r.Incidents[n]
		i.Name = bad(40 + n)
		i.Updates = slices.Clone(i.Updates)
		for m := range i.Updates {
			i.Updates[m].Body = bad(50+m) + "\n\n[x](javascript:alert(1)) <svg/onload=alert(1)>"
			i.Updates[m].Changes = []status.ComponentChange{{ComponentID: "gone", Name: bad(60), Old: status.Operational, New: status.MajorOutage}}
		}
	}
	return r
}

func TestHostileWordsAreHarmlessOnEveryPage(t *testing.T) {
	site := leavingSite(t, hostileRecord())
	for _, path := range allPages() {
		code, body, _ := get(t, site, "GET", path)
		if code >= 500 {
			t.Errorf("%s answers %d", path, code)
		}
		for _, e := range elements(document(t, body)) {
			if e.Data == "img" || e.Data == "b" && text(e) == "" || e.Data == "script" && attribute(e, "src") == "" || e.Data == "svg" && attribute(e, "onload") != "" {
				t.Errorf("%s holds <%s>", path, e.Data)
			}
			for _, a := range e.Attr {
				if strings.HasPrefix(a.Key, "on") || strings.HasPrefix(strings.ToLower(a.Val), "javascript:") {
					t.Errorf("%s: <%s %s=%q>", path, e.Data, a.Key, a.Val)
				}
			}
		}
	}
	if !strings.Contains(mainText(t, site, "/"), "<script>alert(40)</script>") {
		t.Error("what was typed is not shown")
	}
}

func TestEveryWordOfThePagesIsInTheCatalogue(t *testing.T) {
	keys := regexp.MustCompile(`"((?:page|headline|incident|component|impact|badge|leave|error|history|maintenance|feed|widget)\.[a-z0-9_]+)"`)
	files, err := filepath.Glob("templates/*.html")
	if err != nil {
		t.Fatal(err)
	}
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(files, sources...) {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range keys.FindAllStringSubmatch(string(source), -1) {
			if !lang.Known(key[1]) && !strings.HasSuffix(key[1], ".html") && !strings.HasSuffix(name, "_test.go") {
				t.Errorf("%s uses %q, which is in no catalogue", name, key[1])
			}
		}
	}
	for _, s := range status.ComponentStatuses() {
		requireWord(t, "component."+string(s))
	}
	for _, s := range append(status.IncidentStatuses(), status.MaintenanceScheduled, status.MaintenanceInProgress, status.MaintenanceVerifying, status.MaintenanceCompleted) {
		requireWord(t, "incident."+string(s))
	}
	for _, i := range append(status.Grades(), status.ImpactMaintenance) {
		requireWord(t, "impact."+string(i))
	}
	for _, key := range []string{"operational", "maintenance", "minor", "major", "critical", "incident"} {
		requireWord(t, "headline."+key)
	}
}

func requireWord(t *testing.T, key string) {
	t.Helper()
	if !lang.Known(key) {
		t.Errorf("%q is in no catalogue", key)
	}
}

func TestDaysFollowThePagesZoneAcrossTheClockChange(t *testing.T) {
	r := calmRecord()
	r.Page.TimeZone = "America/New_York" // its clocks went back on 1 November 2026
	b := newBench(t, r)
	b.setNow(time.Date(2026, 11, 5, 3, 30, 0, 0, time.UTC)) // still the 4th there
	sn, err := b.newSnapshot(r, *b.now.Load())
	if err != nil {
		t.Fatal(err)
	}
	days := dayViews(sn, "en")
	if len(days) != 14 || days[0].Title.Machine != "2026-11-04" || days[3].Title.Machine != "2026-11-01" || days[13].Title.Machine != "2026-10-22" {
		t.Errorf("days are %v", days)
	}
}

func TestExpectedEndIsShownUntilItPasses(t *testing.T) {
	record := troubledRecord()
	for i := range record.Incidents {
		if record.Incidents[i].Open() && !record.Incidents[i].IsMaintenance() {
			record.Incidents[i].EstimatedEndAt = testNow().Add(2 * time.Hour)
		}
	}
	b := newBench(t, record)
	if page := string(ask(b.App().Handler(), "/").Response.Body()); !strings.Contains(page, "Expected end") {
		t.Error("the page does not show the expected end")
	}
	for i := range record.Incidents {
		record.Incidents[i].EstimatedEndAt = testNow().Add(-time.Minute)
	}
	if page := string(ask(newBench(t, record).App().Handler(), "/").Response.Body()); strings.Contains(page, "Expected end") {
		t.Error("the page shows an end that has passed")
	}
}
