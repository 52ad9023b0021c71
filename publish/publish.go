// Package publish holds the acts that people are told about: open an incident,
// post an update, resolve, change a component, subscribe, leave. Each is one
// transaction: the record changes, the page's version rises, the audit log
// says who did it, and one notice with the inputs of its audience rule goes
// into the outbox. Nothing is sent here, and nothing outside that transaction
// is queued.
package publish

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/internal/safehttp"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/plainlanguage"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// Publisher performs the acts.
type Publisher struct {
	store    *store.Store
	config   Config
	override string      // see Overriding
	hand     *Hand       // see Addressing
	roles    RoleChanges // see HandingOver
	meter    *meter
	portion  *portion // of what is removed for its age
}

// Config is what the acts need besides the store.
type Config struct {
	PublicURL string // of the page, without a trailing slash
	Key       *auth.Key
	// ReturnPath is the address for reports of failed delivery, of which each
	// message gets one of its own; empty: they go to the sender.
	ReturnPath string
	// PublicAddresses are the company's own public addresses, phone numbers
	// and domains, which texts may name.
	PublicAddresses []string
	// Guard is where webhooks may lead besides the public internet.
	Guard safehttp.Guard
	// Refresh is called after a commit and returns once the page that visitors
	// see is at that version or later. Nil: nobody shows the page.
	Refresh func(ctx context.Context, version int64) error
	// Wake tells the sender that something was committed. Nil: nobody sends
	// from here.
	Wake func()
	// Previews render texts without sending them, by channel.
	Previews map[stakeholders.Channel]notify.Previewer
	// Published is called after each incident post, when it is public.
	Published func(Published)
	// Refused is called after each incident post that the plain-language check
	// did not let through, with the texts by the field names of the findings;
	// what is meant for some readers only is left out.
	Refused func(texts map[string]string, findings []plainlanguage.Finding)
	// KeepDeliveries is how long the ledger keeps them after what they are about
	// is over; 0: for ever.
	KeepDeliveries time.Duration
	Log            *slog.Logger
}

// New makes a Publisher.
func New(s *store.Store, c Config) *Publisher {
	return &Publisher{store: s, config: c, meter: &meter{looks: map[int64][]look{}}, portion: newPortion()}
}

// Refused is a text that the plain-language check does not let through.
// Nothing was stored.
type Refused struct {
	Findings []plainlanguage.Finding
	// Stopping are those of the findings for which it was refused.
	Stopping []plainlanguage.Finding
}

// Error says what was found, without repeating it.
func (e *Refused) Error() string {
	rules := make([]string, len(e.Stopping))
	for i, f := range e.Stopping {
		rules[i] = fmt.Sprintf("%s in %s", f.Rule, f.Field)
	}
	return "not published: " + strings.Join(rules, ", ")
}

// done makes a committed change visible: the page first, then the messages.
// The change is on disk already, so a page that cannot be refreshed now is
// logged and caught up later; it fails nothing.
func (p *Publisher) done(ctx context.Context, version int64) {
	if p.config.Wake != nil {
		waker := time.AfterFunc(wakePatience, p.config.Wake)
		defer func() {
			if waker.Stop() {
				p.config.Wake()
			}
		}()
	}
	if p.config.Refresh == nil {
		return
	}
	if err := p.config.Refresh(context.WithoutCancel(ctx), version); err != nil {
		p.config.Log.Error("refresh page", "version", version, "error", err)
	}
}

// wakePatience is how long messages wait for the page, whose making they would
// hold up: it takes a few milliseconds, unless the database is away.
const wakePatience = 20 * time.Millisecond

// woken tells the sender that an act put something into the outbox, and hands
// the act's error on.
func (p *Publisher) woken(err error) error {
	if err == nil && p.config.Wake != nil {
		p.config.Wake()
	}
	return err
}

// Page reads the page as its readers know it.
func (p *Publisher) Page(ctx context.Context) (status.Page, error) {
	page, err := p.store.Page(ctx)
	page.URL = p.config.PublicURL
	return page, err
}

// Record reads the public record.
func (p *Publisher) Record(ctx context.Context) (status.Record, error) {
	record, err := p.store.PublicRecord(ctx)
	record.Page.URL = p.config.PublicURL
	return record, err
}

// PublicIncident reads one incident as readers may see it; a draft is not
// found.
func (p *Publisher) PublicIncident(ctx context.Context, id string) (status.Incident, error) {
	i, err := p.store.Incident(ctx, id)
	if err == nil && !i.Public() {
		return status.Incident{}, fmt.Errorf("read incident: %w", status.ErrNotFound)
	}
	return i, err
}

// within runs an act that the public can see: the page's version rises first,
// which also puts such acts one after another.
func (p *Publisher) within(ctx context.Context, act func(tx *store.Tx, page status.Page) error) (status.Page, error) {
	var page status.Page
	err := p.store.InTx(ctx, func(tx *store.Tx) (err error) {
		if page, err = tx.BumpPage(ctx); err != nil {
			return err
		}
		page.URL = p.config.PublicURL
		return act(tx, page)
	})
	if err != nil {
		return page, err
	}
	p.done(ctx, page.Version)
	return page, nil
}
