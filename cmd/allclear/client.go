package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/allclear-status/allclear/plainlanguage"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// server is the running server that a command speaks to.
type remote struct {
	URL   string `name:"url" env:"ALLCLEAR_URL" default:"http://localhost:8080" help:"Address of the server."`
	Token string `name:"token" env:"ALLCLEAR_TOKEN" help:"Token of the posting API (see \"allclear token create\")."`
}

// client speaks to one server about its one page.
type client struct {
	base  string
	token string
	page  string // id
	http  *http.Client
}

// clientTimeout bounds one request of a command.
const clientTimeout = 30 * time.Second

// connect checks the address and the token and finds the page.
func (r remote) connect(ctx context.Context) (*client, error) {
	base := strings.TrimRight(r.URL, "/")
	if u, err := url.Parse(base); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, misuse{fmt.Errorf("--url (ALLCLEAR_URL): %q is not an address such as https://status.example.com", r.URL)}
	}
	if r.Token == "" {
		return nil, misuse{errors.New("--token (ALLCLEAR_TOKEN) is missing; make one with \"allclear token create --name NAME --scope post\"")}
	}
	c := &client{base: base, token: r.Token, http: &http.Client{Timeout: clientTimeout}}
	var pages []struct{ ID string }
	if err := c.call(ctx, http.MethodGet, "/v1/pages", nil, &pages); err != nil {
		return nil, err
	}
	if len(pages) == 0 {
		return nil, errors.New("the server has no page")
	}
	c.page = pages[0].ID
	return c, nil
}

// path is a path about the page.
func (c *client) path(parts ...string) string {
	path := "/v1/pages/" + c.page
	for _, p := range parts {
		path += "/" + url.PathEscape(p)
	}
	return path
}

// call sends a request and decodes its answer. An answer that is no success is
// a *refusal.
func (c *client) call(ctx context.Context, method, path string, body, into any) error {
	var content io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, content)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Content-Type", "application/json")
	answer, err := c.http.Do(request)
	if err != nil {
		return fmt.Errorf("the server cannot be reached: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	encoded, err := io.ReadAll(answer.Body)
	if err != nil {
		return fmt.Errorf("the server's answer broke off: %w", err)
	}
	if answer.StatusCode >= http.StatusBadRequest {
		r := &refusal{Status: answer.StatusCode}
		if json.Unmarshal(encoded, r) != nil || r.Detail == "" && r.Title == "" {
			return fmt.Errorf("%s answered %s; is it the address of an Allclear server?", c.base, answer.Status)
		}
		return r
	}
	if err := json.Unmarshal(encoded, into); err != nil {
		return fmt.Errorf("%s gave an answer that cannot be read; is it the address of an Allclear server?", c.base)
	}
	return nil
}

// refusal is the server's no, with its reasons.
type refusal struct {
	Status   int                     `json:"status"`
	Title    string                  `json:"title"`
	Detail   string                  `json:"detail"`
	Errors   []status.FieldError     `json:"errors"`
	Findings []plainlanguage.Finding `json:"findings"`
}

// Error is the server's words.
func (r *refusal) Error() string {
	var words []string
	for _, e := range r.Errors {
		words = append(words, e.Field+" "+e.Message)
	}
	if len(words) > 0 {
		return strings.Join(words, "; ")
	}
	if r.Detail != "" {
		return r.Detail
	}
	return r.Title
}

// listComponent is a component as the commands need it.
type listComponent struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Status string `json:"status"`
	Group  bool   `json:"group"`
}

// components lists the page's components, without the groups.
func (c *client) components(ctx context.Context) ([]listComponent, error) {
	var all, leaves []listComponent
	if err := c.call(ctx, http.MethodGet, c.path("components"), nil, &all); err != nil {
		return nil, err
	}
	for _, one := range all {
		if !one.Group {
			leaves = append(leaves, one)
		}
	}
	return leaves, nil
}

// findComponent finds the component that somebody means by an id or a name.
func findComponent(all []listComponent, name string) (listComponent, error) {
	var found []listComponent
	for _, c := range all {
		if c.ID == name || stakeholders.SameName(c.Name, name) {
			found = append(found, c)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return listComponent{}, misuse{fmt.Errorf("component %q is not on the page; \"allclear component\" lists those that are", name)}
	default:
		return listComponent{}, misuse{fmt.Errorf("component %q stands for %d components; name it by its id", name, len(found))}
	}
}
