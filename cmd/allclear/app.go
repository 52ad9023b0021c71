package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/allclear-status/allclear/api"
	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/internal/clock"
	"github.com/allclear-status/allclear/internal/filelock"
	"github.com/allclear-status/allclear/internal/safehttp"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/notify/chat"
	"github.com/allclear-status/allclear/notify/discord"
	"github.com/allclear-status/allclear/notify/email"
	"github.com/allclear-status/allclear/notify/googlechat"
	"github.com/allclear-status/allclear/notify/mattermost"
	"github.com/allclear-status/allclear/notify/slack"
	"github.com/allclear-status/allclear/notify/teams"
	"github.com/allclear-status/allclear/notify/webhook"
	"github.com/allclear-status/allclear/plainlanguage"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/web"
)

// app is a whole server, put together.
type app struct {
	settings settings
	public   *url.URL
	webhooks safehttp.Guard // where they may lead
	proxies  []netip.Prefix // that are believed
	log      *slog.Logger

	lock      *filelock.Lock
	store     *store.Store
	key       *auth.Key
	publisher *publish.Publisher
	site      *web.Site
	worker    *notify.Worker
	keeper    *publish.Timekeeper
	metrics   *metrics
	listener  net.Listener
	// insiders is where those who run the server ask; nil: there is no such door.
	insiders net.Listener
}

// options are what the demo does differently.
type options struct {
	clock     clock.Clock
	published func(publish.Published)
	refused   func(texts map[string]string, findings []plainlanguage.Finding)
}

// shutdownPatience bounds how long open requests may take at the end.
const shutdownPatience = 10 * time.Second

// requestTimeout bounds one managing request.
const requestTimeout = 20 * time.Second

// newApp opens everything a server needs; nothing runs yet. On an error
// everything is closed again.
func newApp(ctx context.Context, s settings, log *slog.Logger, o options) (a *app, err error) {
	a = &app{settings: s, log: log}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.close())
		}
	}()
	if a.public, err = s.publicURL(); err != nil {
		return a, err
	}
	if a.webhooks, err = safehttp.ParseGuard(s.WebhookAllow); err != nil {
		return a, misuse{fmt.Errorf("--webhook-allow: %w", err)}
	}
	if a.proxies, err = s.trustedProxies(); err != nil {
		return a, err
	}
	if s.KeepDeliveries < 0 {
		return a, misuse{fmt.Errorf("--keep-deliveries: %d days is not possible; give 0 to keep them for ever", s.KeepDeliveries)}
	}
	channels, err := s.channels(a.public, a.webhooks)
	if err != nil {
		return a, err
	}
	if a.key, err = s.key(); err != nil {
		return a, err
	}
	if err = a.lockFile(); err != nil {
		return a, err
	}
	if a.store, err = store.Open(ctx, store.Config{URL: s.url(), Key: a.key, Clock: o.clock, CheckOnly: s.NoMigrate}); err != nil {
		return a, err
	}
	if a.lock != nil { // nobody else serves this database
		if err = a.store.TakeOverLeases(ctx); err != nil {
			return a, err
		}
	}
	if a.listener, err = net.Listen("tcp", s.Listen); err != nil {
		return a, fmt.Errorf("--listen %s: %w; choose another address, such as 127.0.0.1:8081", s.Listen, plainListen(err))
	}
	if s.OperationsListen != "" {
		if a.insiders, err = net.Listen("tcp", s.OperationsListen); err != nil {
			return a, fmt.Errorf("--operations-listen %s: %w; choose another address, such as 127.0.0.1:9080", s.OperationsListen, plainListen(err))
		}
	}
	a.assemble(channels, o)
	if err = a.store.InTx(ctx, func(tx *store.Tx) error { return tx.SaveConfiguredChannels(ctx, slices.Sorted(maps.Keys(channels))) }); err != nil {
		return a, err
	}
	if err = a.publisher.StartRetention(ctx); err != nil {
		return a, err
	}
	return a, a.site.Refresh(ctx, 0)
}

