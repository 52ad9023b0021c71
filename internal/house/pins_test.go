package house

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"
)

// lowestFasthttp is the first version without the request smuggling of the one
// that Fiber asks for.
const lowestFasthttp = "v1.73.0"

const (
	fasthttp = "github.com/valyala/fasthttp"
	sqlite   = "modernc.org/sqlite"
	libc     = "modernc.org/libc"
)

// selected is a module of the build list, as go list -m -json shows it.
type selected struct {
	Path, Version, GoMod string
	Replace              *selected
}

func TestPinnedModulesAreTheOnesWeTested(t *testing.T) {
	versions := map[string]string{}
	var sqliteGoMod string
	for _, m := range buildList(t, fasthttp, sqlite, libc) {
		if m.Replace != nil {
			m.Version, m.GoMod = m.Replace.Version, m.Replace.GoMod
		}
		versions[m.Path] = m.Version
		if m.Path == sqlite {
			sqliteGoMod = m.GoMod
		}
	}
	if err := checkPins(versions, requirements(t, sqliteGoMod)[libc]); err != nil {
		t.Error(err)
	}
}

// checkPins compares the selected versions with the lowest fasthttp and with
// the libc that the selected sqlite was translated with.
func checkPins(versions map[string]string, wantLibc string) error {
	var found []error
	below, err := less(versions[fasthttp], lowestFasthttp)
	if err != nil {
		found = append(found, fmt.Errorf("%s: %w", fasthttp, err))
	} else if below {
		found = append(found, fmt.Errorf("%s is %s, below %s: requests can be smuggled past a proxy",
			fasthttp, versions[fasthttp], lowestFasthttp))
	}
	if wantLibc == "" || versions[libc] != wantLibc {
		found = append(found, fmt.Errorf("%s is %q, but %s %s was made with %q",
			libc, versions[libc], sqlite, versions[sqlite], wantLibc))
	}
	return errors.Join(found...)
}

// less compares two release versions; it knows no pre-releases.
func less(a, b string) (bool, error) {
	x, errA := numbers(a)
	y, errB := numbers(b)
	return slices.Compare(x, y) < 0, errors.Join(errA, errB)
}

var release = regexp.MustCompile(`^v(\d+)\.(\d+)\.(\d+)$`)

func numbers(version string) ([]int, error) {
	parts := release.FindStringSubmatch(version)
	if parts == nil {
		return nil, fmt.Errorf("%q is not the version of a release", version)
	}
	var numbers []int
	for _, part := range parts[1:] {
		number, err := strconv.Atoi(part)
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, number)
	}
	return numbers, nil
}

func TestWrongPinsAreFound(t *testing.T) {
	good := map[string]string{fasthttp: "v1.73.0", sqlite: "v1.60.0", libc: "v1.77.1"}
	with := func(path, version string) map[string]string {
		changed := map[string]string{fasthttp: good[fasthttp], sqlite: good[sqlite], libc: good[libc]}
		changed[path] = version
		return changed
	}
	for _, versions := range []map[string]string{good, with(fasthttp, "v1.100.2"), with(fasthttp, "v2.0.0")} {
		if err := checkPins(versions, "v1.77.1"); err != nil {
			t.Errorf("%v: %v", versions, err)
		}
	}
	for _, versions := range []map[string]string{
		with(fasthttp, "v1.72.9"), with(fasthttp, "v1.51.0"), with(fasthttp, "v0.99.0"),
		with(fasthttp, ""), with(fasthttp, "v1.73.0-rc.1"), with(libc, "v1.77.2"), with(libc, ""),
	} {
		if checkPins(versions, "v1.77.1") == nil {
			t.Errorf("%v: nothing found", versions)
		}
	}
	if checkPins(good, "") == nil {
		t.Error("a sqlite without a libc is accepted")
	}
}

func buildList(t *testing.T, paths ...string) []selected {
	t.Helper()
	// Read here, so that the test cache sees it change.
	if _, err := os.ReadFile(filepath.Join(root, "go.mod")); err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(goCommand(t, append([]string{"list", "-m", "-json"}, paths...)...)))
	var modules []selected
	for {
		var m selected
		err := decoder.Decode(&m)
		if err == io.EOF {
			return modules
		}
		if err != nil {
			t.Fatal(err)
		}
		modules = append(modules, m)
	}
}

// requirements are the versions that a go.mod file asks for.
func requirements(t *testing.T, file string) map[string]string {
	t.Helper()
	var parsed struct{ Require []selected }
	if err := json.Unmarshal(goCommand(t, "mod", "edit", "-json", file), &parsed); err != nil {
		t.Fatal(err)
	}
	versions := map[string]string{}
	for _, m := range parsed.Require {
		versions[m.Path] = m.Version
	}
	return versions
}

func goCommand(t *testing.T, args ...string) []byte {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %v: %v\n%s", args, err, stderr.String())
	}
	return output
}
