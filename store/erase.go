package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
)

// Erasure is whom to erase.
type Erasure struct {
	Places  []Place  // the person's addresses
	Entries []string // entries of the register that are the person, by their ids
	// Words are names and labels by which texts know the person.
	Words []string
}

// Erased counts what an erasure changed.
type Erased struct {
	Deliveries, Waiting, Attempts int64 // of the ledger; those that waited are not sent
	Subscriptions                 int64
	Contacts                      int64
	Entries                       int64
	Roles                         []string // subject and role, of those that nobody has any more
	Owned                         []string // names of entries that have no owner any more
	// Texts counts rows whose words were changed, by table.
	Texts map[string]int
	// Reword puts the pseudonyms into a text.
	Reword func(string) string
}

// ErrSending says that a message to the person is being sent at this moment.
var ErrSending = errors.New("a message is being sent at this moment")

// erasedPrefix begins what stands for an address that was erased.
const erasedPrefix = "erased:"

// IsPseudonym says whether a text is what the ledger knows an erased address by.
func IsPseudonym(text string) bool { return strings.HasPrefix(text, erasedPrefix) }

// Pseudonym stands for an address that was erased. Who has the key can tell that
// an address is the one meant; nobody can read it.
func (q queries) Pseudonym(p Place) string {
	return erasedPrefix + q.key.Name("erased", string(p.Channel), p.Address)
}

// Erase makes a person a pseudonym: in the ledger, and in every text that the
// public does not see. What names the person otherwise is deleted. Nothing is
// sent to the addresses any more, which are known by their pseudonyms alone.
//
// Errors: ErrSending; nothing is changed then.
func (tx *Tx) Erase(ctx context.Context, e Erasure) (done Erased, err error) {
	w := eraser{tx: tx, Erasure: e, done: Erased{Texts: map[string]int{}}}
	for _, p := range e.Places {
		w.places.add(string(p.Channel), p.Address, tx.Pseudonym(p))
	}
	w.needles = w.findNeedles()
	w.done.Reword = w.without
	for _, step := range []func(context.Context) error{
		w.hold, w.stop, w.renameDeliveries, w.renameAttempts, w.leaveQueues, w.leaveExpansions,
		w.leaveSubscribers, w.leaveRegister, w.leaveRoles, w.forgetBounces, w.suppress, w.reword,
	} {
		if err := step(ctx); err != nil {
			return Erased{}, err
		}
	}
	return w.done, nil
}

// eraser is one erasure.
type eraser struct {
	Erasure
	tx      *Tx
	places  rows // channel, address, pseudonym
	needles []needle
	done    Erased
}

func (w *eraser) table() string { return w.tx.dialect.table("TEXT", "TEXT", "TEXT") }

// hold keeps everybody else from what would write the person down anew: posts,
// expansions, the register.
func (w *eraser) hold(ctx context.Context) error {
	if w.tx.dialect.lock != "" {
		for _, of := range []string{`page t`, `notices t WHERE t.expanded_at = 0`} {
			if err := w.tx.exec(ctx, "hold "+of, `SELECT 1 FROM `+of+w.tx.dialect.lock); err != nil {
				return err
			}
		}
	}
	return w.tx.HoldRegister(ctx)
}

// theirDeliveries finds the person's deliveries d by their keys, notice by notice.
func (w *eraser) theirDeliveries(columns string) string {
	return `
		SELECT ` + columns + `
		FROM ` + w.table() + `
		CROSS JOIN notices n
		CROSS JOIN deliveries d
		WHERE d.notice_id = n.id AND d.channel = v.column1 AND d.address = v.column2`
}

