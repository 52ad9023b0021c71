package safehttp_test

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/allclear-status/allclear/internal/safehttp"
)

func guard(t *testing.T, list string) safehttp.Guard {
	t.Helper()
	g, err := safehttp.ParseGuard(list)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func check(t *testing.T, g safehttp.Guard, address string) error {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return g.Check(u)
}

func TestGuardKeepsStrangersOutOfOurNetworks(t *testing.T) {
	for name, address := range map[string]string{
		"loopback": "https://127.0.0.1/x", "the rest of loopback": "https://127.9.9.9/", "loopback, IPv6": "https://[::1]/",
		"private 10": "https://10.0.0.5/", "private 172.16": "https://172.16.0.1/", "private 172.31": "https://172.31.255.254/", "private 192.168": "http://192.168.1.1/",
		"metadata": "http://169.254.169.254/latest/meta-data/", "metadata, IPv6": "http://[fd00:ec2::254]/", "link-local": "http://169.254.1.1/", "link-local, IPv6": "http://[fe80::1]/",
		"link-local with a zone": "http://[fe80::1%25eth0]/", "unspecified": "http://0.0.0.0/", "unspecified, IPv6": "http://[::]/", "this network": "http://0.1.2.3/",
		"shared": "http://100.64.0.1/", "multicast": "http://224.0.0.1/", "reserved": "http://240.0.0.1/", "broadcast": "http://255.255.255.255/", "benchmarks": "http://198.18.0.1/",
		"mapped loopback": "http://[::ffff:127.0.0.1]/", "mapped in hexadecimal": "http://[::ffff:7f00:1]/", "mapped public": "http://[::ffff:8.8.8.8]/", "compatible": "http://[::127.0.0.1]/",
		"NAT64": "http://[64:ff9b::7f00:1]/", "local NAT64": "http://[64:ff9b:1::7f00:1]/", "6to4": "http://[2002:7f00:1::]/", "Teredo": "http://[2001:0:7f00:1::]/",
		"unique local": "http://[fd12:3456::1]/", "site-local": "http://[fec0::1]/", "documentation": "http://[2001:db8::1]/",
		"port 22": "https://8.8.8.8:22/", "port 25": "http://8.8.8.8:25/", "port 6379 of a name": "http://hooks.example.com:6379/", "port 0": "http://8.8.8.8:0/", "no port": "http://8.8.8.8:70000/",
	} {
		if err := check(t, guard(t, ""), address); !errors.Is(err, safehttp.ErrForbidden) {
			t.Errorf("%s, %s: %v", name, address, err)
		}
	}
}

func TestGuardLetsThePublicInternetThrough(t *testing.T) {
	for _, address := range []string{"https://8.8.8.8/", "http://1.1.1.1/", "https://9.9.9.9:8443/", "http://9.9.9.9:8080/", "https://[2606:4700:4700::1111]/", "https://hooks.example.com/x", "https://172.32.0.1/", "https://100.128.0.1/"} {
		if err := check(t, guard(t, ""), address); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestOperatorAllowsHostsAndNetworks(t *testing.T) {
	g := guard(t, "hooks.intern.example, 10.0.8.0/24 fd12::/16\tBücher.example,[::1],192.168.1.7")
	for _, address := range []string{
		"http://hooks.intern.example:9000/", "http://HOOKS.intern.example./", "http://10.0.8.9:9000/", "http://[::ffff:10.0.8.9]/", "http://[fd12::1]/", "http://xn--bcher-kva.example:1234/",
		"http://[::1]:3000/", "http://192.168.1.7/", "https://8.8.8.8/", "http://some.example:9000/", // its networks may be at any port
	} {
		if err := check(t, g, address); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, address := range []string{"http://10.0.9.1/", "http://192.168.1.8/", "http://8.8.8.8:9000/", "http://[::2]/"} {
		if err := check(t, g, address); !errors.Is(err, safehttp.ErrForbidden) {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, bad := range []string{"10.0.0.0/33", "https://hooks.example", "hooks.example:80", "exa mple/", "-bad-.example", "a@b.example"} {
		if _, err := safehttp.ParseGuard(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

// localServer counts the connections made to it.
func localServer(t *testing.T) (*httptest.Server, *atomic.Int32) {
	t.Helper()
	connections := new(atomic.Int32)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	return s, connections
}

func get(t *testing.T, g safehttp.Guard, address string) error {
	t.Helper()
	client := safehttp.GuardedClient(time.Minute, g)
	defer client.CloseIdleConnections()
	answer, err := client.Get(address)
	if err == nil {
		_ = answer.Body.Close()
	}
	return err
}

// The name is what a stranger gives, the address what it leads to: it is looked
// at when it is dialled, so that a name cannot change its mind in between.
func TestGuardSeesWhatANameLeadsTo(t *testing.T) {
	s, connections := localServer(t)
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{s.URL, "http://localhost:" + port, "http://localhost", "http://localhost:8080"} {
		if err := get(t, guard(t, "192.0.2.0/24"), address); !errors.Is(err, safehttp.ErrForbidden) {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, address := range []string{"http://2130706433:" + port, "http://0x7f000001:" + port, "http://127.1:" + port, "http://0177.0.0.1:" + port} {
		if err := get(t, guard(t, ""), address); err == nil {
			t.Errorf("%s was reached", address)
		}
	}
	if n := connections.Load(); n != 0 {
		t.Errorf("%d connections were made", n)
	}
	for _, list := range []string{"localhost", "127.0.0.0/8, ::1"} {
		if err := get(t, guard(t, list), "http://localhost:"+port); err != nil {
			t.Errorf("%s: %v", list, err)
		}
	}
}

func TestGuardedClientFollowsNoRedirect(t *testing.T) {
	elsewhere, connections := localServer(t)
	s := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusFound))
	defer s.Close()
	if err := get(t, guard(t, "127.0.0.1"), s.URL); err != nil || connections.Load() != 0 {
		t.Errorf("%v, %d connections elsewhere", err, connections.Load())
	}
}
