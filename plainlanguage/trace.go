package plainlanguage

import "strings"

const (
	reasonTrace     = "lines of a stack trace; customers cannot act on them"
	reasonException = "the name of a programming error; say what users notice instead"
	reasonLog       = "a line from a log; say what users notice instead"
	reasonLogPhrase = "the words of an error log; say what users notice instead"
)

// findTraces finds what programs print for their makers.
func (k *checker) findTraces() {
	lines := k.lines()
	k.findStacks(lines)
	for _, line := range lines {
		k.findLogLine(line)
		k.findStatements(line)
	}
	for _, name := range k.names {
		if name.length() > 5 && !k.inLinkTail(name.start) {
			k.findException(name)
		}
	}
	k.findLogPhrases()
}

// findStacks joins neighbouring lines of a stack trace into one finding.
func (k *checker) findStacks(lines []span) {
	var stack span
	for _, line := range lines {
		line = k.stripMarkup(line)
		if line.length() == 0 || line.length() > 2000 || !isStackLine(k.plain[line.start:line.end]) {
			continue
		}
		if stack.end > 0 && strings.Trim(k.plain[stack.end:line.start], " \t\n`>*\"") == "" {
			stack.end = line.end
			continue
		}
		if stack.end > 0 {
			k.leak(RuleTrace, stack, reasonTrace)
		}
		stack = line
	}
	if stack.end > 0 {
		k.leak(RuleTrace, stack, reasonTrace)
	}
}

// stripMarkup takes quote marks, list marks and code marks off a line.
func (k *checker) stripMarkup(line span) span {
	for line.start < line.end && strings.IndexByte("`>*\" ", k.plain[line.start]) >= 0 {
		line.start++
	}
	for line.end > line.start && strings.IndexByte("`\" ", k.plain[line.end-1]) >= 0 {
		line.end--
	}
	return line
}

// stackOpenings begin a line of a trace, whatever follows.
var stackOpenings = []string{
	"Traceback (most recent call last)", "Exception in thread ", "panic: ", "fatal error: ", "PHP Fatal error", "PHP Warning:",
	"PHP Notice:", "PHP Parse error", "Fatal error: Uncaught", "Uncaught Error", "Unhandled exception. ", "Unhandled exception: ", "Unhandled exception at ", "Unhandled Exception: ",
	"Stack trace:", "Stacktrace:", "stack trace:", "--- End of inner exception", "--- End of stack trace", "runtime error: ",
	"[signal SIG", "created by ", "UnhandledPromiseRejection", "The above exception was ", "During handling of the above exception",
	"Segmentation fault (", "thread 'main' panicked",
}

// isStackLine says whether a line comes from a stack trace of one of the usual
// languages.
func isStackLine(line string) bool {
	for _, opening := range stackOpenings {
		if strings.HasPrefix(line, opening) {
			return opening != "created by " || strings.Contains(line, "(") || strings.Contains(line, "goroutine")
		}
	}
	switch {
	case strings.HasPrefix(line, "at "):
		return isCallLine(line[3:])
	case strings.HasPrefix(line, `File "`):
		return strings.Contains(line, `", line `)
	case strings.HasPrefix(line, "goroutine "):
		return strings.Contains(line, " [")
	case strings.HasPrefix(line, "Caused by: "):
		return isQualified(line[len("Caused by: "):])
	case strings.HasPrefix(line, "... "):
		return strings.HasSuffix(line, " more") && len(line) < 20
	case strings.HasPrefix(line, "#"):
		return isNumberedCall(line)
	}
	return strings.Contains(line, ":in `") || strings.Contains(line, ":in '") || strings.Contains(line, ".cs:line ") || isGoFrame(line)
}

// isCallLine judges what follows "at ": Java and .NET name a method and its
// arguments, JavaScript a place in a file.
func isCallLine(s string) bool {
	s = strings.TrimPrefix(strings.TrimPrefix(s, "async "), "new ")
	head, tail, called := strings.Cut(s, "(")
	if called && !strings.Contains(head, " ") && strings.Contains(head, ".") && head != "" && isAlpha(head[0]) {
		return true
	}
	place := head
	if called {
		place = strings.TrimRight(tail, ")")
	}
	return endsInPosition(place) && (called || strings.Contains(place, "/")) || strings.HasPrefix(place, "node:") ||
		called && strings.Contains(head, "<anonymous>")
}