// stop ends what waits to be sent.
func (w *eraser) stop(ctx context.Context) error {
	var keys []threadKey
	var found []struct {
		Incident string `db:"incident_id"`
		Channel  string `db:"channel"`
		Address  string `db:"address"`
	}
	if err := w.tx.list(ctx, "find threads", &found, `
		SELECT t.incident_id, t.channel, t.address
		FROM `+w.table()+`
		CROSS JOIN (SELECT DISTINCT `+about+` AS about FROM notices n) AS a
		CROSS JOIN threads t
		WHERE t.incident_id = a.about AND t.channel = v.column1 AND t.address = v.column2`, w.places.encoded()); err != nil {
		return err
	}
	for _, t := range found {
		keys = append(keys, threadKey{t.Incident, t.Channel, t.Address})
	}
	if err := w.tx.hold(ctx, keys, chunkKey{}); err != nil {
		return err
	}
	var waiting []struct {
		claimKey
		Event string `db:"event"`
		State string `db:"state"`
	}
	if err := w.tx.list(ctx, "find what waits", &waiting, w.theirDeliveries(`d.notice_id, d.channel, d.address, `+about+` AS incident_id, n.event, d.state`)+`
		  AND (d.state IN ('held', 'pending', 'sending') OR d.state = 'uncertain' AND d.due_at > 0)`, w.places.encoded()); err != nil {
		return err
	}
	var ended []endedRow
	for _, r := range waiting {
		if r.State == string(notify.Sending) {
			return ErrSending
		}
		ended = append(ended, endedRow{deliveryKey: r.deliveryKey, IncidentID: r.IncidentID, state: notify.Suppressed, reason: ErasedAddress, together: together(r.Event)})
	}
	w.done.Waiting = int64(len(ended))
	return w.tx.finish(ctx, ended)
}

// renameDeliveries puts the pseudonym into the ledger.
func (w *eraser) renameDeliveries(ctx context.Context) error {
	var found []struct {
		deliveryKey
		Pseudonym string `db:"pseudonym"`
		Person    string `db:"person"`
		Answer    string `db:"answer"`
	}
	if err := w.tx.list(ctx, "find deliveries", &found, w.theirDeliveries(`d.notice_id, d.channel, d.address, v.column3 AS pseudonym, d.person, d.answer`),
		w.places.encoded()); err != nil {
		return err
	}
	w.done.Deliveries = int64(len(found))
	for _, some := range batches(found, stretchSize) {
		var values rows
		for _, d := range some {
			values.add(d.NoticeID, d.Channel, d.Address, d.Pseudonym, w.without(d.Person), w.without(d.Answer))
		}
		table := w.tx.dialect.table("BIGINT", "TEXT", "TEXT", "TEXT", "TEXT", "TEXT")
		if err := w.tx.exec(ctx, "erase deliveries", `
			DELETE FROM deliveries
			WHERE (notice_id, channel, address) IN (SELECT column1, column2, column4 FROM `+table+`)`, values.encoded()); err != nil { // of who came back since
			return err
		}
		if err := w.tx.exec(ctx, "erase deliveries", `
			UPDATE deliveries AS d
			SET address = v.column4, person = v.column5, answer = v.column6
			FROM `+table+`
			WHERE d.notice_id = v.column1 AND d.channel = v.column2 AND d.address = v.column3`, values.encoded()); err != nil {
			return err
		}
	}
	return nil
}

// renameAttempts does the same with the attempts.
func (w *eraser) renameAttempts(ctx context.Context) error {
	var found []struct {
		deliveryKey
		Number    int    `db:"number"`
		Pseudonym string `db:"pseudonym"`
		Answer    string `db:"answer"`
	}
	if err := w.tx.list(ctx, "find attempts", &found, `
		SELECT a.notice_id, a.channel, a.address, a.number, v.column3 AS pseudonym, a.answer
		FROM `+w.table()+`
		CROSS JOIN notices n
		CROSS JOIN attempts a
		WHERE a.notice_id = n.id AND a.channel = v.column1 AND a.address = v.column2`, w.places.encoded()); err != nil {
		return err
	}
	w.done.Attempts = int64(len(found))
	for _, some := range batches(found, stretchSize) {
		var values rows
		for _, a := range some {
			values.add(a.NoticeID, a.Channel, a.Address, a.Number, a.Pseudonym, w.without(a.Answer))
		}
		table := w.tx.dialect.table("BIGINT", "TEXT", "TEXT", "INTEGER", "TEXT", "TEXT")
		if err := w.tx.exec(ctx, "erase attempts", `
			DELETE FROM attempts
			WHERE (notice_id, channel, address, number) IN (SELECT column1, column2, column5, column4 FROM `+table+`)`, values.encoded()); err != nil {
			return err
		}
		if err := w.tx.exec(ctx, "erase attempts", `
			UPDATE attempts AS a
			SET address = v.column5, answer = v.column6
			FROM `+table+`
			WHERE a.notice_id = v.column1 AND a.channel = v.column2 AND a.address = v.column3 AND a.number = v.column4`, values.encoded()); err != nil {
			return err
		}
	}
	return nil
}

