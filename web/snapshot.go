package web

import (
	"encoding/json"
	"fmt"
	"slices"
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
		"/":                s.pageAnswer,
		"/404":             s.notFoundAnswer,
		"/badge.svg":       func(sn *Snapshot, tag string) (*answer, error) { return badgeAnswer(sn, tag, badgeChoice{}), nil },
		"/history.rss":     s.historyRSS,
		"/embed/frame":     s.widgetAnswer,
		"/embed/script.js": s.embedAnswer,
		"/badge.json":      func(sn *Snapshot, tag string) (*answer, error) { return s.badgeJSON(sn, tag, "") },
		"/robots.txt":      func(*Snapshot, string) (*answer, error) { return robotsAnswer(), nil },
		"/api/v2/summary.json": s.readAnswer(func(sn *Snapshot) any {
			return statuspage.Summary(sn.record, sn.builtAt)
		}),
		"/api/v2/status.json":               s.readAnswer(func(sn *Snapshot) any { return statuspage.StatusJSON(sn.record) }),
		"/api/v2/components.json":           s.readAnswer(func(sn *Snapshot) any { return statuspage.ComponentsJSON(sn.record) }),
		"/api/v2/incidents/unresolved.json": s.readAnswer(func(sn *Snapshot) any { return statuspage.UnresolvedJSON(sn.record) }),
	}
}

// otherMakers make the rest of what has a fixed address: large or seldom asked
// for, so made once a snapshot when somebody asks.
func (s *Site) otherMakers() map[string]maker {
	return map[string]maker{
		"/history.atom":                       s.historyAtom,
		"/feed.json":                          s.historyJSONFeed,
		"/updates.rss":                        s.updatesRSS,
		"/updates.atom":                       s.updatesAtom,
		"/updates.json":                       s.updatesJSONFeed,
		"/calendar.ics":                       s.calendarAnswer,
		"/api/v2/incidents.json":              s.readAnswer(func(sn *Snapshot) any { return statuspage.IncidentsJSON(sn.record) }),
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
		makers["/incidents/"+i.ID+".json"] = s.readAnswer(func(sn *Snapshot) any { return statuspage.IncidentJSON(sn.record, i) })
	}
	hot := make(map[string]*answer, len(makers))
	for path, build := range makers {
		a, err := build(sn, tag)
		if err != nil {
			return nil, fmt.Errorf("make %s: %w", path, err)
		}
		hot[path] = a
	}
	return hot, nil
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
	build := s.others[path]
	return func(c *fiber.Ctx) error {
		sn := s.current.Load()
		if sn == nil {
			return errStarting
		}
		answer, err := sn.others.get(path, func() (*answer, error) { return build(sn, sn.language) })
		if err != nil {
			return err
		}
		answer.write(c.Context())
		return nil
	}
}
