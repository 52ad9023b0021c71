package plainlanguage

import (
	"cmp"
	"slices"
)

// Level is how much a finding weighs.
type Level string

// An error stops publishing unless it is overridden with a reason, a warning is
// shown, a hint is shown last.
const (
	LevelError   Level = "error"
	LevelWarning Level = "warning"
	LevelHint    Level = "hint"
)

// rank orders levels, the gravest first.
func (l Level) rank() int {
	return slices.Index([]Level{LevelError, LevelWarning, LevelHint}, l)
}

// Rule names the rule that a finding comes from. The ids are part of the
// interface: programs switch on them.
type Rule string

// The leak rules (secret to path) hold for every reader; see Rule.leak.
const (
	RuleSecret         Rule = "secret"
	RulePersonalData   Rule = "personal-data"
	RulePlaceholder    Rule = "placeholder"
	RuleTrace          Rule = "trace"
	RuleHost           Rule = "host"
	RuleAddress        Rule = "address"
	RuleCommand        Rule = "command"
	RulePath           Rule = "path"
	RuleIdentifier     Rule = "identifier"
	RuleInternalName   Rule = "internal-name"
	RuleStatusCode     Rule = "status-code"
	RulePromise        Rule = "promise"
	RuleInfrastructure Rule = "infrastructure"
	RuleTooling        Rule = "tooling"
	RuleShopTalk       Rule = "shop-talk"
	RuleAcronym        Rule = "acronym"
	RuleContradiction  Rule = "contradiction"
	RuleBlame          Rule = "blame"
	RuleEarlyCause     Rule = "early-cause"
	RuleHedging        Rule = "hedging"
	RuleTime           Rule = "time"
	RuleNoNews         Rule = "no-news"
	RuleStockPhrase    Rule = "stock-phrase"
	RuleLength         Rule = "length"
	RuleReadability    Rule = "readability"
)

// claimOrder is the order in which rules claim a place in the text: of two
// findings about the same words only the one that is named first is told.
var claimOrder = []Rule{
	RuleSecret, RulePersonalData, RulePlaceholder, RuleTrace, RuleHost, RuleAddress,
	RuleCommand, RulePath, RuleInternalName, RuleIdentifier,
	RuleStatusCode, RulePromise, RuleContradiction, RuleBlame, RuleInfrastructure, RuleTooling, RuleShopTalk, RuleAcronym,
	RuleEarlyCause, RuleTime, RuleStockPhrase, RuleHedging, RuleNoNews, RuleLength, RuleReadability,
}

// leak says whether the rule is about something that must not get out. No
// exemption switches such a rule off: not quoting, not an allowed word.
func (r Rule) leak() bool {
	switch r {
	case RuleSecret, RulePersonalData, RulePlaceholder, RuleTrace, RuleHost, RuleAddress,
		RuleCommand, RulePath, RuleIdentifier:
		return true
	default:
		return false
	}
}

// Finding is one place in a text that does not suit its readers. Start and End
// count Unicode code points of the field's text; End is exclusive.
type Finding struct {
	Rule  Rule   `json:"rule"`
	Level Level  `json:"level"`
	Field string `json:"field"`
	Start int    `json:"start"`
	End   int    `json:"end"`
	// Text is what was found; secrets, card and account numbers in it are
	// cut to their first four characters.
	Text   string `json:"text"`
	Reason string `json:"reason"`
	// Replacement is what to write instead; nil when there is nothing good.
	Replacement *string `json:"replacement"`
	// fits says that the replacement can stand in the sentence as it is.
	fits bool
	// noun says that it stands for a noun.
	noun bool
}

// Blocking says whether any of the findings is an error.
func Blocking(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Level == LevelError })
}

// sortFindings puts errors first, then warnings, then hints, each in the order
// of the text.
func sortFindings(findings []Finding) {
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Level.rank(), b.Level.rank()), cmp.Compare(a.Start, b.Start))
	})
}
