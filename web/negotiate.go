package web

import "bytes"

// hasETag says whether an If-None-Match header names etag, by the weak
// comparison of RFC 9110 (a W/ before either does not matter).
func hasETag(ifNoneMatch, etag []byte) bool {
	opaque := bytes.TrimPrefix(etag, weakPrefix)
	for len(ifNoneMatch) > 0 {
		var one []byte
		one, ifNoneMatch = cutTrim(ifNoneMatch, ',')
		if len(one) == 1 && one[0] == '*' || bytes.Equal(bytes.TrimPrefix(one, weakPrefix), opaque) {
			return true
		}
	}
	return false
}

// preferences reads an Accept-Encoding header: how much br, gzip and no
// encoding at all are wanted, in thousandths; 0 is not at all.
func preferences(accept []byte) (br, gz, plain int) {
	br, gz, plain = -1, -1, -1
	rest := -1 // what "*" says about those not named
	for len(accept) > 0 {
		var one []byte
		one, accept = cutTrim(accept, ',')
		name, parameters := cutTrim(one, ';')
		q := quality(parameters)
		switch {
		case equalFold(name, "br"):
			br = q
		case equalFold(name, "gzip"), equalFold(name, "x-gzip"):
			gz = q
		case equalFold(name, "identity"):
			plain = q
		case len(name) == 1 && name[0] == '*':
			rest = q
		}
	}
	// Identity is always possible, and the last choice when it is not named.
	return named(br, rest), named(gz, rest), max(plain, 0)
}

func named(q, rest int) int {
	if q < 0 {
		return max(rest, 0)
	}
	return q
}

// quality reads "q=0.5" among a coding's parameters, in thousandths; 1000 when
// it is not there, 0 when it cannot be read.
func quality(parameters []byte) int {
	for len(parameters) > 0 {
		var one []byte
		one, parameters = cutTrim(parameters, ';')
		if len(one) >= 2 && (one[0] == 'q' || one[0] == 'Q') && one[1] == '=' {
			return thousandths(one[2:])
		}
	}
	return 1000
}

// thousandths reads a number from 0 to 1 with at most three decimals.
func thousandths(number []byte) int {
	if len(number) == 0 || len(number) > 5 || number[0] != '0' && number[0] != '1' {
		return 0
	}
	value, unit := int(number[0]-'0')*1000, 100
	for i, c := range number[1:] {
		switch {
		case i == 0 && c == '.':
		case i > 0 && c >= '0' && c <= '9':
			value += int(c-'0') * unit
			unit /= 10
		default:
			return 0
		}
	}
	return min(value, 1000)
}

// cutTrim cuts at the first separator and trims blanks round both parts.
func cutTrim(text []byte, separator byte) (before, after []byte) {
	before = text
	if at := bytes.IndexByte(text, separator); at >= 0 {
		before, after = text[:at], text[at+1:]
	}
	return bytes.TrimSpace(before), bytes.TrimSpace(after)
}

// equalFold compares with a lower-case ASCII word, without allocating.
func equalFold(text []byte, word string) bool {
	if len(text) != len(word) {
		return false
	}
	for i, c := range text {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != word[i] {
			return false
		}
	}
	return true
}
