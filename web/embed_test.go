package web

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/status"
	"golang.org/x/net/html"
)

// notices lists what the frame says, the shown one first, and which is shown.
func notices(t *testing.T, s *Site) (all []string, shown string) {
	t.Helper()
	for _, e := range elements(document(t, string(bodyOf(t, s, "/embed/frame")))) {
		if e.Data != "article" {
			continue
		}
		all = append(all, text(e))
		if !hidden(e) {
			if shown != "" {
				t.Errorf("both %q and %q are shown", shown, text(e))
			}
			shown = text(e)
		}
	}
	return all, shown
}

func hidden(e *html.Node) bool {
	for _, a := range e.Attr {
		if a.Key == "hidden" {
			return true
		}
	}
	return false
}

func TestFrameShowsTheWorstThatHappens(t *testing.T) {
	r := plannedRecord()
	minor := r.Incidents[0]
	minor.ID, minor.Name, minor.Impact, minor.StartedAt, minor.NextUpdateDueAt = "m1n0r0000001", "Search is slow", status.ImpactMinor, at(10, 43), at(10, 40)
	r.Incidents = append([]status.Incident{minor}, r.Incidents...)
	all, shown := notices(t, newBench(t, r).Site)
	if shown != "Major outage Identified Card payments fail Next update by 10:59 UTC" {
		t.Errorf("the frame shows %q", shown)
	}
	want := []string{shown, "Minor disruption Identified Search is slow The next update was due at 10:40 UTC",
		"Maintenance in progress In progress Search moves to larger machines Planned until 12:00 UTC", "Kestrel & Co Major outage"}
	if strings.Join(all, "|") != strings.Join(want, "|") {
		t.Errorf("the frame holds\n%s\nwant\n%s", strings.Join(all, "\n"), strings.Join(want, "\n"))
	}
	if _, shown := notices(t, newBench(t, calmRecord()).Site); shown != "Kestrel & Co All systems operational" {
		t.Errorf("with nothing wrong the frame shows %q", shown)
	}
}

func TestFrameHoldsABoundedNumber(t *testing.T) {
	r := troubledRecord()
	for n := range 20 {
		i := r.Incidents[0]
		i.ID = fmt.Sprintf("f%011d", n)
		r.Incidents = append(r.Incidents, i)
	}
	if all, _ := notices(t, newBench(t, r).Site); len(all) != widgetNotices+1 {
		t.Errorf("the frame holds %d notices", len(all))
	}
}

func TestTheFrameAloneMayBeFramed(t *testing.T) {
	site := newBench(t, troubledRecord()).Site
	for path := range everyPath(site) {
		_, _, header := get(t, site, "GET", path)
		policy := header("Content-Security-Policy")
		if framed := strings.Contains(policy, "frame-ancestors *"); framed != strings.HasPrefix(path, "/embed/frame") {
			t.Errorf("%s: %q", path, policy)
		}
		if strings.HasPrefix(header("Content-Type"), "text/html") && strings.Contains(policy, "unsafe") {
			t.Errorf("%s: %q", path, policy)
		}
	}
	if _, wide, _ := get(t, site, "GET", "/embed/frame"); wide == "" {
		t.Error("the frame is empty")
	}
	doc := document(t, string(bodyOf(t, site, "/embed/frame?mobile=true")))
	for _, e := range elements(doc) {
		if e.Data == "a" && (attribute(e, "target") != "_top" || !strings.HasPrefix(attribute(e, "href"), "/")) {
			t.Errorf("a link opens %s in %q", attribute(e, "href"), attribute(e, "target"))
		}
		if e.Data == "button" && attribute(e, "aria-label") != "Close this notice" {
			t.Errorf("the button is called %q", attribute(e, "aria-label"))
		}
		if e.Data == "style" || attribute(e, "style") != "" || e.Data == "script" && e.FirstChild != nil {
			t.Errorf("inline <%s>", e.Data)
		}
	}
}

func TestEmbeddedScriptIsSmallAndSaysItsPage(t *testing.T) {
	site := newBench(t, hostileRecord()).Site
	answer, err := site.other(site.Snapshot(), "/embed/script.js")
	if err != nil {
		t.Fatal(err)
	}
	if len(answer.brotli) > 2048 {
		t.Errorf("the script is %d bytes", len(answer.brotli))
	}
	if problem := brokenScript(answer.plain, site.Snapshot().record.Page); problem != "" {
		t.Error(problem)
	}
}

