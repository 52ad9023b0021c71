package webhook

import (
	"context"
	"net/http"
	"time"

	"github.com/allclear-status/allclear/internal/safehttp"
	"github.com/allclear-status/allclear/notify"
)

// DefaultTimeout is how long a receiver may take, as on Statuspage.
const DefaultTimeout = 30 * time.Second

// Config is what the channel needs.
type Config struct {
	// Payload makes the JSON of a text (see statuspage.Webhook), once for all
	// who are sent it. An error that is status.ErrNotFound says that what it
	// is about is gone, so that there is nothing to send any more.
	Payload func(ctx context.Context, text notify.Text) ([]byte, error)
	Guard   safehttp.Guard // what may be reached besides the public internet
	Timeout time.Duration  // of one message; 0: DefaultTimeout
	// Limits are how one receiving host is treated. Every, when it is 0, is a
	// tenth of a second: what is read by programs may come fast.
	Limits safehttp.Limits
}

// Channel posts to the webhooks of subscribers.
type Channel struct {
	config Config
	client *http.Client
	hosts  *safehttp.Hosts
	now    func() time.Time
}

// New is a channel with this config.
func New(cfg Config) *Channel {
	if cfg.Timeout <= 0 {
		cfg.Timeout = DefaultTimeout
	}
	if cfg.Limits.Every == 0 {
		cfg.Limits.Every = 100 * time.Millisecond
	}
	return &Channel{config: cfg, client: safehttp.GuardedClient(cfg.Timeout, cfg.Guard), hosts: safehttp.NewHosts(cfg.Limits), now: time.Now}
}

// Open starts a session. There is nothing to connect to yet: every webhook may
// be on a host of its own.
func (c *Channel) Open(context.Context) (notify.Session, error) { return session{c}, nil }
