package publish_test

import (
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/internal/clock"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/store/storetest"
	"github.com/allclear-status/allclear/web"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// chapter is one post of a story, at a time after its start.
type chapter struct {
	at    time.Duration
	state status.IncidentStatus
	gives status.ComponentStatus // to card payments; empty: nothing
	body  string
	edit  string // instead of a post: the words of the update before are changed
}

// hectic is an incident of 18 updates in 31 minutes: it falls back, is reopened
// and one of its updates is edited.
var hectic = []chapter{
	{0, status.Investigating, status.DegradedPerformance, "Some card payments fail since 10:44 UTC. Trying again often helps.", ""},
	{2 * time.Minute, "", status.MajorOutage, "Card payments fail for all customers now. Bank transfer works.", ""},
	{4 * time.Minute, "", "", "Still investigating, no estimate yet. Next update by 11:00 UTC.", ""},
	{5 * time.Minute, status.Identified, "", "We know why card payments fail and are working on it. No estimate yet.", ""},
	{7 * time.Minute, "", "", "We are trying a first remedy. Bank transfer works as usual.", ""},
	{8 * time.Minute, "", "", "The first remedy did not help. We are trying anothr one.", ""},
	{9 * time.Minute, "", "", "", "The first remedy did not help. We are trying another one."},
	{11 * time.Minute, status.Monitoring, status.DegradedPerformance, "Most card payments work again. We are watching them.", ""},
	{13 * time.Minute, status.Investigating, status.MajorOutage, "Card payments fail again for all customers. We are looking into it.", ""},
	{15 * time.Minute, "", "", "Still investigating, no estimate yet.", ""},
	{16 * time.Minute, status.Identified, "", "We found a second cause and are removing it.", ""},
	{18 * time.Minute, status.Monitoring, status.Operational, "Card payments work again. We are watching them.", ""},
	{20 * time.Minute, status.Resolved, "", "Card payments have worked for two minutes. Nobody was charged twice.", ""},
	{22 * time.Minute, status.Investigating, status.PartialOutage, "Card payments fail again for customers in Europe.", ""},
	{23 * time.Minute, status.Identified, "", "The remaining cause is known; we are removing it.", ""},
	{25 * time.Minute, "", "", "Half of the work is done.", ""},
	{27 * time.Minute, status.Monitoring, status.Operational, "Card payments work again everywhere. We are watching them.", ""},
	{29 * time.Minute, "", "", "All payments of the last ten minutes went through.", ""},
	{31 * time.Minute, status.Resolved, "", "Card payments work. Payments that failed were not charged; please pay again.", ""},
}

// slow is an incident of nine updates over six days.
var slow = []chapter{
	{0, status.Investigating, status.PartialOutage, "Card payments take up to a minute since 10:44 UTC.", ""},
	{3 * time.Hour, status.Identified, "", "We know why card payments are slow. It will take days to mend; no payment is lost.", ""},
	{22 * time.Hour, "", "", "The work goes on. Next update tomorrow by 11:00 UTC.", ""},
	{46 * time.Hour, "", status.DegradedPerformance, "Card payments take about ten seconds now.", ""},
	{70 * time.Hour, "", "", "The work goes on as planned.", ""},
	{94 * time.Hour, "", "", "The last part of the work begins tonight.", ""},
	{118 * time.Hour, status.Monitoring, status.Operational, "Card payments are as fast as they were. We are watching them.", ""},
	{130 * time.Hour, "", "", "All is well after the first busy evening.", ""},
	{143 * time.Hour, status.Resolved, "", "Card payments have been as fast as they should be for a day. Nothing was lost.", ""},
}

func TestReplayedIncidentsReadAndSoundAsTheyDid(t *testing.T) {
	for name, chapters := range map[string][]chapter{"hectic": hectic, "slow": slow} {
		t.Run(name, func(t *testing.T) {
			storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
				golden(t, filepath.Join("testdata", "replay-"+name+".txt"), newWorld(t, s, c).replay(chapters))
			})
		})
	}
}

// replay plays a story and writes down who was told what when, and what the
// page, the feeds and the read API say at the end.
func (w *world) replay(chapters []chapter) string {
	w.t.Helper()
	var book strings.Builder
	start := w.clock.Now()
	id := ""
	for _, ch := range chapters {
		w.advance(&book, start.Add(ch.at))
		fmt.Fprintf(&book, "%s POST %s %s %s%s\n", w.clock.Now().Format("Mon 15:04"), ch.state, ch.gives, ch.body, ch.edit)
		id = w.play(id, ch)
		w.hear(&book)
	}
	w.advance(&book, start.Add(chapters[len(chapters)-1].at+26*time.Hour))
	w.ledger(&book)
	w.public(&book, id)
	return book.String()
}

