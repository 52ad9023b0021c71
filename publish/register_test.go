package publish_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/internal/clock"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/store/storetest"
)

// ownedRegister has owners that can be written to in the three ways there are.
const ownedRegister = `name,kind,power,interest,email,contractual,language,owner,review_after
Ana,person,high,high,ana@acme.example,"Contract of 2026-03-01, section 4",,boss@acme.example,30d
Bo,person,low,high,bo@acme.example,,de,Ana,
Cy,person,low,low,cy@acme.example,Law,,Nobody we know,never
`

// imported imports a CSV file and returns what changed, and the warnings.
func (w *world) imported(text, reason string, dryRun bool) (changes []string, warnings []string) {
	w.t.Helper()
	plan, err := w.publisher.ImportRegister(w.t.Context(), manager, publish.RegisterImport{Document: []byte(text), Format: stakeholders.CSV, Reason: reason, DryRun: dryRun})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, c := range plan.Changes {
		changes = append(changes, c.Action+" "+c.Name)
	}
	return changes, plan.Warnings
}

// moves lists the register's history, the newest first.
func (w *world) moves() []string {
	w.t.Helper()
	moves, err := w.store.Moves(w.t.Context(), "", 100, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	var lines []string
	for _, m := range moves {
		lines = append(lines, fmt.Sprintf("%s: %q to %q by %s, %q", m.Name, m.From, m.To, m.Actor.Name, m.Reason))
	}
	return lines
}

func (w *world) entry(name string) stakeholders.Stakeholder {
	w.t.Helper()
	register, err := w.store.Register(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	at := slices.IndexFunc(register, func(s stakeholders.Stakeholder) bool { return s.Name == name })
	if at < 0 {
		w.t.Fatalf("no %s in the register", name)
	}
	return register[at]
}

// acts lists the acts of the audit log, the newest first.
func (w *world) acts(act string) (details []string) {
	w.t.Helper()
	log, err := w.store.AuditLog(w.t.Context(), 50)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range log {
		if e.Act == act {
			details = append(details, string(e.Detail))
		}
	}
	return details
}

func TestRegisterRemembersWhoMovedWhomAndWhy(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		before := len(w.moves())
		if _, _ = w.imported(ownedRegister, "dry", true); len(w.moves()) != before {
			t.Error("a dry run moved somebody")
		}
		changes, _ := w.imported(ownedRegister, "new register", false)
		if !slices.Contains(changes, "add Ana") || !slices.Contains(changes, "remove Support analysts") && !slices.Contains(changes, "remove Support") {
			t.Errorf("changes %q", changes)
		}
		created := w.entry("Bo").UpdatedAt
		c.Advance(time.Hour)
		w.imported(strings.Replace(ownedRegister, "Bo,person,low,high", "Bo,person,high,high", 1), "promoted", false)
		low := "low"
		if _, _, err := w.publisher.SaveStakeholder(t.Context(), manager, w.entry("Bo").ID, publish.StakeholderPatch{Power: &low, Interest: &low, Reason: "left the team"}); err != nil {
			t.Fatal(err)
		}
		if err := w.publisher.RemoveStakeholder(t.Context(), manager, w.entry("Cy").ID, "left the company"); err != nil {
			t.Fatal(err)
		}
		want := []string{
			`Cy: "monitor" to "" by manager, "left the company"`,
			`Bo: "manage_closely" to "monitor" by manager, "left the team"`,
			`Bo: "keep_informed" to "manage_closely" by manager, "promoted"`,
		}
		if got := w.moves(); !slices.Equal(got[:3], want) {
			t.Errorf("moves %q, want %q", got[:3], want)
		}
		ana := w.entry("Ana")
		if !ana.UpdatedAt.Equal(created) {
			t.Errorf("Ana was not changed, and counts as changed at %s", ana.UpdatedAt)
		}
		if of, err := s.Moves(t.Context(), ana.ID, 10, 0); err != nil || len(of) != 1 || of[0].Reason != "new register" {
			t.Errorf("moves of Ana %+v, %v", of, err)
		}
	})
}

