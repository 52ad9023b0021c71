package stakeholders

// Rule names what decided, so that "why would she (not) get this?" has an
// answer: a cell of the table or one of the rules over it (ROUTING.md).
type Rule string

// The rules over the table, by their numbers, and the table itself.
const (
	RuleTable     Rule = "table"
	RuleConsent   Rule = "1 consent"
	RuleClosure   Rule = "2 closure"
	RuleScope     Rule = "3 scope"
	RuleOnePerson Rule = "4 one message per person"
	RuleQuiet     Rule = "5 quiet hours"
	RuleSupersede Rule = "6 supersede"
	RuleCatchUp   Rule = "7 catch-up"
	RuleNarrowing Rule = "8 widening"
	RuleRaised    Rule = "table, catch-up"
)