// endsInPosition says whether s ends in a line and a column: "app.js:10:5".
func endsInPosition(s string) bool {
	rest, column, ok := cutLast(s, ':')
	if !ok || !every(column, isDigit) {
		return false
	}
	file, line, ok := cutLast(rest, ':')
	return ok && every(line, isDigit) && file != "" && count(file, isAlpha) > 0
}

// isNumberedCall knows "#0 /var/www/index.php(12): pay()" and "#1 0x00…".
func isNumberedCall(line string) bool {
	number, rest, ok := strings.Cut(line[1:], " ")
	rest = strings.TrimLeft(rest, " ")
	return ok && every(number, isDigit) && (strings.HasPrefix(rest, "{main}") || strings.HasPrefix(rest, "0x") ||
		strings.Contains(rest, "): ") && strings.Contains(rest, "(") || strings.HasPrefix(rest, "[internal function]"))
}

// isQualified knows "com.acme.Foo…" and "FooException: …" at the start of s.
func isQualified(s string) bool {
	name := s[:strings.IndexAny(s+" ", " :")]
	return strings.Count(name, ".") >= 2 || isExceptionName(name)
}

// isGoFrame knows "main.charge(0xc000…)" and "/src/main.go:42 +0x1d".
func isGoFrame(line string) bool {
	file, rest, ok := strings.Cut(line, ".go:")
	if ok && strings.HasPrefix(line, "/") && !strings.Contains(file, " ") && rest != "" && isDigit(rest[0]) {
		return true
	}
	head, arguments, ok := strings.Cut(line, "(0x")
	return ok && strings.Contains(head, ".") && !strings.Contains(head, " ") && strings.HasSuffix(arguments, ")")
}

// findException finds class names of errors and the position in a file that
// goes with them.
func (k *checker) findException(name span) {
	s := k.plain[name.start:name.end]
	if isErrorNumber(s) {
		k.leak(RuleTrace, name, reasonException)
		return
	}
	if k.at(name.end) == ':' && isDigit(k.at(name.end+1)) && hasCodeEnding(s) {
		end := name.end + 1
		for isDigit(k.at(end)) || k.at(end) == ':' && isDigit(k.at(end+1)) {
			end++
		}
		k.leak(RuleTrace, span{name.start, end}, reasonTrace)
		return
	}
	_, last, _ := cutLast("."+s, '.')
	if !isExceptionName(last) {
		return
	}
	end := name.start
	for k.at(name.start-1) == ':' && k.at(name.start-2) == ':' && isAlnum(k.at(name.start-3)) && end-name.start < 100 {
		name.start -= 2
		for isNameByte(k.at(name.start-1)) && end-name.start < 100 {
			name.start--
		}
	}
	k.leak(RuleTrace, name, reasonException)
}

// isExceptionName knows NullPointerException, TypeError, but not Error alone.
func isExceptionName(s string) bool {
	for _, suffix := range []string{"Exception", "Error"} {
		head, ok := strings.CutSuffix(s, suffix)
		if ok && len(head) >= 2 && isUpper(head[0]) && every(head, isAlnum) {
			return true
		}
	}
	return false
}

// isErrorNumber knows the system's names: ECONNREFUSED, SIGSEGV.
func isErrorNumber(s string) bool {
	return errorNumbers[s] || strings.HasPrefix(s, "SQLSTATE") || strings.HasPrefix(s, "ORA-") && len(s) >= 9 && every(s[4:], isDigit)
}

var errorNumbers = set(`ECONNREFUSED ECONNRESET ECONNABORTED ETIMEDOUT ENOTFOUND EPIPE ENOMEM ENOSPC EACCES EADDRINUSE EHOSTUNREACH
	ENETUNREACH EMFILE ENFILE ENOENT EPERM EAGAIN EIO EAI_AGAIN ESOCKETTIMEDOUT ENOTCONN EINVAL EEXIST
	SIGKILL SIGSEGV SIGTERM SIGABRT SIGBUS SIGINT SIGHUP SIGQUIT`)

// hasCodeEnding says whether a file name is one of source code.
func hasCodeEnding(s string) bool {
	_, ending, ok := cutLast(s, '.')
	return ok && sourceEndings[strings.ToLower(ending)]
}

var sourceEndings = set("go py js jsx ts tsx mjs rb java kt scala php cs cpp cc c h rs swift ex erl pl lua groovy sql sh vue")

// cutLast cuts s around the last b.
func cutLast(s string, b byte) (before, after string, found bool) {
	n := strings.LastIndexByte(s, b)
	if n < 0 {
		return s, "", false
	}
	return s[:n], s[n+1:], true
}
