package api

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/allclear-status/allclear/status"
)

// What outlives its request must be a copy, also on an app that is not told to
// keep strings.
func TestIDsFromThePathOutliveTheirRequest(t *testing.T) {
	var lock sync.Mutex
	var kept []string
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Get("/:id", func(c *fiber.Ctx) error {
		name, err := pathID(c)
		if err != nil {
			return err
		}
		incident, err := pathIncident(c)
		lock.Lock()
		defer lock.Unlock()
		kept = append(kept, name, incident, requestID(c))
		return err
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- app.Listener(listener) }()
	var want []string
	for i := range 100 {
		id := fmt.Sprintf("%012d", i*i)
		if !status.ValidID(id) {
			t.Fatal(id)
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+listener.Addr().String()+"/"+id, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Request-Id", "request-"+id)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		want = append(want, id, id, "request-"+id)
	}
	if err := app.ShutdownWithTimeout(time.Minute); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if !slices.Equal(kept, want) {
		t.Errorf("kept %q\nsent %q", kept, want)
	}
}
