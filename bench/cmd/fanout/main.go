// Command fanout measures how fast everybody is told: one incident is posted
// to a server with many subscribers, whose mail goes to a server that counts.
// Beside it, in rounds that take turns, Postfix's smtp-source and a plain loop
// of go-mail send as many messages of the same size over as many sessions.
// scripts/bench-fanout.sh fetches what it needs.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/allclear-status/allclear/bench"
	"github.com/allclear-status/allclear/internal/pgcluster"
)

// plan is what is to be measured.
type plan struct {
	allclear, gomail string // programs
	databases        []string
	n                int
	rounds           int
	sessions         int
	roundTrip        time.Duration
	reads            int // of the page in a second, while everybody is told
	folder           string
}

// slowest bounds every run: whoever sends fewer messages in a second has hung.
const slowest = 100

// loopMost bounds the go-mail loop, whose speed does not depend on how long it
// runs.
const loopMost = 20_000

func main() {
	var p plan
	var databases string
	flag.StringVar(&p.allclear, "allclear", "bin/bench/allclear", "the program to measure")
	flag.StringVar(&p.gomail, "gomail", "bin/bench/gomail", "the loop to compare it with")
	flag.StringVar(&databases, "databases", "sqlite,postgres", "which databases, separated by commas")
	flag.IntVar(&p.n, "n", 20_000, "how many subscribers")
	flag.IntVar(&p.rounds, "rounds", 3, "how often everything is measured")
	flag.IntVar(&p.sessions, "sessions", 8, "connections of every sender")
	flag.DurationVar(&p.roundTrip, "rtt", 0, "how long the mail server takes to answer")
	flag.IntVar(&p.reads, "reads", 0, "how often a second the page is read while everybody is told")
	flag.Parse()
	p.databases = strings.Split(databases, ",")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGPIPE)
	defer stop()
	if err := p.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench-fanout:", err)
		stop()
		os.Exit(1)
	}
}

func (p plan) run(ctx context.Context) (err error) {
	if p.rounds < 1 || p.n < 1 || p.n > 5_000_000 || p.sessions < 1 || p.reads < 0 || p.reads > 20_000 {
		return errors.New("there must be a round, a session, 1 to 5,000,000 subscribers and at most 20,000 reads")
	}
	if p.folder, err = os.MkdirTemp("", "allclear-bench-*"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(p.folder)) }()
	var ledgers []*ledger
	defer func() {
		for _, l := range ledgers {
			err = errors.Join(err, l.close())
		}
	}()
	for _, name := range p.databases {
		l, err := openLedger(ctx, p, name)
		if errors.Is(err, pgcluster.ErrNotInstalled) {
			fmt.Fprintln(os.Stderr, "bench-fanout: without PostgreSQL:", err)
			continue
		}
		if err != nil {
			return fmt.Errorf("prepare %s: %w", name, err)
		}
		ledgers = append(ledgers, l)
	}
	if len(ledgers) == 0 {
		return errors.New("there is no database to measure with")
	}
	m := &measurements{}
	for round := range p.rounds {
		for _, pipelining := range []bool{true, false} {
			if err := p.measure(ctx, ledgers, pipelining, round, m); err != nil {
				return err
			}
		}
	}
	return m.report(os.Stdout, p)
}

// measure lets everybody send once to one mail server.
func (p plan) measure(ctx context.Context, ledgers []*ledger, pipelining bool, round int, m *measurements) (err error) {
	sink, err := bench.NewSink(pipelining, p.roundTrip)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sink.Close()) }()
	r := relay{sink: sink, pipelining: pipelining}
	record := func(name string, got result, err error) error {
		if err != nil {
			return fmt.Errorf("%s, %s: %w", name, r, err)
		}
		m.add(name, pipelining, got)
		fmt.Fprintf(os.Stderr, "round %d  %-18s  %s  %.0f msg/s\n", round+1, name, r, got.perSecond())
		return nil
	}
	var sample bench.Total
	for _, l := range ledgers {
		got, err := p.post(ctx, l, r)
		if err := record("allclear "+l.name, got, err); err != nil {
			return err
		}
		sample = got.total
	}
	got, err := p.source(ctx, r, sample.Size)
	if err := record("smtp-source", got, err); err != nil {
		return err
	}
	got, err = p.loop(ctx, r, sample.Sample)
	return record("go-mail loop", got, err)
}

// bounded is a context for one run.
func (p plan) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, time.Minute+time.Duration(p.n)*time.Second/slowest, errors.New("took too long"))
}
