package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
)

// explain adds to a batch what its people are on the list as, what they follow
// and whom to ask: what a message says of why it came. It is read when a
// message leaves and not frozen with the notice, so that it is true then.
func (tx *Tx) explain(ctx context.Context, b *notify.Batch) error {
	var entries, subscribers rows
	for _, g := range b.Groups {
		for _, o := range g.To {
			switch kind, id, _ := strings.Cut(o.Person, ":"); stakeholders.RecipientKind(kind) {
			case stakeholders.FromRegister:
				entries.add(id)
			case stakeholders.FromSubscription:
				if o.Channel == stakeholders.Email { // a webhook reads no reasons
					subscribers.add(id)
				}
			}
		}
	}
	reasons := map[string]listed{}
	if err := tx.entriesListed(ctx, entries, reasons); err != nil {
		return err
	}
	if err := tx.subscribersListed(ctx, subscribers, reasons); err != nil {
		return err
	}
	names, err := tx.componentNames(ctx, reasons)
	if err != nil {
		return err
	}
	for _, g := range b.Groups {
		for i := range g.To {
			why := reasons[g.To[i].Person]
			g.To[i].Entry, g.To[i].Owner, g.To[i].Follows = why.name, why.owner, named(why.components, names)
		}
	}
	return nil
}

// listed is one person on one of the lists.
type listed struct {
	name, owner string
	components  []string // ids
}

func (tx *Tx) entriesListed(ctx context.Context, ids rows, into map[string]listed) error {
	if len(ids) == 0 {
		return nil
	}
	var found []struct {
		ID        string `db:"id"`
		Name      string `db:"name"`
		Owner     string `db:"owner"`
		Component string `db:"component_id"`
	}
	if err := tx.list(ctx, "read who is listed", &found, `
		SELECT s.id, s.name, s.owner, COALESCE(c.component_id, '') AS component_id
		FROM `+tx.dialect.table("TEXT")+`
		CROSS JOIN stakeholders s
		LEFT JOIN stakeholder_components c ON c.stakeholder_id = s.id
		WHERE s.id = v.column1
		ORDER BY s.id, c.component_id`, ids.encoded()); err != nil {
		return err
	}
	for _, f := range found {
		key := string(stakeholders.FromRegister) + ":" + f.ID
		why := into[key]
		why.name, why.owner = f.Name, f.Owner
		if n := len(why.components); f.Component != "" && (n == 0 || why.components[n-1] != f.Component) {
			why.components = append(why.components, f.Component)
		}
		into[key] = why
	}
	return nil
}

func (tx *Tx) subscribersListed(ctx context.Context, ids rows, into map[string]listed) error {
	if len(ids) == 0 {
		return nil
	}
	var choosy int
	if err := tx.get(ctx, "look for who follows components", &choosy, `
		SELECT COUNT(*)
		FROM subscriber_classes
		WHERE confirmed > 0 AND preferences LIKE '%"components"%'`); err != nil || choosy == 0 {
		return err // nobody has to be looked up
	}
	var found []struct {
		ID          string `db:"id"`
		Preferences string `db:"preferences"`
	}
	if err := tx.list(ctx, "read who subscribed", &found, `
		SELECT s.id, c.preferences
		FROM `+tx.dialect.table("TEXT")+`
		CROSS JOIN subscribers s
		CROSS JOIN subscriber_classes c
		WHERE s.id = v.column1 AND c.id = s.class_id`, ids.encoded()); err != nil {
		return err
	}
	read := map[string][]string{} // of the few classes that there are
	for _, f := range found {
		components, ok := read[f.Preferences]
		if !ok {
			var p stakeholders.Preferences
			if err := json.Unmarshal([]byte(f.Preferences), &p); err != nil {
				return fmt.Errorf("read preferences of subscriber %s: %w", f.ID, err)
			}
			components, read[f.Preferences] = p.Components, p.Components
		}
		if len(components) > 0 {
			into[string(stakeholders.FromSubscription)+":"+f.ID] = listed{components: components}
		}
	}
	return nil
}

// componentNames are the names of the components that anybody follows.
func (tx *Tx) componentNames(ctx context.Context, reasons map[string]listed) (map[string]string, error) {
	wanted := map[string]bool{}
	var ids rows
	for _, why := range reasons {
		for _, id := range why.components {
			if !wanted[id] {
				wanted[id] = true
				ids.add(id)
			}
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var found []struct {
		ID   string `db:"id"`
		Name string `db:"name"`
	}
	if err := tx.list(ctx, "read component names", &found, `
		SELECT c.id, c.name
		FROM `+tx.dialect.table("TEXT")+`
		CROSS JOIN components c
		WHERE c.id = v.column1`, ids.encoded()); err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, f := range found {
		names[f.ID] = f.Name
	}
	return names, nil
}

// named are the names of the components that still exist.
func named(ids []string, names map[string]string) []string {
	var all []string
	for _, id := range ids {
		if name := names[id]; name != "" {
			all = append(all, name)
		}
	}
	return all
}
