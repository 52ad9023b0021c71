package web

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/auth"
	manual "github.com/allclear-status/allclear/internal/clock"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/store/storetest"
)

func TestALinkInAReminderPostsInOneConfirmedStep(t *testing.T) {
	storetest.EachClock(t, func(t *testing.T, s *store.Store, c *manual.Manual) {
		ctx, by := t.Context(), auth.Actor{Kind: "command", Name: "test", Scope: auth.ScopeAdmin}
		var site *Site
		p := publish.New(s, publish.Config{PublicURL: "https://status.acme.example", Key: storetest.Key(t), Log: slog.New(slog.DiscardHandler),
			Refresh: func(ctx context.Context, version int64) error { return site.Refresh(ctx, version) }})
		site = New(Options{Load: p.Record, RoleLinks: p, Now: s.Now, Log: slog.New(slog.DiscardHandler)})
		if err := site.Refresh(ctx, 0); err != nil {
			t.Fatal(err)
		}
		if err := p.SaveDefaultRoles(ctx, by, publish.RoleChanges{stakeholders.CommunicationLead: {Field: "role", Name: "Lea <Brandt>", Email: "lea@acme.example"}}, nil); err != nil {
			t.Fatal(err)
		}
		impact := status.ImpactCritical
		opened, err := p.OpenIncident(ctx, by, status.Post{Name: "Card payments fail", Body: "Card payments fail for all customers.", ImpactOverride: &impact})
		if err != nil {
			t.Fatal(err)
		}
		c.Advance(11 * time.Minute)
		for keeper := p.Timekeeper(); keeper.Step(ctx); {
		}
		ledger, err := s.Deliveries(ctx, store.LedgerFilter{Limit: 1})
		if err != nil || len(ledger) != 1 {
			t.Fatal(ledger, err)
		}
		link, _ := p.RoleLink(ledger[0].Person, ledger[0].CreatedAt)
		path := strings.TrimPrefix(link, "https://status.acme.example")

		version := site.Version()
		for _, method := range []string{"GET", "HEAD", "GET"} {
			code, body, header := get(t, site, method, path)
			if code != 200 || header("Cache-Control") != "no-store" || !strings.Contains(header("X-Robots-Tag"), "noindex") {
				t.Fatalf("%s answers %d", method, code)
			}
			if method == "HEAD" {
				continue
			}
			for _, want := range []string{"We are still looking for the cause. There is no news yet.", "For Lea &lt;Brandt&gt;, communication lead.", "The next update is due at 10:59 UTC.",
				`value="" checked`, "as usual, in 15 minutes", `value="30"`, `value="60"`, "Post it now", "/incidents/" + opened.Incident.ID} {
				if !strings.Contains(body, want) {
					t.Errorf("the page has no %q", want)
				}
			}
		}
		if site.Version() != version {
			t.Fatal("looking at it changed the page")
		}
		if code, _, _ := send(t, site, path, url.Values{"next": {"30"}}, "Sec-Fetch-Site", "cross-site"); code != 403 {
			t.Errorf("from another site: %d", code)
		}
		if code, body, _ := send(t, site, path, url.Values{"next": {"7"}}); code != 200 || !strings.Contains(body, "Post it now") {
			t.Errorf("a time that is not offered: %d", code)
		}
		if code, body, _ := send(t, site, path, url.Values{"next": {"30"}}, "Sec-Fetch-Site", "same-origin"); code != 200 || !strings.Contains(body, "It is on the page") || !strings.Contains(body, "11:25 UTC") {
			t.Errorf("pressed: %d %s", code, body)
		}
		if _, body, _ := get(t, site, "GET", "/incidents/"+opened.Incident.ID); !strings.Contains(body, "Next update by 11:25 UTC.") {
			t.Error("it is not on the incident's page")
		}
		for _, again := range []func() (int, string, func(string) string){
			func() (int, string, func(string) string) { return get(t, site, "GET", path) },
			func() (int, string, func(string) string) { return send(t, site, path, nil) },
		} {
			if code, body, _ := again(); code != 410 || !strings.Contains(body, "This link was used already") {
				t.Errorf("again: %d", code)
			}
		}
		if code, body, _ := get(t, site, "GET", path[:len(path)-3]); code != 404 || !strings.Contains(body, "all of it") {
			t.Errorf("cut short: %d", code)
		}
	})
}

// links answer as they are told.
type links struct{ err error }

func (l links) RoleLinkInfo(context.Context, string) (publish.StillWorking, error) {
	return publish.StillWorking{}, l.err
}

func (l links) SayStillWorking(context.Context, string, time.Duration) (publish.Published, error) {
	return publish.Published{}, l.err
}

func TestALinkThatDoesNothingSaysWhatToDo(t *testing.T) {
	for _, c := range []struct {
		err  error
		code int
		want string
	}{
		{publish.ErrUsed, 410, "The next reminder has a new link"}, {publish.ErrOutdated, 410, "see how things are"},
		{publish.ErrExpired, 410, "people still wait for it"}, {status.ErrNotFound, 404, "all of it"}, {errors.New("database away"), 500, "in a minute"},
	} {
		site := newBench(t, calmRecord(), func(o *Options) { o.RoleLinks = links{c.err} }).Site
		if code, body, _ := get(t, site, "GET", "/remind/x"); code != c.code || !strings.Contains(body, c.want) {
			t.Errorf("%v: reading answers %d", c.err, code)
		}
		if code, body, _ := send(t, site, "/remind/x", nil); code != c.code || !strings.Contains(body, c.want) {
			t.Errorf("%v: pressing answers %d", c.err, code)
		}
	}
}
