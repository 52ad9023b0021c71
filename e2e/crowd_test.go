package e2e

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/store"
	"github.com/allclear-status/allclear/store/storetest"
)

const (
	crowd = 300 // readers of mail who are told of something lesser
	hangs = 45  // webhooks whose hosts never answer
)

// TestAFewWhoMatterWaitForNoCrowd tells a crowd of a lesser thing, through a mail
// server that takes one message whenever the test lets it, and webhooks that
// hang; then a few of something that matters. These are served first: how long
// that takes is not measured, but how many others were served before.
func TestAFewWhoMatterWaitForNoCrowd(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, database string) {
		gate := startGate(t)
		room := &hookRoom{}
		hook := httptest.NewServer(room)
		t.Cleanup(hook.Close)
		address, hanging := startHanging(t)
		s := newServer(t, database)
		s.smtp = gate.url
		s.env = append(s.env, "ALLCLEAR_WEBHOOK_ALLOW=127.0.0.0/8", "ALLCLEAR_SECRET_KEY=a secret key for tests only")
		s.start()
		out, errOut, code := s.command("token", "create", "--name", "test", "--scope", "admin")
		if code != 0 {
			t.Fatalf("token create: %d %s", code, errOut)
		}
		s.token = strings.TrimSpace(out)
		var pages, components []struct{ ID string }
		s.call("GET", "/pages", "", 200, &pages)
		s.page = "/pages/" + pages[0].ID
		for _, name := range []string{"Search", "Card payments"} {
			s.call("POST", s.page+"/components", `{"component":{"name":"`+name+`"}}`, 201, nil)
		}
		s.call("GET", s.page+"/components", "", 200, &components)
		search, payments := components[0].ID, components[1].ID
		subscribe := func(fields, component string) {
			s.call("POST", s.page+"/subscribers", `{"subscriber":{`+fields+`,"component_ids":["`+component+`"],"skip_confirmation_notification":true}}`, 201, nil)
		}
		fill(t, database, search)
		for i := range hangs {
			subscribe(fmt.Sprintf(`"email":"owner%d@crowd.example","endpoint":"http://%s/hook"`, i, address(i)), search)
		}
		subscribe(`"email":"owner@few.example","endpoint":"`+hook.URL+`/important"`, payments)
		file := filepath.Join(t.TempDir(), "stakeholders.yaml")
		if err := os.WriteFile(file, []byte(few), 0o600); err != nil {
			t.Fatal(err)
		}
		s.does(0, []string{"stakeholders", "import", file})

		s.call("POST", s.page+"/incidents", `{"incident":{"name":"Search is slow","impact_override":"major","components":{"`+search+`":"partial_outage"},
			"body":"Search answers slowly for some customers. Everything else works."}}`, 201, nil)
		s.wait("the crowd to be at the mail server", func() bool { return gate.waiting.Load() > 0 })
		s.wait("webhooks to hang", func() bool { return hanging() >= 40 })
		var incident struct{ ID string }
		s.call("POST", s.page+"/incidents", opening(payments), 201, &incident)

		// The mail server goes on slowly, so that a busy machine finds the few
		// long before the crowd is through.
		for gate.told("few.example") < 2 && gate.told("crowd.example") < crowd {
			gate.let()
			time.Sleep(200 * time.Millisecond)
		}
		if first := gate.told("crowd.example"); first > crowd*3/4 {
			t.Errorf("two who matter had to wait for %d of a crowd of %d", first, crowd)
		}
		s.wait("the webhook that answers", func() bool {
			_, ok := room.find(func(m hooked) bool { return m.Incident != nil && m.Incident.ID == incident.ID })
			return ok
		})
	})
}

