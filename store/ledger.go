package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// LedgerFilter says which deliveries to list; empty fields mean any.
type LedgerFilter struct {
	IncidentID string
	NoticeID   int64
	Channel    stakeholders.Channel
	State      notify.State
	Person     string // "stakeholder:<id>" or "subscriber:<id>"
	// Whose lists what concerns any of some people.
	Whose *Whose
	// From and Until bound when it was said: from From until before Until.
	From, Until time.Time
	// After is the last delivery of the part before; what is listed follows it.
	// It takes no longer the further it goes, as Offset does.
	After         notify.Key
	Limit, Offset int
}

// Whose names people by how the ledger knows them: entries of the register by
// their ids, everybody else by their addresses.
type Whose struct {
	Persons []string // "stakeholder:<id>"
	Places  []Place
}

type deliveryRow struct {
	NoticeID   int64  `db:"notice_id"`
	Channel    string `db:"channel"`
	Address    string `db:"address"`
	IncidentID string `db:"incident_id"`
	Number     int64  `db:"number"`
	Event      string `db:"event"`
	Policy     int64  `db:"policy_version"`
	Person     string `db:"person"`
	Name       string `db:"name"`
	Label      string `db:"label"`
	Quadrant   string `db:"quadrant"`
	Rule       string `db:"rule"`
	Cell       string `db:"cell"`
	Reason     string `db:"reason"`
	Form       string `db:"form"`
	Language   string `db:"language"`
	Pace       int64  `db:"pace"`
	State      string `db:"state"`
	OnlyIfOpen bool   `db:"only_if_open"`
	Uncertain  bool   `db:"uncertain"`
	Attempts   int    `db:"attempts"`
	DueAt      int64  `db:"due_at"`
	CreatedAt  int64  `db:"created_at"`
	UpdatedAt  int64  `db:"updated_at"`
	SentAt     int64  `db:"sent_at"`
	SaidID     int64  `db:"said_id"`
	Answer     string `db:"answer"`
	Gather     string `db:"gather"`
	MergedID   int64  `db:"merged_id"`
}

func (r deliveryRow) delivery() notify.Delivery {
	contact := stakeholders.Contact{Channel: stakeholders.Channel(r.Channel), Address: r.Address, Label: r.Label}
	reference := ""
	if r.Number != 0 {
		reference = status.Incident{Number: r.Number}.Reference()
	}
	return notify.Delivery{
		Key:        notify.Key{NoticeID: r.NoticeID, Channel: contact.Channel, Address: r.Address},
		IncidentID: r.IncidentID, Reference: reference, Event: stakeholders.Event(r.Event), PolicyVersion: r.Policy, Person: r.Person, PersonName: r.Name, Shown: contact.Shown(),
		Quadrant: stakeholders.Quadrant(r.Quadrant), Rule: stakeholders.Rule(r.Rule), Cell: r.Cell, Reason: r.Reason,
		Form: notify.Form(r.Form), Language: r.Language, Pace: time.Duration(r.Pace) * time.Microsecond, SaidID: r.SaidID,
		State: notify.State(r.State), DueAt: instant(r.DueAt), OnlyIfOpen: r.OnlyIfOpen, Attempts: r.Attempts, Uncertain: r.Uncertain,
		Answer: r.Answer, CreatedAt: instant(r.CreatedAt), UpdatedAt: instant(r.UpdatedAt), SentAt: instant(r.SentAt),
		Gather: stakeholders.Gather(r.Gather), MergedInto: r.MergedID,
	}
}

