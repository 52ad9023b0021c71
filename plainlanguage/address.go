package plainlanguage

import (
	"net/netip"
	"slices"
	"strings"
)

const (
	reasonIP       = "an address of a machine; customers cannot act on it"
	reasonHardware = "the hardware address of a machine; customers cannot act on it"
	reasonResource = "an internal number of our infrastructure; customers cannot act on it"
	reasonHash     = "an internal id or checksum; customers cannot act on it"
)

// versionWords stand before four numbers that are no address.
var versionWords = set(`version versions v ver release releases build firmware app update section chapter clause table figure paragraph article annex appendix item rule chrome firefox
	safari edge ios android macos windows client rev revision from to`)

// hashWords stand before a short hash of a change.
var hashWords = set("commit commits sha sha1 sha256 md5 revision rev hash checksum digest changeset git build tag image id trace span request deploy deployment release")

// findAddresses finds where machines are, and what machines call things.
func (k *checker) findAddresses() {
	k.findIPv4()
	k.findIPv6()
	k.findResources()
	for _, w := range k.words {
		if k.inLinkTail(w.start) {
			continue
		}
		k.findHash(w)
		k.findHardware(w)
	}
}

func isAddressText(host string) bool {
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil
}

// findIPv4 finds dotted addresses with a port or a network's length.
func (k *checker) findIPv4() {
	for i := 0; i < len(k.plain); i++ {
		if !isDigit(k.plain[i]) || isWordByte(k.at(i-1)) || k.at(i-1) == '.' {
			continue
		}
		end := k.ipv4End(i)
		if end == 0 || k.inLinkTail(i) {
			continue
		}
		before, _ := k.wordBefore(i)
		if slices.Contains(k.context.PublicAddresses, k.plain[i:end]) {
			i = end
			continue
		}
		if !versionWords[before] || end > i+15 || (before == "from" || before == "to") && isPrivate(k.plain[i:end]) {
			k.leak(RuleAddress, span{i, k.portOrLength(end)}, reasonIP)
		}
		i = end
	}
}

// isPrivate knows the addresses that no version has and every office uses.
func isPrivate(s string) bool {
	return strings.HasPrefix(s, "192.168.") || strings.HasPrefix(s, "172.16.") || strings.HasPrefix(s, "127.0.")
}

// ipv4End is where the address that begins at i ends, or 0. The last parts may
// be blanked out: 10.0.x.x.
func (k *checker) ipv4End(i int) int {
	numbers := 0
	for part := range 4 {
		if part > 0 {
			if k.at(i) != '.' {
				return 0
			}
			i++
		}
		start, value := i, 0
		for isDigit(k.at(i)) && i-start < 4 {
			value = value*10 + int(k.plain[i]-'0')
			i++
		}
		if i == start && part >= 2 && (k.at(i) == 'x' || k.at(i) == '*' || k.at(i) == 'X') {
			i++
			continue
		}
		if i == start || i-start > 3 || value > 255 {
			return 0
		}
		numbers++
	}
	if isWordByte(k.at(i)) || k.at(i) == '.' && isDigit(k.at(i+1)) || numbers < 2 {
		return 0
	}
	return i
}

// portOrLength goes on over ":8080" or "/24".
func (k *checker) portOrLength(i int) int {
	if end := k.portEnd(i); end > i {
		return end
	}
	end := i + 1
	for isDigit(k.at(end)) && end-i <= 3 {
		end++
	}
	if k.at(i) == '/' && end-i >= 2 && end-i <= 3 {
		return end
	}
	return i
}

// findIPv6 finds addresses with colons.
func (k *checker) findIPv6() {
	for i := 0; i < len(k.plain); {
		if !isIPv6Byte(k.plain[i]) {
			i++
			continue
		}
		start := i
		for isIPv6Byte(k.at(i)) {
			i++
		}
		s := k.trim(span{start, i}, ".")
		if k.at(s.end-1) == ':' && k.at(s.end-2) != ':' {
			s.end--
		}
		if s.length() > 45 || isWordByte(k.at(s.start-1)) || isWordByte(k.at(s.end)) {
			continue
		}
		p := k.plain[s.start:s.end]
		if strings.Count(p, ":") < 2 || count(p, isDigit) == 0 || k.inLinkTail(s.start) || !isAddressText(p) {
			continue
		}
		k.leak(RuleAddress, k.ipv6Whole(s), reasonIP)
	}
}