func (w *world) play(id string, ch chapter) string {
	w.t.Helper()
	post := status.Post{Status: ch.state, Body: ch.body, Notify: true}
	if ch.gives != "" {
		post.Components = []status.ComponentState{{ComponentID: w.payments.ID, Status: ch.gives}}
	}
	switch {
	case id == "":
		post.Name = "Card payments fail"
		done, err := w.publisher.OpenIncident(w.t.Context(), manager, post)
		if err != nil {
			w.t.Fatal(err)
		}
		return done.Incident.ID
	case ch.edit != "":
		i, err := w.store.Incident(w.t.Context(), id)
		if err != nil {
			w.t.Fatal(err)
		}
		latest, _ := i.Latest()
		if _, err := w.publisher.EditUpdate(w.t.Context(), manager, id, latest.ID, publish.Edit{Body: &ch.edit}); err != nil {
			w.t.Fatal(err)
		}
	default:
		w.update(id, post)
	}
	return id
}

// advance moves the clock to a time, stopping wherever something falls due.
func (w *world) advance(book io.Writer, until time.Time) {
	for {
		next := until
		for _, state := range []notify.State{notify.Held, notify.Pending} {
			waiting, err := w.store.Deliveries(w.t.Context(), store.LedgerFilter{State: state, Limit: 1000})
			if err != nil {
				w.t.Fatal(err)
			}
			for _, d := range waiting {
				if d.DueAt.After(w.clock.Now()) && d.DueAt.Before(next) {
					next = d.DueAt
				}
			}
		}
		w.clock.Advance(next.Sub(w.clock.Now()))
		if !next.Before(until) {
			return
		}
		w.hear(book)
	}
}

// hear writes down who was told something just now.
func (w *world) hear(book io.Writer) {
	for _, one := range w.step() {
		_, _ = fmt.Fprintf(book, "    %s\n", one)
	}
}

// ledger writes down how every delivery ended, with the number of its notice
// among those about its incident.
func (w *world) ledger(book io.Writer) {
	rows, err := w.store.Deliveries(w.t.Context(), store.LedgerFilter{Limit: 1000})
	if err != nil {
		w.t.Fatal(err)
	}
	var lines []string
	number := map[int64]int{}
	for _, d := range rows {
		notices, err := w.store.Notices(w.t.Context(), d.IncidentID)
		if err != nil {
			w.t.Fatal(err)
		}
		for i, n := range notices {
			number[n.ID] = i + 1
		}
		lines = append(lines, fmt.Sprintf("  %02d %-30s %-10s %s", number[d.NoticeID], d.Shown, d.State, d.Rule))
	}
	slices.Sort(lines)
	_, _ = fmt.Fprintf(book, "\nLEDGER\n%s\n", strings.Join(lines, "\n"))
}

var (
	anyID   = regexp.MustCompile(`\b[0-9bcdfghjklmnpqrstvwxyz]{12}\b`)
	anyHash = regexp.MustCompile(`/static/([a-z]+)\.[0-9a-f]+\.`)
)

// public writes down what readers see, with ids in the order of their first
// appearance.
func (w *world) public(book io.Writer, id string) {
	site := web.New(web.Options{Load: w.publisher.Record, Now: w.clock.Now, Log: slog.New(slog.DiscardHandler)})
	if err := site.Refresh(w.t.Context(), 0); err != nil {
		w.t.Fatal(err)
	}
	known := map[string]string{}
	for _, path := range []string{"/incidents/" + id, "/api/v2/incidents.json", "/history.rss", "/updates.atom"} {
		answer, err := site.App().Test(httptest.NewRequest("GET", path, nil), -1)
		if err != nil {
			w.t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			w.t.Fatal(err)
		}
		text := anyHash.ReplaceAllString(string(body), "/static/$1.")
		text = anyID.ReplaceAllStringFunc(text, func(id string) string {
			if known[id] == "" {
				known[id] = fmt.Sprintf("id%d", len(known)+1)
			}
			return known[id]
		})
		_, _ = fmt.Fprintf(book, "\nGET %s\n%s\n", anyID.ReplaceAllString(path, "ID"), strings.ReplaceAll(text, `},{`, "},\n{"))
	}
}

// golden compares with a file, which -update rewrites.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		gotLines, wantLines := strings.Split(got, "\n"), strings.Split(string(want), "\n")
		for i := range min(len(gotLines), len(wantLines)) {
			if gotLines[i] != wantLines[i] {
				t.Fatalf("%s, line %d:\n got  %s\n want %s", file, i+1, gotLines[i], wantLines[i])
			}
		}
		t.Fatalf("%s: %d lines, want %d", file, len(gotLines), len(wantLines))
	}
}
