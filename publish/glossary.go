package publish

import (
	"context"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/plainlanguage"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// Glossary reads the company's glossary, as written and as understood.
func (p *Publisher) Glossary(ctx context.Context) (document string, g plainlanguage.Glossary, err error) {
	if document, err = p.store.Glossary(ctx); err != nil {
		return "", g, err
	}
	g, err = plainlanguage.ParseGlossary(document)
	return document, g, err
}

// SaveGlossary puts a glossary into force for every text checked from then on.
//
// Errors: *status.Invalid with every line that is wrong.
func (p *Publisher) SaveGlossary(ctx context.Context, actor auth.Actor, document string) (plainlanguage.Glossary, error) {
	g, err := plainlanguage.ParseGlossary(document)
	if err != nil {
		return g, err
	}
	_, err = p.within(ctx, func(tx *store.Tx, page status.Page) error {
		if err := tx.SaveGlossary(ctx, document); err != nil {
			return err
		}
		return tx.Audit(ctx, actor, "change glossary", "page:"+page.ID, map[string]any{
			"internal": len(g.Internal), "allowed": len(g.Allowed), "public": len(g.Public), "readers": g.Profile,
		}, page.Version)
	})
	return g, err
}

// ReviewWords checks a text as if it were posted, and stores nothing. Context
// says what the caller knows; the glossary, the page's components and the
// company's addresses are added.
func (p *Publisher) ReviewWords(ctx context.Context, field, text string, c plainlanguage.Context) (plainlanguage.Report, error) {
	_, g, err := p.Glossary(ctx)
	if err != nil {
		return plainlanguage.Report{}, err
	}
	components, err := p.store.Components(ctx)
	if err != nil {
		return plainlanguage.Report{}, err
	}
	for _, component := range components {
		c.Allowed = append(c.Allowed, component.Name)
	}
	c.PublicAddresses = append(c.PublicAddresses, p.config.PublicAddresses...)
	return plainlanguage.Review(field, text, g.Into(c)), nil
}
