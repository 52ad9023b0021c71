package stakeholders

import "slices"

// Role is what somebody does in an incident besides solving it.
type Role string

// The roles. The communication lead speaks, the resolution lead finds and fixes,
// the incident manager answers for both, and the deputy steps in for the manager.
const (
	CommunicationLead Role = "communication_lead"
	IncidentManager   Role = "incident_manager"
	Deputy            Role = "deputy"
	ResolutionLead    Role = "resolution_lead"
)

// Roles lists the roles, in the order in which one stands in for another.
func Roles() []Role { return []Role{CommunicationLead, IncidentManager, Deputy, ResolutionLead} }

// Valid says whether there is such a role.
func (r Role) Valid() bool { return slices.Contains(Roles(), r) }

// Holder is who has a role: an entry of the register, or anybody by name.
type Holder struct {
	StakeholderID string // empty: nobody of the register
	Name          string
	Contacts      []Contact
	Language      string // empty: the page's
	TimeZone      string
}

// Key tells holders apart.
func (h Holder) Key() string {
	if h.StakeholderID != "" {
		return string(FromRegister) + ":" + h.StakeholderID
	}
	return "name:" + h.Name
}

// Roster is who has which role; a role that nobody has is not in it.
type Roster map[Role]Duty

// Duty is a role that is held, and by which settings.
type Duty struct {
	Holder
	From string // "incident", "component" or "page"
}

// Line lists who is asked for a role: its holder, then the holders of the roles
// behind it, and from the front again; everybody once.
func (r Roster) Line(first Role) []Duty {
	all := Roles()
	at := max(0, slices.Index(all, first))
	var line []Duty
	for _, role := range slices.Concat(all[at:], all[:at]) {
		duty, held := r[role]
		if held && !slices.ContainsFunc(line, func(d Duty) bool { return d.Key() == duty.Key() }) {
			line = append(line, duty)
		}
	}
	return line
}

// Has lists the roles that somebody has, by the holder's key.
func (r Roster) Has(key string) []Role {
	return slices.DeleteFunc(Roles(), func(role Role) bool {
		duty, held := r[role]
		return !held || duty.Key() != key
	})
}
