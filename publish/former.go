package publish

import (
	"cmp"
	"context"
	"slices"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/store"
)

// mostChanged bounds how many subscribers who chose anew are looked up one by
// one; beyond that they count as their class.
const mostChanged = 1000

// changed are those of whom neither the register nor their class says what they
// were told of an incident: they were removed or chose anew since it began.
type changed struct {
	owed        []stakeholders.Candidate // addresses of the register before, owed the end
	subscribers []store.ChangedSubscriber
	byClass     map[int64]int64
	threads     map[store.Place]stakeholders.Thread
}

// changedSince finds them. Nothing changed before the first notice.
func (in *audienceInputs) changedSince(ctx context.Context, tx *store.Tx, n notify.Notice) (c changed, err error) {
	if len(in.earlier) == 0 {
		return c, nil
	}
	since := in.earlier[0].CreatedAt
	var former []store.FormerPlace
	if n.Occasion.Event.Closes() {
		var ids []string
		for _, s := range in.Register {
			if !s.UpdatedAt.Before(since) {
				ids = append(ids, s.ID)
			}
		}
		if former, err = tx.FormerPlaces(ctx, n.IncidentID, ids, since); err != nil {
			return c, err
		}
	}
	var places []store.Place
	for _, f := range former {
		if !slices.Contains(places, f.Place) {
			places = append(places, f.Place)
		}
	}
	if c.subscribers, err = tx.ChangedSubscribers(ctx, since, places, mostChanged); err != nil || len(places)+len(c.subscribers) == 0 {
		return c, err
	}
	c.byClass = map[int64]int64{}
	subscribed := map[store.Place]bool{}
	for _, s := range c.subscribers {
		c.byClass[s.ClassID]++
		subscribed[s.Place] = true
		places = append(places, s.Place)
	}
	if c.threads, err = tx.Threads(ctx, n.IncidentID, places); err != nil {
		return c, err
	}
	err = in.owe(ctx, tx, n, &c, slices.DeleteFunc(former, func(f store.FormerPlace) bool { return subscribed[f.Place] }))
	return c, err
}

// owe adds who is told in no other way, and is owed the end. Of those who left it
// takes a note.
func (in *audienceInputs) owe(ctx context.Context, tx *store.Tx, n notify.Notice, c *changed, former []store.FormerPlace) error {
	if len(former) == 0 {
		return nil
	}
	places := make([]store.Place, len(former))
	for i, f := range former {
		places[i] = f.Place
		owed := stakeholders.Owed(in.policy, n.Occasion, in.Readers.All, f.Person, stakeholders.Contact{Channel: f.Channel, Address: f.Address})
		owed.Name = cmp.Or(owed.Name, owed.Verdict.Contact.Shown())
		c.owed = append(c.owed, owed)
	}
	return in.note(ctx, tx, places)
}
