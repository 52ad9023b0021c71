package torture

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/notify/email"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// office is the sending half of a server, within the test: everything is as in
// a server but the times, which are short.
type office struct {
	*company
	worker   *notify.Worker
	incident status.Incident
	stop     func()
}

func newOffice(c *company, mailURL string, trust *tls.Config) *office {
	c.t.Helper()
	began := time.Now()
	channel, err := email.New(email.Config{URL: mailURL, From: "status@acme.example", Timeout: 400 * time.Millisecond, TLSConfig: trust,
		Now: func() time.Time { return began.Add(100 * time.Since(began)) }}) // a server that was overrun is trusted again soon
	if err != nil {
		c.t.Fatal(err)
	}
	settings := notify.DefaultSettings()
	settings.Poll, settings.Slice = 20*time.Millisecond, 20
	settings.Retry = notify.Retry{First: 50 * time.Millisecond, Most: 500 * time.Millisecond, Jitter: 0.2, MaxAge: time.Hour}
	o := &office{company: c}
	o.worker = notify.NewWorker(notify.Config{Outbox: c.store, Now: c.store.Now, Settings: settings, Log: slog.New(slog.DiscardHandler),
		Channels: map[stakeholders.Channel]notify.Route{stakeholders.Email: {Channel: channel, Sessions: channel.Sessions()}},
		Personal: func(_ notify.Text, o notify.Outgoing) notify.Recipient {
			return notify.Recipient{Address: o.Address, LeaveURL: "http://status.acme.example/leave",
				MessageID: fmt.Sprintf("%d.%x@status.acme.example", o.NoticeID, sha256.Sum256([]byte(o.Address)))}
		}})
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { o.worker.Run(ctx) })
	o.stop = sync.OnceFunc(func() { cancel(); running.Wait() })
	c.t.Cleanup(o.stop)
	return o
}

// opens begins an incident.
func (o *office) opens() (incident string) {
	o.t.Helper()
	o.tell(stakeholders.Opened, status.Investigating)
	return o.incident.ID
}

func (o *office) updates() { o.tell(stakeholders.Updated, status.Investigating) }

func (o *office) resolves() { o.tell(stakeholders.Resolved, status.Resolved) }

// tell puts one notice into the outbox, with the incident as it is then.
func (o *office) tell(event stakeholders.Event, state status.IncidentStatus) {
	o.t.Helper()
	ctx := o.t.Context()
	if err := o.store.InTx(ctx, func(tx *store.Tx) error {
		if _, err := tx.BumpPage(ctx); err != nil {
			return err
		}
		if event == stakeholders.Opened {
			number, err := tx.NextIncidentNumber(ctx)
			if err != nil {
				return err
			}
			o.incident = status.Incident{ID: store.NewID(), Number: number, Name: "Card payments fail", Metadata: "{}", CreatedAt: tx.Now(),
				Impact: status.ImpactCritical, HighestImpact: status.ImpactCritical}
		}
		o.incident.Status, o.incident.UpdatedAt = state, tx.Now()
		if err := tx.SaveIncident(ctx, o.incident); err != nil {
			return err
		}
		policy, err := tx.Policy(ctx)
		if err != nil {
			return err
		}
		_, err = tx.Enqueue(ctx, notify.Notice{IncidentID: o.incident.ID, PolicyVersion: policy.Version, Priority: notify.Priority(status.ImpactCritical),
			Occasion: stakeholders.Occasion{Event: event, Impact: status.ImpactCritical, ImpactBefore: status.ImpactCritical, Highest: status.ImpactCritical},
			Content: notify.Content{Event: event, Language: "en", Status: state, PostedAt: tx.Now(), Title: o.incident.Name,
				Body: "Card payments fail for all customers. Bank transfer works."}})
		return err
	}); err != nil {
		o.t.Fatal(err)
	}
	o.worker.Wake()
}
