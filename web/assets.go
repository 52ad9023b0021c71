package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"
)

//go:embed static
var staticFiles embed.FS

//go:embed templates
var templateFiles embed.FS

// assets are the styles and scripts of the pages. Their names hold their hash,
// so that they may be kept for ever.
type assets struct {
	Style, Script           string // addresses
	FormScript              string
	FrameStyle, FrameScript string // of the widget's frame
	embed                   []byte // the script that others embed, before it is filled in
	answers                 map[string]*answer
}

func newAssets(p *press) *assets {
	a := &assets{answers: map[string]*answer{}}
	a.Style = a.add(p, "app.css", "text/css; charset=utf-8")
	a.Script = a.add(p, "live.js", typeScript)
	a.FormScript = a.add(p, "form.js", typeScript)
	a.FrameStyle = a.add(p, "frame.css", "text/css; charset=utf-8")
	a.FrameScript = a.add(p, "frame.js", typeScript)
	a.embed = mustRead("embed.js")
	icon := mustRead("favicon.svg")
	a.answers["/favicon.svg"] = uncompressed(fiber.StatusOK, icon, openHeaders(typeSVG, "public, max-age=86400")...)
	return a
}

// add takes in one file under a name with its hash, and returns its address.
func (a *assets) add(p *press, name, contentType string) string {
	body := mustRead(name)
	sum := sha256.Sum256(body)
	kind := path.Ext(name)
	address := fmt.Sprintf("/static/%s.%s%s", strings.TrimSuffix(name, kind), hex.EncodeToString(sum[:5]), kind)
	answer, err := p.answer(fiber.StatusOK, body, openHeaders(contentType, cacheForever)...)
	if err != nil {
		panic(err) // compressing an embedded file into memory: every test would see it
	}
	a.answers[address] = answer
	return address
}

func mustRead(name string) []byte {
	body, err := staticFiles.ReadFile("static/" + name)
	if err != nil {
		panic(err) // the file is part of the binary
	}
	return body
}

// static serves the embedded files.
func (s *Site) static(c *fiber.Ctx) error {
	answer, ok := s.assets.answers[c.Path()]
	if !ok {
		return fiber.ErrNotFound
	}
	answer.write(c.Context())
	return nil
}