// ledgerColumns are what is read of a delivery d; ledgerJoins bring the rest.
// Both look up by keys alone.
const (
	ledgerColumns = `d.notice_id, d.channel, d.address, COALESCE(n.incident_id, '') AS incident_id, COALESCE(i.number, 0) AS number, n.event, n.policy_version, d.person,
	       COALESCE(p.name, '') AS name, COALESCE(k.label, '') AS label,
	       w.quadrant, w.rule, w.cell, w.reason, w.form, w.language, w.pace, ` + flying + ` AS state, d.only_if_open, d.uncertain, d.attempts,
	       d.due_at, d.created_at, d.updated_at, d.sent_at, d.said_id, d.answer, d.gather, d.merged_id`
	ledgerJoins = `
		JOIN notices n ON n.id = d.notice_id
		LEFT JOIN incidents i ON i.id = n.incident_id
		JOIN decisions w ON w.notice_id = d.notice_id AND w.number = d.decision
		LEFT JOIN stakeholders p ON p.id = SUBSTR(d.person, 13) AND SUBSTR(d.person, 1, 12) = 'stakeholder:'
		LEFT JOIN contacts k ON k.stakeholder_id = p.id AND k.channel = d.channel AND k.address = d.address`
	ledgerOrder = `
		ORDER BY d.notice_id DESC, d.channel, d.address`
)

// Deliveries lists the ledger, newest notice first, each by channel and address.
func (q queries) Deliveries(ctx context.Context, f LedgerFilter) ([]notify.Delivery, error) {
	rows := []deliveryRow{}
	var err error
	switch {
	case f.Whose != nil:
		err = q.ledgerOf(ctx, f, &rows)
	case f.Offset > 0 || f.Person != "":
		err = q.ledgerFrom(ctx, f, &rows)
	default:
		err = q.ledgerAfter(ctx, f, &rows)
	}
	return convert(rows, deliveryRow.delivery), err
}

// conditions are those of a statement, with its arguments.
type conditions struct {
	all  []string
	args []any
}

// add adds a condition; its %d stand for the numbers of the arguments, in order.
func (c *conditions) add(condition string, args ...any) {
	numbers := make([]any, len(args))
	for i, arg := range args {
		c.args = append(c.args, arg)
		numbers[i] = len(c.args)
	}
	c.all = append(c.all, fmt.Sprintf(condition, numbers...))
}

func (c *conditions) String() string { return strings.Join(c.all, " AND ") }

// settledStates are those that only few deliveries end in: an index has them, and
// a statement that looks for them says so in the index's own words.
const settledStates = `d.apart <> ''`

// delivery adds the conditions on the delivery itself.
func (f LedgerFilter) delivery(c *conditions) {
	if f.Channel != "" {
		c.add("d.channel = $%d", string(f.Channel))
	}
	if f.Person != "" {
		c.add("d.person = $%d", f.Person)
	}
	switch f.State {
	case "":
	case notify.Pending:
		c.add("d.state = $%d AND NOT ("+leased+")", string(f.State))
	case notify.Sending:
		c.add("(d.state = $%d OR "+leased+")", string(f.State))
	case notify.Sent:
		c.add("d.state = $%d", string(f.State))
	default:
		c.add("d.apart = $%d AND "+settledStates, string(f.State))
	}
}

// notice adds the conditions on the notice.
func (f LedgerFilter) notice(c *conditions) {
	if f.IncidentID != "" {
		c.add("n.incident_id = $%d", f.IncidentID)
	}
	if f.NoticeID != 0 {
		c.add("n.id = $%d", f.NoticeID)
	}
	if !f.From.IsZero() {
		c.add("n.created_at >= $%d", micros(f.From))
	}
	if !f.Until.IsZero() {
		c.add("n.created_at < $%d", micros(f.Until))
	}
}

// ledgerFrom lists by offset.
func (q queries) ledgerFrom(ctx context.Context, f LedgerFilter, into *[]deliveryRow) error {
	c := conditions{all: []string{"TRUE"}}
	f.notice(&c)
	f.delivery(&c)
	args := append(c.args, f.Limit, f.Offset)
	return q.list(ctx, "list deliveries", into, `
		SELECT `+ledgerColumns+`
		FROM deliveries d`+ledgerJoins+`
		WHERE `+c.String()+ledgerOrder+fmt.Sprintf(`
		LIMIT $%d OFFSET $%d`, len(args)-1, len(args)), args...)
}

