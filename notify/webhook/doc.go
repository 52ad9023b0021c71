// Package webhook sends notices to programs: the JSON of the Statuspage
// interface, posted to an address that a subscriber gave.
//
// The address comes from a stranger, so it leads to the public internet only,
// and it is a secret, since it may be all that a receiver asks for: it never
// appears in a result or an error of this package. Nothing is decided here
// about what the JSON says; it comes from a function handed in. Messages are
// signed as Standard Webhooks has it.
package webhook
