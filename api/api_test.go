package api_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/api"
	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/store/storetest"
	"github.com/allclear-status/allclear/web"
)

// world is the whole door over a real store, mounted as cmd mounts it, with a
// page of two components and a token for each scope.
type world struct {
	t         *testing.T
	store     *store.Store
	publisher *publish.Publisher
	app       *fiber.App
	log       *strings.Builder
	page      status.Page
	payments  status.Component
	search    status.Component
	tokens    map[auth.Scope]string
}

var setup = auth.Actor{Kind: "command", Name: "setup", Scope: auth.ScopeAdmin}

// each runs a test in a new world on each database.
func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store) { test(t, newWorld(t, s)) })
}

// alone runs a test in a new world on SQLite, where the database makes no difference.
func alone(t *testing.T) *world {
	t.Helper()
	return newWorld(t, storetest.Open(t, storetest.SQLite(t), nil))
}

func newWorld(t *testing.T, s *store.Store) *world {
	t.Helper()
	w := &world{t: t, store: s, log: &strings.Builder{}, tokens: map[auth.Scope]string{}}
	log := slog.New(slog.NewTextHandler(w.log, nil))
	w.publisher = publish.New(s, publish.Config{PublicURL: "https://status.acme.example", Key: storetest.Key(t), Log: log})
	w.app = web.New(web.Options{Load: w.publisher.Record, Log: log}).App()
	w.app.Mount("/v1", api.New(api.Options{Publisher: w.publisher, Store: s, Log: log}))
	for _, scope := range []auth.Scope{auth.ScopeRead, auth.ScopePost, auth.ScopeManage} {
		w.tokens[scope] = w.addToken(scope)
	}
	w.payments = w.addComponent("Card payments")
	w.search = w.addComponent("Search")
	var err error
	if w.page, err = w.publisher.Page(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) addToken(scope auth.Scope) string {
	w.t.Helper()
	secret := auth.NewTokenSecret()
	if err := w.store.InTx(w.t.Context(), func(tx *store.Tx) error {
		return tx.AddToken(w.t.Context(), auth.Token{ID: store.NewID(), Name: string(scope), Scope: scope, Hash: auth.HashToken(secret)})
	}); err != nil {
		w.t.Fatal(err)
	}
	return secret
}

func (w *world) addComponent(name string) status.Component {
	w.t.Helper()
	c, err := w.publisher.AddComponent(w.t.Context(), setup, publish.ComponentPatch{Name: &name})
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// call is one request; scope chooses the token, empty: none.
type call struct {
	method, path, body string
	scope              auth.Scope
	header             http.Header
}

// answer is what came back.
type answer struct {
	code   int
	header http.Header
	body   string
}

// request makes a request; %p in the path is the page.
func (w *world) request(c call) *http.Request {
	r := httptest.NewRequestWithContext(context.Background(), c.method, w.path(c.path), strings.NewReader(c.body))
	for name, values := range c.header {
		r.Header[name] = values
	}
	if c.scope != "" {
		r.Header.Set("Authorization", "Bearer "+w.tokens[c.scope])
	}
	return r
}

// do sends a request through the whole app, and the answer must be to spec.
func (w *world) do(c call) answer {
	w.t.Helper()
	request := w.request(c)
	got := w.send(request)
	if got.code >= http.StatusInternalServerError {
		w.t.Errorf("%s %s answers %d; the log says:\n%s", c.method, c.path, got.code, w.log)
	}
	w.checkSpec(request, got)
	return got
}

// send is do without looking at the answer.
func (w *world) send(request *http.Request) answer {
	w.t.Helper()
	response, err := w.app.Test(request, -1)
	if err != nil {
		w.t.Fatalf("%s %s: %v", request.Method, request.URL.Path, err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(body)}
}

func (w *world) path(path string) string {
	return strings.ReplaceAll(path, "%p", "/v1/pages/"+w.page.ID)
}

// want is do, and the answer must have this code.
func (w *world) want(code int, c call) answer {
	w.t.Helper()
	got := w.do(c)
	if got.code != code {
		w.t.Fatalf("%s %s answers %d, want %d: %s", c.method, c.path, got.code, code, got.body)
	}
	return got
}

// decode reads an answer's body.
func decode[T any](t *testing.T, a answer) T {
	t.Helper()
	var value T
	if err := json.Unmarshal([]byte(a.body), &value); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
	return value
}

// incident is what the tests read of an incident.
type incident struct {
	ID, Name, Status, Impact string
	ImpactOverride           *string `json:"impact_override"`
	Components               []struct{ ID, Status string }
	ScheduledFor             *string `json:"scheduled_for"`
	ScheduledUntil           *string `json:"scheduled_until"`
	CreatedAt                string  `json:"created_at"`
	ResolvedAt               *string `json:"resolved_at"`
	IncidentUpdates          []struct {
		ID, Status           string
		Body                 string
		DeliverNotifications bool `json:"deliver_notifications"`
	} `json:"incident_updates"`
	Metadata json.RawMessage
	Allclear struct {
		Number          string
		NextUpdateDueAt *string `json:"next_update_due_at"`
		EstimatedEndAt  *string `json:"estimated_end_at"`
		ImpactNow       string  `json:"impact_now"`
		ExpectedImpact  *string `json:"expected_impact"`
		PublishedMS     *int    `json:"published_ms"`
		Draft           bool
		Backfilled      bool
		Warnings        []string
		Findings        []struct{ Rule, Field string }
		Audience        struct {
			Told []struct {
				Quadrant, Channel string
				Count             int
			}
			Waiting []struct {
				Quadrant, Channel string
				Count             int
				DueAt             string `json:"due_at"`
			}
		}
		Preview *preview
	}
}

// preview is what the tests read of a dry run.
type preview struct {
	Refused bool
	People  []struct {
		Name, Quadrant, Channel, Action, Rule, Cell, Reason string
		DueAt                                               *string `json:"due_at"`
	}
	NotTold  []struct{ Who, Rule, Reason string } `json:"not_told"`
	Messages []struct {
		Channel, Form, Language, Text string
		Subject, HTML                 *string
		Quadrants                     []string
	}
}

// fault is what the tests read of an error.
type fault struct {
	Title, Detail, Error, Message string
	Status                        int
	RequestID                     string `json:"request_id"`
	Errors                        []struct{ Field, Message string }
	Findings                      []struct{ Rule, Level, Field, Text string }
}

// expand works out the audiences that wait, as the worker would.
func (w *world) expand() {
	w.t.Helper()
	for {
		found, err := w.store.Expand(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		if !found {
			return
		}
	}
}
