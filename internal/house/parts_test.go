package house

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// private are the names of what an update says to some readers only.
var private = regexp.MustCompile(`InternalNote|CustomerAnswer|UpdateParts|update_parts|internal_note|customer_answer`)

// TestPublicRoomsCannotNameWhatIsForSomeOnly keeps what is for some readers out
// of the code that makes what everybody reads: there is nothing to leak by
// mistake where not even the name is known. The console is for those who post.
func TestPublicRoomsCannotNameWhatIsForSomeOnly(t *testing.T) {
	for _, room := range []string{"web", "statuspage", "notify/webhook", "internal/calendar", "status/update.go", "status/incident.go", "status/record.go", "cmd/allclear/payload.go"} {
		seen := 0
		err := filepath.WalkDir(filepath.Join(root, room), func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && (entry.Name() == "testdata" || entry.Name() == "console"):
				return fs.SkipDir
			case entry.IsDir() || strings.HasSuffix(path, "_test.go"):
				return nil
			}
			text, err := os.ReadFile(path)
			if found := private.Find(text); found != nil {
				t.Errorf("%s names %s, which the public must not see", path, found)
			}
			seen++
			return err
		})
		if err != nil || seen == 0 {
			t.Errorf("%s: %d files, %v", room, seen, err)
		}
	}
}
