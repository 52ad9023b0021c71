package store

import (
	"context"
	"fmt"

	"github.com/allclear-status/allclear/stakeholders"
)

type stakeholderRow struct {
	ID          string `db:"id"`
	Name        string `db:"name"`
	Kind        string `db:"kind"`
	Power       string `db:"power"`
	Interest    string `db:"interest"`
	Language    string `db:"language"`
	TimeZone    string `db:"time_zone"`
	QuietHours  string `db:"quiet_hours"`
	Owner       string `db:"owner"`
	Notes       string `db:"notes"`
	ReviewAfter string `db:"review_after"`
	ReviewedAt  int64  `db:"reviewed_at"`
	CreatedAt   int64  `db:"created_at"`
	UpdatedAt   int64  `db:"updated_at"`
}

func (r stakeholderRow) stakeholder() stakeholders.Stakeholder {
	return stakeholders.Stakeholder{
		ID: r.ID, Name: r.Name, Kind: stakeholders.Kind(r.Kind), Power: stakeholders.Level(r.Power), Interest: stakeholders.Level(r.Interest),
		Contacts: []stakeholders.Contact{}, Components: []string{}, Language: r.Language, TimeZone: r.TimeZone, QuietHours: r.QuietHours,
		Owner: r.Owner, Notes: r.Notes, ReviewAfter: r.ReviewAfter, ReviewedAt: instant(r.ReviewedAt), CreatedAt: instant(r.CreatedAt), UpdatedAt: instant(r.UpdatedAt),
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
	Contractual   string `db:"contractual"`
}

func (r contactRow) contact() stakeholders.Contact {
	return stakeholders.Contact{ID: r.ID, Channel: stakeholders.Channel(r.Channel), Address: r.Address, Label: r.Label,
		Private: r.Private, OptedIn: r.OptedIn, Contractual: r.Contractual}
}

// readRegister reads the register from its tables.
func (q queries) readRegister(ctx context.Context) ([]stakeholders.Stakeholder, error) {
	var rows []stakeholderRow
	if err := q.list(ctx, "read register", &rows, `
		SELECT id, name, kind, power, interest, language, time_zone, quiet_hours, owner, notes, review_after, reviewed_at, created_at, updated_at
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
		SELECT id, stakeholder_id, channel, address, label, private, opted_in, contractual
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

// PlacedStakeholder is an entry with its place in the register's order.
type PlacedStakeholder struct {
	stakeholders.Stakeholder
	Position int
}

// SaveStakeholder writes one entry of the register; see SaveStakeholders.
func (tx *Tx) SaveStakeholder(ctx context.Context, s stakeholders.Stakeholder, position int) error {
	return tx.SaveStakeholders(ctx, []PlacedStakeholder{{s, position}})
}

// SaveStakeholders writes entries of the register with their contacts and
// components. Secret addresses given in clear (Contact.Endpoint) are sealed.
func (tx *Tx) SaveStakeholders(ctx context.Context, entries []PlacedStakeholder) error {
	if err := tx.markRegister(ctx); err != nil {
		return err
	}
	for _, some := range batches(entries, registerBatch) {
		if err := tx.saveEntries(ctx, some); err != nil {
			return err
		}
		if err := tx.saveContacts(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

// registerBatch is how many entries one statement writes.
const registerBatch = 500

func (tx *Tx) saveEntries(ctx context.Context, entries []PlacedStakeholder) error {
	var values rows
	for _, s := range entries {
		values.add(s.ID, s.Name, string(s.Kind), string(s.Power), string(s.Interest), s.Position, s.Language, s.TimeZone, s.QuietHours, s.Owner,
			s.Notes, s.ReviewAfter)
	}
	return tx.exec(ctx, "save stakeholders", `
		INSERT INTO stakeholders (id, name, kind, power, interest, position, language, time_zone, quiet_hours, owner, notes, review_after,
		                          reviewed_at, created_at, updated_at)
		SELECT column1, column2, column3, column4, column5, column6, column7, column8, column9, column10, column11, column12, 0, $2, $2
		FROM `+tx.dialect.table("TEXT", "TEXT", "TEXT", "TEXT", "TEXT", "INTEGER", "TEXT", "TEXT", "TEXT", "TEXT", "TEXT", "TEXT")+`
		WHERE TRUE
		ON CONFLICT (id) DO UPDATE
		SET name = excluded.name, kind = excluded.kind, power = excluded.power, interest = excluded.interest,
		    position = excluded.position, language = excluded.language, time_zone = excluded.time_zone,
		    quiet_hours = excluded.quiet_hours, owner = excluded.owner, notes = excluded.notes,
		    review_after = excluded.review_after, updated_at = excluded.updated_at`, values.encoded(), micros(tx.now))
}

// saveContacts writes what hangs on entries anew.
func (tx *Tx) saveContacts(ctx context.Context, entries []PlacedStakeholder) error {
	var ids, contacts, scopes rows
	for _, s := range entries {
		ids.add(s.ID)
		for i, c := range s.Contacts {
			if err := tx.seal(ctx, c); err != nil {
				return err
			}
			contacts.add(NewID(), s.ID, i, string(c.Channel), c.Address, c.Label, c.Private, c.OptedIn, c.Contractual)
		}
		for _, id := range s.Components {
			scopes.add(s.ID, id)
		}
	}
	for _, table := range []string{"contacts", "stakeholder_components"} {
		if err := tx.exec(ctx, "save contacts", fmt.Sprintf(`
			DELETE FROM %s WHERE stakeholder_id IN (SELECT column1 FROM %s)`, table, tx.dialect.table("TEXT")), ids.encoded()); err != nil {
			return err
		}
	}
	if err := tx.exec(ctx, "save contacts", `
		INSERT INTO contacts (id, stakeholder_id, position, channel, address, label, private, opted_in, contractual)
		SELECT column1, column2, column3, column4, column5, column6, column7, column8, column9
		FROM `+tx.dialect.table("TEXT", "TEXT", "INTEGER", "TEXT", "TEXT", "TEXT", "BOOLEAN", "BOOLEAN", "TEXT"), contacts.encoded()); err != nil {
		return err
	}
	return tx.exec(ctx, "save scopes", `
		INSERT INTO stakeholder_components (stakeholder_id, component_id)
		SELECT DISTINCT column1, column2
		FROM `+tx.dialect.table("TEXT", "TEXT"), scopes.encoded())
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

// PlaceStakeholder moves an entry in the register's order; that is no change of
// the entry.
func (tx *Tx) PlaceStakeholder(ctx context.Context, id string, position int) error {
	if err := tx.markRegister(ctx); err != nil {
		return err
	}
	return tx.execOne(ctx, "place stakeholder", `UPDATE stakeholders SET position = $1 WHERE id = $2`, position, id)
}

// MarkReviewed records that somebody looked at an entry and left it as it is.
func (tx *Tx) MarkReviewed(ctx context.Context, id string) error {
	if err := tx.markRegister(ctx); err != nil {
		return err
	}
	return tx.execOne(ctx, "mark stakeholder reviewed", `UPDATE stakeholders SET reviewed_at = $1 WHERE id = $2`, micros(tx.now), id)
}

// HoldRegister keeps everybody else from changing the register until the
// transaction ends, so that what is read is what is changed.
func (tx *Tx) HoldRegister(ctx context.Context) error { return tx.markRegister(ctx) }

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
