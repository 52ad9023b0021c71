package plainlanguage

import "strings"

// findPersonalData finds what belongs to one person, usually a customer.
func (k *checker) findPersonalData() {
	own := newOwnAddresses(k.context.PublicAddresses)
	k.findEmails(own)
	k.findAccountNumbers()
	k.findCards()
	k.findPhones(own)
	k.findPersonNumbers()
}

// ownAddresses are the company's public addresses, sorted by kind.
type ownAddresses struct {
	mail    map[string]bool
	domains []string
	phones  []string // digits only
}

func newOwnAddresses(addresses []string) ownAddresses {
	own := ownAddresses{mail: map[string]bool{}}
	for _, a := range addresses {
		a = strings.ToLower(strings.TrimSpace(a))
		digits := digitsOf(a)
		switch {
		case strings.Contains(a, "@") && !strings.HasPrefix(a, "@"):
			own.mail[strings.TrimPrefix(a, "mailto:")] = true
		case len(digits) >= 3 && len(digits)*2 > len(a):
			own.phones = append(own.phones, digits)
		case a != "":
			own.domains = append(own.domains, domainOf(a))
		}
	}
	return own
}

// domainOf takes "https://acme.example/help" and "@acme.example" for what they
// mean.
func domainOf(a string) string {
	if _, after, ok := strings.Cut(a, "://"); ok {
		a = after
	}
	a = strings.TrimPrefix(strings.TrimPrefix(a, "@"), "www.")
	if n := strings.IndexAny(a, "/:?#"); n >= 0 {
		a = a[:n]
	}
	return a
}

// hasDomain says whether a domain is one of the company's or below it.
func (own ownAddresses) hasDomain(domain string) bool {
	for _, d := range own.domains {
		if rest, ok := strings.CutSuffix(domain, d); ok && d != "" && (rest == "" || strings.HasSuffix(rest, ".")) {
			return true
		}
	}
	return false
}

func (own ownAddresses) hasMail(address, domain string) bool {
	return own.mail[address] || own.hasDomain(domain)
}

// hasPhone compares from the end, because the same number is written with and
// without the country's code.
func (own ownAddresses) hasPhone(digits string) bool {
	digits = strings.TrimLeft(digits, "0")
	for _, p := range own.phones {
		p = strings.TrimLeft(p, "0")
		if p == digits || min(len(p), len(digits)) >= 7 && (strings.HasSuffix(p, digits) || strings.HasSuffix(digits, p)) {
			return true
		}
	}
	return false
}

func digitsOf(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if isDigit(s[i]) {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}
