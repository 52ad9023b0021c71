package plainlanguage

import "strings"

const reasonTheirCommand = "a command that only developers type; say what works and what does not"

// customersCommands are typed by those who build on a service, too.
var customersCommands = map[string]map[string]bool{
	"git": set("push pull clone fetch commit"), "npm": set("install publish ci login audit"), "yarn": set("install add"), "pip": set("install"),
	"docker": set("pull push build login"), "brew": set("install"), "cargo": set("build publish install"), "gem": set("install push"), "composer": set("install update require"),
	"heroku": set("run login logs"), "pnpm": set("install add"), "apt": set("install update"),
}

const reasonCommand = "a command for our machines; customers cannot act on it"

// tools are commands. Those with no words behind them are never words of a
// sentence; the others are commands only before one of those words or a flag.
var tools = map[string]map[string]bool{
	"kubectl": nil, "systemctl": nil, "journalctl": nil, "redis-cli": nil, "pg_dump": nil, "pg_ctl": nil, "pg_restore": nil, "mysqldump": nil,
	"mongosh": nil, "rabbitmqctl": nil, "supervisorctl": nil, "nodetool": nil, "etcdctl": nil, "kubeadm": nil, "ansible-playbook": nil,
	"docker-compose": nil, "apt-get": nil, "crontab": nil, "iptables": nil, "tcpdump": nil, "strace": nil, "chmod": nil, "chown": nil, "psql": nil,
	"gcloud": nil, "lsof": nil, "netstat": nil, "npx": nil, "sudo": nil, "kubectx": nil, "mysqladmin": nil, "eksctl": nil, "minikube": nil,
	"docker":    set("ps exec run restart stop start compose logs pull push build kill rm system inspect"),
	"podman":    set("ps exec run restart stop start logs pull"),
	"git":       set("push pull revert checkout commit merge rebase reset clone cherry-pick bisect blame log diff fetch stash"),
	"helm":      set("upgrade rollback install uninstall"),
	"terraform": set("apply plan destroy init import taint"),
	"npm":       set("install run ci start publish"),
	"yarn":      set("install build run add"),
	"pip":       set("install"), "pip3": set("install"), "brew": set("install services"),
	"apt": set("install update upgrade"), "yum": set("install update"),
	"aws": set("s3 ec2 rds ecs eks lambda iam logs sts"), "az": set("vm aks login group"),
	"vault": set("kv read write login operator"), "heroku": set("ps restart logs run"), "pm2": set("restart logs stop start"),
	"nginx": set(""), "mysql": set(""), "mongo": set(""), "curl": set(""), "wget": set(""), "rsync": set(""), "grep": set(""), "tail": set(""),
	"rm": set(""), "kill": set(""), "ps": set("aux"), "df": set(""), "du": set(""), "java": set(""), "python": set(""), "python3": set(""),
	"ssh": set(""), "scp": set(""), "tar": set(""), "rake": set("db"), "rails": set("db"), "cargo": set("build run"), "redis-benchmark": set(""),
}

// codeTools are commands when they begin a code span of several words.
var codeTools = set(`make go service node ls cat top cd cp mv vi vim nano ping dig bash sh source export find xargs php ruby bundle
	mvn gradle ansible puppet chef systemd consul nomad kill killall pkill reboot shutdown top htop free mount umount ip ifconfig`)

// commandWords may follow a tool and belong to it.
var commandWords = set(`get delete rollout restart apply describe logs exec scale drain cordon uncordon patch edit create stop start status
	reload enable disable pods pod deployment deployments nodes node deploy svc service services configmap install run build push pull
	undo top set rm ls cp mv sync flushall flushdb info aux compose up down upgrade rollback revert reset main master head origin ps
	s3 ec2 rds ecs eks lambda iam sts vm aks kv read write db migrate hard force`)

// soleFlags are flags that need no command to be known as such.
var soleFlags = set("force help verbose debug recursive version quiet yes")

