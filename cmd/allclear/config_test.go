package main

import (
	"net/netip"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// documented finds the settings of a struct: flag, variable, default.
func documented(t reflect.Type) [][3]string {
	var list [][3]string
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			list = append(list, documented(f.Type)...)
			continue
		}
		list = append(list, [3]string{"--" + f.Tag.Get("name"), f.Tag.Get("env"), f.Tag.Get("default")})
	}
	return list
}

func TestReadmeNamesEverySetting(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for line := range strings.SplitSeq(string(readme), "\n") {
		if strings.HasPrefix(line, "| `--") {
			flag, _, _ := strings.Cut(strings.TrimPrefix(line, "| `"), "`")
			rows[flag] = line
		}
	}
	settings := documented(reflect.TypeFor[settings]())
	for _, s := range settings {
		row, ok := rows[s[0]]
		if !ok {
			t.Errorf("README does not name %s", s[0])
			continue
		}
		if !strings.Contains(row, "`"+s[1]+"`") || s[2] != "" && !strings.Contains(row, "`"+s[2]+"`") {
			t.Errorf("README says %q; the variable is %s, the default %q", row, s[1], s[2])
		}
		if secret := slices.Contains(secretVariables, s[1]); secret != strings.Contains(row, "●") {
			t.Errorf("%s may come from a file: %v; README says %q", s[0], secret, row)
		}
		delete(rows, s[0])
	}
	for flag := range rows {
		t.Errorf("README names %s, which is no setting", flag)
	}
}

func TestEveryVariableIsKnown(t *testing.T) {
	for _, s := range documented(reflect.TypeFor[settings]()) {
		var out strings.Builder
		warnUnknown([]string{s[1] + "=x"}, &out)
		if out.Len() > 0 {
			t.Errorf("%s is a setting, but: %s", s[1], out.String())
		}
	}
	var out strings.Builder
	warnUnknown([]string{"ALLCLEAR_LISTNE=x", "ALLCLEAR_SMTP_URL_FILE=x", "PATH=x"}, &out)
	if got := out.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "ALLCLEAR_LISTNE") {
		t.Errorf("warned %q", got)
	}
}

func TestTrustedProxiesAreNetworks(t *testing.T) {
	got, err := settings{TrustedProxies: "10.0.8.7/24, 192.0.2.1,fd00::1/8"}.trustedProxies()
	want := []netip.Prefix{netip.MustParsePrefix("10.0.8.0/24"), netip.MustParsePrefix("192.0.2.1/32"), netip.MustParsePrefix("fd00::/8")}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v %v", got, err)
	}
	for _, list := range []string{"proxy.example", "10.0.8.0/99", "fe80::1%eth0", "10.0.8"} {
		if _, err := (settings{TrustedProxies: list}).trustedProxies(); err == nil || !strings.Contains(err.Error(), "--trusted-proxies") {
			t.Errorf("%s: %v", list, err)
		}
	}
	if got, err := (settings{}).trustedProxies(); err != nil || len(got) != 0 {
		t.Errorf("without: %v %v", got, err)
	}
}
