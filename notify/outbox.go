package notify

import (
	"context"
	"errors"
	"time"

	"github.com/allclear-status/allclear/stakeholders"
)

// Outbox is what the worker needs from the store. Every method is one
// transaction, or several that each leave things whole.
type Outbox interface {
	// Expand turns one stretch of one waiting notice's audience into
	// deliveries. It reports false when no notice waits.
	Expand(ctx context.Context) (bool, error)
	// Claim leases deliveries of one channel: the next chunk of a first pass,
	// or rows that are due by themselves, whichever is asked for first. What
	// may no longer be sent is settled on the way (suppressed, superseded,
	// dropped). An empty batch means that nothing is due.
	Claim(ctx context.Context, c Claim) (Batch, error)
	// Check says, just before messages are handed over, which of them may not
	// be sent any more and why: their recipients left meanwhile. The error is
	// ErrLeaseLost when somebody else has the batch by now.
	Check(ctx context.Context, b Batch, next []Outgoing) (map[Key]string, error)
	// Record writes results and extends the lease of what is left. It keeps
	// nothing of what it is given.
	Record(ctx context.Context, b Batch, results []Recorded) error
	// Release gives back what was claimed and not handed to anybody, as if it
	// had never been claimed, and ends the batch.
	Release(ctx context.Context, b Batch, rest []Outgoing) error
}

// ErrLeaseLost says that a batch was given to somebody else, because its
// holder gave no sign of life for too long.
var ErrLeaseLost = errors.New("the lease ran out and somebody else took the deliveries")

// Claim asks for deliveries.
type Claim struct {
	Channel  stakeholders.Channel
	Lease    time.Duration
	Limit    int // of rows that are due by themselves
	DueFirst bool
	// Before, when it is not 0, asks only for what is more urgent than that (see
	// Batch.Urgency).
	Before int
	// Mine are the leases whose work the claimer still has in hand. They may have
	// run out while the database was away; it takes nothing over from itself.
	Mine []string
}

// Batch is what one lease covers.
type Batch struct {
	Lease   string // names the lease
	Channel stakeholders.Channel
	For     time.Duration
	// NoticeID and Chunk name the leased chunk; Chunk is 0 for due rows.
	NoticeID int64
	Chunk    int
	Groups   []Group
	// Urgency is the order of sending between batches: lower first.
	Urgency int
	// Settled counts the rows that needed no sending.
	Settled int
}

// Size is the number of deliveries to send.
func (b Batch) Size() int {
	n := 0
	for _, g := range b.Groups {
		n += len(g.To)
	}
	return n
}

// Group is deliveries with one text.
type Group struct {
	Text Text
	To   []Outgoing
}

// Outgoing is one delivery on its way.
type Outgoing struct {
	Key
	IncidentID string // for a component's change of state the component's id (see Notice.About)
	Person     string
	Event      stakeholders.Event
	Quadrant   stakeholders.Quadrant
	Rule       stakeholders.Rule
	// Entry is what the register calls the person, Owner whom it names to ask
	// about the entry; empty for a subscriber.
	Entry, Owner string
	// Follows names the components that the person is told of; none: all.
	Follows []string
	// SaidID is the notice whose text it carries: its own, or a newer one.
	SaidID int64
	// Was is the state before it was claimed.
	Was State
	// Endpoint is the secret address in clear where the channel has one.
	Endpoint  string
	Attempt   int // this one's number, from 1
	CreatedAt time.Time
}

// Recorded is the result of one delivery's attempt and what follows from it.
type Recorded struct {
	Outgoing
	Result Result
	At     time.Time
	// RetryAt is when to try again; zero when the state is final.
	RetryAt time.Time
	State   State
}
