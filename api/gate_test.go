package api_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/store"
)

// tokenAt makes a token at a gate.
func (w *world) tokenAt(scope auth.Scope, gate auth.Gate) http.Header {
	w.t.Helper()
	secret := auth.NewTokenSecret()
	if err := w.store.InTx(w.t.Context(), func(tx *store.Tx) error {
		return tx.AddToken(w.t.Context(), auth.Token{ID: store.NewID(), Name: string(gate), Scope: scope, Hash: auth.HashToken(secret), Gate: gate})
	}); err != nil {
		w.t.Fatal(err)
	}
	return http.Header{"Authorization": {"Bearer " + secret}}
}

// The texts below break one rule each.
const (
	naming   = "Search fails since 10:42 UTC because of db-prod-03."
	leaking  = "Search fails since 10:42 UTC. The key is AKIAIOSFODNN7EXAMPLE."
	personal = "Search fails since 10:42 UTC for jane.doe@gmail.com."
	unfilled = "Search fails since {{time}}."
)

// publishes posts a text and checks the answer; it returns the error, if any.
func (w *world) publishes(header http.Header, body, reason string, code int) fault {
	w.t.Helper()
	in := map[string]any{"name": "Search fails", "body": body}
	if reason != "" {
		in["allclear"] = map[string]any{"override": map[string]string{"reason": reason}}
	}
	encoded, err := json.Marshal(map[string]any{"incident": in})
	if err != nil {
		w.t.Fatal(err)
	}
	got := w.want(code, call{method: "POST", path: "%p/incidents", header: header, body: string(encoded)})
	if code != http.StatusCreated {
		return decode[fault](w.t, got)
	}
	if posted := decode[incident](w.t, got); len(posted.Allclear.Findings) == 0 {
		w.t.Errorf("%q is published without a finding", body)
	}
	return fault{}
}

const namesOverride = "or publish it all the same with allclear.override.reason; it is written to the audit log."

func TestGateThatWarnsPublishesButNotWhatMustNotGetOut(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		robot := w.tokenAt(auth.ScopePost, auth.GateWarn)
		w.publishes(robot, naming, "", http.StatusCreated)
		for body, says := range map[string]string{leaking: "only a token with the scope admin may override secret", personal: namesOverride, unfilled: "nobody may override placeholder"} {
			if p := w.publishes(robot, body, "", http.StatusUnprocessableEntity); !strings.Contains(p.Detail, says) || len(p.Findings) == 0 {
				t.Errorf("%q answers %+v", body, p)
			}
		}
		if p := w.publishes(robot, personal+" Also db-prod-03.", "", http.StatusUnprocessableEntity); !strings.Contains(p.Detail, "has 1 error: personal-data") || len(p.Findings) < 2 {
			t.Errorf("named is what did not stop it: %+v", p)
		}
		w.publishes(w.tokenAt(auth.ScopePost, auth.GateBlock), naming, "", http.StatusUnprocessableEntity)
		w.publishes(w.tokenAt(auth.ScopePost, ""), naming, "", http.StatusUnprocessableEntity)
	})
}

func TestOverrideIsAuditedWithItsRulesAndReason(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		person := w.tokenAt(auth.ScopePost, auth.GateBlock)
		if p := w.publishes(person, naming, "", http.StatusUnprocessableEntity); !strings.HasSuffix(p.Detail, namesOverride) || p.Message != p.Detail {
			t.Errorf("refused with %q", p.Detail)
		}
		w.publishes(person, naming+" Ask jane.doe@gmail.com.", "the customer asked for it", http.StatusCreated)
		audit, err := w.store.AuditLog(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		var detail struct {
			Overridden []string
			Reason     string
		}
		if err := json.Unmarshal(audit[0].Detail, &detail); err != nil {
			t.Fatal(err)
		}
		slices.Sort(detail.Overridden)
		if audit[0].Act != "open incident" || detail.Reason != "the customer asked for it" || !slices.Equal(detail.Overridden, []string{"host", "personal-data"}) {
			t.Errorf("the audit row is %s %s", audit[0].Act, audit[0].Detail)
		}
	})
}

func TestSecretNeedsAdminAndPlaceholderIsNeverPublished(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		person, admin := w.tokenAt(auth.ScopeManage, auth.GateBlock), w.tokenAt(auth.ScopeAdmin, auth.GateBlock)
		const reason = "revoked long ago"
		if p := w.publishes(person, leaking, reason, http.StatusUnprocessableEntity); strings.Contains(p.Detail, "allclear.override") || !strings.Contains(p.Detail, "scope admin") {
			t.Errorf("refused with %q", p.Detail)
		}
		if p := w.publishes(admin, leaking, "", http.StatusUnprocessableEntity); !strings.Contains(p.Detail, namesOverride) {
			t.Errorf("refused with %q", p.Detail)
		}
		w.publishes(admin, leaking, reason, http.StatusCreated)
		for _, header := range []http.Header{person, admin} {
			if p := w.publishes(header, unfilled, reason, http.StatusUnprocessableEntity); strings.Contains(p.Detail, "allclear.override") || !strings.Contains(p.Detail, "nobody") {
				t.Errorf("refused with %q", p.Detail)
			}
		}
	})
}
