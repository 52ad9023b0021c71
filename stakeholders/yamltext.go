package stakeholders

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
)

// text is a text in a YAML file. It is written in quotes wherever YAML, or the
// library that writes it, might take it for something else.
type text string

var plainText = regexp.MustCompile(`^\pL[\pL\pN ._/@+-]*$`)

// MarshalYAML implements yaml.BytesMarshaler.
func (t text) MarshalYAML() ([]byte, error) {
	s := string(t)
	if t.block() || (plainText.MatchString(s) && !strings.HasSuffix(s, " ")) {
		return yaml.Marshal(s)
	}
	return []byte(strconv.Quote(s)), nil
}

// block says whether the text has lines that a YAML block keeps: no space
// begins or ends one, and none is empty.
func (t text) block() bool {
	s, ends := strings.CutSuffix(string(t), "\n")
	if !ends && !strings.Contains(s, "\n") {
		return false
	}
	for line := range strings.SplitSeq(s, "\n") {
		if line == "" || line != strings.TrimSpace(line) {
			return false
		}
	}
	return true
}
