package safehttp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"code.dny.dev/ssrf"
	"golang.org/x/net/idna"
)

// ErrForbidden says that a request would have led where strangers may not send
// us: a network that is not public, or a port that is not the web's.
var ErrForbidden = errors.New("the address is not on the public internet, or not at a port of the web")

// ports are those that the addresses of strangers may name.
var ports = []uint16{80, 443, 8080, 8443}

// public refuses what is private, loopback, link-local (and so the metadata of
// clouds), shared, reserved, or leads to such a network by another form.
var public = ssrf.New(ssrf.WithPorts(ports...))

// Guard is where addresses given by strangers may lead besides the public
// internet. Its zero value allows nothing more.
type Guard struct {
	hosts    []string // lower case, in ASCII
	networks []netip.Prefix
}

// ParseGuard reads an operator's list of what is allowed besides, separated by
// commas or spaces: names of hosts, addresses and networks. What is named may
// be reached at every port; a name leads wherever its owner says.
func ParseGuard(list string) (Guard, error) {
	var g Guard
	for _, word := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\n' }) {
		if network, err := netip.ParsePrefix(word); err == nil {
			g.networks = append(g.networks, network.Masked())
			continue
		}
		if address, err := netip.ParseAddr(strings.Trim(word, "[]")); err == nil {
			address = address.Unmap()
			g.networks = append(g.networks, netip.PrefixFrom(address, address.BitLen()))
			continue
		}
		host, err := idna.Lookup.ToASCII(word)
		if err != nil || host == "" || strings.ContainsAny(host, "/:@") {
			return Guard{}, fmt.Errorf("%q is not a host such as hooks.example.com, nor an address or network such as 10.0.8.0/24", word)
		}
		g.hosts = append(g.hosts, plainHost(host))
	}
	return g, nil
}

// Check says what can be said of an address without looking its name up: the
// error is ErrForbidden for one that can never be allowed.
func (g Guard) Check(address *url.URL) error {
	if g.trusts(address.Hostname()) {
		return nil
	}
	port, err := portOf(address)
	if err != nil {
		return err
	}
	if ip, err := netip.ParseAddr(address.Hostname()); err == nil {
		return g.allow(netip.AddrPortFrom(ip, port))
	}
	// A name: what it leads to is seen at the dial, and may be allowed there.
	if slices.Contains(ports, port) || len(g.networks) > 0 {
		return nil
	}
	return ErrForbidden
}

func portOf(address *url.URL) (uint16, error) {
	switch text := address.Port(); {
	case text != "":
		port, err := strconv.ParseUint(text, 10, 16)
		if err != nil {
			return 0, ErrForbidden
		}
		return uint16(port), nil
	case address.Scheme == "http":
		return 80, nil
	default:
		return 443, nil
	}
}

// trusts says whether a host is on the operator's list by its name.
func (g Guard) trusts(host string) bool { return slices.Contains(g.hosts, plainHost(host)) }

// plainHost is a name as it is compared: without case and without the dot that
// may end it.
func plainHost(host string) string { return strings.TrimSuffix(strings.ToLower(host), ".") }

// allow decides about an address that was looked up.
func (g Guard) allow(to netip.AddrPort) error {
	plain := to.Addr().Unmap().WithZone("")
	if slices.ContainsFunc(g.networks, func(n netip.Prefix) bool { return n.Contains(plain) }) {
		return nil
	}
	if err := public.SafeAddrPort(to); err != nil {
		return ErrForbidden
	}
	return nil
}

// control is called for every address that is about to be connected to.
func (g Guard) control(network, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || (network != "tcp4" && network != "tcp6") {
		return ErrForbidden
	}
	return g.allow(to)
}

// GuardedClient is a Client for addresses that strangers gave.
func GuardedClient(timeout time.Duration, g Guard) *http.Client {
	open, guarded := dialer(timeout), dialer(timeout)
	guarded.Control = g.control
	return client(timeout, func(ctx context.Context, network, address string) (net.Conn, error) {
		if host, _, err := net.SplitHostPort(address); err == nil && g.trusts(host) {
			return open.DialContext(ctx, network, address)
		}
		return guarded.DialContext(ctx, network, address)
	})
}
