package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/internal/catcher"
	"github.com/allclear-status/allclear/internal/clock"
	"github.com/allclear-status/allclear/plainlanguage"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

//go:embed demo/stakeholders.yaml
var demoRegister string

type demoCommand struct {
	Listen string `name:"listen" env:"ALLCLEAR_LISTEN" default:"127.0.0.1:8080" help:"Address to listen on."`
}

// Run serves a made-up company from a temporary database until the context
// ends, and deletes it.
func (c *demoCommand) Run(ctx context.Context, io *streams) (err error) {
	folder, err := os.MkdirTemp("", "allclear-demo-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	mail, err := catcher.Start()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, mail.Close()) }()
	_, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return misuse{fmt.Errorf("--listen: %w", err)}
	}

	d := &demo{mail: mail, io: io, clock: &shiftedClock{}, base: "http://localhost:" + port}
	s := settings{database: database{DataDir: folder}, Listen: c.Listen, PublicURL: d.base, mailing: mailing{SMTPURL: []string{mail.URL()}, MailFrom: "Acme status <status@acme.example>"}}
	d.app, err = newApp(ctx, s, slog.New(slog.NewTextHandler(io.err, &slog.HandlerOptions{Level: slog.LevelWarn})), options{clock: d.clock, published: d.told, refused: d.refused})
	if err != nil {
		return err
	}
	if err := d.seed(ctx); err != nil {
		return errors.Join(err, d.app.close())
	}
	d.mailbox(d.app.site.App())
	d.shop(d.app.site.App())
	d.greet()
	return d.app.serve(ctx)
}

// demo is a server with a made-up company on it.
type demo struct {
	app   *app
	mail  *catcher.Catcher
	io    *streams
	clock *shiftedClock
	base  string

	page     status.Page
	token    string
	payments status.Component
	seeded   bool
	hinted   atomic.Bool
}

// shiftedClock is the system's clock, moved back while the demo's past is made.
type shiftedClock struct{ shift atomic.Int64 }

// Now is the shifted time.
func (c *shiftedClock) Now() time.Time {
	return clock.System{}.Now().Add(time.Duration(c.shift.Load()))
}

// seed makes the company: a page, components, a past incident, the register
// and a few subscribers.
func (d *demo) seed(ctx context.Context) error {
	p := d.app.publisher
	name := "Acme"
	var err error
	if d.page, err = p.SavePage(ctx, operator, publish.PagePatch{Name: &name}); err != nil {
		return err
	}
	search, err := d.seedComponents(ctx)
	if err != nil {
		return err
	}
	if err := d.seedPast(ctx, search); err != nil {
		return err
	}
	register := strings.ReplaceAll(demoRegister, "{{base}}", "http://"+d.app.listener.Addr().String())
	if _, err := p.ImportRegister(ctx, operator, publish.RegisterImport{Document: []byte(register), Format: stakeholders.YAML}); err != nil {
		return err
	}
	if err := p.SaveDefaultRoles(ctx, operator, publish.RoleChanges{
		stakeholders.CommunicationLead: {Name: "Lea Brandt", Email: "lea.brandt@acme.example"},
		stakeholders.IncidentManager:   {Name: "Mia Costa", Email: "mia.costa@acme.example"},
		stakeholders.Deputy:            {Name: "Dan Osei", Email: "dan.osei@acme.example"},
	}, nil); err != nil {
		return err
	}
	for _, s := range []publish.Subscription{
		{Address: "ana@customer.example", Confirmed: true}, {Address: "bo@customer.example", Confirmed: true},
		{Address: "cem@customer.example", Confirmed: true}, {Address: "priya@customer.example", Confirmed: true, Components: []string{search.ID}},
		{Address: "li@customer.example", Quiet: true},
	} {
		s.Channel, s.Basis = stakeholders.Email, "sample of the demo"
		if _, err := p.AddSubscriber(ctx, operator, s); err != nil {
			return err
		}
	}
	d.token, err = addToken(ctx, d.app.store, "demo", auth.ScopeAdmin)
	d.seeded = true
	return err
}

// seedComponents makes the groups and components, and returns the search.
func (d *demo) seedComponents(ctx context.Context) (search status.Component, err error) {
	p := d.app.publisher
	for _, g := range []struct {
		name       string
		components []string
	}{{"Shop", []string{"Website", "Search", "Checkout"}}, {"Payments", []string{"Card payments", "Bank transfer"}}} {
		group, err := p.AddGroup(ctx, operator, publish.GroupPatch{Name: &g.name})
		if err != nil {
			return search, err
		}
		for _, name := range g.components {
			c, err := p.AddComponent(ctx, operator, publish.ComponentPatch{Name: &name, GroupID: &group.ID})
			if err != nil {
				return search, err
			}
			switch name {
			case "Search":
				search = c
			case "Card payments":
				d.payments = c
			}
		}
	}
	mail := "Order emails"
	_, err = p.AddComponent(ctx, operator, publish.ComponentPatch{Name: &mail})
	return search, err
}

