//go:build !openapi

package api_test

import "net/http"

// checkSpec stands in for the one that reads openapi.yaml, whose library's own
// libraries are not in go.sum yet.
func (w *world) checkSpec(*http.Request, answer) {}
