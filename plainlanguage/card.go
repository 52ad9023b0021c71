package plainlanguage

const reasonCard = "looks like a payment card number; it belongs to one customer"

// cardShapes are the ways to write a card number: the lengths of its groups.
var cardShapes = [][]int{{4, 4, 4, 4, 3}, {4, 4, 4, 4}, {4, 6, 5}, {4, 6, 4}, {19}, {16}, {15}, {14}}

func (k *checker) findCards() {
	for i := 0; i < len(k.plain); i++ {
		if !isDigit(k.plain[i]) || isAlnum(k.at(i-1)) {
			continue
		}
		if end := k.cardEnd(i); end > 0 && !k.inLinkTail(i) {
			k.masked(RulePersonalData, span{i, end}, reasonCard)
			i = end
		}
	}
}

// cardEnd is where the card number that begins at i ends, or 0.
func (k *checker) cardEnd(i int) int {
	for _, shape := range cardShapes {
		if end, digits := k.groupsEnd(i, shape); end > 0 && isCard(digits) {
			return end
		}
	}
	return 0
}

// groupsEnd reads groups of digits of the given lengths, divided by blanks or
// hyphens, that end in nothing a number goes on with.
func (k *checker) groupsEnd(i int, lengths []int) (end int, digits string) {
	buffer := make([]byte, 0, 19)
	for n, length := range lengths {
		if n > 0 {
			if b := k.at(i); b != ' ' && b != '-' {
				return 0, ""
			}
			i++
		}
		for range length {
			if !isDigit(k.at(i)) {
				return 0, ""
			}
			buffer = append(buffer, k.plain[i])
			i++
		}
	}
	if isAlnum(k.at(i)) || (k.at(i) == '.' || k.at(i) == ',') && isDigit(k.at(i+1)) {
		return 0, ""
	}
	return i, string(buffer)
}

// isCard says whether digits are a number that a card scheme hands out: right
// beginning and length, and the check digit holds. One order number in ten has
// a matching check digit; few of them begin like a card.
func isCard(digits string) bool {
	n, two, four := len(digits), digits[:2], digits[:4]
	var scheme bool
	switch digits[0] {
	case '4':
		scheme = n == 16 || n == 19
	case '5':
		scheme = n == 16 && two != "59"
	case '2':
		scheme = n == 16 && four >= "2221" && four <= "2720"
	case '3':
		scheme = n == 15 && (two == "34" || two == "37") || n == 14 && (two == "36" || two == "38" || two == "30") ||
			n == 16 && two == "35"
	case '6':
		scheme = n == 16 || n == 19
	}
	return scheme && luhn(digits)
}

// luhn says whether the check digit holds.
func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}
