package stakeholders_test

import (
	"errors"
	"net/mail"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
)

// checkRefusal says that an error is fit to show: *status.Invalid with words.
func checkRefusal(t *testing.T, err error) {
	t.Helper()
	var invalid *status.Invalid
	if !errors.As(err, &invalid) || len(invalid.Fields) == 0 {
		t.Fatalf("error %v, want *status.Invalid", err)
	}
	for _, f := range invalid.Fields {
		if f.Message == "" || strings.Contains(f.Message, "Go struct") {
			t.Errorf("%q is not fit to show", f.Message)
		}
	}
}

// What is taken can be written and is read back the same, and a second import
// of it changes nothing.
func FuzzParseRegister(f *testing.F) {
	f.Add([]byte(goodRegister))
	f.Add([]byte("stakeholders:\n  - &a {name: A, power: high, interest: low, contacts: [{email: a@x.example}]}\n  - <<: *a\n    name: B\n"))
	f.Add([]byte("stakeholders: [{name: !!binary x, kind: null, power: ~}]\n---\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		register, err := parseYAML(text, pageComponents)
		if err != nil {
			if register != nil {
				t.Errorf("something of a faulty file was returned: %+v", register)
			}
			checkRefusal(t, err)
			return
		}
		document, err := stakeholders.FormatRegister(register, pageComponents)
		if err != nil {
			t.Fatal(err)
		}
		if !utf8.Valid(text) {
			return // the doors refuse it before
		}
		again, err := parseYAML(document, pageComponents)
		if err != nil {
			t.Fatalf("written as\n%s\nrefused: %v", document, err)
		}
		if !reflect.DeepEqual(register, again) {
			t.Errorf("%+v\nwritten as\n%s\nread as %+v", register, document, again)
		}
		if plan := stakeholders.PlanImport(register, again, pageComponents); len(plan.Changes) != 0 {
			t.Errorf("a second import would change %+v", plan.Changes)
		}
	})
}

func FuzzParsePolicy(f *testing.F) {
	f.Add(stakeholders.DefaultPolicyDocument())
	f.Add(documentWith(stakeholders.Updated, stakeholders.KeepInformed, "C, E+calendar 15m 1/60 told / P >30 / –"))
	f.Add([]byte("table: &t {opened: *t}\nnext_update: {critical: 1m}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := stakeholders.ParsePolicy(text)
		if err != nil {
			if p != nil {
				t.Error("a faulty policy was returned")
			}
			checkRefusal(t, err)
			return
		}
		again, err := stakeholders.ParsePolicy(p.Document())
		if err != nil || !reflect.DeepEqual(p, again) {
			t.Errorf("read again: %v", err)
		}
		for _, q := range stakeholders.Quadrants() {
			stakeholders.Decide(p, occasion(stakeholders.Updated, status.ImpactMinor), registered(q, "a@x!", "#a"))
		}
	})
}

// A taken address stays the same when it is normalised again, and is safe in a
// header.
func FuzzNormalizeAddress(f *testing.F) {
	for _, seed := range []string{"ana@example.com", " Ana@Bücher.example\n", "a@b\r\nBcc: c@d", "https://hooks.example/x#y", "+34 600-000-000", "\xff@\xff", "a@xn--a"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		for _, channel := range []stakeholders.Channel{stakeholders.Email, stakeholders.Slack, stakeholders.SMS} {
			address, err := stakeholders.NormalizeAddress(channel, raw)
			if err != nil {
				if address != "" {
					t.Errorf("%s %q: %q with an error", channel, raw, address)
				}
				continue
			}
			if strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
				t.Errorf("%s %q became %q", channel, raw, address)
			}
			if channel == stakeholders.Slack {
				continue
			}
			if again, err := stakeholders.NormalizeAddress(channel, address); err != nil || again != address {
				t.Errorf("%s %q became %q, then %q, %v", channel, raw, address, again, err)
			}
			if parsed, err := mail.ParseAddress(address); channel == stakeholders.Email && (err != nil || parsed.Address != address || strings.Count(address, "@") != 1) {
				t.Errorf("%q became %q, which is no address: %v", raw, address, err)
			}
		}
	})
}
