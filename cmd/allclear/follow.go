package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// followEvery is how often progress is asked for.
const followEvery = time.Second

// progressLine is how far one notice has got.
type progressLine struct {
	NoticeID    int64 `json:"notice_id"`
	Event       string
	Stage       string
	Total       int64
	Estimated   bool
	ToGo        int64 `json:"to_go"`
	Sent        int64
	Retrying    int64
	Held        int64
	Failed      int64
	PerSecond   float64  `json:"per_second"`
	SecondsLeft *float64 `json:"seconds_left"`
}

// follow shows how telling everybody gets on, until nothing is to go: in place on
// a terminal, else a line whenever something changed.
func (c *deliveriesCommand) follow(ctx context.Context, server *client, out io.Writer) error {
	if c.Incident == "" {
		return misuse{errors.New("--follow needs an incident, such as \"allclear deliveries --follow INC-14\"")}
	}
	terminal := isTerminal(out)
	shown, before := 0, ""
	for {
		var lines []progressLine
		if err := server.call(ctx, http.MethodGet, server.path("incidents", c.Incident, "progress"), nil, &lines); err != nil {
			return err
		}
		var text strings.Builder
		running := false
		for _, l := range lines {
			running = running || l.running()
			text.WriteString(l.String(terminal) + "\n")
		}
		if now := text.String(); now != before {
			if terminal && shown > 0 {
				now = fmt.Sprintf("\x1b[%dA\x1b[J", shown) + now // back to the first line
			}
			if _, err := io.WriteString(out, now); err != nil {
				return err
			}
			shown, before = len(lines), text.String()
		}
		if !running {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(followEvery):
		}
	}
}

func (l progressLine) running() bool {
	switch l.Stage {
	case "waiting", "expanding", "sending":
		return true
	default:
		return false
	}
}

// barWidth is how many signs a bar has.
const barWidth = 30

// String is the line, with a bar or without.
func (l progressLine) String(bar bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "notice %d %-12s ", l.NoticeID, l.Event)
	if bar {
		full := 0
		if l.Total > 0 {
			full = int(barWidth * (l.Total - l.ToGo) / l.Total)
		}
		fmt.Fprintf(&b, "[%s%s] ", strings.Repeat("#", full), strings.Repeat(".", barWidth-full))
	}
	about := ""
	if l.Estimated {
		about = "about "
	}
	fmt.Fprintf(&b, "%s: %d sent of %s%d", strings.ReplaceAll(l.Stage, "_", " "), l.Sent, about, l.Total)
	for _, part := range []struct {
		n    int64
		name string
	}{{l.ToGo, "to go"}, {l.Retrying, "to try again"}, {l.Held, "held"}, {l.Failed, "failed"}} {
		if part.n > 0 {
			fmt.Fprintf(&b, ", %d %s", part.n, part.name)
		}
	}
	if l.PerSecond > 0 {
		fmt.Fprintf(&b, ", %.0f a second", l.PerSecond)
	}
	if l.SecondsLeft != nil {
		fmt.Fprintf(&b, ", %s left", time.Duration(*l.SecondsLeft)*time.Second)
	}
	return b.String()
}

// isTerminal says whether somebody looks at it.
func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
