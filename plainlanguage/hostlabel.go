package plainlanguage

import "strings"

// The words that machines are named by.
var (
	// environments say where a machine belongs.
	environments = set("prod prd production stg stage staging dev qa uat preprod nonprod test perf")
	// hardEnvironments are never words of a sentence.
	hardEnvironments = set("prod prd stg uat preprod nonprod")
	// roles make a machine's name together with an environment: "api-staging".
	roles = set(`db database sql mysql postgres postgresql pg pgsql mongo mongodb redis memcached cache kafka rabbit rabbitmq
		mq queue zookeeper zk etcd consul vault es elastic elasticsearch opensearch solr cassandra scylla clickhouse
		web app api svc service srv server host node worker runner agent pod k8s kube eks gke aks cluster nginx haproxy
		envoy traefik proxy lb elb alb nlb gw gateway router fw firewall vpn bastion jump jumphost dns ns mx smtp imap
		mail mta ldap auth sso cdn edge origin storage nas san nfs cron job scheduler backend frontend fe be ci jenkins
		grafana prometheus kibana logstash master slave primary secondary replica shard standby vm esx esxi hv kvm
		instance box payments billing orders checkout`)
	// numberedRoles make one together with a number: "kafka-2".
	numberedRoles = set(`db sql mysql postgres postgresql pg pgsql mongo mongodb redis memcached cache kafka rabbit rabbitmq mq
		queue zookeeper zk etcd consul vault es elasticsearch opensearch solr cassandra scylla clickhouse web app api svc
		srv server host node worker pod k8s kube eks gke aks cluster nginx haproxy envoy traefik proxy lb elb alb nlb gw
		gateway fw firewall vpn bastion jumphost dns ns smtp imap mail mta ldap auth sso cdn edge origin storage nas nfs
		backend frontend ci jenkins grafana prometheus logstash master slave replica shard standby vm esx esxi hv kvm
		instance dbserver webserver appserver`)
	// stores and copies make one together: "postgres-primary".
	stores = set("db sql mysql postgres postgresql pg mongo mongodb redis kafka etcd elasticsearch cassandra rabbitmq")
	copies = set("primary secondary master slave replica standby leader follower")
	// gluedRoles need no hyphen and only one digit: "db1".
	gluedRoles = set(`db srv svr redis kafka mysql postgres pgsql mongo lb vm etcd ns mx host server kube worker master slave proxy
		zk elastic dbserver webserver appserver esx esxi rabbitmq haproxy nginx`)
	// paddedRoles need two digits: "web01"; with fewer they are versions.
	paddedRoles = set("web app api www cache mail smtp vpn gw fw node cdn edge dns auth sql queue svc es pg mq app prod prd stg")
	// gluedEndings end a word that a padded number follows: "paydb02".
	gluedEndings = []string{"db", "srv", "svr", "web", "app", "sql", "vm", "node", "host", "server", "api", "lb", "vps", "stor", "rtr", "bras", "olt", "pbx", "esx", "kvm", "hv"}
	// plainNeighbours of an environment make an ordinary word: "prod-ready".
	plainNeighbours = set("ready like grade level only facing quality non pre post in wide day style safe first")
)

// isHostLabel says whether a name without dots is built as machines are named.
func isHostLabel(label string) bool {
	s := strings.ToLower(label)
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == '_' })
	if len(parts) == 0 || len(parts) > 12 {
		return false
	}
	if isMachineIP(parts) || isInstanceID(parts) {
		return true
	}
	// WEB-104 is a ticket and DB2 a product; WEB-01 and DB-PROD-03 are machines.
	shouted := strings.ToUpper(label) == label && count(label, isUpper) > 0
	if len(parts) == 1 {
		word, number := cutNumber(s)
		return isGluedHost(word, number) && !(shouted && len(number) == 1)
	}
	if len(parts) == 2 && shouted && every(parts[1], isDigit) && parts[1][0] != '0' {
		return false
	}
	return isHostOfParts(parts)
}

