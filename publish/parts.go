package publish

import (
	"context"
	"slices"
	"strings"

	"github.com/allclear-status/allclear/plainlanguage"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// loadParts reads what the incident's updates say to some readers only, and
// adds what the post says.
func (a *act) loadParts(ctx context.Context) (err error) {
	if a.change.From != "" { // it was there before
		if a.parts, err = a.tx.UpdateParts(ctx, a.incident.ID); err != nil {
			return err
		}
	}
	latest, ok := a.incident.Latest()
	if !ok || !a.change.Spoke && !a.change.Hidden {
		return a.refuseParts()
	}
	a.said, a.parts = joinParts(a.parts, latest, a.post.InternalNote, a.post.CustomerAnswer)
	return nil
}

// refuseParts refuses parts of a message where there is none.
func (a *act) refuseParts() error {
	bad := &status.Invalid{}
	for _, part := range []struct {
		name string
		text *string
	}{{"internal_note", a.post.InternalNote}, {"customer_answer", a.post.CustomerAnswer}} {
		if part.text != nil && strings.TrimSpace(*part.text) != "" {
			bad.Add("incident.allclear."+part.name, "goes with a message to everybody, and this post has none; write a body too")
		}
	}
	return bad.Err()
}

// joinParts gives an update its parts, and lists them among those of the
// incident. Nil leaves a part as it is.
func joinParts(parts []store.UpdateParts, u status.Update, note, answer *string) (store.UpdateParts, []store.UpdateParts) {
	at := slices.IndexFunc(parts, func(p store.UpdateParts) bool { return p.UpdateID == u.ID })
	said := store.UpdateParts{UpdateID: u.ID, IncidentID: u.IncidentID}
	if at >= 0 {
		said = parts[at]
		parts = slices.Delete(slices.Clone(parts), at, at+1)
	}
	if note != nil {
		said.InternalNote = strings.TrimSpace(*note)
	}
	if answer != nil {
		said.CustomerAnswer = strings.TrimSpace(*answer)
	}
	if said.Empty() {
		return said, parts
	}
	return said, append(parts, said)
}

// checkParts checks the texts beside the body, each for the readers of the
// quadrant that gets it: who gets the internal note knows our words, customers
// hear the rest, unless the glossary says otherwise.
func (a *act) checkParts(context plainlanguage.Context) {
	inside, answer := context, context
	inside.Profile = a.glossary.ReadersOf(string(stakeholders.ManageClosely), plainlanguage.ProfileInternal)
	answer.Profile = a.glossary.ReadersOf(string(stakeholders.KeepInformed), context.Profile)
	for _, part := range []struct {
		name    string
		text    *string
		context plainlanguage.Context
	}{
		{"what_to_do", a.post.WhatToDo, a.wordsFor(context, stakeholders.KeepSatisfied)},
		{"customer_answer", a.post.CustomerAnswer, answer},
		{"internal_note", a.post.InternalNote, inside},
	} {
		if part.text != nil {
			a.findings = append(a.findings, plainlanguage.Check(part.name, *part.text, part.context)...)
		}
	}
}

// aboutPublic leaves out the findings that quote what is for some readers only.
func aboutPublic(findings []plainlanguage.Finding) []plainlanguage.Finding {
	return slices.DeleteFunc(slices.Clone(findings), func(f plainlanguage.Finding) bool { return f.Field != "name" && f.Field != "body" })
}

// partsNamed names the parts that an update has, for the audit log: never what
// they say.
func partsNamed(p store.UpdateParts) []string {
	var names []string
	if p.InternalNote != "" {
		names = append(names, "internal_note")
	}
	if p.CustomerAnswer != "" {
		names = append(names, "customer_answer")
	}
	return names
}
