package webhook

import (
	"context"
	"errors"
	"net/url"
	"sync"
	"sync/atomic"

	"github.com/allclear-status/allclear/internal/safehttp"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/statuspage"
)

// parallel is how many messages of one session are under way at a time, so that
// a receiver that takes its time holds up few others.
const parallel = 10

// session posts messages, several at a time.
type session struct {
	channel *Channel
}

// Close closes nothing: connections are kept for the next session and end by
// themselves.
func (session) Close() error { return nil }

// Send posts the text to every webhook.
func (s session) Send(ctx context.Context, text notify.Text, to []notify.Recipient, done func(i int, r notify.Result)) {
	if len(to) == 0 {
		return
	}
	payload, unfit := s.channel.payload(ctx, text)
	var next atomic.Int64
	var all sync.WaitGroup
	for range min(parallel, len(to)) {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(to); i = int(next.Add(1)) - 1 {
				switch {
				case ctx.Err() != nil:
					done(i, stopped())
				case unfit != nil:
					done(i, *unfit)
				default:
					done(i, s.channel.post(ctx, payload, to[i]))
				}
			}
		})
	}
	all.Wait()
}

// payload makes what all are sent, or says what becomes of it instead.
func (c *Channel) payload(ctx context.Context, text notify.Text) (statuspage.WebhookText, *notify.Result) {
	bounded, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	payload, err := c.config.Payload(bounded, text)
	if errors.Is(err, status.ErrNotFound) {
		return statuspage.WebhookText{}, &notify.Result{Outcome: notify.Permanent, Neutral: true, Answer: "not sent: what it is about is not on the record any more"}
	}
	var parsed statuspage.WebhookText
	if err == nil {
		parsed, err = statuspage.ParseWebhook(payload)
	}
	if err != nil { // ours to mend, and then worth another try
		result := unbuilt()
		return parsed, &result
	}
	return parsed, nil
}

func unbuilt() notify.Result {
	return notify.Result{Outcome: notify.Transient, Answer: "the message could not be built", Neutral: true}
}

func stopped() notify.Result {
	return notify.Result{Outcome: notify.Transient, Answer: "not sent: the sender was stopped", Neutral: true}
}

// post sends one message and reads the answer.
func (c *Channel) post(ctx context.Context, payload statuspage.WebhookText, to notify.Recipient) notify.Result {
	target, err := url.Parse(to.Address)
	if err != nil || target.Hostname() == "" || (target.Scheme != "https" && target.Scheme != "http") {
		return notify.Result{Outcome: notify.Permanent, Answer: "the address is not one that a webhook can be sent to"}
	}
	if err := c.config.Guard.Check(target); err != nil {
		return notify.Result{Outcome: notify.Permanent, Answer: "not sent: " + err.Error()}
	}
	body, err := payload.For(to.LeaveURL)
	if err != nil {
		return unbuilt()
	}
	visit, again := c.hosts.Enter(ctx, target)
	switch {
	case visit == nil && ctx.Err() != nil:
		return stopped()
	case visit == nil:
		return notify.Result{Outcome: notify.RateLimited, Neutral: true, Answer: "not sent yet: its host is busy, or did not answer others", RetryAt: again}
	}
	answer := safehttp.Post(ctx, c.client, safehttp.Message{Address: target, Body: body, Timeout: c.config.Timeout, Header: headers(to, body, c.now())})
	result := c.read(ctx, answer, safehttp.NewScrubber(target))
	visit.Leave(answer, result.RetryAt)
	return result
}
