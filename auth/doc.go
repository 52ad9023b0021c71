// Package auth says who is asking: scopes, tokens, the sealing of links and
// of secrets. The rows are in the store; nothing here does I/O.
package auth
