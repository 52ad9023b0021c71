package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"hash/crc32"
	"math/big"
	"strings"
	"time"
)

// TokenPrefix begins every token, so that a leaked one can be recognised.
const TokenPrefix = "acl_"

const (
	base62       = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	secretLength = 43 // 32 random bytes in base 62
	checkLength  = 6  // CRC-32 in base 62
)

// Token is a credential of the posting API, as stored: the secret itself is
// shown once and kept nowhere.
type Token struct {
	ID         string
	Name       string
	Scope      Scope
	Hash       string // of the secret, see HashToken
	Gate       Gate
	CreatedAt  time.Time
	LastUsedAt time.Time
	RevokedAt  time.Time
}

// NewTokenSecret makes a token to hand out: the prefix, 32 random bytes in
// base 62 and a checksum, by which a mistyped token is told from a revoked one.
func NewTokenSecret() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails since Go 1.24
	secret := encode62(new(big.Int).SetBytes(raw), secretLength)
	return TokenPrefix + secret + checksum(secret)
}

// WellFormedToken says whether s has the shape and the checksum of a token.
func WellFormedToken(s string) bool {
	body, ok := strings.CutPrefix(s, TokenPrefix)
	if !ok || len(body) != secretLength+checkLength {
		return false
	}
	return checksum(body[:secretLength]) == body[secretLength:]
}

// HashToken is what is stored and looked up. The secret has 256 random bits,
// so a plain digest cannot be reversed, and the lookup by digest tells no
// timing about the secret.
func HashToken(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

func checksum(secret string) string {
	return encode62(big.NewInt(int64(crc32.ChecksumIEEE([]byte(secret)))), checkLength)
}

func encode62(n *big.Int, length int) string {
	out := make([]byte, length)
	base, rest := big.NewInt(62), new(big.Int)
	for i := length - 1; i >= 0; i-- {
		n, rest = new(big.Int).DivMod(n, base, new(big.Int))
		out[i] = base62[rest.Int64()]
	}
	return string(out)
}
