package store

import (
	"context"
	"fmt"

	"github.com/allclear-status/allclear/stakeholders"
)

type stakeholderRow struct {
	ID         string `db:"id"`
	Name       string `db:"name"`
	Kind       string `db:"kind"`
	Power      string `db:"power"`
	Interest   string `db:"interest"`
	Language   string `db:"language"`
	TimeZone   string `db:"time_zone"`
	QuietHours string `db:"quiet_hours"`
	Owner      string `db:"owner"`
	Notes      string `db:"notes"`
	CreatedAt  int64  `db:"created_at"`
	UpdatedAt  int64  `db:"updated_at"`
}

func (r stakeholderRow) stakeholder() stakeholders.Stakeholder {
	return stakeholders.Stakeholder{
		ID: r.ID, Name: r.Name, Kind: stakeholders.Kind(r.Kind), Power: stakeholders.Level(r.Power), Interest: stakeholders.Level(r.Interest),
		Contacts: []stakeholders.Contact{}, Components: []string{}, Language: r.Language, TimeZone: r.TimeZone, QuietHours: r.QuietHours,
		Owner: r.Owner, Notes: r.Notes, CreatedAt: instant(r.CreatedAt), UpdatedAt: instant(r.UpdatedAt),
	}
}

type contactRow struct {
	ID            string `db:"id"`
	StakeholderID string `db:"stakeholder_id"`
	Channel       string `db:"channel"`
	Address       string `db:"address"`
	Label         string `db:"label"`
	Private       bool   `db:"private"`
	OptedIn       bool   `db:"opted_in"`
}

func (r contactRow) contact() stakeholders.Contact {
	return stakeholders.Contact{ID: r.ID, Channel: stakeholders.Channel(r.Channel), Address: r.Address, Label: r.Label, Private: r.Private, OptedIn: r.OptedIn}
}

// readRegister reads the register from its tables.
func (q queries) readRegister(ctx context.Context) ([]stakeholders.Stakeholder, error) {
	var rows []stakeholderRow
	if err := q.list(ctx, "read register", &rows, `
		SELECT id, name, kind, power, interest, language, time_zone, quiet_hours, owner, notes, created_at, updated_at
		FROM stakeholders
		ORDER BY position, id`); err != nil {
		return nil, err
	}
	register := convert(rows, stakeholderRow.stakeholder)
	byID := map[string]*stakeholders.Stakeholder{}
	for i := range register {
		byID[register[i].ID] = &register[i]
	}
	var contacts []contactRow
	if err := q.list(ctx, "read contacts", &contacts, `
		SELECT id, stakeholder_id, channel, address, label, private, opted_in
		FROM contacts
		ORDER BY stakeholder_id, position`); err != nil {
		return nil, err
	}
	for _, c := range contacts {
		byID[c.StakeholderID].Contacts = append(byID[c.StakeholderID].Contacts, c.contact())
	}
	var scopes []struct {
		StakeholderID string `db:"stakeholder_id"`
		ComponentID   string `db:"component_id"`
	}
	if err := q.list(ctx, "read register scopes", &scopes, `
		SELECT stakeholder_id, component_id
		FROM stakeholder_components
		ORDER BY stakeholder_id, component_id`); err != nil {
		return nil, err
	}
	for _, s := range scopes {
		byID[s.StakeholderID].Components = append(byID[s.StakeholderID].Components, s.ComponentID)
	}
	return register, nil
}

// SaveStakeholder writes one entry of the register with its contacts and
// components at a place in the register's order. Secret addresses given in
// clear (Contact.Endpoint) are sealed.
func (tx *Tx) SaveStakeholder(ctx context.Context, s stakeholders.Stakeholder, position int) error {
	if err := tx.markRegister(ctx); err != nil {
		return err
	}
	if err := tx.exec(ctx, "save stakeholder", `
		INSERT INTO stakeholders (id, name, kind, power, interest, position, language, time_zone, quiet_hours, owner, notes, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)
		ON CONFLICT (id) DO UPDATE
		SET name = excluded.name, kind = excluded.kind, power = excluded.power, interest = excluded.interest,
		    position = excluded.position, language = excluded.language, time_zone = excluded.time_zone,
		    quiet_hours = excluded.quiet_hours, owner = excluded.owner, notes = excluded.notes, updated_at = excluded.updated_at`,
		s.ID, s.Name, string(s.Kind), string(s.Power), string(s.Interest), position, s.Language, s.TimeZone,
		s.QuietHours, s.Owner, s.Notes, micros(tx.now)); err != nil {
		return err
	}
	for _, table := range []string{"contacts", "stakeholder_components"} {
		if err := tx.exec(ctx, "save stakeholder", fmt.Sprintf(`DELETE FROM %s WHERE stakeholder_id = $1`, table), s.ID); err != nil {
			return err
		}
	}
	for i, c := range s.Contacts {
		if err := tx.saveContact(ctx, s.ID, i, c); err != nil {
			return err
		}
	}
	for _, id := range s.Components {
		if err := tx.exec(ctx, "save stakeholder", `
			INSERT INTO stakeholder_components (stakeholder_id, component_id)
			VALUES ($1, $2)
			ON CONFLICT DO NOTHING`, s.ID, id); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) saveContact(ctx context.Context, stakeholderID string, position int, c stakeholders.Contact) error {
	if c.ID == "" {
		c.ID = NewID()
	}
	if err := tx.exec(ctx, "save contact", `
		INSERT INTO contacts (id, stakeholder_id, position, channel, address, label, private, opted_in)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		c.ID, stakeholderID, position, string(c.Channel), c.Address, c.Label, c.Private, c.OptedIn); err != nil {
		return err
	}
	return tx.seal(ctx, c)
}

// seal keeps a contact's secret address, where it was given in clear.
func (tx *Tx) seal(ctx context.Context, c stakeholders.Contact) error {
	if c.Endpoint == "" {
		return nil
	}
	return tx.exec(ctx, "seal endpoint", `
		INSERT INTO endpoints (channel, address, sealed, created_at)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT (channel, address) DO NOTHING`,
		string(c.Channel), c.Address, tx.key.Seal(c.Endpoint), micros(tx.now))
}

// DeleteStakeholder removes an entry. What its addresses were told stays in
// the ledger, and the end of it is still owed to them.
func (tx *Tx) DeleteStakeholder(ctx context.Context, id string) error {
	if err := tx.markRegister(ctx); err != nil {
		return err
	}
	return tx.execOne(ctx, "delete stakeholder", `DELETE FROM stakeholders WHERE id = $1`, id)
}

// Endpoint reads a secret address in clear, for sending to it.
func (q queries) Endpoint(ctx context.Context, channel stakeholders.Channel, address string) (string, error) {
	var sealed string
	if err := q.get(ctx, "read endpoint", &sealed, `
		SELECT sealed FROM endpoints WHERE channel = $1 AND address = $2`, string(channel), address); err != nil {
		return "", err
	}
	secret, err := q.key.Unseal(sealed)
	if err != nil {
		return "", fmt.Errorf("read endpoint: %w", err)
	}
	return secret, nil
}
