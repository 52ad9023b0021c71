package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// lint runs the command on a text.
func lint(t *testing.T, text string, args ...string) (code int, out, errOut string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), append([]string{"lint"}, args...), strings.NewReader(text), &o, &e)
	return code, o.String(), e.String()
}

func TestLintSaysLineColumnAndWhatToWrite(t *testing.T) {
	code, out, _ := lint(t, "All is well.\nFalcon lost db-prod-03.\n", "--internal", "falcon=Card payments", "--component", "Card payments")
	if code != 1 || !strings.Contains(out, `body 2:1   "Falcon"`) || !strings.Contains(out, `body 2:13  "db-prod-03"  internal host; customers cannot act on it. Write "Card payments".`) {
		t.Errorf("exit code %d, printed\n%s", code, out)
	}
}

func TestLintPrintsForPrograms(t *testing.T) {
	code, out, _ := lint(t, "We rolled back the change.", "--json")
	var got struct {
		Findings []struct {
			Rule         string
			Line, Column int
		}
		Suggested, Language string
		Words               bool
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if code != 0 || len(got.Findings) != 1 || got.Findings[0].Line != 1 || got.Findings[0].Column != 4 || got.Suggested != "We reversed the change." || got.Language != "en" || !got.Words {
		t.Errorf("exit code %d, printed %s", code, out)
	}
}

func TestLintShowsTheWorstFirstAndAsksForWhatIsMissing(t *testing.T) {
	text := "A mitigation is in place for the API, DNS, latency, and webhooks. Kafka is full."
	code, out, errOut := lint(t, text, "--status", "investigating", "--component", "Shop", "--started-at", "2026-01-31T10:42:00Z")
	if code != 0 || !strings.HasPrefix(out, "warning") || !strings.Contains(out, "Kafka") || strings.Count(out, "\n") < 6 {
		t.Errorf("exit code %d, printed\n%s", code, out)
	}
	if strings.Contains(errOut, "since") || !strings.Contains(errOut, "missing next     When will I hear from you again?") {
		t.Errorf("asked\n%s", errOut)
	}
	if code, _, errOut := lint(t, "x", "--next-update-due-at", "soon"); code != 2 || !strings.Contains(errOut, "--next-update-due-at") {
		t.Errorf("misuse: exit code %d, %q", code, errOut)
	}
	code, out, _ = lint(t, text, "--json", "--status", "investigating")
	var got struct {
		First []struct {
			Text string
			Line int
		}
		Missing []string
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != 0 || len(got.First) != 5 || got.First[0].Line != 1 || len(got.Missing) != 5 {
		t.Errorf("exit code %d, %v, printed %s", code, err, out)
	}
}

func TestLintSuggestsAndAllows(t *testing.T) {
	if code, out, _ := lint(t, "The pod restarted.", "--suggest"); code != 0 || out != "The program restarted." {
		t.Errorf("exit code %d, printed %q", code, out)
	}
	if code, out, _ := lint(t, "The pod restarted.", "--allow", "pod"); code != 0 || out != "" {
		t.Errorf("allowed: exit code %d, printed %q", code, out)
	}
	if code, _, errOut := lint(t, "x", "--impact", "huge"); code != 2 || !strings.Contains(errOut, "--impact") {
		t.Errorf("misuse: exit code %d, %q", code, errOut)
	}
	if _, _, errOut := lint(t, "Il sito non è raggiungibile per alcuni utenti."); !strings.Contains(errOut, "no words for this one") {
		t.Errorf("another language: %q", errOut)
	}
}
