package stakeholders

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

var update = flag.Bool("update", false, "rewrite policy.schema.json")

type object = map[string]any

// schemaOfPolicy writes the schema from what the parser knows.
func schemaOfPolicy() object {
	perImpact := func(what string) object {
		properties := object{}
		for _, impact := range columns {
			properties[string(impact)] = object{"$ref": "#/definitions/time"}
		}
		return object{"type": []string{"object", "null"}, "description": what, "additionalProperties": false, "properties": properties}
	}
	times := func(what string, names ...string) object {
		properties := object{}
		for _, name := range names {
			properties[name] = object{"$ref": "#/definitions/time"}
		}
		return object{"type": []string{"object", "null"}, "description": what, "additionalProperties": false, "properties": properties}
	}
	cells := object{}
	for _, q := range quadrants {
		cells[string(q)] = object{"$ref": "#/definitions/cell"}
	}
	table := object{}
	for _, row := range rows {
		table[string(row)] = object{"$ref": "#/definitions/row"}
	}
	class := `[A-VX-Z](?:\+calendar)?`
	timing := `(?:told|delayed|day|` + minutePattern + `m|1/` + minutePattern + `|>` + minutePattern + `)`
	entry := `(?:` + class + `(?:\s+` + class + `)*(?:\s+` + timing + `)*|(?:` + timing + `\s+)*told(?:\s+` + timing + `)*)`
	cell := `(?:–|-|` + entry + `(?:\s*,\s*` + entry + `)*)`
	grade := func(impacts ...string) object {
		return object{
			"type": "object", "required": []string{"means"}, "additionalProperties": false,
			"properties": object{
				"display": object{"type": "string", "description": "The name that readers see."},
				"impact":  object{"enum": impacts, "description": "Which impact it is."},
				"means":   object{"type": "string", "minLength": 1, "description": "When something is this grade, in plain words."},
			},
		}
	}
	return object{
		"$schema": "http://json-schema.org/draft-07/schema#", "title": "Allclear policy",
		"description": "What each quadrant is owed, and when.", "type": "object",
		"additionalProperties": false, "required": []string{"name", "table"},
		"properties": object{
			"name":          object{"type": "string", "minLength": 1, "maxLength": 255},
			"next_update":   perImpact("How long until the next update is promised."),
			"first_post":    perImpact("How long after an incident was taken in the first public update is due."),
			"long_incident": times("After which time a long incident may be declared, and how often it then owes an update.", "after", "every"),
			"reminders":     times("When an incident's own people are reminded of an update.", "before", "manager_after", "deputy_after"),
			"digest_at":     object{"type": "string", "pattern": `^(?:[01][0-9]|2[0-3]):[0-5][0-9]$`, "description": "When the daily digest goes out, where the person is."},
			"show_grades":   object{"type": "boolean", "description": "Whether the public page says what the grades mean."},
			"grades": object{
				"type": []string{"object", "null"}, "description": "What the impacts are called here and what they mean; one for each impact.",
				"minProperties": len(columns), "maxProperties": len(columns),
				"propertyNames":        object{"not": object{"enum": []string{"none", "maintenance"}}},
				"properties":           object{"critical": grade("critical"), "major": grade("major"), "minor": grade("minor")},
				"patternProperties":    object{gradeName.String(): grade("critical", "major", "minor")},
				"additionalProperties": false,
			},
			"channels": object{
				"type": []string{"object", "null"}, "description": "Letters of one's own, with the channels that they stand for in the cells.",
				"additionalProperties": false,
				"patternProperties": object{`^[A-OQ-VX-Z]$`: object{
					"type": "array", "minItems": 1, "uniqueItems": true, "items": object{"enum": channelNames()},
				}},
			},
			"table": object{"type": "object", "required": rowNames(), "additionalProperties": false, "properties": table},
		},
		"definitions": object{
			"time": object{"type": "string", "pattern": timePattern, "description": "A time from 1m to 24h, such as 15m or 1h30m."},
			"row":  object{"type": "object", "required": quadrantNames(), "additionalProperties": false, "properties": cells},
			"cell": object{
				"type": "string", "pattern": `^\s*` + cell + `(?:\s+/\s+` + cell + `\s+/\s+` + cell + `)?\s*$`,
				"description": "critical / major / minor, or one value for all. Channels: E email, C chat, S SMS, P the one that the person chose. " +
					"Timings: none for now, 15m hold, 1/60 at most one in 60 minutes, >30 if still open after 30 minutes, day in the daily digest, " +
					"told only to those told before, delayed only to those told of a delay. A comma starts a new list of channels. – for nothing.",
				"examples": []string{"E C S / E C / C, E >30", "P 1/60 / P 1/60 / –", "told", "–"},
			},
		},
	}
}

