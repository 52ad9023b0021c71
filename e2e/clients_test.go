package e2e

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// clients are other people's programs, installed into e2e/clients.
const clients = "clients"

// needClients ends a test that has no node, or not the programs to run.
func needClients(t *testing.T) {
	t.Helper()
	_, noNode := exec.LookPath("node")
	_, notInstalled := os.Stat(clients + "/node_modules")
	if noNode == nil && notInstalled == nil {
		return
	}
	const message = "clients: no node in PATH, or nothing in e2e/clients/node_modules (scripts/setup.sh installs both; by hand: npm ci in e2e/clients)"
	if os.Getenv("CI") == "true" {
		t.Fatal(message)
	}
	t.Skip(message)
}

// clientsRead is what the programs print.
type clientsRead struct {
	Statuspage struct {
		Failed                                                 string
		Indicator, Description, Page                           string
		Components, Open                                       []string
		Planned, Incidents, Unresolved, Maintenances, Upcoming int
	}
	Widget     struct{ Failed, Words, Look string }
	RSSParser  map[string]json.RawMessage `json:"rssParser"`
	Feedparser map[string]json.RawMessage
	Calendar   json.RawMessage
}

type clientFeed struct {
	Title string
	Items []struct{ Title, Link, GUID, Text string }
}

// runClients runs programs, all where none is named, on a page.
func runClients(t *testing.T, base string, programs ...string) (read clientsRead) {
	t.Helper()
	c := exec.CommandContext(t.Context(), "node", append([]string{"client.mjs", base}, programs...)...)
	c.Dir = clients
	c.WaitDelay = time.Second
	out, err := c.Output()
	if err != nil {
		said := ""
		if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
			said = string(failed.Stderr)
		}
		t.Fatalf("clients: %v\n%s", err, said)
	}
	if err := json.Unmarshal(out, &read); err != nil {
		t.Fatalf("clients: %v in\n%s", err, out)
	}
	return read
}

func TestOtherPeoplesProgramsReadThePage(t *testing.T) {
	needClients(t)
	s := newServer(t, "sqlite://"+t.TempDir()+"/clients.db")
	s.start()
	payments, _ := s.settle()

	calm := runClients(t, s.url(""))
	if calm.Statuspage.Indicator != "none" || calm.Statuspage.Description != "All Systems Operational" || calm.Statuspage.Failed != "" {
		t.Errorf("the npm client reads %+v", calm.Statuspage)
	}
	if calm.Widget.Words != "All Systems Operational" || !strings.Contains(calm.Widget.Look, "none") {
		t.Errorf("Atlassian's widget shows %+v", calm.Widget)
	}

	var incident struct{ ID string }
	s.call("POST", s.page+"/incidents", opening(payments), 201, &incident)
	s.call("PATCH", s.page+"/incidents/"+incident.ID, `{"incident":{"status":"identified","body":"We know why card payments fail."}}`, 200, nil)
	read := runClients(t, s.url(""))
	npm := read.Statuspage
	if npm.Indicator != "major" || npm.Description != "Partial System Outage" || npm.Page != "Acme" || npm.Incidents != 1 || npm.Unresolved != 1 || npm.Maintenances != 0 ||
		strings.Join(npm.Components, ", ") != "Card payments: major_outage, Search: operational" || strings.Join(npm.Open, "") != "Card payments fail: We know why card payments fail." {
		t.Errorf("the npm client reads %+v", npm)
	}
	if read.Widget.Words != "Partial System Outage" || !strings.Contains(read.Widget.Look, "major") {
		t.Errorf("Atlassian's widget shows %+v", read.Widget)
	}
	link := s.url("/incidents/" + incident.ID)
	for name, program := range map[string]map[string]json.RawMessage{"rss-parser": read.RSSParser, "feedparser": read.Feedparser} {
		if failed := program["failed"]; failed != nil {
			t.Errorf("%s: %s", name, failed)
			continue
		}
		for _, path := range []string{"/history.rss", "/history.atom"} {
			feed := clientFeedOf(t, program[path])
			if feed.Title != "Acme Status - Incident History" || len(feed.Items) != 1 || feed.Items[0].Title != "Card payments fail" || feed.Items[0].Link != link || feed.Items[0].GUID == "" {
				t.Errorf("%s reads %s as %+v", name, path, feed)
			}
		}
		for _, path := range []string{"/updates.rss", "/updates.atom"} {
			feed := clientFeedOf(t, program[path])
			if len(feed.Items) != 2 || feed.Items[0].Title != "Identified: Card payments fail" || !strings.HasPrefix(feed.Items[0].Link, link+"#") || feed.Items[0].GUID == feed.Items[1].GUID ||
				!strings.Contains(feed.Items[1].Text, "Bank transfer works.") {
				t.Errorf("%s reads %s as %+v", name, path, feed)
			}
		}
	}
	if string(read.Calendar) != "[]" {
		t.Errorf("ical.js reads the calendar as %s", read.Calendar)
	}
}

func TestCalendarIsReadByAnotherProgram(t *testing.T) {
	needClients(t)
	page := httptest.NewServer(http.FileServer(http.Dir("../web/testdata")))
	defer page.Close()
	var events []struct{ UID, Summary, Start, End string }
	if err := json.Unmarshal(runClients(t, page.URL, "calendar").Calendar, &events); err != nil {
		t.Fatal(err)
	}
	if len(events) != 3 || events[0].UID != "m11111111111@status.kestrel.example" || events[0].Summary != "Kestrel & Co: Search moves to larger machines" ||
		events[0].Start != "2026-11-25T22:00:00.000Z" || events[0].End != "2026-11-26T02:00:00.000Z" {
		t.Errorf("ical.js reads %+v", events)
	}
}

func clientFeedOf(t *testing.T, text json.RawMessage) (feed clientFeed) {
	t.Helper()
	if err := json.Unmarshal(text, &feed); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return feed
}
