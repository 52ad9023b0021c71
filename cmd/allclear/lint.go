package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/allclear-status/allclear/plainlanguage"
	"github.com/allclear-status/allclear/status"
)

type lintCommand struct {
	Profile   string   `name:"profile" enum:"public,developer,internal" default:"public" help:"Who reads it: ${enum}."`
	Status    string   `name:"status" help:"State the text is posted under, such as investigating."`
	JSON      bool     `name:"json" help:"Print the findings as JSON."`
	Component []string `name:"component" sep:"none" help:"Name of an affected component; may be repeated."`
	Public    []string `name:"public-address" sep:"none" help:"An address, phone number or domain of the company's own that texts may name; may be repeated."`
	File      string   `arg:"" optional:"" default:"-" help:"Text to read; standard input when left out or -."`
}

// errFindings says that a text has errors; they have been printed.
var errFindings = errors.New("the text would not be published")

// Run checks a text without a server: exit code 0 for clean or warnings, 1 for
// errors, 2 for misuse.
func (c *lintCommand) Run(_ context.Context, s *streams) error {
	state := status.IncidentStatus(c.Status)
	if c.Status != "" && !state.ForIncident() && !state.ForMaintenance() {
		return misuse{fmt.Errorf("--status: %q is not a state such as investigating, identified, monitoring or resolved", c.Status)}
	}
	text, err := readInput(c.File, s.in)
	if err != nil {
		return misuse{err}
	}
	if !utf8.Valid(text) {
		return misuse{errors.New("the text is not valid UTF-8")}
	}
	findings := plainlanguage.Check("body", string(text), plainlanguage.Context{
		Profile: plainlanguage.Profile(c.Profile), Status: state, Components: c.Component, PublicAddresses: c.Public,
	})
	if err := c.print(s.out, string(text), findings); err != nil {
		return err
	}
	if plainlanguage.Blocking(findings) {
		return errFindings
	}
	return nil
}

func (c *lintCommand) print(w io.Writer, text string, findings []plainlanguage.Finding) error {
	if !c.JSON {
		return printFindings(w, map[string]string{"body": text}, findings)
	}
	if findings == nil {
		findings = []plainlanguage.Finding{}
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(map[string]any{"findings": findings})
}

// printFindings prints findings for people, a line each:
// "error   body 1:1   "db-prod-03"  internal host; … Write "Card payments".".
// texts are the texts of the fields, to find lines and columns in.
func printFindings(w io.Writer, texts map[string]string, findings []plainlanguage.Finding) error {
	for _, f := range findings {
		line, column := place(texts[f.Field], f.Start)
		words := fmt.Sprintf("%-7s %s %d:%-3d %q  %s", f.Level, f.Field, line, column, f.Text, f.Reason)
		if f.Replacement != nil {
			words = strings.TrimSuffix(words, ".") + fmt.Sprintf(". Write %q.", *f.Replacement)
		}
		if _, err := fmt.Fprintln(w, words); err != nil {
			return err
		}
	}
	return nil
}

// place finds the line and column, from 1, of an offset in code points.
func place(text string, offset int) (line, column int) {
	line, column = 1, 1
	for _, r := range text {
		if offset == 0 {
			break
		}
		offset--
		if column++; r == '\n' {
			line, column = line+1, 1
		}
	}
	return line, column
}
