package auth_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/allclear-status/allclear/auth"
)

const secret = "0123456789abcdef0123456789abcdef"

func key(t testing.TB, secret string) *auth.Key {
	t.Helper()
	k, err := auth.NewKey(secret)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestEachScopeIncludesTheOnesBefore(t *testing.T) {
	scopes := []auth.Scope{auth.ScopeRead, auth.ScopePost, auth.ScopeManage, auth.ScopeAdmin}
	for have, s := range scopes {
		if !s.Valid() {
			t.Errorf("%s is a scope", s)
		}
		for need, other := range scopes {
			if s.Includes(other) != (have >= need) {
				t.Errorf("%s includes %s: %t", s, other, s.Includes(other))
			}
		}
	}
	for _, s := range []auth.Scope{"", "root", "Admin", "read "} {
		if s.Valid() || s.Includes(auth.ScopeRead) || s.Includes(s) || auth.ScopeAdmin.Includes(s) {
			t.Errorf("%q is no scope: it allows nothing, and nothing allows it", s)
		}
	}
}

func TestTokensAreRecognised(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		token := auth.NewTokenSecret()
		if seen[token] {
			t.Fatalf("%s was made twice", token)
		}
		seen[token] = true
		if !strings.HasPrefix(token, auth.TokenPrefix) || len(token) != 53 || !auth.WellFormedToken(token) {
			t.Fatalf("%s is not well formed", token)
		}
	}
}

func TestMistypedTokenFailsItsChecksum(t *testing.T) {
	token := auth.NewTokenSecret()
	for i := range token {
		for _, wrong := range []byte{'0', 'z', '_', ' ', 0, 0xff} {
			if token[i] == wrong {
				continue
			}
			mistyped := token[:i] + string([]byte{wrong}) + token[i+1:]
			if auth.WellFormedToken(mistyped) {
				t.Errorf("%q passes for %q", mistyped, token)
			}
		}
		if i+1 < len(token) && token[i] != token[i+1] {
			swapped := token[:i] + string([]byte{token[i+1], token[i]}) + token[i+2:]
			if auth.WellFormedToken(swapped) {
				t.Errorf("%q passes for %q", swapped, token)
			}
		}
	}
	for _, bad := range []string{"", "acl_", token[:52], token + "0", token[4:], "ACL_" + token[4:], "acl_" + token, " " + token, token + "\n"} {
		if auth.WellFormedToken(bad) {
			t.Errorf("%q passes", bad)
		}
	}
}

// The hash is what databases hold: it must never change.
func TestTokenHashIsStable(t *testing.T) {
	if got := auth.HashToken("acl_x"); got != "5d1395a37468fb443618fcd9258af03af03c1ee2c0d22d3c934cd9361c63403c" {
		t.Errorf("hash %s", got)
	}
	if auth.HashToken("acl_x") == auth.HashToken("acl_y") || strings.Contains(auth.HashToken("acl_x"), "acl") {
		t.Error("hashes differ and tell nothing")
	}
}

func TestShortSecretIsRefused(t *testing.T) {
	for _, short := range []string{"", "short", strings.Repeat("x", 15), strings.Repeat(" ", 40), "  " + strings.Repeat("x", 15) + "\n"} {
		k, err := auth.NewKey(short)
		if k != nil || err == nil || !strings.Contains(err.Error(), "at least 16") {
			t.Errorf("%q: %v", short, err)
		}
		if short := strings.TrimSpace(short); err != nil && short != "" && strings.Contains(err.Error(), short) {
			t.Errorf("the error repeats the secret: %v", err)
		}
	}
	if _, err := auth.NewKey(strings.Repeat("x", 16)); err != nil {
		t.Error(err)
	}
}

func TestNewSecretMakesAKey(t *testing.T) {
	a, b := auth.NewSecret(), auth.NewSecret()
	if a == b || len(a) != 43 {
		t.Errorf("secrets %q, %q", a, b)
	}
	key(t, a)
}

func TestFingerprintTellsKeysApart(t *testing.T) {
	one, same, other := key(t, secret), key(t, " "+secret+"\n"), key(t, secret+"0")
	if one.Fingerprint() != same.Fingerprint() || one.Fingerprint() == other.Fingerprint() || len(one.Fingerprint()) != 16 {
		t.Errorf("%s, %s, %s", one.Fingerprint(), same.Fingerprint(), other.Fingerprint())
	}
	if got := one.Fingerprint(); got != "b110fcadc43d6e72" {
		t.Errorf("fingerprint %s: it is stored with the database and must never change", got)
	}
}

func TestLinkOpensForItsPurposeAndKeyAlone(t *testing.T) {
	k := key(t, secret)
	for _, subject := range []string{"", "email:ana@example.com", strings.Repeat("ñ", 1000), "\x00\xff"} {
		token := k.SealLink("leave", subject)
		if got, err := key(t, secret).OpenLink("leave", token); err != nil || got != subject {
			t.Errorf("%q opened as %q, %v", subject, got, err)
		}
		if subject != "" && strings.Contains(token, subject) {
			t.Errorf("the subject can be read from %s", token)
		}
		for purpose, opener := range map[string]*auth.Key{"confirm": k, "": k, "leave ": k, "leave": key(t, secret+"0")} {
			if got, err := opener.OpenLink(purpose, token); !errors.Is(err, auth.ErrForged) || got != "" {
				t.Errorf("purpose %q: opened as %q, %v", purpose, got, err)
			}
		}
	}
	if first, second := k.SealLink("leave", "x"), k.SealLink("leave", "x"); first == second {
		t.Error("two links to one subject cannot be told to be so")
	}
}