// noticesAtOnce is how many notices are looked for at once that have something
// to list.
const noticesAtOnce = 50

// ledgerAfter lists notice by notice, each along its key: a part costs what it
// holds, however much comes before it.
func (q queries) ledgerAfter(ctx context.Context, f LedgerFilter, into *[]deliveryRow) error {
	next := f.After.NoticeID
	for after := f.After; len(*into) < f.Limit; after = (notify.Key{}) {
		ids := []int64{next}
		if after.NoticeID == 0 {
			var err error
			if ids, err = q.noticesBefore(ctx, f, next); err != nil || len(ids) == 0 {
				return err
			}
		}
		for _, id := range ids {
			next = id
			if err := q.ledgerOfNotice(ctx, f, id, after, into); err != nil || len(*into) >= f.Limit {
				return err
			}
		}
	}
	return nil
}

// noticesBefore are the next older notices that have something to list.
func (q queries) noticesBefore(ctx context.Context, f LedgerFilter, id int64) (ids []int64, err error) {
	var c conditions
	c.add("($%d = 0 OR n.id < $%d)", id, id)
	f.notice(&c)
	of := conditions{all: []string{"d.notice_id = n.id"}, args: c.args}
	f.delivery(&of)
	args := append(of.args, noticesAtOnce)
	err = q.list(ctx, "list notices with deliveries", &ids, `
		SELECT n.id
		FROM notices n
		WHERE `+c.String()+` AND EXISTS (SELECT 1 FROM deliveries d WHERE `+of.String()+`)
		ORDER BY n.id DESC`+fmt.Sprintf(`
		LIMIT $%d`, len(args)), args...)
	return ids, err
}

func (q queries) ledgerOfNotice(ctx context.Context, f LedgerFilter, id int64, after notify.Key, into *[]deliveryRow) error {
	c := conditions{}
	c.add("d.notice_id = $%d", id)
	if after.NoticeID != 0 {
		c.add("(d.channel, d.address) > ($%d, $%d)", string(after.Channel), after.Address)
	}
	f.delivery(&c)
	args := append(c.args, f.Limit-len(*into))
	var some []deliveryRow
	if err := q.list(ctx, "list deliveries", &some, `
		SELECT `+ledgerColumns+`
		FROM (SELECT d.notice_id, d.channel, d.address, d.person, d.decision, d.chunk, d.state, d.only_if_open, d.uncertain, d.attempts,
		             d.due_at, d.created_at, d.updated_at, d.sent_at, d.said_id, d.answer, d.gather, d.merged_id
		      FROM deliveries d
		      WHERE `+c.String()+`
		      ORDER BY d.channel, d.address`+fmt.Sprintf(`
		      LIMIT $%d) AS d`, len(args))+ledgerJoins+ledgerOrder, args...); err != nil {
		return err
	}
	*into = append(*into, some...)
	return nil
}

// ledgerOf lists what concerns some people: of entries of the register by an
// index, of everybody else by their address in each notice.
func (q queries) ledgerOf(ctx context.Context, f LedgerFilter, into *[]deliveryRow) error {
	var named rows
	for _, p := range f.Whose.Persons {
		named.add(p, "", "")
	}
	for _, p := range f.Whose.Places {
		named.add("", string(p.Channel), p.Address)
	}
	c := conditions{args: []any{named.encoded()}}
	f.notice(&c)
	of := strings.Join(append(c.all, "TRUE"), " AND ")
	c = conditions{all: []string{"TRUE"}, args: c.args}
	f.delivery(&c)
	if after := f.After; after.NoticeID != 0 {
		c.add("(d.notice_id < $%d OR d.notice_id = $%d AND (d.channel, d.address) > ($%d, $%d))",
			after.NoticeID, after.NoticeID, string(after.Channel), after.Address)
	}
	args := append(c.args, f.Limit, f.Offset)
	table := q.dialect.table("TEXT", "TEXT", "TEXT")
	return q.list(ctx, "list deliveries of people", into, `
		WITH theirs AS (
		    SELECT d.notice_id, d.channel, d.address
		    FROM `+table+`
		    CROSS JOIN deliveries d
		    CROSS JOIN notices n
		    WHERE v.column1 <> '' AND d.person = v.column1 AND `+listedPerson+` AND n.id = d.notice_id AND `+of+`
		    UNION
		    SELECT d.notice_id, d.channel, d.address
		    FROM `+table+`
		    CROSS JOIN notices n
		    CROSS JOIN deliveries d
		    WHERE v.column1 = '' AND d.notice_id = n.id AND d.channel = v.column2 AND d.address = v.column3 AND `+of+`)
		SELECT `+ledgerColumns+`
		FROM theirs
		JOIN deliveries d ON d.notice_id = theirs.notice_id AND d.channel = theirs.channel AND d.address = theirs.address`+ledgerJoins+`
		WHERE `+c.String()+ledgerOrder+fmt.Sprintf(`
		LIMIT $%d OFFSET $%d`, len(args)-1, len(args)), args...)
}

