package lang

import (
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

//go:embed catalogue/*.json
var files embed.FS

// Default is the language of a sentence that is asked for in an unknown one.
const Default = "en"

// catalogue is one language: its sentences, and its names and orders for dates.
type catalogue struct {
	tag         language.Tag
	Months      []string `json:"months"`
	MonthsShort []string `json:"months_short"`
	Weekdays    []string `json:"weekdays"` // from Sunday
	Formats     struct {
		Date  string `json:"date"`
		Day   string `json:"day"`
		Short string `json:"short"` // a day without its year
		Month string `json:"month"`
		Clock string `json:"clock"`
		Both  string `json:"both"` // {date} and {clock} together
	} `json:"formats"`
	Sentences map[string]sentence `json:"sentences"`
}

// sentence is one text, by plural form when it counts something ("other" alone
// when it does not).
type sentence map[string]string

// UnmarshalJSON reads a sentence from a string or from its plural forms.
func (s *sentence) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*s = sentence{"other": one}
		return nil
	}
	forms := map[string]string{}
	if err := json.Unmarshal(data, &forms); err != nil {
		return err
	}
	*s = forms
	return nil
}

// shelf is every catalogue, and the matcher that picks one for a tag.
type shelf struct {
	byTag   map[string]*catalogue
	tags    []string // Default first: the matcher falls back to it
	matcher language.Matcher
}

// The catalogues are read once and never changed: the files are part of the
// binary, so a fault in them is found by the first test that runs.
var read = sync.OnceValue(func() *shelf {
	s, err := readShelf()
	if err != nil {
		panic(err)
	}
	return s
})

func readShelf() (*shelf, error) {
	entries, err := files.ReadDir("catalogue")
	if err != nil {
		return nil, fmt.Errorf("list catalogues: %w", err)
	}
	s := &shelf{byTag: map[string]*catalogue{}, tags: []string{Default}}
	for _, e := range entries {
		data, err := files.ReadFile(path.Join("catalogue", e.Name()))
		if err != nil {
			return nil, fmt.Errorf("read catalogue: %w", err)
		}
		name := strings.TrimSuffix(e.Name(), ".json")
		c := &catalogue{tag: language.MustParse(name)}
		if err := json.Unmarshal(data, c); err != nil {
			return nil, fmt.Errorf("read catalogue %s: %w", name, err)
		}
		s.byTag[name] = c
		if name != Default {
			s.tags = append(s.tags, name)
		}
	}
	parsed := make([]language.Tag, len(s.tags))
	for i, t := range s.tags {
		parsed[i] = language.MustParse(t)
	}
	s.matcher = language.NewMatcher(parsed)
	return s, nil
}

// Tags lists the languages there are, the default one first.
func Tags() []string { return slices.Clone(read().tags) }

// Match is the language nearest to a tag or to an Accept-Language header.
func Match(tag string) string {
	s := read()
	if _, ok := s.byTag[tag]; ok {
		return tag
	}
	wanted, _, err := language.ParseAcceptLanguage(tag)
	if err != nil || len(wanted) == 0 {
		return Default
	}
	_, at, confidence := s.matcher.Match(wanted...)
	if confidence == language.No {
		return Default
	}
	return s.tags[at]
}

func of(tag string) *catalogue { return read().byTag[Match(tag)] }

// Text is the sentence under key in the language nearest to tag. Arguments are
// placed by fmt's verbs; a sentence that counts takes its form from the first
// whole number among them. An unknown key is shown as it is, so that it is
// seen, and a test fails.
func Text(tag, key string, args ...any) string {
	c := of(tag)
	forms, ok := c.Sentences[key]
	if !ok {
		return key
	}
	text := forms.pick(c.tag, args)
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// Known says whether every language has a sentence under key.
func Known(key string) bool {
	for _, c := range read().byTag {
		if _, ok := c.Sentences[key]; !ok {
			return false
		}
	}
	return true
}

func (s sentence) pick(tag language.Tag, args []any) string {
	if len(s) > 1 {
		for _, a := range args {
			n, ok := a.(int)
			if !ok {
				continue
			}
			if text, ok := s[formName(plural.Cardinal.MatchPlural(tag, n, 0, 0, 0, 0))]; ok {
				return text
			}
			break
		}
	}
	return s["other"]
}

func formName(f plural.Form) string {
	return map[plural.Form]string{
		plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many",
	}[f]
}
