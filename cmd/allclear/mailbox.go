package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/internal/catcher"
)

//go:embed demo/mailbox.html
var mailboxHTML string

//go:embed demo/mailbox.js
var mailboxScript string

var mailboxTemplate = template.Must(template.New("mailbox").Parse(mailboxHTML))

// mailboxView is what the mailbox page shows.
type mailboxView struct {
	Base     string
	Messages []catcher.Message // newest first
}

// mailbox adds the demo's doors: the page of everything that went out, and the
// incoming webhooks of its chat rooms.
func (d *demo) mailbox(app *fiber.App) {
	app.Get("/demo/mailbox", d.showMailbox)
	app.Get("/demo/mailbox.js", func(c *fiber.Ctx) error {
		c.Type("js", "utf-8")
		return c.SendString(mailboxScript)
	})
	app.Get("/demo/mailbox.json", func(c *fiber.Ctx) error { return c.JSON(d.mail.Messages()) })
	app.Get("/demo/mailbox/:number/html", d.showHTML)
	app.Post("/demo/hooks/:room", d.catchChat)
}

func (d *demo) showMailbox(c *fiber.Ctx) error {
	view := mailboxView{Base: d.base, Messages: d.mail.Messages()}
	slices.Reverse(view.Messages)
	var page bytes.Buffer
	if err := mailboxTemplate.Execute(&page, view); err != nil {
		return fmt.Errorf("show mailbox: %w", err)
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'unsafe-inline'; frame-src 'self'; frame-ancestors 'none'")
	c.Type("html", "utf-8")
	return c.Send(page.Bytes())
}

// showHTML shows the HTML of one mail by itself, in a sandbox: a mail must not
// act here.
func (d *demo) showHTML(c *fiber.Ctx) error {
	number, _ := strconv.Atoi(c.Params("number"))
	m, ok := d.mail.Message(number)
	if !ok || m.HTML == "" {
		return fiber.ErrNotFound
	}
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-popups allow-top-navigation-by-user-activation; frame-ancestors 'self'")
	c.Type("html", "utf-8")
	return c.SendString(m.HTML)
}

// catchChat stands in for a chat service: it takes what Slack's incoming
// webhooks take.
func (d *demo) catchChat(c *fiber.Ctx) error {
	var in struct {
		Text   string          `json:"text"`
		Blocks json.RawMessage `json:"blocks"`
	}
	if err := json.Unmarshal(c.Body(), &in); err != nil {
		return c.Status(fiber.StatusBadRequest).SendString("invalid_payload")
	}
	title, _, _ := strings.Cut(in.Text, "\n")
	d.mail.Add(catcher.Message{Channel: "chat", To: "#" + c.Params("room"), Subject: title, Text: chatText(in.Blocks)})
	return c.SendString("ok")
}

// chatText is the words of a chat message, block by block.
func chatText(blocks json.RawMessage) string {
	type text struct {
		Text string `json:"text"`
	}
	var in []struct {
		Text     text   `json:"text"`
		Fields   []text `json:"fields"`
		Elements []text `json:"elements"`
	}
	if err := json.Unmarshal(blocks, &in); err != nil {
		return ""
	}
	var words []string
	for _, b := range in {
		for _, t := range slices.Concat([]text{b.Text}, b.Fields, b.Elements) {
			if t.Text != "" {
				words = append(words, t.Text)
			}
		}
	}
	return strings.Join(words, "\n")
}
