package main

import (
	"encoding/json"
	"testing"
)

func TestAudienceFlagsSayWhomTheyReach(t *testing.T) {
	for _, c := range []struct {
		flags audienceFlags
		want  string // JSON; "null": nothing; empty: refused
	}{
		{audienceFlags{}, `null`},
		{audienceFlags{Without: []string{"keep_satisfied"}, Why: "w"}, `{"reason":"w","without":["keep_satisfied"]}`},
		{audienceFlags{Only: []string{"monitor"}, Why: "w"}, `{"only":["monitor"],"reason":"w"}`},
		{audienceFlags{Also: []string{"a@x.example", "Legal", "monitor"}, Why: "w"}, `{"also":[{"email":"a@x.example"},{"stakeholder":"Legal"},{"quadrant":"monitor"}],"reason":"w"}`},
		{audienceFlags{Also: []string{"Legal"}}, `{"also":[{"stakeholder":"Legal"}],"reason":""}`}, // the server says that the reason is missing
		{audienceFlags{Why: "w"}, ``},
	} {
		field, err := c.flags.field()
		got, _ := json.Marshal(field)
		if (err != nil) != (c.want == "") || err == nil && string(got) != c.want {
			t.Errorf("%+v is %s, %v; want %s", c.flags, got, err, c.want)
		}
	}
}
