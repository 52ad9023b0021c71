package status_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/status"
)

func long(n int) string { return strings.Repeat("ñ", n) }

func equal(got, want []string) bool { return slices.Equal(got, want) }

func sameIncident(a, b status.Incident) bool { return reflect.DeepEqual(a, b) }

func TestTextIsRefusedByLengthAndControlCharacters(t *testing.T) {
	for _, c := range []struct {
		name, text string
		single     bool
		want       string // part of the message; empty: fine
	}{
		{"empty", "", true, ""},
		{"plain", "Card payments fail", true, ""},
		{"as long as allowed, in characters", long(20), true, ""},
		{"one too long", long(21), true, "has 21 characters; at most 20"},
		{"not UTF-8", "a\xff", false, "not valid UTF-8"},
		{"surrogate half", "\xed\xa0\x80", false, "not valid UTF-8"},
		{"lines in a body", "a\r\nb\tc", false, ""},
		{"line feed in a name", "a\nb", true, "U+000A"},
		{"return in a name", "a\rb", true, "U+000D"},
		{"tab in a name", "a\tb", true, "U+0009"},
		{"NUL", "a\x00", false, "U+0000"},
		{"escape", "\x1b[31m", false, "U+001B"},
		{"delete", "a\x7f", false, "U+007F"},
		{"C1", "a\u0085b", false, "U+0085"},
		{"line separator", "a\u2028b", false, "U+2028"},
		{"paragraph separator", "a\u2029b", false, "U+2029"},
		{"first after C1", "a\u00a0b", true, ""},
		{"emoji, Arabic", "✅ تم الحل", true, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			bad := &status.Invalid{}
			status.CheckText(bad, "field", c.text, 20, c.single)
			err := bad.Err()
			if (err == nil) != (c.want == "") {
				t.Fatalf("error %v, want %q", err, c.want)
			}
			if err != nil && (!strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "field: ")) {
				t.Errorf("error %q, want %q", err, c.want)
			}
		})
	}
}

func TestEveryFaultOfATextIsNamed(t *testing.T) {
	bad := &status.Invalid{}
	status.CheckText(bad, "field", long(21)+"\x00\x01", 20, true)
	if len(bad.Fields) != 2 {
		t.Errorf("%v: too long, and the first control character", bad)
	}
}

func TestInvalidIsNoErrorWhenEmpty(t *testing.T) {
	var none *status.Invalid
	if none.Err() != nil || (&status.Invalid{}).Err() != nil {
		t.Error("nothing at fault is no error")
	}
	err := status.NewInvalid("a", "is %d", 1)
	err.Add("b", "is missing")
	if got := fmt.Errorf("open: %w", err.Err()).Error(); got != "open: a: is 1; b: is missing" {
		t.Error(got)
	}
	if errors.Is(err, status.ErrNotFound) {
		t.Error("refused is not missing")
	}
}

func TestIDsHaveNoVowels(t *testing.T) {
	for id, want := range map[string]bool{
		"vvthhf8gxt80": true, "000000000000": true, "": false, "vvthhf8gxt8": false, "vvthhf8gxt800": false,
		"avthhf8gxt80": false, "VVTHHF8GXT80": false, "vvthhf8gxt8\n": false, "vvthhf8gxt80\n": false, "vvthhf8gxt8ñ": false,
	} {
		if status.ValidID(id) != want {
			t.Errorf("%q valid: %t", id, !want)
		}
	}
	for _, r := range status.IDAlphabet {
		if !status.ValidID(strings.Repeat(string(r), status.IDLength)) {
			t.Errorf("%q is in the alphabet", r)
		}
	}
}

func TestStatesKnowTheirKind(t *testing.T) {
	for step, s := range status.IncidentStatuses() {
		if !s.ForIncident() || s.ForMaintenance() || s.Step() != step || s.Over() != (s == status.Resolved) {
			t.Errorf("%s: step %d", s, s.Step())
		}
	}
	for step, s := range []status.IncidentStatus{status.MaintenanceScheduled, status.MaintenanceInProgress, status.MaintenanceVerifying, status.MaintenanceCompleted} {
		if s.ForIncident() || !s.ForMaintenance() || s.Step() != step || s.Over() != (s == status.MaintenanceCompleted) || !(status.Incident{Status: s}).IsMaintenance() {
			t.Errorf("%s: step %d", s, s.Step())
		}
	}
	if status.IncidentStatus("").Step() != -1 || status.IncidentStatus("postmortem").ForIncident() {
		t.Error("what is no state has no step")
	}
}
