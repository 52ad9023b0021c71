package web

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/gofiber/fiber/v2"
)

// Subscriptions are the acts of those who want to be told.
type Subscriptions interface {
	Subscribe(ctx context.Context, in publish.SubscribeForm) error
	ConfirmInfo(ctx context.Context, token string) (shown string, err error)
	Confirm(ctx context.Context, token string) error
	SetUp(ctx context.Context, token string) (link string, err error)
	PreferencesInfo(ctx context.Context, token string) (publish.PreferencesInfo, error)
	SavePreferences(ctx context.Context, token string, w publish.Wishes) error
}

// honeypot is a field that people do not see; programs fill it in.
const honeypot = "website"

// subscribeView is the form by itself, with what is wrong with it.
type subscribeView struct {
	frame
	Form subscribeForm
}

// subscribeForm is the form, on the status page and by itself.
type subscribeForm struct {
	formView
	Email string
}

// sentTo is the page that follows a wish.
func (e entered) sentTo() string {
	if e.chat != "" {
		return "/subscribe/posted"
	}
	return "/subscribe/sent"
}

// subscribePage handles GET /subscribe.
func (s *Site) subscribePage(c *fiber.Ctx) error {
	return s.showSubscribe(c, fiber.StatusOK, entered{}, nil)
}

func (s *Site) showSubscribe(c *fiber.Ctx, code int, in entered, bad []string) error {
	sn, tag := s.shown()
	if sn == nil {
		return errStarting
	}
	view := subscribeView{frame: s.newFrame(sn, tag), Form: subscribeForm{newFormView(sn, tag, in.wishes(tag), bad), in.email}}
	view.FormScript, view.Form.Zones = s.assets.FormScript, zoneNames()
	view.Title, view.Unlisted = lang.Text(tag, "subscribe.title"), true
	body, err := render(s.views.subscribe, view)
	if err != nil {
		return err
	}
	return sendForm(c, code, body)
}

// subscribe handles POST /subscribe. The answer is the same whether or not the
// address is known, and for programs that fill in every field.
func (s *Site) subscribe(c *fiber.Ctx) error {
	if s.crossSite(c) {
		return s.message(c, fiber.StatusForbidden, "subscribe.cross")
	}
	in := readEntered(c)
	if in.trapped {
		return c.Redirect(in.sentTo(), fiber.StatusSeeOther)
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), leaveTimeout)
	defer cancel()
	_, tag := s.shown()
	err := s.options.Subscriptions.Subscribe(ctx, publish.SubscribeForm{Address: in.email, Chat: in.chat, Wishes: in.wishes(tag), From: s.visitor(c)})
	var many *publish.TooMany
	bad := in.faults(err)
	switch {
	case len(bad) > 0:
		return s.showSubscribe(c, fiber.StatusUnprocessableEntity, in, bad)
	case errors.As(err, &many):
		c.Set(fiber.HeaderRetryAfter, retryAfter(many.Wait))
		return s.message(c, fiber.StatusTooManyRequests, "subscribe.many", int(math.Ceil(many.Wait.Minutes())))
	case err != nil:
		s.options.Log.Error("a subscription could not be taken", "error", err)
		return s.message(c, fiber.StatusInternalServerError, "subscribe.failed")
	}
	return c.Redirect(in.sentTo(), fiber.StatusSeeOther)
}

// subscribePosted handles GET /subscribe/posted.
func (s *Site) subscribePosted(c *fiber.Ctx) error {
	return s.message(c, fiber.StatusOK, "subscribe.posted")
}

// subscribeSent handles GET /subscribe/sent.
func (s *Site) subscribeSent(c *fiber.Ctx) error {
	return s.message(c, fiber.StatusOK, "subscribe.sent")
}

// confirmView asks whether somebody wants to be told.
type confirmView struct {
	frame
	Heading string
	Text    string
}

// confirmAsk handles GET /subscribe/confirm/:token. It changes nothing:
// programs that scan mail follow every link in it.
func (s *Site) confirmAsk(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), leaveTimeout)
	defer cancel()
	shown, err := s.options.Subscriptions.ConfirmInfo(ctx, c.Params("token"))
	if err != nil {
		return s.linkRefused(c, "confirm", err)
	}
	sn, tag := s.shown()
	view := confirmView{frame: s.newFrame(sn, tag)}
	view.Heading, view.Text = lang.Text(tag, "confirm.title", view.Name), lang.Text(tag, "confirm.text", shown)
	view.Title, view.Unlisted = view.Heading, true
	body, err := render(s.views.confirm, view)
	if err != nil {
		return err
	}
	return sendForm(c, fiber.StatusOK, body)
}

