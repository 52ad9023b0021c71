package main

import (
	_ "embed"

	"github.com/gofiber/fiber/v2"
)

//go:embed demo/shop.html
var shopHTML string

// shop adds the demo's shop, a page that embeds the widget as any other would.
func (d *demo) shop(app *fiber.App) {
	app.Get("/demo/shop", func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderCacheControl, "no-store")
		c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src 'self'; frame-src 'self'; frame-ancestors 'none'")
		c.Type("html", "utf-8")
		return c.SendString(shopHTML)
	})
}
