package house

import (
	"fmt"
	"slices"
	"strings"
)

// module is the path of ours.
const module = "github.com/allclear-status/allclear"

// channel is the room of every folder below notify.
const channel = "notify/<channel>"

// arrows is the drawing "Who may import whom" of the style guide. What is not
// here is not allowed. Every room may also import itself and internal/*.
var arrows = map[string][]string{
	"api":           {"publish", "store", "notify", "statuspage", "plainlanguage", "auth", "stakeholders", "status"},
	"web":           {"publish", "store", "notify", "statuspage", "plainlanguage", "auth", "stakeholders", "status"},
	"publish":       {"store", "notify", "plainlanguage", "stakeholders", "auth", "status"},
	"store":         {"notify", "plainlanguage", "stakeholders", "status", "auth", "migrations"},
	channel:         {"notify", "statuspage", "auth", "status"},
	"notify":        {"stakeholders", "status"},
	"statuspage":    {"stakeholders", "status"},
	"stakeholders":  {"status"},
	"plainlanguage": {"status"},
	"status":        {},
	"auth":          {},
	"migrations":    {},
	"internal":      {},
	"cmd": {"api", "web", "publish", "store", channel, "notify", "statuspage", "stakeholders",
		"plainlanguage", "status", "auth", "migrations"},
}

// homes are the folders in which a library may be imported, by the beginning
// of its path. A library without an entry may be imported anywhere but in the
// rooms of onlyStandard; one without folders is for tests.
var homes = map[string][]string{
	"github.com/gofiber/fiber":           {"api", "web", "cmd"},
	"github.com/valyala/fasthttp":        {"api", "web", "cmd"},
	"database/sql":                       {"store", "migrations"},
	"github.com/jmoiron/sqlx":            {"store"},
	"github.com/lib/pq":                  {"store"},
	"modernc.org/sqlite":                 {"store"},
	"github.com/pressly/goose":           {"migrations", "store"},
	"github.com/wneessen/go-mail":        {"notify/email"},
	"github.com/gorilla/feeds":           {"web"},
	"github.com/yuin/goldmark":           {"internal/markup"},
	"github.com/microcosm-cc/bluemonday": {"internal/markup"},
	"code.dny.dev/ssrf":                  {"internal/safehttp"},
	"github.com/jdkato/prose":            {"plainlanguage"},
	"github.com/alecthomas/kong":         {"cmd"},
	"github.com/emersion/go-smtp":        {"internal/catcher"},
	"github.com/prometheus":              {"cmd"},

	"testing":                                        {},
	"github.com/chromedp":                            {},
	"github.com/getkin/kin-openapi":                  {},
	"github.com/google/go-cmp":                       {},
	"go.uber.org/goleak":                             {},
	"pgregory.net/rapid":                             {},
	"github.com/arran4/golang-ical":                  {},
	"github.com/standard-webhooks/standard-webhooks": {},
}

// onlyStandard are the rooms that use no library, with their exceptions.
var onlyStandard = map[string][]string{
	"status":     {},
	"auth":       {"golang.org/x/crypto"},
	"migrations": {"github.com/pressly/goose"},
}

// testHelpers are test code although their names do not end in "test".
var testHelpers = []string{"internal/pgcluster", "internal/cputime", "internal/browser", "e2e", "bench"}

// violations lists every import that the rules above do not allow, in order.
// The graph gives for each folder of the module the paths it imports.
func violations(graph map[string][]string) []string {
	var found []string
	for folder, imports := range graph {
		if isTestHelper(folder) {
			continue
		}
		for _, path := range imports {
			if complaint := complaint(folder, path); complaint != "" {
				found = append(found, fmt.Sprintf("%s imports %s: %s", folder, path, complaint))
			}
		}
		if _, known := arrows[room(folder)]; !known {
			found = append(found, folder+" is no room of the house")
		}
	}
	slices.Sort(found)
	return found
}

// complaint says what is wrong with an import, or nothing.
func complaint(folder, path string) string {
	if path == module {
		return "the root holds no package"
	}
	if target, ours := strings.CutPrefix(path, module+"/"); ours {
		return roomComplaint(folder, target)
	}
	return libraryComplaint(folder, path)
}

func roomComplaint(folder, target string) string {
	from, to := room(folder), room(target)
	switch {
	case isTestHelper(target):
		return "it is for tests"
	case from == to && from != channel, to == "internal", slices.Contains(arrows[from], to):
		return ""
	case from == channel && target == "notify/chat": // what the chat services share
		return ""
	case from == channel && to == channel && firstTwo(folder) == firstTwo(target):
		return ""
	}
	return fmt.Sprintf("no arrow leads from %s to %s", from, to)
}

func libraryComplaint(folder, path string) string {
	for library, folders := range homes {
		if within(path, library) && !slices.ContainsFunc(folders, func(home string) bool { return within(folder, home) }) {
			if len(folders) == 0 {
				return "it is for tests"
			}
			return "its home is " + strings.Join(folders, ", ")
		}
	}
	exceptions, strict := onlyStandard[room(folder)]
	if !strict || isStandard(path) || slices.ContainsFunc(exceptions, func(library string) bool { return within(path, library) }) {
		return ""
	}
	return room(folder) + " keeps to the standard library"
}

// room is the room that a folder belongs to.
func room(folder string) string {
	first, rest, _ := strings.Cut(folder, "/")
	if first == "notify" && rest != "" {
		return channel
	}
	return first
}

func firstTwo(folder string) string {
	parts := strings.SplitN(folder, "/", 3)
	return strings.Join(parts[:min(2, len(parts))], "/")
}

func isTestHelper(folder string) bool {
	return strings.HasSuffix(folder, "test") ||
		slices.ContainsFunc(testHelpers, func(helper string) bool { return within(folder, helper) })
}

// within says whether the path is the folder or lies below it.
func within(path, folder string) bool {
	return path == folder || strings.HasPrefix(path, folder+"/")
}

// isStandard says whether the path is of the standard library, whose first
// element alone has no dot.
func isStandard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}
