package main

import (
	"errors"
	"strings"
)

// audienceFlags reach others with one post than the policy says.
type audienceFlags struct {
	Only    []string `name:"only" help:"Tell these quadrants only (manage_closely, keep_informed, keep_satisfied, monitor); needs --why."`
	Without []string `name:"without" help:"Do not tell these quadrants; needs --why."`
	Also    []string `name:"also" help:"Tell somebody besides: an email address, an entry of the register, or a quadrant; needs --why."`
	Why     string   `name:"why" help:"Why others are told than the policy says; it is written to the audit log."`
}

// field is what the request says of it; nil: nothing.
func (a audienceFlags) field() (map[string]any, error) {
	if len(a.Only)+len(a.Without)+len(a.Also) == 0 {
		if a.Why != "" {
			return nil, errors.New("--why says why others are told than the policy says; it goes with --only, --without or --also")
		}
		return nil, nil
	}
	field := map[string]any{"reason": a.Why}
	if len(a.Only) > 0 {
		field["only"] = a.Only
	}
	if len(a.Without) > 0 {
		field["without"] = a.Without
	}
	var also []map[string]string
	for _, who := range a.Also {
		kind := "stakeholder"
		switch {
		case strings.Contains(who, "@"):
			kind = "email"
		case who == "manage_closely" || who == "keep_informed" || who == "keep_satisfied" || who == "monitor":
			kind = "quadrant"
		}
		also = append(also, map[string]string{kind: who})
	}
	if also != nil {
		field["also"] = also
	}
	return field, nil
}
