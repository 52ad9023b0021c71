package api

import (
	"encoding/json"
	"fmt"

	"github.com/gofiber/fiber/v2"
)

// send answers with JSON. The charset is named because some clients take
// nothing else for UTF-8.
func send(c *fiber.Ctx, code int, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	c.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSONCharsetUTF8)
	return c.Status(code).Send(body)
}
