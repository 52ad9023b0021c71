package web

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/status"
	"github.com/gofiber/fiber/v2"
)

// RoleLinks are the acts of those who have a role on an incident, by the links
// in their reminders.
type RoleLinks interface {
	RoleLinkInfo(ctx context.Context, token string) (publish.StillWorking, error)
	SayStillWorking(ctx context.Context, token string, after time.Duration) (publish.Published, error)
}

// remindView shows what the button posts.
type remindView struct {
	frame
	Heading  string
	Incident string
	Address  string
	Who      string
	Due      string
	Message  string
	Next     []choice
}

// remindAsk handles GET /remind/:token. It changes nothing: programs that scan
// mail and chats follow every link in them.
func (s *Site) remindAsk(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), leaveTimeout)
	defer cancel()
	still, err := s.options.RoleLinks.RoleLinkInfo(ctx, c.Params("token"))
	if err != nil {
		return s.remindRefused(c, err)
	}
	sn, tag := s.shown()
	if sn == nil {
		return errStarting
	}
	body, err := render(s.views.remind, s.newRemindView(sn, tag, still))
	if err != nil {
		return err
	}
	return sendForm(c, fiber.StatusOK, body)
}

func (s *Site) newRemindView(sn *Snapshot, tag string, still publish.StillWorking) remindView {
	now := s.options.Now().In(sn.record.Page.Location())
	due := "remind.due"
	if now.After(still.DueAt) {
		due = "remind.overdue"
	}
	view := remindView{
		frame: s.newFrame(sn, tag), Heading: lang.Text(tag, "remind.title"), Incident: still.Incident.Reference() + ": " + still.Incident.Name,
		Address: "/incidents/" + still.Incident.ID, Who: lang.Text(tag, "remind.who", still.Name, lang.Text(tag, "role."+string(still.Role))),
		Due: lang.Text(tag, due, lang.Since(tag, still.DueAt.In(now.Location()), now)), Message: still.Text,
	}
	view.Next = []choice{{"", lang.Text(tag, "remind.usual", int(still.Usual.Minutes())), true}}
	for _, after := range still.Others {
		if after != still.Usual {
			minutes := int(after.Minutes())
			view.Next = append(view.Next, choice{strconv.Itoa(minutes), lang.Text(tag, "remind.in", minutes), false})
		}
	}
	view.Title, view.Unlisted = view.Heading, true
	return view
}

// remind handles POST /remind/:token: the one step that posts.
func (s *Site) remind(c *fiber.Ctx) error {
	if s.crossSite(c) {
		return s.message(c, fiber.StatusForbidden, "subscribe.cross")
	}
	var after time.Duration
	if text := c.FormValue("next"); text != "" {
		minutes, err := strconv.ParseUint(text, 10, 16)
		if err != nil || minutes == 0 {
			return s.remindAsk(c) // not sent by our page: ask again
		}
		after = time.Duration(minutes) * time.Minute
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), leaveTimeout)
	defer cancel()
	done, err := s.options.RoleLinks.SayStillWorking(ctx, c.Params("token"), after)
	if bad := (*status.Invalid)(nil); errors.As(err, &bad) && bad.Fields[0].Field == "next" {
		return s.remindAsk(c)
	}
	if err != nil {
		return s.remindRefused(c, err)
	}
	_, tag := s.shown()
	return s.message(c, fiber.StatusOK, "remind.done", lang.Clock(tag, done.Incident.NextUpdateDueAt.In(done.Page.Location())))
}

// remindRefused says why a link did nothing, and what to do next.
func (s *Site) remindRefused(c *fiber.Ctx, err error) error {
	switch {
	case errors.Is(err, publish.ErrUsed):
		return s.message(c, fiber.StatusGone, "remind.used")
	case errors.Is(err, publish.ErrOutdated):
		return s.message(c, fiber.StatusGone, "remind.outdated")
	default:
		return s.linkRefused(c, "remind", err)
	}
}
