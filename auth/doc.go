// Package auth says who is asking: scopes, tokens, the signing of links and
// the sealing of secrets. The rows are in the store; nothing here does I/O.
package auth
