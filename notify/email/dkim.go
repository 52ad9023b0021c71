package email

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/idna"
)

// DKIM is what messages are signed with (RFC 6376).
type DKIM struct {
	Domain   string // d=: who vouches for the message
	Selector string // s=: under which name the key is published
	Key      string // PEM: RSA in PKCS #1 or #8, or Ed25519 in PKCS #8
}

// minRSABits is the least size of a key that receivers everywhere trust.
const minRSABits = 2048

// signedHeaders are signed where they occur, in this order. From is named once
// more, so that nobody can add a second one.
var signedHeaders = []string{"From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version", "Content-Type"}

// Signer signs messages. It is go-mail's task no longer: what that writes is
// invalid when the list of headers is long, and here each message is made of
// bytes that were prepared once.
type Signer struct {
	domain, selector string
	key              crypto.Signer
	algorithm        string // a=
	now              func() time.Time
	buffers          sync.Pool
}

// NewSigner checks the settings; the error never repeats the key.
func NewSigner(d DKIM) (*Signer, error) {
	domain, err := idna.Lookup.ToASCII(strings.TrimSuffix(d.Domain, "."))
	if err != nil || !strings.Contains(domain, ".") || !dnsName(domain) {
		return nil, fmt.Errorf("the domain for DKIM is %q; it must be one such as example.com", d.Domain)
	}
	if !dnsName(d.Selector) {
		return nil, fmt.Errorf("the selector for DKIM is %q; it must be a name such as allclear1", d.Selector)
	}
	key, algorithm, err := parseKey(d.Key)
	if err != nil {
		return nil, err
	}
	return &Signer{domain: domain, selector: d.Selector, key: key, algorithm: algorithm, now: time.Now,
		buffers: sync.Pool{New: func() any { return new(bytes.Buffer) }}}, nil
}

// dnsName says whether a name may stand in the DNS and in the header.
func dnsName(name string) bool {
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || strings.ContainsFunc(label, func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_'
		}) {
			return false
		}
	}
	return len(name) <= 200
}

