package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// ErrForged is a link or a sealed value that this key did not make.
var ErrForged = errors.New("not made with this server's key")

// Key is the server's secret, from which the keys for signing links, sealing
// secrets and making Message-IDs are derived (HKDF, RFC 5869).
type Key struct {
	signing, sealing, naming []byte
	fingerprint              string
}

// MinSecretLength is the least number of bytes of a secret key.
const MinSecretLength = 16

// NewKey derives the keys from the secret.
func NewKey(secret string) (*Key, error) {
	secret = strings.TrimSpace(secret)
	if len(secret) < MinSecretLength {
		return nil, fmt.Errorf("the secret key has %d characters; at least %d are needed", len(secret), MinSecretLength)
	}
	derive := func(use string) []byte {
		key, _ := hkdf.Key(sha256.New, []byte(secret), nil, "allclear "+use, 32) // fails only for absurd lengths
		return key
	}
	print := sha256.Sum256(derive("fingerprint"))
	return &Key{
		signing: derive("links"), sealing: derive("secrets"), naming: derive("names"),
		fingerprint: hex.EncodeToString(print[:8]),
	}, nil
}

// NewSecret makes a secret for NewKey.
func NewSecret() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw)
	return base64.RawURLEncoding.EncodeToString(raw)
}

// Fingerprint identifies the key without giving anything of it away; it is
// stored with the database so that another key is noticed.
func (k *Key) Fingerprint() string { return k.fingerprint }

// SignLink makes a link token for one purpose and subject, such as "leave" and
// "subscriber:…". The subject can be read by whoever has the link.
func (k *Key) SignLink(purpose, subject string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(subject)) + "." + base64.RawURLEncoding.EncodeToString(k.linkMAC(purpose, subject))
}

// OpenLink checks a link token and returns its subject, or ErrForged.
func (k *Key) OpenLink(purpose, token string) (string, error) {
	head, tail, ok := strings.Cut(token, ".")
	subject, err := base64.RawURLEncoding.DecodeString(head)
	mac, err2 := base64.RawURLEncoding.DecodeString(tail)
	if !ok || err != nil || err2 != nil || !hmac.Equal(mac, k.linkMAC(purpose, string(subject))) {
		return "", ErrForged
	}
	return string(subject), nil
}

func (k *Key) linkMAC(purpose, subject string) []byte {
	mac := hmac.New(sha256.New, k.signing)
	mac.Write([]byte(purpose + "\x00" + subject))
	return mac.Sum(nil)[:16]
}

// Name makes a short, stable name for a value that must not be readable from
// it, such as the address in a Message-ID.
func (k *Key) Name(parts ...string) string {
	mac := hmac.New(sha256.New, k.naming)
	mac.Write([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(mac.Sum(nil)[:12])
}

// Seal encrypts a secret that must be sent on later (AES-256-GCM).
func (k *Key) Seal(secret string) string {
	aead := k.aead()
	nonce := make([]byte, aead.NonceSize())
	_, _ = rand.Read(nonce)
	return base64.RawStdEncoding.EncodeToString(aead.Seal(nonce, nonce, []byte(secret), nil))
}

// Unseal decrypts what Seal made, or returns ErrForged.
func (k *Key) Unseal(sealed string) (string, error) {
	raw, err := base64.RawStdEncoding.DecodeString(sealed)
	aead := k.aead()
	if err != nil || len(raw) < aead.NonceSize() {
		return "", ErrForged
	}
	secret, err := aead.Open(nil, raw[:aead.NonceSize()], raw[aead.NonceSize():], nil)
	if err != nil {
		return "", ErrForged
	}
	return string(secret), nil
}

func (k *Key) aead() cipher.AEAD {
	block, _ := aes.NewCipher(k.sealing) // the key has 32 bytes
	aead, _ := cipher.NewGCM(block)
	return aead
}
