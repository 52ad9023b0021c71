package api

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// updatePart is what an update says to some readers only.
type updatePart struct {
	InternalNote   string `json:"internal_note"`
	CustomerAnswer string `json:"customer_answer"`
}

// namedPart is that of one update among others.
type namedPart struct {
	UpdateID string `json:"update_id"`
	updatePart
}

func showParts(parts []store.UpdateParts) []namedPart {
	list := []namedPart{}
	for _, p := range parts {
		list = append(list, namedPart{p.UpdateID, updatePart{p.InternalNote, p.CustomerAnswer}})
	}
	return list
}

// readExtras is what we say of each incident to the one who asks: who may only
// read is not shown what is for some readers.
func (a *api) readExtras(c *fiber.Ctx, p status.Page, incidents ...status.Incident) (map[string]extra, error) {
	extras := map[string]extra{}
	for _, i := range incidents {
		extras[i.ID] = readExtra(p, i)
	}
	if require(c, auth.ScopePost) != nil {
		return extras, nil
	}
	return extras, a.addParts(c.UserContext(), extras)
}

func (a *api) addParts(ctx context.Context, extras map[string]extra) error {
	ids := make([]string, 0, len(extras))
	for id, e := range extras {
		e.Parts = &[]namedPart{}
		extras[id] = e
		ids = append(ids, id)
	}
	parts, err := a.store.UpdateParts(ctx, ids...)
	for _, p := range parts {
		*extras[p.IncidentID].Parts = append(*extras[p.IncidentID].Parts, showParts([]store.UpdateParts{p})...)
	}
	return err
}
