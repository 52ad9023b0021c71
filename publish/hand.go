package publish

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// Hand is how the incident manager widens or narrows the audience of one post,
// or adds somebody to it (rule 10), and why.
type Hand struct {
	Only    []stakeholders.Quadrant
	Without []stakeholders.Quadrant
	Also    []Also
	Reason  string
}

// Also is whom a post is to reach besides: one of an address, an entry of the
// register by its name or id, or a whole quadrant.
type Also struct {
	Email       string
	Stakeholder string
	Quadrant    stakeholders.Quadrant
}

// maxAlso bounds how many are added to one post: more of them belong into the
// register.
const maxAlso = 20

// Addressing is a Publisher whose posts reach whom the manager says.
func (p *Publisher) Addressing(h Hand) *Publisher {
	with := *p
	with.hand = &h
	return &with
}

// handField is where a fault of the audience stands in a request.
const handField = "incident.allclear.audience"

// readHand checks what the manager decided and freezes it. Who left is not
// told, whoever wants it (rule 1): a warning says so.
func (a *act) readHand(ctx context.Context) (h stakeholders.Hand, err error) {
	given := a.publisher.hand
	if given == nil {
		return h, nil
	}
	bad := &status.Invalid{}
	if strings.TrimSpace(given.Reason) == "" {
		bad.Add(handField+".reason", "is missing; say why this update reaches others than usual, for the audit log")
	}
	status.CheckText(bad, handField+".reason", given.Reason, status.MaxDescriptionLength, false)
	h.Only, h.Without = checkQuadrants(bad, "only", given.Only), checkQuadrants(bad, "without", given.Without)
	if len(given.Also) > maxAlso {
		bad.Add(handField+".also", "names %d; at most %d can be added to one update, others belong into the register", len(given.Also), maxAlso)
		return h, bad.Err()
	}
	register, err := a.tx.Register(ctx)
	if err != nil {
		return h, err
	}
	for i, also := range given.Also {
		addAlso(bad, fmt.Sprintf("%s.also[%d]", handField, i), &h, also, register)
	}
	if len(given.Only)+len(given.Without)+len(given.Also) == 0 {
		bad.Add(handField, "says nothing; give only, without or also, or leave it out")
	}
	if err := bad.Err(); err != nil {
		return h, err
	}
	return h, a.dropLeft(ctx, &h)
}

func checkQuadrants(bad *status.Invalid, name string, given []stakeholders.Quadrant) []stakeholders.Quadrant {
	for _, q := range given {
		if !q.Valid() {
			bad.Add(handField+"."+name, "names %q; it must be of manage_closely, keep_informed, keep_satisfied, monitor", q)
		}
	}
	return given
}

// addAlso adds one that is to be reached besides.
func addAlso(bad *status.Invalid, field string, h *stakeholders.Hand, also Also, register []stakeholders.Stakeholder) {
	given := 0
	for _, text := range []string{also.Email, also.Stakeholder, string(also.Quadrant)} {
		if text != "" {
			given++
		}
	}
	switch {
	case given != 1:
		bad.Add(field, `must be one of {"email": "ana@example.com"}, {"stakeholder": "Management"} or {"quadrant": "keep_satisfied"}`)
	case also.Email != "":
		address, err := stakeholders.NormalizeAddress(stakeholders.Email, also.Email)
		if err != nil {
			bad.Add(field+".email", "%s", err)
		}
		h.Also = append(h.Also, stakeholders.OneOff{Name: address, Channel: stakeholders.Email, Address: address})
	case also.Quadrant != "":
		h.Widened = append(h.Widened, also.Quadrant)
		if !also.Quadrant.Valid() {
			bad.Add(field+".quadrant", "is %q; it must be one of manage_closely, keep_informed, keep_satisfied, monitor", also.Quadrant)
		}
	default:
		addEntry(bad, field+".stakeholder", h, also.Stakeholder, register)
	}
}

// addEntry adds the contacts of an entry of the register.
func addEntry(bad *status.Invalid, field string, h *stakeholders.Hand, name string, register []stakeholders.Stakeholder) {
	at := slices.IndexFunc(register, func(s stakeholders.Stakeholder) bool { return s.ID == name || stakeholders.SameName(s.Name, name) })
	switch {
	case at < 0:
		bad.Add(field, "is %q, which is not in the register; give its name or id, or an email", name)
	case register[at].Kind == stakeholders.Segment:
		bad.Add(field, "is %q, a segment of subscribers; give its quadrant, %s", name, register[at].Quadrant())
	case len(register[at].Contacts) == 0:
		bad.Add(field, "is %q, which has no contact", name)
	default:
		for _, c := range register[at].Contacts {
			h.Also = append(h.Also, stakeholders.OneOff{Name: register[at].Name, Channel: c.Channel, Address: c.Address})
		}
	}
}

// dropLeft leaves out whom nothing is sent to any more.
func (a *act) dropLeft(ctx context.Context, h *stakeholders.Hand) error {
	var kept []stakeholders.OneOff
	for _, also := range h.Also {
		reason, err := a.tx.Suppressed(ctx, also.Channel, also.Address)
		if err != nil {
			return err
		}
		if reason == "" {
			kept = append(kept, also)
			continue
		}
		a.warnings = append(a.warnings, fmt.Sprintf("%s is not told by %s: nothing is sent there any more (%s).", also.Name, also.Channel.Class().Label(), reason))
	}
	h.Also = kept
	return nil
}

// refuseHand refuses an audience for what nobody is told of.
func (a *act) refuseHand() error {
	if a.publisher.hand == nil {
		return nil
	}
	return status.NewInvalid(handField, "is for a message that people are told; this post tells nobody, so leave the audience out, or give it when you publish")
}

// handDetail is the manager's decision for the audit log.
func (h Hand) detail() map[string]any {
	var also []string
	for _, one := range h.Also {
		also = append(also, one.Email+one.Stakeholder+string(one.Quadrant))
	}
	return map[string]any{"only": h.Only, "without": h.Without, "also": also, "reason": h.Reason}
}
