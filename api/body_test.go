package api

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// read reads a body as if it came in a request.
func read(body, kind string) (*object, error) {
	app := fiber.New()
	request := &fasthttp.RequestCtx{}
	request.Request.SetBodyString(body)
	request.Request.Header.SetContentType(kind)
	c := app.AcquireCtx(request)
	defer app.ReleaseCtx(c)
	return readBody(c)
}

func TestBodyIsKnownByHowItBegins(t *testing.T) {
	for body, kind := range map[string]string{
		` {"a":{"b":"c"}}`:              "",
		"\uFEFF{\"a\":{\"b\":\"c\"}}":   "text/plain",
		"\r\n{\"a\":{\"b\":\"c\"}}\n":   "application/x-www-form-urlencoded",
		`{"a":1,"a":{"b":"x","b":"c"}}`: "application/json",
		`a[b]=c`:                        "application/x-www-form-urlencoded",
		`&a%5Bb%5D=c&&`:                 "",
		`a[b]=x&a[b]=c`:                 "text/plain",
	} {
		o, err := read(body, kind)
		if err != nil {
			t.Errorf("%q as %q: %v", body, kind, err)
			continue
		}
		if inner := o.object("a", "an object"); inner == nil || inner.words("b") != "c" {
			t.Errorf("%q as %q is read as %s", body, kind, o.fields)
		}
	}
}

func TestMembersKeepTheirOrder(t *testing.T) {
	for _, body := range []string{`{"z":1,"a":2,"m":3,"a":4}`, "z=1&a=2&m=3&a=4"} {
		o, err := read(body, "")
		if err != nil || !slices.Equal(o.names, []string{"z", "a", "m"}) {
			t.Errorf("%s has %q, %v", body, o.names, err)
		}
	}
}

func TestWholeCharactersAreTaken(t *testing.T) {
	o, err := read(`{"a":"\ud83d\udea8 \u00e9 \\ud83d \" \/"}`, "")
	if err != nil || o.words("a") != "🚨 é \\ud83d \" /" {
		t.Errorf("read as %q, %v", o.words("a"), err)
	}
}

// FuzzBody looks for a body that is neither read nor refused in words.
func FuzzBody(f *testing.F) {
	for _, seed := range []string{"", "{}", `{"a":[1,"x",null,true,{"b":-1e9}]}`, `{"a":"\ud83d\udea8\u0000"}`, "a[b][c]=d&e[]=f", "=", "[]=", "a[]b=", "{\"a\":\x00", `{"a":1}{`, "\uFEFF{}"} {
		f.Add(seed, "application/json")
		f.Add(seed, "")
	}
	f.Fuzz(func(t *testing.T, body, kind string) {
		o, err := read(body, kind)
		if err != nil {
			var wrong *fault
			if !errors.As(err, &wrong) || wrong.detail == "" {
				t.Errorf("%q as %q is refused with %v", body, kind, err)
			}
			return
		}
		for name, raw := range o.fields {
			if !json.Valid(raw) {
				t.Errorf("%q has %q: %s", body, name, raw)
			}
			o.text(name)
			o.truth(name)
			o.number(name)
			o.moment(name)
			o.texts(name, "texts")
			if inner := o.object(name, "an object"); inner != nil && inner.path != name {
				t.Errorf("%q is at %q", name, inner.path)
			}
		}
		for _, wrong := range o.bad.Fields {
			if strings.TrimSpace(wrong.Message) == "" {
				t.Errorf("%q: %+v", body, wrong)
			}
		}
	})
}
