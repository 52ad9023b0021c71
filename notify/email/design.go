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
	html, err := htmltemplate.New("mail").Funcs(htmltemplate.FuncMap{"outlook": outlook, "padding": padding}).ParseFS(files, "templates/*.html")
	if err != nil {
		return designs{}, err
	}
	text, err := texttemplate.ParseFS(files, "templates/*.txt")
	return designs{html, text}, err
}

// outlook is what only Outlook on Windows reads, which lays mails out like a
// page of paper: html/template leaves comments out of what it parses.
func outlook(where string) htmltemplate.HTML {
	return htmltemplate.HTML("<!--[if mso]>" + map[string]string{
		// The size of things on dense screens, and a font it would else replace.
		"head": `<xml xmlns:o="urn:schemas-microsoft-com:office:office"><o:OfficeDocumentSettings><o:PixelsPerInch>96</o:PixelsPerInch></o:OfficeDocumentSettings></xml>` +
			`<style>table,td,p,h1,h2,a,li,div{font-family:Arial,sans-serif !important}table{border-collapse:collapse}</style>`,
		// It knows no greatest width.
		"open":  `<table role="presentation" width="600" align="center" cellpadding="0" cellspacing="0" border="0"><tr><td>`,
		"close": `</td></tr></table>`,
	}[where] + "<![endif]-->")
}

// padding keeps what follows out of the line that lists of mails show: space
// that takes no room and is not folded into one.
func padding() htmltemplate.HTML {
	const one = "&#847;&zwnj;&nbsp;"
	all := make([]byte, 0, 40*len(one))
	for range 40 {
		all = append(all, one...)
	}
	return htmltemplate.HTML(all)
}