func parseKey(text string) (key crypto.Signer, algorithm string, err error) {
	block, _ := pem.Decode([]byte(strings.TrimSpace(text)))
	if block == nil {
		return nil, "", errors.New("the key for DKIM is not in PEM form, which begins with -----BEGIN PRIVATE KEY-----")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if block.Type == "RSA PRIVATE KEY" {
		parsed, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	}
	if err != nil {
		return nil, "", fmt.Errorf("the key for DKIM cannot be read as an unencrypted private key (PKCS #1 or #8); its kind is %q", block.Type)
	}
	switch key := parsed.(type) {
	case *rsa.PrivateKey:
		if bits := key.N.BitLen(); bits < minRSABits {
			return nil, "", fmt.Errorf("the key for DKIM has %d bits; receivers want %d or more", bits, minRSABits)
		}
		return key, "rsa-sha256", nil
	case ed25519.PrivateKey:
		return key, "ed25519-sha256", nil
	default:
		return nil, "", errors.New("the key for DKIM must be RSA or Ed25519")
	}
}

// Record is the DNS record by which receivers check the signatures: its name
// and its text.
func (s *Signer) Record() (name, text string) {
	kind, public := "rsa", []byte(nil)
	switch key := s.key.Public().(type) {
	case ed25519.PublicKey:
		kind, public = "ed25519", key
	default:
		public, _ = x509.MarshalPKIXPublicKey(key) // an RSA key that was parsed can be written
	}
	return s.selector + "._domainkey." + s.domain, "v=DKIM1; k=" + kind + "; p=" + base64.StdEncoding.EncodeToString(public)
}

// Domain is for whom the signer vouches.
func (s *Signer) Domain() string { return s.domain }

// Sign returns the header field that signs a message, to stand before it. The
// message is as it goes over the wire, with doubled dots; it is not changed.
func (s *Signer) Sign(wire []byte) ([]byte, error) {
	head, body, ok := bytes.Cut(wire, []byte("\r\n\r\n"))
	if !ok {
		return nil, errors.New("the message has no body to sign")
	}
	buffer := s.buffers.Get().(*bytes.Buffer)
	defer s.buffers.Put(buffer)
	buffer.Reset()
	relaxBody(buffer, body)
	bodyHash := sha256.Sum256(buffer.Bytes())

	buffer.Reset()
	names := relaxHeaders(buffer, head)
	field := s.field(names, bodyHash[:])
	relaxHeader(buffer, field)
	sum := sha256.Sum256(bytes.TrimSuffix(buffer.Bytes(), []byte("\r\n")))
	options := crypto.SignerOpts(crypto.SHA256)
	if s.algorithm == "ed25519-sha256" {
		options = crypto.Hash(0) // RFC 8463: the digest is itself the message
	}
	signature, err := s.key.Sign(rand.Reader, sum[:], options)
	if err != nil {
		return nil, fmt.Errorf("sign the message: %w", err)
	}
	return append(foldText(field, base64.StdEncoding.EncodeToString(signature)), '\r', '\n'), nil
}

// field is the signature's header field up to the signature. It is folded
// before it is signed.
func (s *Signer) field(names []string, bodyHash []byte) []byte {
	var f bytes.Buffer
	f.WriteString("DKIM-Signature: v=1; a=" + s.algorithm + "; c=relaxed/relaxed;\r\n\td=" + s.domain + ";\r\n\ts=" + s.selector +
		"; t=" + strconv.FormatInt(s.now().Unix(), 10) + ";\r\n\th=")
	width := 0
	for i, name := range names {
		if i > 0 {
			f.WriteByte(':')
		}
		if width += len(name) + 1; width > 70 {
			f.WriteString("\r\n\t")
			width = len(name) + 1
		}
		f.WriteString(name)
	}
	f.WriteString(";\r\n\tbh=" + base64.StdEncoding.EncodeToString(bodyHash) + ";\r\n\tb=")
	return f.Bytes()
}

// foldText adds a long text without spaces in lines.
func foldText(to []byte, text string) []byte {
	const line = 70
	for len(text) > line {
		to = append(append(to, text[:line]...), "\r\n\t"...)
		text = text[line:]
	}
	return append(to, text...)
}

// relaxHeaders writes the signed headers in canonical form and returns the
// names for h=.
func relaxHeaders(to *bytes.Buffer, head []byte) []string {
	fields := splitFields(head)
	names := make([]string, 0, len(signedHeaders)+1)
	for _, name := range signedHeaders {
		for i := len(fields) - 1; i >= 0; i-- { // the last is the one that a verifier takes
			if len(fields[i]) > len(name) && fields[i][len(name)] == ':' && strings.EqualFold(string(fields[i][:len(name)]), name) {
				relaxHeader(to, fields[i])
				names = append(names, name)
				break
			}
		}
	}
	return append(names, "From")
}

// splitFields cuts a head into its fields, each with its folded lines.
func splitFields(head []byte) [][]byte {
	fields := make([][]byte, 0, 20)
	for len(head) > 0 {
		end := 0
		for {
			next := bytes.Index(head[end:], []byte("\r\n"))
			if next < 0 {
				end = len(head)
				break
			}
			end += next + 2
			if end >= len(head) || head[end] != ' ' && head[end] != '\t' {
				break
			}
		}
		fields = append(fields, bytes.TrimSuffix(head[:end], []byte("\r\n")))
		head = head[end:]
	}
	return fields
}

// relaxHeader writes one field: the name in lower case, the value on one line
// without needless space (RFC 6376, 3.4.2).
func relaxHeader(to *bytes.Buffer, field []byte) {
	name, value, _ := bytes.Cut(field, []byte(":"))
	to.Write(bytes.ToLower(bytes.TrimRight(name, " \t")))
	to.WriteByte(':')
	gap, begun := false, false
	for _, c := range value {
		switch c {
		case '\r', '\n':
		case ' ', '\t':
			gap = begun
		default:
			if gap {
				to.WriteByte(' ')
			}
			gap, begun = false, true
			to.WriteByte(c)
		}
	}
	to.WriteString("\r\n")
}

// relaxBody writes a body in canonical form, its dots single again: no space at
// the ends of lines, one where there were several, no empty lines at the end
// (RFC 6376, 3.4.4).
func relaxBody(to *bytes.Buffer, wire []byte) {
	to.Grow(len(wire))
	empty := 0 // lines not yet written: they may be the last
	for len(wire) > 0 {
		line, rest, _ := bytes.Cut(wire, []byte("\r\n"))
		wire = rest
		if len(line) > 0 && line[0] == '.' {
			line = line[1:]
		}
		if line = bytes.TrimRight(line, " \t"); len(line) == 0 {
			empty++
			continue
		}
		for ; empty > 0; empty-- {
			to.WriteString("\r\n")
		}
		relaxLine(to, line)
		to.WriteString("\r\n")
	}
}

func relaxLine(to *bytes.Buffer, line []byte) {
	if bytes.IndexByte(line, '\t') < 0 && !bytes.Contains(line, []byte("  ")) {
		to.Write(line)
		return
	}
	gap := false
	for _, c := range line {
		if c == ' ' || c == '\t' {
			gap = true
			continue
		}
		if gap {
			to.WriteByte(' ')
			gap = false
		}
		to.WriteByte(c)
	}
}
