package plainlanguage

import "strings"

const reasonEmail = "an email address that is not one of ours; it may belong to a customer"

// officeNames are mailboxes of an office, not of a person.
var officeNames = set(`support help helpdesk contact status security noreply no-reply donotreply press privacy
	abuse service feedback hello care customercare customerservice postmaster webmaster info team sales billing office orders hr it noc ops
	servicedesk techsupport customersupport customer-service customer-support accounts booking bookings reservations refunds returns legal dpo gdpr media
	kontakt kundenservice kundendienst hilfe presse datenschutz störung aide contactez bonjour serviceclient service-client soporte ayuda clientes hola atencion
	status-page incidents incident community jobs careers partners partner api developers dev`)

// anybody are mailboxes in examples: they belong to nobody.
var anybody = set(`name your.name yourname your-name you username user your.email youremail your-email firstname.lastname first.last
	vorname.nachname nom.prenom prenom.nom nombre.apellido someone somebody anyone anybody`)

func (k *checker) findEmails(own ownAddresses) {
	for at := 0; ; {
		n := strings.IndexByte(k.plain[at:], '@')
		if n < 0 {
			return
		}
		at += n + 1
		s, domain, ok := k.emailAround(at - 1)
		if !ok {
			continue
		}
		at = s.end
		name := strings.ToLower(k.source(span{s.start, domain.start - 1}))
		host := strings.ToLower(k.source(domain))
		if !officeNames[name] && !anybody[name] && !own.hasMail(name+"@"+host, host) {
			k.leak(RulePersonalData, s, reasonEmail)
		}
	}
}

// emailAround is the address around the @ at position i, and its domain.
func (k *checker) emailAround(i int) (s, domain span, ok bool) {
	start := i
	for start > 0 && i-start < 64 && isMailboxByte(k.plain[start-1]) {
		start--
	}
	for start < i && !isWordByte(k.plain[start]) {
		start++
	}
	end := i + 1
	for end < len(k.plain) && end-i < 254 && (isNameByte(k.plain[end]) && k.plain[end] != '_' || k.plain[end] == letterByte) {
		end++
	}
	for end > i+1 && !isWordByte(k.plain[end-1]) {
		end--
	}
	domain = span{i + 1, end}
	top := strings.LastIndexByte(k.plain[domain.start:domain.end], '.')
	if start == i || top < 1 || !isTopDomain(k.plain[domain.start+top+1:domain.end]) {
		return s, domain, false
	}
	s = span{start, end}
	// "git@host:path" names a repository, and a link's user part is no mailbox.
	if l, inLink := k.linkAt(i); inLink && i < l.host.start || k.lower[start:i] == "git" {
		return s, domain, false
	}
	return s, domain, true
}

func isTopDomain(s string) bool {
	return len(s) >= 2 && every(s, func(b byte) bool { return isAlpha(b) || b == letterByte }) || strings.HasPrefix(s, "xn--")
}

func isMailboxByte(b byte) bool {
	return isNameByte(b) || b == '+' || b == '%' || b == '\'' || b == letterByte
}
