package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/allclear-status/allclear/bench"
)

// ledger is a database with subscribers, and what became of their mail.
type ledger struct {
	name      string
	setup     bench.Setup
	token     string
	component string
	db        *bench.Database
}

// openLedger makes a database, lets the server make its tables, and fills it.
func openLedger(ctx context.Context, p plan, name string) (l *ledger, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	l = &ledger{name: name, setup: bench.Setup{Binary: p.allclear, DataDir: filepath.Join(p.folder, name)}}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.close())
		}
	}()
	if err := os.Mkdir(l.setup.DataDir, 0o700); err != nil {
		return nil, err
	}
	if l.db, err = bench.OpenDatabase(name, l.setup.DataDir); err != nil {
		return nil, err
	}
	l.setup.DatabaseURL = l.db.URL
	template, err := l.begin(ctx)
	if err != nil {
		return nil, err
	}
	return l, l.fill(ctx, template, p.n)
}

func (l *ledger) close() error {
	if l.db == nil {
		return nil
	}
	return l.db.Close()
}

// begin makes a page with one component and one subscriber, through the API.
func (l *ledger) begin(ctx context.Context) (subscriber string, err error) {
	server, err := bench.Serve(ctx, l.setup, "")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	l.token = server.Token()
	var component, subscribed struct {
		ID string `json:"id"`
	}
	if err := server.Manage(ctx, http.MethodPost, "/components", object{"component": object{"name": "Card payments"}}, &component); err != nil {
		return "", err
	}
	l.component = component.ID
	err = server.Manage(ctx, http.MethodPost, "/subscribers",
		object{"subscriber": object{"email": "reader0@example.com", "skip_confirmation_notification": true}}, &subscribed)
	return subscribed.ID, err
}

// fill copies the one subscriber until there are n.
func (l *ledger) fill(ctx context.Context, subscriber string, n int) error {
	if err := l.db.CopySubscriber(ctx, subscriber, n-1); err != nil {
		return err
	}
	_, err := l.db.ExecContext(ctx, `ANALYZE`)
	return err
}

// lastNotice is the newest notice, 0 when there is none.
func (l *ledger) lastNotice(ctx context.Context) (id int64, err error) {
	err = l.db.QueryRowContext(ctx, `SELECT COALESCE(MAX(id), 0) FROM notices`).Scan(&id)
	return id, err
}

// sent waits until no delivery of a notice is under way, and counts those that
// were sent and those that were not.
func (l *ledger) sent(ctx context.Context, notice int64) (sent, others int, err error) {
	for {
		var waiting sql.NullInt64
		var total int
		var done sql.NullInt64
		if err := l.db.QueryRowContext(ctx, `
			SELECT COUNT(*), SUM(CASE WHEN state = 'sent' THEN 1 ELSE 0 END), SUM(CASE WHEN state IN ('pending', 'sending') THEN 1 ELSE 0 END)
			FROM deliveries
			WHERE notice_id = $1`, notice).Scan(&total, &done, &waiting); err != nil {
			return 0, 0, err
		}
		if waiting.Int64 == 0 {
			return int(done.Int64), total - int(done.Int64), nil
		}
		select {
		case <-ctx.Done():
			return 0, 0, fmt.Errorf("%d deliveries are still under way: %w", waiting.Int64, context.Cause(ctx))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

type object map[string]any
