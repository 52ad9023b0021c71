package web

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// visitor is the address that a request comes from. What headers say of it is
// believed only of the proxies that we were told to trust: anybody can write
// a header.
func (s *Site) visitor(c *fiber.Ctx) netip.Addr {
	peer, _ := netip.AddrFromSlice(c.Context().RemoteIP())
	path := route{peer: peer.Unmap(), trusted: s.options.TrustedProxies}
	for _, line := range c.Request().Header.PeekAll(fiber.HeaderXForwardedFor) {
		path.forwardedFor = append(path.forwardedFor, strings.Split(string(line), ",")...)
	}
	for _, line := range c.Request().Header.PeekAll("Forwarded") {
		// A comma inside quotation marks does not count for one here, so that an
		// unclosed mark of the visitor's hides nothing that a proxy put behind it.
		for hop := range strings.SplitSeq(string(line), ",") {
			path.forwarded = append(path.forwarded, forOf(hop))
		}
	}
	return path.visitor()
}

// forOf is who a hop of the Forwarded header (RFC 7239) says it was sent for.
func forOf(hop string) string {
	for pair := range strings.SplitSeq(hop, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
		if strings.EqualFold(name, "for") {
			return strings.Trim(value, `"`)
		}
	}
	return ""
}

// route is the way that a request says it took: each proxy adds, on the right,
// who asked it.
type route struct {
	peer                    netip.Addr
	forwardedFor, forwarded []string
	trusted                 []netip.Prefix
}

// visitor is the nearest of those on the route whom we do not trust. Where both
// headers are there and differ, one is the visitor's own, who knows which: then
// nobody is believed.
func (r route) visitor() netip.Addr {
	switch {
	case len(r.forwarded) == 0:
		return r.nearest(r.forwardedFor)
	case len(r.forwardedFor) == 0:
		return r.nearest(r.forwarded)
	}
	one, other := r.nearest(r.forwardedFor), r.nearest(r.forwarded)
	if one != other {
		return r.peer
	}
	return one
}

func (r route) nearest(hops []string) netip.Addr {
	at := r.peer
	for _, hop := range slices.Backward(hops) {
		if !r.trusts(at) {
			break
		}
		next, ok := parseHop(hop)
		if !ok {
			break // a name that hides somebody, or nonsense: the last that we know
		}
		at = next
	}
	return at
}

func (r route) trusts(address netip.Addr) bool {
	return slices.ContainsFunc(r.trusted, func(network netip.Prefix) bool { return network.Contains(address) })
}

// parseHop reads an address with or without a port.
func parseHop(hop string) (netip.Addr, bool) {
	hop = strings.TrimSpace(hop)
	address, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(hop, "["), "]"))
	if err != nil {
		with, err := netip.ParseAddrPort(hop)
		if err != nil {
			return netip.Addr{}, false
		}
		address = with.Addr()
	}
	return address.Unmap().WithZone(""), true
}
