package plainlanguage

import (
	"flag"
	"path/filepath"
	"testing"
)

var ownCorpus = flag.String("corpus", "", "with -eval: a folder of further texts, corpus/*.txt and leaks.txt, which are only counted")

// TestOwnCorpus prints, for texts that are not in the repository, what
// TestJudgement prints for those that are.
func TestOwnCorpus(t *testing.T) {
	if *ownCorpus == "" {
		t.Skip("no -corpus given")
	}
	if samples := readFiles(t, filepath.Join(*ownCorpus, "corpus", "*.txt")); len(samples) > 0 {
		measure(samples, ProfilePublic).print(t, *ownCorpus, ProfilePublic, *showMisses)
		measure(samples, ProfileDeveloper).print(t, *ownCorpus, ProfileDeveloper, *showMisses)
	}
	if samples := readFiles(t, filepath.Join(*ownCorpus, "leaks.txt")); len(samples) > 0 {
		measureLeaks(samples).print(t, *ownCorpus, *showMisses)
	}
}
