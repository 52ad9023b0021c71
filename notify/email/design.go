package email

import (
	"embed"
	htmltemplate "html/template"
	texttemplate "text/template"
)

//go:embed templates
var files embed.FS

// designs are the parsed templates of the two parts of a mail.
type designs struct {
	html *htmltemplate.Template
	text *texttemplate.Template
}

func parseDesigns() (designs, error) {
	html, err := htmltemplate.ParseFS(files, "templates/*.html")
	if err != nil {
		return designs{}, err
	}
	text, err := texttemplate.ParseFS(files, "templates/*.txt")
	return designs{html, text}, err
}
