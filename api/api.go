// Package api is the managing door, mounted at /v1: the Statuspage managing
// interface and what is ours beside it. Its handlers decode a request, call an
// act of publish or read the store, and render the answer. It holds no SQL and
// no rule, and it sends nothing.
package api

import (
	_ "embed"
	"log/slog"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// document describes every route to programs and their authors.
//
//go:embed openapi.yaml
var document []byte

// Options is what the door is given. Publisher and Store are required.
type Options struct {
	Publisher *publish.Publisher
	Store     *store.Store
	Log       *slog.Logger  // slog.Default() when nil
	Timeout   time.Duration // of one request; 15 seconds when zero
}

// api is the door.
type api struct {
	publish *publish.Publisher
	store   *store.Store
	log     *slog.Logger
	timeout time.Duration
}

// requestTimeout is how long one request may take where nothing else is said.
const requestTimeout = 15 * time.Second

// New makes the door. The app it is mounted on limits bodies and refuses
// compressed ones.
func New(o Options) *fiber.App {
	a := &api{publish: o.Publisher, store: o.Store, log: o.Log, timeout: o.Timeout}
	if a.log == nil {
		a.log = slog.Default()
	}
	if a.timeout <= 0 {
		a.timeout = requestTimeout
	}
	app := fiber.New(fiber.Config{
		Immutable:             true, // strings handed out stay what they were
		CaseSensitive:         true,
		DisableStartupMessage: true,
		ErrorHandler:          a.answerError,
	})
	app.Use(a.nameRequest, a.limitTime, rescue, dropSuffix)
	a.routes(app)
	return app
}

// routes lists every route. GET answers HEAD too, patch stands for PATCH and
// PUT, and every path may end in .json.
func (a *api) routes(app *fiber.App) {
	// For everybody.
	app.Get("/openapi.yaml", describe)
	app.Get("/policy.schema", describePolicy)

	// For whoever has a token.
	app.Get("/pages", a.needs(auth.ScopeRead), a.listPages)
	read := a.under(app, "/pages/:page", auth.ScopeRead)
	read.get("", a.getPage)
	read.get("/components", a.listComponents)
	read.get("/components/:id", a.getComponent)
	read.get("/incidents", a.listIncidents)
	read.get("/incidents/unresolved", a.listStates(status.Investigating, status.Identified, status.Monitoring))
	read.get("/incidents/scheduled", a.listStates(status.MaintenanceScheduled, status.MaintenanceInProgress,
		status.MaintenanceVerifying, status.MaintenanceCompleted))
	read.get("/incidents/upcoming", a.listStates(status.MaintenanceScheduled))
	read.get("/incidents/active_maintenance", a.listStates(status.MaintenanceInProgress, status.MaintenanceVerifying))
	read.get("/incidents/:id", a.getIncident)
	read.get("/incidents/:id/promises", a.listPromises)
	read.get("/promises", a.reportPromises)

	// For who speaks for the company, and sees who was told.
	post := a.under(app, "/pages/:page", auth.ScopePost)
	post.post("/incidents", a.openIncident)
	post.patch("/incidents/:id", a.postUpdate)
	post.delete("/incidents/:id", a.deleteIncident)
	post.patch("/incidents/:id/incident_updates/:update_id", a.editUpdate)
	post.post("/incidents/:id/incident_updates/:update_id/undo", a.undoPush)
	post.get("/incidents/:id/why", a.explain)
	post.get("/incidents/:id/progress", a.getProgress)
	post.get("/incidents/:id/roles", a.getIncidentRoles)
	post.patch("/incidents/:id/roles", a.changeIncidentRoles)
	post.get("/roles", a.getDefaultRoles)
	post.patch("/components/:id", a.changeComponent) // more than its status needs manage
	post.post("/simulations", a.simulate)
	post.post("/words", a.reviewWords)
	post.get("/words", a.countWords)
	post.get("/glossary", a.getGlossary)
	post.get("/stakeholders", a.listStakeholders)
	post.get("/stakeholders/export", a.exportStakeholders) // with secrets it needs admin
	post.get("/stakeholders/moves", a.listMoves)
	post.get("/stakeholders/:id", a.getStakeholder)
	post.get("/stakeholders/:id/moves", a.listMovesOf)
	post.get("/subscribers", a.listSubscribers)
	post.get("/subscribers/:id", a.getSubscriber)
	post.get("/suppressions", a.listSuppressions)
	post.get("/suppressions.csv", a.exportSuppressions)
	post.get("/deliveries", a.listDeliveries)
	post.get("/deliveries.csv", a.exportDeliveries)
	post.get("/deliveries/:notice/:channel/:person", a.getDelivery)
	post.get("/policy", a.getPolicy)
	post.get("/policy/versions", a.listPolicies)
	post.get("/policy/versions/:version", a.getPolicy)
	post.get("/policy/diff", a.comparePolicies)

	// For who sets up the page and decides who is told.
	manage := a.under(app, "/pages/:page", auth.ScopeManage)
	manage.patch("", a.changePage)
	manage.patch("/roles", a.changeDefaultRoles)
	manage.post("/components", a.addComponent)
	manage.delete("/components/:id", a.deleteComponent)
	manage.post("/subscribers", a.addSubscriber)
	manage.delete("/suppressions", a.liftSuppression)
	manage.patch("/subscribers/:id", a.changeSubscriber)
	manage.delete("/subscribers/:id", a.removeSubscriber)
	manage.post("/subscribers/:id/resend_confirmation", a.askSubscriberAgain)
	manage.post("/subscribers/reactivate", a.reactivateHost)
	manage.post("/subscribers/:id/reactivate", a.reactivateSubscriber)
	manage.post("/stakeholders/import", a.importStakeholders)
	manage.patch("/policy", a.importPolicy)
	manage.patch("/glossary", a.saveGlossary)
	manage.post("/stakeholders", a.addStakeholder)
	manage.patch("/stakeholders/:id", a.changeStakeholder)
	manage.delete("/stakeholders/:id", a.deleteStakeholder)
	manage.post("/stakeholders/:id/review", a.reviewStakeholder)

	// For who answers for everything.
	admin := a.under(app, "/pages/:page", auth.ScopeAdmin)
	admin.post("/erasures", a.erasePerson)

	// Statuspage's document has the hyphen; some clients write an underscore.
	for _, groups := range []string{"/component-groups", "/component_groups"} {
		read.get(groups, a.listGroups)
		read.get(groups+"/:id", a.getGroup)
		manage.post(groups, a.addGroup)
		manage.patch(groups+"/:id", a.changeGroup)
		manage.delete(groups+"/:id", a.deleteGroup)
	}
}

// section is a set of routes under one path that need one scope.
type section struct {
	app    *fiber.App
	prefix string
	guard  fiber.Handler
	page   fiber.Handler
}

// under makes a section of routes about the page named in their path.
func (a *api) under(app *fiber.App, prefix string, scope auth.Scope) section {
	return section{app, prefix, a.needs(scope), a.findPage}
}

func (s section) add(method, path string, handler fiber.Handler) {
	s.app.Add(method, s.prefix+path, s.guard, s.page, handler)
}

func (s section) get(path string, handler fiber.Handler) {
	s.add(fiber.MethodHead, path, handler)
	s.add(fiber.MethodGet, path, handler)
}

func (s section) patch(path string, handler fiber.Handler) {
	s.add(fiber.MethodPatch, path, handler)
	s.add(fiber.MethodPut, path, handler)
}

func (s section) post(path string, handler fiber.Handler) { s.add(fiber.MethodPost, path, handler) }

func (s section) delete(path string, handler fiber.Handler) { s.add(fiber.MethodDelete, path, handler) }

// describe handles GET /openapi.yaml.
func describe(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, "application/yaml; charset=utf-8")
	return c.Send(document)
}
