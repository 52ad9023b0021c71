package safehttp

import (
	"net"
	"net/url"
	"testing"
)

// What went wrong is also read by who gave the address: it names no name server.
func TestCauseNamesNoNameServer(t *testing.T) {
	for want, fault := range map[string]*net.DNSError{
		"its host name does not exist":         {Err: "no such host", Name: "hooks.example", Server: "10.0.0.53:53", IsNotFound: true},
		"its host name could not be looked up": {Err: "server misbehaving", Name: "hooks.example", Server: "10.0.0.53:53"},
	} {
		err := cause(&url.Error{Op: "Post", URL: "https://hooks.example/secret", Err: &net.OpError{Op: "dial", Net: "tcp", Err: fault}})
		if err.Error() != want {
			t.Errorf("got %q, want %q", err, want)
		}
	}
}