func TestImportBringsNobodyBackAndSaysWhoLeft(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		w.imported(ownedRegister, "", false)
		if err := w.publisher.Leave(t.Context(), w.leaveToken("bo@acme.example"), true); err != nil {
			t.Fatal(err)
		}
		changes, warnings := w.imported(ownedRegister, "", false)
		if len(changes) != 0 || len(warnings) != 2 || !strings.HasPrefix(warnings[1], "line 3: Bo: nothing is sent to email bo@acme.example") {
			t.Errorf("changes %q, warnings %q", changes, warnings)
		}
		w.step()
		w.open(status.MajorOutage)
		if got := w.step(); told(got, "bo@acme.example") || !told(got, "ana@acme.example") {
			t.Errorf("told %q", got)
		}
	})
}

// owner is what an owner was told.
func ownersLetters(got []string) (letters []string) {
	for _, line := range got {
		if strings.HasSuffix(line, string(stakeholders.ContractualLeft)) || strings.HasSuffix(line, string(stakeholders.ReviewDue)) {
			_, letter, _ := strings.Cut(line, " ")
			letters = append(letters, letter)
		}
	}
	return letters
}

func TestOwnerIsToldThatAContractualContactLeft(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		w.imported(ownedRegister, "", false)
		for range 2 { // leaving twice is told once
			for _, address := range []string{"ana@acme.example", "bo@acme.example", "cy@acme.example"} {
				if err := w.publisher.Leave(t.Context(), w.leaveToken(address), true); err != nil {
					t.Fatal(err)
				}
			}
		}
		equal(t, "letters", ownersLetters(w.step()), "boss@acme.example: contractual_left")
		acts := w.acts("contractual contact left")
		if len(acts) != 2 || !strings.Contains(acts[0], `"owner_told":false`) || !strings.Contains(acts[0], `"basis":"Law"`) || !strings.Contains(acts[1], `"owner_told":true`) {
			t.Errorf("audit log %q", acts)
		}
		w.open(status.MajorOutage)
		if got := w.step(); told(got, "ana@acme.example") || told(got, "cy@acme.example") {
			t.Errorf("told although they left: %q", got)
		}
	})
}

func TestOwnerIsRemindedOnceToReviewAnEntry(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		w.imported(ownedRegister, "", false)
		keeper, day := w.publisher.Timekeeper(), 24*time.Hour
		passing := func(d time.Duration) []string {
			t.Helper()
			c.Advance(d)
			runOut(t, keeper)
			return ownersLetters(w.step())
		}
		equal(t, "after 29 days", passing(29*day))
		equal(t, "after 30 days", passing(day), "boss@acme.example: review_due")
		sent, err := s.Deliveries(t.Context(), store.LedgerFilter{Limit: 1})
		if err != nil || len(sent) != 1 {
			t.Fatalf("%d deliveries, %v", len(sent), err)
		}
		notice, err := s.Notice(t.Context(), sent[0].NoticeID)
		if err != nil {
			t.Fatal(err)
		}
		letter, _ := notify.LetterOf(notify.Text{Language: "en", Content: notice.Content})
		if ana := w.entry("Ana").ID; !strings.Contains(letter.Fine, "allclear stakeholders reviewed Ana”") || !strings.Contains(letter.Fine, "/v1/pages/") || !strings.Contains(letter.Fine, "/stakeholders/"+ana+"/review ") {
			t.Errorf("the letter says %q", letter.Fine)
		}
		equal(t, "after 60 days", passing(30*day))
		if !w.entry("Ana").ReviewDue(c.Now()) {
			t.Error("what nobody reviewed is not due any more")
		}
		if reviewed, err := w.publisher.ReviewStakeholder(t.Context(), manager, w.entry("Ana").ID); err != nil || reviewed.ReviewDue(c.Now()) || w.entry("Ana").ReviewDue(c.Now()) {
			t.Errorf("reviewed %+v, %v", reviewed, err)
		}
		equal(t, "29 days after the review", passing(29*day))
		equal(t, "30 days after the review", passing(day), "boss@acme.example: review_due")
		// Bo's owner is another entry; Cy's is nobody, and no review was wanted.
		equal(t, "after 180 days", passing(90*day), "ana@acme.example: review_due")
		if err := w.publisher.RemoveStakeholder(t.Context(), manager, w.entry("Bo").ID, ""); err != nil {
			t.Fatal(err)
		}
		if timers, err := s.Timers(t.Context(), "review", ""); err != nil || len(timers) != 0 {
			t.Errorf("timers left %+v, %v", timers, err)
		}
		if acts := w.acts("remind of a review"); len(acts) != 3 {
			t.Errorf("audit log %q", acts)
		}
	})
}

