package plainlanguage

import (
	"slices"
	"strings"
	"unicode"
)

const reasonPhone = "a phone number that is not one of ours; it may belong to a customer"

// phoneWords announce a phone number, countedWords another kind of number.
var (
	phoneWords   = set("phone telephone tel mobile cell cellphone call calling fax whatsapp telefon handy mobil tél móvil")
	countedWords = set(`order invoice ticket case reference ref id transaction tracking sku isbn serial number no
		nr booking confirmation receipt policy parcel shipment part item account version build page`)
)

// phone is a number as it may be dialled.
type phone struct {
	span
	digits string
	groups []int // how many digits stand together
	plus   bool
}

func (k *checker) findPhones(own ownAddresses) {
	for i := 0; i < len(k.plain); {
		if !k.phoneMayBegin(i) {
			i++
			continue
		}
		p, ok := k.phoneAt(i)
		if !ok {
			// No part of a longer number is a number of its own.
			i = max(i+1, p.end)
			continue
		}
		if !own.hasPhone(p.digits) && !k.isOfficePhone(p) && !p.tollFree() && !k.inLinkTail(i) {
			k.leak(RulePersonalData, p.span, reasonPhone)
		}
		i = p.end
	}
}

// officePhrases announce the number of an office, personPhrases that of a
// person.
var (
	officePhrases = []string{
		"hotline", "helpline", "call us", "phone us", "reach us", "contact us", "our support", "customer service", "customer services", "customer care", "customer support", "support line",
		"support team", "help desk", "helpdesk", "service desk", "call centre", "call center", "switchboard", "press office", "emergency line", "emergency number", "our number", "by phone", "toll-free", "toll free",
		"freephone", "dial in", "dial-in", "kundenservice", "kundendienst", "störungsdienst", "notruf", "service client", "appelez-nous", "atención al cliente", "llámenos", "fax",
	}
	personPhrases = []string{"her", "his", "mr", "mrs", "ms", "herr", "frau", "customer's", "reported by", "owner", "back on", "mobile number of"}
)

// isOfficePhone says whether the sentence of a number says that it is one of
// an office, and names no person.
func (k *checker) isOfficePhone(p phone) bool {
	s := span{max(0, p.start-80), min(len(k.plain), p.end+40)}
	for i := p.start - 2; i > s.start; i-- {
		if k.plain[i] == '.' && k.plain[i+1] == ' ' {
			s.start = i + 1
			break
		}
	}
	_, office := k.has(s, officePhrases)
	_, person := k.has(s, personPhrases)
	return office && !person || isServiceNumber(p.digits)
}

// isServiceNumber knows the British and German numbers that only companies
// have.
func isServiceNumber(digits string) bool {
	for _, prefix := range []string{"0300", "0330", "0333", "0343", "0344", "0345", "0370", "0371", "0843", "0844", "0845", "0870", "0871", "0180", "0137", "0900", "1300", "1800"} {
		if strings.HasPrefix(digits, prefix) && len(digits) >= 10 {
			return true
		}
	}
	return false
}

func (k *checker) phoneMayBegin(i int) bool {
	b := k.plain[i]
	if b != '+' && b != '(' && !isDigit(b) {
		return false
	}
	before := k.at(i - 1)
	if isWordByte(before) || strings.IndexByte(".-/:#,$+=_%&@", before) >= 0 && !(before == ':' && !isDigit(k.at(i-2))) {
		return false
	}
	if k.isCurrency(i-1) || before == ' ' && k.isCurrency(i-2) {
		return false
	}
	return before != ' ' || !isDigit(k.at(i-2))
}

func (k *checker) isCurrency(i int) bool {
	return i >= 0 && unicode.Is(unicode.Sc, k.runes[i])
}

// phoneAt reads the number that begins at i. When it is none, the span is
// still that of the digits read.
func (k *checker) phoneAt(i int) (phone, bool) {
	p := k.readPhone(i)
	end := k.at(p.end)
	if len(p.digits) < 7 || len(p.digits) > 15 || isWordByte(end) || end == '%' || end == ':' && isDigit(k.at(p.end+1)) ||
		end == ',' && isDigit(k.at(p.end+1)) || k.looksLikeDate(p) {
		return p, false
	}
	if p.plus {
		return p, len(p.digits) >= 8 && p.digits[0] != '0' && !p.thousands()
	}
	before, start := k.wordBefore(i)
	earlier, _ := k.wordBefore(start)
	if phoneWords[before] || phoneWords[earlier] {
		return p, true
	}
	if countedWords[before] {
		return p, false
	}
	return p, p.northAmerican() || p.national()
}

// readPhone reads groups of digits with at most one sign, or a closing bracket
// and a blank, between them.
func (k *checker) readPhone(i int) phone {
	p := phone{span: span{i, i}, plus: k.plain[i] == '+' || k.plain[i] == '(' && k.at(i+1) == '+'}
	digits := make([]byte, 0, 16)
	for len(digits) <= 20 {
		for gap := 0; gap < 2 && strings.IndexByte("+ -./()", k.at(i)) >= 0; gap++ {
			i++
		}
		start := i
		for isDigit(k.at(i)) && len(digits) <= 20 {
			digits = append(digits, k.plain[i])
			i++
		}
		if i == start {
			break
		}
		p.groups, p.end = append(p.groups, i-start), i
	}
	p.digits = string(digits)
	return p
}

// northAmerican knows 555-123-4567 and 1 (555) 123-4567.
func (p phone) northAmerican() bool {
	n := len(p.groups)
	return slices.Equal(p.groups, []int{3, 3, 4}) && p.digits[0] > '1' ||
		n == 4 && slices.Equal(p.groups, []int{1, 3, 3, 4}) && p.digits[0] == '1'
}

// national knows numbers that begin with 0 and an area: 030 1234567.
func (p phone) national() bool {
	if len(p.groups) < 2 || p.digits[0] != '0' || len(p.digits) < 9 || len(p.digits) > 12 {
		return false
	}
	return p.groups[0] >= 2 && p.groups[0] <= 5 && !slices.Contains(p.groups, 1)
}

// thousands says whether the digits are one large number in groups of three.
func (p phone) thousands() bool {
	if len(p.digits) > 9 || len(p.groups) < 2 || p.groups[0] > 3 {
		return false
	}
	return !slices.ContainsFunc(p.groups[1:], func(n int) bool { return n != 3 })
}

// tollFree numbers belong to a company, never to a person.
func (p phone) tollFree() bool {
	d := strings.TrimPrefix(p.digits, "00")
	for _, prefix := range []string{"0800", "0808", "1800", "1888", "1877", "1866", "1855", "1844", "1833", "44800", "49800", "33800"} {
		if strings.HasPrefix(d, prefix) {
			return true
		}
	}
	return !p.plus && len(d) == 10 && slices.Contains([]string{"800", "888", "877", "866", "855", "844", "833"}, d[:3])
}

// looksLikeDate finds 2024-05-01, 01.05.2024 and 1/5/2024 in the digits.
func (k *checker) looksLikeDate(p phone) bool {
	at := 0
	for i, n := range p.groups {
		year := n == 4 && (strings.HasPrefix(p.digits[at:], "19") || strings.HasPrefix(p.digits[at:], "20"))
		if year && i >= 2 && p.groups[i-1] <= 2 && p.groups[i-2] <= 2 {
			return true
		}
		if year && i+2 < len(p.groups) && p.groups[i+1] <= 2 && p.groups[i+2] <= 2 {
			return true
		}
		at += n
	}
	return false
}
