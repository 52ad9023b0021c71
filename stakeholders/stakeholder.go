package stakeholders

import "time"

// Kind is what a register entry stands for.
type Kind string

// The kinds. A segment has no contacts of its own: it gives the subscribers
// that belong to it their place.
const (
	Person  Kind = "person"
	Team    Kind = "team"
	Segment Kind = "segment"
)

// DefaultSegment is where subscribers belong who named no other.
const DefaultSegment = "Customers"

// Stakeholder is an entry of the register: someone we decided must be told.
type Stakeholder struct {
	ID         string
	Name       string
	Kind       Kind
	Power      Level
	Interest   Level
	Contacts   []Contact
	Components []string // ids; none: all
	Language   string
	TimeZone   string
	QuietHours string // "22:00-07:00", or empty
	Owner      string // who keeps the entry right: an email address, or the name of another entry
	Notes      string
	// ReviewAfter says when to look at the entry again: "180d" after it was last
	// reviewed or changed, a date, or "never"; empty: ReviewDays.
	ReviewAfter string
	ReviewedAt  time.Time
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Quadrant is the entry's place in the matrix.
func (s Stakeholder) Quadrant() Quadrant { return Place(s.Power, s.Interest) }

// Contact is one way of reaching a stakeholder or a subscriber.
type Contact struct {
	ID      string
	Channel Channel
	// Address is the normalised address (see NormalizeAddress).
	Address string
	// Label is what people call the address where it is a secret, such as
	// "#incidents".
	Label string
	// Private contacts may receive internal notes.
	Private bool
	// OptedIn says that the contact asked to be told; in the quadrant monitor
	// only such contacts are.
	OptedIn bool
	// Contractual is the basis on which this contact must be told, such as a
	// contract; empty: there is none. One that leaves is stopped too, and the
	// owner of the entry is told.
	Contractual string
	// EveryUpdate says that a subscription of this contact asked for every
	// public update (rule 8). It is worked out, not stored with the contact.
	EveryUpdate bool
	// Shared says that a team, or several people, read what goes there, so that
	// nobody's quiet hours hold it (rule 5). It is worked out, too.
	Shared bool
	// Endpoint is a secret address in clear, on its way into the store; it is
	// never read back through this field.
	Endpoint string
}

// inbox is where a message arrives.
type inbox struct {
	channel Channel
	address string
}

func inboxOf(c Contact) inbox { return inbox{c.Channel, c.Address} }

// Shown is the address as it may be shown to those who manage the register.
func (c Contact) Shown() string {
	if c.Channel.Secret() {
		if c.Label != "" {
			return c.Label
		}
		if c.Channel == Webhook {
			return "webhook"
		}
		return string(c.Channel) + " webhook"
	}
	return c.Address
}

// Subscriber is someone who asked to be told. Only confirmed ones are.
type Subscriber struct {
	ID             string
	Contact        Contact
	Email          string // normalised, of who owns a webhook; empty for other channels
	Segment        string
	Preferences    Preferences
	Basis          string // why no confirmation was asked for, where none was
	ConfirmedAt    time.Time
	UnsubscribedAt time.Time
	CreatedAt      time.Time
	// Failures is how many requests in a row a webhook or a chat did not take,
	// and FailingSince when the first of them was.
	Failures     int
	FailingSince time.Time
	// QuarantinedAt is since when nothing is sent for that; zero: it is.
	QuarantinedAt time.Time
}

// When a webhook that fails is left alone, as on Statuspage: after so many
// requests in a row, over about an hour. Jitter makes that hour a little
// shorter or longer.
const (
	MostFailures = 10
	FailingFor   = 50 * time.Minute
)

// PurgeAfter is how long after that it is kept.
const PurgeAfter = 90 * 24 * time.Hour

// Failing says whether a webhook has failed for long enough to be left alone.
func (s Subscriber) Failing(now time.Time) bool {
	return s.Failures >= MostFailures && now.Sub(s.FailingSince) >= FailingFor
}

// PurgeAt is when a webhook that is left alone is forgotten; zero: never.
func (s Subscriber) PurgeAt() time.Time {
	if s.QuarantinedAt.IsZero() {
		return time.Time{}
	}
	return s.QuarantinedAt.Add(PurgeAfter)
}

// Told says whether a subscriber is sent anything.
func (s Subscriber) Told() bool {
	return !s.ConfirmedAt.IsZero() && s.UnsubscribedAt.IsZero() && s.QuarantinedAt.IsZero()
}

// Preferences narrow what the policy gives a subscriber, or ask for every
// public update.
type Preferences struct {
	Components      []string `json:"components,omitempty"`   // ids; none: all
	LeastImpact     string   `json:"least_impact,omitempty"` // a grade; empty: any
	StartAndEndOnly bool     `json:"start_and_end_only,omitempty"`
	EveryUpdate     bool     `json:"every_update,omitempty"`
	DailyDigest     bool     `json:"daily_digest,omitempty"`
	QuietHours      string   `json:"quiet_hours,omitempty"`
	TimeZone        string   `json:"time_zone,omitempty"`
	Language        string   `json:"language,omitempty"`
}
