package plainlanguage

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/allclear-status/allclear/internal/cputime"
	"github.com/allclear-status/allclear/status"
)

func TestFindingIsWrittenAsTheInterfaceSays(t *testing.T) {
	got, err := json.Marshal(Check("body", "Für db-prod-03", Context{Language: "en"}))
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"rule":"host","level":"error","field":"body","start":4,"end":14,"text":"db-prod-03","reason":"` + reasonHost + `","replacement":null}]`
	if string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestCleanTextGivesAnEmptyListNotNull(t *testing.T) {
	if got, _ := json.Marshal(Check("body", "All is well.", Context{})); string(got) != "[]" {
		t.Errorf("got %s", got)
	}
}

func TestOffsetsCountCodePoints(t *testing.T) {
	s := "😀 Zahlungen über 10.0.3.17 \xff und db-prod-03"
	for _, f := range Check("body", s, Context{}) {
		if got := string([]rune(s)[f.Start:f.End]); got != f.Text || got != "10.0.3.17" && got != "db-prod-03" {
			t.Errorf("%s %d-%d is %q, text %q", f.Rule, f.Start, f.End, got, f.Text)
		}
	}
}

func TestOnlyErrorsBlock(t *testing.T) {
	if Blocking([]Finding{{Level: LevelWarning}, {Level: LevelHint}}) || Blocking(nil) || !Blocking([]Finding{{Level: LevelHint}, {Level: LevelError}}) {
		t.Error("exactly an error must block")
	}
}

// hostileTexts are made of what each rule looks for, without an end.
func hostileTexts(n int) map[string]string {
	texts := map[string]string{}
	for _, unit := range []string{
		"a", " ", "\n", "1", "1 ", "1.", "1-", "+1 ", "(1)", ":", "::", "a:", "://", "a://", "a://b ", "a@", "@", "a@b.co ", "{", "{{", "}", "{a", "[", "[A", "](", "<", "<a", "%", "%A",
		"_", "_ ", "x", "X", "X:", "xx ", "-", "--", "a-", "a-1-", "db-1-", "db-prod-03 ", "10.0.0.1 ", "1:", "ab:", "0x", "deadbeef1 ", "\"", "`", "'", "*", "password=", "password:", "password= ",
		"password is ", "token=abc123 ", "sk-", "ghp_", "eyJ.", "bearer ", "authorization: ", "curl ", "--password ", "-----BEGIN PRIVATE KEY", "-----BEGIN ", "at ", "at a.b(", "Caused by: ",
		"SELECT ", "SELECT FROM ", "SELECT,", "INSERT INTO ", "10:42:11 ", "10:42:11:", "[1]: ", "ERROR ", "level=error ", "level=", "HTTP/1.", "dial tcp ", "TypeError ", "TypeError::", "a.go:1 ", "4111 ",
		"DE89 ", "DE89370400440532013000", "lorem ipsum ", "insert here ", "HH:MM ", "é", "😀", "\xff", "é.", "。", "\"a\" ", "“a” ", "failover ", "fail", "API ", "ABC ", "503 ", "any minute ", "soon ",
		"kubectl ", "kubectl get ", "/var/log/", "/a", "C:\\", "a/", "a_", "aB", "aB()", "aB.", "A", "arn:aws", "any ", "should be fixed soon ", "load balancer ", "load-", "tomorrow ", "next update at 10:00 utc. ", "10:00 ", "may might could ", "all users cannot ", "Card payments is down. ",
		"node kernel ", "node ", "engineer failed to ", "due to the ", "has been resolved ", "ABC (Name) ", "Name (ABC) ", "503 and ", "word. ", "an API ", "card payments ", "card ", "https://hooks.slack.com/services/",
	} {
		runes := []rune(strings.Repeat(unit, n/len([]rune(unit))+1))
		texts[unit] = string(runes[:n])
	}
	return texts
}

// TestHostileTextTakesNoLonger allows a slow machine ten times the promise, and
// the race detector more. It counts the processor's time: on a busy machine the
// wall's says nothing.
func TestHostileTextTakesNoLonger(t *testing.T) {
	limit := slowdown * 500 * time.Millisecond
	if testing.Short() {
		t.Skip("measures time")
	}
	c := acme
	c.Status, c.Impact, c.Previous, c.Now = status.Investigating, status.ImpactMinor, ordinary, time.Date(2025, 3, 4, 12, 0, 0, 0, time.UTC)
	c.States = map[string]status.ComponentStatus{"Card payments": status.Operational}
	for unit, s := range hostileTexts(25_000) {
		var findings []Finding
		took := limit + 1
		for range 3 { // the collector of garbage may have had its share
			took = cputime.Of(func() { findings = Review("body", s, c).Findings })
			if took <= limit {
				break
			}
		}
		if took > limit {
			t.Errorf("%q repeated took %v", unit, took)
		}
		checkSpans(t, s, findings)
	}
}

func TestCheckMayRunConcurrently(t *testing.T) {
	want := summary(Check("body", ordinary, acme))
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if got := summary(Check("body", ordinary, acme)); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
	group.Wait()
}

// checkSpans checks what must be true of all findings.
func checkSpans(t *testing.T, s string, findings []Finding) {
	t.Helper()
	runes := []rune(s)
	for i, f := range findings {
		if f.Start < 0 || f.End <= f.Start || f.End > len(runes) {
			t.Fatalf("%s: span %d-%d of %d code points", f.Rule, f.Start, f.End, len(runes))
		}
		if got := string(runes[f.Start:f.End]); got != f.Text && !strings.Contains(f.Text, "…") {
			t.Fatalf("%s: text %q, span holds %q", f.Rule, f.Text, got)
		}
		if f.Reason == "" || f.Rule == "" || f.Level.rank() < 0 {
			t.Fatalf("%+v: incomplete", f)
		}
		if i > 0 && (findings[i-1].Level.rank() > f.Level.rank() || findings[i-1].Level == f.Level && findings[i-1].Start > f.Start) {
			t.Fatalf("findings %d and %d are out of order", i-1, i)
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, test := range leakHits {
		f.Add(test.text)
	}
	for _, s := range nearMisses {
		f.Add(s)
	}
	for _, s := range hostileTexts(40) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r := Review("body", s, acme)
		checkSpans(t, s, r.Findings)
		if len(r.First) > 5 || r.Suggested != nil && *r.Suggested == s {
			t.Fatalf("%d first, suggested %v", len(r.First), r.Suggested)
		}
	})
}

// ordinary is a good update with two slips in it.
const ordinary = `We are investigating failed card payments. Since 10:42 UTC about 5 % of customers in the EU see the message
"Payment could not be completed" when they pay by card. Other ways to pay work. Nothing is lost: you can try again later, and nobody is
charged twice. Our team found that db-prod-03 stopped answering and has moved the work to another machine. Next update: 11:15 UTC. Questions?
Write to support@acme.example or see [our help pages](https://acme.example/help/payments?lang=en).

`

func BenchmarkCheck10000Characters(b *testing.B) {
	s := strings.Repeat(ordinary, 10_000/len(ordinary)+1)[:10_000]
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		Check("body", s, acme)
	}
}

func BenchmarkCheckHostile(b *testing.B) {
	for _, unit := range []string{"password=", "db-1-", "10:42:11 ", "{{", "SELECT FROM "} {
		s := hostileTexts(25_000)[unit]
		b.Run(strings.TrimSpace(unit), func(b *testing.B) {
			for b.Loop() {
				Check("body", s, acme)
			}
		})
	}
}
