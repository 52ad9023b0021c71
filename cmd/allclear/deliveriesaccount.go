package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// account is a delivery with all that is known of it.
type account struct {
	deliveryLine
	Event     string
	Cell      string
	Reason    string
	CreatedAt time.Time `json:"created_at"`
	Tries     []struct {
		Number  int
		At      time.Time
		Outcome string
		Answer  string
	}
	Merged *struct {
		NoticeID int64 `json:"notice_id"`
		State    string
		SentAt   *time.Time `json:"sent_at"`
		Answer   string
	} `json:"merged_into"`
	Message *struct {
		Subject string
		Text    string
	}
}

// printAccounts answers for each delivery: was it told, when, with which text,
// and what did the server say.
func printAccounts(out io.Writer, rows []json.RawMessage) error {
	w := bufio.NewWriter(out)
	for i, row := range rows {
		var a account
		if err := json.Unmarshal(row, &a); err != nil {
			return err
		}
		if i > 0 {
			_, _ = fmt.Fprintln(w) // Flush reports what failed
		}
		a.print(w)
	}
	return w.Flush()
}

const accountTime = "2006-01-02 15:04:05 UTC"

func (a account) print(w io.Writer) {
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }
	who := a.Address
	if a.Name != "" {
		who = a.Name + " <" + a.Address + ">"
	}
	line("notice %d  %s %s  %s by %s", a.NoticeID, cmp.Or(a.Incident, "-"), a.Event, who, a.Channel)
	line("  decided  %s  %s %s, %s: %s (policy %d)", a.CreatedAt.UTC().Format(accountTime), a.Rule, a.Cell, a.Quadrant, a.Reason, a.Policy)
	for _, t := range a.Tries {
		line("  try %-3d  %s  %s: %s", t.Number, t.At.UTC().Format(accountTime), t.Outcome, t.Answer)
	}
	switch {
	case a.SentAt != nil:
		line("  %-7s  %s  %s", a.State, a.SentAt.UTC().Format(accountTime), a.Answer)
	case a.DueAt != nil:
		line("  %-7s  due %s  %s", a.State, a.DueAt.UTC().Format(accountTime), a.Answer)
	default:
		line("  %s  %s", a.State, a.Answer)
	}
	if a.Uncertain {
		line("  it may have arrived more than once")
	}
	if m := a.Merged; m != nil && m.SentAt != nil {
		line("  merged into notice %d: %s %s  %s", m.NoticeID, m.State, m.SentAt.UTC().Format(accountTime), m.Answer)
	} else if m != nil {
		line("  merged into notice %d: %s  %s", m.NoticeID, m.State, m.Answer)
	}
	if a.Message == nil {
		return
	}
	if a.Message.Subject != "" {
		line("  | %s\n  |", a.Message.Subject)
	}
	for text := range strings.Lines(strings.TrimRight(a.Message.Text, "\n") + "\n") {
		line("  | %s", strings.TrimRight(text, "\r\n"))
	}
}

// exportTimeout bounds a whole export.
const exportTimeout = 30 * time.Minute

// copyDeliveries copies the export as it comes. One that broke off says so in
// its last line, and is an error.
func (c *client) copyDeliveries(ctx context.Context, out io.Writer, query url.Values) error {
	ctx, cancel := context.WithTimeout(ctx, exportTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+c.path("deliveries.csv")+"?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	answer, err := (&http.Client{}).Do(request)
	if err != nil {
		return fmt.Errorf("the server cannot be reached: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		encoded, _ := io.ReadAll(answer.Body) // what broke off is no refusal
		r := &refusal{Status: answer.StatusCode}
		if json.Unmarshal(encoded, r) != nil {
			return fmt.Errorf("%s answered %s; is it the address of an Allclear server?", c.base, answer.Status)
		}
		return r
	}
	lines := bufio.NewReader(answer.Body)
	for {
		line, err := lines.ReadString('\n')
		if strings.HasPrefix(line, "INCOMPLETE: ") {
			return errors.New("the list broke off; ask again")
		}
		if _, failed := io.WriteString(out, line); failed != nil {
			return failed
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("the server's answer broke off: %w", err)
		}
	}
}
