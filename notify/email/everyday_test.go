package email

import (
	"net/mail"
	"net/url"
	"testing"
)

// What needs no second look would pass it.
func FuzzEverydayAddressesAreAddresses(f *testing.F) {
	for _, seed := range []string{"a@b", "anna.b+c@mail.example.com", ".a@b.c", "a..b@c", "a@b.", "a@.b", "a@b@c", "@b", "a@", "a b@c", "ä@b.c", "a@b_c.d"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		if !everydayAddress(address) {
			return
		}
		if parsed, err := mail.ParseAddress(address); err != nil || parsed.Address != address || parsed.Name != "" {
			t.Errorf("%q is no address: %v", address, err)
		}
	})
}

func FuzzEverydayLinksAreLinks(f *testing.F) {
	for _, seed := range []string{"https://a.example/leave?t=1-2", "http://localhost:8080/x", "http://:80/", "https://a:b/", "https://a:/", "https://a/%zz", "https://?x", "https://a?b", "ftp://a/"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		if !everydayURL(raw) {
			return
		}
		if u, err := url.Parse(raw); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
			t.Errorf("%q is no link: %v", raw, err)
		}
	})
}

func TestOrdinaryAddressesAndLinksAreEveryday(t *testing.T) {
	if !everydayAddress("anna.berg+status@mail.example.com") || !everydayURL("https://status.example.com/leave/sub_1?token=AbC-d_9") || !everydayURL("http://localhost:8080/p/x") {
		t.Error("an ordinary address or link is looked at twice")
	}
}
