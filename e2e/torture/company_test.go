package torture

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/internal/pgcluster"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/store/storetest"
)

var (
	long   = flag.Bool("long", false, "also what takes long")
	rounds = flag.Int("rounds", 1, "how many times a server is killed on each database")
	seed   = flag.Uint64("seed", 0, "of the moments at which it is killed; 0: by the time")
	people = flag.Int("people", 2000, "how many are told")
)

// company is a database with people to tell, and who looks at its ledger.
type company struct {
	t         *testing.T
	url       string
	store     *store.Store
	token     string
	page      string
	component string
	everybody []string
	faults    int
	refused   map[string]bool // by the mail server, for good
}

// eachDatabase runs a test on a new database of each kind.
func eachDatabase(t *testing.T, test func(t *testing.T, url string)) {
	t.Run("sqlite", func(t *testing.T) { test(t, storetest.SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, storetest.Postgres(t)) })
}

// ownPostgres is a database on a PostgreSQL that the test may ill-treat.
func ownPostgres(t *testing.T) (cluster *pgcluster.Cluster, url string) {
	t.Helper()
	cluster, err := pgcluster.Start(pgcluster.Options{})
	pgcluster.RequireInstalled(t, err)
	t.Cleanup(func() { _ = cluster.Stop() })
	if err := cluster.CreateDatabase("allclear"); err != nil {
		t.Fatal(err)
	}
	return cluster, cluster.DSN("allclear")
}

