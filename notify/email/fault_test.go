package email_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/notify/email"
)

// both runs a test with a server that takes several commands at once and with
// one that does not.
func both(t *testing.T, test func(t *testing.T, pipelining bool)) {
	t.Helper()
	for _, pipelining := range []bool{false, true} {
		t.Run(fmt.Sprintf("pipelining=%v", pipelining), func(t *testing.T) { test(t, pipelining) })
	}
}

// firstOnly says something at one verb of the first message of the first
// connection.
func firstOnly(verb, says string) func(at) string {
	return func(p at) string {
		if p.verb == verb && p.connection == 1 && p.message == 1 {
			return says
		}
		return ""
	}
}

func outcomes(results []notify.Result) string {
	words := []string{}
	for _, r := range results {
		words = append(words, string(r.Outcome))
	}
	return strings.Join(words, " ")
}

func TestAnswerDecidesOutcome(t *testing.T) {
	tests := []struct {
		verb, says string
		want       notify.Outcome
		words      string
	}{
		{"MAIL", "450 4.2.0 later", notify.Transient, "450 4.2.0 later"},
		{"MAIL", "451 4.7.1 too many messages", notify.RateLimited, "451 4.7.1"},
		{"MAIL", "550 5.7.1 sender refused", notify.Transient, "550 5.7.1 sender refused"},
		{"MAIL", "530 5.7.0 sign in first", notify.Transient, "530"},
		{"RCPT", "421 4.3.2 shutting down", notify.Transient, "421 4.3.2"},
		{"RCPT", "450 4.2.1 mailbox busy", notify.Transient, "450"},
		{"RCPT", "451 local error", notify.Transient, "451 local error"},
		{"RCPT", "452 4.2.2 mailbox full", notify.Transient, "452"},
		{"RCPT", "450 4.7.28 rate exceeded", notify.RateLimited, "4.7.28"},
		{"RCPT", "550 5.1.1 no such user", notify.Permanent, "550 5.1.1 no such user"},
		{"RCPT", "503 5.5.1 bad sequence", notify.Transient, "503"},
		{"DATA", "451 4.3.0 try later", notify.Transient, "451"},
		{"DATA", "554 5.6.0 no", notify.Permanent, "554 5.6.0 no"},
		{"DOT", "421 4.3.2 going down", notify.Transient, "421"},
		{"DOT", "451 4.3.0 disk full", notify.Transient, "451"},
		{"DOT", "451 4.7.0 slow down", notify.RateLimited, "451 4.7.0"},
		{"DOT", "554 5.7.1 looks like spam", notify.Permanent, "554 5.7.1"},
		{"DOT", "250 2.0.0 queued as A1B2", notify.Delivered, "250 2.0.0 queued as A1B2"},
	}
	both(t, func(t *testing.T, pipelining bool) {
		for _, test := range tests {
			t.Run(test.verb+" "+test.says, func(t *testing.T) {
				s := startRaw(t, pipelining, firstOnly(test.verb, test.says))
				c := newChannel(t, email.Config{URL: "smtp://" + s.Addr})
				results := sendAll(t, c, opened(), person(1), person(2))
				if results[0].Outcome != test.want || !strings.Contains(results[0].Answer, test.words) {
					t.Errorf("got %+v, want %s with %q", results[0], test.want, test.words)
				}
				if results[1].Outcome != notify.Delivered {
					t.Errorf("the next message: %+v", results[1])
				}
				if !results[0].RetryAt.IsZero() {
					t.Errorf("a retry time was made up: %v", results[0].RetryAt)
				}
			})
		}
	})
}

// Some servers ask for the message although they refused its only recipient.
func TestMessageIsNotHandedOverForARefusedRecipient(t *testing.T) {
	var taken []string
	s := startRaw(t, true, func(p at) string {
		switch {
		case p.verb == "RCPT" && p.message == 1:
			return "550 5.1.1 no such user"
		case p.verb == "DATA":
			return "354 go on"
		case p.verb == "DOT" && !p.named:
			taken = append(taken, "empty")
			return "554 5.5.1 no valid recipients"
		default:
			return ""
		}
	})
	c := newChannel(t, email.Config{URL: "smtp://" + s.Addr})
	if got := outcomes(sendAll(t, c, opened(), person(1), person(2))); got != "permanent delivered" {
		t.Error(got)
	}
	if connections, n, _ := s.seen(); connections != 1 || n != 1 {
		t.Errorf("%d connections, %d messages", connections, n)
	}
	if len(taken) != 1 {
		t.Errorf("the empty message was ended %d times", len(taken))
	}
}

