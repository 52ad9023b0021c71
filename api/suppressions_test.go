package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/store"
)

func TestSuppressionsAreListedAndLifted(t *testing.T) {
	w := alone(t)
	err := w.store.InTx(t.Context(), func(tx *store.Tx) error {
		for address, reason := range map[string]string{"ana@customer.example": "bounced: 550 5.1.1 no such user", "bo@customer.example": store.Unsubscribed} {
			if err := tx.Suppress(t.Context(), stakeholders.Email, address, reason); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	type row struct{ Channel, Address, Reason string }
	list := func(query string) []row {
		return decode[[]row](t, w.want(http.StatusOK, call{method: "GET", path: "%p/suppressions" + query, scope: auth.ScopePost}))
	}
	if all := list(""); len(all) != 2 || all[0] != (row{"email", "ana@customer.example", "bounced: 550 5.1.1 no such user"}) {
		t.Errorf("%+v", all)
	}
	if one := list("?address=BO@customer.example"); len(one) != 1 || one[0].Reason != "unsubscribed" {
		t.Errorf("%+v", one)
	}
	if none := list("?channel=slack"); len(none) != 0 {
		t.Errorf("%+v", none)
	}
	exported := w.want(http.StatusOK, call{method: "GET", path: "%p/suppressions.csv", scope: auth.ScopePost}).body
	if lines := strings.Split(exported, "\n"); len(lines) != 4 || lines[0] != "channel,address,reason,since,bounces" || !strings.HasPrefix(lines[2], "email,bo@customer.example,unsubscribed,2") {
		t.Errorf("%q", exported)
	}
	w.want(http.StatusUnprocessableEntity, call{method: "GET", path: "%p/suppressions?channel=fax", scope: auth.ScopePost})
	lift := func(code int, query string) answer {
		return w.want(code, call{method: "DELETE", path: "%p/suppressions" + query, scope: auth.ScopeManage})
	}
	w.want(http.StatusForbidden, call{method: "DELETE", path: "%p/suppressions?address=ana@customer.example", scope: auth.ScopePost})
	lift(http.StatusUnprocessableEntity, "")
	lift(http.StatusNotFound, "?address=cem@customer.example")
	if got := lift(http.StatusUnprocessableEntity, "?address=bo@customer.example"); !strings.Contains(got.body, `"field":"basis"`) {
		t.Error(got.body)
	}
	lift(http.StatusOK, "?address=bo@customer.example&basis=asked%20by%20phone")
	lift(http.StatusOK, "?channel=email&address=ana@customer.example")
	if all := list(""); len(all) != 0 {
		t.Errorf("%+v", all)
	}
}
