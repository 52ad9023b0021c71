package publish_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/internal/clock"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/store/storetest"
)

func TestPolicyIsImportedComparedAndKept(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		ctx := t.Context()
		document := strings.Replace(string(stakeholders.DefaultPolicyDocument()), "keep_satisfied: P 1/60 / P 1/60", "keep_satisfied: P 1/60 / P 1/30", 1)
		imported := func(document string, dryRun bool) publish.PolicyPlan {
			t.Helper()
			plan, err := w.publisher.ImportPolicy(ctx, manager, []byte(document), "customers asked", dryRun)
			if err != nil {
				t.Fatal(err)
			}
			return plan
		}
		want := []string{"update, keep_satisfied, major: preferred channel every 60 min → every 30 min"}
		words := func(plan publish.PolicyPlan) (words []string) {
			for _, change := range plan.Changes {
				words = append(words, change.String())
			}
			return words
		}
		dry := imported(document, true)
		if !dry.New || dry.To.Version != 0 || !slices.Equal(words(dry), want) {
			t.Errorf("the dry run says %+v", dry)
		}
		if len(dry.Concerned) != 1 || dry.Concerned[0].Quadrant != stakeholders.KeepSatisfied || dry.Concerned[0].Subscribers != 4 {
			t.Errorf("concerned are %+v", dry.Concerned)
		}
		before, err := s.PageVersion(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if same := imported(string(stakeholders.DefaultPolicyDocument()), false); same.New || same.To.Version != 1 {
			t.Errorf("what is in force already makes version %d", same.To.Version)
		}
		if now, _ := s.PageVersion(ctx); now != before {
			t.Error("nothing changed, and yet the page's version rose")
		}
		if plan := imported(document, false); plan.To.Version != 2 {
			t.Errorf("imported as version %d", plan.To.Version)
		}
		if again := imported(document, false); again.New || again.To.Version != 2 {
			t.Errorf("imported again as version %d", again.To.Version)
		}
		if now, _ := s.PageVersion(ctx); now <= before {
			t.Error("the page's version stays, though its grades may be shown")
		}
		versions, err := s.PolicyVersions(ctx)
		if err != nil || len(versions) != 2 || versions[0].Version != 2 || versions[0].Reason != "customers asked" || versions[0].By != manager.Name || versions[1].Name != "Default policy" {
			t.Errorf("versions %+v, %v", versions, err)
		}
		audit, err := s.AuditLog(ctx, 1)
		if err != nil || audit[0].Act != "import policy" || audit[0].Subject != "policy:2" || !strings.Contains(string(audit[0].Detail), "customers asked") || !strings.Contains(string(audit[0].Detail), "every 30 min") {
			t.Errorf("audit log %+v, %v", audit, err)
		}
		back, err := w.publisher.ComparePolicyVersions(ctx, 2, 1)
		if err != nil || len(back.Changes) != 1 || back.Changes[0].To != "every 60 min" {
			t.Errorf("back: %+v, %v", back, err)
		}
		since, err := w.publisher.ComparePolicyVersions(ctx, 0, 0)
		if err != nil || !slices.Equal(words(since), want) {
			t.Errorf("since the default: %+v, %v", since, err)
		}
		if _, err := w.publisher.ComparePolicyVersions(ctx, 2, 9); !errors.Is(err, status.ErrNotFound) {
			t.Errorf("version 9: %v", err)
		}
	})
}

func TestPolicyWarnsOfChannelsThatAreNotSetUp(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		ctx := t.Context()
		before, err := w.publisher.PolicyWarnings(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(strings.Join(before, "\n"), "not set up") {
			t.Errorf("nobody knows yet what is set up: %q", before)
		}
		if err := s.InTx(ctx, func(tx *store.Tx) error {
			return tx.SaveConfiguredChannels(ctx, []stakeholders.Channel{stakeholders.Email, stakeholders.Webhook})
		}); err != nil {
			t.Fatal(err)
		}
		after, err := w.publisher.PolicyWarnings(ctx)
		if err != nil || !slices.ContainsFunc(after, func(s string) bool { return strings.HasPrefix(s, "SMS is not set up") }) {
			t.Errorf("warnings %q, %v", after, err)
		}
	})
}

func TestFaultyPolicyIsRefusedWhole(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		for name, document := range map[string]string{
			"faults": strings.NewReplacer("critical: 15m", "critical: 1s", "  resolved:", "  solved:").Replace(string(stakeholders.DefaultPolicyDocument())),
			"UTF-8":  "name: \xff\n",
			"empty":  "",
		} {
			_, err := w.publisher.ImportPolicy(t.Context(), manager, []byte(document), "", false)
			var invalid *status.Invalid
			if !errors.As(err, &invalid) || name == "faults" && len(invalid.Fields) != 3 {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := w.publisher.ImportPolicy(t.Context(), manager, stakeholders.DefaultPolicyDocument(), "two\nlines", false); err == nil {
			t.Error("a reason of two lines is taken")
		}
		if versions, err := s.PolicyVersions(t.Context()); err != nil || len(versions) != 1 {
			t.Errorf("versions %+v, %v", versions, err)
		}
	})
}

func TestGradesStandInTheRecordWhereAsked(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		grades := func() []status.Grade {
			t.Helper()
			record, err := w.publisher.Record(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return record.Grades
		}
		if got := grades(); got != nil {
			t.Errorf("without being asked: %+v", got)
		}
		document := strings.NewReplacer("show_grades: false", "show_grades: true", "  major: {means", "  average: {means").Replace(string(stakeholders.DefaultPolicyDocument()))
		if _, err := w.publisher.ImportPolicy(t.Context(), manager, []byte(document), "", false); err != nil {
			t.Fatal(err)
		}
		if got := grades(); len(got) != 3 || got[1] != (status.Grade{Impact: status.ImpactMajor, Name: "Average", Means: "Use is degraded."}) {
			t.Errorf("grades %+v", got)
		}
	})
}