// listedPerson says, in the words of an index, that a delivery is of somebody who
// stands in the register: few among the subscribers.
const listedPerson = `d.person < 'subscriber'`

// Delivery reads one row of the ledger.
func (q queries) Delivery(ctx context.Context, k notify.Key) (notify.Delivery, error) {
	var row deliveryRow
	err := q.get(ctx, "read delivery", &row, `
		SELECT `+ledgerColumns+`
		FROM deliveries d`+ledgerJoins+`
		WHERE d.notice_id = $1 AND d.channel = $2 AND d.address = $3`, k.NoticeID, string(k.Channel), k.Address)
	return row.delivery(), err
}

// Attempts lists the tries of one delivery that did not deliver, in order.
func (q queries) Attempts(ctx context.Context, k notify.Key) ([]notify.Attempt, error) {
	all, err := q.AttemptsOf(ctx, []notify.Key{k})
	return all[k], err
}

// AttemptsOf lists the tries of some deliveries that did not deliver, in order.
func (q queries) AttemptsOf(ctx context.Context, keys []notify.Key) (map[notify.Key][]notify.Attempt, error) {
	named := make([]deliveryKey, len(keys))
	for i, k := range keys {
		named[i] = keyOf(k)
	}
	var rows []struct {
		deliveryKey
		Number  int    `db:"number"`
		At      int64  `db:"at"`
		Outcome string `db:"outcome"`
		Answer  string `db:"answer"`
	}
	if err := q.list(ctx, "list attempts", &rows, `
		SELECT a.notice_id, a.channel, a.address, a.number, a.at, a.outcome, a.answer
		FROM `+q.dialect.table("BIGINT", "TEXT", "TEXT")+`
		CROSS JOIN attempts a
		WHERE a.notice_id = v.column1 AND a.channel = v.column2 AND a.address = v.column3
		ORDER BY a.notice_id, a.channel, a.address, a.number`, encodeKeys(named)); err != nil {
		return nil, err
	}
	attempts := map[notify.Key][]notify.Attempt{}
	for _, r := range rows {
		k := notify.Key{NoticeID: r.NoticeID, Channel: stakeholders.Channel(r.Channel), Address: r.Address}
		attempts[k] = append(attempts[k], notify.Attempt{Number: r.Number, At: instant(r.At), Outcome: notify.Outcome(r.Outcome), Answer: r.Answer})
	}
	return attempts, nil
}

// ToldBefore says whether an address was told something about an incident by an
// older notice.
func (q queries) ToldBefore(ctx context.Context, incidentID string, k notify.Key) (told bool, err error) {
	err = q.get(ctx, "look for older deliveries", &told, `
		SELECT EXISTS (
		    SELECT 1
		    FROM notices n
		    JOIN deliveries d ON d.notice_id = n.id AND d.channel = $3 AND d.address = $4
		    WHERE n.incident_id = $1 AND n.id < $2 AND d.sent_at > 0)`, incidentID, k.NoticeID, string(k.Channel), k.Address)
	return told, err
}
