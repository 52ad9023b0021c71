package email_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"net/mail"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/notify/email"
)

const (
	user     = "allclear@example.net"
	password = "s3cret-Pa55word"
)

var errRefused = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}

// accepted is a message that the server took.
type accepted struct {
	From, To string
	Raw      []byte
}

func (a accepted) parse(t *testing.T) *mail.Message {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(a.Raw))
	if err != nil {
		t.Fatalf("the message cannot be read: %v\n%s", err, a.Raw)
	}
	return m
}

// server is a real mail server that answers as told.
type server struct {
	Addr       string
	host       string // to listen at; empty: loopback
	mechanisms []string
	// refuse, when it returns an error, is the answer to a verb.
	refuse func(verb, argument string) error

	mu       sync.Mutex
	got      []accepted
	sessions int
	secured  int // transactions over TLS
	signedIn int
}

// startServer serves with a certificate when there is one; implicit means TLS
// from the first byte.
func startServer(t *testing.T, s *server, cert *tls.Certificate, implicit bool) *server {
	t.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort(cmp.Or(s.host, "127.0.0.1"), "0"))
	if err != nil {
		t.Fatal(err)
	}
	s.Addr = l.Addr().String()
	srv := smtp.NewServer(s)
	srv.Domain, srv.AllowInsecureAuth = "mail.example.net", true
	srv.ReadTimeout, srv.WriteTimeout = time.Minute, time.Minute
	srv.ErrorLog = quiet{}
	if cert != nil {
		srv.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*cert}}
	}
	if implicit {
		l, srv.TLSConfig = tls.NewListener(l, srv.TLSConfig), nil
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close(); <-done })
	return s
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

// NewSession counts the connections.
func (s *server) NewSession(c *smtp.Conn) (smtp.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions++
	return &serverSession{server: s, conn: c}, nil
}

func (s *server) messages() []accepted {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]accepted{}, s.got...)
}

func (s *server) counts() (sessions, secured, signedIn int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions, s.secured, s.signedIn
}

func (s *server) answer(verb, argument string) error {
	if s.refuse == nil {
		return nil
	}
	return s.refuse(verb, argument)
}

type serverSession struct {
	server   *server
	conn     *smtp.Conn
	from, to string
}

func (s *serverSession) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return s.server.answer("MAIL", from)
}

func (s *serverSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return s.server.answer("RCPT", to)
}

func (s *serverSession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := s.server.answer("DATA", s.to); err != nil {
		return err
	}
	_, secured := s.conn.TLSConnectionState()
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.got = append(s.server.got, accepted{s.from, s.to, raw})
	if secured {
		s.server.secured++
	}
	return nil
}

func (s *serverSession) Reset()                   {}
func (s *serverSession) Logout() error            { return nil }
func (s *serverSession) AuthMechanisms() []string { return s.server.mechanisms }

// Auth checks PLAIN and LOGIN against the one user there is.
func (s *serverSession) Auth(mechanism string) (sasl.Server, error) {
	check := func(u, p string) error {
		if u != user || p != password {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "bad credentials for " + u + ": " + p}
		}
		s.server.mu.Lock()
		s.server.signedIn++
		s.server.mu.Unlock()
		return nil
	}
	if mechanism == "LOGIN" {
		return &loginServer{check: check}, nil
	}
	return sasl.NewPlainServer(func(_, u, p string) error { return check(u, p) }), nil
}

// loginServer is the server's side of LOGIN, which go-sasl no longer has.
type loginServer struct {
	check func(user, password string) error
	step  int
	user  string
}

func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	l.step++
	switch l.step {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		l.user = string(response)
		return []byte("Password:"), false, nil
	default:
		return nil, true, l.check(l.user, string(response))
	}
}

// certificate is one for loopback and the given addresses, and the config that
// trusts it.
func certificate(t *testing.T, hosts ...string) (*tls.Certificate, *tls.Config) {
	t.Helper()
	return certificateWith(t, func(c *x509.Certificate) {
		for _, host := range hosts {
			c.IPAddresses = append(c.IPAddresses, net.ParseIP(host))
		}
	})
}

// certificateWith is one that was changed before it was signed.
func certificateWith(t *testing.T, change func(*x509.Certificate)) (*tls.Certificate, *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "127.0.0.1"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	change(template)
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
}

// newChannel is a channel for the tests; the URL is completed with the address.
func newChannel(t *testing.T, cfg email.Config) *email.Channel {
	t.Helper()
	if cfg.From == "" {
		cfg.From = "Acme Status <status@acme.example>"
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = time.Minute
	}
	c, err := email.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// sendAll opens a session, sends one text to all and closes it. Every
// recipient must be reported exactly once.
func sendAll(t *testing.T, c notify.Channel, text notify.Text, to ...notify.Recipient) []notify.Result {
	t.Helper()
	s, err := c.Open(context.Background())
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}()
	return send(t, context.Background(), s, text, to...)
}

func send(t *testing.T, ctx context.Context, s notify.Session, text notify.Text, to ...notify.Recipient) []notify.Result {
	t.Helper()
	results, times := make([]notify.Result, len(to)), make([]int, len(to))
	s.Send(ctx, text, to, func(i int, r notify.Result) { results[i] = r; times[i]++ })
	for i, n := range times {
		if n != 1 {
			t.Errorf("recipient %d was reported %d times", i, n)
		}
	}
	return results
}
