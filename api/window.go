package api

import (
	"strconv"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/status"
)

const (
	maxLimit = 100
	maxPage  = 1_000_000 // beyond every list, and no overflow
)

// window is the part of a list that a request asks for.
type window struct{ limit, offset int }

// readWindow reads limit (or per_page) and page. More than is allowed gives
// the most that is; what lies past the end is empty. Pages count from first.
func readWindow(c *fiber.Ctx, first int) (window, error) {
	bad := &status.Invalid{}
	limit := maxLimit
	for _, name := range []string{"per_page", "limit"} {
		if c.Query(name) != "" {
			limit = min(queryNumber(bad, c, name, 1), maxLimit)
		}
	}
	page := first
	if c.Query("page") != "" {
		page = min(max(queryNumber(bad, c, "page", 0), first), maxPage)
	}
	return window{limit, (page - first) * limit}, bad.Err()
}

// queryNumber reads a number of the query; one too large to hold is the
// largest there is.
func queryNumber(bad *status.Invalid, c *fiber.Ctx, name string, least int) int {
	text := c.Query(name)
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil && n == 0 || n < int64(least) {
		bad.Add(name, "is %q; it must be a whole number from %d", cut(text, 50), least)
		return least
	}
	return int(n)
}

// cutList is a part of a list that is whole in memory. Without a word about
// pages in the request it is the whole list.
func cutList[T any](c *fiber.Ctx, all []T) ([]T, error) {
	w, err := readWindow(c, 1)
	if err != nil || c.Query("page") == "" && c.Query("per_page") == "" && c.Query("limit") == "" {
		return all, err
	}
	from := min(w.offset, len(all))
	return all[from:min(from+w.limit, len(all))], nil
}

// queryText reads a text of the query.
func queryText(bad *status.Invalid, c *fiber.Ctx, name string) string {
	text := c.Query(name)
	status.CheckText(bad, name, text, status.MaxNameLength, true)
	if !utf8.ValidString(text) {
		return ""
	}
	return text
}
