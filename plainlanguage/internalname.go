package plainlanguage

import (
	"maps"
	"slices"
	"strings"
)

// findInternalNames finds the names that the company's glossary keeps inside.
func (k *checker) findInternalNames() {
	if len(k.context.Internal) == 0 {
		return
	}
	// Sorted, so that of two spellings the same one always wins.
	names := slices.Sorted(maps.Keys(k.context.Internal))
	index := phraseIndex{}
	for i, name := range names {
		index.addName(name, i)
	}
	for i := 0; i < len(k.words); i++ {
		value, s, length := k.findPhrase(index, i, nameGap)
		if length == 0 {
			continue
		}
		i += length - 1
		public := strings.TrimSpace(k.context.Internal[names[value]])
		h := hit{span: s, rule: RuleInternalName, level: LevelError, reason: "a name that only we use; customers do not know it", replacement: public}
		k.hits = append(k.hits, h)
	}
}

// publicName is what the glossary says for an internal name, or "".
func (c Context) publicName(name string) string {
	if public, ok := c.Internal[name]; ok {
		return strings.TrimSpace(public)
	}
	for _, internal := range slices.Sorted(maps.Keys(c.Internal)) {
		if strings.EqualFold(internal, name) {
			return strings.TrimSpace(c.Internal[internal])
		}
	}
	return ""
}
