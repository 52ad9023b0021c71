package chat

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/allclear-status/allclear/internal/safehttp"
	"github.com/allclear-status/allclear/notify"
)

// DefaultTimeout is how long one post may take.
const DefaultTimeout = 15 * time.Second

// Service is one chat service: how it is written to, and what it answers.
type Service struct {
	// Render makes the body of a post; of an update's text it shows at most
	// room units.
	Render func(n Notice, room int) any
	Room   int
	// Most is how many bytes a post may have; 0: any number.
	Most int
	// Write makes a whole message where the service has a form that no Notice
	// fills; it takes the place of Render. Of the recipient only the links matter.
	Write func(text notify.Text, to notify.Recipient) ([]byte, error)
	// Target is where a post goes, given the address as it was pasted; nil:
	// there.
	Target func(address url.URL) *url.URL
	// Outcome reads an answer that is not what its code says; false: it is.
	Outcome func(a safehttp.Answer) (notify.Outcome, bool)
}

// Config is what a channel needs. Its zero value works.
type Config struct {
	Guard   safehttp.Guard // where addresses given by strangers may lead
	Timeout time.Duration  // of one post; 0: DefaultTimeout
	Limits  safehttp.Limits
}

// Channel posts to the incoming webhooks of one service.
type Channel struct {
	service Service
	guard   safehttp.Guard
	timeout time.Duration
	hosts   *safehttp.Hosts
	now     func() time.Time
	// What the operator named may be anywhere; what a stranger named may not.
	open, guarded *http.Client
}

// New is a channel to a service.
func New(s Service, cfg Config) *Channel {
	if cfg.Timeout <= 0 {
		cfg.Timeout = DefaultTimeout
	}
	return &Channel{service: s, guard: cfg.Guard, timeout: cfg.Timeout, hosts: safehttp.NewHosts(cfg.Limits), now: time.Now,
		open: safehttp.Client(cfg.Timeout), guarded: safehttp.GuardedClient(cfg.Timeout, cfg.Guard)}
}

// CloseIdleConnections ends the connections that are kept for later.
func (c *Channel) CloseIdleConnections() {
	c.open.CloseIdleConnections()
	c.guarded.CloseIdleConnections()
}

// Open starts a session. There is nothing to connect to yet: every webhook may
// be on a host of its own.
func (c *Channel) Open(context.Context) (notify.Session, error) { return session{c}, nil }

// Encode renders a notice for its service, within its limits.
func (s Service) Encode(n Notice) ([]byte, error) {
	for room := s.Room; ; room = room * 2 / 3 {
		body, err := encode(s.Render(n, room))
		if err != nil || s.Most == 0 || len(body) <= s.Most || room < 100 {
			return body, err
		}
	}
}

func encode(v any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false) // the texts escape what the service reads as marks
	err := encoder.Encode(v)
	return out.Bytes(), err
}