// ipv6Whole goes on over a zone, a port behind brackets or a network's length.
func (k *checker) ipv6Whole(s span) span {
	if k.at(s.end) == '%' {
		for s.end++; isAlnum(k.at(s.end)); {
			s.end++
		}
	}
	if k.at(s.start-1) == '[' && k.at(s.end) == ']' {
		if end := k.portEnd(s.end + 1); end > s.end+1 {
			return span{s.start - 1, end}
		}
		return s
	}
	n := s.end + 1
	for isDigit(k.at(n)) && n-s.end < 4 {
		n++
	}
	if k.at(s.end) == '/' && n > s.end+1 {
		s.end = n
	}
	return s
}

// resourcePrefixes begin the ids that cloud providers hand out.
var resourcePrefixes = set("vpc subnet sg vol eni ami snap rtb igw nat tgw eipalloc acl lt fs pcx vgw dopt")

// findResources finds what cloud providers call their parts.
func (k *checker) findResources() {
	for at := 0; ; {
		n := strings.Index(k.lower[at:], "arn:aws")
		if n < 0 {
			break
		}
		s := span{at + n, at + n}
		for s.end < len(k.plain) && k.plain[s.end] > ' ' && strings.IndexByte("\"'`<>,;()", k.plain[s.end]) < 0 {
			s.end++
		}
		at = s.end
		k.leak(RuleAddress, k.trim(s, ".:!?*_]"), reasonResource)
	}
	for _, name := range k.names {
		kind, id, ok := strings.Cut(k.lower[name.start:min(name.end, name.start+30)], "-")
		if ok && resourcePrefixes[kind] && (len(id) == 8 || len(id) == 17) && every(id, isHex) && count(id, isDigit) > 0 {
			k.leak(RuleAddress, name, reasonResource)
		}
	}
}

// findHash finds UUIDs, checksums, ids of changes and pointers.
func (k *checker) findHash(w span) {
	if w.length() == 8 {
		if end := k.uuidEnd(w.start); end > 0 {
			k.leak(RuleAddress, span{w.start, end}, reasonHash)
			return
		}
	}
	s := k.plain[w.start:w.end]
	if hex, ok := strings.CutPrefix(s, "0x"); ok {
		before, _ := k.wordBefore(w.start)
		if len(hex) >= 4 && every(hex, isHex) && before != "error" && before != "code" && before != "fehler" {
			k.leak(RuleAddress, w, reasonHash)
		}
		return
	}
	if len(s) < 7 || !every(s, isHex) {
		return
	}
	digits, letters := count(s, isDigit), count(s, isAlpha)
	lower := count(s, isUpper) == 0
	long := len(s) >= 24 && digits > 0 && letters > 0 || len(s) >= 16 && digits > 1 && letters > 1 ||
		len(s) >= 12 && lower && digits >= 3 && letters >= 3
	if !long && lower && digits > 0 && letters > 0 {
		before, start := k.wordBefore(w.start)
		earlier, _ := k.wordBefore(start)
		long = hashWords[before] || hashWords[earlier]
	}
	if long {
		k.leak(RuleAddress, w, reasonHash)
	}
}

// uuidEnd is where the UUID that begins at i ends, or 0.
func (k *checker) uuidEnd(i int) int {
	for n, length := range []int{8, 4, 4, 4, 12} {
		if n > 0 {
			if k.at(i) != '-' {
				return 0
			}
			i++
		}
		for range length {
			if !isHex(k.at(i)) {
				return 0
			}
			i++
		}
	}
	if isWordByte(k.at(i)) {
		return 0
	}
	return i
}

// findHardware finds six pairs of hexadecimal digits. Divided by hyphens and
// all digits they may be anything.
func (k *checker) findHardware(w span) {
	sign := k.at(w.end)
	if w.length() != 2 || sign != ':' && sign != '-' || k.at(w.start-1) == sign {
		return
	}
	i := w.start
	for n := range 6 {
		if n > 0 {
			if k.at(i) != sign {
				return
			}
			i++
		}
		if !isHex(k.at(i)) || !isHex(k.at(i+1)) {
			return
		}
		i += 2
	}
	if isWordByte(k.at(i)) || k.at(i) == sign || sign == '-' && count(k.plain[w.start:i], isAlpha) == 0 {
		return
	}
	k.leak(RuleAddress, span{w.start, i}, reasonHardware)
}

func isIPv6Byte(b byte) bool { return isHex(b) || b == ':' || b == '.' }
