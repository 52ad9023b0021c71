package plainlanguage

import "strings"

const (
	reasonHost  = "internal host; customers cannot act on it"
	reasonPod   = "internal name of a running program; customers cannot act on it"
	reasonLocal = "a machine's name for itself; customers cannot act on it"
)

var (
	// internalSuffixes end names that mean nothing outside a company.
	internalSuffixes = []string{
		".internal", ".local", ".localdomain", ".lan", ".intranet", ".corp", ".private", ".svc", ".localhost",
		".home.arpa", ".in-addr.arpa", ".ip6.arpa", ".consul", ".pod", ".priv", ".intra", ".invalid",
	}
	// cloudSuffixes end names that a provider gave to somebody's machine.
	cloudSuffixes = []string{
		".compute.amazonaws.com", ".compute-1.amazonaws.com", ".rds.amazonaws.com", ".elb.amazonaws.com",
		".cache.amazonaws.com", ".eks.amazonaws.com", ".es.amazonaws.com", ".redshift.amazonaws.com",
		".execute-api.amazonaws.com", ".elasticbeanstalk.com", ".cloudapp.azure.com", ".cloudapp.net",
		".database.windows.net", ".redis.cache.windows.net", ".documents.azure.com", ".azmk8s.io", ".vault.azure.net",
		".servicebus.windows.net", ".blob.core.windows.net", ".bc.googleusercontent.com", ".mongodb.net", ".aivencloud.com",
		".compute.internal", ".cluster.local", ".herokuapp.com",
	}
	// machineSchemes lead to machines, never to a page for people.
	machineSchemes = set(`postgres postgresql mysql mariadb redis rediss mongodb mongodb+srv amqp amqps kafka ldap ldaps ssh nats
		mqtt mqtts memcached smb nfs cifs tcp udp grpc grpcs etcd zookeeper clickhouse cassandra elasticsearch jdbc
		sqlserver oracle rdp vnc telnet git+ssh couchdb neo4j bolt thrift`)
	// screenSchemes lead to pages of the reader's own device.
	screenSchemes = set("chrome edge about brave opera vivaldi firefox app intent android-app ms-settings x-apple shortcuts itms-apps market")
	// codeEndings tell a file from a machine in a name with dots.
	codeEndings = set("go py js ts rb java php cs cpp rs sh sql yaml yml toml ini conf cfg log tf json xml md txt pdf csv xlsx png jpg zip exe")
)

// findHosts finds names of machines and of programs that run on them.
func (k *checker) findHosts() {
	own := newOwnAddresses(k.context.PublicAddresses)
	for _, l := range k.links {
		host := k.lower[l.host.start:l.host.end]
		if host == "" || isAddressText(host) || own.exactly(host) || k.isHiddenPassword(l.host) {
			continue
		}
		if machineSchemes[l.scheme] || !screenSchemes[l.scheme] && isInternalLink(host) {
			k.host(span{l.host.start, max(l.host.end, l.port.end)}, reasonHost)
		}
	}
	for _, name := range k.names {
		if name.length() < 3 || name.length() > 253 {
			continue
		}
		if _, inLink := k.linkAt(name.start); inLink || k.at(name.start-1) == '@' && strings.Contains(k.plain[name.start:name.end], ".") && !k.isInternal(name) {
			continue
		}
		if !own.exactly(k.lower[name.start:name.end]) {
			k.findHost(name)
		}
	}
}

// isHiddenPassword says whether a host holds a template's gap and no name.
func (k *checker) isHiddenPassword(host span) bool {
	return strings.Trim(k.plain[host.start:host.end], "*.") == ""
}

// exactly says whether a host is one of the company's public names itself.
// Below a public domain there may still be machines: db-prod-03.acme.example.
func (own ownAddresses) exactly(host string) bool {
	host = strings.TrimPrefix(host, "www.")
	for _, d := range own.domains {
		if host == d {
			return true
		}
	}
	return false
}

// findHost looks at one name outside links.
func (k *checker) findHost(name span) {
	s := k.lower[name.start:name.end]
	port := k.portEnd(name.end)
	if port == name.end && every(s, isAlpha) && s != "localhost" {
		return // an ordinary word, like most
	}
	switch {
	case s == "localhost":
		k.host(span{name.start, port}, reasonLocal)
	case strings.IndexByte(s, '.') >= 0:
		if k.isInternal(name) {
			k.host(span{name.start, port}, reasonHost)
		}
	case isPodName(k.plain[name.start:name.end]):
		k.host(span{name.start, port}, reasonPod)
	case isHostLabel(k.plain[name.start:name.end]), port > name.end && isServiceName(s):
		k.host(span{name.start, port}, reasonHost)
	}
}

// portEnd is where ":5432" behind i ends, or i when there is no port.
func (k *checker) portEnd(i int) int {
	end := i + 1
	for isDigit(k.at(end)) && end-i <= 6 {
		end++
	}
	if k.at(i) != ':' || end-i < 3 || end-i > 6 || isWordByte(k.at(end)) || k.at(end) == ':' {
		return i
	}
	return end
}

// host reports a machine; the glossary's public name, or the name of the one
// component in question, says the same in the reader's words.
func (k *checker) host(s span, reason string) {
	h := hit{span: s, rule: RuleHost, level: LevelError, reason: reason}
	h.replacement = k.context.publicName(k.source(s))
	if h.replacement == "" && len(k.context.Components) == 1 {
		h.replacement = k.context.Components[0]
	}
	k.hits = append(k.hits, h)
}

// isInternal judges a name with dots.
func (k *checker) isInternal(name span) bool {
	s := k.lower[name.start:name.end]
	if hasInternalSuffix(s) {
		return true
	}
	labels := strings.Split(s, ".")
	top := labels[len(labels)-1]
	if len(labels) < 2 || codeEndings[top] || !every(top, isAlpha) {
		return false
	}
	for _, label := range labels[:len(labels)-1] {
		if isHostLabel(label) || isPodName(label) {
			return true
		}
	}
	return false
}

func hasInternalSuffix(host string) bool {
	for _, suffix := range internalSuffixes {
		if rest, ok := strings.CutSuffix(host, suffix); ok && rest != "" && !every(rest, isDigit) {
			return true
		}
	}
	for _, suffix := range cloudSuffixes {
		if strings.HasSuffix(host, suffix) {
			return true
		}
	}
	return strings.HasSuffix(host, ".amazonaws.com") && strings.Contains(host, ".rds.") ||
		strings.Contains(host, ".svc.cluster.") || strings.Contains(host, ".elb.") || strings.Contains(host, ".compute.amazonaws.")
}

// isInternalLink judges the host of a link. Links are meant to be followed, so
// only a name that says "inside" counts, not any name with a number in it.
func isInternalLink(host string) bool {
	labels := strings.Split(host, ".")
	if host == "localhost" || len(labels) == 1 || hasInternalSuffix(host) {
		return true
	}
	for _, label := range labels[:len(labels)-1] {
		if isPodName(label) || isMachineIP(strings.Split(label, "-")) || isHostLabel(label) && namesEnvironment(label) {
			return true
		}
	}
	return false
}
