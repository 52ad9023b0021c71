package plainlanguage

import "strings"

var (
	logLevels     = set("ERROR WARN WARNING INFO DEBUG FATAL TRACE CRITICAL SEVERE NOTICE PANIC ERR CRIT EMERG ALERT")
	softLogLevels = set("error warn warning info debug fatal trace critical severe notice panic err crit emerg alert")
)

// findLogLine finds a line of a log, from its time or its first field to its
// end. Something may stand before it: people paste lines into sentences.
func (k *checker) findLogLine(line span) {
	s := k.plain[line.start:line.end]
	if n := structuredLog(k.lower[line.start:line.end]); n >= 0 {
		k.leak(RuleTrace, span{line.start + n, line.end}, reasonLog)
		return
	}
	if n := strings.Index(s, " HTTP/1."); n >= 0 && strings.Contains(s, "\"") {
		if start := strings.LastIndexByte(s[:n], '"'); start >= 0 {
			k.leak(RuleTrace, span{line.start + start, line.end}, reasonLog)
			return
		}
	}
	bare := k.stripMarkup(line)
	b := k.plain[bare.start:bare.end]
	if isKlog(b) {
		k.leak(RuleTrace, bare, reasonLog)
		return
	}
	for i := line.start; i+8 <= line.end; i++ {
		if k.plain[i] != ':' || !k.isClock(i-2) {
			continue
		}
		if i-line.start < 40 && startsWithLevel(b) {
			k.leak(RuleTrace, bare, reasonLog)
			return
		}
		if k.levelFollows(i+6, line.end) || k.isSyslog(i-2, line) {
			k.leak(RuleTrace, span{k.stampStart(i-2, line.start), line.end}, reasonLog)
			return
		}
	}
	k.findLevelPrefix(bare)
}

// structuredLog is where a log in fields begins in a line, or -1.
func structuredLog(lower string) int {
	if n := strings.Index(lower, `"level":`); n >= 0 && strings.Contains(lower, `"msg"`) || n >= 0 && strings.Contains(lower, `"message"`) {
		return max(0, strings.IndexByte(lower[:n+1], '{'))
	}
	n := strings.Index(lower, "level=")
	if n < 0 || n > 0 && isAlnum(lower[n-1]) {
		return -1
	}
	value := lower[n+6:]
	if softLogLevels[value[:wordLength(value)]] {
		if start := strings.Index(lower[:n], "time="); start >= 0 {
			return start
		}
		return n
	}
	return -1
}

func wordLength(s string) int {
	n := 0
	for n < len(s) && isAlpha(s[n]) {
		n++
	}
	return n
}

// isKlog knows "E0501 10:42:11.123456  1 controller.go:114] …".
func isKlog(s string) bool {
	return len(s) > 20 && strings.IndexByte("IWEF", s[0]) >= 0 && every(s[1:5], isDigit) && s[5] == ' ' && isDigit(s[6]) && s[8] == ':'
}

// startsWithLevel knows "ERROR 2024-05-01 …" and "[WARN] 10:42:11 …".
func startsWithLevel(s string) bool {
	s = strings.TrimPrefix(s, "[")
	n := wordLength(s)
	return logLevels[s[:n]] && n < len(s) && strings.IndexByte(" ]:", s[n]) >= 0 && s[:n] != "ALERT" && s[:n] != "NOTICE"
}

// isClock says whether HH:MM:SS begins at i.
func (k *checker) isClock(i int) bool {
	for n, want := range "00:00:00" {
		b := k.at(i + n)
		if want == ':' && b != ':' || want == '0' && !isDigit(b) {
			return false
		}
	}
	return !isDigit(k.at(i-1)) && !isDigit(k.at(i+8))
}

// levelFollows says whether a log level stands soon after a time: in capitals,
// or in brackets.
func (k *checker) levelFollows(i, end int) bool {
	for limit := min(end, i+60); i < limit; i++ {
		if !isAlpha(k.plain[i]) || isAlnum(k.at(i-1)) {
			continue
		}
		start := i
		for isAlpha(k.at(i)) {
			i++
		}
		word := k.plain[start:i]
		if logLevels[word] || softLogLevels[word] && k.at(start-1) == '[' && k.at(i) == ']' {
			return true
		}
	}
	return false
}

