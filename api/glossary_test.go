package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/auth"
)

func TestTheGlossaryDecidesWhatIsInternal(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		document := "falcon => Card payments\nallow: ZQX\nreaders: public\n"
		put := call{method: "PUT", path: "%p/glossary", scope: auth.ScopeManage, body: document, header: http.Header{"Content-Type": {"text/plain"}}}
		got := decode[struct{ Internal map[string]string }](t, w.want(http.StatusOK, put))
		if got.Internal["falcon"] != "Card payments" {
			t.Errorf("understood %+v", got)
		}
		read := decode[struct{ Document string }](t, w.want(http.StatusOK, call{method: "GET", path: "%p/glossary", scope: auth.ScopePost}))
		if read.Document != document {
			t.Errorf("reads %q", read.Document)
		}
		put.scope = auth.ScopePost
		w.want(http.StatusForbidden, put)
		put.scope, put.body = auth.ScopeManage, "nonsense"
		if refused := w.want(http.StatusUnprocessableEntity, put); !strings.Contains(refused.body, "line 1") {
			t.Errorf("refuses with %s", refused.body)
		}
		for wrong, words := range map[string]string{"allow: Z\x00X": "U+0000", "# \x00": "U+0000", "allow: \xff": "UTF-8"} {
			put.body = wrong
			if refused := w.want(http.StatusUnprocessableEntity, put); !strings.Contains(refused.body, words) {
				t.Errorf("%q: refuses with %s", wrong, refused.body)
			}
		}

		review := w.want(http.StatusOK, call{method: "POST", path: "%p/words", scope: auth.ScopePost, body: `{"words":{"body":"Falcon and the ZQX are slow.","status":"investigating"}}`})
		report := decode[struct {
			Suggested *string
			Missing   []string
			Refused   bool
			Language  string
		}](t, review)
		if !report.Refused || report.Suggested == nil || *report.Suggested != "Card payments and the ZQX are slow." || report.Language != "en" || len(report.Missing) == 0 {
			t.Errorf("reviews %s", review.body)
		}
		w.want(http.StatusUnprocessableEntity, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost, body: `{"incident":{"name":"Slow pages","body":"Falcon is slow."}}`})
		for _, bad := range []string{`{"words":{"body":"x","status":"broken"}}`, `{"words":{"body":"x","readers":"all"}}`, `{"words":{"body":"x","impact":"huge"}}`} {
			w.want(http.StatusUnprocessableEntity, call{method: "POST", path: "%p/words", scope: auth.ScopePost, body: bad})
		}
	})
}

func TestAMonthsFindingsAndOverridesAreCounted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.want(http.StatusCreated, call{method: "POST", path: "%p/incidents", scope: auth.ScopePost, body: `{"incident":{"name":"Slow pages","body":"Pages are slow."}}`})
		w.want(http.StatusOK, call{method: "PATCH", path: "%p/incidents/INC-1", scope: auth.ScopePost,
			body: `{"incident":{"body":"db-prod-03 has replica lag.","allclear":{"override":{"reason":"the host is public"}}}}`})
		got := w.want(http.StatusOK, call{method: "GET", path: "%p/words", scope: auth.ScopePost})
		month := decode[struct {
			Posts, Clean int
			ByRule       map[string]int `json:"by_rule"`
			Overrides    []struct {
				By, Rule string
				Count    int
			}
		}](t, got)
		if month.Posts != 2 || month.Clean != 1 || month.ByRule["host"] != 1 || month.ByRule["infrastructure"] != 1 || len(month.Overrides) != 1 || month.Overrides[0].Rule != "host" || month.Overrides[0].By == "" {
			t.Errorf("counts %s", got.body)
		}
		empty := decode[struct{ Posts int }](t, w.want(http.StatusOK, call{method: "GET", path: "%p/words?month=2001-01", scope: auth.ScopePost}))
		if empty.Posts != 0 {
			t.Errorf("2001: %+v", empty)
		}
		w.want(http.StatusUnprocessableEntity, call{method: "GET", path: "%p/words?month=soon", scope: auth.ScopePost})
	})
}

func TestEachQuadrantsFormIsCheckedForItsOwnReaders(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		post := func(code int, words string) string {
			return w.want(code, call{method: "POST", path: "%p/incidents?dry_run=true", scope: auth.ScopePost, body: `{"incident":` + words + `}`}).body
		}
		found := func(words, field string) bool {
			got := decode[struct {
				Allclear struct {
					Findings []struct{ Field, Level string }
				}
			}](t, answer{body: post(http.StatusOK, words)})
			for _, f := range got.Allclear.Findings {
				if f.Field == field && f.Level != "hint" {
					return true
				}
			}
			return false
		}
		answering := `{"name":"Slow pages","body":"Pages are slow.","allclear":{"customer_answer":"Repeat it after a failover."}}`
		noting := `{"name":"Slow pages","body":"Pages are slow.","allclear":{"internal_note":"Redis lost its quorum."}}`
		if !found(answering, "customer_answer") || found(noting, "internal_note") {
			t.Error("usually an answer is for the public and a note for insiders")
		}
		w.want(http.StatusOK, call{method: "PUT", path: "%p/glossary", scope: auth.ScopeManage, header: http.Header{"Content-Type": {"text/plain"}},
			body: "readers of keep_informed: developer\nreaders of manage_closely: public\n"})
		if found(answering, "customer_answer") || !found(noting, "internal_note") {
			t.Error("the glossary's readers of a quadrant are not heard")
		}
	})
}
