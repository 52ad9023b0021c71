package web

import (
	"os"
	"testing"
	"time"
)

// TestPreview serves made-up pages for the eyes of whoever changes the design:
// ALLCLEAR_PREVIEW=127.0.0.1:8099 [ALLCLEAR_PREVIEW_CALM=1] go test -run Preview ./web
func TestPreview(t *testing.T) {
	address := os.Getenv("ALLCLEAR_PREVIEW")
	if address == "" {
		t.Skip("only when ALLCLEAR_PREVIEW names an address")
	}
	record := troubledRecord()
	if os.Getenv("ALLCLEAR_PREVIEW_CALM") != "" {
		record = calmRecord()
	}
	site := newBench(t, record)
	time.AfterFunc(8*time.Minute, func() { _ = site.App().Shutdown() })
	if err := site.App().Listen(address); err != nil {
		t.Fatal(err)
	}
}
