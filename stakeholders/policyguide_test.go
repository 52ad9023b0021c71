package stakeholders_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/stakeholders"
)

// What the guide shows is what the parser takes.
func TestExamplesOfTheGuideAreTaken(t *testing.T) {
	guide, err := os.ReadFile("../docs/policy.md")
	if err != nil {
		t.Fatal(err)
	}
	cells := regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(string(guide), -1)
	for _, cell := range cells {
		parsed(t, string(documentWith(stakeholders.Updated, stakeholders.KeepInformed, cell[1])))
	}
	_, table, _ := strings.Cut(string(stakeholders.DefaultPolicyDocument()), "\ntable:\n")
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(guide), -1)
	for _, block := range blocks {
		parsed(t, "name: Guide\n"+block[1]+"table:\n"+table)
	}
	if len(cells) < 10 || len(blocks) < 3 {
		t.Errorf("%d cells and %d blocks", len(cells), len(blocks))
	}
}
