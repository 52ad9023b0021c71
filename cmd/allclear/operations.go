package main

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/allclear-status/allclear/stakeholders"
)

// readyTimeout bounds how long the database may take to answer.
const readyTimeout = 3 * time.Second

// operations adds the doors for those who run the server. Where everybody may
// look, it is left out what only those need, such as the name of the mail server.
func (a *app) operations(app *fiber.App, insiders bool) {
	app.Get("/healthz", func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderCacheControl, "no-store")
		return c.JSON(fiber.Map{"status": "alive"})
	})
	app.Get("/readyz", func(c *fiber.Ctx) error { return a.ready(c, insiders) })
}

// serveInsiders serves those who run the server at an address of their own, with
// the numbers that are nobody else's business. What it returns ends it.
func (a *app) serveInsiders() func() error {
	if a.insiders == nil {
		return func() error { return nil }
	}
	app := fiber.New(fiber.Config{AppName: "allclear", DisableStartupMessage: true, ReadTimeout: readyTimeout, IdleTimeout: time.Minute})
	a.operations(app, true)
	app.Get("/metrics", adaptor.HTTPHandler(promhttp.HandlerFor(a.metrics.registry, promhttp.HandlerOpts{})))
	ended := make(chan error, 1)
	go func() { ended <- app.Listener(a.insiders) }()
	return func() error {
		err := app.ShutdownWithTimeout(readyTimeout)
		if closed := a.insiders.Close(); err == nil && !errors.Is(closed, net.ErrClosed) { // it may not have begun yet
			err = closed
		}
		return errors.Join(err, <-ended)
	}
}

// channelState is how a channel is, in the answer of /readyz.
type channelState struct {
	Configured bool       `json:"configured"`
	Up         bool       `json:"up"`
	DownSince  *time.Time `json:"down_since,omitempty"`
	Error      string     `json:"error,omitempty"`
	Waiting    int64      `json:"waiting,omitempty"` // deliveries that are not done
}

// ready says whether posts can be taken: 200 while the database answers and its
// disk, where it is this machine's, has room. A
// channel that is down stands in the body; posts are taken all the same. Why it
// is down, and what else should be mended, is for insiders.
func (a *app) ready(c *fiber.Ctx, insiders bool) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), readyTimeout)
	defer cancel()
	c.Set(fiber.HeaderCacheControl, "no-store")
	body := fiber.Map{"status": "ready", "database": a.store.Dialect(), "page_version": a.site.Version()}
	channels, err := a.channelStates(ctx)
	if err != nil {
		a.log.Error("readiness", "error", err)
		body["status"], body["error"] = "not ready", "the database does not answer"
		return c.Status(fiber.StatusServiceUnavailable).JSON(body)
	}
	body["channels"] = channels
	if err := a.store.Room(); err != nil {
		a.log.Error("readiness", "error", err)
		body["status"], body["error"] = "not ready", "the database's disk is full or cannot be written to; the page is served, and nothing can be posted"
		c.Status(fiber.StatusServiceUnavailable)
	}
	if !insiders {
		for name, state := range channels {
			state.Error = ""
			channels[name] = state
		}
		return c.JSON(body)
	}
	notes, err := a.publisher.Notes(ctx)
	if err != nil {
		a.log.Error("readiness", "error", err)
	}
	if len(notes) > 0 {
		body["notes"] = notes
	}
	return c.JSON(body)
}

func (a *app) channelStates(ctx context.Context) (map[stakeholders.Channel]channelState, error) {
	if err := a.store.Ping(ctx); err != nil {
		return nil, err
	}
	states := map[stakeholders.Channel]channelState{stakeholders.Email: {}}
	troubled := true // mail, unless it is configured and up
	for name, health := range a.worker.Health() {
		state := channelState{Configured: true, Up: health.Up, Error: health.Error}
		if !health.Up {
			state.DownSince = &health.Since
		}
		if name == stakeholders.Email {
			troubled = false
		}
		troubled = troubled || !health.Up
		states[name] = state
	}
	if !troubled {
		return states, nil
	}
	waiting, err := a.store.Unfinished(ctx)
	if err != nil {
		return nil, err
	}
	for name, state := range states {
		state.Waiting = waiting[string(name)]
		states[name] = state
	}
	return states, nil
}
