package plainlanguage

import (
	"errors"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/status"
)

const glossaryText = `# Falcon is our card service.
falcon => Card payments
ledger-core =>
allow: cluster, ZQX
public: help.acme.example, +49 30 5550100
readers: public
readers of Payments API: v2: developer
readers of keep_informed: developer
`

func TestAGlossaryIsReadLineByLine(t *testing.T) {
	g, err := ParseGlossary(glossaryText)
	if err != nil {
		t.Fatal(err)
	}
	if g.Internal["falcon"] != "Card payments" || len(g.Internal) != 2 || len(g.Allowed) != 2 || len(g.Public) != 2 || g.Components["Payments API: v2"] != ProfileDeveloper {
		t.Errorf("got %+v", g)
	}
	if g.ReadersOf("keep_informed", ProfilePublic) != ProfileDeveloper || g.ReadersOf("monitor", ProfilePublic) != ProfilePublic || len(g.Components) != 1 {
		t.Errorf("readers of quadrants: %+v", g.Quadrants)
	}
	c := g.Into(Context{Components: []string{"Payments API: v2"}})
	if c.Profile != ProfileDeveloper {
		t.Errorf("readers: %s", c.Profile)
	}
	if c := g.Into(Context{Components: []string{"Payments API: v2", "Shop"}}); c.Profile != ProfilePublic {
		t.Errorf("readers of both: %s", c.Profile)
	}
	findings := Check("body", "Falcon lost its cluster; the ZQX nodes and ledger-core follow. Call +49 30 5550100.", g.Into(Context{}))
	if got, want := summary(findings), "error internal-name Falcon; error internal-name ledger-core; warning infrastructure nodes; "; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestEveryFaultOfAGlossaryIsNamed(t *testing.T) {
	_, err := ParseGlossary("falcon\n => x\nreaders: everybody\ncolour: red\nok => fine\nreaders of X: nobody")
	var invalid *status.Invalid
	if !errors.As(err, &invalid) || len(invalid.Fields) != 5 {
		t.Fatalf("got %v", err)
	}
	if !strings.Contains(invalid.Fields[0].Message, "line 1") || !strings.Contains(invalid.Fields[4].Message, "line 6") {
		t.Errorf("got %v", invalid.Fields)
	}
	if _, err := ParseGlossary(strings.Repeat("a => b\n", 1<<18)); err == nil {
		t.Error("a huge glossary was read")
	}
}

func TestATextForTwoSuitsTheOneWhoKnowsLess(t *testing.T) {
	for _, test := range [][3]Profile{
		{ProfilePublic, ProfileDeveloper, ProfilePublic}, {ProfileDeveloper, ProfileInternal, ProfileDeveloper},
		{ProfileInternal, ProfileInternal, ProfileInternal}, {ProfileInternal, ProfilePublic, ProfilePublic}, {"", ProfilePublic, ProfilePublic},
	} {
		if got := LeastKnowing(test[0], test[1]); got != test[2] {
			t.Errorf("%s and %s: %s", test[0], test[1], got)
		}
		if got := LeastKnowing(test[1], test[0]); got != test[2] {
			t.Errorf("%s and %s: %s", test[1], test[0], got)
		}
	}
}
