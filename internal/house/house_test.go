package house

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const root = "../.."

func TestRoomsImportOnlyWhatIsDrawn(t *testing.T) {
	graph, err := productionImports(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(graph["status"]) == 0 {
		t.Fatalf("the walk did not find the package status in %s", root)
	}
	for _, violation := range violations(graph) {
		t.Error(violation)
	}
}

// productionImports reads what the files of each folder import, for every
// system they are built for, leaving out tests and other modules.
func productionImports(root string) (map[string][]string, error) {
	graph := map[string][]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			return enter(root, path)
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		folder, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		imports, err := importsOf(path)
		folder = filepath.ToSlash(folder)
		for _, path := range imports {
			if !slices.Contains(graph[folder], path) {
				graph[folder] = append(graph[folder], path)
			}
		}
		if graph[folder] == nil {
			graph[folder] = []string{}
		}
		return err
	})
	return graph, err
}

// enter is fs.SkipDir for a folder whose files are not of this module.
func enter(root, path string) error {
	if path == root {
		return nil
	}
	name := filepath.Base(path)
	_, err := os.Stat(filepath.Join(path, "go.mod"))
	if err == nil || name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
		return fs.SkipDir
	}
	return nil
}

func importsOf(path string) ([]string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	var imports []string
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		imports = append(imports, path)
	}
	return imports, nil
}

func TestDrawnArrowsAreAllowed(t *testing.T) {
	graph := map[string][]string{
		"cmd/allclear":       {own("api"), own("notify/email"), own("internal/clock"), "github.com/gofiber/fiber/v2"},
		"api":                {own("publish"), own("store"), "github.com/valyala/fasthttp/fasthttputil"},
		"web/console":        {own("web"), own("statuspage"), "github.com/gorilla/feeds"},
		"store":              {own("notify"), own("migrations"), "database/sql", "github.com/lib/pq/pqerror"},
		"store/storetest":    {own("internal/pgcluster"), "testing"},
		"notify/discord":     {own("notify"), own("notify/chat")},
		"notify/email":       {own("notify"), own("notify/email/parts"), "github.com/wneessen/go-mail/smtp"},
		"migrations":         {"embed", "database/sql", "github.com/pressly/goose/v3"},
		"auth":               {"crypto/sha256", "golang.org/x/crypto/argon2", own("internal/clock")},
		"internal/markup":    {"github.com/yuin/goldmark/ast", own("internal/lang")},
		"internal/pgcluster": {"database/sql", "github.com/lib/pq"},
	}
	for _, violation := range violations(graph) {
		t.Error(violation)
	}
}

func TestEveryOtherArrowIsRefused(t *testing.T) {
	cases := []struct{ folder, path, complaint string }{
		{"api", own("web"), "no arrow leads from api to web"},
		{"web", own("api"), "no arrow leads from web to api"},
		{"web/console", own("api"), "no arrow leads from web to api"},
		{"api", own("notify/email"), "no arrow leads from api to notify/<channel>"},
		{"api", own("migrations"), "no arrow leads from api to migrations"},
		{"publish", own("web"), "no arrow leads from publish to web"},
		{"notify", own("store"), "no arrow leads from notify to store"},
		{"notify", own("notify/slack"), "no arrow leads from notify to notify/<channel>"},
		{"notify/slack", own("notify/webhook"), "no arrow leads from notify/<channel> to notify/<channel>"},
		{"status", own("stakeholders"), "no arrow leads from status to stakeholders"},
		{"internal/markup", own("status"), "no arrow leads from internal to status"},
		{"api", own("cmd/allclear"), "no arrow leads from api to cmd"},
		{"api", own("store/storetest"), "it is for tests"},
		{"store", own("internal/pgcluster"), "it is for tests"},
		{"api", module, "the root holds no package"},
		{"publish", "github.com/gofiber/fiber/v2", "its home is api, web, cmd"},
		{"store", "github.com/valyala/fasthttp", "its home is api, web, cmd"},
		{"api", "github.com/jmoiron/sqlx", "its home is store"},
		{"migrations", "github.com/lib/pq", "its home is store"},
		{"cmd/allclear", "modernc.org/sqlite", "its home is store"},
		{"web", "database/sql", "its home is store, migrations"},
		{"notify/slack", "github.com/wneessen/go-mail", "its home is notify/email"},
		{"statuspage", "github.com/gorilla/feeds", "its home is web"},
		{"web", "github.com/microcosm-cc/bluemonday", "its home is internal/markup"},
		{"web", "github.com/yuin/goldmark/parser", "its home is internal/markup"},
		{"web", "testing", "it is for tests"},
		{"store", "pgregory.net/rapid", "it is for tests"},
		{"status", "github.com/google/uuid", "status keeps to the standard library"},
		{"auth", "golang.org/x/text/language", "auth keeps to the standard library"},
	}
	for _, c := range cases {
		want := []string{c.folder + " imports " + c.path + ": " + c.complaint}
		if got := violations(map[string][]string{c.folder: {"fmt", c.path}}); !slices.Equal(got, want) {
			t.Errorf("got %q\nwant %q", got, want)
		}
	}
	for _, folder := range []string{"util", "models/incident", "."} {
		want := []string{folder + " is no room of the house"}
		if got := violations(map[string][]string{folder: {"fmt"}}); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestWalkReadsProductionFilesOnly(t *testing.T) {
	dir := t.TempDir()
	for name, imported := range map[string]string{
		"api/api.go":         own("web"),
		"api/api_windows.go": "windows",
		"api/api_test.go":    "test",
		"api/testdata/x.go":  "testdata",
		"tools/go.mod":       "",
		"tools/tools.go":     "tool",
		".hidden/x.go":       "hidden",
		"status/status.go":   "fmt",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("package p\n\nimport \""+imported+"\"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	graph, err := productionImports(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(graph) != 2 || !slices.Equal(graph["api"], []string{own("web"), "windows"}) || !slices.Equal(graph["status"], []string{"fmt"}) {
		t.Errorf("read %q", graph)
	}
	if got := violations(graph); len(got) != 1 {
		t.Errorf("found %q", got)
	}
}

func own(folder string) string { return module + "/" + folder }