func TestExportIsImportedUnchangedWithItsSecrets(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		for _, format := range []stakeholders.Format{stakeholders.YAML, stakeholders.CSV} {
			document, err := w.publisher.ExportRegister(t.Context(), format)
			if err != nil {
				t.Fatal(err)
			}
			plan, err := w.publisher.ImportRegister(t.Context(), manager, publish.RegisterImport{Document: document, Format: format})
			if err != nil || len(plan.Changes) != 0 || !bytes.Contains(document, []byte("https://")) {
				t.Errorf("%s changes %+v, %v\n%s", format, plan.Changes, err, document)
			}
		}
		document, err := w.publisher.ExportRegister(t.Context(), stakeholders.Markdown)
		if err != nil || bytes.Contains(document, []byte("hooks")) || !bytes.Contains(document, []byte("version 1")) {
			t.Errorf("%v\n%s", err, document)
		}
	})
}

func TestFaultyImportChangesNothing(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *clock.Manual) {
		w := newWorld(t, s, c)
		before := w.moves()
		for _, in := range []publish.RegisterImport{
			{Format: stakeholders.CSV, Document: []byte(ownedRegister + "Di,person,high,high,no address\n")},
			{Format: "xlsx", Document: []byte(ownedRegister)},
			{Format: stakeholders.CSV, Document: []byte(ownedRegister), Reason: "two\nlines"},
		} {
			var invalid *status.Invalid
			if _, err := w.publisher.ImportRegister(t.Context(), manager, in); !errors.As(err, &invalid) {
				t.Errorf("%s, %q: %v", in.Format, in.Reason, err)
			}
		}
		w.entry("Management")
		if after := w.moves(); !slices.Equal(before, after) {
			t.Errorf("moves %q", after)
		}
	})
}

// A thousand entries take well under two seconds (docs/register.md).
func TestThousandEntriesAreImportedAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := publish.New(s, publish.Config{PublicURL: "https://status.acme.example", Key: storetest.Key(t)})
		var file strings.Builder
		file.WriteString("name,power,interest,email,sms,owner\n")
		for i := range 1000 {
			fmt.Fprintf(&file, "Person %d,%s,low,p%d@acme.example,+346000%05d,owner@acme.example\n", i, []string{"high", "low"}[i%2], i, i)
		}
		for _, text := range []string{file.String(), strings.ReplaceAll(file.String(), ",low,p", ",high,p"), file.String()} {
			start := time.Now()
			plan, err := p.ImportRegister(t.Context(), manager, publish.RegisterImport{Document: []byte(text), Format: stakeholders.CSV})
			if err != nil || len(plan.Changes) != 1000 {
				t.Fatalf("%d changes, %v", len(plan.Changes), err)
			}
			t.Logf("%s: %s", s.Dialect(), time.Since(start).Round(time.Millisecond))
		}
		if register, err := s.Register(t.Context()); err != nil || len(register) != 1000 || register[999].Name != "Person 999" || len(register[999].Contacts) != 2 {
			t.Errorf("%d entries, %v", len(register), err)
		}
	})
}
