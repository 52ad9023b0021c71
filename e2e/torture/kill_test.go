package torture

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// unwritten is how long before a server's death a message may have been taken
// that is repeated: results are written down every 50 ms, or when the database
// comes to it on a busy machine.
const unwritten = 10 * time.Second

// A server that is killed at any moment of a fan-out loses nobody, repeats only
// what it may have handed over, and keeps the order for everybody. On
// PostgreSQL another replica goes on meanwhile.
func TestKilledServerLosesNobody(t *testing.T) {
	number := chosenSeed(t)
	eachDatabase(t, func(t *testing.T, url string) {
		t.Parallel()
		dice := rand.New(rand.NewPCG(number, 1))
		m := newMailServer(t, time.Millisecond)
		c := newCompany(t, url, *people)
		first := newReplica(t, "the first server", url, m.url())
		first.start()
		c.settle(first)
		second := first // there is one server on SQLite
		if isPostgres(url) {
			second = newReplica(t, "the second server", url, m.url())
			second.start()
		}
		var sum tally
		for i := range *rounds {
			k := killRound{company: c, mail: m, victim: first, other: second, updateAt: dice.IntN(*people)}
			k.resolveAt = k.updateAt + dice.IntN(*people)
			k.killAt = dice.IntN(k.resolveAt + *people)
			got := k.run()
			t.Logf("round %d: %s: %s", i+1, k, got)
			sum = sum.plus(got)
			if t.Failed() {
				t.Fatalf("round %d of seed %d", i+1, number)
			}
			first, second = second, first
		}
		t.Logf("%d rounds of %d people: %s", *rounds, *people, sum)
	})
}

// killRound opens an incident, posts an update and its end, and kills a server,
// each after so many messages.
type killRound struct {
	*company
	mail                        *mailServer
	victim, other               *replica
	updateAt, resolveAt, killAt int
}

func (k killRound) String() string {
	return fmt.Sprintf("update after %d, end after %d, killed after %d", k.updateAt, k.resolveAt, k.killAt)
}

func (k killRound) run() tally {
	incident := k.open(k.victim)
	alone := k.victim == k.other
	updated, resolved, killed := false, false, false
	stalled, last := time.Now(), -1
	var died time.Time
	for !updated || !resolved || !killed {
		n := k.mail.taken()
		if n != last {
			stalled, last = time.Now(), n
		}
		waited := time.Since(stalled) > 2*time.Second // it does not get that far
		switch {
		case !killed && (n >= k.killAt || waited && updated && resolved):
			k.victim.kill()
			died = time.Now()
			killed = true
			if alone {
				k.victim.start()
			}
		case !updated && (n >= k.updateAt || waited):
			k.update(k.other, incident)
			updated, stalled = true, time.Now()
		case updated && !resolved && (n >= k.resolveAt || waited):
			k.resolve(k.other, incident)
			resolved, stalled = true, time.Now()
		default:
			time.Sleep(500 * time.Microsecond)
		}
	}
	if !alone {
		k.endLeases()
		k.victim.start()
	}
	k.done(incident, 3)
	sum := k.account(incident, k.mail.messages())
	if sum.repeated > 0 {
		before := died.Sub(sum.since).Round(time.Millisecond)
		k.t.Logf("what was repeated was taken up to %v before the death", before)
		if before > unwritten {
			k.t.Errorf("a result was not written down for %v", before)
		}
	}
	return sum
}

// endLeases lets the time pass that the leases of a dead server have left: as
// soon as the living one has nothing more to do, whatever is leased is the dead
// one's.
func (k killRound) endLeases() {
	k.t.Helper()
	wait(k.t, "the living server to come to rest", func() bool {
		before := k.mail.taken()
		time.Sleep(1500 * time.Millisecond)
		return k.mail.taken() == before
	})
	if err := k.store.TakeOverLeases(k.t.Context()); err != nil {
		k.t.Fatal(err)
	}
}