// brokenScript says how a page's name got out of its place in the script.
func brokenScript(script []byte, p status.Page) string {
	source := string(mustRead("embed.js"))
	before, after, _ := strings.Cut(source, `"{title}", "{home}"`)
	arguments, ok := strings.CutPrefix(string(script), before)
	arguments, closed := strings.CutSuffix(arguments, after)
	var got []string
	if err := json.Unmarshal([]byte("["+arguments+"]"), &got); err != nil || !ok || !closed || len(got) != 2 || got[1] != p.URL {
		return fmt.Sprintf("the script was given %s (%v)", arguments, err)
	}
	if strings.ContainsAny(arguments, "<>\n\u2028") {
		return "the script holds " + arguments
	}
	return ""
}

func TestBadgeOfAComponentShowsItsState(t *testing.T) {
	site := newBench(t, troubledRecord()).Site
	for query, want := range map[string]string{
		"?component=c7x2m9tq4kvz":                   "200 Card payments: Major outage",
		"?component=c0chckt00001&label=pay":         "200 pay: Degraded performance",
		"?component=gpay00000001":                   "200 Payments: Major outage",
		"?component=c0sppt000001&style=flat-square": "200 Support desk: Operational",
		"?component=nobody":                         "404 status: not found",
		"?component=%3Cscript%3E":                   "404 status: not found",
	} {
		code, body, header := get(t, site, "GET", "/badge.svg"+query)
		title := regexp.MustCompile("<title>(.*)</title>").FindStringSubmatch(body)
		if title == nil || fmt.Sprint(code, " ", title[1]) != want || header("Content-Type") != "image/svg+xml" {
			t.Errorf("badge%s is %d %s", query, code, title)
		}
	}
	for n := range 300 {
		get(t, site, "GET", fmt.Sprintf("/badge.svg?component=nobody%d", n))
	}
	if kept := len(site.Snapshot().badges.kept); kept > 10 {
		t.Errorf("%d badges of components that do not exist are kept", kept)
	}
}

func TestBadgeIsToldToShields(t *testing.T) {
	site := newBench(t, troubledRecord()).Site
	for query, want := range map[string]string{
		"":                        `{"schemaVersion":1,"label":"status","message":"Major outage","color":"red","cacheSeconds":60}`,
		"?component=c0chckt00001": `{"schemaVersion":1,"label":"Checkout","message":"Degraded performance","color":"yellow","cacheSeconds":60}`,
		"?component=c0sppt000001": `{"schemaVersion":1,"label":"Support desk","message":"Operational","color":"brightgreen","cacheSeconds":60}`,
		"?component=nobody":       `{"schemaVersion":1,"label":"status","message":"not found","color":"lightgrey","isError":true,"cacheSeconds":60}`,
	} {
		if _, body, header := get(t, site, "GET", "/badge.json"+query); body != want || header("Access-Control-Allow-Origin") != "*" {
			t.Errorf("badge.json%s is\n%s\nwant\n%s", query, body, want)
		}
	}
}