// findCommands finds what people type to machines.
func (k *checker) findCommands() {
	for _, name := range k.names {
		s := k.lower[name.start:name.end]
		words, known := tools[s]
		if _, inLink := k.linkAt(name.start); inLink {
			continue
		}
		switch {
		case k.at(name.start-1) == '`' && (known || codeTools[s]) && k.at(name.end) == ' ' && k.closing(name.end, '`') > 0:
			k.leak(RuleCommand, span{name.start, k.closing(name.end, '`')}, reasonCommand)
		case k.isCustomersCommand(name):
			k.known(span{name.start, k.commandEnd(name.end)}, reasonTheirCommand)
		case known && (words == nil || !isUpper(k.plain[name.start]) && k.commandFollows(words, name)):
			k.leak(RuleCommand, span{name.start, k.commandEnd(name.end)}, reasonCommand)
		case k.at(name.start-1) == '-' && k.at(name.start-2) == '-' && isFlagName(s) && !isWordByte(k.at(name.start-3)) && k.at(name.start-3) != '-':
			k.leak(RuleCommand, span{name.start - 2, name.end}, reasonCommand)
		case k.at(name.start-1) == ' ' && k.at(name.start-2) == '$' && isLower(k.plain[name.start]) && isLineStart(k.plain, name.start-2):
			k.leak(RuleCommand, k.trim(span{name.start, k.lineEnd(name.start)}, " `"), reasonCommand)
		}
	}
}

// isCustomersCommand knows "npm install", with no more behind it than a
// sentence has.
func (k *checker) isCustomersCommand(name span) bool {
	verbs := customersCommands[k.lower[name.start:name.end]]
	if verbs == nil || k.at(name.end) != ' ' {
		return false
	}
	token := k.trimSentence(k.token(name.end + 1))
	if !verbs[k.lower[token.start:token.end]] {
		return false
	}
	next := k.token(token.end + 1)
	return k.at(token.end) != ' ' || !tokenIsTechnical(k.lower[next.start:next.end])
}

// isFlagName tells "--dry-run" from a word behind two hyphens.
func isFlagName(s string) bool {
	return soleFlags[s] || strings.IndexByte(s, '-') > 0 && isLower(s[0])
}

// commandFollows says whether what stands behind a tool makes it a command.
func (k *checker) commandFollows(words map[string]bool, name span) bool {
	if k.at(name.end) != ' ' {
		return false
	}
	token := k.token(name.end + 1)
	s := k.lower[token.start:token.end]
	switch k.lower[name.start:name.end] {
	case "ssh", "scp":
		return strings.IndexByte(s, '@') > 0 || isHostLabel(s) || hasInternalSuffix(s) || isAddressText(s) || isFlag(s)
	case "curl", "wget":
		return isFlag(s) || strings.HasPrefix(s, "http") || strings.HasPrefix(s, "localhost")
	case "python", "python3":
		return isFlag(s) || strings.HasSuffix(s, ".py")
	case "kill":
		return isFlag(s) || len(s) >= 3 && every(s, isDigit)
	}
	return words[s] || isFlag(s)
}

// isFlag knows -x and --xyz.
func isFlag(s string) bool {
	letters := strings.TrimLeft(s, "-")
	return len(s)-len(letters) >= 1 && len(s)-len(letters) <= 2 && letters != "" && isAlnum(letters[0])
}

// token is the run of bytes other than blanks that begins at i.
func (k *checker) token(i int) span {
	end := i
	for end < len(k.plain) && end-i < 120 && k.plain[end] > ' ' && k.plain[end] != '`' && k.plain[end] != '"' {
		end++
	}
	return span{i, end}
}

// commandEnd goes on over the words and flags that belong to a command.
func (k *checker) commandEnd(i int) int {
	for range 20 {
		if k.at(i) != ' ' {
			break
		}
		token := k.token(i + 1)
		s := k.trimSentence(token)
		p := k.lower[s.start:s.end]
		if s.length() == 0 || !commandWords[p] && !tokenIsTechnical(p) {
			break
		}
		i = s.end
		if s != token {
			break
		}
	}
	return i
}

// trimSentence takes the marks of a sentence off the end of a word.
func (k *checker) trimSentence(s span) span {
	for s.end > s.start && strings.IndexByte(".,;:!?)*", k.plain[s.end-1]) >= 0 {
		s.end--
	}
	return s
}

// tokenIsTechnical says whether no sentence holds such a word.
func tokenIsTechnical(s string) bool {
	return isFlag(s) || strings.ContainsAny(s, "/=_@|$*") || strings.IndexByte(s, '-') > 0 && count(s, isAlnum) > 0 || s == ">" || s == "|" || s == "-"
}