// leaveQueues removes the address from everything that leads to it. The bounds
// of a chunk become those of what is left in it.
func (w *eraser) leaveQueues(ctx context.Context) error {
	for _, statement := range []string{
		`DELETE FROM threads
		 WHERE incident_id IN (SELECT ` + about + ` FROM notices n) AND (channel, address) IN (SELECT column1, column2 FROM ` + w.table() + `)`,
		`DELETE FROM gatherings WHERE (channel, address) IN (SELECT column1, column2 FROM ` + w.table() + `)`,
		`DELETE FROM due_deliveries WHERE (channel, address) IN (SELECT column1, column2 FROM ` + w.table() + `)`,
		`UPDATE chunks
		 SET first_address = COALESCE((SELECT MIN(d.address) FROM deliveries d
		     WHERE d.notice_id = chunks.notice_id AND d.channel = chunks.channel AND d.chunk = chunks.number
		       AND d.address > chunks.first_address AND d.address <= chunks.last_address), '')
		 WHERE (channel, first_address) IN (SELECT column1, column2 FROM ` + w.table() + `)`,
		`UPDATE chunks
		 SET last_address = COALESCE((SELECT MAX(d.address) FROM deliveries d
		     WHERE d.notice_id = chunks.notice_id AND d.channel = chunks.channel AND d.chunk = chunks.number
		       AND d.address < chunks.last_address AND d.address >= chunks.first_address), '')
		 WHERE (channel, last_address) IN (SELECT column1, column2 FROM ` + w.table() + `)`,
	} {
		if err := w.tx.exec(ctx, "erase from queues", statement, w.places.encoded()); err != nil {
			return err
		}
	}
	return nil
}

// leaveExpansions makes the person nobody's reader in notices whose readers are
// still worked out: as a one-off recipient, and as the place that was reached.
func (w *eraser) leaveExpansions(ctx context.Context) error {
	if err := w.tx.exec(ctx, "erase from expansions", `
		UPDATE notices
		SET cursor_address = COALESCE((SELECT MAX(s.address) FROM subscribers s
		    WHERE s.channel = notices.cursor_channel AND s.address < notices.cursor_address), '')
		WHERE (cursor_channel, cursor_address) IN (SELECT column1, column2 FROM `+w.table()+`)`, w.places.encoded()); err != nil {
		return err
	}
	var found []struct {
		ID       int64  `db:"id"`
		Occasion string `db:"occasion"`
	}
	if err := w.tx.list(ctx, "find one-off recipients", &found, `
		SELECT n.id, n.occasion
		FROM notices n
		WHERE n.expanded_at = 0 AND n.occasion LIKE '%"also"%'`); err != nil {
		return err
	}
	for _, n := range found {
		var o stakeholders.Occasion
		if err := json.Unmarshal([]byte(n.Occasion), &o); err != nil {
			return fmt.Errorf("read notice %d: %w", n.ID, err)
		}
		o.Hand.Also = slices.DeleteFunc(o.Hand.Also, func(a stakeholders.OneOff) bool {
			return slices.Contains(w.Places, Place{a.Channel, a.Address})
		})
		encoded, err := json.Marshal(o)
		if err != nil {
			return fmt.Errorf("write notice %d: %w", n.ID, err)
		}
		if err := w.tx.exec(ctx, "erase one-off recipient", `UPDATE notices SET occasion = $1 WHERE id = $2`, string(encoded), n.ID); err != nil {
			return err
		}
	}
	return nil
}

// leaveSubscribers deletes subscriptions, with the secret addresses.
func (w *eraser) leaveSubscribers(ctx context.Context) error {
	for _, p := range w.Places {
		if err := w.tx.Unsubscribe(ctx, p.Channel, p.Address); err != nil {
			return err
		}
		if err := w.tx.exec(ctx, "erase timers", `
			DELETE FROM timers
			WHERE subject IN (SELECT id FROM subscribers WHERE channel = $1 AND address = $2)`, string(p.Channel), p.Address); err != nil {
			return err
		}
		n, err := w.tx.execCount(ctx, "erase subscription", `DELETE FROM subscribers WHERE channel = $1 AND address = $2`, string(p.Channel), p.Address)
		if err != nil {
			return err
		}
		w.done.Subscriptions += n
		if err := w.tx.exec(ctx, "erase endpoint", `DELETE FROM endpoints WHERE channel = $1 AND address = $2`, string(p.Channel), p.Address); err != nil {
			return err
		}
	}
	return nil
}

