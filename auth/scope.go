package auth

import "slices"

// Scope is what a token may do. Each scope includes the ones before it.
type Scope string

// The scopes. Read sees the record; Post speaks (incidents, component states)
// and sees who was told; Manage changes the page, the register and the
// subscribers; Admin does everything.
const (
	ScopeRead   Scope = "read"
	ScopePost   Scope = "post"
	ScopeManage Scope = "manage"
	ScopeAdmin  Scope = "admin"
)

var scopes = []Scope{ScopeRead, ScopePost, ScopeManage, ScopeAdmin}

// Valid says whether s is one of the scopes.
func (s Scope) Valid() bool { return slices.Contains(scopes, s) }

// Includes says whether s allows what needs other.
func (s Scope) Includes(other Scope) bool {
	have, need := slices.Index(scopes, s), slices.Index(scopes, other)
	return need >= 0 && have >= need
}

// Gate is what the plain-language check does with errors in a text.
type Gate string

// Block refuses the text: for people, and the default. Warn reports what is
// wrong and publishes: for automation that came from elsewhere and must not
// fail. Secrets, personal data and placeholders stop a text at either gate.
const (
	GateBlock Gate = "block"
	GateWarn  Gate = "warn"
)

// Valid says whether g is one of the gates.
func (g Gate) Valid() bool { return g == GateBlock || g == GateWarn }

// Actor is who acts, for the audit log.
type Actor struct {
	Kind  string // "token", "command", "system", "link"
	ID    string
	Name  string
	Scope Scope
	From  string // network address; empty for commands
	Gate  Gate   // empty: GateBlock
}