// fill puts the crowd into the database.
func fill(t *testing.T, database, component string) {
	t.Helper()
	db := storetest.Open(t, database, nil)
	if err := db.InTx(t.Context(), func(tx *store.Tx) error {
		for i := range crowd {
			if err := tx.SaveSubscriber(t.Context(), stakeholders.Subscriber{ID: store.NewID(), Segment: stakeholders.DefaultSegment, Preferences: stakeholders.Preferences{Components: []string{component}},
				Contact:   stakeholders.Contact{Channel: stakeholders.Email, Address: fmt.Sprintf("p%03d@crowd.example", i)},
				CreatedAt: tx.Now(), ConfirmedAt: tx.Now()}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

const few = `
stakeholders:
  - name: Management
    kind: team
    power: high
    interest: high
    components: [Card payments]
    contacts: [{email: management@few.example}]
  - name: Support
    kind: team
    power: low
    interest: high
    components: [Card payments]
    contacts: [{email: support@few.example}]
`

// gate is a mail server that takes a message when it is let.
type gate struct {
	url     string
	waiting atomic.Int32
	pass    chan struct{}
	closed  chan struct{}

	mu    sync.Mutex
	taken map[string]int // by domain
}

func startGate(t *testing.T) *gate {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{url: "smtp://" + l.Addr().String() + "?tls=none&connections=2", pass: make(chan struct{}), closed: make(chan struct{}), taken: map[string]int{}}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &gateSession{gate: g}, nil }))
	server.Domain = "gate.example"
	server.ErrorLog = log.New(io.Discard, "", 0) // a message in hand when it closes
	var running sync.WaitGroup
	running.Go(func() { _ = server.Serve(l) }) // ends with Close
	t.Cleanup(func() { close(g.closed); _ = server.Close(); running.Wait() })
	return g
}

// let lets one message in, when there is one.
func (g *gate) let() {
	if g.waiting.Load() > 0 {
		select {
		case g.pass <- struct{}{}:
		case <-time.After(100 * time.Millisecond): // it was the one that was let in before
		}
	}
}

func (g *gate) told(domain string) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.taken[domain]
}

type gateSession struct {
	gate   *gate
	domain string
}

func (s *gateSession) Reset()                               {}
func (s *gateSession) Logout() error                        { return nil }
func (s *gateSession) Mail(string, *smtp.MailOptions) error { return nil }

func (s *gateSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	_, s.domain, _ = strings.Cut(to, "@")
	return nil
}

func (s *gateSession) Data(r io.Reader) error {
	if _, err := io.Copy(io.Discard, r); err != nil {
		return err
	}
	s.gate.waiting.Add(1)
	defer s.gate.waiting.Add(-1)
	select {
	case <-s.gate.pass:
	case <-s.gate.closed:
		return errors.New("closed")
	}
	s.gate.mu.Lock()
	defer s.gate.mu.Unlock()
	s.gate.taken[s.domain]++
	return nil
}

// startHanging takes webhooks on many hosts and answers none of them before the
// test is over. Where there is one loopback address only, it is one host.
func startHanging(t *testing.T) (address func(i int) string, hanging func() int) {
	t.Helper()
	over := make(chan struct{})
	var now atomic.Int32
	answer := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		now.Add(1)
		select {
		case <-over:
		case <-r.Context().Done():
		}
	})
	listen := func(host string) net.Listener {
		l, err := net.Listen("tcp", host+":0")
		if err != nil {
			return nil
		}
		server := &http.Server{Handler: answer}
		var running sync.WaitGroup
		running.Go(func() { _ = server.Serve(l) }) // ends with Close
		t.Cleanup(func() { _ = server.Close(); running.Wait() })
		return l
	}
	t.Cleanup(func() { close(over) })
	var hosts []string
	for i := range hangs {
		l := listen(fmt.Sprintf("127.0.7.%d", i+1))
		if l == nil {
			t.Skip("this machine has no second loopback address")
		}
		hosts = append(hosts, l.Addr().String())
	}
	return func(i int) string { return hosts[i] }, func() int { return int(now.Load()) }
}
