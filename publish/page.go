package publish

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// PagePatch is a change to the page; nil fields stay as they are.
type PagePatch struct {
	Name     *string
	TimeZone *string
	Language *string
	// UndoSeconds is how long a push can be taken back; 0: not at all.
	UndoSeconds *int
}

// maxUndoSeconds bounds how long people wait for what the page shows already.
const maxUndoSeconds = 600

// SavePage changes the page's name, zone, language or undo time.
//
// Errors: *status.Invalid.
func (p *Publisher) SavePage(ctx context.Context, actor auth.Actor, patch PagePatch) (status.Page, error) {
	var saved status.Page
	_, err := p.within(ctx, func(tx *store.Tx, page status.Page) error {
		set(&page.Name, patch.Name)
		set(&page.TimeZone, patch.TimeZone)
		set(&page.Language, patch.Language)
		bad := &status.Invalid{}
		if undo := patch.UndoSeconds; undo != nil {
			page.UndoTime = time.Duration(*undo) * time.Second
			if *undo < 0 || *undo > maxUndoSeconds {
				bad.Add("page.allclear.undo_seconds", "is %d; it must be from 0, which tells people at once, to %d", *undo, maxUndoSeconds)
			}
		}
		checkName(bad, "page.name", page.Name)
		if _, err := time.LoadLocation(page.TimeZone); err != nil || page.TimeZone == "" || page.TimeZone == "Local" {
			bad.Add("page.time_zone", "is %q; it must be a name such as Europe/Madrid or Etc/UTC", page.TimeZone)
		}
		if !slices.Contains(lang.Tags(), page.Language) {
			bad.Add("page.language", "is %q; it must be one of %s", page.Language, strings.Join(lang.Tags(), ", "))
		}
		if err := bad.Err(); err != nil {
			return err
		}
		if err := tx.SavePage(ctx, page); err != nil {
			return err
		}
		saved = page
		return tx.Audit(ctx, actor, "change page", "page:"+page.ID, patch, page.Version)
	})
	return saved, err
}