// isHostOfParts looks for a role with an environment or a number behind it.
func isHostOfParts(parts []string) bool {
	var role, counted, environment, hard, numbered, store, copied bool
	for i, part := range parts {
		word, number := cutNumber(part)
		if word == "" {
			numbered = numbered || i > 0 && (counted || hard) && len(number) <= 4 && !isYear(number)
			continue
		}
		if number != "" && isGluedHost(word, number) {
			return true
		}
		role = role || roles[word]
		counted = counted || numberedRoles[word] && number == ""
		environment = environment || environments[word]
		hard = hard || hardEnvironments[word] && len(parts) > 1 && !besidePlain(parts, i)
		store, copied = store || stores[word], copied || copies[word]
	}
	return role && environment || numbered || hard || store && copied
}

// besidePlain says whether a neighbour of part i makes it an ordinary word.
func besidePlain(parts []string, i int) bool {
	return i > 0 && plainNeighbours[parts[i-1]] || i+1 < len(parts) && plainNeighbours[parts[i+1]]
}

// isGluedHost judges "db1", "web01", "paydb02".
func isGluedHost(word, number string) bool {
	if word == "" || number == "" || len(number) > 4 || isYear(number) {
		return false
	}
	padded := len(number) >= 2 && number[0] == '0'
	if gluedRoles[word] {
		return true
	}
	if paddedRoles[word] && (padded || len(number) >= 3 || word == "web" && len(number) == 2) {
		return true
	}
	if !padded {
		return false
	}
	for _, ending := range gluedEndings {
		if strings.HasSuffix(word, ending) {
			return true
		}
	}
	return false
}

// isMachineIP knows ip-10-0-1-5.
func isMachineIP(parts []string) bool {
	if len(parts) < 5 || parts[0] != "ip" && parts[0] != "ec2" {
		return false
	}
	for _, p := range parts[1:5] {
		if !every(p, isDigit) || len(p) > 3 {
			return false
		}
	}
	return true
}

// isInstanceID knows the provider's names of machines: i-0abc123def4567890.
func isInstanceID(parts []string) bool {
	return len(parts) == 2 && (parts[0] == "i" || parts[0] == "mi") && (len(parts[1]) == 8 || len(parts[1]) == 17) &&
		every(parts[1], isHex) && count(parts[1], isDigit) > 0
}

// namesEnvironment says whether a part of the label is an environment.
func namesEnvironment(label string) bool {
	for _, part := range strings.FieldsFunc(label, func(r rune) bool { return r == '-' || r == '_' }) {
		if word, _ := cutNumber(part); environments[word] {
			return true
		}
	}
	return false
}

// isServiceName says whether a name before a port is a program's, not a word
// before a number.
func isServiceName(s string) bool {
	if strings.IndexByte(s, '-') > 0 || strings.IndexByte(s, '_') > 0 {
		return count(s, isAlpha) > 2
	}
	return numberedRoles[s]
}

// isPodName knows what Kubernetes appends to a name: "-7d9f8b6c5d-x2x9z", or
// five characters alone.
func isPodName(s string) bool {
	if len(s) < 8 || s != strings.ToLower(s) {
		return false
	}
	parts := strings.Split(s, "-")
	n := len(parts)
	if n < 2 || len(parts[n-1]) != 5 || !every(parts[n-1], isAlnum) || count(parts[0], isAlpha) < 2 {
		return false
	}
	last := parts[n-1]
	if n >= 3 {
		hash := parts[n-2]
		if len(hash) >= 6 && len(hash) <= 10 && every(hash, isAlnum) && count(hash, isDigit) >= 2 && count(hash, isAlpha) >= 2 && unnaturalTurns(hash) >= 2 {
			return true
		}
		if len(hash) == 8 && every(hash, isDigit) && every(last, isSafeByte) {
			return true
		}
	}
	return every(last, isSafeByte) && unnaturalTurns(last) >= 3
}

// isSafeByte knows the alphabet of generated names, which can spell no word.
func isSafeByte(b byte) bool { return strings.IndexByte("bcdfghjklmnpqrstvwxz2456789", b) >= 0 }

// cutNumber cuts the digits off the end of a word.
func cutNumber(s string) (word, number string) {
	n := len(s)
	for n > 0 && isDigit(s[n-1]) {
		n--
	}
	return s[:n], s[n:]
}

func isYear(s string) bool {
	return len(s) == 4 && (strings.HasPrefix(s, "19") || strings.HasPrefix(s, "20"))
}
