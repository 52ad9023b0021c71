package stakeholders

import (
	"fmt"
	"slices"
)

// OwnerContact is the email address of an entry's owner, and the language they
// read: the owner is an address, or names an entry of the register that has one.
func OwnerContact(register []Stakeholder, s Stakeholder) (to Contact, language string, ok bool) {
	if address, err := NormalizeAddress(Email, s.Owner); err == nil {
		return Contact{Channel: Email, Address: address}, "", true
	}
	for _, owner := range register {
		if s.Owner == "" || !SameName(owner.Name, s.Owner) {
			continue
		}
		for _, c := range owner.Contacts {
			if c.Channel == Email {
				return c, owner.Language, true
			}
		}
	}
	return Contact{}, "", false
}

// OwnerWarning says that nobody would hear what the owner of an entry has to:
// of a review, and of a contractual contact that leaves. It is empty where
// somebody would, or where nothing but the review is lost and no owner is named.
func OwnerWarning(register []Stakeholder, s Stakeholder) string {
	if _, _, ok := OwnerContact(register, s); ok {
		return ""
	}
	contractual := slices.ContainsFunc(s.Contacts, func(c Contact) bool { return c.Contractual != "" })
	switch {
	case s.Owner != "":
		return fmt.Sprintf("owner %q is neither an email address nor an entry that has one, so nobody is written to about this entry", s.Owner)
	case contractual:
		return "has a contractual contact and no owner, so nobody is told if that contact leaves"
	default:
		return ""
	}
}
