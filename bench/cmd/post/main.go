// Command post measures what the person who posts waits for, over HTTP, with a
// large register and with few and many subscribers: the time of a POST while
// nothing is sent, that of one while everybody is being told, and that of a
// preview. The page is read after every post: it must show it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/allclear-status/allclear/bench"
	"github.com/allclear-status/allclear/internal/pgcluster"
)

// plan is what is to be measured.
type plan struct {
	allclear  string
	databases []string
	n         int // subscribers
	entries   int // of the register
	posts     int
	rate      time.Duration // from one post to the next while everybody is told
	folder    string
}

// patience bounds everything that is done with one database.
const patience = 20 * time.Minute

func main() {
	var p plan
	var databases string
	flag.StringVar(&p.allclear, "allclear", "bin/bench/allclear", "the program to measure")
	flag.StringVar(&databases, "databases", "sqlite,postgres", "which databases, separated by commas")
	flag.IntVar(&p.n, "n", 1_000_000, "how many subscribers")
	flag.IntVar(&p.entries, "entries", 1000, "how many entries the register has")
	flag.IntVar(&p.posts, "posts", 120, "how many posts are timed each time")
	flag.DurationVar(&p.rate, "rate", 250*time.Millisecond, "how often is posted while everybody is told")
	flag.Parse()
	p.databases = strings.Split(databases, ",")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGPIPE)
	defer stop()
	if err := p.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench-post:", err)
		stop()
		os.Exit(1)
	}
}

func (p plan) run(ctx context.Context) (err error) {
	if p.posts < 1 || p.n < classes || p.n > 5_000_000 || p.entries < 1 {
		return fmt.Errorf("there must be a post, an entry, and %d to 5,000,000 subscribers", classes)
	}
	if p.folder, err = os.MkdirTemp("", "allclear-bench-*"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(p.folder)) }()
	m := &measurements{}
	for _, name := range p.databases {
		err := p.measure(ctx, name, m)
		if errors.Is(err, pgcluster.ErrNotInstalled) {
			fmt.Fprintln(os.Stderr, "bench-post: without PostgreSQL:", err)
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return m.report(os.Stdout, p)
}

// measure runs everything on one database.
func (p plan) measure(ctx context.Context, name string, m *measurements) (err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errors.New("took too long"))
	defer cancel()
	sink, err := bench.NewSink(true, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sink.Close()) }()
	setup := bench.Setup{Binary: p.allclear, DataDir: filepath.Join(p.folder, name), MailURL: "smtp://" + sink.Address() + "?tls=none"}
	if err := os.Mkdir(setup.DataDir, 0o700); err != nil {
		return err
	}
	database, err := bench.OpenDatabase(name, setup.DataDir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, database.Close()) }()
	setup.DatabaseURL = database.URL

	server, err := bench.Serve(ctx, setup, "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	page, err := seed(ctx, p, setup, server)
	if err != nil {
		return err
	}
	run := run{page: page, posts: p.posts, rate: p.rate, record: func(what string, r result) { m.add(name, what, r) }}
	if err := run.quiet(ctx, fewSubscribers); err != nil {
		return err
	}
	if err := page.crowd(ctx, database, p.n); err != nil {
		return err
	}
	if err := run.quiet(ctx, manySubscribers); err != nil {
		return err
	}
	return run.busy(ctx)
}
