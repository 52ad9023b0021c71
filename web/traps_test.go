package web

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
)

// listen serves the app on a real socket and returns its address.
func listen(t *testing.T, app *fiber.App) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- app.Listener(listener) }()
	t.Cleanup(func() {
		if err := app.ShutdownWithTimeout(time.Minute); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

// raw sends bytes as they are and returns the first answer.
func raw(t *testing.T, address, request string) (int, string) {
	t.Helper()
	connection, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	if err := connection.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(connection, request); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatalf("no answer to %q: %v", request, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// Trap 1: requests that two servers in a row could read differently.
func TestAmbiguousRequestsAreRefused(t *testing.T) {
	site := newBench(t, calmRecord()).Site
	site.App().Post("/probe", func(c *fiber.Ctx) error { return c.Send(c.Body()) })
	address := listen(t, site.App())
	for name, request := range map[string]string{
		"two Content-Lengths": "POST /probe HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
		"xchunked":            "POST /probe HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
		"bare LF in a chunk":  "POST /probe HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;a\nbc\r\nab\r\n0\r\n\r\n",
		"no Host":             "GET / HTTP/1.1\r\n\r\n",
	} {
		if code, body := raw(t, address, request); code != 400 || !strings.Contains(body, "That request was not understood") {
			t.Errorf("%s: answered %d, want 400 with a page", name, code)
		}
	}
	if code, _ := raw(t, address, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"); code != 200 {
		t.Errorf("a plain request answers %d", code)
	}
}

// Trap 2: a small compressed body that becomes a large one.
func TestCompressedRequestsAreRefused(t *testing.T) {
	site := newBench(t, calmRecord()).Site
	reached := false
	mounted := fiber.New()
	mounted.Post("/incidents", func(c *fiber.Ctx) error {
		reached = true
		return c.SendString(fmt.Sprint(len(c.Body())))
	})
	site.App().Mount("/v1", mounted)
	address := listen(t, site.App())
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	if _, err := w.Write(make([]byte, 20<<20)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	post := func(encoding string, body []byte) (int, string) {
		return raw(t, address, fmt.Sprintf("POST /v1/incidents HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n%s", encoding, len(body), body))
	}
	for _, encoding := range []string{"gzip", "br", "deflate", "GZIP", "gzip, identity", "zstd"} {
		if code, _ := post(encoding, bomb.Bytes()); code != 415 || reached {
			t.Errorf("Content-Encoding %s answered %d, reached the handler: %v", encoding, code, reached)
		}
	}
	if code, body := post("Identity", []byte("abc")); code != 200 || body != "3" {
		t.Errorf("identity answered %d %q", code, body)
	}
}

// Trap 3: what a handler keeps of its request must stay what it was.
func TestKeptParametersStayIntact(t *testing.T) {
	site := newBench(t, calmRecord()).Site
	var mu sync.Mutex
	kept := map[string]string{}
	site.App().Get("/keep/:word", func(c *fiber.Ctx) error {
		mu.Lock()
		defer mu.Unlock()
		kept[strings.Clone(c.Query("n"))] = c.Params("word")
		return c.SendStatus(204)
	})
	address := listen(t, site.App())
	client := &http.Client{}
	defer client.CloseIdleConnections()
	for n := range 50 {
		response, err := client.Get(fmt.Sprintf("http://%s/keep/word-%04d?n=%d", address, n, n))
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
	}
	mu.Lock()
	defer mu.Unlock()
	for n := range 50 {
		if got, want := kept[fmt.Sprint(n)], fmt.Sprintf("word-%04d", n); got != want {
			t.Errorf("kept %q, want %q", got, want)
		}
	}
}

func TestTooLargeARequestIsRefusedWithAWord(t *testing.T) {
	site := newBench(t, calmRecord()).Site
	address := listen(t, site.App())
	if code, body := raw(t, address, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n"); code != 413 || !strings.Contains(body, "larger than one megabyte") {
		t.Errorf("2 MB answered %d", code)
	}
}

func TestHeadSaysTheLengthAndSendsNothing(t *testing.T) {
	site := newBench(t, calmRecord()).Site
	address := listen(t, site.App())
	response, err := http.Head("http://" + address + "/api/v2/status.json")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if want := int64(len(site.Snapshot().answer("/api/v2/status.json").plain)); response.StatusCode != 200 || response.ContentLength != want {
		t.Errorf("HEAD answers %d with length %d, want 200 with %d", response.StatusCode, response.ContentLength, want)
	}
}
