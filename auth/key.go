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
	"hash"
	"strings"
	"sync"
)

// ErrForged is a link or a sealed value that this key did not make.
var ErrForged = errors.New("not made with this server's key")

// Key is the server's secret, from which the keys for sealing links and
// secrets and for making Message-IDs are derived (HKDF, RFC 5869).
type Key struct {
	aead        cipher.AEAD
	naming      []byte
	names       sync.Pool // of what Name computes with: to set it up takes as long
	signing     []byte
	fingerprint string
}

// MinSecretLength is the least number of bytes of a secret key.
const MinSecretLength = 16

// What is sealed is good for one use: a link for one purpose, or a secret at
// rest. No purpose makes a link into a secret.
const (
	linkUse = "link "
	restUse = "at rest"
)

// NewKey derives the keys from the secret.
func NewKey(secret string) (*Key, error) {
	secret = strings.TrimSpace(secret)
	if len(secret) < MinSecretLength {
		return nil, fmt.Errorf("the secret key has %d bytes; at least %d are needed", len(secret), MinSecretLength)
	}
	derive := func(use string) []byte {
		key, _ := hkdf.Key(sha256.New, []byte(secret), nil, "allclear "+use, 32) // fails only for absurd lengths
		return key
	}
	print := sha256.Sum256(derive("fingerprint"))
	block, err := aes.NewCipher(derive("secrets"))
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	return &Key{aead: aead, naming: derive("names"), signing: derive("webhooks"), fingerprint: hex.EncodeToString(print[:8])}, nil
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

// SealLink makes a link token for one purpose and subject, such as "leave" and
// "email:ana@example.com". The subject cannot be read from the token.
func (k *Key) SealLink(purpose, subject string) string {
	return base64.RawURLEncoding.EncodeToString(k.seal(subject, linkUse+purpose))
}

// OpenLink returns the subject of a link token made for the same purpose, or
// ErrForged.
func (k *Key) OpenLink(purpose, token string) (string, error) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return "", ErrForged
	}
	return k.open(raw, linkUse+purpose)
}

// Name makes a short, stable name for a value that must not be readable from
// it, such as the address in a Message-ID.
func (k *Key) Name(parts ...string) string {
	mac, ok := k.names.Get().(hash.Hash)
	if !ok {
		mac = hmac.New(sha256.New, k.naming)
	}
	for i, part := range parts {
		if i > 0 {
			mac.Write([]byte{0})
		}
		mac.Write([]byte(part))
	}
	var sum [sha256.Size]byte
	name := hex.EncodeToString(mac.Sum(sum[:0])[:12])
	mac.Reset()
	k.names.Put(mac)
	return name
}

// SigningKey is the key with which messages to a webhook are signed, of its own
// for each address.
func (k *Key) SigningKey(address string) []byte {
	mac := hmac.New(sha256.New, k.signing)
	mac.Write([]byte(address))
	return mac.Sum(nil)
}

// SigningSecret writes a signing key as its receiver needs it: in the form of
// Standard Webhooks.
func (k *Key) SigningSecret(address string) string {
	return "whsec_" + base64.StdEncoding.EncodeToString(k.SigningKey(address))
}

// Seal encrypts a secret that must be sent on later (AES-256-GCM).
func (k *Key) Seal(secret string) string {
	return base64.RawStdEncoding.EncodeToString(k.seal(secret, restUse))
}

// Unseal decrypts what Seal made, or returns ErrForged.
func (k *Key) Unseal(sealed string) (string, error) {
	raw, err := base64.RawStdEncoding.DecodeString(sealed)
	if err != nil {
		return "", ErrForged
	}
	return k.open(raw, restUse)
}

// seal puts a random nonce before the ciphertext; the use is authenticated with
// it, so that what was made for one cannot be passed off for another.
func (k *Key) seal(secret, use string) []byte {
	nonce := make([]byte, k.aead.NonceSize())
	_, _ = rand.Read(nonce)
	return k.aead.Seal(nonce, nonce, []byte(secret), []byte(use))
}

func (k *Key) open(raw []byte, use string) (string, error) {
	if len(raw) < k.aead.NonceSize() {
		return "", ErrForged
	}
	secret, err := k.aead.Open(nil, raw[:k.aead.NonceSize()], raw[k.aead.NonceSize():], []byte(use))
	if err != nil {
		return "", ErrForged
	}
	return string(secret), nil
}
