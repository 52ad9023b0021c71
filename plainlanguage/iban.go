package plainlanguage

import "strings"

const reasonAccount = "a bank account number; it belongs to one customer"

// ibanLengths are the lengths of account numbers by country.
const ibanLengths = `AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28
	EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30
	KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25
	QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20`

func (k *checker) findAccountNumbers() {
	for _, w := range k.words {
		if w.length() < 4 || !isAlpha(k.plain[w.start]) || !isAlpha(k.plain[w.start+1]) ||
			!isDigit(k.plain[w.start+2]) || !isDigit(k.plain[w.start+3]) || k.inLinkTail(w.start) {
			continue
		}
		if end := k.ibanEnd(w.start); end > 0 {
			k.masked(RulePersonalData, span{w.start, end}, reasonAccount)
		}
	}
}

// ibanEnd is where the account number that begins at i ends, or 0.
func (k *checker) ibanEnd(i int) int {
	country := strings.ToUpper(k.plain[i : i+2])
	n := strings.Index(ibanLengths, country)
	if n < 0 {
		return 0
	}
	length := int(ibanLengths[n+2]-'0')*10 + int(ibanLengths[n+3]-'0')
	digits := make([]byte, 0, 34)
	for len(digits) < length {
		b := k.at(i)
		if (b == ' ' || b == '-') && isAlnum(k.at(i+1)) {
			i++
			continue
		}
		if !isAlnum(b) {
			return 0
		}
		digits = append(digits, b)
		i++
	}
	if isAlnum(k.at(i)) || !validIBAN(digits) {
		return 0
	}
	return i
}

// validIBAN computes the remainder by 97 with the first four characters moved
// to the end and letters counted from 10.
func validIBAN(s []byte) bool {
	remainder := 0
	for i := range s {
		b := lowerByte(s[(i+4)%len(s)])
		if isDigit(b) {
			remainder = (remainder*10 + int(b-'0')) % 97
		} else {
			remainder = (remainder*100 + int(b-'a') + 10) % 97
		}
	}
	return remainder == 1
}
