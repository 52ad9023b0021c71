package stakeholders_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/stakeholders"
)

func TestEntriesOfOneAddressAreWarnedOf(t *testing.T) {
	file, err := parseCSV(`name,kind,power,interest,email,slack,label
Ana,person,low,low,ana@x.example,,
Ana at home,person,high,high,ANA@x.example,,
Support,team,low,high,desk@x.example,https://hooks.example/1,#desk
Bo,person,high,low,desk@x.example,,
Sales,team,low,low,sales@x.example,https://hooks.example/1,#desk
Customers,segment,high,low,,,
Alone,person,high,low,alone@x.example,,
`)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"line 2: Ana; line 3: Ana at home: all lead to email ana@x.example, so they count as one person, who gets one message; the place that counts is manage_closely (Ana at home)",
		"line 4: Support; line 5: Bo: all lead to email desk@x.example, which gets one message for all of them; the place that counts is keep_informed (Support)",
		"line 4: Support; line 6: Sales: all lead to slack #desk, which gets one message for all of them; the place that counts is keep_informed (Support)",
	}
	if got := file.Warnings(); !slices.Equal(got, want) {
		t.Errorf("warnings\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestSharedHookWithoutALabelIsWarnedOf(t *testing.T) {
	file, err := parseCSV("name,kind,power,interest,slack\nA,team,low,low,https://hooks.example/1\nB,team,low,high,https://hooks.example/1\n")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"line 2: A; line 3: B: all lead to one slack webhook, which gets one message for all of them; the place that counts is keep_informed (B)"}
	if got := file.Warnings(); !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}

func TestOwnersWhomNobodyCanWriteToAreWarnedOf(t *testing.T) {
	file, err := parseCSV(`name,kind,power,interest,email,owner,contractual
Bank,team,high,high,bank@x.example,,Contract of 2026-03-01
Court,team,high,high,court@x.example,BANK,Contract of 2026-03-02
Press,team,low,low,press@x.example,Chief of staff,
Sales,team,low,low,sales@x.example,bo@x.example,
Others,team,low,low,others@x.example,,
`)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"line 2: Bank: has a contractual contact and no owner, so nobody is told if that contact leaves",
		`line 4: Press: owner "Chief of staff" is neither an email address nor an entry that has one, so nobody is written to about this entry`,
	}
	if got := file.Warnings(); !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}

func TestReviewFallsDue(t *testing.T) {
	changed, day := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC), 24*time.Hour
	for _, c := range []struct {
		after    string
		reviewed time.Time
		want     time.Time
	}{
		{"", time.Time{}, changed.Add(180 * day)},
		{"30d", time.Time{}, changed.Add(30 * day)},
		{"30d", changed.Add(10 * day), changed.Add(40 * day)},
		{"30d", changed.Add(-10 * day), changed.Add(30 * day)},
		{"2026-02-01", time.Time{}, time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)},
		{"2026-02-01", time.Date(2026, 2, 3, 0, 0, 0, 0, time.UTC), time.Date(2026, 2, 3, 0, 0, 0, 0, time.UTC).Add(180 * day)}, // looked at since
		{"2025-02-01", time.Time{}, changed.Add(180 * day)},                                                                     // long past when it was written
		{"never", time.Time{}, time.Time{}},
	} {
		s := stakeholders.Stakeholder{UpdatedAt: changed, ReviewedAt: c.reviewed, ReviewAfter: c.after}
		if got := s.ReviewDueAt(); !got.Equal(c.want) {
			t.Errorf("%q, reviewed %s: due %s, want %s", c.after, c.reviewed, got, c.want)
		}
		if due := s.ReviewDueAt(); !due.IsZero() && (s.ReviewDue(due.Add(-time.Second)) || !s.ReviewDue(due)) {
			t.Errorf("%q is not due when it is due", c.after)
		}
	}
}

func TestMatrixShowsNoSecretAndNoMarkup(t *testing.T) {
	file, err := parseYAML([]byte(goodRegister), pageComponents)
	if err != nil {
		t.Fatal(err)
	}
	file[2].Name = "Every | <b>body</b>\n[x](y)"
	now := time.Date(2026, 11, 22, 10, 44, 0, 0, time.UTC)
	for i := range file {
		file[i].UpdatedAt = now.AddDate(0, 0, -200*(i%2))
	}
	text := string(stakeholders.Matrix{PageName: "Acme", At: now, PolicyName: "default", PolicyVersion: 3, Register: file, Components: pageComponents}.Markdown())
	for _, want := range []string{
		"# Stakeholders of Acme", "As of 2026-11-22 10:44 UTC", "policy default, version 3",
		"| **power high** | **Manage closely**<br>Ana | **Keep satisfied**<br>Customers |",
		"| Ana (person) | email ana@example.com (private, contractual: Contract of 2026-03-01)<br>slack \\#ana<br>sms +34600000000 | Bo | Card payments<br>Search<br>Twin | es | Europe/Madrid | 22:00-07:00 | 2027-02-20 |",
		"| Customers (segment) | whoever subscribed | – | all | – | – | – | **due since 2026-11-02** |",
		"Every \\| &lt;b&gt;body&lt;/b&gt; \\[x\\](y)", "## Keep informed\n\nNobody.",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "hooks.example") {
		t.Error("a secret is shown")
	}
}
