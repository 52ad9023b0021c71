package api

import (
	"encoding/json"
	"fmt"

	"github.com/allclear-status/allclear/publish"
	"github.com/allclear-status/allclear/stakeholders"
)

// readHand reads how the audience of one post differs from what the rules say;
// nil when it does not.
func readHand(ours *object) *publish.Hand {
	in := ours.object("audience", `an object such as {"without": ["keep_satisfied"], "reason": "customers are told by their account managers"}`)
	if in == nil {
		return nil
	}
	in.only([]string{"only", "without", "also", "reason"}, nil)
	return &publish.Hand{Only: readQuadrants(in, "only"), Without: readQuadrants(in, "without"), Also: readAlso(in), Reason: in.words("reason")}
}

func readQuadrants(in *object, name string) []stakeholders.Quadrant {
	var list []stakeholders.Quadrant
	for _, q := range in.texts(name, "quadrants") {
		list = append(list, stakeholders.Quadrant(q))
	}
	return list
}

// readAlso reads whom the post is to reach besides.
func readAlso(in *object) []publish.Also {
	raw, ok := in.given("also")
	if !ok {
		return nil
	}
	var items []json.RawMessage
	if raw[0] != '[' || json.Unmarshal(raw, &items) != nil {
		in.wrong("also", raw, `a list of objects such as {"email": "ana@example.com"}`)
		return nil
	}
	var list []publish.Also
	for i, item := range items {
		// The element is read as a field of its own, so that a fault names it.
		name := fmt.Sprintf("also[%d]", i)
		one := (&object{path: in.path, fields: map[string]json.RawMessage{name: item}, bad: in.bad}).object(name, `an object such as {"email": "ana@example.com"}`)
		if one == nil {
			if item[0] == 'n' {
				in.wrong(name, item, `an object such as {"email": "ana@example.com"}`)
			}
			continue
		}
		one.only([]string{"email", "stakeholder", "quadrant"}, nil)
		list = append(list, publish.Also{Email: one.words("email"), Stakeholder: one.words("stakeholder"), Quadrant: stakeholders.Quadrant(one.words("quadrant"))})
	}
	return list
}
