package stakeholders

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"

	"github.com/allclear-status/allclear/status"
)

// FormatRegisterCSV writes a register for a spreadsheet, as a file that
// ParseRegister reads back to the same. No cell is run as a formula. Contacts
// whose address is a secret must carry it in Endpoint.
func FormatRegisterCSV(register []Stakeholder, components []status.Component) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("\uFEFF") // by which Excel knows UTF-8
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	_ = w.Write(csvColumns) // Error reports what failed
	for _, s := range register {
		about := map[string]string{
			"kind": string(s.Kind), "power": string(s.Power), "interest": string(s.Interest), "components": componentsCell(s.Components, components),
			"language": s.Language, "time_zone": s.TimeZone, "quiet_hours": s.QuietHours, "owner": s.Owner, "review_after": s.ReviewAfter, "notes": s.Notes,
		}
		for _, row := range csvRows(s.Contacts) {
			cells := make([]string, len(csvColumns))
			for n, name := range csvColumns {
				cells[n] = guard(cmp.Or(about[name], row[name]))
			}
			cells[0] = guard(s.Name)
			_ = w.Write(cells)
			clear(about) // once is enough
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return nil, fmt.Errorf("format register: %w", err)
	}
	return out.Bytes(), nil
}

// SpreadsheetCell is a text as a cell that no spreadsheet runs as a formula.
func SpreadsheetCell(text string) string { return guard(text) }

// csvRows puts contacts into as few rows as keep their order and their marks.
// There is one row at least.
func csvRows(contacts []Contact) []map[string]string {
	rows := []map[string]string{{}}
	var last Contact
	for i, c := range contacts {
		if i > 0 && !besides(last, c) {
			rows = append(rows, map[string]string{})
		}
		row := rows[len(rows)-1]
		row[string(c.Channel)] = cmp.Or(c.Endpoint, c.Address)
		row["label"] = cmp.Or(c.Label, row["label"])
		row["private"], row["opted_in"], row["contractual"] = yes(c.Private), yes(c.OptedIn), c.Contractual
		last = c
	}
	return rows
}

// besides says whether a contact may stand in the row of the one before it.
func besides(last, c Contact) bool {
	order := ContactChannels()
	if last.Channel.Chat() && c.Channel.Chat() {
		return false // the label of a row is that of its chat channel
	}
	labels := last.Channel.Chat() && c.Label == "" || last.Label == "" && (c.Channel.Chat() || c.Label == "")
	return slices.Index(order, last.Channel) < slices.Index(order, c.Channel) && labels &&
		last.Private == c.Private && last.OptedIn == c.OptedIn && last.Contractual == c.Contractual
}

func yes(truth bool) string {
	if truth {
		return "yes"
	}
	return ""
}

// componentsCell names components so that csvList takes them apart again.
func componentsCell(ids []string, components []status.Component) string {
	names := uniqueNames(components)
	shown := make([]string, len(ids))
	for i, id := range ids {
		if shown[i] = cmp.Or(names[id], id); strings.ContainsAny(shown[i], csvSeparators) {
			shown[i] = id
		}
	}
	if cell := strings.Join(shown, ", "); len(ids) < 2 || len(componentsNamed(components, cell)) == 0 {
		return cell
	}
	return strings.Join(ids, ", ")
}
