package api_test

import "net/http"

func (w *world) checkSpec(_ *http.Request, _ answer) {}
