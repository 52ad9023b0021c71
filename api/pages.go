package api

import (
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/statuspage"
)

// managedPage is the page with what is ours.
type managedPage struct {
	statuspage.ManagedPage
	Allclear pageExtra `json:"allclear"`
}

// pageExtra is what we say of the page beyond Statuspage.
type pageExtra struct {
	UndoSeconds int `json:"undo_seconds"`
}

func showPage(p status.Page) managedPage {
	return managedPage{statuspage.ManagePage(p), pageExtra{int(p.UndoTime / time.Second)}}
}

// listPages handles GET /pages: this server has one.
func (a *api) listPages(c *fiber.Ctx) error {
	page, err := a.publish.Page(c.UserContext())
	if err != nil {
		return err
	}
	list, err := cutList(c, []managedPage{showPage(page)})
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, list)
}

// getPage handles GET /pages/:page.
func (a *api) getPage(c *fiber.Ctx) error {
	return send(c, http.StatusOK, showPage(page(c)))
}

// changePage handles PATCH /pages/:page.
func (a *api) changePage(c *fiber.Ctx) error {
	patch, err := readPage(c)
	if err != nil {
		return err
	}
	page, err := a.publish.SavePage(c.UserContext(), actor(c), patch)
	if err != nil {
		return err
	}
	return send(c, http.StatusOK, showPage(page))
}

func readPage(c *fiber.Ctx) (publish.PagePatch, error) {
	body, err := readBody(c)
	if err != nil {
		return publish.PagePatch{}, err
	}
	in := body.envelope("page", `{"name": "Acme"}`)
	return publish.PagePatch{Name: in.text("name"), TimeZone: in.text("time_zone"), UndoSeconds: in.allclear().number("undo_seconds")}, body.bad.Err()
}
