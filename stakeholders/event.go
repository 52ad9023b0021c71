package stakeholders

import (
	"slices"

	"github.com/allclear-status/allclear/status"
)

// Event is what one post is, for those who are told.
type Event string

// The events. Reopened, FellBack and CatchUp read the row of Opened; ImpactRaised is
// a catch-up that another event carries.
const (
	Opened           Event = "opened"
	Reopened         Event = "reopened"
	FellBack         Event = "fell_back"
	Updated          Event = "update"
	Identified       Event = "identified"
	Monitoring       Event = "monitoring"
	Resolved         Event = "resolved"
	Withdrawn        Event = "withdrawn"
	ImpactLowered    Event = "impact_lowered"
	ComponentChanged Event = "component_changed"
	Retrospective    Event = "retrospective"
	ActionDone       Event = "action_done"
	// CatchUp is the one summary for who enters the audience late (rule 7).
	CatchUp Event = "catch_up"

	MaintenanceAnnounced Event = "maintenance_announced"
	MaintenanceMoved     Event = "maintenance_moved"
	MaintenanceCancelled Event = "maintenance_cancelled"
	MaintenanceIn24h     Event = "maintenance_in_24h"
	MaintenanceIn1h      Event = "maintenance_in_1h"
	MaintenanceStarted   Event = "maintenance_started"
	MaintenanceOverruns  Event = "maintenance_overruns"
	MaintenanceExtended  Event = "maintenance_extended"
	MaintenanceCompleted Event = "maintenance_completed"

	// About one person's subscription, and no incident: no policy has a row.
	SubscriptionConfirm Event = "subscription_confirm"
	SubscriptionKnown   Event = "subscription_known"
	// SubscriptionQuarantined tells a webhook's owner that nothing more is sent.
	SubscriptionQuarantined Event = "subscription_quarantined"

	// About an entry of the register, and for its owner alone.
	ReviewDue       Event = "review_due"
	ContractualLeft Event = "contractual_left"

	// To an incident's own people, never to stakeholders: an update is due, or a
	// draft is not public yet.
	UpdateReminder    Event = "update_reminder"
	FirstPostReminder Event = "first_post_reminder"
)

// Row is the policy's row for the event.
func (e Event) Row() Event {
	switch e {
	case Reopened, FellBack, CatchUp:
		return Opened
	case MaintenanceMoved, MaintenanceCancelled:
		return MaintenanceAnnounced
	case MaintenanceExtended:
		return MaintenanceOverruns
	default:
		return e
	}
}

// rows lists the rows that a policy has.
var rows = []Event{
	Opened, Updated, Identified, Monitoring, Resolved, Withdrawn, ComponentChanged, ImpactLowered, Retrospective, ActionDone,
	MaintenanceAnnounced, MaintenanceIn24h, MaintenanceIn1h, MaintenanceStarted, MaintenanceOverruns, MaintenanceCompleted,
}

// PolicyRows returns the rows that a policy has, in its order.
func PolicyRows() []Event { return slices.Clone(rows) }

// Ends says whether the event ends what people were told about, so that
// everybody who heard of the start is owed it.
func (e Event) Ends() bool { return e == Resolved || e == Withdrawn || e == MaintenanceCancelled }

// Closes says whether rule 2 may owe the event: an end, and the end of a
// maintenance to who was told that it takes longer.
func (e Event) Closes() bool { return e.Ends() || e == MaintenanceCompleted }

// Starts says whether the event is the start of something people should know.
func (e Event) Starts() bool { return e.Row() == Opened || e.Row() == MaintenanceAnnounced }

// EventOf reads the event from what a post did to an incident; the first that
// fits. raised says that a catch-up goes with it to those who were not told;
// nobody is caught up with what is over.
func EventOf(c status.Change) (event Event, raised bool) {
	if c.Withdrawn {
		return withdrawnOf(c), false
	}
	if c.Maintenance {
		return maintenanceOf(c), false
	}
	raised = !c.Opened && !c.To.Over() && (c.ImpactAfter.Level() > c.ImpactBefore.Level() || c.Widened)
	switch {
	case c.To.Over() && (c.Opened || !c.From.Over()):
		return Resolved, raised
	case c.Opened:
		return Opened, false
	case c.Reopened():
		return Reopened, raised
	case c.FellBack():
		return FellBack, raised
	case c.To == status.Monitoring && c.From != c.To:
		return Monitoring, raised
	case c.To == status.Identified && c.From != c.To:
		return Identified, raised
	case c.ImpactAfter.Level() < c.ImpactBefore.Level():
		return ImpactLowered, raised
	default:
		return Updated, raised
	}
}

// withdrawnOf is the event of taking something off the record: a maintenance
// that had not begun is cancelled by it.
func withdrawnOf(c status.Change) Event {
	if c.From == status.MaintenanceScheduled {
		return MaintenanceCancelled
	}
	return Withdrawn
}

// maintenanceOf is the event of a post about planned work; the first that fits.
func maintenanceOf(c status.Change) Event {
	switch {
	case c.Cancelled:
		return MaintenanceCancelled
	case c.To == status.MaintenanceCompleted && (c.Opened || c.From != c.To):
		return MaintenanceCompleted
	case c.Opened && c.To == status.MaintenanceScheduled:
		return MaintenanceAnnounced
	case c.Opened, c.To == status.MaintenanceInProgress && c.From == status.MaintenanceScheduled:
		return MaintenanceStarted
	case c.Extended:
		return MaintenanceExtended
	case c.Moved:
		return MaintenanceMoved
	default:
		return Updated
	}
}

// Occasion is the event with the facts that the policy reads: the frozen
// inputs of one notice's audience.
type Occasion struct {
	Event        Event         `json:"event"`
	Impact       status.Impact `json:"impact"`
	ImpactBefore status.Impact `json:"impact_before"`
	// Highest is the worst impact so far.
	Highest status.Impact `json:"highest,omitempty"`
	Raised  bool          `json:"raised,omitempty"`
	// Components are the ids of the components that the incident touches.
	Components []string `json:"components"`
	// ClosureOnly is set when the sender asked for no notifications: only the
	// end that is owed to those who heard of the start goes out.
	ClosureOnly bool `json:"closure_only,omitempty"`
	// TimeZone is the page's, by whose clocks go the hours of who named none.
	TimeZone string `json:"time_zone,omitempty"`
	// Hand is what the incident manager decided for this update alone.
	Hand Hand `json:"hand,omitzero"`
}
