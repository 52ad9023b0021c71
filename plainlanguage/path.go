package plainlanguage

import "strings"

const reasonPath = "a file or folder on our machines; customers cannot act on it"

var (
	// roots begin the paths of a machine; alone they are enough when no page
	// of a product is called so.
	roots      = set("var etc usr opt tmp srv mnt proc sys boot lib lib64 bin sbin dev home root log logs run")
	aloneRoots = set("var etc usr opt tmp mnt proc")
	// machineEndings end files that customers do not have.
	machineEndings = set(`yaml yml toml ini conf cfg log sql java kt jar war php py rb sh ps1 bat tf tfvars hcl dll properties bak sock pid pem
		crt lock json go js jsx ts tsx mjs cpp scala gradle service timer env sqlite rdb aof hprof pcap so dump tmpl`)
	// frameworks are spelled like files and are none.
	frameworks = set("node next vue nuxt react angular three express d3 chart ember backbone socket alpine p5 moment discord asp knockout")
	// storeSchemes lead to files of ours.
	storeSchemes = set("s3 s3a gs file hdfs abfs abfss oss dbfs wasb unix jar")
)

// findPaths finds files and folders of our machines.
func (k *checker) findPaths() {
	for _, l := range k.links {
		if storeSchemes[l.scheme] {
			k.leak(RulePath, l.span, reasonPath)
		}
	}
	for i := 0; i < len(k.plain); i++ {
		switch k.plain[i] {
		case '/':
			i = max(i, k.findUnixPath(i)-1)
		case '\\':
			i = max(i, k.findWindowsPath(i)-1)
		}
	}
	own := newOwnAddresses(k.context.PublicAddresses)
	for _, name := range k.names {
		_, inLink := k.linkAt(name.start)
		if n := strings.IndexByte(k.plain[name.start:name.end], '.'); n >= 0 || k.at(name.start-1) == '.' {
			if !inLink && !own.exactly(k.lower[name.start:name.end]) {
				k.findFile(name)
			}
		}
	}
}

// findUnixPath looks at the path that the slash at i begins, with a tilde or
// dots before it, and returns where it ends.
func (k *checker) findUnixPath(i int) int {
	start := i
	for start > 0 && i-start < 2 && strings.IndexByte("~.", k.plain[start-1]) >= 0 {
		start--
	}
	end := i
	for end < len(k.plain) && isPathByte(k.plain[end]) {
		end++
	}
	s := k.trim(span{start, end}, "-")
	for s.end > s.start && strings.IndexByte(".:*_", k.plain[s.end-1]) >= 0 {
		s.end--
	}
	before := k.at(start - 1)
	if _, inLink := k.linkAt(i); inLink || isWordByte(before) || strings.IndexByte("/:.<)]-_%", before) >= 0 || before == '(' && k.at(start-2) == ']' {
		return end
	}
	if k.isMachinePath(k.plain[i:s.end], i-start) {
		k.leak(RulePath, s, reasonPath)
	}
	return end
}

// isMachinePath judges a path by its first folder, its last file, or the tilde
// or dots (so many) that stand before it.
func (k *checker) isMachinePath(p string, prefix int) bool {
	parts := strings.Split(strings.Trim(p, "/"), "/")
	if parts[0] == "" {
		return false
	}
	if prefix > 0 {
		return isAlpha(parts[0][0]) || parts[0][0] == '.'
	}
	_, ending, dotted := cutLast(parts[len(parts)-1], '.')
	return roots[parts[0]] && len(parts) >= 2 || aloneRoots[parts[0]] || dotted && machineEndings[strings.ToLower(ending)]
}

// findWindowsPath looks at C:\folder and \\machine\folder.
func (k *checker) findWindowsPath(i int) int {
	end := i
	for end < len(k.plain) && (isPathByte(k.plain[end]) || k.plain[end] == '\\') {
		end++
	}
	start := -1
	switch {
	case k.at(i-1) == ':' && isAlpha(k.at(i-2)) && !isWordByte(k.at(i-3)):
		start = i - 2
	case k.at(i+1) == '\\' && isAlnum(k.at(i+2)) && !isWordByte(k.at(i-1)):
		start = i
	}
	if start >= 0 && end > i {
		s := span{start, end}
		for s.end > i+1 && strings.IndexByte(".:*_", k.plain[s.end-1]) >= 0 {
			s.end--
		}
		k.leak(RulePath, s, reasonPath)
	}
	return end
}

// findFile looks at a file's name by its ending: nginx.conf, src/App.java.
func (k *checker) findFile(name span) {
	s := k.lower[name.start:name.end]
	if s == "env" || strings.HasPrefix(s, "env.") {
		if k.at(name.start-1) == '.' && !isWordByte(k.at(name.start-2)) && k.at(name.start-2) != '.' {
			k.leak(RulePath, span{name.start - 1, name.end}, reasonPath)
		}
		return
	}
	stem, ending, _ := cutLast(s, '.')
	if !machineEndings[ending] || stem == "" || ending == "js" && frameworks[stem] || count(stem, isAlpha) == 0 || stem == "socket" {
		return
	}
	for name.start > 0 && len(s) < 200 && (isNameByte(k.plain[name.start-1]) || k.plain[name.start-1] == '/') {
		if name.end-name.start > 200 {
			break
		}
		name.start--
	}
	k.leak(RulePath, k.trim(name, "/-_"), reasonPath)
}

func isPathByte(b byte) bool {
	return isNameByte(b) || b == letterByte || strings.IndexByte("/@+~*$%=:", b) >= 0
}