// seedPast makes an incident of three days ago that nobody is told about.
func (d *demo) seedPast(ctx context.Context, search status.Component) error {
	defer d.clock.shift.Store(0)
	at := func(ago time.Duration) { d.clock.shift.Store(int64(-ago)) }
	start := 3*24*time.Hour + 2*time.Hour
	state := func(s status.ComponentStatus) []status.ComponentState {
		return []status.ComponentState{{ComponentID: search.ID, Status: s}}
	}
	at(start)
	opened, err := d.app.publisher.OpenIncident(ctx, operator, status.Post{Name: "Search results are slow",
		Body: "Since 09:10 UTC search takes up to 20 seconds for about a third of visitors. Browsing by category works as usual.", Components: state(status.DegradedPerformance)})
	if err != nil {
		return err
	}
	for _, post := range []struct {
		after time.Duration
		post  status.Post
	}{
		{20 * time.Minute, status.Post{Status: status.Identified, Body: "We know why search is slow and are adding room. No estimate yet."}},
		{40 * time.Minute, status.Post{Status: status.Monitoring, Body: "Search answers at its usual speed again. We are watching it.", Components: state(status.Operational)}},
		{65 * time.Minute, status.Post{Status: status.Resolved, Body: "Search has worked normally for half an hour. Nothing was lost, and there is nothing you need to do."}},
	} {
		at(start - post.after)
		if _, err := d.app.publisher.PostUpdate(ctx, operator, opened.Incident.ID, post.post); err != nil {
			return err
		}
	}
	return nil
}

// greet prints what to open and what to paste.
func (d *demo) greet() {
	host := strings.TrimPrefix(d.base, "http://")
	d.print(`Demo. Nothing leaves this machine; Ctrl-C deletes everything.
  Page     %[1]s/
  Mailbox  %[1]s/demo/mailbox    (empty)
  Widget   %[1]s/demo/shop       (a shop that embeds it)
Open all three. Then break something:
  curl -sS %[2]s/v1/pages/%[3]s/incidents -H 'Authorization: Bearer %[4]s' \
   -d '{"incident":{"name":"Card payments fail","components":{"%[5]s":"major_outage"},
        "body":"Card payments fail for all customers since %[6]s UTC. Bank transfer works."}}'
`, d.base, host, d.page.ID, d.token, d.payments.ID, d.clock.Now().Add(-2*time.Minute).Format("15:04"))
}

// told prints, after each post, who is told and who is not.
func (d *demo) told(p publish.Published) {
	if !d.seeded {
		return
	}
	lines := []string{fmt.Sprintf("%s %s public after %d ms: page, widget, badge, feeds, API", d.clock.Now().Format("15:04:05"), p.Incident.Reference(), max(1, p.Took.Milliseconds()))}
	if words := countWords(p.Audience.Told, time.Time{}); words != "" {
		lines = append(lines, "         told      "+words)
	}
	if words := countWords(p.Audience.Waiting, d.clock.Now()); words != "" {
		lines = append(lines, "         waiting   "+words)
	}
	if words := d.silence(p); words != "" {
		lines = append(lines, "         not told  "+words)
	}
	if due := p.Incident.NextUpdateDueAt; !due.IsZero() {
		lines = append(lines, "         promised  next update by "+due.Format("15:04 UTC"))
	}
	d.print("%s\n", strings.Join(lines, "\n"))
	if p.Incident.Open() && d.hinted.CompareAndSwap(false, true) {
		d.hint(p.Incident)
	}
}

// hint prints, once, what to try next, and how to end what was begun.
func (d *demo) hint(i status.Incident) {
	post := fmt.Sprintf("curl -sS -X PATCH %s/v1/pages/%s/incidents/%s -H 'Authorization: Bearer %s'",
		strings.TrimPrefix(d.base, "http://"), d.page.ID, i.Reference(), d.token)
	d.print(`Next, try to publish jargon:
  %[1]s \
   -d '{"incident":{"body":"db-prod-03 failover, fix any minute"}}'
Then ask why somebody was not told:
  ALLCLEAR_URL=%[2]s ALLCLEAR_TOKEN=%[3]s go run ./cmd/allclear why --incident %[4]s --person priya
And when it is over:
  %[1]s \
   -d '{"incident":{"status":"resolved","components":{"%[5]s":"operational"},"body":"Card payments work again. Nobody was charged twice."}}'
`, post, d.base, d.token, i.Reference(), d.payments.ID)
}

// refused prints what the check did not let through, and why.
func (d *demo) refused(texts map[string]string, findings []plainlanguage.Finding) {
	var lines strings.Builder
	lines.WriteString("422 Not published.\n")
	if err := printFindings(&lines, texts, findings); err == nil {
		d.print("%s", lines.String())
	}
}

// silence says who is not told, and why.
func (d *demo) silence(p publish.Published) string {
	if p.NoticeID == 0 {
		return ""
	}
	silent, err := d.app.publisher.WhoIsNotTold(context.Background(), p.NoticeID)
	if err != nil {
		d.app.log.Error("who is not told", "error", err)
		return ""
	}
	var words []string
	for _, n := range silent {
		who, _, _ := strings.Cut(n.Who, "@")
		words = append(words, who+": "+n.Reason)
	}
	return strings.Join(words, " · ")
}

// countWords puts counts into a line: "manage_closely 2 email 2 chat · …".
func countWords(counts []publish.Count, now time.Time) string {
	var parts []string
	var last stakeholders.Quadrant
	for _, c := range counts {
		words := fmt.Sprintf("%d %s", c.N, c.Channel.Class().Label())
		if !now.IsZero() {
			words += fmt.Sprintf(" (%d min)", int(c.DueAt.Sub(now).Round(time.Minute).Minutes()))
		}
		if c.Quadrant == last {
			parts[len(parts)-1] += " " + words
			continue
		}
		last = c.Quadrant
		parts = append(parts, string(c.Quadrant)+" "+words)
	}
	return strings.Join(parts, " · ")
}

func (d *demo) print(format string, args ...any) {
	_, _ = fmt.Fprintf(d.io.out, format, args...) // a closed terminal ends nothing
}
