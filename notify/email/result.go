package email

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/allclear-status/allclear/notify"
)

// result is what a fault means for the recipient.
func (f *fault) result() notify.Result {
	outcome := f.outcome()
	return notify.Result{Outcome: outcome, Answer: limit(f.String()), Busy: outcome == notify.RateLimited || f.code == 421}
}

// String is the fault for the ledger.
func (f *fault) String() string {
	if f.code == 0 || f.stage == stageNone {
		return fmt.Sprintf("%s: %s", f.stage, f.words)
	}
	return fmt.Sprintf("%s: %d %s", f.stage, f.code, f.words)
}

func (f *fault) outcome() notify.Outcome {
	switch {
	case f.code == 0 && f.stage == stageDot:
		return notify.UncertainSent
	case f.code >= 400 && f.code < 500 && rateAnswer.MatchString(f.words):
		return notify.RateLimited
	case f.code >= 500 && !f.channels():
		return notify.Permanent
	default:
		return notify.Transient
	}
}

// rateAnswer is the enhanced code by which servers say: too much, too fast.
var rateAnswer = regexp.MustCompile(`^4\.7\.\d`)

// channels says whether a refusal is about us and not about the recipient: the
// sender is refused, we should have signed in or encrypted, or we are not
// understood. That is mended by the operator, and the message is then due.
func (f *fault) channels() bool {
	switch f.code {
	case 500, 501, 502, 503, 504, 530, 534, 535, 538:
		return f.stage != stageDot
	default:
		return f.stage == stageMail
	}
}

const maxAnswer = 300 // bytes

// limit shortens an answer for the ledger.
func limit(text string) string {
	if len(text) <= maxAnswer {
		return text
	}
	return strings.ToValidUTF8(text[:maxAnswer-len("…")], "") + "…"
}

// scrubber takes the password out of what a server says, in the forms in which
// it travels.
type scrubber struct {
	secrets *strings.Replacer
}

func newScrubber(s Server) scrubber {
	if s.Password == "" {
		return scrubber{strings.NewReplacer()}
	}
	encode := base64.StdEncoding.EncodeToString
	pairs := []string{}
	for _, secret := range []string{
		encode([]byte("\x00" + s.User + "\x00" + s.Password)), encode([]byte(s.Password)), s.Password,
	} {
		pairs = append(pairs, secret, "***")
	}
	return scrubber{strings.NewReplacer(pairs...)}
}

// clean makes a server's words fit for the ledger: one line, no control
// characters, no password, not long.
func (s scrubber) clean(text string) string {
	text = s.secrets.Replace(strings.ToValidUTF8(text, "?"))
	return limit(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, text))
}
