package notify

import (
	"context"
	"time"
)

// Channel is a way of sending. It opens sessions; each session belongs to one
// goroutine. Everything else (what, to whom, when, again) is the worker's.
type Channel interface {
	// Open connects. The error is the whole channel's: nothing can be sent now.
	Open(ctx context.Context) (Session, error)
}

// Session sends many messages, one after another or overlapping.
type Session interface {
	// Send sends one text to every recipient and reports each result exactly
	// once through done, before it returns; done may be called in any order.
	// When the context ends, what was not handed over is reported transient.
	Send(ctx context.Context, text Text, to []Recipient, done func(i int, r Result))
	// Close ends the session politely. It never changes a reported result.
	Close() error
}

// Text is what one group of recipients is told: rendered once for all of them.
type Text struct {
	Content  Content
	Form     Form
	Language string // BCP 47
	// Pace is the period in which updates reach these recipients at most once
	// on this channel; 0: each comes when it is posted, stakeholders.PageOnly:
	// none is sent them.
	Pace time.Duration
	// First says that this is the first these recipients hear of it on this
	// channel, whatever happened before.
	First bool
	// Late says that the next update was due before this was sent (see AsOf).
	Late bool
}

// Recipient is one address with what is personal about its message.
type Recipient struct {
	// Address is where to send: an email address, or the secret URL of an
	// incoming webhook.
	Address string
	// Stranger says that who is told gave the address, not the company: it may
	// lead nowhere but to the public internet.
	Stranger bool
	// MessageID, without angle brackets, is the same at every attempt. Chat
	// channels use it as an idempotency key where the service has one.
	MessageID string
	// ThreadID, without angle brackets, is shared by all messages about one
	// incident to this address, so that mail programs group them.
	ThreadID string
	// ReturnPath is the address for reports that this message could not be
	// delivered; empty: the sender's.
	ReturnPath string
	// SigningKey signs what a webhook is sent; empty: it goes unsigned.
	SigningKey []byte
	// LeaveURL ends the notifications by one click (RFC 8058).
	LeaveURL string
	// ActURL is where a letter about a subscription leads: to confirm it, or to
	// look at it.
	ActURL string
	// PreferencesURL is where a subscriber changes what they get; empty for
	// everybody else.
	PreferencesURL string
	// Why says why this person gets this, and Ask whom to ask where they cannot
	// change it by themselves: sentences in the text's language.
	Why string
	Ask string
}

// Outcome is how an attempt ended.
type Outcome string

// The outcomes of an attempt.
const (
	Delivered     Outcome = "delivered"      // the server took responsibility
	Transient     Outcome = "transient"      // try again later
	RateLimited   Outcome = "rate_limited"   // try again at RetryAt
	Permanent     Outcome = "permanent"      // never try again
	UncertainSent Outcome = "uncertain"      // the answer was lost after everything was handed over
	Unavailable   Outcome = "channel_failed" // the channel as a whole could not be reached
)

// Result is one recipient's outcome, with the server's words.
type Result struct {
	Outcome Outcome
	// Answer is the server's answer or what went wrong, fit for the ledger: no
	// secret, no URL of a webhook, at most a few hundred bytes.
	Answer  string
	RetryAt time.Time // with RateLimited; zero: as scheduled
	// Neutral says nothing of whether the address works: nobody was asked, or
	// was asked for patience only.
	Neutral bool
	// Busy says that the server wants less at a time.
	Busy bool
}
