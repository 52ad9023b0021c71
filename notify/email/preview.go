package email

import (
	"bytes"
	"strings"

	"github.com/allclear-status/allclear/notify"
)

// Preview renders a mail without sending it; what is personal is left out.
func Preview(text notify.Text) (notify.Preview, error) {
	designs, err := parseDesigns()
	if err != nil {
		return notify.Preview{}, err
	}
	v := newView(text, "")
	var plain, html bytes.Buffer
	if err := designs.text.ExecuteTemplate(&plain, "mail.txt", v); err != nil {
		return notify.Preview{}, err
	}
	if err := designs.html.ExecuteTemplate(&html, "mail.html", v); err != nil {
		return notify.Preview{}, err
	}
	return notify.Preview{Subject: v.Subject, Text: strings.TrimSpace(plain.String()), HTML: html.String()}, nil
}
