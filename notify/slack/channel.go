package slack

import (
	"context"
	"net/http"
	"time"

	"github.com/allclear-status/allclear/internal/safehttp"
	"github.com/allclear-status/allclear/notify"
)

// DefaultTimeout is how long one post may take.
const DefaultTimeout = 15 * time.Second

// Config is what the channel needs. Its zero value works.
type Config struct {
	Client  *http.Client  // nil: safehttp.Client(Timeout)
	Timeout time.Duration // of one post; 0: DefaultTimeout
}

// Channel posts to incoming webhooks.
type Channel struct {
	client  *http.Client
	timeout time.Duration
	now     func() time.Time
}

// New is a channel that uses the client of the config.
func New(cfg Config) *Channel {
	if cfg.Timeout <= 0 {
		cfg.Timeout = DefaultTimeout
	}
	if cfg.Client == nil {
		cfg.Client = safehttp.Client(cfg.Timeout)
	}
	return &Channel{client: cfg.Client, timeout: cfg.Timeout, now: time.Now}
}

// Open starts a session. There is nothing to connect to yet: every webhook may
// be on a host of its own.
func (c *Channel) Open(context.Context) (notify.Session, error) { return session{c}, nil }
