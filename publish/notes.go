package publish

import (
	"context"

	"github.com/allclear-status/allclear/stakeholders"
)

// Notes are sentences for who runs the server: what works and will be missed one
// day.
func (p *Publisher) Notes(ctx context.Context) ([]string, error) {
	rosters, err := p.store.DefaultRoles(ctx)
	if err != nil {
		return nil, err
	}
	for _, roster := range rosters {
		if len(roster.Line(stakeholders.CommunicationLead)) > 0 {
			return nil, nil
		}
	}
	return []string{"Nobody is set to be reminded of a promised update: give somebody the role communication_lead (allclear roles)."}, nil
}
