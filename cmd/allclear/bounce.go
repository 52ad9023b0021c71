package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/allclear-status/allclear/internal/dsn"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/store"
)

// exitTempFail tells a mail server to keep the message that it gave us and to
// try again (sysexits).
const exitTempFail = 75

// exit is an error with an exit code of its own.
type exit struct {
	error
	code int
}

type bounceCommand struct {
	database  `embed:""`
	Recipient string `name:"recipient" env:"ORIGINAL_RECIPIENT,RECIPIENT" help:"Address to which the report was sent, where its headers do not say."`
	Maildir   string `name:"maildir" placeholder:"DIR" help:"Take every new report of this maildir instead of the one on standard input."`
	PublicURL string `name:"public-url" env:"ALLCLEAR_PUBLIC_URL" default:"http://localhost:8080" help:"Address of the page, for letters to the owners of contractual contacts."`
}

// withPublisher opens the database and runs do.
func (c *bounceCommand) withPublisher(ctx context.Context, do func(*publish.Publisher) error) error {
	key, err := c.key()
	if err != nil {
		return err
	}
	return c.withStore(ctx, true, func(s *store.Store, _ *publish.Publisher) error {
		return do(publish.New(s, publish.Config{Key: key, PublicURL: strings.TrimRight(c.PublicURL, "/"), Log: slog.New(slog.DiscardHandler)}))
	})
}

// Run takes one report of failed delivery from standard input, as a mail server
// hands it over, or all that are new in a maildir. What is no report, or is not
// ours, is passed over: an answer would be one to a machine.
func (c *bounceCommand) Run(ctx context.Context, s *streams) error {
	if c.Maildir != "" {
		return c.empty(ctx, s)
	}
	report, err := dsn.Parse(s.in)
	if errors.Is(err, dsn.ErrNoReport) {
		_, _ = fmt.Fprintln(s.err, "passed over:", err)
		return nil
	}
	if err != nil {
		return exit{err, exitTempFail}
	}
	report.SentTo = append(report.SentTo, c.Recipient)
	err = c.withPublisher(ctx, func(p *publish.Publisher) error {
		b, err := p.Bounce(ctx, report)
		if err == nil {
			_, _ = fmt.Fprintln(s.err, bouncedWords(b))
		}
		return err
	})
	if err != nil {
		return exit{err, exitTempFail}
	}
	return nil
}

// empty takes what is new in a maildir.
func (c *bounceCommand) empty(ctx context.Context, s *streams) error {
	if err := checkMaildir(c.Maildir); err != nil {
		return misuse{fmt.Errorf("--maildir: %w", err)}
	}
	return c.withPublisher(ctx, func(p *publish.Publisher) error {
		return bounceBox{c.Maildir, slog.New(slog.NewTextHandler(s.err, nil)), p.Bounce}.empty(ctx)
	})
}

// bouncedWords says what became of a report, without the address.
func bouncedWords(b publish.Bounced) string {
	switch {
	case b.Key.Address == "":
		return "passed over: it did not come to the return path of a message of ours"
	case !b.Failed:
		return "passed over: the message did not fail"
	case b.Suppressed:
		return "taken: nothing is sent to that address any more"
	case b.Hard:
		return "taken: the address is dead"
	default:
		return "taken: the address is away"
	}
}

// bounceBox is a maildir into which reports of failed delivery are put.
type bounceBox struct {
	dir string
	log *slog.Logger
	// take does what a report asks for.
	take func(context.Context, dsn.Report) (publish.Bounced, error)
}

// bouncePoll is how often the maildir is looked at.
const bouncePoll = 10 * time.Second

// run looks for reports until the context ends.
func (b bounceBox) run(ctx context.Context) {
	tick := time.NewTicker(bouncePoll)
	defer tick.Stop()
	for {
		if err := b.empty(ctx); err != nil && ctx.Err() == nil {
			b.log.Error("read delivery reports", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// empty takes every report that is new. It stops at the first that cannot be
// taken now; that stays new. A report that is taken twice does no harm.
func (b bounceBox) empty(ctx context.Context) error {
	files, err := os.ReadDir(filepath.Join(b.dir, "new"))
	if err != nil {
		return err
	}
	for _, file := range files {
		if file.IsDir() || strings.HasPrefix(file.Name(), ".") {
			continue
		}
		if err := b.one(ctx, file.Name()); err != nil && !errors.Is(err, os.ErrNotExist) { // another server was quicker
			return err
		}
	}
	return nil
}

func (b bounceBox) one(ctx context.Context, name string) error {
	path := filepath.Join(b.dir, "new", name)
	report, err := readReport(path)
	if errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err != nil {
		b.log.Info("delivery report passed over", "file", name, "error", err)
	} else {
		bounced, err := b.take(ctx, report)
		if err != nil {
			return err
		}
		b.log.Info("delivery report", "file", name, "notice_id", bounced.Key.NoticeID, "result", bouncedWords(bounced))
	}
	name, _, _ = strings.Cut(name, ":")
	return os.Rename(path, filepath.Join(b.dir, "cur", name+":2,S"))
}

func readReport(path string) (dsn.Report, error) {
	file, err := os.Open(path)
	if err != nil {
		return dsn.Report{}, err
	}
	report, err := dsn.Parse(file)
	return report, errors.Join(err, file.Close())
}

// checkMaildir says whether a folder is one.
func checkMaildir(dir string) error {
	for _, folder := range []string{"new", "cur"} {
		if info, err := os.Stat(filepath.Join(dir, folder)); err != nil || !info.IsDir() {
			return fmt.Errorf("%s is no maildir: it has no folder %s", dir, folder)
		}
	}
	return nil
}
