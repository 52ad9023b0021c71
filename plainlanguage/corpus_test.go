package plainlanguage

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/status"
)

// sample is one labelled text of testdata.
type sample struct {
	text    string
	kind    string // plain, mixed, jargon, leak, near
	rule    Rule   // of a leak
	context Context
	marks   []mark
	// held samples are only counted: nobody looks at what was missed in them.
	held bool
}

// mark is a labelled part of a sample.
type mark struct {
	span
	developer, soft bool
}

// readSamples reads the files of testdata that a pattern names.
func readSamples(t testing.TB, pattern string) []sample {
	t.Helper()
	samples := readFiles(t, filepath.Join("testdata", pattern))
	if len(samples) == 0 {
		t.Fatalf("no files %s", pattern)
	}
	return samples
}

// readFiles reads the samples of the files that a pattern names, of which there
// may be none.
func readFiles(t testing.TB, pattern string) []sample {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	var samples []sample
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range strings.Split("\n"+string(b), "\n@ ")[1:] {
			head, body, _ := strings.Cut(block, "\n")
			samples = append(samples, newSample(t, file, head, strings.TrimRight(body, "\n")))
		}
	}
	return samples
}

func newSample(t testing.TB, file, head, body string) sample {
	t.Helper()
	head, components, _ := strings.Cut(head, " components=")
	kind, state, _ := strings.Cut(head, " ")
	s := sample{kind: kind, context: Context{Profile: ProfilePublic, PublicAddresses: acme.PublicAddresses}}
	if components != "" {
		s.context.Components = strings.Split(components, ";")
	}
	if kind == "leak" {
		s.rule = Rule(state)
	} else {
		s.context.Status = status.IncidentStatus(state)
	}
	s.text, s.marks = readMarks(t, file, body)
	sum := sha256.Sum256([]byte(s.text))
	s.held = sum[0]&1 == 1
	return s
}

// readMarks takes "[e:…]" and its relatives out of a text.
func readMarks(t testing.TB, file, body string) (string, []mark) {
	t.Helper()
	body = strings.ReplaceAll(body, "¦", "")
	var text []rune
	var marks []mark
	var open *mark
	depth := 0
	for at := 0; at < len(body); {
		kind := ""
		for _, k := range []string{"[e:", "[d:", "[es:", "[ds:"} {
			if strings.HasPrefix(body[at:], k) {
				kind = k
			}
		}
		switch {
		case kind != "" && open == nil:
			open = &mark{span: span{start: len(text)}, developer: kind[1] == 'd', soft: strings.Contains(kind, "s:")}
			at += len(kind)
			continue
		case open != nil && body[at] == '[':
			depth++
		case open != nil && body[at] == ']' && depth > 0:
			depth--
		case open != nil && body[at] == ']':
			open.end = len(text)
			marks, open = append(marks, *open), nil
			at++
			continue
		}
		r := []rune(body[at:])[0]
		text = append(text, r)
		at += len(string(r))
	}
	if open != nil {
		t.Fatalf("%s: a mark has no end in %q", file, body)
	}
	return string(text), marks
}

// overlaps says whether two spans share a code point.
func (s span) overlaps(o span) bool { return s.start < o.end && o.start < s.end }
