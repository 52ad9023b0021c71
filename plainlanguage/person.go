package plainlanguage

import "strings"

const (
	reasonPerson = "a number that belongs to one person; whoever reads it can misuse it"
	reasonBirth  = "a date of birth; it belongs to one person"
	reasonPIN    = "a secret number; whoever reads it can use it"
)

var (
	// personNumbers come before what an office calls one person by.
	personNumbers = set("passport ssn nino steuernummer personalausweis dni nif nie licence license")
	// secretNumbers are asked for at a door, a till or a sign-in.
	secretNumbers = set("pin otp tan passcode")
)

// findPersonNumbers finds social security numbers, numbers of passports, sort
// codes, dates of birth and PINs.
func (k *checker) findPersonNumbers() {
	for i, w := range k.words {
		word := k.word(i)
		switch {
		case len(word) == 3 && every(word, isDigit):
			k.findSocialSecurity(w)
		case personNumbers[word]:
			k.findPersonNumber(i)
		case word == "sort" && i+1 < len(k.words) && k.word(i+1) == "code":
			k.findSortCode(i + 2)
		case word == "born" || word == "dob" || word == "birth":
			k.findBirth(i)
		case secretNumbers[word]:
			k.findPIN(i)
		}
	}
}

// digitsAt reads groups of digits of the given lengths with a sign between
// them, and returns where they end, or 0.
func (k *checker) digitsAt(i int, sign byte, lengths ...int) int {
	for n, length := range lengths {
		if n > 0 {
			if k.at(i) != sign {
				return 0
			}
			i++
		}
		for range length {
			if !isDigit(k.at(i)) {
				return 0
			}
			i++
		}
	}
	if isWordByte(k.at(i)) || k.at(i) == sign {
		return 0
	}
	return i
}

// findSocialSecurity knows 123-45-6789.
func (k *checker) findSocialSecurity(w span) {
	if end := k.digitsAt(w.start, '-', 3, 2, 4); end > 0 && k.at(w.start-1) != '-' && !k.inLinkTail(w.start) {
		k.masked(RulePersonalData, span{w.start, end}, reasonPerson)
	}
}

// findPersonNumber knows "passport number C01X00T47".
func (k *checker) findPersonNumber(i int) {
	for n := i + 1; n < len(k.words) && n <= i+3 && k.sameSentence(n-1, n); n++ {
		s := k.plain[k.words[n].start:k.words[n].end]
		if len(s) >= 6 && every(s, isAlnum) && count(s, isDigit) >= 3 {
			k.masked(RulePersonalData, k.words[n], reasonPerson)
			return
		}
	}
}

// findSortCode knows "sort code 20-00-00".
func (k *checker) findSortCode(n int) {
	if n < len(k.words) {
		if end := k.digitsAt(k.words[n].start, '-', 2, 2, 2); end > 0 {
			k.masked(RulePersonalData, span{k.words[n].start, end}, reasonAccount)
		}
	}
}

// findBirth knows "born on 12.03.1978".
func (k *checker) findBirth(i int) {
	for n := i + 1; n < len(k.words) && n <= i+3 && k.sameSentence(n-1, n); n++ {
		start := k.words[n].start
		for _, sign := range []byte{'.', '/', '-'} {
			end := k.digitsAt(start, sign, 2, 2, 4)
			if end == 0 {
				end = k.digitsAt(start, sign, 4, 2, 2)
			}
			if end > 0 {
				k.leak(RulePersonalData, span{start, end}, reasonBirth)
				return
			}
		}
	}
}

// findPIN knows "PIN 4711" and "the OTP is 482913".
func (k *checker) findPIN(i int) {
	n := i + 1
	if n < len(k.words) && (k.word(n) == "is" || k.word(n) == "code") {
		n++
	}
	if n >= len(k.words) || !k.sameSentence(i, n) || k.words[n].start-k.words[n-1].end > 2 {
		return
	}
	w := k.words[n]
	if s := k.word(n); len(s) >= 4 && len(s) <= 8 && every(s, isDigit) && !(strings.IndexByte("-/.", k.at(w.end)) >= 0 && isDigit(k.at(w.end+1))) {
		k.masked(RuleSecret, span{k.words[i].start, w.end}, reasonPIN)
	}
}