// FuzzHostileWords puts the same words wherever people write any, and looks at
// everything that other people's programs read.
func FuzzHostileWords(f *testing.F) {
	for _, seed := range []string{
		"Card payments fail", "</script><script>alert(1)</script>", "]]>\x0b\x00\uFFFE\xff", "[x](javascript:alert(1)) ![y](data:text/html,z)",
		`"'><img src=x onerror=alert(1)>`, "&lt;svg/onload=alert(1)&gt;", "\u2028\u2029`${1}`\\", "{title}\", \"{home}", "<var data-var='date'>9</var>",
		"~~~\n<b>\n~~~\n> quote\n\n1. one\n\n---\n# head", "<!--<script>", "%s%d%!", strings.Repeat("w", 300),
	} {
		f.Add(seed)
	}
	site := newBench(f, calmRecord()).Site
	f.Fuzz(func(t *testing.T, words string) {
		r := plannedRecord()
		r.Page.Name = words
		for n := range r.Components {
			r.Components[n].Name, r.Components[n].Description = words, words
		}
		for n := range r.Groups {
			r.Groups[n].Name = words
		}
		for n := range r.Incidents {
			r.Incidents[n].Name = words
			for m := range r.Incidents[n].Updates {
				r.Incidents[n].Updates[m].Body = words
				r.Incidents[n].Updates[m].Changes = []status.ComponentChange{{ComponentID: "gone", Name: words, Old: status.Operational, New: status.MajorOutage}}
			}
		}
		sn, err := site.newSnapshot(r, testNow())
		if err != nil {
			t.Fatal(err)
		}
		feedsAreHarmless(t, site, sn)
		for _, a := range []*answer{sn.answer("/badge.svg"), badgeAnswer(sn, "en", badgeChoice{Component: "c7x2m9tq4kvz"}), badgeAnswer(sn, "en", badgeChoice{Label: cleanLabel(words)})} {
			if err := validXML(a.plain); err != nil {
				t.Fatalf("badge: %v\n%s", err, a.plain)
			}
			for _, name := range regexp.MustCompile("<([a-zA-Z]+)").FindAllSubmatch(a.plain, -1) {
				if !strings.Contains(" svg title linearGradient stop clipPath rect g path text ", " "+string(name[1])+" ") {
					t.Fatalf("the badge holds <%s>", name[1])
				}
			}
		}
		for _, path := range []string{"/embed/frame", "/", "/incidents/k7l8m9n0p1q2"} {
			if bad := foreignElement(string(sn.answer(path).plain)); bad != "" {
				t.Fatalf("%s holds %s", path, bad)
			}
		}
		script, err := site.other(sn, "/embed/script.js")
		if err != nil {
			t.Fatal(err)
		}
		if problem := brokenScript(script.plain, r.Page); problem != "" {
			t.Fatal(problem)
		}
		page, err := site.historyOf(sn, 1)
		if err != nil {
			t.Fatal(err)
		}
		shown, err := site.historyAnswer(sn, page)
		if err != nil {
			t.Fatal(err)
		}
		if bad := foreignElement(string(shown.plain)); bad != "" {
			t.Fatalf("/history holds %s", bad)
		}
	})
}

func feedsAreHarmless(t *testing.T, site *Site, sn *Snapshot) {
	t.Helper()
	for path, build := range map[string]maker{"rss": site.historyRSS, "atom": site.historyAtom, "updates rss": site.updatesRSS, "updates atom": site.updatesAtom} {
		a, err := build(sn, "en")
		if err != nil {
			t.Fatal(err)
		}
		var bodies struct {
			Channel struct {
				Items []struct {
					Description string `xml:"description"`
				} `xml:"item"`
			} `xml:"channel"`
			Entries []struct {
				Content string `xml:"content"`
			} `xml:"entry"`
		}
		if err := validXML(a.plain); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if err := xml.Unmarshal(a.plain, &bodies); err != nil || len(bodies.Channel.Items)+len(bodies.Entries) == 0 {
			t.Fatalf("%s: %v, %d items", path, err, len(bodies.Channel.Items)+len(bodies.Entries))
		}
		for _, item := range bodies.Channel.Items {
			if bad := unsafe(item.Description); bad != "" {
				t.Fatalf("%s holds %s", path, bad)
			}
		}
		for _, entry := range bodies.Entries {
			if bad := unsafe(entry.Content); bad != "" {
				t.Fatalf("%s holds %s", path, bad)
			}
		}
	}
	for _, build := range []maker{site.historyJSONFeed, site.updatesJSONFeed} {
		a, err := build(sn, "en")
		if err != nil {
			t.Fatal(err)
		}
		var document jsonFeed
		if err := json.Unmarshal(a.plain, &document); err != nil {
			t.Fatal(err)
		}
		for _, item := range document.Items {
			if bad := unsafe(item.ContentHTML); bad != "" {
				t.Fatalf("JSON feed holds %s", bad)
			}
		}
	}
}

// ourElements are what our templates and people's Markdown are made of.
const ourElements = " html head meta title link script body a svg symbol circle path rect use header div nav p main section h1 h2 h3 h4 span article " +
	"time dl dt dd ul ol li button footer strong em code br blockquote "

// foreignElement names what a page holds that neither wrote, or nothing.
func foreignElement(body string) string {
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		return err.Error()
	}
	for _, e := range elements(doc) {
		if !strings.Contains(ourElements, " "+e.Data+" ") || e.Data == "script" && (!strings.HasPrefix(attribute(e, "src"), "/static/") || e.FirstChild != nil) {
			return "<" + e.Data + ">"
		}
		for _, a := range e.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "href" && strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:") {
				return fmt.Sprintf("<%s %s=%q>", e.Data, a.Key, a.Val)
			}
		}
	}
	return ""
}
