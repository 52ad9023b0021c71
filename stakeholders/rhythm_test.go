package stakeholders_test

import (
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// defaultWith is the default policy with one text in it replaced.
func defaultWith(t *testing.T, old, new string) string {
	t.Helper()
	before, after, found := strings.Cut(string(stakeholders.DefaultPolicyDocument()), old)
	if !found {
		t.Fatalf("no %q in the default policy", old)
	}
	return before + new + after
}

func parsed(t *testing.T, document string) *stakeholders.Policy {
	t.Helper()
	p, err := stakeholders.ParsePolicy([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestDefaultRhythm(t *testing.T) {
	bare := string(stakeholders.DefaultPolicyDocument())
	bare = "name: Bare\n" + bare[strings.Index(bare, "table:"):]
	for name, p := range map[string]*stakeholders.Policy{"default": defaultPolicy(t), "with the table alone": parsed(t, bare)} {
		if hour, minute := p.DigestAt(); hour != 9 || minute != 0 {
			t.Errorf("%s: digest at %02d:%02d", name, hour, minute)
		}
		if after, every := p.LongIncident(); after != 2*time.Hour || every != time.Hour {
			t.Errorf("%s: long after %s, every %s", name, after, every)
		}
		if got, want := p.Reminders(), (stakeholders.Reminders{Before: 5 * time.Minute, ManagerAfter: 5 * time.Minute, DeputyAfter: 15 * time.Minute}); got != want {
			t.Errorf("%s: reminders %+v", name, got)
		}
	}
	if p := parsed(t, bare); p.NextUpdate(status.ImpactCritical) != 0 || p.FirstPost(status.ImpactCritical) != 0 {
		t.Error("what a policy does not promise is not promised")
	}
	if p := defaultPolicy(t); p.FirstPost(status.ImpactCritical) != 10*time.Minute || p.FirstPost(status.ImpactNone) != 0 {
		t.Errorf("first post %v", p.FirstPosts())
	}
}

func TestRhythmIsAsWritten(t *testing.T) {
	p := parsed(t, defaultWith(t, `digest_at: "09:00"`, `digest_at: 17:30`))
	if hour, minute := p.DigestAt(); hour != 17 || minute != 30 {
		t.Errorf("digest at %02d:%02d", hour, minute)
	}
	p = parsed(t, defaultWith(t, "long_incident: {after: 2h, every: 60m}", "long_incident: {after: 1h30m}"))
	if after, every := p.LongIncident(); after != 90*time.Minute || every != time.Hour {
		t.Errorf("long after %s, every %s", after, every)
	}
	p = parsed(t, defaultWith(t, "{before: 5m, manager_after: 5m, deputy_after: 15m}", "{deputy_after: 24h}"))
	if r := p.Reminders(); r.DeputyAfter != 24*time.Hour || r.Before != 5*time.Minute {
		t.Errorf("reminders %+v", r)
	}
}

func TestGradesOfOnesOwn(t *testing.T) {
	p := parsed(t, defaultWith(t, "  major: {means: Use is degraded.}", "  average: {means: Use is degraded.}"))
	impact, ok := p.Graded("average")
	if !ok || impact != status.ImpactMajor {
		t.Errorf("average means %q", impact)
	}
	if _, ok := p.Graded("major"); ok {
		t.Error("major is not a name that this organisation uses")
	}
	grades := p.Grades()
	if len(grades) != 3 || grades[0].Impact != status.ImpactCritical || grades[1].Display != "Average" || grades[1].Means != "Use is degraded." {
		t.Errorf("grades %+v", grades)
	}
	if p.ShownGrades() != nil {
		t.Error("shown without being asked to")
	}
	document := defaultWith(t, "  minor: {means: No core feature is affected.}\nshow_grades: false", "  tiny: {impact: minor, display: Small fry, means: \"x: y\"}\nshow_grades: true")
	p = parsed(t, document)
	if shown := p.ShownGrades(); len(shown) != 3 || shown[2] != (stakeholders.Grade{Impact: status.ImpactMinor, Name: "tiny", Display: "Small fry", Means: "x: y"}) {
		t.Errorf("shown %+v", shown)
	}
}

func TestLettersOfOnesOwn(t *testing.T) {
	document := strings.Replace(string(documentWith(stakeholders.Updated, stakeholders.KeepInformed, "T 15m, E")), "table:\n", "channels: {T: [slack]}\n\ntable:\n", 1)
	p := parsed(t, document)
	if p.Class(stakeholders.Slack) != 'T' || p.Class(stakeholders.Email) != stakeholders.ClassEmail {
		t.Errorf("slack has the letter %c, email %c", p.Class(stakeholders.Slack), p.Class(stakeholders.Email))
	}
	var told []string
	for _, v := range stakeholders.Decide(p, occasion(stakeholders.Updated, status.ImpactMajor), registered(stakeholders.KeepInformed, "a@x!", "#a")) {
		if v.Own != nil {
			told = append(told, string(v.Contact.Channel)+" "+v.Own.Hold.String())
		}
	}
	if got := strings.Join(told, ", "); got != "email 0s, slack 15m0s" {
		t.Errorf("told %s", got)
	}
}
