package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/statuspage"
	"github.com/gofiber/fiber/v2"
)

// Snapshot is the public record at one version and the answers made from it.
// The record and the hot answers are never changed; the rest is made on demand
// and kept.
type Snapshot struct {
	record  status.Record
	builtAt time.Time
	staleAt time.Time

	// editions are the hot answers by language and path.
	editions map[string]map[string]*answer
	language string // of the edition that is served

	others    *shelf // answers of fixed address that fewer ask for, made on demand
	incidents *shelf // pages of incidents that are over, made on demand
	history   *shelf // pages of the history
	badges    *shelf // badges of the visitor's choice
}

// Bounds of what is kept on demand. An incident takes two answers.
const (
	keptOthers    = 64 // more than there are addresses
	keptIncidents = 512
	keptHistory   = 64
	keptBadges    = 128
)

// Version is the version of the record that the snapshot shows.
func (s *Snapshot) Version() int64 { return s.record.Page.Version }

// Record is the record that the snapshot shows. It must not be changed.
func (s *Snapshot) Record() status.Record { return s.record }

// answer is the hot answer for a path, or nil.
func (s *Snapshot) answer(path string) *answer { return s.editions[s.language][path] }

// maker makes the answer of one address from a snapshot.
type maker func(sn *Snapshot, tag string) (*answer, error)

// newSnapshot makes every hot answer of a record as it reads at now.
func (s *Site) newSnapshot(record status.Record, now time.Time) (*Snapshot, error) {
	record.Incidents = published(record.Incidents)
	tag := lang.Match(record.Page.Language)
	sn := &Snapshot{
		record: record, builtAt: now, staleAt: record.StaleAt(now), language: tag, editions: map[string]map[string]*answer{},
		others: newShelf(keptOthers), incidents: newShelf(keptIncidents), history: newShelf(keptHistory), badges: newShelf(keptBadges),
	}
	hot, err := s.hotAnswers(sn, tag)
	if err != nil {
		return nil, err
	}
	sn.editions[tag] = hot
	return sn, nil
}

// published leaves out what is no reader's business: whoever reads the
// record from the database should have, but this is the last door.
func published(incidents []status.Incident) []status.Incident {
	hidden := func(i status.Incident) bool { return !i.Public() }
	if !slices.ContainsFunc(incidents, hidden) {
		return incidents
	}
	return slices.DeleteFunc(slices.Clone(incidents), hidden)
}

// hotMakers make what is asked for most; their answers are there before the
// snapshot is.
func (s *Site) hotMakers() map[string]maker {
	return map[string]maker{
		"/":                    s.pageAnswer,
		"/badge.svg":           func(sn *Snapshot, tag string) (*answer, error) { return badgeAnswer(sn, tag, badgeChoice{}), nil },
		"/embed/frame":         s.widgetAnswer,
		"/badge.json":          func(sn *Snapshot, tag string) (*answer, error) { return s.badgeJSON(sn, tag, "") },
		"/badge/promises.svg":  s.promiseBadge,
		"/badge/promises.json": s.promiseShield,
		"/robots.txt":          func(*Snapshot, string) (*answer, error) { return robotsAnswer(), nil },
		"/api/v2/summary.json": s.readAnswer(func(sn *Snapshot) any {
			return statuspage.Summary(sn.record, sn.builtAt)
		}),
		"/api/v2/status.json": s.readAnswer(func(sn *Snapshot) any { return statuspage.StatusJSON(sn.record) }),
	}
}

