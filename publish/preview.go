package publish

import (
	"context"
	"errors"
	"slices"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// Preview is what a post would do: nothing of it is stored, and nobody is told.
type Preview struct {
	Published
	// Refused says that the texts would not be let through; Findings says why.
	Refused bool
	// People are the register's entries one by one.
	People []PersonOutcome
	// NotTold names people whom nothing reaches, with the rule.
	NotTold []NotTold
	// Messages are the texts as they would be read.
	Messages []PreviewMessage
}

// PersonOutcome is what one entry of the register would get on one channel.
type PersonOutcome struct {
	Name     string
	Quadrant stakeholders.Quadrant
	Channel  stakeholders.Channel
	Outcome  stakeholders.Outcome
}

// PreviewMessage is one rendered text and who would get it.
type PreviewMessage struct {
	Channel   stakeholders.Channel
	Form      notify.Form
	Language  string
	Quadrants []stakeholders.Quadrant
	N         int64 // how many get it
	notify.Preview
}

// errPreview rolls a transaction back that was only to look at.
var errPreview = errors.New("preview")

// PreviewPost works out what a post would do. An empty incident opens one.
//
// Errors: those of PostUpdate but *Refused: a text that would be refused is a
// finding here.
func (p *Publisher) PreviewPost(ctx context.Context, actor auth.Actor, incident string, post status.Post) (Preview, error) {
	var preview Preview
	err := p.store.InTx(ctx, func(tx *store.Tx) error {
		page, err := tx.BumpPage(ctx)
		if err != nil {
			return err
		}
		page.URL = p.config.PublicURL
		a := act{tx: tx, page: page, actor: actor, post: post, publisher: p, preview: &preview}
		if err := a.run(ctx, incident); err != nil {
			return err
		}
		preview.Published = a.published()
		preview.Page = page
		return errPreview
	})
	if !errors.Is(err, errPreview) {
		return Preview{}, err
	}
	return preview, nil
}

// look fills in what only a preview shows, from inside its transaction.
func (a *act) look(ctx context.Context, n notify.Notice, in audienceInputs, settled []stakeholders.Settled) error {
	for _, s := range settled {
		if in.left[store.Place{Channel: s.Verdict.Contact.Channel, Address: s.Verdict.Contact.Address}] {
			a.preview.NotTold = append(a.preview.NotTold, NotTold{s.Name, stakeholders.RuleConsent, "nothing is sent to " + s.Verdict.Contact.Shown() + " any more"})
			continue
		}
		a.preview.People = append(a.preview.People, PersonOutcome{s.Name, s.Quadrant, s.Verdict.Contact.Channel, s.Outcome})
	}
	silent, err := in.silent(ctx, a.tx, n.Occasion)
	if err != nil {
		return err
	}
	a.preview.NotTold = append(a.preview.NotTold, silent...)
	a.preview.Messages, err = a.publisher.messages(n.Content, a.audience)
	return err
}

// messages renders each text that the audience would get.
func (p *Publisher) messages(content notify.Content, audience Audience) ([]PreviewMessage, error) {
	var list []PreviewMessage
	for _, t := range audience.Texts {
		render := p.config.Previews[t.Channel]
		if render == nil {
			continue
		}
		text := notify.NewText(content, t.Form, t.Language, t.Pace)
		rendered, err := render(text)
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(list, func(m PreviewMessage) bool {
			return m.Channel == t.Channel && m.Form == text.Form && m.Language == text.Language && m.Preview == rendered
		}); i >= 0 {
			list[i].N += t.N
			list[i].Quadrants = slices.Compact(slices.SortedFunc(slices.Values(append(list[i].Quadrants, t.Quadrants...)), byRank))
			continue
		}
		list = append(list, PreviewMessage{t.Channel, text.Form, text.Language, t.Quadrants, t.N, rendered})
	}
	return list, nil
}

func byRank(a, b stakeholders.Quadrant) int { return a.Rank() - b.Rank() }
