package api

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/statuspage"
	"github.com/allclear-status/allclear/store"
)

// move is an entry of the register that came, went or changed its place.
type move struct {
	Stakeholder string  `json:"stakeholder_id"`
	Name        string  `json:"name"`
	From        *string `json:"from"`
	To          *string `json:"to"`
	Actor       string  `json:"actor"`
	Reason      *string `json:"reason"`
	At          string  `json:"at"`
}

// listMoves handles GET /stakeholders/moves, the newest first.
func (a *api) listMoves(c *fiber.Ctx) error { return a.sendMoves(c, "") }

// listMovesOf handles GET /stakeholders/:id/moves, also of an entry that is no
// more.
func (a *api) listMovesOf(c *fiber.Ctx) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	return a.sendMoves(c, id)
}

func (a *api) sendMoves(c *fiber.Ctx, id string) error {
	w, err := readWindow(c, 1)
	if err != nil {
		return err
	}
	moves, err := a.store.Moves(c.UserContext(), id, w.limit, w.offset)
	if err != nil {
		return err
	}
	list := make([]move, len(moves))
	for i, m := range moves {
		list[i] = showMove(c, m)
	}
	return send(c, http.StatusOK, list)
}

func showMove(c *fiber.Ctx, m store.Move) move {
	return move{m.StakeholderID, m.Name, optional(string(m.From)), optional(string(m.To)), m.Actor.Name, optional(m.Reason),
		statuspage.FormatTime(m.At, page(c).Location())}
}
