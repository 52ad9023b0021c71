package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/allclear-status/allclear/store/storetest"
)

// hookRoom keeps what a webhook was sent.
type hookRoom struct {
	mu   sync.Mutex
	got  []hooked
	seen []string // paths
}

// hooked is what the test reads of one message.
type hooked struct {
	Meta struct{ Unsubscribe string }
	Page struct {
		ID              string
		StatusIndicator string `json:"status_indicator"`
	}
	Incident *struct {
		ID, Name, Status, Impact string
		IncidentUpdates          []struct{ Body string } `json:"incident_updates"`
	}
	Component       *struct{ ID, Status string }
	ComponentUpdate *struct {
		ID          string
		ComponentID string `json:"component_id"`
		OldStatus   string `json:"old_status"`
		NewStatus   string `json:"new_status"`
	} `json:"component_update"`
}

func (h *hookRoom) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var message hooked
	if err == nil {
		err = json.Unmarshal(body, &message)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.got, h.seen = append(h.got, message), append(h.seen, r.URL.Path)
}

// find is the first message that fits.
func (h *hookRoom) find(fits func(hooked) bool) (hooked, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	at := slices.IndexFunc(h.got, fits)
	if at < 0 {
		return hooked{}, false
	}
	return h.got[at], true
}

func TestWebhookIsSentIncidentsAndComponents(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, database string) {
		room := &hookRoom{}
		hook := httptest.NewServer(room)
		t.Cleanup(hook.Close)
		s := newServer(t, database)
		s.env = append(s.env, "ALLCLEAR_WEBHOOK_ALLOW=127.0.0.1")
		s.start()
		payments, search := s.settle()
		s.call("POST", s.page+"/subscribers", `{"subscriber":{"endpoint":"`+hook.URL+`/topsecret","email":"ops@customer.example","skip_confirmation_notification":true}}`, 201, nil)
		s.call("POST", s.page+"/subscribers", `{"subscriber":{"endpoint":"`+hook.URL+`/waits","email":"dev@customer.example"}}`, 201, nil)
		s.mailTo("dev@customer.example", 1)

		s.call("PATCH", s.page+"/components/"+search, `{"component":{"status":"degraded_performance"}}`, 200, nil)
		var incident struct{ ID string }
		s.call("POST", s.page+"/incidents", opening(payments), 201, &incident)
		var byHand, opened hooked
		s.wait("the change by hand", func() (ok bool) {
			byHand, ok = room.find(func(m hooked) bool { return m.Component != nil && m.Component.ID == search })
			return ok
		})
		s.wait("the incident", func() (ok bool) {
			opened, ok = room.find(func(m hooked) bool { return m.Incident != nil })
			return ok
		})
		s.wait("the change by the incident", func() bool {
			_, ok := room.find(func(m hooked) bool { return m.Component != nil && m.Component.ID == payments })
			return ok
		})
		if u := byHand.ComponentUpdate; u == nil || u.OldStatus != "operational" || u.NewStatus != "degraded_performance" || u.ComponentID != search || u.ID == "" {
			t.Errorf("component update %+v", u)
		}
		if i := opened.Incident; i.ID != incident.ID || i.Name != "Card payments fail" || i.Status != "investigating" || i.Impact != "critical" ||
			len(i.IncidentUpdates) != 1 || !strings.HasPrefix(i.IncidentUpdates[0].Body, "Card payments fail") || opened.Page.ID != strings.TrimPrefix(s.page, "/pages/") {
			t.Errorf("incident %+v", opened)
		}
		if !strings.HasPrefix(opened.Meta.Unsubscribe, s.url("/unsubscribe/")) {
			t.Errorf("leaves by %q", opened.Meta.Unsubscribe)
		}

		s.call("DELETE", s.page+"/incidents/"+incident.ID, "", 200, nil)
		s.wait("the end of what was deleted", func() bool {
			_, ok := room.find(func(m hooked) bool { return m.Incident != nil && m.Incident.Status == "resolved" })
			return ok
		})
		answer, err := http.Post(opened.Meta.Unsubscribe, "application/x-www-form-urlencoded", strings.NewReader("List-Unsubscribe=One-Click"))
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("leave: %v, %v", err, answer)
		}
		_ = answer.Body.Close()
		room.mu.Lock()
		defer room.mu.Unlock()
		if slices.Contains(room.seen, "/waits") {
			t.Error("a webhook that nobody confirmed was sent something")
		}
		if strings.Contains(s.log.String(), "topsecret") {
			t.Error("the log holds the secret")
		}
	})
}

func TestWebhookLeadsToNoPrivateNetwork(t *testing.T) {
	s := newServer(t, storetest.SQLite(t))
	s.start()
	s.settle()
	var refused struct {
		Errors []struct{ Field, Message string }
	}
	s.call("POST", s.page+"/subscribers", `{"subscriber":{"endpoint":"http://127.0.0.1:8080/topsecret","email":"ops@customer.example"}}`, 422, &refused)
	if len(refused.Errors) != 1 || refused.Errors[0].Field != "subscriber.endpoint" || !strings.Contains(refused.Errors[0].Message, "not on the public internet") ||
		!strings.Contains(refused.Errors[0].Message, "--webhook-allow") || strings.Contains(refused.Errors[0].Message, "topsecret") {
		t.Errorf("refused with %+v", refused)
	}
}
