package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const sample = `package sample

import (
	"os"
	"testing"
)

func TestGood(t *testing.T) { t.Log("not to be seen"); t.Run("part", func(t *testing.T) {}) }
func TestBad(t *testing.T)  { t.Run("part", func(t *testing.T) { t.Error("the reason") }) }
func TestLeft(t *testing.T) { t.Skip("the excuse") }
func TestCutOff(t *testing.T) { println("last words"); os.Exit(3) }
`

func TestCountsTopLevelTestsOfARealRun(t *testing.T) {
	out, s := summarise(t, map[string]string{
		"go.mod":               "module example.org/m\n\ngo 1.26\n",
		"sample/a_test.go":     sample,
		"unbuilt/a_test.go":    "package unbuilt\n\nvar x int = \"text\"\n",
		"untested/untested.go": "package untested\n",
		"fine/a_test.go":       "package fine\n\nimport \"testing\"\n\nfunc TestFine(*testing.T) {}\n",
		"gaveup/a_test.go": "package gaveup\n\nimport (\n\"os\"\n\"testing\"\n)\n\n" +
			"func TestFine(*testing.T) {}\nfunc TestMain(*testing.M) { os.Exit(1) }\n",
	})
	// Failed: TestBad, TestCutOff, unbuilt, gaveup.
	if got := s.String(); got != "2 passed, 4 failed, 1 skipped" {
		t.Errorf("counted %s", got)
	}
	for _, text := range []string{
		"the reason", "the excuse", "last words", "--- FAIL: TestBad", "TestCutOff",
		"cannot use \"text\"", "ok  \texample.org/m/fine", "FAIL\texample.org/m/sample",
		"FAIL\texample.org/m/unbuilt", "FAIL\texample.org/m/gaveup", "?   \texample.org/m/untested",
	} {
		if !strings.Contains(out, text) {
			t.Errorf("does not show %q", text)
		}
	}
	if strings.Contains(out, "not to be seen") {
		t.Error("shows the log of a good test")
	}
	if t.Failed() {
		t.Log(out)
	}
}

func TestCutOffStreamIsAFailure(t *testing.T) {
	s := newSummary(&strings.Builder{})
	s.read(strings.NewReader(`{"Action":"start","Package":"p"}
{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Test":"TestB"}
{"Action":"output","Pack`))
	s.finish()
	if got := s.String(); got != "1 passed, 1 failed" {
		t.Errorf("counted %s", got)
	}
}

func summarise(t *testing.T, files map[string]string) (string, *summary) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("go", "test", "-json", "./...")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	events, _ := cmd.Output() // fails, as it should
	var out strings.Builder
	s := newSummary(&out)
	if err := s.read(strings.NewReader(string(events))); err != nil {
		t.Fatal(err)
	}
	s.finish()
	return out.String(), s
}
