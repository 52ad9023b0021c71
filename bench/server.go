package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"time"
)

// startPatience is how long a server may take to be ready.
const startPatience = 30 * time.Second

// Setup is how a server is to run.
type Setup struct {
	Binary      string
	DataDir     string
	DatabaseURL string // empty: SQLite in DataDir
	MailURL     string // empty: no mail
}

// Environ is the setup as variables, for the program's other commands.
func (s Setup) Environ() []string {
	environ := []string{
		"ALLCLEAR_DATA_DIR=" + s.DataDir, "ALLCLEAR_DATABASE_URL=" + s.DatabaseURL, "ALLCLEAR_SMTP_URL=" + s.MailURL,
		"ALLCLEAR_PUBLIC_URL=https://status.acme.example", "ALLCLEAR_MAIL_FROM=Acme status <status@acme.example>",
	}
	if s.DatabaseURL != "" {
		environ = append(environ, "ALLCLEAR_SECRET_KEY=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
	}
	return environ
}

// Token makes a token for the managing door.
func (s Setup) Token(ctx context.Context) (string, error) {
	cmd := exec.CommandContext(ctx, s.Binary, "token", "create", "--name", "benchmark", "--scope", "admin")
	cmd.Env = append(cmd.Environ(), s.Environ()...)
	out, err := cmd.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return "", fmt.Errorf("make a token: %w: %s", err, failed.Stderr)
	}
	return strings.TrimSpace(string(out)), err
}

// Server is a running allclear.
type Server struct {
	*Process
	URL    string
	token  string
	pageID string
	client *http.Client
}

// Serve starts a server on a free loopback port and waits until it is ready.
// An empty token makes one.
func Serve(ctx context.Context, setup Setup, token string) (s *Server, err error) {
	address, err := FreeAddress()
	if err != nil {
		return nil, err
	}
	s = &Server{URL: "http://" + address, token: token, client: &http.Client{Timeout: startPatience}}
	if s.Process, err = Start(append(setup.Environ(), "ALLCLEAR_LISTEN="+address), setup.Binary, "serve"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("start allclear: %w\n%s", err, s.Said())
			_ = s.Stop() // the first error is the one to tell
		}
	}()
	if err := WaitFor(ctx, s.URL+"/readyz", s.Process); err != nil {
		return nil, err
	}
	if s.token == "" {
		if s.token, err = setup.Token(ctx); err != nil {
			return nil, err
		}
	}
	var pages []struct {
		ID string `json:"id"`
	}
	if err := s.call(ctx, http.MethodGet, "/v1/pages", nil, &pages); err != nil {
		return nil, err
	}
	if len(pages) != 1 {
		return nil, fmt.Errorf("there are %d pages", len(pages))
	}
	s.pageID = pages[0].ID
	return s, nil
}

// Token is what the server was asked with.
func (s *Server) Token() string { return s.token }

// Manage asks the managing door of the server's page.
func (s *Server) Manage(ctx context.Context, method, path string, in, out any) error {
	return s.call(ctx, method, "/v1/pages/"+s.pageID+path, in, out)
}

func (s *Server) call(ctx context.Context, method, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, method, s.URL+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+s.token)
	request.Header.Set("Content-Type", "application/json")
	response, err := s.client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }() // only read
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s: %s", method, path, response.Status, answer)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(answer, out)
}

// Shows says whether a public page contains a text.
func (s *Server) Shows(ctx context.Context, path, text string) (bool, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+path, nil)
	if err != nil {
		return false, err
	}
	response, err := s.client.Do(request)
	if err != nil {
		return false, err
	}
	defer func() { _ = response.Body.Close() }() // only read
	body, err := io.ReadAll(response.Body)
	return bytes.Contains(body, []byte(text)), err
}

// FreeAddress is a loopback address that nobody listens on.
func FreeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// WaitFor waits until a URL is answered with 200 by the process.
func WaitFor(ctx context.Context, url string, p *Process) error {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		if response, err := http.DefaultClient.Do(request); err == nil {
			_ = response.Body.Close() // only the code is wanted
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-p.Ended():
			return errors.New("it ended")
		case <-ctx.Done():
			return fmt.Errorf("%s is not answered: %w", url, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}
