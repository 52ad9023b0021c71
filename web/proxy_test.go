package web

import (
	"net/netip"
	"net/url"
	"testing"

	"github.com/gofiber/fiber/v2"
)

func TestTheVisitorIsTheNearestWhomNobodyVouchesFor(t *testing.T) {
	const proxy, inner, visitor, lie = "10.0.0.1", "10.0.0.2", "203.0.113.9", "198.51.100.1"
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24"), netip.MustParsePrefix("fd00::/8")}
	for name, c := range map[string]struct {
		peer                    string
		forwardedFor, forwarded []string
		want                    string
	}{
		"nobody in between":             {visitor, nil, nil, visitor},
		"a lie without a proxy":         {visitor, []string{lie}, nil, visitor},
		"the other lie without a proxy": {visitor, nil, []string{lie}, visitor},
		"a proxy that says nothing":     {proxy, nil, nil, proxy},
		"a proxy":                       {proxy, []string{visitor}, nil, visitor},
		"a proxy, and a lie before it":  {proxy, []string{lie, " " + visitor}, nil, visitor},
		"a lie that names a proxy":      {proxy, []string{lie, inner, visitor}, nil, visitor},
		"two proxies":                   {proxy, []string{lie, visitor, inner}, nil, visitor},
		"proxies alone":                 {proxy, []string{"10.0.0.3", inner}, nil, "10.0.0.3"},
		"with a port":                   {proxy, []string{visitor + ":4711"}, nil, visitor},
		"IPv6":                          {"fd00::1", []string{"2001:db8::7"}, nil, "2001:db8::7"},
		"IPv6 with a port":              {proxy, nil, []string{"[2001:db8::7]:4711"}, "2001:db8::7"},
		"IPv4 in IPv6":                  {proxy, []string{"::ffff:" + visitor}, nil, visitor},
		"a hidden name":                 {proxy, nil, []string{lie, "_hidden"}, proxy},
		"nonsense":                      {proxy, []string{lie, ""}, nil, proxy},
		"nonsense before it":            {proxy, []string{"<script>", visitor}, nil, visitor},
		"both headers agree":            {proxy, []string{visitor}, []string{visitor}, visitor},
		"a lie in the header the proxy does not set": {proxy, []string{visitor}, []string{lie}, proxy},
		"the same the other way round":               {proxy, []string{lie}, []string{visitor}, proxy},
	} {
		r := route{peer: netip.MustParseAddr(c.peer), forwardedFor: c.forwardedFor, forwarded: c.forwarded, trusted: trusted}
		if got := r.visitor(); got.String() != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestHopsAreReadAsProxiesWriteThem(t *testing.T) {
	for hop, want := range map[string]string{
		`for=192.0.2.60;proto=http;by=203.0.113.43`:         "192.0.2.60",
		` By=203.0.113.43 ; For="[2001:db8:cafe::17]:4711"`: "[2001:db8:cafe::17]:4711",
		`proto=https`: "", "": "", `for="`: "",
	} {
		if got := forOf(hop); got != want {
			t.Errorf("%q is for %q, want %q", hop, got, want)
		}
	}
}

func TestLimitsCountTheVisitorBehindATrustedProxyAlone(t *testing.T) {
	// The test's own connection comes from 0.0.0.0.
	for network, want := range map[string]string{"0.0.0.0/32": "203.0.113.9", "10.0.0.0/8": "0.0.0.0"} {
		for header, value := range map[string]string{fiber.HeaderXForwardedFor: "198.51.100.1, 203.0.113.9", "Forwarded": `for="unclosed, for=203.0.113.9;proto=https`} {
			d := &desk{}
			s := newBench(t, calmRecord(), func(o *Options) {
				o.Subscriptions, o.Subscribing, o.TrustedProxies = d, true, []netip.Prefix{netip.MustParsePrefix(network)}
			}).Site
			send(t, s, "/subscribe", url.Values{"email": {"ana@customer.example"}}, header, value)
			if len(d.asked) != 1 || d.asked[0].From.String() != want {
				t.Errorf("trusting %s, %s: %+v, want %s", network, header, d.asked, want)
			}
		}
	}
}
