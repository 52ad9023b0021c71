package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/allclear-status/allclear/bench"
)

// relay is the mail server of one run.
type relay struct {
	sink       *bench.Sink
	pipelining bool
}

// String names the relay in a line of output.
func (r relay) String() string { return relayName(r.pipelining) }

func relayName(pipelining bool) string {
	if pipelining {
		return "PIPELINING"
	}
	return "no PIPELINING"
}

// result is what one run found.
type result struct {
	began  time.Time
	cold   time.Duration // how long the first POST after the start took, that tells nobody
	posted time.Duration // how long the POST took; 0: there was none
	total  bench.Total
	cpu    time.Duration
	dbCPU  time.Duration   // of the database's own processes
	memory float64         // MB; 0: not measured
	pages  []time.Duration // how long the page took meanwhile, the fastest first

	sent, unsent int // rows of the ledger
}

func (r result) first() time.Duration { return r.total.First.Sub(r.began) }
func (r result) last() time.Duration  { return r.total.Last.Sub(r.began) }

func (r result) perSecond() float64 { return float64(r.total.Messages) / r.last().Seconds() }

func (r result) each(used time.Duration) time.Duration { return used / time.Duration(r.total.Messages) }

// post starts a server, posts an incident and waits until everybody is told.
// An incident that nobody is told of goes before, since a server posts more
// than once after it is started. Both stay open: an end would be owed to
// everybody who was told.
func (p plan) post(ctx context.Context, l *ledger, r relay) (got result, err error) {
	ctx, cancel := p.bounded(ctx)
	defer cancel()
	setup := l.setup
	setup.MailURL = fmt.Sprintf("smtp://%s?tls=none&connections=%d", r.sink.Address(), p.sessions)
	server, err := bench.Serve(ctx, setup, l.token)
	if err != nil {
		return got, err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	before, err := l.lastNotice(ctx)
	if err != nil {
		return got, err
	}
	if got.cold, err = l.open(ctx, server, false); err != nil {
		return got, err
	}
	used, err := server.CPU()
	if err != nil {
		return got, err
	}
	dbUsed, err := l.db.CPU(ctx)
	if err != nil {
		return got, err
	}

	receipt := r.sink.Expect(p.n)
	got.began = time.Now()
	if got.posted, err = l.open(ctx, server, true); err != nil {
		return got, err
	}
	stop := func() (err error) { return nil }
	if p.reads > 0 {
		reading := bench.Read(ctx, strings.TrimPrefix(server.URL, "http://"), "/", p.reads)
		stop = func() (err error) { got.pages, err = reading.End(); return err }
	}
	err = receipt.Wait(ctx, server.Process)
	if err = errors.Join(err, stop()); err != nil {
		return got, err
	}
	after, err := l.lastNotice(ctx)
	if err != nil {
		return got, err
	}
	if after == before {
		return got, errors.New("the incident made no notice")
	}
	if got.sent, got.unsent, err = l.sent(ctx, after); err != nil {
		return got, err
	}
	cpu, err := server.CPU()
	if err != nil {
		return got, err
	}
	got.cpu = cpu - used
	if got.dbCPU, err = l.db.CPU(ctx); err != nil {
		return got, err
	}
	got.dbCPU -= dbUsed
	if got.memory, err = server.PeakMemory(); err != nil {
		return got, err
	}
	got.total = receipt.Total() // a message twice would be here by now
	return got, nil
}

// open posts a critical incident and says how long that took.
func (l *ledger) open(ctx context.Context, server *bench.Server, notify bool) (time.Duration, error) {
	began := time.Now()
	err := server.Manage(ctx, http.MethodPost, "/incidents", object{"incident": object{
		"name": "Card payments fail", "body": "Card payments fail for all customers. Bank transfer works.",
		"impact_override": "critical", "components": object{l.component: "major_outage"}, "deliver_notifications": notify,
	}}, nil)
	return time.Since(began), err
}

// source lets smtp-source send as much.
func (p plan) source(ctx context.Context, r relay, size int) (result, error) {
	return p.send(ctx, r, p.n, "smtp-source", "-s", strconv.Itoa(p.sessions), "-m", strconv.Itoa(p.n), "-l", strconv.Itoa(size),
		"-d", "-N", "-f", "status@acme.example", "-t", "reader@example.com", r.sink.Address())
}

// loop lets go-mail send the same text.
func (p plan) loop(ctx context.Context, r relay, sample []byte) (result, error) {
	file := filepath.Join(p.folder, "sample.eml")
	if err := os.WriteFile(file, sample, 0o600); err != nil {
		return result{}, err
	}
	host, port, err := net.SplitHostPort(r.sink.Address())
	if err != nil {
		return result{}, err
	}
	n := min(p.n, loopMost)
	return p.send(ctx, r, n, p.gomail, "-host", host, "-port", port, "-n", strconv.Itoa(n), "-sessions", strconv.Itoa(p.sessions), "-sample", file)
}

// send runs a program that sends n messages.
func (p plan) send(ctx context.Context, r relay, n int, name string, args ...string) (got result, err error) {
	ctx, cancel := p.bounded(ctx)
	defer cancel()
	receipt := r.sink.Expect(n)
	got.began = time.Now()
	sender, err := bench.Start(nil, name, args...)
	if err != nil {
		return got, err
	}
	if err := sender.Wait(ctx); err != nil {
		return got, err
	}
	if err := receipt.Wait(ctx, sender); err != nil {
		return got, err
	}
	got.cpu, got.total = sender.UsedCPU(), receipt.Total()
	if got.total.Distinct != n {
		return got, fmt.Errorf("%d recipients instead of %d", got.total.Distinct, n)
	}
	return got, nil
}
