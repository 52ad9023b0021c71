package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/auth"
)

func TestFieldsOfOursThatNobodyReadsAreNamed(t *testing.T) {
	w := alone(t)
	type warned struct {
		Allclear struct{ Warnings []string }
	}
	post := func(query, ours string) []string {
		return decode[warned](t, w.want(http.StatusOK, call{method: "POST", path: "%p/incidents" + query, scope: auth.ScopePost, body: fmt.Sprintf(
			`{"incident":{"name":"Card payments fail","body":"Card payments fail.","unknown":1,"components":{%q:"major_outage"},"allclear":%s}}`, w.payments.ID, ours)})).Allclear.Warnings
	}
	named := func(warnings []string) (n int) {
		for _, words := range warnings {
			if strings.Contains(words, "is not known and was left out") {
				n++
			}
		}
		return n
	}
	got := post("?dry_run=true", `{"internal_notes":"Call the bank.","number":"INC-1","what_to_do":"Use bank transfer.","warnings":[]}`)
	if named(got) != 1 || !strings.HasPrefix(got[len(got)-1], "incident.allclear.internal_notes is not known and was left out; the fields are next_update_due_at, ") {
		t.Errorf("warnings %q", got)
	}
	if got := post("?dry_run=true", `{"internal_note":"Call the bank.","draft":null}`); named(got) != 0 {
		t.Errorf("known fields are warned of: %q", got)
	}
}
