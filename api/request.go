package api

import (
	"context"
	"crypto/rand"
	"fmt"
	"regexp"
	"runtime/debug"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/status"
)

// What the middlewares keep for the handlers.
const (
	requestIDKey = "request_id"
	tokenKey     = "token"
	pageKey      = "page"
)

var requestIDs = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// nameRequest gives the request the id that its sender chose, when it is fit
// for logs, or one of ours.
func (a *api) nameRequest(c *fiber.Ctx) error {
	requestID(c)
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	return c.Next()
}

// requestID is the request's id; a request that no middleware saw gets one too.
func requestID(c *fiber.Ctx) string {
	if id, ok := c.Locals(requestIDKey).(string); ok {
		return id
	}
	id := strings.Clone(c.Get(fiber.HeaderXRequestID))
	if !requestIDs.MatchString(id) {
		id = strings.ToLower(rand.Text()[:16])
	}
	c.Locals(requestIDKey, id)
	c.Set(fiber.HeaderXRequestID, id)
	return id
}

// limitTime gives everything that a request does a deadline.
func (a *api) limitTime(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), a.timeout)
	defer cancel()
	c.SetUserContext(ctx)
	return c.Next()
}

// rescue turns a panic into an internal error: one request fails, not the server.
func rescue(c *fiber.Ctx) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("panic: %v\n%s", fault, debug.Stack())
		}
	}()
	return c.Next()
}

// dropSuffix makes .json at the end of a path optional.
func dropSuffix(c *fiber.Ctx) error {
	if path, ok := strings.CutSuffix(c.Path(), ".json"); ok {
		c.Path(path)
	}
	return c.Next()
}

// findPage refuses every page but the one of this server.
func (a *api) findPage(c *fiber.Ctx) error {
	page, err := a.publish.Page(c.UserContext())
	if err != nil {
		return err
	}
	if c.Params("page") != page.ID {
		return status.ErrNotFound
	}
	c.Locals(pageKey, page)
	return c.Next()
}

// page is the page that the request is about.
func page(c *fiber.Ctx) status.Page { return c.Locals(pageKey).(status.Page) }

// pathID is the id in the request's path, or status.ErrNotFound when it is none.
// It is a copy, which outlives the request.
func pathID(c *fiber.Ctx) (string, error) {
	name := strings.Clone(c.Params("id"))
	if !status.ValidID(name) {
		return "", status.ErrNotFound
	}
	return name, nil
}
