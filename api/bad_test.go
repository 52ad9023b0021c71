package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/auth"
)

// bad is a body that is refused, and the field that the refusal names; for a
// body that cannot be read there is none.
type bad struct {
	body, field, says string
}

// refuse sends every bad body and checks that each is refused for its reason
// and that nothing was stored.
func (w *world) refuse(method, path string, cases []bad) {
	w.t.Helper()
	before := w.everything()
	for _, one := range cases {
		code := http.StatusUnprocessableEntity
		if one.field == "" {
			code = http.StatusBadRequest
		}
		shown := one.body[:min(len(one.body), 80)]
		got := w.do(call{method: method, path: path, scope: auth.ScopeManage, body: one.body})
		p := decode[fault](w.t, got)
		if got.code != code || !strings.Contains(p.Detail, one.says) {
			w.t.Errorf("%s %s %s\nanswers %d %s\nwant    %d %s %q", method, path, shown, got.code, got.body, code, one.field, one.says)
			continue
		}
		if one.field != "" && (len(p.Errors) != 1 || p.Errors[0].Field != one.field) {
			w.t.Errorf("%s %s %s\nnames %+v, want %s", method, path, shown, p.Errors, one.field)
		}
	}
	if after := w.everything(); after != before {
		w.t.Errorf("something was stored:\n%s\nbefore:\n%s", after, before)
	}
}

// everything is the whole record as the door shows it, and how often it was
// written to.
func (w *world) everything() string {
	w.t.Helper()
	var all strings.Builder
	for _, path := range []string{"", "/components", "/component-groups", "/incidents", "/subscribers", "/stakeholders"} {
		all.WriteString(w.want(http.StatusOK, call{method: "GET", path: "%p" + path, scope: auth.ScopePost}).body + "\n")
	}
	audit, err := w.store.AuditLog(w.t.Context(), 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	fmt.Fprintf(&all, "%d acts", len(audit))
	return all.String()
}

// unreadable are bodies that no route can read.
var unreadable = []bad{
	{`{"incident":`, "", "line 1, column 13"},
	{"{\n  \"incident\": {\n    \"name\": 'x'\n}}", "", "line 3, column 13"},
	{`{"incident":{}} {}`, "", "goes on after its JSON object, at line 1, column 17"},
	{`{"incident":{}}]`, "", "goes on after its JSON object"},
	{"{\"incident\":{\"name\":\"\xff\"}}", "", "not valid UTF-8"},
	{`{"incident":{"name":"\ud83d"}}`, "", "half a character"},
	{`{"incident":{"name":"\ude00\ud83d"}}`, "", "half a character"},
	{"{\"incident\":{\"name\":\"a\x00\"}}", "", "not valid JSON"},
	{strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40), "", "nested too deeply"},
	{`{"a":` + strings.Repeat("[", 100_000), "", "nested too deeply"},
	{`incident[name=x`, "", "cannot be read"},
	{`incident[name]x=y`, "", "cannot be read"},
	{`=x`, "", "cannot be read"},
	{`[name]=x`, "", "cannot be read"},
	{`incident[name]=%zz`, "", "not encoded"},
	{`incident[name]=%ff`, "", "not encoded"},
	{`incident[name]=a&incident[name][b]=c`, "", "cannot be read"},
	{`incident[a][]=1&incident[a][b]=2`, "", "cannot be read"},
	{strings.Repeat("a=b&", 1001), "", "at most 1000"},
}

func TestBodyThatCannotBeReadIsRefused(t *testing.T) {
	w := alone(t)
	for method, path := range map[string]string{"POST": "%p/incidents", "PATCH": "%p/components/" + w.search.ID, "PUT": "%p"} {
		w.refuse(method, path, unreadable)
	}
	for _, body := range []string{`[1]`, `"x"`, `7`, `null`} {
		got := w.want(http.StatusBadRequest, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost, body: body, header: http.Header{"Content-Type": {"application/json"}}})
		if !strings.Contains(got.body, "must be a JSON object") {
			t.Errorf("%s answers %s", body, got.body)
		}
	}
}

// wrongText are bodies with a text field that is no text, too long or unfit.
// template has one %s for the value, limit is the field's.
func wrongText(template, field string, limit int, lines bool) []bad {
	with := func(value string) string { return fmt.Sprintf(template, value) }
	cases := []bad{
		{with(`7`), field, "is a number; it must be a text"},
		{with(`true`), field, "is true; it must be a text"},
		{with(`["x"]`), field, "is a list; it must be a text"},
		{with(`{"x":1}`), field, "is an object; it must be a text"},
		{with(`"` + strings.Repeat("é", limit+1) + `"`), field, fmt.Sprintf("has %d characters; at most %d", limit+1, limit)},
		{with(`"a\u0000b"`), field, "control character U+0000"},
		{with(`"a\u001bb"`), field, "control character U+001B"},
		{with(`"a\u2028b"`), field, "control character U+2028"},
	}
	if !lines {
		cases = append(cases, bad{with(`"a\r\nBcc: b@acme.example"`), field, "control character U+000D"})
	}
	return cases
}
