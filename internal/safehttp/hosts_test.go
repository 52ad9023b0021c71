package safehttp

import (
	"context"
	"errors"
	"net/url"
	"testing"
	"testing/synctest"
	"time"
)

func at(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// enter gets a visit, or fails.
func enter(t *testing.T, h *Hosts, address string) *Visit {
	t.Helper()
	v, again := h.Enter(t.Context(), at(t, address))
	if v == nil {
		t.Fatalf("%s waits until %v", address, again)
	}
	return v
}

var (
	taken  = Answer{Code: 200}
	broken = Answer{Err: errors.New("timed out")}
)

func TestAHostThatHangsHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHosts(Limits{Every: -1})
		hanging := enter(t, h, "https://slow.example/1")
		began := time.Now()
		if v, again := h.Enter(t.Context(), at(t, "https://slow.example/2")); v != nil || !again.After(time.Now()) || time.Since(began) > 2*time.Second {
			t.Errorf("a second message went to a host that never answered, after %v", time.Since(began))
		}
		began = time.Now()
		for range 20 {
			enter(t, h, "https://quick.example/1").Leave(taken, time.Time{})
		}
		time.Sleep(2 * time.Second)
		if v, _ := h.Enter(t.Context(), at(t, "https://slow.example/2")); v != nil {
			t.Error("messages follow one that hangs")
		}
		if waited := time.Since(began); waited > 2*time.Second {
			t.Errorf("waited %v", waited)
		}
		hanging.Leave(taken, time.Time{})
		enter(t, h, "https://slow.example/2").Leave(taken, time.Time{})
	})
}

func TestAHostThatFailsIsLeftAloneAndTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHosts(Limits{Every: -1})
		for range 3 {
			enter(t, h, "https://down.example/1").Leave(broken, time.Time{})
		}
		rests := []time.Duration{15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 5 * time.Minute, 5 * time.Minute}
		for _, want := range rests {
			v, again := h.Enter(t.Context(), at(t, "https://down.example/2"))
			if v != nil || time.Until(again) != want {
				t.Fatalf("left alone for %v, not %v", time.Until(again), want)
			}
			time.Sleep(want)
			probe := enter(t, h, "https://down.example/2")
			if other, _ := h.Enter(t.Context(), at(t, "https://down.example/3")); other != nil {
				t.Fatal("two messages try whether it answers again")
			}
			probe.Leave(Answer{Code: 503}, time.Time{})
			_ = want
		}
		time.Sleep(5 * time.Minute)
		enter(t, h, "https://down.example/2").Leave(taken, time.Time{})
		enter(t, h, "https://down.example/3")
		enter(t, h, "https://down.example/4")
	})
}

func TestOneAddressIsPacedAndObeyed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHosts(Limits{})
		began := time.Now()
		for range 3 {
			enter(t, h, "https://chat.example/1").Leave(taken, time.Time{})
		}
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("three messages took %v", took)
		}
		enter(t, h, "https://chat.example/2").Leave(Answer{Code: 429}, time.Now().Add(time.Minute))
		if v, again := h.Enter(t.Context(), at(t, "https://chat.example/2")); v != nil || time.Until(again) != time.Minute {
			t.Errorf("the wish for a minute is not obeyed: %v", time.Until(again))
		}
		enter(t, h, "https://chat.example/3").Leave(taken, time.Time{}) // another webhook of that host
	})
}

func TestAStopEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHosts(Limits{Every: -1})
		enter(t, h, "https://slow.example/1")
		ctx, cancel := context.WithCancel(t.Context())
		go func() { time.Sleep(time.Second); cancel() }()
		began := time.Now()
		if v, _ := h.Enter(ctx, at(t, "https://slow.example/2")); v != nil || time.Since(began) != time.Second {
			t.Errorf("waited %v", time.Since(began))
		}
	})
}

func TestHostsWithNothingToSayAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHosts(Limits{})
		for i := range 3 * maxKnown {
			enter(t, h, "https://h"+time.Duration(i).String()+".example/").Leave(taken, time.Time{})
			time.Sleep(10 * time.Millisecond)
		}
		if len(h.hosts) > maxKnown {
			t.Errorf("%d hosts", len(h.hosts))
		}
	})
}
