package stakeholders_test

import (
	"slices"
	"testing"

	"github.com/allclear-status/allclear/stakeholders"
)

func TestTheNextInLineStandsIn(t *testing.T) {
	held := func(role stakeholders.Role, name string) (stakeholders.Role, stakeholders.Duty) {
		return role, stakeholders.Duty{Holder: stakeholders.Holder{Name: name}}
	}
	roster := stakeholders.Roster{}
	for role, name := range map[stakeholders.Role]string{
		stakeholders.IncidentManager: "Bo", stakeholders.Deputy: "Cem", stakeholders.ResolutionLead: "Bo",
	} {
		role, duty := held(role, name)
		roster[role] = duty
	}
	for first, want := range map[stakeholders.Role][]string{
		stakeholders.CommunicationLead: {"Bo", "Cem"}, stakeholders.IncidentManager: {"Bo", "Cem"},
		stakeholders.Deputy: {"Cem", "Bo"}, stakeholders.ResolutionLead: {"Bo", "Cem"},
	} {
		var got []string
		for _, duty := range roster.Line(first) {
			got = append(got, duty.Name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("for %s are asked %q, want %q", first, got, want)
		}
	}
	if got := roster.Has("name:Bo"); !slices.Equal(got, []stakeholders.Role{stakeholders.IncidentManager, stakeholders.ResolutionLead}) {
		t.Errorf("Bo has %q", got)
	}
	if len(stakeholders.Roster{}.Line(stakeholders.Deputy)) != 0 {
		t.Error("somebody stands in for nobody")
	}
}
