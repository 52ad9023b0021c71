package plainlanguage

import "strings"

const reasonIdentifier = "a name from our programs or settings; say what it does for customers"

var (
	// codeWords end the name of a class.
	codeWords = []string{
		"Service", "Controller", "Handler", "Repository", "Factory", "Impl", "Listener", "Consumer", "Producer", "Processor",
		"Scheduler", "Middleware", "Serializer", "Deserializer", "Dao", "Dto", "Bean", "Daemon", "Microservice", "Worker", "Job", "Lambda",
	}
	// partWords end the name of a program: "billing-svc".
	partWords = set("svc db daemon microservice lambda consumer producer exporter cron api srv cronjob operator sidecar")
	// servedWords make "-service" the name of a program and not of a help.
	servedWords = set(`auth payment payments billing order orders user users account accounts notification notifications email search
		catalog inventory checkout cart session identity config pricing gateway token event events report reporting media image
		queue ledger invoice invoices profile login fraud shipping message messaging webhook api data core backend fulfillment`)
	// writerWords make a name of a program with such a word before them.
	writerWords = set("writer reader worker processor handler fetcher sender receiver ingester indexer syncer runner router gateway dispatcher")
	// plainParts stand before "-api" and the like in plain words.
	plainParts = set("rest public web our open graph non partner third-party developer self")
	// documents are files that customers have.
	documents = set("pdf csv xls xlsx doc docx ppt pptx png jpg jpeg gif zip txt mp3 mp4 mov heic odt ods")
	// topDomains end names that lead to a page; any two letters do so, too.
	topDomains = set(`com org net edu gov mil int info biz app dev cloud shop online store tech site status page example test
		bank health agency network systems services support help email chat blog news media software solutions company group
		global world xyz club live life money finance pay insure travel hotel energy berlin london paris nyc gmbh inc ltd llc`)
)

// findIdentifiers finds names as programs spell them.
func (k *checker) findIdentifiers() {
	own := newOwnAddresses(k.context.PublicAddresses)
	for _, name := range k.names {
		if name.length() < 4 || name.length() > 200 || strings.IndexByte("@#", k.at(name.start-1)) >= 0 || k.at(name.start-1) == ':' && k.at(name.end) == ':' {
			continue
		}
		s := k.plain[name.start:name.end]
		called := k.at(name.end) == '(' && k.at(name.end+1) == ')'
		if every(s, isAlpha) && !called && !isCamelCase(s) && !isClassName(s) {
			continue // an ordinary word, like most
		}
		if _, inLink := k.linkAt(name.start); inLink || own.hasDomain(strings.ToLower(s)) || k.at(name.end) == '@' {
			continue
		}
		if called {
			name.end += 2
		}
		if called || isIdentifier(s) || k.inCode(name) && isDashedName(s) {
			k.hits = append(k.hits, hit{span: name, rule: RuleIdentifier, level: LevelWarning, reason: reasonIdentifier})
		}
	}
}

// isIdentifier says whether a name is spelled as programs spell.
func isIdentifier(s string) bool {
	if _, ending, ok := cutLast(s, '.'); ok && documents[strings.ToLower(ending)] {
		return false
	}
	if isSnakeCase(s) || isDottedSetting(s) || isProgramName(s) || isPackagePath(s) || isTicket(s) {
		return true
	}
	for part := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == '.' || r == '-' }) {
		if isCamelCase(part) || isClassName(part) {
			return true
		}
	}
	return false
}

// isSnakeCase knows user_id and MAX_CONNECTIONS.
func isSnakeCase(s string) bool {
	n := strings.IndexByte(s, '_')
	return n > 0 && isAlnum(s[n-1]) && n+1 < len(s) && (isAlnum(s[n+1]) || s[n+1] == '_') && count(s, isAlpha) >= 2
}

// isCamelCase knows paymentService, but not iPhone, eBay or macOS.
func isCamelCase(s string) bool {
	n := 0
	for n < len(s) && isLower(s[n]) {
		n++
	}
	return n >= 2 && n+1 < len(s) && isUpper(s[n]) && isLower(s[n+1]) && every(s, isAlnum) && !camelBrands[s]
}

// camelBrands are spelled like code and are none.
var camelBrands = set("deviantArt lastPass bitLocker youTube payPal linkedIn whatsApp openTable mcDonalds airBnB airPods")

// isClassName knows PaymentService: two humps, the last a word of code.
func isClassName(s string) bool {
	if len(s) < 6 || !isUpper(s[0]) || !every(s, isAlnum) {
		return false
	}
	for _, word := range codeWords {
		if head, ok := strings.CutSuffix(s, word); ok && len(head) >= 2 && count(head, isLower) > 0 {
			return true
		}
	}
	return false
}

// isDottedSetting knows spring.datasource.url, but no domain.
func isDottedSetting(s string) bool {
	parts := strings.Split(s, ".")
	if len(parts) < 3 {
		return false
	}
	for _, part := range parts {
		if len(part) < 2 || !isLower(part[0]) || !every(part, isTokenByte) {
			return false
		}
	}
	last := parts[len(parts)-1]
	return parts[0] != "www" && len(last) > 2 && !topDomains[last] && !codeEndings[last]
}

// isProgramName knows billing-svc and auth-service.
func isProgramName(s string) bool {
	head, last, ok := cutLast(s, '-')
	if !ok || head == "" || s != strings.ToLower(s) || plainParts[head] {
		return false
	}
	_, kind, _ := cutLast("-"+head, '-')
	first, _, _ := strings.Cut(s, "-")
	return partWords[last] || first == "svc" || first == "srv" || writerWords[last] && servedWords[kind] || last == "service" && servedWords[kind] || last == "worker" && servedWords[kind]
}

// isPackagePath knows com.acme.billing.Invoice.
func isPackagePath(s string) bool {
	parts := strings.Split(s, ".")
	n := len(parts)
	if n < 3 || parts[0] != "com" && parts[0] != "org" && parts[0] != "io" && parts[0] != "net" && parts[0] != "de" {
		return false
	}
	last := parts[n-1]
	return len(last) > 2 && isUpper(last[0]) && isLower(last[1]) && every(s, func(b byte) bool { return isAlnum(b) || b == '.' || b == '_' })
}

// ticketPrefixes begin the numbers of tickets that only we can open, before
// five digits or more; ticketQueues do so before a hyphen.
var (
	ticketPrefixes = set("INC CHG PRB RITM TASK REQ SCTASK SIR")
	ticketQueues   = set("JIRA OPS SRE INFRA PLAT PLATFORM DEVOPS DEV ENG BUG NOC DBA SYS NET SEC CORE BACKEND FRONTEND")
)

// isTicket knows CHG0045678 and OPS-1234. (INC-14 is how we name incidents
// to everybody.)
func isTicket(s string) bool {
	if queue, number, ok := strings.Cut(s, "-"); ok {
		return ticketQueues[queue] && len(number) >= 2 && every(number, isDigit)
	}
	prefix, number := cutNumber(s)
	return ticketPrefixes[prefix] && len(number) >= 5
}

// isDashedName knows the names that are set as code: `payments-core`.
func isDashedName(s string) bool {
	return strings.IndexByte(s, '-') > 0 && every(s, func(b byte) bool { return isLower(b) || isDigit(b) || b == '-' }) && count(s, isAlpha) > 4
}

// inCode says whether a name fills a code span.
func (k *checker) inCode(name span) bool { return k.at(name.start-1) == '`' && k.at(name.end) == '`' }