// plainListen takes the repetition out of the network library's words.
func plainListen(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

// lockFile keeps a second server off one SQLite database.
func (a *app) lockFile() (err error) {
	path, ok := a.settings.sqlitePath()
	if !ok {
		return nil
	}
	if err := makeFolder(filepath.Dir(path)); err != nil {
		return err
	}
	a.lock, err = filelock.Try(path + ".serve.lock")
	if errors.Is(err, filelock.ErrHeld) {
		return fmt.Errorf("another allclear serves the database %s already; stop it first, or use PostgreSQL for several servers", path)
	}
	return err
}

// channels are the ways of sending that the settings allow.
func (s settings) channels(public *url.URL, guard safehttp.Guard) (map[stakeholders.Channel]notify.Route, error) {
	cfg := chat.Config{Guard: guard}
	routes := map[stakeholders.Channel]notify.Route{
		stakeholders.Slack:      {Channel: slack.New(cfg), Sessions: 4, Extra: 16, Retry: notify.ChatRetry()},
		stakeholders.Discord:    {Channel: discord.New(cfg), Sessions: 2, Extra: 16, Retry: notify.ChatRetry()},
		stakeholders.Teams:      {Channel: teams.New(cfg), Sessions: 2, Extra: 16, Retry: notify.ChatRetry()},
		stakeholders.GoogleChat: {Channel: googlechat.New(cfg), Sessions: 2, Extra: 16, Retry: notify.ChatRetry()},
		stakeholders.Mattermost: {Channel: mattermost.New(cfg), Sessions: 2, Extra: 16, Retry: notify.ChatRetry()},
	}
	mailer, err := s.mailing.channel(public)
	if err != nil {
		return nil, err
	}
	if mailer != nil {
		routes[stakeholders.Email] = notify.Route{Channel: mailer, Sessions: mailer.Sessions(), OneByOne: true}
	}
	return routes, nil
}

// assemble wires the rooms together.
func (a *app) assemble(channels map[stakeholders.Channel]notify.Route, o options) {
	public := strings.TrimRight(a.settings.PublicURL, "/")
	a.publisher = publish.New(a.store, publish.Config{
		PublicURL: public, Key: a.key, PublicAddresses: a.publicAddresses(), Log: a.log, Published: o.published, Refused: o.refused,
		Guard: a.webhooks, KeepDeliveries: time.Duration(a.settings.KeepDeliveries) * 24 * time.Hour, ReturnPath: a.settings.MailReturnPath,
		Refresh: func(ctx context.Context, version int64) error { return a.site.Refresh(ctx, version) },
		Wake:    func() { a.worker.Wake(); a.keeper.Wake() },
		Previews: map[stakeholders.Channel]notify.Previewer{
			stakeholders.Email: email.Preview, stakeholders.Slack: slack.Preview, stakeholders.Discord: chat.Preview,
			stakeholders.Teams: chat.Preview, stakeholders.GoogleChat: chat.Preview, stakeholders.Mattermost: chat.Preview,
		},
	})
	a.site = web.New(web.Options{
		Load: a.publisher.Record, LoadIncident: a.publisher.PublicIncident, LoadMonths: a.store.PublicIncidentsBetween, PollVersion: a.store.PageVersion,
		LeaveInfo: a.publisher.LeaveInfo, Leave: a.publisher.Leave,
		RoleLinks: a.publisher, Subscriptions: a.publisher, Subscribing: a.settings.relays() != "", TrustedProxies: a.proxies, Now: a.store.Now, Log: a.log,
	})
	channels[stakeholders.Webhook] = notify.Route{Channel: webhook.New(webhook.Config{Payload: a.payload, Guard: a.webhooks}), Sessions: 4, Extra: 60}
	a.metrics = newMetrics(a)
	for name := range channels {
		a.metrics.known(name)
	}
	a.worker = notify.NewWorker(notify.Config{
		Outbox: a.store, Channels: channels, Personal: a.personal, Now: a.store.Now, Log: a.log, Settings: notify.DefaultSettings(), Observer: a.metrics,
	})
	a.keeper = a.publisher.Timekeeper()
	a.operations(a.site.App(), false)
	main := a.site.App().Server()
	main.Handler = a.metrics.count(main.Handler)
	a.site.App().Mount("/v1", api.New(api.Options{
		Publisher: a.publisher, Store: a.store, Log: a.log, Timeout: requestTimeout,
	}))
}

// publicAddresses are what texts may name: our own host and sender.
func (a *app) publicAddresses() []string {
	addresses := []string{a.public.Hostname()}
	if from, err := mail.ParseAddress(a.settings.mailFrom(a.public)); err == nil {
		_, domain, _ := strings.Cut(from.Address, "@")
		addresses = append(addresses, from.Address, domain)
	}
	return addresses
}

// personal makes what only one recipient's message carries.
func (a *app) personal(t notify.Text, o notify.Outgoing) notify.Recipient {
	name := a.key.Name(string(o.Channel), o.Address)
	r := notify.Recipient{
		Address:    o.Address,
		MessageID:  fmt.Sprintf("%d.%s@%s", o.NoticeID, name, a.public.Hostname()),
		ReturnPath: a.publisher.ReturnPath(o.Key),
		LeaveURL:   a.publisher.LeaveLink(o.Channel, o.Address),
		Why:        notify.Why(t, o),
		Ask:        notify.Ask(t, o),
	}
	if o.IncidentID != "" {
		r.ThreadID = fmt.Sprintf("%s.%s@%s", o.IncidentID, name, a.public.Hostname())
	}
	if link, ok := a.publisher.RoleLink(o.Person, o.CreatedAt); ok {
		r.ActURL, r.LeaveURL = link, "" // a duty is handed over, not unsubscribed from
	}
	if id, ok := strings.CutPrefix(o.Person, string(stakeholders.FromSubscription)+":"); ok {
		r.Stranger = true
		a.subscriberLinks(&r, o, id)
	}
	if o.Channel == stakeholders.Webhook {
		r.SigningKey = a.key.SigningKey(o.Address)
	}
	if o.Endpoint != "" {
		r.Address = o.Endpoint
	}
	return r
}

// subscriberLinks adds what only a subscriber's message carries. Who is only
// asked to confirm gets nothing yet that could be stopped or changed.
func (a *app) subscriberLinks(r *notify.Recipient, o notify.Outgoing, id string) {
	switch o.Event {
	case stakeholders.SubscriptionConfirm:
		r.ActURL, r.LeaveURL = a.publisher.ConfirmLink(id, o.CreatedAt), ""
	case stakeholders.SubscriptionQuarantined:
		r.ActURL, r.LeaveURL = a.publisher.ReactivateLink(id, o.CreatedAt), ""
	case stakeholders.SubscriptionKnown:
		r.ActURL = a.publisher.PreferencesLink(id)
	default:
		r.PreferencesURL = a.publisher.PreferencesLink(id)
	}
}

// serve runs everything until the context ends, then stops in order: doors,
// sender and timekeeper, database.
func (a *app) serve(ctx context.Context) error {
	var running sync.WaitGroup
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	running.Go(func() { a.worker.Run(background) })
	running.Go(func() { a.keeper.Run(background) })
	running.Go(func() { a.site.Run(background) })
	endInside := a.serveInsiders()
	if dir := a.settings.BounceMaildir; dir != "" {
		running.Go(func() { bounceBox{dir, a.log, a.publisher.Bounce}.run(background) })
	}
	served := make(chan error, 1)
	go func() { served <- a.site.App().Listener(a.listener) }()

	var err error
	select {
	case <-ctx.Done():
		err = a.site.App().ShutdownWithTimeout(shutdownPatience)
		if errors.Is(err, context.DeadlineExceeded) {
			err = nil // those requests were cut off; nothing they did is half done
		}
	case err = <-served:
	}
	stop()
	running.Wait()
	return errors.Join(err, endInside(), a.close())
}

// close gives everything back.
func (a *app) close() error {
	var errs []error
	for _, listener := range []net.Listener{a.listener, a.insiders} {
		if listener == nil {
			continue
		}
		if err := listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	if a.store != nil {
		errs = append(errs, a.store.Close())
	}
	if a.lock != nil {
		errs = append(errs, a.lock.Release())
	}
	return errors.Join(errs...)
}
