package torture

import (
	"bufio"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/store/storetest"
)

// A server that hangs loses its leases, and another goes on. When it wakes up
// it has words in hand that are old by then: it keeps them to itself.
func TestFrozenServerHarmsNobodyWhenItWakesUp(t *testing.T) {
	if !*long {
		t.Skip("a lease has to run out: make torture")
	}
	t.Parallel()
	url := storetest.Postgres(t)
	m := newMailServer(t, time.Millisecond)
	c := newCompany(t, url, 1000)
	frozen, other := newReplica(t, "the frozen server", url, m.url()), newReplica(t, "the other server", url, m.url())
	frozen.start()
	other.start()
	c.settle(other)
	incident := c.open(frozen)
	wait(t, "the fan-out to be under way", func() bool { return m.taken() > 100 })
	frozen.signal(syscall.SIGSTOP)
	began := time.Now()
	t.Cleanup(func() { _ = frozen.process.Process.Signal(syscall.SIGCONT) })
	before := m.taken()
	c.update(other, incident)
	c.resolve(other, incident)
	c.done(incident, 3)
	if took := time.Since(began); took < notify.DefaultSettings().Lease {
		t.Logf("all were told after %v: the frozen server had nothing in hand", took)
	}
	time.Sleep(time.Until(began.Add(notify.DefaultSettings().Lease + 2*time.Second)))
	asleep := m.taken()
	frozen.signal(syscall.SIGCONT)
	time.Sleep(2 * time.Second)
	t.Logf("%d messages before it froze, %d while it was frozen, %d after it woke up", before, asleep-before, m.taken()-asleep)
	sum := c.account(incident, m.messages())
	t.Logf("%s", sum)
	if code, took := frozen.stop(); code != 0 || took > 15*time.Second {
		t.Errorf("the server that woke up stopped with %d after %v", code, took)
	}
}

// Two servers on one database share a fan-out.
func TestServersShareAFanOut(t *testing.T) {
	if !*long {
		t.Skip("it takes thousands: make torture; store has the same with three replicas in one process")
	}
	t.Parallel()
	url := storetest.Postgres(t)
	one, two := newMailServer(t, 5*time.Millisecond), newMailServer(t, 5*time.Millisecond)
	c := newCompany(t, url, 6000) // more than one server claims at once
	first, second := newReplica(t, "the first server", url, one.url()), newReplica(t, "the second server", url, two.url())
	first.start()
	second.start()
	c.settle(first)
	incident := c.open(first)
	c.done(incident, 1)
	a, b := one.messages(), two.messages()
	t.Logf("%d and %d messages", len(a), len(b))
	if len(a) < 400 || len(b) < 400 {
		t.Errorf("one server told %d, the other %d", len(a), len(b))
	}
	for address, list := range b {
		a[address] = append(a[address], list...)
	}
	if sum := c.account(incident, a); sum.repeated+sum.uncertain > 0 {
		t.Errorf("two servers in health leave doubts: %s", sum)
	}
}

// A server that is asked to stop finishes what it has handed over, gives the
// rest back and leaves no doubt behind.
func TestStoppedServerLeavesNoDoubt(t *testing.T) {
	eachDatabase(t, func(t *testing.T, url string) {
		t.Parallel()
		m := newMailServer(t, 2*time.Millisecond)
		c := newCompany(t, url, 1500)
		server := newReplica(t, "the server", url, m.url())
		server.start()
		c.settle(server)
		incident := c.open(server)
		stops := []int{50, 400}
		if !*long {
			stops = []int{200}
		}
		for _, after := range stops {
			wait(t, "the fan-out to be under way", func() bool { return m.taken() > after })
			code, took := server.stop()
			if code != 0 || took > time.Minute {
				t.Errorf("stopped with %d after %v", code, took)
			}
			t.Logf("stopped within %v after %d messages", took, m.taken())
			server.start()
		}
		c.done(incident, 1)
		if sum := c.account(incident, m.messages()); sum.repeated+sum.uncertain > 0 {
			t.Errorf("a stop leaves doubts: %s", sum)
		}
	})
}

// A mail server that never answers the final dot holds a stop up for so long
// only; what it may have taken is in doubt, and everybody is told by another.
func TestStopIsNotHeldUpByASilentMailServer(t *testing.T) {
	if !*long {
		t.Skip("it takes the time limit of a mail server: make torture")
	}
	t.Parallel()
	var handed atomic.Int64
	silent := newMailServerOf(t, func(conn net.Conn) {
		r := bufio.NewReader(conn)
		_, _ = conn.Write([]byte("220 mail.example.net\r\n"))
		for {
			line, err := r.ReadString('\n')
			answer := "250 ok"
			if strings.HasPrefix(line, "DATA") {
				answer = "354 go on"
			}
			if err != nil || strings.HasPrefix(line, "QUIT") {
				return
			}
			_, _ = conn.Write([]byte(answer + "\r\n"))
			if answer == "354 go on" {
				_, _ = readMessage(r)
				handed.Add(1)
				_, _ = r.WriteTo(nowhere{})
				return
			}
		}
	})
	m := newMailServer(t, 0)
	c := newCompany(t, storetest.SQLite(t), 500)
	server := newReplica(t, "the server", c.url, silent.url())
	server.start()
	c.settle(server)
	incident := c.open(server)
	wait(t, "something to be handed over", func() bool { return handed.Load() >= 4 })
	code, took := server.stop()
	t.Logf("stopped with %d within %v, %d messages without an answer", code, took, handed.Load())
	if code != 0 || took > 50*time.Second {
		t.Errorf("stopped with %d after %v", code, took)
	}
	server.mailURL = m.url()
	server.start()
	c.done(incident, 1)
	t.Logf("%s", c.account(incident, m.messages()))
}