// Trap 10: what a drop means depends on where it happens.
func TestDropDecidesOutcome(t *testing.T) {
	tests := []struct {
		verb string
		want string
	}{
		{"MAIL", "delivered delivered"}, // closed between messages: sent over a new connection
		{"RCPT", "transient delivered"},
		{"DATA", "transient delivered"},
		{"DOT", "uncertain delivered"},
	}
	both(t, func(t *testing.T, pipelining bool) {
		for _, test := range tests {
			t.Run(test.verb, func(t *testing.T) {
				s := startRaw(t, pipelining, firstOnly(test.verb, drop))
				c := newChannel(t, email.Config{URL: "smtp://" + s.Addr})
				results := sendAll(t, c, opened(), person(1), person(2))
				if got := outcomes(results); got != test.want {
					t.Errorf("got %s, want %s: %+v", got, test.want, results)
				}
			})
		}
	})
}

// Trap 9: what was accepted stays delivered, whatever happens afterwards.
func TestDropAfterAcceptanceIsDelivered(t *testing.T) {
	both(t, func(t *testing.T, pipelining bool) {
		for _, verb := range []string{"RSET", "QUIT", "NOOP"} {
			s := startRaw(t, pipelining, func(p at) string {
				if p.verb == verb {
					return drop
				}
				return ""
			})
			c := newChannel(t, email.Config{URL: "smtp://" + s.Addr})
			results := sendAll(t, c, opened(), person(1), person(2)) // fails if Close returns an error
			if got := outcomes(results); got != "delivered delivered" {
				t.Errorf("drop at %s: %+v", verb, results)
			}
			if _, n, _ := s.seen(); n != 2 {
				t.Errorf("drop at %s: the server got %d messages, not 2", verb, n)
			}
		}
	})
}

func TestRefusedRecipientSurvivesADropAtReset(t *testing.T) {
	s := startRaw(t, false, func(p at) string {
		switch {
		case p.verb == "RCPT" && p.connection == 1:
			return "550 5.1.1 no such user"
		case p.verb == "RSET":
			return drop
		default:
			return ""
		}
	})
	c := newChannel(t, email.Config{URL: "smtp://" + s.Addr})
	if got := outcomes(sendAll(t, c, opened(), person(1), person(2))); got != "permanent delivered" {
		t.Errorf("got %s", got)
	}
}

// In virtual time: a server that says 421 is given its time.
func TestServerThatTakesOneMessageAConnectionGetsThemAll(t *testing.T) {
	both(t, func(t *testing.T, pipelining bool) {
		for _, says := range []string{drop, "421 4.3.2 too many messages on this connection"} {
			synctest.Test(t, func(t *testing.T) {
				s := startPiped(t, pipelining, func(p at) string {
					if p.verb == "MAIL" && p.message == 2 {
						return says
					}
					return ""
				})
				c := newChannel(t, email.Config{URL: "smtp://" + s.Addr, Dial: s.dial})
				results := sendAll(t, c, opened(), person(1), person(2), person(3), person(4))
				if got := outcomes(results); got != "delivered delivered delivered delivered" {
					t.Errorf("%s: %+v", says, results)
				}
				if connections, n, _ := s.seen(); connections != 4 || n != 4 {
					t.Errorf("%s: %d connections, %d messages", says, connections, n)
				}
			})
		}
	})
}

func TestServerThatHangsUpOnEverythingIsTriedOnceMore(t *testing.T) {
	s := startRaw(t, false, func(p at) string {
		if p.verb == "MAIL" {
			return drop
		}
		return ""
	})
	c := newChannel(t, email.Config{URL: "smtp://" + s.Addr})
	results := sendAll(t, c, opened(), person(1), person(2), person(3))
	if got := outcomes(results); got != "transient channel_failed channel_failed" {
		t.Errorf("%+v", results)
	}
	if connections, _, _ := s.seen(); connections != 2 {
		t.Errorf("%d connections, not 2", connections)
	}
}

func TestRefusalOfAReconnectionFailsTheChannelForTheRest(t *testing.T) {
	s := startRaw(t, false, func(p at) string {
		switch {
		case p.connection > 1 && p.verb == "GREETING":
			return "554 5.3.2 not now"
		case p.verb == "MAIL" && p.message == 2:
			return drop
		default:
			return ""
		}
	})
	c := newChannel(t, email.Config{URL: "smtp://" + s.Addr})
	results := sendAll(t, c, opened(), person(1), person(2), person(3))
	if got := outcomes(results); got != "delivered channel_failed channel_failed" || !strings.Contains(results[2].Answer, "554 5.3.2 not now") {
		t.Errorf("%+v", results)
	}
	if connections, _, _ := s.seen(); connections != 2 {
		t.Errorf("%d connections, not 2", connections)
	}
}