func TestPolicySchemaIsThatOfTheParser(t *testing.T) {
	var want bytes.Buffer
	encoder := json.NewEncoder(&want)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(schemaOfPolicy()); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("policy.schema.json", want.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want.String() != string(PolicySchema()) {
		t.Error("policy.schema.json is not what the parser reads; run: go test ./stakeholders -run TestPolicySchema -update")
	}
}

// example is a policy with something put into the default one.
type example struct {
	name     string
	old, new string
	// words are of the fault; empty: there is none.
	words string
	// subtle faults are beyond what a schema can tell.
	subtle bool
}

func (e example) document(t *testing.T) string {
	t.Helper()
	before, after, found := strings.Cut(string(DefaultPolicyDocument()), e.old)
	if !found {
		t.Fatalf("no %q in the default policy", e.old)
	}
	return before + e.new + after
}

const (
	oneCell    = "C, E 1/30 / C, E 1/60 / C\n" // of update, manage_closely
	oneGrade   = "  major: {means: Use is degraded.}\n"
	noChannels = "show_grades: false\n"
)

var examples = []example{
	{name: "the default"},
	{name: "one value", old: oneCell, new: "E\n"},
	{name: "dash", old: oneCell, new: "E / - / –\n"},
	{name: "spaces", old: oneCell, new: "\"  E   C  15m ,S told  /  –  / C,E  \"\n"},
	{name: "every timing", old: oneCell, new: "E 15m 1/60 told, C >1440, S day delayed, told 1m\n"},
	{name: "calendar", old: oneCell, new: "E+calendar P\n"},
	{name: "no promises", old: "next_update:\n  critical: 15m\n  major: 30m\n  minor: 30m\n", new: ""},
	{name: "times", old: "{after: 2h, every: 60m}", new: "{after: 1h30m, every: 24h}"},
	{name: "average", old: oneGrade, new: "  average: {means: Use is degraded., display: Medium, impact: major}\n"},
	{name: "letter", old: noChannels, new: "channels: {T: [slack, sms]}\n"},
	{name: "letter used", old: oneCell, new: "E / C / T\n", words: "letter of your own", subtle: true},

	{name: "unknown field", old: noChannels, new: "colour: red\n", words: "unknown field"},
	{name: "no name", old: "name: Default policy\n", new: "", words: "name is missing"},
	{name: "no table", old: "table:\n", new: "tables:\n", words: "table is missing"},
	{name: "table a text", old: "table:\n", new: "table: all\nmore:\n", words: "must be names with values"},
	{name: "no row", old: "  resolved:\n", new: "  solved:\n", words: "table.resolved is missing"},
	{name: "no cell", old: "    manage_closely: " + oneCell, new: "", words: "table.update.manage_closely is missing"},
	{name: "cell without a value", old: oneCell, new: "\n", words: "table.update.manage_closely is missing"},
	{name: "cell a list", old: oneCell, new: "[E, C]\n", words: "must be a plain text"},
	{name: "unknown quadrant", old: "    manage_closely: " + oneCell, new: "    manage_closely: E\n    bystanders: E\n", words: "not a quadrant"},
	{name: "empty cell", old: oneCell, new: "\"\"\n", words: "names no channel"},
	{name: "only a timing", old: oneCell, new: "15m\n", words: "names no channel"},
	{name: "two values", old: oneCell, new: "E / C\n", words: "one value, or three"},
	{name: "four values", old: oneCell, new: "E / C / S / P\n", words: "one value, or three"},
	{name: "small letter", old: oneCell, new: "e\n", words: "neither a channel"},
	{name: "webhook's letter", old: oneCell, new: "W\n", words: "neither a channel"},
	{name: "unknown timing", old: oneCell, new: "E soon\n", words: "neither a channel"},
	{name: "channel twice", old: oneCell, new: "E, C 15m, E >30\n", words: "E stands twice", subtle: true},
	{name: "timing before its channel", old: oneCell, new: "15m E\n", words: "put a comma before it"},
	{name: "channel behind a timing", old: oneCell, new: "C 15m E\n", words: "put a comma before it"},
	{name: "hold and wait", old: oneCell, new: "E 15m >30\n", words: "holds and waits at once", subtle: true},
	{name: "digest with an hour", old: oneCell, new: "E day 15m\n", words: "its own hour", subtle: true},
	{name: "timing twice", old: oneCell, new: "E 15m 20m\n", words: "says again", subtle: true},
	{name: "minutes zero", old: oneCell, new: "E 0m\n", words: "whole number from 1 to 1440"},
	{name: "minutes above a day", old: oneCell, new: "E 1/1441\n", words: "whole number from 1 to 1440"},
	{name: "minutes with a zero before", old: oneCell, new: "E >030\n", words: "whole number from 1 to 1440"},
	{name: "nothing and something", old: oneCell, new: "E, –\n", words: "neither a channel"},
	{name: "promise of nothing", old: "critical: 15m", new: "critical: 0m", words: "a time from 1m to 24h"},
	{name: "promise too late", old: "critical: 15m", new: "critical: 25h", words: "a time from 1m to 24h"},
	{name: "promise in seconds", old: "critical: 15m", new: "critical: 90s", words: "a time from 1m to 24h"},
	{name: "promise a number", old: "critical: 15m", new: "critical: 15", words: "a time from 1m to 24h"},
	{name: "promise for nothing", old: "critical: 15m", new: "none: 15m", words: "must be critical, major or minor"},
	{name: "promise for average", old: "major: 30m", new: "average: 30m", words: "must be critical, major or minor"},
	{name: "first post a word", old: "critical: 10m", new: "critical: soon", words: "first_post.critical"},
	{name: "long incident a time", old: "{after: 2h, every: 60m}", new: "2h", words: "must be names with values"},
	{name: "long incident's field", old: "{after: 2h, every: 60m}", new: "{after: 2h, often: 60m}", words: "unknown field"},
	{name: "reminder too early", old: "before: 5m", new: "before: 15m", words: "is not before an update that is due every 15m", subtle: true},
	{name: "deputy before the manager", old: "deputy_after: 15m", new: "deputy_after: 5m", words: "is told later than the manager", subtle: true},
	{name: "digest at noon", old: `digest_at: "09:00"`, new: "digest_at: noon", words: "a time of day"},
	{name: "digest too late", old: `digest_at: "09:00"`, new: "digest_at: \"24:00\"", words: "a time of day"},
	{name: "digest at nine", old: `digest_at: "09:00"`, new: "digest_at: 9:00", words: "a time of day"},
	{name: "show perhaps", old: "show_grades: false", new: "show_grades: perhaps", words: "must be true or false"},
	{name: "grade missing", old: oneGrade, new: "", words: "no grade has the impact major"},
	{name: "grade without meaning", old: oneGrade, new: "  major: {display: Major}\n", words: "means is missing"},
	{name: "grade with no more than a name", old: oneGrade, new: "  major:\n", words: "must say what it means"},
	{name: "grade of another impact", old: oneGrade, new: "  major: {means: x, impact: minor}\n", words: "means the impact major to every program"},
	{name: "grade of two", old: oneGrade, new: "  average: {means: x, impact: critical}\n", words: "each impact has one grade", subtle: true},
	{name: "grade of no impact", old: oneGrade, new: "  awkward: {means: x}\n", words: "must be critical, major or minor", subtle: true},
	{name: "grade none", old: oneGrade, new: "  none: {means: x, impact: major}\n", words: "mean something else"},
	{name: "grade with a capital", old: oneGrade, new: "  Average: {means: x, impact: major}\n", words: "lower-case letters"},
	{name: "letter P", old: noChannels, new: "channels: {P: [slack]}\n", words: "must be a capital letter"},
	{name: "letter small", old: noChannels, new: "channels: {t: [slack]}\n", words: "must be a capital letter"},
	{name: "unknown channel", old: noChannels, new: "channels: {T: [pigeon]}\n", words: `"pigeon" is not a channel`},
	{name: "webhook channel", old: noChannels, new: "channels: {T: [webhook]}\n", words: "told everything"},
	{name: "no channel", old: noChannels, new: "channels: {T: []}\n", words: "must be a list of channels"},
	{name: "channel a text", old: noChannels, new: "channels: {T: slack}\n", words: "must be a list of channels"},
	{name: "channel of two letters", old: noChannels, new: "channels: {T: [slack], U: [slack]}\n", words: "has the letter T already", subtle: true},
	{name: "channel twice in a list", old: noChannels, new: "channels: {T: [slack, slack]}\n", words: "has the letter T already"},
}

func TestSchemaAndParserAgree(t *testing.T) {
	compiler := jsonschema.NewCompiler()
	read, err := jsonschema.UnmarshalJSON(bytes.NewReader(PolicySchema()))
	if err != nil {
		t.Fatal(err)
	}
	if err := compiler.AddResource("policy.schema.json", read); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("policy.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range examples {
		t.Run(e.name, func(t *testing.T) {
			document := e.document(t)
			var value any
			if err := yaml.Unmarshal([]byte(document), &value); err != nil {
				t.Fatal(err)
			}
			told := schema.Validate(value)
			_, err := ParsePolicy([]byte(document))
			switch {
			case e.words == "" && (err != nil || told != nil):
				t.Errorf("the parser says %v, the schema %v", err, told)
			case e.words != "" && (err == nil || !strings.Contains(err.Error(), e.words)):
				t.Errorf("the parser says %v, want %q", err, e.words)
			case e.words != "" && (told != nil) == e.subtle:
				t.Errorf("the schema says %v", told)
			}
		})
	}
}

func TestEveryFaultIsReportedWithItsPlace(t *testing.T) {
	document := "name: Ours\ncolour: red\nnext_update:\n  critical: 0m\ndigest_at: noon\ntable:\n  update:\n" +
		"    manage_closely: C, E 1/zz / E X / –\n    keep_satisfied: \"– / E E / P\"\n    somewhere: E\n"
	for _, row := range rows {
		if row != Updated && row != Withdrawn {
			document += fmt.Sprintf("  %s: {manage_closely: E, keep_satisfied: E, keep_informed: E, monitor: E}\n", row)
		}
	}
	_, err := ParsePolicy([]byte(document))
	var got []string
	for _, part := range strings.Split(err.Error(), "; policy: ") {
		got = append(got, strings.TrimPrefix(part, "policy: "))
	}
	want := []string{
		"line 2, column 1: unknown field \"colour\"",
		"line 4, column 3: next_update.critical: \"0m\"",
		"line 5, column 1: digest_at: \"noon\"",
		"line 6, column 1: table.withdrawn is missing",
		"line 7, column 3: table.update.keep_informed is missing",
		"line 7, column 3: table.update.monitor is missing",
		"line 8, column 26: table.update.manage_closely: \"C, E 1/zz / E X / –\": \"1/zz\": the minutes",
		"line 8, column 35: table.update.manage_closely: \"C, E 1/zz / E X / –\": \"X\" is neither",
		"line 9, column 28: table.update.keep_satisfied: \"– / E E / P\": the channel E stands twice",
		"line 10, column 5: table.update.somewhere: not a quadrant",
	}
	if !slices.EqualFunc(got, want, strings.HasPrefix) {
		t.Errorf("faults\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
