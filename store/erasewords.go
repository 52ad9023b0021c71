package store

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// writings are the texts that may name a person and that the public does not
// see. What the public sees is the organisation's to change.
var writings = []struct {
	table         string
	keys, columns []string
}{
	{"audit_log", []string{"id"}, []string{"actor_name", "subject", "detail"}},
	{"stakeholder_moves", []string{"id"}, []string{"name", "actor_name", "reason"}},
	{"stakeholders", []string{"id"}, []string{"notes"}},
	{"notices", []string{"id"}, []string{"occasion", "content"}},
	{"decisions", []string{"notice_id", "number"}, []string{"reason"}},
	{"update_findings", []string{"update_id"}, []string{"actor_name", "reason"}},
	{"update_parts", []string{"update_id"}, []string{"internal_note", "customer_answer"}},
	{"policies", []string{"version"}, []string{"created_by", "reason"}},
	{"role_links", []string{"id"}, []string{"holder", "name"}},
	{"timers", []string{"id"}, []string{"payload"}},
}

// reword puts pseudonyms into writings.
func (w *eraser) reword(ctx context.Context) error {
	if len(w.needles) == 0 {
		return nil
	}
	for _, t := range writings {
		columns := append(append([]string{}, t.keys...), t.columns...)
		condition, args := likeAny(t.columns, w.needles, 1)
		found, err := w.texts(ctx, `SELECT `+strings.Join(columns, ", ")+` FROM `+t.table+` WHERE `+condition, len(columns), args)
		if err != nil {
			return err
		}
		for _, row := range found {
			var set, where []string
			var args []any
			changed := false
			for i, c := range t.columns {
				old := row[len(t.keys)+i]
				text := w.without(old)
				changed = changed || text != old
				args = append(args, text)
				set = append(set, fmt.Sprintf("%s = $%d", c, len(args)))
			}
			if !changed {
				continue
			}
			for i, k := range t.keys {
				args = append(args, row[i])
				where = append(where, fmt.Sprintf("%s = $%d", k, len(args)))
			}
			if err := w.tx.exec(ctx, "erase in "+t.table, `UPDATE `+t.table+` SET `+strings.Join(set, ", ")+` WHERE `+strings.Join(where, " AND "), args...); err != nil {
				return err
			}
			w.done.Texts[t.table]++
		}
	}
	return nil
}

// texts reads rows of columns that are texts, or keys that read as texts.
func (w *eraser) texts(ctx context.Context, query string, columns int, args []any) ([][]string, error) {
	cursor, err := w.tx.db.QueryxContext(ctx, query, args...)
	if err != nil {
		return nil, w.tx.wrap(ctx, "find texts", err)
	}
	defer func() { _ = cursor.Close() }() // it is read to its end
	var found [][]string
	for cursor.Next() {
		row, into := make([]string, columns), make([]any, columns)
		for i := range row {
			into[i] = &row[i]
		}
		if err := cursor.Scan(into...); err != nil {
			return nil, w.tx.wrap(ctx, "read texts", err)
		}
		found = append(found, row)
	}
	return found, w.tx.wrap(ctx, "read texts", cursor.Err())
}

// needle is a word that names the person, with what stands in its place.
type needle struct {
	word, instead string
	alone         bool // it counts only where it is all that is said
	pattern       *regexp.Regexp
}

// findNeedles are the addresses and names.
func (w *eraser) findNeedles() []needle {
	var all []needle
	for _, p := range w.Places {
		if !p.Channel.Secret() { // else it is a digest already, and stands in no text
			all = append(all, needle{word: p.Address, instead: w.tx.Pseudonym(p)})
		}
	}
	name := "erased"
	if len(w.Places) > 0 {
		name = "erased person " + strings.TrimPrefix(w.tx.Pseudonym(w.Places[0]), erasedPrefix)[:8]
	}
	for _, word := range w.Words {
		all = append(all, needle{word: word, instead: name, alone: !strings.ContainsAny(strings.TrimSpace(word), " @#-")})
	}
	for _, n := range all {
		if encoded, err := json.Marshal(n.word); err == nil && string(encoded) != `"`+n.word+`"` {
			n.word = strings.Trim(string(encoded), `"`) // as it stands in JSON
			all = append(all, n)
		}
	}
	for i := range all {
		all[i].pattern = regexp.MustCompile(`(?i)` + regexp.QuoteMeta(all[i].word))
	}
	return all
}

// without is a text with the person's names replaced.
func (w *eraser) without(text string) string {
	for _, n := range w.needles {
		text = n.replace(text)
	}
	return text
}

func (n needle) replace(text string) string {
	var b strings.Builder
	end := 0
	for _, at := range n.pattern.FindAllStringIndex(text, -1) {
		if n.stands(text[:at[0]], text[at[1]:]) {
			b.WriteString(text[end:at[0]] + n.instead)
			end = at[1]
		}
	}
	return b.String() + text[end:]
}

// stands says whether the word stands by itself between two texts: ana@x.example
// is not banana@x.example, nor ana@x.example.org.
func (n needle) stands(before, after string) bool {
	if n.alone {
		return (before == "" || strings.HasSuffix(before, `"`) && !strings.HasSuffix(before, `\"`)) && (after == "" || after[0] == '"')
	}
	last, _ := utf8.DecodeLastRuneInString(before)
	first, size := utf8.DecodeRuneInString(after)
	if joins(last) || strings.Contains(n.word, "@") && strings.ContainsRune("._%+-", last) && before != "" {
		return false
	}
	second, _ := utf8.DecodeRuneInString(after[size:])
	return !joins(first) && (!strings.Contains(n.word, "@") || first != '.' && first != '-' || !joins(second))
}

func joins(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// likeAny is a condition that holds where a column may have one of the words. It
// lets too much through rather than too little: the databases do not agree on
// what is a capital.
func likeAny(columns []string, needles []needle, from int) (string, []any) {
	var conditions []string
	var args []any
	for _, n := range needles {
		var b strings.Builder
		b.WriteByte('%')
		for _, r := range strings.ToLower(n.word) {
			switch {
			case r >= utf8.RuneSelf:
				b.WriteByte('%')
			case strings.ContainsRune(`%_\`, r):
				b.WriteString(`\` + string(r))
			default:
				b.WriteRune(r)
			}
		}
		b.WriteByte('%')
		args = append(args, b.String())
		for _, c := range columns {
			conditions = append(conditions, fmt.Sprintf(`LOWER(%s) LIKE $%d ESCAPE '\'`, c, from+len(args)-1))
		}
	}
	return strings.Join(conditions, " OR "), args
}

// Mentions are the numbers of incidents whose public words name somebody, by
// address or by a name of several words.
func (q queries) Mentions(ctx context.Context, words []string) (incidents []int64, err error) {
	var needles []needle
	for _, word := range words {
		if strings.ContainsAny(word, " @") {
			needles = append(needles, needle{word: word})
		}
	}
	if len(needles) == 0 {
		return nil, nil
	}
	own, args := likeAny([]string{"i.name", "i.metadata", "i.what_to_do"}, needles, 1)
	said, more := likeAny([]string{"u.body", "u.what_to_do"}, needles, 1+len(args))
	err = q.list(ctx, "find mentions", &incidents, `
		SELECT i.number
		FROM incidents i
		WHERE `+own+` OR EXISTS (SELECT 1 FROM incident_updates u WHERE u.incident_id = i.id AND (`+said+`))
		ORDER BY i.number`, append(args, more...)...)
	return incidents, err
}
