package web

import (
	"context"
	"errors"
	"time"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/status"
	"github.com/gofiber/fiber/v2"
)

// leaveTimeout is how long somebody who leaves waits for the database.
const leaveTimeout = 10 * time.Second

// leaveView asks whether messages shall stop.
type leaveView struct {
	frame
	Heading string
	Text    string
}

// leaveAsk handles GET /unsubscribe/:token. It changes nothing: programs that
// scan mail follow every link in it.
func (s *Site) leaveAsk(c *fiber.Ctx) error {
	sn, tag := s.shown()
	shown := ""
	if s.options.LeaveInfo != nil {
		ctx, cancel := context.WithTimeout(c.UserContext(), leaveTimeout)
		defer cancel()
		var err error
		if shown, err = s.options.LeaveInfo(ctx, c.Params("token")); err != nil {
			return s.leaveRefused(c, err)
		}
	}
	view := leaveView{frame: s.newFrame(sn, tag), Heading: lang.Text(tag, "leave.title")}
	view.Text = lang.Text(tag, "leave.text", view.Name)
	if shown != "" {
		view.Text = lang.Text(tag, "leave.text_shown", shown, view.Name)
	}
	view.Title, view.Unlisted = view.Heading, true
	body, err := render(s.views.leave, view)
	if err != nil {
		return err
	}
	return sendPrivate(c, fiber.StatusOK, body)
}

// leave handles POST /unsubscribe/:token, from our page's button and from mail
// programs (RFC 8058).
func (s *Site) leave(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), leaveTimeout)
	defer cancel()
	oneClick := c.FormValue("List-Unsubscribe") == "One-Click"
	if err := s.options.Leave(ctx, c.Params("token"), oneClick); err != nil {
		return s.leaveRefused(c, err)
	}
	return s.message(c, fiber.StatusOK, "leave.done")
}

// leaveRefused says why a link did nothing, and what to do next.
func (s *Site) leaveRefused(c *fiber.Ctx, err error) error {
	if errors.Is(err, status.ErrNotFound) {
		return s.message(c, fiber.StatusNotFound, "leave.unknown")
	}
	s.options.Log.Error("an unsubscribe link could not be followed", "error", err)
	return s.message(c, fiber.StatusInternalServerError, "leave.failed")
}

// message is a page for one person that says one thing and what to do next.
func (s *Site) message(c *fiber.Ctx, code int, key string, args ...any) error {
	sn, tag := s.shown()
	view := messageView{frame: s.newFrame(sn, tag), Heading: lang.Text(tag, key+"_title"), Text: lang.Text(tag, key, args...), Next: lang.Text(tag, key+"_next")}
	view.Title, view.Unlisted = view.Heading, true
	body, err := render(s.views.message, view)
	if err != nil {
		return err
	}
	return sendPrivate(c, code, body)
}

// shown is the snapshot and its language; nil and the default before the first.
func (s *Site) shown() (*Snapshot, string) {
	if sn := s.current.Load(); sn != nil {
		return sn, sn.language
	}
	return nil, lang.Default
}

// sendPrivate sends a page that belongs to one person: it is kept nowhere, and
// its address, which is a key, is told to nobody.
func sendPrivate(c *fiber.Ctx, code int, body []byte) error {
	setHeaders(c.Context(), pageHeaders(cacheNever))
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	c.Set("X-Robots-Tag", "noindex, nofollow")
	return c.Status(code).Send(body)
}
