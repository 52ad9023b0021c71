package store

import (
	"context"
	"strings"
	"time"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
)

// Progress is how far one notice has got. Nothing counts along while messages
// leave: what is written is counted by the expansion, which holds the notice
// anyway, and what waits is found in the small tables that lead to it. What is
// left over was sent.
type Progress struct {
	NoticeID   int64
	Event      stakeholders.Event
	CreatedAt  time.Time
	StartAt    time.Time
	ExpandedAt time.Time // zero: not yet
	TakenBack  bool
	// Written are the deliveries so far.
	Written int64
	// Waiting have not been tried, Retrying are due again at a time of their own.
	Waiting, Retrying int64
	// Sent were accepted; the others by the states of deliveries.
	Sent   int64
	States map[notify.State]int64
}

// Open is how many may still be told.
func (p Progress) Open() int64 {
	return p.Waiting + p.Retrying + p.States[notify.Held]
}

// wrote counts deliveries of a notice. Whoever writes them holds the notice.
func (tx *Tx) wrote(ctx context.Context, noticeID, n int64) error {
	return tx.exec(ctx, "count deliveries", `UPDATE notices SET written = written + $1 WHERE id = $2`, n, noticeID)
}

// Progress says how far the notices about an incident have got, oldest first.
func (s *Store) Progress(ctx context.Context, incidentID string) (list []Progress, err error) {
	err = s.inTx(ctx, s.reader, s.dialect.viewOptions, func(tx *Tx) error {
		if err := tx.byKey(ctx); err != nil {
			return err
		}
		list, err = tx.progress(ctx, incidentID)
		return err
	})
	return list, err
}

func (tx *Tx) progress(ctx context.Context, incidentID string) ([]Progress, error) {
	var notices []struct {
		ID         int64  `db:"id"`
		Event      string `db:"event"`
		CreatedAt  int64  `db:"created_at"`
		StartAt    int64  `db:"start_at"`
		ExpandedAt int64  `db:"expanded_at"`
		Written    int64  `db:"written"`
	}
	if err := tx.list(ctx, "list notices", &notices, `
		SELECT id, event, created_at, start_at, expanded_at, written
		FROM notices
		WHERE incident_id = $1
		ORDER BY id`, incidentID); err != nil {
		return nil, err
	}
	list := make([]Progress, len(notices))
	for i, n := range notices {
		p := Progress{NoticeID: n.ID, Event: stakeholders.Event(n.Event), CreatedAt: instant(n.CreatedAt), StartAt: instant(n.StartAt),
			TakenBack: n.ExpandedAt == takenBack, Written: n.Written, States: map[notify.State]int64{}}
		if n.ExpandedAt > 0 {
			p.ExpandedAt = instant(n.ExpandedAt)
		}
		if n.Written > 0 {
			if err := tx.measure(ctx, &p); err != nil {
				return nil, err
			}
		}
		list[i] = p
	}
	return list, nil
}

// measure counts what of a notice waits, and what became of the rest.
func (tx *Tx) measure(ctx context.Context, p *Progress) error {
	var apart []struct {
		State    string `db:"state"`
		Gathered bool   `db:"gathered"`
		N        int64  `db:"n"`
	}
	if err := tx.list(ctx, "count deliveries", &apart, `
		SELECT d.apart AS state, d.gather <> '' AS gathered, COUNT(*) AS n
		FROM deliveries d
		WHERE d.notice_id = $1 AND `+settledStates+`
		GROUP BY d.apart, d.gather <> ''`, p.NoticeID); err != nil {
		return err
	}
	var due int64
	if err := tx.get(ctx, "count due deliveries", &due, `SELECT COUNT(*) FROM due_deliveries WHERE notice_id = $1`, p.NoticeID); err != nil {
		return err
	}
	others := int64(0)
	for _, a := range apart {
		p.States[notify.State(a.State)] += a.N
		others += a.N
		if a.State == string(notify.Held) && !a.Gathered {
			due -= a.N
		}
	}
	if p.States[notify.Uncertain] > 0 && due > 0 {
		var again int64
		if err := tx.get(ctx, "count uncertain deliveries", &again, `
			SELECT COUNT(*) FROM deliveries d WHERE d.notice_id = $1 AND d.apart = 'uncertain' AND d.due_at > 0 AND `+settledStates, p.NoticeID); err != nil {
			return err
		}
		due -= again
	}
	p.Retrying = max(due, 0)
	var err error
	if p.Waiting, err = tx.firstPass(ctx, p.NoticeID); err != nil {
		return err
	}
	p.Waiting = min(p.Waiting, p.Written-others-p.Retrying)
	p.Sent = p.Written - others - p.Retrying - p.Waiting
	return nil
}

// closeLook is up to how many chunks are looked into one by one: then the count
// is exact. Of more, those that nobody has are taken for as large as they were.
const closeLook = 40

// firstPass counts what waits in chunks.
func (tx *Tx) firstPass(ctx context.Context, noticeID int64) (int64, error) {
	var chunks struct {
		N    int64 `db:"n"`
		Size int64 `db:"size"`
	}
	if err := tx.get(ctx, "count chunks", &chunks, `
		SELECT COUNT(*) AS n, COALESCE(SUM(CASE WHEN lease_owner = '' THEN size ELSE 0 END), 0) AS size
		FROM chunks
		WHERE notice_id = $1`, noticeID); err != nil || chunks.N == 0 {
		return 0, err
	}
	of, untouched := ``, int64(0)
	if chunks.N > closeLook {
		of, untouched = ` AND c.lease_owner <> ''`, chunks.Size
	}
	var n int64
	err := tx.get(ctx, "look into chunks", &n, strings.ReplaceAll(`
		SELECT COUNT(*)
		FROM chunks c
		CROSS JOIN deliveries d
		WHERE c.notice_id = $1 {of} AND d.notice_id = c.notice_id AND d.channel = c.channel AND d.address BETWEEN c.first_address AND c.last_address
		  AND d.chunk = c.number AND d.state IN ('pending', 'sending') AND d.due_at = 0`, "{of}", of), noticeID)
	return n + untouched, err
}
