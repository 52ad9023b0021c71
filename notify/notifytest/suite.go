package notifytest

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// maxAnswer is as long as an answer in the ledger may be, in bytes.
const maxAnswer = 300

// patience is how long a test waits before it calls a channel stuck.
const patience = 2 * time.Minute

// Run runs the suite.
func Run(t *testing.T, start Start) {
	outcomes := []struct {
		behaviour Behaviour
		want      []notify.Outcome // of three recipients
		received  int
	}{
		{Accepts, repeat(notify.Delivered, 3), 3},
		{Postpones, repeat(notify.Transient, 3), 0},
		{Refuses, repeat(notify.Permanent, 3), 0},
		{Limits, repeat(notify.RateLimited, 3), 0},
		{RefusesP2, []notify.Outcome{notify.Delivered, notify.Permanent, notify.Delivered}, 2},
	}
	for _, test := range outcomes {
		t.Run(string(test.behaviour), func(t *testing.T) {
			rig := start(t, test.behaviour)
			got := rig.send(t, context.Background(), 3)
			for i, r := range got {
				if r.Outcome != test.want[i] {
					t.Errorf("recipient %d: %+v, want %s", i+1, r, test.want[i])
				}
			}
			if n := rig.Received(); n != test.received {
				t.Errorf("the server took %d messages, not %d", n, test.received)
			}
		})
	}
	t.Run("lost answer is uncertain", func(t *testing.T) { lost(t, start) })
	t.Run(string(Stays), func(t *testing.T) { untaken(t, start(t, Stays).send(t, context.Background(), 3)) })
	t.Run("unreachable", func(t *testing.T) { unreachable(t, start(t, Away)) })
	t.Run("nobody", func(t *testing.T) { start(t, Accepts).send(t, context.Background(), 0) })
	t.Run("many", func(t *testing.T) { many(t, start(t, Accepts)) })
	t.Run("sessions side by side", func(t *testing.T) { sideBySide(t, start(t, Accepts)) })
	t.Run("ended context", func(t *testing.T) { ended(t, start(t, Accepts)) })
	t.Run("context that ends meanwhile", func(t *testing.T) { ends(t, start(t, Accepts)) })
}

func repeat(o notify.Outcome, n int) []notify.Outcome {
	return slices.Repeat([]notify.Outcome{o}, n)
}

// lost: who handed a message over and heard nothing does not know. On a busy
// machine the time may be up before that, which is no reason to complain but
// one to try again.
func lost(t *testing.T, start Start) {
	var got notify.Result
	for range 10 {
		got = start(t, Forgets).send(t, context.Background(), 1)[0]
		if got.Outcome == notify.UncertainSent {
			return
		}
	}
	t.Errorf("%+v", got)
}

// unreachable holds for channels that find out when they connect, and for
// those that connect to each recipient.
func unreachable(t *testing.T, rig Rig) {
	session, err := rig.Channel.Open(context.Background())
	if err != nil {
		rig.checkSecrets(t, err.Error())
		return
	}
	untaken(t, rig.sendOver(t, context.Background(), session, 2))
}

// untaken: worth another try, whether the fault is seen as the recipient's
// server or as the whole channel.
func untaken(t *testing.T, results []notify.Result) {
	t.Helper()
	for i, r := range results {
		if r.Outcome != notify.Transient && r.Outcome != notify.Unavailable {
			t.Errorf("recipient %d: %+v", i+1, r)
		}
	}
}

func many(t *testing.T, rig Rig) {
	for i, r := range rig.send(t, context.Background(), 100) {
		if r.Outcome != notify.Delivered {
			t.Errorf("recipient %d: %+v", i+1, r)
		}
	}
	if n := rig.Received(); n != 100 {
		t.Errorf("the server took %d messages, not 100", n)
	}
}

func sideBySide(t *testing.T, rig Rig) {
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for _, r := range rig.send(t, context.Background(), 10) {
				if r.Outcome != notify.Delivered {
					t.Errorf("%+v", r)
				}
			}
		})
	}
	all.Wait()
	if n := rig.Received(); n != 40 {
		t.Errorf("the server took %d messages, not 40", n)
	}
}