// newCompany fills a database: one component, and people of whom every second
// asked for every update.
func newCompany(t *testing.T, url string, n int) *company {
	t.Helper()
	c := &company{t: t, url: url, store: storetest.Open(t, url, nil), token: auth.NewTokenSecret()}
	page, err := c.store.Page(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c.page = "/pages/" + page.ID
	if err := c.store.InTx(t.Context(), func(tx *store.Tx) error {
		for i := range n {
			address := fmt.Sprintf("p%05d@customer.example", i)
			c.everybody = append(c.everybody, address)
			if err := tx.SaveSubscriber(t.Context(), stakeholders.Subscriber{ID: store.NewID(), Segment: stakeholders.DefaultSegment,
				Preferences: stakeholders.Preferences{EveryUpdate: i%2 == 0},
				Contact:     stakeholders.Contact{Channel: stakeholders.Email, Address: address},
				CreatedAt:   tx.Now(), ConfirmedAt: tx.Now()}); err != nil {
				return err
			}
		}
		return tx.AddToken(t.Context(), auth.Token{ID: store.NewID(), Name: "torture", Scope: auth.ScopeAdmin, Hash: auth.HashToken(c.token), CreatedAt: tx.Now()})
	}); err != nil {
		t.Fatal(err)
	}
	return c
}

// settle makes the component, through a server that runs.
func (c *company) settle(r *replica) {
	c.t.Helper()
	var made struct{ ID string }
	c.post(r, http.MethodPost, "/components", object{"component": object{"name": "Card payments"}}, &made)
	c.component = made.ID
}

type object = map[string]any

// post asks a server until it takes the request.
func (c *company) post(r *replica, method, path string, in, into any) {
	c.t.Helper()
	code, answer, err := r.call(c.token, method, c.page+path, in)
	if err != nil || code >= 300 {
		c.t.Fatalf("%s %s: %d %v: %s", method, path, code, err, answer)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal([]byte(answer), into); err != nil {
		c.t.Fatal(err)
	}
}

func (c *company) opening() object {
	return object{"incident": object{"name": "Card payments fail", "body": "Card payments fail for all customers. Bank transfer works.",
		"impact_override": "critical", "components": object{c.component: "major_outage"}}}
}

func (c *company) open(r *replica) (incident string) {
	c.t.Helper()
	var made struct{ ID string }
	c.post(r, http.MethodPost, "/incidents", c.opening(), &made)
	return made.ID
}

func (c *company) update(r *replica, incident string) {
	c.t.Helper()
	c.post(r, http.MethodPatch, "/incidents/"+incident, object{"incident": object{"body": "We are still looking for the cause. Bank transfer works."}}, nil)
}

func (c *company) resolve(r *replica, incident string) {
	c.t.Helper()
	c.post(r, http.MethodPatch, "/incidents/"+incident, object{"incident": object{"status": "resolved", "body": "Card payments work again for all customers.",
		"components": object{c.component: "operational"}}}, nil)
}

// ledger is the deliveries about an incident.
func (c *company) ledger(incident string) []notify.Delivery {
	c.t.Helper()
	rows, err := c.store.Deliveries(c.t.Context(), store.LedgerFilter{IncidentID: incident, Limit: 1_000_000})
	if err != nil {
		c.t.Fatal(err)
	}
	return rows
}

// done waits until nothing about an incident is left to be done. All must have
// a row about the newest notice by then.
func (c *company) done(incident string, notices int) {
	c.t.Helper()
	wait(c.t, "everybody to be told", func() bool {
		unexpanded, err := c.store.Unexpanded(c.t.Context())
		if err != nil || unexpanded != 0 {
			return false
		}
		waiting, err := c.store.Unfinished(c.t.Context())
		if err != nil || waiting[string(stakeholders.Email)] != 0 {
			return false
		}
		newest := map[int64]int{}
		for _, d := range c.ledger(incident) {
			newest[d.NoticeID]++
		}
		return len(newest) >= notices
	})
}

// tally is what a round comes to.
type tally struct {
	sent, repeated, uncertain, superseded int
	since                                 time.Time // the first acceptance of what was repeated
}

func (a tally) plus(b tally) tally {
	return tally{a.sent + b.sent, a.repeated + b.repeated, a.uncertain + b.uncertain, a.superseded + b.superseded, time.Time{}}
}

func (a tally) String() string {
	return fmt.Sprintf("%d sent, %d repeated, %d uncertain, %d superseded", a.sent, a.repeated, a.uncertain, a.superseded)
}

// fault is one of perhaps thousands; the first few are shown.
func (c *company) fault(format string, args ...any) {
	c.t.Helper()
	if c.faults++; c.faults <= 10 {
		c.t.Errorf(format, args...)
	}
}

// account holds the ledger against what the mail server took, and both against
// the promises.
func (c *company) account(incident string, got map[string][]message) (sum tally) {
	c.t.Helper()
	type key struct {
		address string
		notice  int64
	}
	rows := map[key]notify.Delivery{}
	var last int64
	for _, d := range c.ledger(incident) {
		rows[key{d.Address, d.NoticeID}] = d
		last = max(last, d.NoticeID)
		switch d.State {
		case notify.Sent:
			sum.sent++
		case notify.Superseded:
			sum.superseded++
		case notify.Failed, notify.Dropped: // who never heard of the start is not told the rest later
			if !c.refused[d.Address] {
				c.fault("%s was given up, notice %d: %s", d.Address, d.NoticeID, d.Answer)
			}
		default:
			c.fault("%s of %s, notice %d: %s", d.State, d.Address, d.NoticeID, d.Answer)
		}
		if d.Uncertain {
			sum.uncertain++
		}
	}
	seen := map[key]int{}
	ids := map[key]string{}
	first := map[key]time.Time{}
	for address, list := range got {
		if !slices.IsSortedFunc(list, func(a, b message) int { return int(a.notice - b.notice) }) {
			c.fault("%s heard an older word after a newer one: %v", address, list)
		}
		for _, m := range list {
			k := key{address, m.notice}
			seen[k]++
			if ids[k] != "" && ids[k] != m.id {
				c.fault("%s got %s and %s", address, ids[k], m.id)
			}
			ids[k] = m.id
			if seen[k] == 1 {
				first[k] = m.at
			}
			if _, ok := rows[k]; !ok {
				c.fault("%s got %s and no row says so", address, m.id)
			}
			if seen[k] > 1 {
				sum.repeated++
				if at := first[k]; sum.since.IsZero() || at.Before(sum.since) {
					sum.since = at
				}
				if !rows[k].Uncertain {
					c.fault("%s got %s %d times, and the ledger shows no doubt", address, m.id, seen[k])
				}
			}
		}
	}
	for k, d := range rows {
		switch n := seen[k]; {
		case d.State == notify.Sent && n == 0:
			c.fault("%s: the ledger says sent, and notice %d never came", k.address, k.notice)
		case d.State == notify.Superseded && n > 0 && !d.Uncertain:
			c.fault("%s: the ledger says superseded, and notice %d came", k.address, k.notice)
		}
	}
	for _, address := range c.everybody {
		list := got[address]
		if c.refused[address] {
			continue
		}
		if len(list) == 0 || list[len(list)-1].notice != last {
			c.fault("%s never heard notice %d: %v", address, last, list)
		}
	}
	return sum
}

// chosenSeed is what the moments come from; it is shown, so that a run can be
// done again.
func chosenSeed(t *testing.T) uint64 {
	t.Helper()
	if *seed == 0 {
		*seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d; to run it again: make torture ROUNDS=%d SEED=%d", *seed, *rounds, *seed)
	return *seed
}

func isPostgres(url string) bool { return strings.HasPrefix(url, "postgres") }

// notices are those about an incident that somebody has a row of.
func (c *company) notices(incident string) map[int64]bool {
	c.t.Helper()
	found := map[int64]bool{}
	for _, d := range c.ledger(incident) {
		found[d.NoticeID] = true
	}
	return found
}