// otherMakers make the rest of what has a fixed address: large, kept long by
// whoever has it, or seldom asked for; so made once a snapshot when somebody
// asks.
func (s *Site) otherMakers() map[string]maker {
	return map[string]maker{
		"/404":                                s.notFoundAnswer,
		"/embed/script.js":                    s.embedAnswer,
		"/history.rss":                        s.historyRSS,
		"/history.atom":                       s.historyAtom,
		"/feed.json":                          s.historyJSONFeed,
		"/updates.rss":                        s.updatesRSS,
		"/updates.atom":                       s.updatesAtom,
		"/updates.json":                       s.updatesJSONFeed,
		"/calendar.ics":                       s.calendarAnswer,
		"/api/v2/components.json":             s.readAnswer(func(sn *Snapshot) any { return statuspage.ComponentsJSON(sn.record) }),
		"/api/v2/incidents.json":              s.readAnswer(func(sn *Snapshot) any { return statuspage.IncidentsJSON(sn.record) }),
		"/api/v2/incidents/unresolved.json":   s.readAnswer(func(sn *Snapshot) any { return statuspage.UnresolvedJSON(sn.record) }),
		"/api/v2/scheduled-maintenances.json": s.readAnswer(func(sn *Snapshot) any { return statuspage.MaintenancesJSON(sn.record) }),
		"/api/v2/scheduled-maintenances/upcoming.json": s.readAnswer(func(sn *Snapshot) any { return statuspage.UpcomingJSON(sn.record) }),
		"/api/v2/scheduled-maintenances/active.json":   s.readAnswer(func(sn *Snapshot) any { return statuspage.ActiveJSON(sn.record) }),
	}
}

// readAnswer makes a document of the read interface.
func (s *Site) readAnswer(document func(*Snapshot) any) maker {
	return func(sn *Snapshot, _ string) (*answer, error) { return s.jsonAnswer(document(sn)) }
}

// hotAnswers makes what is asked for most, in one language.
func (s *Site) hotAnswers(sn *Snapshot, tag string) (map[string]*answer, error) {
	makers := s.hotMakers()
	for _, i := range openNow(sn.record) {
		makers["/incidents/"+i.ID] = func(sn *Snapshot, tag string) (*answer, error) { return s.incidentAnswer(sn, tag, i) }
	}
	return makeAll(sn, tag, makers)
}

// makeAll makes several answers, as many at once as there are processors:
// whoever posts waits for them.
func makeAll(sn *Snapshot, tag string, makers map[string]maker) (map[string]*answer, error) {
	var (
		hands  sync.WaitGroup
		mu     sync.Mutex
		made   = make(map[string]*answer, len(makers))
		faults []error
		free   = make(chan struct{}, runtime.GOMAXPROCS(0))
	)
	for path, build := range makers {
		free <- struct{}{}
		hands.Go(func() {
			defer func() { <-free }()
			a, err := makeOne(sn, tag, build)
			mu.Lock()
			defer mu.Unlock()
			if made[path] = a; err != nil {
				faults = append(faults, fmt.Errorf("make %s: %w", path, err))
			}
		})
	}
	hands.Wait()
	return made, errors.Join(faults...)
}

// makeOne turns a panic into an error, which nobody else would catch.
func makeOne(sn *Snapshot, tag string, build maker) (a *answer, err error) {
	defer recovered(&err)
	return build(sn, tag)
}

// jsonAnswer is an answer of the read interface.
func (s *Site) jsonAnswer(value any) (*answer, error) {
	body, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return s.press.answer(fiber.StatusOK, body, openHeaders(typeJSON, cacheShort)...)
}

func robotsAnswer() *answer {
	body := "User-agent: *\nDisallow: /unsubscribe/\nDisallow: /v1/\n"
	return uncompressed(fiber.StatusOK, []byte(body), openHeaders(typeText, cacheShort)...)
}

// serve answers from the hot answers of the snapshot.
func (s *Site) serve(path string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		sn := s.current.Load()
		if sn == nil {
			return errStarting
		}
		sn.answer(path).write(c.Context())
		return nil
	}
}

// serveOther answers with what is made on demand, once a snapshot.
func (s *Site) serveOther(path string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		sn := s.current.Load()
		if sn == nil {
			return errStarting
		}
		answer, err := s.other(sn, path)
		if err != nil {
			return err
		}
		answer.write(c.Context())
		return nil
	}
}

// other is an answer that is made once a snapshot when somebody asks.
func (s *Site) other(sn *Snapshot, path string) (*answer, error) {
	return sn.others.get(path, func() (*answer, error) { return s.others[path](sn, sn.language) })
}