// confirm handles POST /subscribe/confirm/:token.
func (s *Site) confirm(c *fiber.Ctx) error {
	if s.crossSite(c) {
		return s.message(c, fiber.StatusForbidden, "subscribe.cross")
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), leaveTimeout)
	defer cancel()
	if err := s.options.Subscriptions.Confirm(ctx, c.Params("token")); err != nil {
		return s.linkRefused(c, "confirm", err)
	}
	if next, err := s.options.Subscriptions.SetUp(ctx, c.Params("token")); err != nil {
		return s.linkRefused(c, "confirm", err)
	} else if next != "" {
		return c.Redirect(next, fiber.StatusSeeOther)
	}
	return s.message(c, fiber.StatusOK, "confirm.done")
}

// preferencesView shows a subscriber what they get.
type preferencesView struct {
	frame
	Heading string
	Text    string
	Saved   bool
	Form    formView
	Secret  string // of a webhook
	Leave   string // path of the page for leaving
}

// preferences handles GET /subscribe/preferences/:token. It changes nothing.
func (s *Site) preferences(c *fiber.Ctx) error {
	return s.showPreferences(c, fiber.StatusOK, nil, nil, false)
}

// showPreferences shows what is stored, or what was entered and is at fault.
func (s *Site) showPreferences(c *fiber.Ctx, code int, in *entered, bad []string, saved bool) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), leaveTimeout)
	defer cancel()
	info, err := s.options.Subscriptions.PreferencesInfo(ctx, c.Params("token"))
	if err != nil {
		return s.linkRefused(c, "preferences", err)
	}
	sn, tag := s.shown()
	if sn == nil {
		return errStarting
	}
	if in != nil {
		info.Wishes = in.wishes(tag)
	}
	view := preferencesView{frame: s.newFrame(sn, tag), Heading: lang.Text(tag, "preferences.title"), Saved: saved,
		Form: newFormView(sn, tag, info.Wishes, bad), Secret: info.SigningSecret, Leave: "/unsubscribe/" + info.LeaveToken}
	view.FormScript, view.Form.Zones = s.assets.FormScript, zoneNames()
	if info.Channel == stakeholders.Webhook {
		view.Form.forProgram()
	}
	view.Text = lang.Text(tag, "preferences.text", info.Shown, view.Name)
	view.Title, view.Unlisted = view.Heading, true
	body, err := render(s.views.preferences, view)
	if err != nil {
		return err
	}
	return sendForm(c, code, body)
}

// savePreferences handles POST /subscribe/preferences/:token.
func (s *Site) savePreferences(c *fiber.Ctx) error {
	if s.crossSite(c) {
		return s.message(c, fiber.StatusForbidden, "subscribe.cross")
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), leaveTimeout)
	defer cancel()
	in := readEntered(c)
	_, tag := s.shown()
	var err error
	if len(in.faults(nil)) == 0 {
		err = s.options.Subscriptions.SavePreferences(ctx, c.Params("token"), in.wishes(tag))
	}
	if bad := in.faults(err); len(bad) > 0 {
		return s.showPreferences(c, fiber.StatusUnprocessableEntity, &in, bad, false)
	}
	if err != nil {
		return s.linkRefused(c, "preferences", err)
	}
	return s.showPreferences(c, fiber.StatusOK, nil, nil, true)
}

// linkRefused says why a link did nothing, and what to do next.
func (s *Site) linkRefused(c *fiber.Ctx, page string, err error) error {
	switch {
	case errors.Is(err, status.ErrNotFound):
		return s.message(c, fiber.StatusNotFound, page+".unknown")
	case errors.Is(err, publish.ErrExpired):
		return s.message(c, fiber.StatusGone, page+".expired")
	default:
		s.options.Log.Error("a link about a subscription could not be followed", "page", page, "error", err)
		return s.message(c, fiber.StatusInternalServerError, page+".failed")
	}
}

// crossSite says whether a form was sent by a page of another site. A browser
// says so; what is no browser cannot be misused this way.
func (s *Site) crossSite(c *fiber.Ctx) bool {
	header := http.Header{}
	for _, name := range []string{"Sec-Fetch-Site", fiber.HeaderOrigin} {
		if value := c.Get(name); value != "" {
			header.Set(name, value)
		}
	}
	protection := http.NewCrossOriginProtection()
	if sn := s.current.Load(); sn != nil {
		_ = protection.AddTrustedOrigin(sn.record.Page.URL) // a page without an address trusts its Host alone
	}
	request := http.Request{Method: http.MethodPost, Host: string(c.Context().Host()), Header: header, URL: &url.URL{Path: c.Path()}}
	return protection.Check(&request) != nil
}

// sendForm sends a page that belongs to one person and has a form. The page's
// own address goes along with the form to ourselves and to nobody else: a
// browser that says nothing calls the form one of an unknown site.
func sendForm(c *fiber.Ctx, code int, body []byte) error {
	err := sendPrivate(c, code, body)
	c.Set(fiber.HeaderReferrerPolicy, "same-origin")
	return err
}

// retryAfter is a time to wait in whole seconds.
func retryAfter(wait time.Duration) string { return strconv.Itoa(int(math.Ceil(wait.Seconds()))) }
