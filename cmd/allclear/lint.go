package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/allclear-status/allclear/plainlanguage"
	"github.com/allclear-status/allclear/status"
)

type lintCommand struct {
	Profile   string            `name:"profile" enum:"public,developer,internal" default:"public" help:"Who reads it: ${enum}."`
	Status    string            `name:"status" help:"State the text is posted under, such as investigating."`
	Impact    string            `name:"impact" help:"Impact of the incident: none, minor, major or critical."`
	JSON      bool              `name:"json" help:"Print the report as JSON."`
	Suggest   bool              `name:"suggest" help:"Print the text with the suggested words in it, and nothing else."`
	Title     bool              `name:"title" help:"The text is a title."`
	Language  string            `name:"language" help:"Language of the text, such as en; found out when left out."`
	Previous  string            `name:"previous" type:"existingfile" help:"File with the text of the update before."`
	Started   string            `name:"started-at" help:"When the trouble began, such as 2026-01-31T10:42:00Z."`
	Next      string            `name:"next-update-due-at" help:"When the next word is promised, such as 2026-01-31T11:30:00Z."`
	WhatToDo  string            `name:"what-to-do" help:"What readers can do meanwhile, where that is said apart."`
	Component []string          `name:"component" sep:"none" help:"Name of an affected component; may be repeated."`
	Public    []string          `name:"public-address" sep:"none" help:"An address, phone number or domain of the company's own that texts may name; may be repeated."`
	Glossary  string            `name:"glossary" type:"existingfile" help:"File with the company's own words."`
	Internal  map[string]string `name:"internal" mapsep:"none" help:"An internal name and what the public calls it, as NAME=PUBLIC; may be repeated."`
	Allow     []string          `name:"allow" sep:"none" help:"A word that the readers know; may be repeated."`
	File      string            `arg:"" optional:"" default:"-" help:"Text to read; standard input when left out or -."`
}

// errFindings says that a text has errors; they have been printed.
var errFindings = errors.New("the text would not be published")

// Run checks a text without a server: exit code 0 for clean or warnings, 1 for
// errors, 2 for misuse.
func (c *lintCommand) Run(_ context.Context, s *streams) error {
	known, err := c.context()
	if err != nil {
		return misuse{err}
	}
	text, err := readInput(c.File, s.in)
	if err != nil {
		return misuse{err}
	}
	if !utf8.Valid(text) {
		return misuse{errors.New("the text is not valid UTF-8")}
	}
	field := "body"
	if c.Title {
		field = "name"
	}
	report := plainlanguage.Review(field, string(text), known)
	if err := c.print(s, field, string(text), report); err != nil {
		return err
	}
	if plainlanguage.Blocking(report.Findings) {
		return errFindings
	}
	return nil
}

// context is what the command line says about the text.
func (c *lintCommand) context() (plainlanguage.Context, error) {
	known := plainlanguage.Context{
		Profile: plainlanguage.Profile(c.Profile), Status: status.IncidentStatus(c.Status), Impact: status.Impact(c.Impact), Components: c.Component,
		PublicAddresses: c.Public, Language: c.Language, WhatToDo: c.WhatToDo, Now: time.Now(),
	}
	if err := c.times(&known); err != nil {
		return known, err
	}
	if c.Previous != "" {
		previous, err := os.ReadFile(c.Previous)
		if err != nil {
			return known, err
		}
		known.Previous = string(previous)
	}
	if c.Status != "" && !known.Status.ForIncident() && !known.Status.ForMaintenance() {
		return known, fmt.Errorf("--status: %q is not a state such as investigating, identified, monitoring or resolved", c.Status)
	}
	if c.Impact != "" && !known.Impact.ValidGrade() {
		return known, fmt.Errorf("--impact: %q is not one of none, minor, major, critical", c.Impact)
	}
	glossary := plainlanguage.Glossary{Internal: map[string]string{}}
	if c.Glossary != "" {
		document, err := os.ReadFile(c.Glossary)
		if err != nil {
			return known, err
		}
		if glossary, err = plainlanguage.ParseGlossary(string(document)); err != nil {
			return known, fmt.Errorf("%s: %w", c.Glossary, err)
		}
	}
	for internal, public := range c.Internal {
		glossary.Internal[internal] = public
	}
	glossary.Allowed = append(glossary.Allowed, c.Allow...)
	return glossary.Into(known), nil
}

// times reads the moments of the command line.
func (c *lintCommand) times(known *plainlanguage.Context) error {
	for _, moment := range []struct {
		flag, text string
		at         *time.Time
	}{{"--started-at", c.Started, &known.StartedAt}, {"--next-update-due-at", c.Next, &known.NextUpdateDueAt}} {
		if moment.text == "" {
			continue
		}
		at, err := time.Parse(time.RFC3339, moment.text)
		if err != nil {
			return fmt.Errorf("%s: %q is not a time such as 2026-01-31T10:42:00Z", moment.flag, moment.text)
		}
		*moment.at = at
	}
	return nil
}

// placed is a finding with where it stands for editors.
type placed struct {
	plainlanguage.Finding
	Line   int `json:"line"`
	Column int `json:"column"`
}

func (c *lintCommand) print(s *streams, field, text string, report plainlanguage.Report) error {
	switch {
	case c.Suggest:
		_, err := io.WriteString(s.out, plainlanguage.Suggest(field, text, report.Findings))
		return err
	case c.JSON:
		return printReport(s.out, text, report)
	}
	if err := printFindings(s.out, map[string]string{field: text}, plainlanguage.WorstFirst(report.Findings)); err != nil {
		return err
	}
	if err := c.printMissing(s.err, report); err != nil {
		return err
	}
	if !report.Words {
		if _, err := fmt.Fprintln(s.err, "only what is the same in every language was checked: there are no words for this one"); err != nil {
			return err
		}
	}
	return nil
}

// printMissing asks for what the update does not say, once it is known that it
// is one.
func (c *lintCommand) printMissing(w io.Writer, report plainlanguage.Report) error {
	if c.Status == "" {
		return nil
	}
	for _, e := range report.Essentials {
		if e.Said != "" {
			continue
		}
		if _, err := fmt.Fprintf(w, "missing %-8s %s\n", e.Part, e.Question); err != nil {
			return err
		}
	}
	return nil
}

// printReport prints a report for programs.
func printReport(w io.Writer, text string, report plainlanguage.Report) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(map[string]any{
		"findings": placedIn(text, report.Findings), "first": placedIn(text, report.First), "suggested": report.Suggested, "essentials": report.Essentials,
		"missing": slices.Concat([]plainlanguage.Part{}, plainlanguage.Missing(report.Essentials)), "language": report.Language, "words": report.Words,
	})
}

// placedIn says where findings stand in a text.
func placedIn(text string, findings []plainlanguage.Finding) []placed {
	list := make([]placed, len(findings))
	for i, f := range findings {
		line, column := place(text, f.Start)
		list[i] = placed{f, line, column}
	}
	return list
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
