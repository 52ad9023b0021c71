package main

import (
	"context"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/valyala/fasthttp"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
)

// metrics are the numbers for those who run the server. No label names a
// person, an address or an incident.
type metrics struct {
	app      *app
	registry *prometheus.Registry
	attempts *prometheus.CounterVec
	ended    *prometheus.CounterVec
	accepted *prometheus.HistogramVec
	requests [len(doors)][6]atomic.Int64 // by door and class of code
}

// doors are where requests come in.
var doors = [...]string{"public", "api"}

// The numbers that are read when somebody asks for them.
var (
	buildInfo     = prometheus.NewDesc("allclear_build_info", "The program that runs: always 1.", []string{"version", "go"}, nil)
	queueDepth    = prometheus.NewDesc("allclear_queue_deliveries", "Deliveries that wait: first (of a first pass), due, later; gathered counts addresses with a digest to come.", []string{"channel", "state"}, nil)
	queueChunks   = prometheus.NewDesc("allclear_queue_chunks", "Pieces of first passes that are not done.", []string{"channel"}, nil)
	queueAge      = prometheus.NewDesc("allclear_queue_oldest_due_seconds", "For how long the longest waiting delivery should have been sent.", []string{"channel"}, nil)
	channelUp     = prometheus.NewDesc("allclear_channel_up", "1 while the channel's server can be reached, 0 while it is only tried from time to time.", []string{"channel"}, nil)
	channelDown   = prometheus.NewDesc("allclear_channel_down_seconds", "For how long the channel's server could not be reached.", []string{"channel"}, nil)
	pageVersion   = prometheus.NewDesc("allclear_page_version", "Version of the record: that of the database, and the one that this server shows.", []string{"of"}, nil)
	unexpanded    = prometheus.NewDesc("allclear_notices_waiting", "Notices whose readers are not worked out yet.", nil, nil)
	timersDue     = prometheus.NewDesc("allclear_timers_due", "Timed acts that are due and not done.", nil, nil)
	databaseUp    = prometheus.NewDesc("allclear_database_up", "1 while the database answers.", nil, nil)
	requestsTotal = prometheus.NewDesc("allclear_http_requests_total", "Requests by door and class of the answer's code.", []string{"door", "code"}, nil)
	descriptions  = []*prometheus.Desc{buildInfo, queueDepth, queueChunks, queueAge, channelUp, channelDown, pageVersion, unexpanded, timersDue, databaseUp, requestsTotal}
)

func newMetrics(a *app) *metrics {
	m := &metrics{app: a, registry: prometheus.NewRegistry(),
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "allclear_attempts_total", Help: "Attempts to send, by how they ended."}, []string{"channel", "outcome"}),
		ended:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "allclear_deliveries_total", Help: "Deliveries that this server's attempts ended, by state and by how the last attempt ended."}, []string{"channel", "state", "reason"}),
		accepted: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "allclear_post_to_accepted_seconds",
			Help:    "Time from a post to a server's acceptance of a message that nothing held back.",
			Buckets: []float64{0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600}}, []string{"channel"})}
	m.registry.MustRegister(m.attempts, m.ended, m.accepted, m, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// known makes the counters of a channel begin at 0, so that the first failure
// is a rise.
func (m *metrics) known(channel stakeholders.Channel) {
	name := string(channel)
	m.accepted.WithLabelValues(name)
	for _, o := range []notify.Outcome{notify.Delivered, notify.Transient, notify.RateLimited, notify.Permanent, notify.UncertainSent, notify.Unavailable} {
		m.attempts.WithLabelValues(name, string(o))
	}
	m.ended.WithLabelValues(name, string(notify.Sent), string(notify.Delivered))
	m.ended.WithLabelValues(name, string(notify.Failed), string(notify.Permanent))
	m.ended.WithLabelValues(name, string(notify.Failed), string(notify.Transient))
}

// Attempted implements notify.Observer.
func (m *metrics) Attempted(text notify.Text, r notify.Recorded) {
	channel := string(r.Channel)
	m.attempts.WithLabelValues(channel, string(r.Result.Outcome)).Inc()
	if !r.RetryAt.IsZero() {
		return
	}
	m.ended.WithLabelValues(channel, string(r.State), string(r.Result.Outcome)).Inc()
	if r.State == notify.Sent && r.Was != notify.Held && !text.Content.PostedAt.IsZero() {
		m.accepted.WithLabelValues(channel).Observe(max(0, r.At.Sub(text.Content.PostedAt).Seconds()))
	}
}

// count counts requests around a handler. It allocates nothing.
func (m *metrics) count(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		door := 0
		if path := ctx.Path(); len(path) >= 3 && path[0] == '/' && path[1] == 'v' && path[2] == '1' {
			door = 1
		}
		next(ctx)
		if class := ctx.Response.StatusCode() / 100; class > 0 && class < len(m.requests[door]) {
			m.requests[door][class].Add(1)
		}
	}
}

// Describe implements prometheus.Collector.
func (m *metrics) Describe(to chan<- *prometheus.Desc) {
	for _, d := range descriptions {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (m *metrics) Collect(to chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	gauge(buildInfo, 1, version(), strings.TrimPrefix(runtime.Version(), "go"))
	for door, name := range doors {
		for class := 1; class < len(m.requests[door]); class++ {
			to <- prometheus.MustNewConstMetric(requestsTotal, prometheus.CounterValue, float64(m.requests[door][class].Load()), name, string(rune('0'+class))+"xx")
		}
	}
	now := m.app.store.Now()
	for name, health := range m.app.worker.Health() {
		up, down := 1.0, 0.0
		if !health.Up {
			up, down = 0, now.Sub(health.Since).Seconds()
		}
		gauge(channelUp, up, string(name))
		gauge(channelDown, down, string(name))
	}
	gauge(pageVersion, float64(m.app.site.Version()), "snapshot")
	if err := m.collectDatabase(gauge, now); err != nil {
		m.app.log.Error("metrics", "error", err)
		gauge(databaseUp, 0)
		return
	}
	gauge(databaseUp, 1)
}

// collectDatabase reads what only the database knows. While it is away, those
// numbers are missing rather than wrong.
func (m *metrics) collectDatabase(gauge func(d *prometheus.Desc, value float64, labels ...string), now time.Time) error {
	ctx, cancel := context.WithTimeout(context.Background(), readyTimeout)
	defer cancel()
	version, err := m.app.store.PageVersion(ctx)
	if err != nil {
		return err
	}
	waiting, err := m.app.store.Unexpanded(ctx)
	if err != nil {
		return err
	}
	due, err := m.app.store.DueTimers(ctx)
	if err != nil {
		return err
	}
	queues, err := m.app.store.Queues(ctx)
	if err != nil {
		return err
	}
	gauge(pageVersion, float64(version), "database")
	gauge(unexpanded, float64(waiting))
	gauge(timersDue, float64(due))
	for name := range m.app.worker.Health() {
		q, age := queues[string(name)], 0.0
		if !q.Oldest.IsZero() {
			age = max(0, now.Sub(q.Oldest).Seconds())
		}
		gauge(queueAge, age, string(name))
		gauge(queueChunks, float64(q.Chunks), string(name))
		for state, n := range map[string]int64{"first": q.First, "due": q.Due, "later": q.Later, "gathered": q.Gathered} {
			gauge(queueDepth, float64(n), string(name), state)
		}
	}
	return nil
}