func TestChangedLinkIsForged(t *testing.T) {
	k := key(t, secret)
	raw, err := base64.RawURLEncoding.DecodeString(k.SealLink("leave", "email:ana@example.com"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw {
		changed := append([]byte{}, raw...)
		changed[i] ^= 1
		if _, err := k.OpenLink("leave", base64.RawURLEncoding.EncodeToString(changed)); !errors.Is(err, auth.ErrForged) {
			t.Errorf("byte %d changed: %v", i, err)
		}
		if _, err := k.OpenLink("leave", base64.RawURLEncoding.EncodeToString(raw[:i])); !errors.Is(err, auth.ErrForged) {
			t.Errorf("cut to %d bytes: %v", i, err)
		}
	}
	for _, bad := range []string{"", "!", "a", "====", strings.Repeat("A", 10_000)} {
		if _, err := k.OpenLink("leave", bad); !errors.Is(err, auth.ErrForged) {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
}

func TestSecretAtRestOpensWithItsKeyAlone(t *testing.T) {
	k := key(t, secret)
	const endpoint = "https://hooks.example/services/x"
	sealed := k.Seal(endpoint)
	if strings.Contains(sealed, "hooks") || sealed == k.Seal(endpoint) {
		t.Errorf("sealed %s", sealed)
	}
	if got, err := key(t, secret).Unseal(sealed); err != nil || got != endpoint {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := key(t, secret+"0").Unseal(sealed); !errors.Is(err, auth.ErrForged) || got != "" {
		t.Errorf("another key: %q, %v", got, err)
	}
	for _, bad := range []string{"", "x", "!", sealed[:len(sealed)-2]} {
		if _, err := k.Unseal(bad); !errors.Is(err, auth.ErrForged) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// A stranger holds links, and an operator's copy holds sealed secrets: neither
// passes for the other, whatever the purpose is called.
func TestLinksAndSecretsAreKeptApart(t *testing.T) {
	k := key(t, secret)
	recode := func(text string, from, to *base64.Encoding) string {
		raw, err := from.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		return to.EncodeToString(raw)
	}
	for _, purpose := range []string{"at rest", "", "leave"} {
		if got, err := k.OpenLink(purpose, recode(k.Seal("secret"), base64.RawStdEncoding, base64.RawURLEncoding)); !errors.Is(err, auth.ErrForged) {
			t.Errorf("a sealed secret opened as a link for %q: %q", purpose, got)
		}
		if got, err := k.Unseal(recode(k.SealLink(purpose, "subject"), base64.RawURLEncoding, base64.RawStdEncoding)); !errors.Is(err, auth.ErrForged) {
			t.Errorf("a link for %q passed for a sealed secret: %q", purpose, got)
		}
	}
}

func TestNameIsStableAndNotReversible(t *testing.T) {
	k := key(t, secret)
	name := k.Name("email", "ana@example.com")
	if name != "b3b2d22f20cdbb7cc1442395" {
		t.Errorf("name %s: Message-IDs are made from it, and must never change", name)
	}
	if name != key(t, secret).Name("email", "ana@example.com") || len(name) != 24 {
		t.Errorf("name %s", name)
	}
	for what, other := range map[string]string{
		"another address": k.Name("email", "bo@example.com"), "another channel": k.Name("sms", "ana@example.com"), "other parts": k.Name("emailana@example.com"),
		"another key": key(t, secret+"0").Name("email", "ana@example.com"), "parts cut elsewhere": k.Name("emaila", "na@example.com"),
	} {
		if other == name {
			t.Errorf("%s has the same name", what)
		}
	}
	if auth.HashToken("email\x00ana@example.com")[:24] == name {
		t.Error("without the key, addresses could be tried one by one")
	}
}

func FuzzOpenLink(f *testing.F) {
	k := key(f, secret)
	f.Add("leave", k.SealLink("leave", "email:ana@example.com"))
	f.Add("", "")
	f.Add("leave", strings.Repeat("A", 40))
	f.Fuzz(func(t *testing.T, purpose, token string) {
		subject, err := k.OpenLink(purpose, token)
		if err == nil {
			if purpose != "leave" || subject != "email:ana@example.com" {
				t.Errorf("forged: %q opened %q as %q", purpose, token, subject)
			}
			return
		}
		if !errors.Is(err, auth.ErrForged) || subject != "" {
			t.Errorf("%q, %v", subject, err)
		}
		sealed := k.SealLink(purpose, token)
		if got, err := k.OpenLink(purpose, sealed); err != nil || got != token {
			t.Errorf("%q sealed, opened as %q, %v", token, got, err)
		}
	})
}

func TestSigningSecretIsStableAndOfOneAddress(t *testing.T) {
	got := key(t, secret).SigningSecret("address")
	if got != key(t, secret).SigningSecret("address") || !strings.HasPrefix(got, "whsec_") || len(key(t, secret).SigningKey("address")) != 32 {
		t.Errorf("secret %s: receivers check with it, and it must never change", got)
	}
	for what, other := range map[string]string{"another address": key(t, secret).SigningSecret("addresses"), "another key": key(t, secret+"0").SigningSecret("address")} {
		if other == got {
			t.Errorf("%s has the same secret", what)
		}
	}
}

// Names are made for many messages at once.
func TestNamesAreTheSameWhoeverElseIsNamed(t *testing.T) {
	k := key(t, secret)
	want := key(t, secret).Name("email", "ana@example.com")
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for n := range 50 {
				_ = k.Name("email", strings.Repeat("x", i+n))
				if got := k.Name("email", "ana@example.com"); got != want {
					t.Errorf("%q, want %q", got, want)
				}
			}
		})
	}
	all.Wait()
}
