// Command page measures how fast the public page is served, beside nginx
// serving the same bytes from files, in rounds that take turns. It needs nginx
// and wrk in PATH; scripts/bench-page.sh fetches them.
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
)

// plan is what is to be measured.
type plan struct {
	binary  string
	rounds  int
	seconds int
	paths   []string
}

var connections = []int{64, 512}

func main() {
	var p plan
	var paths string
	flag.StringVar(&p.binary, "allclear", "bin/bench/allclear", "the program to measure")
	flag.IntVar(&p.rounds, "rounds", 3, "how often everything is measured")
	flag.IntVar(&p.seconds, "seconds", 4, "how long one measurement takes")
	flag.StringVar(&paths, "paths", "/", "what to ask for, separated by commas")
	flag.Parse()
	p.paths = strings.Split(paths, ",")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGPIPE)
	defer stop()
	if err := p.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench-page:", err)
		stop()
		os.Exit(1)
	}
}

// run sets both servers up, measures and reports.
func (p plan) run(ctx context.Context) (err error) {
	if p.rounds < 1 || p.seconds < 1 {
		return errors.New("there must be at least one round of one second")
	}
	runs := 2 * 2 * len(connections) * len(p.paths) * p.rounds // servers, kinds of request
	ctx, cancel := context.WithTimeout(ctx, time.Minute+time.Duration(runs)*(time.Duration(p.seconds)*time.Second+5*time.Second))
	defer cancel()
	folder, err := os.MkdirTemp("", "allclear-bench-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()

	ours, err := bench.Serve(ctx, bench.Setup{Binary: p.binary, DataDir: folder}, "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ours.Stop()) }()
	if err := seed(ctx, ours); err != nil {
		return fmt.Errorf("make the page: %w", err)
	}
	anchor, err := startNginx(ctx, ours.URL, p.paths)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, anchor.stop()) }()

	m := &measurements{}
	targets := []target{{"nginx", anchor.url, anchor.process}, {"allclear", ours.URL, ours.Process}}
	if err := p.measure(ctx, targets, m); err != nil {
		return err
	}
	return m.report(os.Stdout, p)
}

// measure runs every kind of request on both servers, in turns.
func (p plan) measure(ctx context.Context, targets []target, m *measurements) error {
	for _, t := range targets { // to wake them up, not counted
		if _, err := t.load(ctx, request{path: p.paths[0], connections: connections[0]}, 1); err != nil {
			return err
		}
	}
	for round := range p.rounds {
		for _, path := range p.paths {
			for _, n := range connections {
				for _, unchanged := range []bool{false, true} {
					for _, t := range targets {
						r := request{path: path, connections: n, unchanged: unchanged}
						result, err := t.load(ctx, r, p.seconds)
						if err != nil {
							return fmt.Errorf("%s, %s: %w", t.name, r, err)
						}
						m.add(t.name, r, result)
						fmt.Fprintf(os.Stderr, "round %d  %-8s  %s  %.0f req/s\n", round+1, t.name, r, result.PerSecond)
					}
				}
			}
		}
	}
	return nil
}