// isSyslog knows a time that a machine and a process with its number follow:
// "May  1 10:42:11 web01 nginx[123]: …".
func (k *checker) isSyslog(clock int, line span) bool {
	tail := k.plain[clock:min(line.end, clock+120)]
	n := strings.Index(tail, "]: ")
	if n < 0 {
		return false
	}
	open := strings.LastIndexByte(tail[:n], '[')
	return open > 0 && every(tail[open+1:n], isDigit) && isAlnum(tail[open-1])
}

// stampStart goes back from a clock to the date before it and a bracket around.
func (k *checker) stampStart(i, lineStart int) int {
	for i > lineStart && (isDigit(k.plain[i-1]) || strings.IndexByte("-/:T[.", k.plain[i-1]) >= 0 ||
		k.plain[i-1] == ' ' && isDigit(k.at(i-2))) {
		i--
	}
	if month, start := k.wordBefore(i); start >= lineStart && months[month] {
		return start
	}
	return i
}

var months = set("jan feb mar apr may jun jul aug sep oct nov dec")

// findLevelPrefix knows "[ERROR] …", "ERROR:root:…" and Postgres' "FATAL:  …".
func (k *checker) findLevelPrefix(line span) {
	s := k.plain[line.start:line.end]
	bracketed := strings.HasPrefix(s, "[")
	word := s[len(s)-len(strings.TrimLeft(s, "[")):]
	word = word[:wordLength(word)]
	if !logLevels[word] || word == "NOTICE" || word == "ALERT" || word == "INFO" || word == "WARNING" {
		return
	}
	rest := s[len(word):]
	if bracketed {
		rest = s[min(len(s), len(word)+1):]
	}
	if bracketed && strings.HasPrefix(rest, "]") && word != "CRITICAL" || strings.HasPrefix(rest, ":root:") ||
		strings.HasPrefix(rest, ":  ") || word == "FATAL" && strings.HasPrefix(rest, ":") {
		k.leak(RuleTrace, line, reasonLog)
	}
}

// logPhrases are sentences that only programs say. Each is found by one search
// of the text.
var logPhrases = []string{
	"context deadline exceeded", "dial tcp", "i/o timeout", "connection reset by peer", "broken pipe", "no such host",
	"no route to host", "too many open files", "cannot allocate memory", "oom-killer", "core dumped",
	"nil pointer dereference", "undefined is not a function", "cannot read property", "cannot read properties of",
	"deadlock detected", "deadlock found", "duplicate key value", "duplicate entry '", "violates unique constraint", "violates foreign key",
	"violates not-null", "sqlstate", "syntax error at or near", "error in your sql syntax", "lock wait timeout", "canceling statement due to",
	"could not serialize access", "remaining connection slots", "no such table", "permission denied for table", "permission denied for relation",
	"exited with code ", "exit code ", "exit status ",
	"econnrefused", "connection refused", "upstream timed out (", "while reading response header", "while connecting to upstream", "x509: ", "java.lang.", "segfault at", "stack overflow at", "tls handshake timeout", "upstream prematurely closed",
	"fatal error: uncaught", "fatal: unable to", "[emerg] ", "[crit] ", "undefined method ", "undefined local variable", "object reference not set", "index out of range", "index out of bounds",
	"maximum call stack size", "allowed memory size of", "stack level too deep", "unexpected token ", "module not found", "no module named", "most recent call last", "signal: killed", "out of memory: kill",
}

func (k *checker) findLogPhrases() {
	for _, phrase := range logPhrases {
		for at := 0; ; {
			n := strings.Index(k.lower[at:], phrase)
			if n < 0 {
				break
			}
			s := span{at + n, at + n + len(phrase)}
			at = s.end
			for isNameByte(k.at(s.end)) {
				s.end++
			}
			s = k.trim(s, " .-'")
			if !isWordByte(k.at(s.start-1)) && !k.inLinkTail(s.start) {
				k.leak(RuleTrace, s, reasonLogPhrase)
			}
		}
	}
}
