package web

import (
	"encoding/json"
	"fmt"
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

	incidents *shelf // pages of incidents that are over, made on demand
	badges    *shelf // badges with a label or style of the visitor's choice
}

// Bounds of what is kept on demand. An incident takes two answers.
const (
	keptIncidents = 512
	keptBadges    = 128
)

// Version is the version of the record that the snapshot shows.
func (s *Snapshot) Version() int64 { return s.record.Page.Version }

// Record is the record that the snapshot shows. It must not be changed.
func (s *Snapshot) Record() status.Record { return s.record }

// answer is the hot answer for a path, or nil.
func (s *Snapshot) answer(path string) *answer { return s.editions[s.language][path] }

// newSnapshot makes every hot answer of a record as it reads at now.
func (s *Site) newSnapshot(record status.Record, now time.Time) (*Snapshot, error) {
	tag := lang.Match(record.Page.Language)
	sn := &Snapshot{
		record: record, builtAt: now, staleAt: record.StaleAt(now), language: tag,
		editions: map[string]map[string]*answer{}, incidents: newShelf(keptIncidents), badges: newShelf(keptBadges),
	}
	hot, err := s.hotAnswers(sn, tag)
	if err != nil {
		return nil, err
	}
	sn.editions[tag] = hot
	return sn, nil
}

// hotAnswers makes what is asked for most, in one language.
func (s *Site) hotAnswers(sn *Snapshot, tag string) (map[string]*answer, error) {
	makers := map[string]func() (*answer, error){
		"/":                    func() (*answer, error) { return s.pageAnswer(sn, tag) },
		"/404":                 func() (*answer, error) { return s.notFoundAnswer(sn, tag) },
		"/badge.svg":           func() (*answer, error) { return badgeAnswer(sn, tag, badgeChoice{}), nil },
		"/history.rss":         func() (*answer, error) { return s.feedAnswer(sn) },
		"/robots.txt":          func() (*answer, error) { return robotsAnswer(), nil },
		"/api/v2/summary.json": func() (*answer, error) { return s.jsonAnswer(statuspage.Summary(sn.record, sn.builtAt)) },
		"/api/v2/status.json":  func() (*answer, error) { return s.jsonAnswer(statuspage.StatusJSON(sn.record)) },
	}
	for _, i := range sn.record.Incidents {
		if i.Open() {
			makers["/incidents/"+i.ID] = func() (*answer, error) { return s.incidentAnswer(sn, tag, i) }
			makers["/incidents/"+i.ID+".json"] = func() (*answer, error) { return s.jsonAnswer(statuspage.IncidentJSON(sn.record, i)) }
		}
	}
	hot := make(map[string]*answer, len(makers))
	for path, build := range makers {
		a, err := build()
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
