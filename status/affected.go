package status

import "slices"

// Affected is a component that this incident touches.
type Affected struct {
	ComponentID string
	NotCore     bool
	// Graded is the worst state that counts for the impact: what this
	// incident's posts gave the component, except that recovery in or after
	// monitoring does not lower it. Empty when the component was only named.
	Graded ComponentStatus
}

// touch updates the set of touched components and reports whether it grew.
func (i *Incident) touch(p Post, components map[string]Component) (grew bool) {
	before := i.ComponentIDs()
	named := slices.Clone(p.ComponentIDs)
	if p.ComponentIDs == nil {
		named = slices.Clone(before)
	}
	for _, s := range p.Components {
		if !slices.Contains(named, s.ComponentID) {
			named = append(named, s.ComponentID)
		}
	}
	var affected []Affected
	for _, id := range named {
		if slices.ContainsFunc(affected, func(a Affected) bool { return a.ComponentID == id }) {
			continue
		}
		a := Affected{ComponentID: id}
		if at := slices.IndexFunc(i.Affected, func(a Affected) bool { return a.ComponentID == id }); at >= 0 {
			a = i.Affected[at]
		} else {
			grew = true
		}
		if c, ok := components[id]; ok { // else it is gone from the page, and stays what it was
			a.NotCore = c.NotCore
		}
		affected = append(affected, a)
	}
	i.Affected = affected
	return grew
}

// grade works out the impact: the override, else the worst graded state. While
// the incident is in monitoring or resolved, recovery does not lower a graded
// state; one that fell back is worked on again, and can be lowered again.
func (i *Incident) grade(p Post) {
	recovering := i.Status == Monitoring || i.Status.Over()
	for _, s := range p.Components {
		at := slices.IndexFunc(i.Affected, func(a Affected) bool { return a.ComponentID == s.ComponentID })
		a := &i.Affected[at]
		if recovering && a.Graded != "" && s.Status.Impact().Level() < a.Graded.Impact().Level() {
			continue
		}
		a.Graded = s.Status
	}
	if p.ImpactOverride != nil {
		i.ImpactOverride = *p.ImpactOverride
	}
	i.Impact = i.ImpactOverride
	if i.Impact == "" {
		i.Impact = ImpactNone
		for _, a := range i.Affected {
			i.Impact = i.Impact.Worse(a.impact())
		}
	}
	i.HighestImpact = i.HighestImpact.Worse(i.Impact)
}

// impact is what this component's graded state does to users.
func (a Affected) impact() Impact {
	impact := a.Graded.Impact()
	if a.NotCore && impact.Level() > ImpactMinor.Level() {
		return ImpactMinor
	}
	return impact
}