// ended: nothing is handed over for a context that has already ended.
func ended(t *testing.T, rig Rig) {
	session, err := rig.Channel.Open(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, r := range rig.sendOver(t, ctx, session, 5) {
		if r.Outcome != notify.Transient {
			t.Errorf("%+v", r)
		}
	}
	if n := rig.Received(); n != 0 {
		t.Errorf("the server took %d messages", n)
	}
}

// ends: what was taken before the end of the context is delivered, the rest
// transient, and the two counts are the server's.
func ends(t *testing.T, rig Rig) {
	session, err := rig.Channel.Open(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = session.Close() }()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	delivered, reported := 0, 0
	var mu sync.Mutex
	session.Send(ctx, Text(), rig.recipients(20), func(_ int, r notify.Result) {
		mu.Lock()
		defer mu.Unlock()
		reported++
		switch r.Outcome {
		case notify.Delivered:
			if delivered++; delivered == 3 {
				cancel()
			}
		case notify.Transient:
		default:
			t.Errorf("%+v", r)
		}
	})
	mu.Lock()
	defer mu.Unlock()
	if reported != 20 || delivered < 3 || delivered == 20 || rig.Received() != delivered {
		t.Errorf("%d reported, %d delivered, %d received", reported, delivered, rig.Received())
	}
}

// send opens a session, sends to n recipients and closes it.
func (rig Rig) send(t *testing.T, ctx context.Context, n int) []notify.Result {
	t.Helper()
	session, err := rig.Channel.Open(ctx)
	if err != nil {
		t.Errorf("open: %v", err)
		return nil
	}
	return rig.sendOver(t, ctx, session, n)
}

// sendOver sends over a session, closes it, and checks what holds for every
// result.
func (rig Rig) sendOver(t *testing.T, ctx context.Context, session notify.Session, n int) []notify.Result {
	t.Helper()
	results, reported := make([]notify.Result, n), make([]int, n)
	var mu sync.Mutex
	finished := time.AfterFunc(patience, func() { panic("notifytest: the channel is stuck") })
	session.Send(ctx, Text(), rig.recipients(n), func(i int, r notify.Result) {
		mu.Lock()
		defer mu.Unlock()
		results[i], reported[i] = r, reported[i]+1
	})
	finished.Stop()
	mu.Lock()
	defer mu.Unlock()
	if err := session.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	for i, times := range reported {
		if times != 1 {
			t.Errorf("recipient %d was reported %d times", i+1, times)
		}
		rig.checkResult(t, results[i])
	}
	return results
}

func (rig Rig) recipients(n int) []notify.Recipient {
	all := make([]notify.Recipient, n)
	for i := range all {
		all[i] = rig.Recipient(i + 1)
	}
	return all
}

func (rig Rig) checkResult(t *testing.T, r notify.Result) {
	t.Helper()
	if r.Answer == "" || len(r.Answer) > maxAnswer || strings.ContainsFunc(r.Answer, func(c rune) bool { return c < ' ' || c == 0x7f }) {
		t.Errorf("answer of %d bytes: %q", len(r.Answer), r.Answer)
	}
	if !r.RetryAt.IsZero() && (r.Outcome != notify.RateLimited || r.RetryAt.Before(time.Now().Add(-time.Minute))) {
		t.Errorf("%s with the time %v", r.Outcome, r.RetryAt)
	}
	rig.checkSecrets(t, r.Answer)
}

func (rig Rig) checkSecrets(t *testing.T, words string) {
	t.Helper()
	for _, secret := range rig.Secrets {
		if strings.Contains(words, secret) {
			t.Errorf("a secret is in %q", words)
		}
	}
}

// Text is what the suite sends.
func Text() notify.Text {
	start := time.Date(2026, 11, 21, 10, 42, 0, 0, time.UTC)
	return notify.Text{Form: notify.FormFull, Language: "en", Content: notify.Content{
		PageName: "Acme", PageURL: "https://status.acme.example", TimeZone: "UTC", Language: "en",
		Event: stakeholders.Opened, IncidentID: "k4m8x2t9vqzd", Reference: "INC-14",
		URL:   "https://status.acme.example/incidents/k4m8x2t9vqzd",
		Title: "Card payments fail", Status: status.Investigating, Impact: status.ImpactCritical,
		Body:      "Card payments fail for **all customers** since 10:42 UTC. Bank transfer works.",
		Affected:  []notify.AffectedComponent{{Name: "Card payments", Status: status.MajorOutage}},
		StartedAt: start, PostedAt: start.Add(2 * time.Minute), NextUpdateDueAt: start.Add(17 * time.Minute),
	}}
}
