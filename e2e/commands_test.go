package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/store/storetest"
)

// commanding is a running server of a company, and commands that know its
// address and a token.
func commanding(t *testing.T, database string) *server {
	t.Helper()
	s := newServer(t, database)
	s.start()
	s.settle()
	s.env = append(s.env, "ALLCLEAR_URL="+s.url(""), "ALLCLEAR_TOKEN="+s.token)
	return s
}

// does runs a command that must end with a code, and looks for words on both
// outputs.
func (s *server) does(code int, args []string, words ...string) (out, errOut string) {
	s.t.Helper()
	out, errOut, got := s.command(args...)
	if got != code {
		s.t.Fatalf("allclear %q: exit code %d, want %d\n%s%s", args, got, code, out, errOut)
	}
	for _, word := range words {
		if !strings.Contains(out+errOut, word) {
			s.t.Errorf("allclear %q does not say %q:\n%s%s", args, word, out, errOut)
		}
	}
	return out, errOut
}

// line reads a command line, in which ~ stands for a blank.
func line(text string) []string {
	args := strings.Fields(text)
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "~", " ")
	}
	return args
}

const failing = "post --name Card~payments~fail -m Card~payments~fail~since~10:42~UTC.~Bank~transfer~works. -c card~payments=major_outage"

func TestIncidentIsPostedFromTheCommandLine(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, database string) {
		s := commanding(t, database)
		if _, errOut := s.does(0, line(failing+" --dry-run"), "Nothing was stored, and nobody was told.", "impact critical", "manage_closely", "Management",
			"not told       priya@customer.example", "only follows Search"); errOut != "" {
			t.Errorf("the dry run says %s", errOut)
		}
		if code, page := s.get("/"); code != 200 || strings.Contains(page, "Card payments fail") {
			t.Errorf("the page shows the dry run: %d", code)
		}

		out, errOut := s.does(0, line(failing+" --next-update 20m"), "INC-1 public after", "told", "waiting", "promised  next update by")
		if out != "INC-1\n" || !strings.Contains(errOut, "manage_closely 2 email") {
			t.Errorf("standard output has %q, standard error %q", out, errOut)
		}
		seen := s.wantTold("the start to be told", 0, everybodyNow)
		if out, _ := s.does(0, line("post --incident INC-1 --status identified --silent -m We~know~why~card~payments~fail.")); out != "INC-1\n" {
			t.Errorf("standard output has %q", out)
		}

		s.does(0, line("component"), "major_outage", "Card payments", "operational", "Search")
		if out, _ := s.does(0, line("component search degraded_performance")); strings.Count(out, "\n") != 1 || !strings.Contains(out, "degraded_performance  Search") {
			t.Errorf("the component is %q", out)
		}
		s.does(0, line("component search operational"))
		s.does(2, line("component nothing"), "is not on the page")
		s.does(1, line("component search broken"), "must be one of operational")

		s.does(0, line("why --incident INC-1 --person priya"), "Not told: rule 3 (scope). Follows Search; INC-1 touches Card payments.")
		s.does(0, line("why -i INC-1 -p management@acme.example"), "opened", "Management by email: Told at")
		s.does(1, line("why -i INC-1 -p nobody"), "neither in the register nor a subscriber")
		s.listsDeliveries()

		s.does(0, line("resolve INC-1 -m Card~payments~work~again."), "INC-1 public after")
		s.wantTold("the end to be told", seen, everybodyNow)
		if out, _ := s.does(0, line("component Card~payments")); !strings.Contains(out, "operational") {
			t.Errorf("after the end the component is %q", out)
		}
		s.does(1, line("resolve INC-9"), "INC-9")
	})
}

// listsDeliveries looks at the ledger by the command.
func (s *server) listsDeliveries() {
	s.t.Helper()
	table, _ := s.does(0, line("deliveries INC-1"), "NOTICE", "ana@customer.example", "sent", "held", "keep_satisfied", "#management")
	var rows []struct{ Address, State string }
	out, _ := s.does(0, line("deliveries INC-1 --json"))
	if err := json.Unmarshal([]byte(out), &rows); err != nil || len(rows) != strings.Count(table, "\n")-1 {
		s.t.Errorf("%v: %d rows in\n%s\n%s", err, len(rows), out, table)
	}
	if out, _ := s.does(0, line("deliveries --json --state failed")); out != "[]\n" {
		s.t.Errorf("nothing is %q", out)
	}
	s.does(1, line("deliveries INC-9"), "not an incident of this page")
}

