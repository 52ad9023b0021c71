package calendar

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func event() Event {
	at := time.Date(2026, 11, 25, 22, 0, 0, 0, time.FixedZone("", 3600))
	return Event{
		UID: "m11111111111@status.kestrel.example", Summary: "Search, moved; and \\more", Description: "First line\r\nsecond: größer " + strings.Repeat("äöü€😀", 40),
		URL: "https://status.kestrel.example/incidents/m11111111111", Start: at, End: at.Add(4 * time.Hour), Created: at.Add(-time.Hour), Changed: at, Sequence: 3,
	}
}

func TestLinesEndInCRLFAndAreFolded(t *testing.T) {
	body := Calendar{Name: "Kestrel & Co", Events: []Event{event()}}.Encode()
	if bytes.Count(body, []byte("\n")) != bytes.Count(body, []byte("\r\n")) || bytes.Count(body, []byte("\r")) != bytes.Count(body, []byte("\r\n")) {
		t.Error("a line does not end in CRLF")
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(string(body), "\r\n"), "\r\n") {
		if len(line) > 75 || !utf8.ValidString(line) {
			t.Errorf("%d octets, or a character cut in two: %q", len(line), line)
		}
	}
	for _, want := range []string{"METHOD:PUBLISH\r\n", "DTSTART:20261125T210000Z\r\n", "DTEND:20261126T010000Z\r\n", "STATUS:CONFIRMED\r\n"} {
		if !bytes.Contains(body, []byte(want)) {
			t.Errorf("no %q", want)
		}
	}
}

// e2e reads the calendar with another program.
func TestTextsSurviveEscapingAndFolding(t *testing.T) {
	want := event()
	body := string(Calendar{Name: "Kestrel", Events: []Event{want}}.Encode())
	unfolded := strings.ReplaceAll(body, "\r\n ", "")
	read := func(name string) string {
		_, value, _ := strings.Cut(unfolded, "\r\n"+name+":")
		value, _, _ = strings.Cut(value, "\r\n")
		return strings.NewReplacer(`\\`, `\`, `\;`, ";", `\,`, ",", `\n`, "\n").Replace(value)
	}
	if got := read("SUMMARY"); got != want.Summary {
		t.Errorf("summary %q", got)
	}
	if got := read("DESCRIPTION"); got != strings.ReplaceAll(want.Description, "\r\n", "\n") {
		t.Errorf("description %q", got)
	}
	if got := read("URL"); got != want.URL {
		t.Errorf("URL %q", got)
	}
}

func TestMissingEndAndCancelledAreSaid(t *testing.T) {
	e := event()
	e.End, e.Cancelled, e.Description = time.Time{}, true, ""
	body := string(Calendar{Events: []Event{e}}.Encode())
	if strings.Contains(body, "DTEND") || !strings.Contains(body, "STATUS:CANCELLED") || strings.Contains(body, "DESCRIPTION") {
		t.Error(body)
	}
}

func FuzzCalendar(f *testing.F) {
	f.Add("Search; moved, \\n\r\nEND:VEVENT", "a\x00\x0b\x85\u2028b")
	f.Add(strings.Repeat("ä", 200), "\xff\xfe")
	f.Fuzz(func(t *testing.T, name, text string) {
		e := event()
		e.Summary, e.Description, e.URL, e.UID = name, text, text, name
		body := string(Calendar{Name: name, Events: []Event{e}}.Encode())
		begun := 0
		for line := range strings.SplitSeq(strings.TrimSuffix(body, "\r\n"), "\r\n") {
			if len(line) > 75 || strings.ContainsAny(line, "\r\n\x00") || !utf8.ValidString(line) {
				t.Fatalf("%q", line)
			}
			if strings.HasPrefix(line, "BEGIN:") || strings.HasPrefix(line, "END:") {
				begun++
			}
		}
		if begun != 4 {
			t.Fatalf("%d lines begin or end something:\n%s", begun, body)
		}
	})
}
