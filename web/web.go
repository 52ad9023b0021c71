package web

import (
	"context"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/allclear-status/allclear/status"
	"github.com/gofiber/fiber/v2"
)

// Options is what the public door is given. Load is required.
type Options struct {
	// Load reads the public record from the database. It is called only when
	// a snapshot is built, never to answer a visitor.
	Load func(ctx context.Context) (status.Record, error)
	// LoadIncident reads one incident that is too old to be in the record;
	// status.ErrNotFound when there is none. Nil: the record is all there is.
	LoadIncident func(ctx context.Context, id string) (status.Incident, error)
	// LoadMonths reads the public incidents that began from from until before
	// to, for months that are too old to be whole in the record. Nil: the
	// record is all there is.
	LoadMonths func(ctx context.Context, from, to time.Time) ([]status.Incident, error)
	// PollVersion reads the page's version, so that the writes of other
	// processes are seen too. Nil: only Refresh brings news.
	PollVersion func(ctx context.Context) (int64, error)
	// PollEvery is how often Run looks; 500 ms when zero.
	PollEvery time.Duration

	// LeaveInfo says whom an unsubscribe link is for, fit to show ("p…@example.com"),
	// without changing anything; status.ErrNotFound for a link we did not make.
	LeaveInfo func(ctx context.Context, token string) (shown string, err error)
	// Leave takes the person behind an unsubscribe link off; oneClick when a
	// mail program did it by RFC 8058. Nil: there are no such pages.
	Leave func(ctx context.Context, token string, oneClick bool) error

	// Subscriptions are the acts of those who want mail. Nil: there are no such
	// pages.
	Subscriptions Subscriptions
	// Subscribing offers it: the page has the form, and new wishes are taken.
	Subscribing bool
	// TrustedProxies are the networks of the proxies before this server, which
	// say truly whom they ask for. None: nobody is believed.
	TrustedProxies []netip.Prefix

	// RoleLinks are the acts of those who are reminded of an update. Nil: there
	// are no such pages.
	RoleLinks RoleLinks

	Now     func() time.Time // time.Now when nil
	Log     *slog.Logger     // slog.Default() when nil
	Contact string           // an address or URL shown in the footer; empty: none
}

// withDefaults fills in what may be left out.
func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.PollEvery <= 0 {
		o.PollEvery = 500 * time.Millisecond
	}
	return o
}

// Site is the public door.
type Site struct {
	options Options
	app     *fiber.App
	views   *views
	assets  *assets
	press   *press
	others  map[string]maker // what has a fixed address and is made on demand

	current  atomic.Pointer[Snapshot]
	swapping sync.Mutex // held to compare and swap current
	builds   builds
	tail     chan struct{} // bounds the reads of old incidents
}

// New makes the public door. Nothing is read and nothing runs until Refresh or
// Run; until there is a snapshot, every page answers 503.
func New(options Options) *Site {
	press := newPress()
	s := &Site{
		options: options.withDefaults(),
		press:   press,
		assets:  newAssets(press),
		tail:    make(chan struct{}, tailReads),
	}
	s.views = newViews()
	s.others = s.otherMakers()
	s.app = s.newApp()
	return s
}

// App is the outermost app of the server: other doors are mounted on it.
func (s *Site) App() *fiber.App { return s.app }

// newApp makes the app and lists its routes.
func (s *Site) newApp() *fiber.App {
	app := fiber.New(fiber.Config{
		AppName:               "allclear",
		Immutable:             true, // strings handed out stay what they were
		CaseSensitive:         true,
		BodyLimit:             1 << 20,
		ReadTimeout:           15 * time.Second,
		IdleTimeout:           75 * time.Second,
		WriteBufferSize:       16 << 10, // a whole compressed page leaves in one write
		ReduceMemoryUsage:     true,     // or every idle connection keeps that buffer
		DisableStartupMessage: true,
		ErrorHandler:          s.answerError,
	})
	app.Use(guard)

	app.Get("/", s.serve("/"))
	app.Get("/embed/script.js", s.serveOther("/embed/script.js"))
	app.Get("/embed/frame", s.serve("/embed/frame"))
	app.Get("/badge.svg", s.badge)
	app.Get("/badge.json", s.badgeShield)
	app.Get("/badge/promises.svg", s.serve("/badge/promises.svg"))
	app.Get("/badge/promises.json", s.serve("/badge/promises.json"))
	app.Get("/history", s.history)
	app.Get("/history.json", s.history)
	for _, path := range []string{"/history.rss", "/history.atom", "/feed.json", "/updates.rss", "/updates.atom", "/updates.json", "/calendar.ics"} {
		app.Get(path, s.serveOther(path))
	}
	app.Get("/incidents/:id", s.incident)

	read := app.Group("/api/v2")
	for _, path := range []string{"/summary.json", "/status.json"} {
		read.Get(path, s.serve("/api/v2"+path)).Options(path, preflight)
	}
	for _, path := range []string{"/components.json", "/incidents.json", "/incidents/unresolved.json", "/scheduled-maintenances.json", "/scheduled-maintenances/upcoming.json", "/scheduled-maintenances/active.json"} {
		read.Get(path, s.serveOther("/api/v2"+path)).Options(path, preflight)
	}

	app.Get("/static/:name", s.static)
	app.Get("/favicon.svg", s.static)
	app.Get("/robots.txt", s.serve("/robots.txt"))

	if s.options.Leave != nil {
		app.Get("/unsubscribe/:token", s.leaveAsk)
		app.Post("/unsubscribe/:token", s.leave)
	}
	if s.options.Subscriptions != nil {
		if s.options.Subscribing {
			app.Get("/subscribe", s.subscribePage)
			app.Post("/subscribe", s.subscribe)
			app.Get("/subscribe/sent", s.subscribeSent)
			app.Get("/subscribe/posted", s.subscribePosted)
		}
		app.Get("/subscribe/confirm/:token", s.confirmAsk)
		app.Post("/subscribe/confirm/:token", s.confirm)
		app.Get("/subscribe/preferences/:token", s.preferences)
		app.Post("/subscribe/preferences/:token", s.savePreferences)
	}
	if s.options.RoleLinks != nil {
		app.Get("/remind/:token", s.remindAsk)
		app.Post("/remind/:token", s.remind)
	}
	return app
}

// preflight lets scripts of other sites ask the read interface with headers of
// their own, such as If-None-Match.
func preflight(c *fiber.Ctx) error {
	c.Set(fiber.HeaderAccessControlAllowOrigin, "*")
	c.Set(fiber.HeaderAccessControlAllowMethods, "GET, HEAD")
	c.Set(fiber.HeaderAccessControlAllowHeaders, "*")
	c.Set(fiber.HeaderAccessControlMaxAge, "86400")
	return c.SendStatus(fiber.StatusNoContent)
}

// guard stands before everything, the mounted doors too. It refuses every
// request whose body is compressed: Fiber would inflate it without a limit, and
// nobody who posts here needs to compress. And it turns a panic into an error,
// which would otherwise end the process.
func guard(c *fiber.Ctx) (err error) {
	encoding := c.Request().Header.ContentEncoding()
	if len(encoding) != 0 && !equalFold(encoding, "identity") {
		return fiber.ErrUnsupportedMediaType
	}
	defer recovered(&err)
	return c.Next()
}
