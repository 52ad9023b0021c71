package chat

import (
	"context"
	"net/http"
	"net/url"
	"sync"

	"github.com/allclear-status/allclear/internal/safehttp"
	"github.com/allclear-status/allclear/notify"
)

// parallel is how many posts of one session are under way at a time, so that a
// host that takes its time holds up few others.
const parallel = 16

// session posts messages, several at a time.
type session struct {
	channel *Channel
}

// Close closes nothing: connections are kept for the next session and end by
// themselves.
func (session) Close() error { return nil }

// Send posts the text to every webhook.
func (s session) Send(ctx context.Context, text notify.Text, to []notify.Recipient, done func(i int, r notify.Result)) {
	_, personal := notify.LetterOf(text)
	var message []byte
	var err error
	if !personal {
		message, err = s.channel.service.message(text, notify.Recipient{})
	}
	slots := make(chan struct{}, parallel)
	var all sync.WaitGroup
	for i, recipient := range to {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			message, err := message, err
			if personal || recipient.PreferencesURL != "" {
				message, err = s.channel.service.message(text, recipient)
			}
			switch {
			case err != nil: // ours to mend, and then worth another try
				done(i, notify.Result{Outcome: notify.Transient, Answer: "the message could not be built", Neutral: true})
			case ctx.Err() != nil:
				done(i, stopped())
			default:
				done(i, s.channel.post(ctx, recipient, message))
			}
		})
	}
	all.Wait()
}

// message is what is posted, with the links of one recipient.
func (s Service) message(text notify.Text, to notify.Recipient) ([]byte, error) {
	if s.Write != nil {
		return s.Write(text, to)
	}
	if letter, ok := notify.LetterOf(text); ok {
		return s.Encode(OfLetter(text, letter, to.ActURL))
	}
	n := Of(text)
	n.Change = webAddress(to.PreferencesURL)
	return s.Encode(n)
}

func stopped() notify.Result {
	return notify.Result{Outcome: notify.Transient, Answer: "not sent: the sender was stopped", Neutral: true}
}

// post sends one message and reads the answer.
func (c *Channel) post(ctx context.Context, to notify.Recipient, message []byte) notify.Result {
	address, err := url.Parse(to.Address)
	if err != nil || address.Hostname() == "" || (address.Scheme != "https" && address.Scheme != "http") {
		return notify.Result{Outcome: notify.Permanent, Answer: "the address is not that of an incoming webhook"}
	}
	client := c.open
	if to.Stranger {
		client = c.guarded
		if err := c.guard.Check(address); err != nil {
			return notify.Result{Outcome: notify.Permanent, Answer: "not sent: " + err.Error()}
		}
	}
	visit, again := c.hosts.Enter(ctx, address)
	switch {
	case visit == nil && ctx.Err() != nil:
		return stopped()
	case visit == nil:
		return notify.Result{Outcome: notify.RateLimited, Answer: "not sent yet: its host is busy, or did not answer others", RetryAt: again, Neutral: true}
	}
	target := address
	if c.service.Target != nil {
		target = c.service.Target(*address)
	}
	answer := safehttp.Post(ctx, client, safehttp.Message{Address: target, Body: message, Timeout: c.timeout,
		Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}, "User-Agent": {"Allclear"}}})
	secret := safehttp.NewScrubber(address)
	result := c.read(ctx, answer, secret)
	visit.Leave(answer, result.RetryAt)
	return result
}