func TestRefusedTextIsShownWithItsPlaces(t *testing.T) {
	s := commanding(t, storetest.SQLite(t))
	leak := []string{"post", "--name", "Search fails", "-m", "Search fails.\nThe cause is db-prod-03."}
	out, errOut := s.does(1, leak, `body 2:14  "db-prod-03"`, "publish it all the same with --override")
	if out != "" || !strings.HasPrefix(errOut, "error ") {
		t.Errorf("standard output has %q, standard error %q", out, errOut)
	}
	s.does(0, append(leak, "--dry-run"), "It would be refused:", `"db-prod-03"`)
	if out, _ := s.does(0, append(leak, "--override", "customers know it by this name")); out != "INC-1\n" {
		t.Errorf("overridden, standard output has %q", out)
	}

	made, _ := s.does(0, line("token create --name robot --scope post --gate warn"))
	s.does(0, line("token list"), "GATE", "warn", "block")
	s.does(2, line("token create --name robot --scope post --gate none"), "--gate")
	if out, errOut := s.does(0, append(slices.Clone(leak), "--token", strings.TrimSpace(made))); out != "INC-2\n" || !strings.Contains(errOut, "db-prod-03") {
		t.Errorf("at the gate that warns: %q, %q", out, errOut)
	}
	s.does(1, append(line("post --name Search~fails -m Fails~since~{{time}}."), "--token", strings.TrimSpace(made)), "nobody may override placeholder")
}

func TestCommandsSayWhatIsWrong(t *testing.T) {
	s := commanding(t, storetest.SQLite(t))
	for _, c := range []struct {
		code  int
		line  string
		words []string
	}{
		{1, "component --token acl_wrong", []string{"not a token of this server"}},
		{1, "component --url http://" + freeAddress(t), []string{"the server cannot be reached"}},
		{1, "component --url " + s.chat.URL, []string{"is it the address of an Allclear server?"}},
		{2, "component --url nonsense", []string{"--url", "https://status.example.com"}},
		{2, "post -m Words", []string{"--name is missing"}},
		{2, "post --name x -c Search", []string{"--component", "Card payments=major_outage"}},
		{2, "post --name x -c Nothing=major_outage", []string{"is not on the page"}},
		{2, "post --name x --next-update soon", []string{"--next-update"}},
		{1, "post --name x --status broken", []string{"incident.status", "must be one of"}},
		{1, "post --incident INC-9 -m Words", []string{"INC-9"}},
		{2, "why --incident INC-1", []string{"--person"}},
	} {
		out, errOut := s.does(c.code, line(c.line), c.words...)
		if out != "" || strings.Contains(errOut, "goroutine") {
			t.Errorf("%s: standard output has %q, standard error %q", c.line, out, errOut)
		}
	}
	s.env = s.env[:len(s.env)-1]
	s.does(2, line("component"), "ALLCLEAR_TOKEN")
}

func TestLintNeedsNoServer(t *testing.T) {
	s := newServer(t, storetest.SQLite(t))
	for text, code := range map[string]int{"Card payments fail for all customers since 10:42 UTC.": 0, "The cause is db-prod-03.": 1, "not UTF-8: \xff": 2} {
		out, _ := s.does(code, []string{"lint", "--json", writeText(t, text)})
		var found struct {
			Findings []struct{ Rule, Level, Field string }
		}
		if code == 2 {
			if out != "" {
				t.Errorf("misuse prints %q", out)
			}
			continue
		}
		if err := json.Unmarshal([]byte(out), &found); err != nil || found.Findings == nil || (code == 1) != (len(found.Findings) > 0) {
			t.Errorf("%q: %v, %s", text, err, out)
		}
	}
	s.does(2, []string{"lint", "--json", filepath.Join(t.TempDir(), "missing")})
	s.does(2, line("lint --status broken -"), "--status")
	s.does(1, []string{"lint", writeText(t, "Search fails.\nThe cause is db-prod-03.")}, `2:14`, `"db-prod-03"`)
}

// writeText writes a text to a file.
func writeText(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
