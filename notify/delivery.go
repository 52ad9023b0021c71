package notify

import (
	"time"

	"github.com/allclear-status/allclear/stakeholders"
)

// State is where one delivery stands.
type State string

// The states of a delivery.
const (
	Held       State = "held"       // waits for its due time
	Pending    State = "pending"    // to be sent as soon as possible, or again at its due time
	Sending    State = "sending"    // handed to a worker
	Sent       State = "sent"       // the server accepted it
	Uncertain  State = "uncertain"  // the server may have accepted it; it repeats with the same Message-ID
	Failed     State = "failed"     // given up, with the server's answer
	Suppressed State = "suppressed" // the recipient left, or the address is known to be dead
	Superseded State = "superseded" // a newer message to the same person went instead
	Merged     State = "merged"     // became part of a digest
	Dropped    State = "dropped"    // its condition lapsed
)

// Done says whether nothing more will happen to a delivery in this state.
func (s State) Done() bool {
	switch s {
	case Held, Pending, Sending, Uncertain:
		return false
	default:
		return true
	}
}

// Key is one notice to one address on one channel: what makes a delivery, its
// Message-ID and its idempotency key.
type Key struct {
	NoticeID int64
	Channel  stakeholders.Channel
	Address  string // normalised
}

// Delivery is one row of the ledger.
type Delivery struct {
	Key
	IncidentID string
	Reference  string // of the incident, INC-14; empty: it is about none
	Event      stakeholders.Event
	// PolicyVersion is the version of the policy that decided.
	PolicyVersion int64
	Person        string // "stakeholder:<id>" or "subscriber:<id>"
	PersonName    string
	Shown         string // the address as it may be shown
	Quadrant      stakeholders.Quadrant
	Rule          stakeholders.Rule
	Cell          string
	Reason        string
	// Form, Language and Pace are in which way it is told (see Text).
	Form     Form
	Language string // empty: the page's
	Pace     time.Duration
	// SaidID is the notice whose text it carried; 0: it never left.
	SaidID     int64
	State      State
	DueAt      time.Time // zero: at once
	OnlyIfOpen bool
	Attempts   int
	// Uncertain stays set once an attempt's outcome was unknown: the address
	// may have received the message more than once.
	Uncertain bool
	Answer    string // the server's last words
	CreatedAt time.Time
	UpdatedAt time.Time
	SentAt    time.Time
	// Gather says with what it is put together; empty: it goes by itself.
	Gather stakeholders.Gather
	// MergedInto is the notice that it became part of; 0: none.
	MergedInto int64
}

// Attempt is one try that did not deliver; the one that did is the delivery's
// own SentAt and Answer.
type Attempt struct {
	Number  int
	At      time.Time
	Outcome Outcome
	Answer  string
}
