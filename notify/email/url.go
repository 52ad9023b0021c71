package email

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// TLS says how a connection is secured.
type TLS string

// The ways of securing a connection.
const (
	TLSMandatory     TLS = "mandatory"     // STARTTLS or nothing
	TLSOpportunistic TLS = "opportunistic" // STARTTLS where the server offers it
	TLSNone          TLS = "none"          // in the clear, password and all
	TLSImplicit      TLS = "implicit"      // smtps: TLS from the first byte
)

// Server is a mail server as its URL names it.
type Server struct {
	Host     string
	Port     int
	User     string
	Password string
	TLS      TLS
	// Rate is how many messages it gets in a second; 0: as many as it takes.
	Rate int
	// Connections is how many at the same time, Messages how many messages
	// each of them carries; 0: any number.
	Connections int
	Messages    int
}

// How many connections a server gets where its URL does not say, and at most.
const (
	DefaultConnections = 8
	maxConnections     = 64
)

// String is the server without its user and password.
func (s Server) String() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

// GoString keeps the password out of %#v too.
func (s Server) GoString() string { return "email.Server(" + s.String() + ")" }

// Loopback says whether the server is this machine, so that nobody listens on
// the way.
func (s Server) Loopback() bool {
	ip := net.ParseIP(s.Host)
	return strings.EqualFold(s.Host, "localhost") || (ip != nil && ip.IsLoopback())
}

const urlForm = "write smtp://user:password@host:587 or smtps://user:password@host, with %40 for an @ and %2F for a / in the password"

// ParseURLs reads the URLs of mail servers, divided by commas. A comma within a
// password divides nothing.
func ParseURLs(raw string) ([]Server, error) {
	var servers []Server
	for _, one := range strings.Split(between.ReplaceAllString(raw, "\n$1"), "\n") {
		s, err := ParseURL(one)
		if err != nil {
			return nil, err
		}
		servers = append(servers, s)
	}
	return servers, nil
}

// between is a comma before another URL.
var between = regexp.MustCompile(`,\s*(?i:(smtps?://))`)

// ParseURL reads the URL of a mail server. Its errors never repeat what may be
// part of a password.
func ParseURL(raw string) (Server, error) {
	raw = strings.TrimSpace(raw)
	u, err := url.Parse(raw)
	if err != nil {
		return Server{}, errors.New("the mail server's URL cannot be read; " + urlForm) // err would repeat the URL
	}
	u.Scheme = strings.ToLower(u.Scheme)
	switch {
	case u.Scheme != "smtp" && u.Scheme != "smtps":
		return Server{}, errors.New("the mail server's URL must begin with smtp:// or smtps://")
	case strings.Contains(raw, "@") && u.User == nil, u.Fragment != "", u.Path != "" && u.Path != "/", u.Opaque != "", strings.Contains(u.Host, ","):
		return Server{}, errors.New("the mail server's URL cannot be read; " + urlForm)
	case u.Hostname() == "":
		return Server{}, errors.New("the mail server's URL names no host; " + urlForm)
	}
	s := Server{Host: u.Hostname(), User: u.User.Username()}
	s.Password, _ = u.User.Password()
	if (s.User == "") != (s.Password == "") {
		return Server{}, errors.New("the mail server's URL needs both a user and a password, or neither; " + urlForm)
	}
	if s.Port, err = port(u); err != nil {
		return Server{}, err
	}
	params, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return Server{}, errors.New("the parameters of the mail server's URL cannot be read; " + knownParams)
	}
	if err := s.limits(params); err != nil {
		return Server{}, err
	}
	s.TLS, err = tlsOf(u, params, s)
	return s, err
}

const knownParams = "there are tls, rate, connections and messages"

// limits reads the parameters that are numbers.
func (s *Server) limits(params url.Values) error {
	s.Connections = DefaultConnections
	numbers := map[string]struct {
		to   *int
		most int
	}{"rate": {&s.Rate, 100_000}, "connections": {&s.Connections, maxConnections}, "messages": {&s.Messages, 1_000_000}}
	for name, values := range params {
		number, known := numbers[name]
		if !known && name != "tls" {
			return fmt.Errorf("the mail server's URL has the unknown parameter %q; %s", name, knownParams)
		}
		if len(values) > 1 {
			return fmt.Errorf("the mail server's URL has %s more than once", name)
		}
		if !known {
			continue
		}
		n, err := strconv.Atoi(values[0])
		if err != nil || n < 1 || n > number.most {
			return fmt.Errorf("%s in the mail server's URL must be a whole number from 1 to %d", name, number.most)
		}
		*number.to = n
	}
	return nil
}

func port(u *url.URL) (int, error) {
	switch {
	case u.Port() != "":
		n, err := strconv.Atoi(u.Port())
		if err != nil || n < 1 || n > 65535 {
			return 0, errors.New("the mail server's port must be a number from 1 to 65535")
		}
		return n, nil
	case u.Scheme == "smtps":
		return 465, nil
	default:
		return 587, nil
	}
}

func tlsOf(u *url.URL, params url.Values, s Server) (TLS, error) {
	chosen := TLS(params.Get("tls"))
	switch {
	case u.Scheme == "smtps" && (chosen == "" || chosen == TLSMandatory):
		return TLSImplicit, nil
	case u.Scheme == "smtps":
		return "", fmt.Errorf("tls=%s does not go with smtps://, which is always encrypted; leave it out or use smtp://", chosen)
	case chosen == "" && s.Loopback():
		return TLSOpportunistic, nil
	case chosen == "":
		return TLSMandatory, nil
	case chosen == TLSMandatory, chosen == TLSOpportunistic, chosen == TLSNone:
		return chosen, nil
	default:
		return "", fmt.Errorf("tls=%s is not known; it must be one of mandatory, opportunistic, none", chosen)
	}
}