// In virtual time, so that a slow machine changes nothing: the server has its
// time to the second, and no other step takes any.
func TestSilentServerTimesOut(t *testing.T) {
	const patience = 30 * time.Second
	for verb, want := range map[string]notify.Outcome{
		"MAIL": notify.Transient, "RCPT": notify.Transient, "DATA": notify.Transient, "DOT": notify.UncertainSent,
	} {
		both(t, func(t *testing.T, pipelining bool) {
			synctest.Test(t, func(t *testing.T) {
				s := startPiped(t, pipelining, firstOnly(verb, hang))
				c := newChannel(t, email.Config{URL: "smtp://" + s.Addr, Timeout: patience, Dial: s.dial})
				began := time.Now()
				results := sendAll(t, c, opened(), person(1), person(2))
				if results[0].Outcome != want || !strings.Contains(results[0].Answer, "timed out") || results[1].Outcome != notify.Delivered {
					t.Errorf("%s: %+v", verb, results)
				}
				if took := time.Since(began); took != patience {
					t.Errorf("%s: took %v", verb, took)
				}
			})
		})
	}
	for _, verb := range []string{"GREETING", "EHLO"} {
		synctest.Test(t, func(t *testing.T) {
			s := startPiped(t, false, firstAlways(verb, hang))
			c := newChannel(t, email.Config{URL: "smtp://" + s.Addr, Timeout: patience, Dial: s.dial})
			began := time.Now()
			if _, err := c.Open(context.Background()); err == nil || !strings.Contains(err.Error(), "timed out") {
				t.Errorf("%s: %v", verb, err)
			}
			if took := time.Since(began); took != patience {
				t.Errorf("%s: took %v", verb, took)
			}
		})
	}
}

func firstAlways(verb, says string) func(at) string {
	return func(p at) string {
		if p.verb == verb {
			return says
		}
		return ""
	}
}

func TestEndOfContextStopsBetweenAndWithinMessages(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s := startRaw(t, false, func(p at) string {
		if p.verb == "RCPT" && p.message == 2 {
			cancel()
			return hang
		}
		return ""
	})
	c := newChannel(t, email.Config{URL: "smtp://" + s.Addr, Timeout: 30 * time.Second})
	session, err := c.Open(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = session.Close() }()
	began := time.Now()
	if got := outcomes(send(t, ctx, session, opened(), person(1), person(2), person(3))); got != "delivered transient transient" {
		t.Errorf("got %s", got)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("the end of the context took effect after %v", took)
	}
}

// A stop must not make a message go out twice: what was handed over waits for
// its answer.
func TestEndOfContextWaitsForTheAnswerToTheDot(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s := startRaw(t, false, func(p at) string {
		if p.verb == "DOT" {
			cancel()
			time.Sleep(100 * time.Millisecond)
		}
		return ""
	})
	c := newChannel(t, email.Config{URL: "smtp://" + s.Addr})
	session, err := c.Open(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = session.Close() }()
	if got := outcomes(send(t, ctx, session, opened(), person(1), person(2))); got != "delivered transient" {
		t.Errorf("got %s", got)
	}
}

func TestOpenHeedsTheContext(t *testing.T) {
	s := startRaw(t, false, firstAlways("EHLO", hang))
	c := newChannel(t, email.Config{URL: "smtp://" + s.Addr, Timeout: 30 * time.Second})
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := c.Open(ctx); err == nil {
		t.Error("opened")
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestLongAndOddAnswersAreFitForTheLedger(t *testing.T) {
	s := startRaw(t, false, firstOnly("RCPT", "550-5.1.1 first\r\n550 5.1.1 \x1b[31m"+strings.Repeat("ä", 400)+"\x00"))
	c := newChannel(t, email.Config{URL: "smtp://" + s.Addr})
	answer := sendAll(t, c, opened(), person(1))[0].Answer
	if len(answer) > 300 || strings.ContainsAny(answer, "\x00\x1b\r\n") || !strings.HasPrefix(answer, "RCPT: 550 5.1.1 first") {
		t.Errorf("%d bytes: %q", len(answer), answer)
	}
}
