package main

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/allclear-status/allclear/auth"
)

// database says where the data is; every command that opens it has these.
type database struct {
	DataDir     string `name:"data-dir" env:"ALLCLEAR_DATA_DIR" default:"./data" help:"Folder for the SQLite database and the secret key."`
	DatabaseURL string `name:"database-url" env:"ALLCLEAR_DATABASE_URL" help:"sqlite://PATH, or postgres://… (default: sqlite://<data-dir>/allclear.db)."`
	SecretKey   string `name:"secret-key" env:"ALLCLEAR_SECRET_KEY" help:"Seals secrets and links. With SQLite one is made and kept in the data directory; with PostgreSQL it is required."`
}

// settings are those of a server.
type settings struct {
	database         `embed:""`
	mailing          `embed:""`
	Listen           string `name:"listen" env:"ALLCLEAR_LISTEN" default:"127.0.0.1:8080" help:"Address to listen on."`
	OperationsListen string `name:"operations-listen" env:"ALLCLEAR_OPERATIONS_LISTEN" help:"Address at which those who run the server find /metrics, /healthz and /readyz; unset: no metrics."`
	PublicURL        string `name:"public-url" env:"ALLCLEAR_PUBLIC_URL" default:"http://localhost:8080" help:"Address of the page as its readers know it."`
	WebhookAllow     string `name:"webhook-allow" env:"ALLCLEAR_WEBHOOK_ALLOW" help:"Hosts, addresses and networks, separated by commas, that webhooks and chats which subscribe may lead to besides the public internet."`
	TrustedProxies   string `name:"trusted-proxies" env:"ALLCLEAR_TRUSTED_PROXIES" help:"Networks, separated by commas, of the proxies whose X-Forwarded-For or Forwarded header says who asks."`
	KeepDeliveries   int    `name:"keep-deliveries" env:"ALLCLEAR_KEEP_DELIVERIES" default:"400" help:"For how many days after an incident is over the list of who was told is kept; 0: for ever."`
	NoMigrate        bool   `name:"no-migrate" env:"ALLCLEAR_NO_MIGRATE" help:"Refuse to start on an old schema instead of migrating it."`
}

// secretVariables may also be given as the name of a file, in NAME_FILE.
var secretVariables = []string{"ALLCLEAR_SECRET_KEY", "ALLCLEAR_SMTP_URL", "ALLCLEAR_DATABASE_URL", "ALLCLEAR_TOKEN", "ALLCLEAR_DKIM_KEY"}

// knownVariables are the variables that the program reads.
var knownVariables = []string{
	"ALLCLEAR_LISTEN", "ALLCLEAR_KEEP_DELIVERIES", "ALLCLEAR_OPERATIONS_LISTEN", "ALLCLEAR_PUBLIC_URL", "ALLCLEAR_DATA_DIR", "ALLCLEAR_DATABASE_URL", "ALLCLEAR_SMTP_URL",
	"ALLCLEAR_MAIL_FROM", "ALLCLEAR_WEBHOOK_ALLOW", "ALLCLEAR_TRUSTED_PROXIES", "ALLCLEAR_SECRET_KEY", "ALLCLEAR_NO_MIGRATE",
	"ALLCLEAR_URL", "ALLCLEAR_TOKEN", "ALLCLEAR_MAIL_RETURN_PATH", "ALLCLEAR_BOUNCE_MAILDIR", "ALLCLEAR_DKIM_DOMAIN", "ALLCLEAR_DKIM_SELECTOR", "ALLCLEAR_DKIM_KEY",
}

// readSecretFiles sets each secret from the file that NAME_FILE names.
func readSecretFiles(environ []string, set func(name, value string) error) error {
	values := map[string]string{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		values[name] = value
	}
	for _, name := range secretVariables {
		file := values[name+"_FILE"]
		if file == "" {
			continue
		}
		if values[name] != "" {
			return fmt.Errorf("both %s and %s_FILE are set; set one", name, name)
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("%s_FILE: %w", name, err)
		}
		if err := set(name, strings.TrimSpace(string(content))); err != nil {
			return fmt.Errorf("%s_FILE: %w", name, err)
		}
	}
	return nil
}