// leaveRegister deletes the person's entries, and the addresses from those of
// teams.
func (w *eraser) leaveRegister(ctx context.Context) error {
	n, err := w.tx.execCount(ctx, "erase contacts", `
		DELETE FROM contacts WHERE (channel, address) IN (SELECT column1, column2 FROM `+w.table()+`)`, w.places.encoded())
	if err != nil {
		return err
	}
	w.done.Contacts = n
	for _, id := range w.Entries {
		if err := w.tx.DeleteStakeholder(ctx, id); err != nil {
			return err
		}
		w.done.Entries++
		if err := w.tx.exec(ctx, "erase timers", `DELETE FROM timers WHERE subject = $1`, id); err != nil {
			return err
		}
	}
	owners := slices.Clone(w.Words)
	for _, p := range w.Places {
		owners = append(owners, p.Address)
	}
	for _, owner := range owners {
		var names []string
		if err := w.tx.list(ctx, "erase owner", &names, `
			UPDATE stakeholders SET owner = '' WHERE owner <> '' AND LOWER(owner) = LOWER($1) RETURNING name`, owner); err != nil {
			return err
		}
		w.done.Owned = append(w.done.Owned, names...)
	}
	slices.Sort(w.done.Owned)
	return nil
}

// leaveRoles takes the person's roles.
func (w *eraser) leaveRoles(ctx context.Context) error {
	var roles []roleRow
	if err := w.tx.list(ctx, "read roles", &roles, `SELECT subject, role, stakeholder_id, name, contacts FROM roles ORDER BY subject, role`); err != nil {
		return err
	}
	for _, r := range roles {
		holder, err := r.holder()
		if err != nil {
			return err
		}
		theirs := slices.Contains(w.Entries, r.StakeholderID) || slices.ContainsFunc(holder.Contacts, func(c stakeholders.Contact) bool { return slices.Contains(w.Places, placeOf(c)) }) ||
			slices.ContainsFunc(w.Words, func(name string) bool { return stakeholders.SameName(name, r.Name) })
		if !theirs {
			continue
		}
		if err := w.tx.ClearRole(ctx, RoleSubject(r.Subject), stakeholders.Role(r.Role)); err != nil {
			return err
		}
		w.done.Roles = append(w.done.Roles, r.Subject+" "+r.Role)
	}
	return nil
}

// forgetBounces removes what came back from the person's addresses; the ledger
// says so of each message.
func (w *eraser) forgetBounces(ctx context.Context) error {
	return w.tx.exec(ctx, "erase bounces", `
		DELETE FROM bounces WHERE (channel, address) IN (SELECT column1, column2 FROM `+w.table()+`)`, w.places.encoded())
}

// suppress keeps the pseudonym, and nothing else, as an address to which nothing
// is sent.
func (w *eraser) suppress(ctx context.Context) error {
	if err := w.tx.exec(ctx, "erase suppressions", `
		DELETE FROM suppressions WHERE (channel, address) IN (SELECT column1, column2 FROM `+w.table()+`)`, w.places.encoded()); err != nil {
		return err
	}
	return w.tx.exec(ctx, "suppress erased", `
		INSERT INTO suppressions (channel, address, reason, created_at)
		SELECT DISTINCT column1, column3, $2, CAST($3 AS BIGINT)
		FROM `+w.table()+`
		WHERE TRUE
		ON CONFLICT (channel, address) DO UPDATE SET reason = excluded.reason`, w.places.encoded(), ErasedAddress, micros(w.tx.now))
}

// Flush writes down what the database keeps beside its file, so that what was
// erased is in neither.
func (s *Store) Flush(ctx context.Context) error {
	if s.dialect.flush == "" {
		return nil
	}
	_, err := s.writer.ExecContext(ctx, s.dialect.flush)
	return s.wrap(ctx, "flush", err)
}
