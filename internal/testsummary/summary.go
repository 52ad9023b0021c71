package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// event is a line of go test -json; see go doc test2json.
type event struct {
	Action     string
	Package    string
	ImportPath string // of build events
	Test       string
	Output     string
}

// summary counts tests and prints what people want to read of their output.
type summary struct {
	out                     io.Writer
	running                 map[string]*packageRun
	passed, failed, skipped int
}

// packageRun is a package whose tests have not all ended. What a test writes
// is kept until it is known whether anybody needs to see it.
type packageRun struct {
	output strings.Builder             // what belongs to no test
	tests  map[string]*strings.Builder // top-level tests that have not ended
	failed int
}

func newSummary(out io.Writer) *summary {
	return &summary{out: out, running: map[string]*packageRun{}}
}

// String is the closing line.
func (s *summary) String() string {
	line := fmt.Sprintf("%d passed, %d failed", s.passed, s.failed)
	if s.skipped > 0 {
		line += fmt.Sprintf(", %d skipped", s.skipped)
	}
	return line
}

// read takes events until the stream ends. A line that is no event is shown.
func (s *summary) read(events io.Reader) error {
	lines := bufio.NewReader(events)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if json.Unmarshal(line, &e) == nil && e.Action != "" {
				s.take(e)
			} else {
				s.print(string(line))
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (s *summary) take(e event) {
	switch {
	case e.Action == "build-output":
		s.print(e.Output)
	case e.Package == "":
	case e.Test == "":
		s.takeOfPackage(e)
	default:
		s.takeOfTest(e)
	}
}

func (s *summary) takeOfPackage(e event) {
	p := s.run(e.Package)
	switch e.Action {
	case "output":
		if e.Output != "PASS\n" && e.Output != "FAIL\n" {
			p.output.WriteString(e.Output)
		}
	case "pass", "fail", "skip":
		s.end(e.Package, e.Action == "fail")
	}
}

func (s *summary) takeOfTest(e event) {
	p := s.run(e.Package)
	name, _, isSub := strings.Cut(e.Test, "/")
	if p.tests[name] == nil {
		p.tests[name] = &strings.Builder{}
	}
	output := p.tests[name]
	switch {
	case e.Action == "output":
		if !strings.HasPrefix(e.Output, "=== ") {
			output.WriteString(e.Output)
		}
		return
	case isSub:
		return
	case e.Action == "pass":
		s.passed++
	case e.Action == "fail":
		s.failed++
		p.failed++
		s.print(output.String())
	case e.Action == "skip":
		s.skipped++
		s.print(output.String())
	default:
		return
	}
	delete(p.tests, name)
}

// end closes a package. A test that has not ended by then was cut off and has
// failed, and so has a package that failed outside its tests: it did not
// build, or its TestMain gave up.
func (s *summary) end(name string, failed bool) {
	p := s.run(name)
	delete(s.running, name)
	for _, test := range slices.Sorted(maps.Keys(p.tests)) {
		s.print(fmt.Sprintf("--- FAIL: %s (did not end)\n%s", test, p.tests[test]))
		s.failed++
		p.failed++
	}
	if failed && p.failed == 0 {
		s.failed++
	}
	s.print(p.output.String())
}

// finish closes what go test itself has left open because it was killed.
func (s *summary) finish() {
	for _, name := range slices.Sorted(maps.Keys(s.running)) {
		s.print("FAIL\t" + name + " (did not end)\n")
		s.end(name, true)
	}
}

func (s *summary) run(name string) *packageRun {
	if s.running[name] == nil {
		s.running[name] = &packageRun{tests: map[string]*strings.Builder{}}
	}
	return s.running[name]
}

func (s *summary) print(text string) { io.WriteString(s.out, text) }
