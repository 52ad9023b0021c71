package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

type pageRow struct {
	ID        string `db:"id"`
	Name      string `db:"name"`
	TimeZone  string `db:"time_zone"`
	Language  string `db:"language"`
	Undo      int64  `db:"undo_seconds"`
	Version   int64  `db:"version"`
	CreatedAt int64  `db:"created_at"`
	UpdatedAt int64  `db:"updated_at"`
}

func (r pageRow) page() status.Page {
	return status.Page{
		ID: r.ID, Name: r.Name, TimeZone: r.TimeZone, Language: r.Language, UndoTime: time.Duration(r.Undo) * time.Second, Version: r.Version,
		CreatedAt: instant(r.CreatedAt), UpdatedAt: instant(r.UpdatedAt),
	}
}

// Page reads the page. Its URL is a setting of the server, not of the row.
func (q queries) Page(ctx context.Context) (status.Page, error) {
	var row pageRow
	err := q.get(ctx, "read page", &row, `
		SELECT id, name, time_zone, language, undo_seconds, version, created_at, updated_at
		FROM page`)
	return row.page(), err
}

// PageVersion reads the version of the public record.
func (q queries) PageVersion(ctx context.Context) (version int64, err error) {
	err = q.get(ctx, "read page version", &version, `SELECT version FROM page`)
	return version, err
}

// BumpPage raises the page's version; every write that the public can see does
// so first. It also locks the page: such writes follow one another, and the
// transaction's time is read anew once it is its turn, so that times follow one
// another too.
func (tx *Tx) BumpPage(ctx context.Context) (status.Page, error) {
	if err := tx.execOne(ctx, "bump page", `UPDATE page SET version = version + 1`); err != nil {
		return status.Page{}, err
	}
	tx.now = tx.clock.Now()
	var row pageRow
	err := tx.get(ctx, "bump page", &row, `
		UPDATE page
		SET updated_at = $1
		RETURNING id, name, time_zone, language, undo_seconds, version, created_at, updated_at`,
		micros(tx.now))
	return row.page(), err
}

// HoldPage reads the page and keeps every write that the public can see from
// happening until the transaction ends. The transaction's time is read anew:
// whatever was said before was said earlier.
func (tx *Tx) HoldPage(ctx context.Context) (status.Page, error) {
	if err := tx.exec(ctx, "hold page", `SELECT 1 FROM page t`+tx.dialect.lock); err != nil {
		return status.Page{}, err
	}
	var last int64
	if err := tx.get(ctx, "hold page", &last, `
		SELECT COALESCE((SELECT created_at FROM notices ORDER BY id DESC LIMIT 1), 0)`); err != nil {
		return status.Page{}, err
	}
	if tx.now = tx.clock.Now(); micros(tx.now) <= last {
		tx.now = instant(last + 1)
	}
	return tx.Page(ctx)
}

// SavePage writes the page's name, zone, language and undo time.
func (tx *Tx) SavePage(ctx context.Context, p status.Page) error {
	return tx.execOne(ctx, "save page", `
		UPDATE page
		SET name = $1, time_zone = $2, language = $3, undo_seconds = $4
		WHERE id = $5`,
		p.Name, p.TimeZone, p.Language, int64(p.UndoTime/time.Second), p.ID)
}

// NextIncidentNumber takes the next number to say aloud.
func (tx *Tx) NextIncidentNumber(ctx context.Context) (number int64, err error) {
	err = tx.get(ctx, "number incident", &number, `
		UPDATE page
		SET next_incident_number = next_incident_number + 1
		RETURNING next_incident_number - 1`)
	return number, err
}

// prepare makes the page and the first policy on a new database and checks
// that the secret key is the one that wrote it.
func (s *Store) prepare(ctx context.Context) error {
	return s.InTx(ctx, func(tx *Tx) error {
		if err := tx.exec(ctx, "make page", `
			INSERT INTO settings (name, value)
			VALUES ('key_fingerprint', $1)
			ON CONFLICT (name) DO NOTHING`, s.key.Fingerprint()); err != nil {
			return err
		}
		if err := tx.exec(ctx, "make register mark", `
			INSERT INTO settings (name, value)
			VALUES ('register_mark', $1)
			ON CONFLICT (name) DO NOTHING`, NewID()); err != nil {
			return err
		}
		if err := tx.checkFingerprint(ctx); err != nil {
			return err
		}
		if _, err := tx.Page(ctx); !errors.Is(err, status.ErrNotFound) {
			return err
		}
		if err := tx.exec(ctx, "make page", `
			INSERT INTO page (id, name, time_zone, language, undo_seconds, version, next_incident_number, created_at, updated_at)
			VALUES ($1, $2, $3, $4, 0, 1, 1, $5, $5)`,
			NewID(), "Status", "Etc/UTC", "en", micros(tx.now)); err != nil {
			return err
		}
		_, err := tx.AddPolicy(ctx, stakeholders.DefaultPolicyDocument(), "allclear", "the policy that a new page starts with")
		return err
	})
}

// ErrWrongKey is a secret key that is not the database's own.
var ErrWrongKey = errors.New("the secret key is not the one this database was made with; set --secret-key (ALLCLEAR_SECRET_KEY) to that one, or the sealed addresses and the links in old mails would stop working")

func (q queries) checkFingerprint(ctx context.Context) error {
	var have string
	if err := q.get(ctx, "read settings", &have, `SELECT value FROM settings WHERE name = 'key_fingerprint'`); err != nil {
		return err
	}
	if have != q.key.Fingerprint() {
		return fmt.Errorf("open database: %w", ErrWrongKey)
	}
	return nil
}