// warnUnknown names variables with our prefix that nothing reads: most are
// typing errors, and otherwise silent.
func warnUnknown(environ []string, w io.Writer) {
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		secret, isFile := strings.CutSuffix(name, "_FILE")
		known := slices.Contains(knownVariables, name) || isFile && slices.Contains(secretVariables, secret)
		if strings.HasPrefix(name, "ALLCLEAR_") && !known {
			_, _ = fmt.Fprintf(w, "allclear: the environment variable %s is not known; it has no effect\n", name)
		}
	}
}

// url is the database's URL, by default in the data directory.
func (d database) url() string {
	if d.DatabaseURL != "" {
		return d.DatabaseURL
	}
	return "sqlite://" + filepath.Join(d.DataDir, "allclear.db")
}

// sqlitePath is the file of an SQLite database; false for others.
func (d database) sqlitePath() (string, bool) {
	return strings.CutPrefix(d.url(), "sqlite://")
}

// key reads the secret key; with SQLite it is made at the first start and kept
// in the data directory.
func (d database) key() (*auth.Key, error) {
	if d.SecretKey != "" {
		key, err := auth.NewKey(d.SecretKey)
		if err != nil {
			return nil, misuse{fmt.Errorf("--secret-key: %w", err)}
		}
		return key, nil
	}
	if _, ok := d.sqlitePath(); !ok {
		if !strings.HasPrefix(d.url(), "postgres") {
			return nil, misuse{errors.New("--database-url (ALLCLEAR_DATABASE_URL) must begin with sqlite:// or postgres://")}
		}
		return nil, misuse{errors.New("--secret-key (ALLCLEAR_SECRET_KEY) is missing; with PostgreSQL it must be given, the same for every server: make one with \"openssl rand -base64 32\"")}
	}
	secret, err := keptSecret(filepath.Join(d.DataDir, "secret.key"))
	if err != nil {
		return nil, err
	}
	return auth.NewKey(secret)
}

// keptSecret reads the secret of a file, or makes the file. Two processes that
// start at once agree on one secret: the file is linked into place whole.
func keptSecret(path string) (string, error) {
	if content, err := os.ReadFile(path); err == nil || !errors.Is(err, os.ErrNotExist) {
		return string(content), err
	}
	folder := filepath.Dir(path)
	if err := makeFolder(folder); err != nil {
		return "", err
	}
	draft, err := os.CreateTemp(folder, ".secret-*")
	if err != nil {
		return "", fmt.Errorf("the data directory %s cannot be written to: %w; give this user the right to, or choose another with --data-dir", folder, err)
	}
	_, err = draft.WriteString(auth.NewSecret() + "\n")
	if err = errors.Join(err, draft.Sync(), draft.Close()); err == nil {
		if linkErr := os.Link(draft.Name(), path); linkErr != nil && !errors.Is(linkErr, os.ErrExist) {
			err = linkErr
		}
	}
	if err = errors.Join(err, os.Remove(draft.Name())); err != nil {
		return "", fmt.Errorf("keep the secret key in %s: %w", path, err)
	}
	content, err := os.ReadFile(path)
	return string(content), err
}

// makeFolder makes a folder for data where there is none.
func makeFolder(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("the data directory %s cannot be made: %w; choose another with --data-dir", folder, err)
	}
	return nil
}

// publicURL checks the page's address and returns it without a trailing slash.
func (s settings) publicURL() (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(s.PublicURL, "/"))
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.Path != "" {
		return nil, misuse{fmt.Errorf("--public-url: %q is not an address such as https://status.example.com (the page stands at the top of its host)", s.PublicURL)}
	}
	return u, nil
}

// trustedProxies are the networks of the proxies before this server.
func (s settings) trustedProxies() ([]netip.Prefix, error) {
	var networks []netip.Prefix
	for _, word := range strings.FieldsFunc(s.TrustedProxies, func(r rune) bool { return r == ',' || r == ' ' }) {
		network, err := netip.ParsePrefix(word)
		if err != nil {
			address, err := netip.ParseAddr(word)
			if err != nil || address.Zone() != "" {
				return nil, misuse{fmt.Errorf("--trusted-proxies: %q is not a network such as 10.0.8.0/24, nor an address", word)}
			}
			network = netip.PrefixFrom(address, address.BitLen())
		}
		networks = append(networks, network.Masked())
	}
	return networks, nil
}
