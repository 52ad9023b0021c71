package stakeholders_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/stakeholders"
)

// Contacts in one word: "ana@x" is email, "#ops" a chat channel, "+34" a phone.
func contact(word string) stakeholders.Contact {
	switch word[0] {
	case '#':
		return stakeholders.Contact{Channel: stakeholders.Slack, Address: word}
	case '+':
		return stakeholders.Contact{Channel: stakeholders.SMS, Address: word}
	default:
		return stakeholders.Contact{Channel: stakeholders.Email, Address: word}
	}
}

// contacts reads several words; "!" behind one says that it opted in.
func contacts(words ...string) []stakeholders.Contact {
	var list []stakeholders.Contact
	for _, word := range words {
		c := contact(strings.TrimSuffix(word, "!"))
		c.OptedIn = strings.HasSuffix(word, "!")
		list = append(list, c)
	}
	return list
}

func levels(q stakeholders.Quadrant) (power, interest stakeholders.Level) {
	for _, power = range []stakeholders.Level{stakeholders.High, stakeholders.Low} {
		for _, interest = range []stakeholders.Level{stakeholders.High, stakeholders.Low} {
			if stakeholders.Place(power, interest) == q {
				return power, interest
			}
		}
	}
	panic("no such quadrant")
}

func entry(name string, kind stakeholders.Kind, q stakeholders.Quadrant, words ...string) stakeholders.Stakeholder {
	power, interest := levels(q)
	return stakeholders.Stakeholder{ID: name, Name: name, Kind: kind, Power: power, Interest: interest, Contacts: contacts(words...)}
}

func following(s stakeholders.Stakeholder, components ...string) stakeholders.Stakeholder {
	s.Components = components
	return s
}

func subscription(address, segment string, p stakeholders.Preferences) stakeholders.Subscriber {
	c := contact(address)
	c.OptedIn = true
	return stakeholders.Subscriber{ID: address, Contact: c, Segment: segment, Preferences: p}
}

// people writes recipients as "name quadrant: addresses [components]".
func people(recipients []stakeholders.Recipient) []string {
	list := []string{}
	for _, r := range recipients {
		text := r.Name + " " + string(r.Quadrant) + ":"
		for _, c := range r.Contacts {
			text += " " + c.Address
			if c.OptedIn {
				text += "!"
			}
			if c.EveryUpdate {
				text += "*"
			}
		}
		if len(r.Components) > 0 {
			text += " [" + strings.Join(r.Components, " ") + "]"
		}
		list = append(list, text)
	}
	return list
}

func TestRegisterBecomesPeople(t *testing.T) {
	person, team, segment := stakeholders.Person, stakeholders.Team, stakeholders.Segment
	closely, satisfied, informed, monitor := stakeholders.ManageClosely, stakeholders.KeepSatisfied, stakeholders.KeepInformed, stakeholders.Monitor
	register := func(entries ...stakeholders.Stakeholder) []stakeholders.Stakeholder { return entries }
	none := stakeholders.Preferences{}
	for _, c := range []struct {
		name          string
		register      []stakeholders.Stakeholder
		subscriptions []stakeholders.Subscriber
		want          []string
	}{
		{"in the order of sending, then of the register", register(entry("d", person, monitor, "d@x"), entry("c", person, satisfied, "c@x"), entry("b", person, informed, "b@x"),
			entry("b2", person, informed, "b2@x"), entry("a", person, closely, "a@x")), nil,
			[]string{"a manage_closely: a@x", "b keep_informed: b@x", "b2 keep_informed: b2@x", "c keep_satisfied: c@x", "d monitor: d@x"}},
		{"a segment is no person", register(entry("Customers", segment, satisfied)), nil, []string{}},
		{"one email address, one person", register(entry("ana", person, monitor, "ana@x", "#a"), entry("boss", person, informed, "ana@x", "+1")), nil,
			[]string{"ana keep_informed: ana@x #a +1"}},
		{"through a third entry", register(entry("a", person, informed, "a@x"), entry("b", person, informed, "b@x"), entry("both", person, closely, "b@x", "a@x")), nil,
			[]string{"a manage_closely: a@x b@x"}},
		{"through a chain, in any order", register(entry("ab", person, informed, "a@x", "b@x"), entry("cd", person, informed, "c@x", "d@x"),
			entry("e", person, informed, "e@x"), entry("bc", person, informed, "b@x", "c@x"), entry("de", person, informed, "d@x", "e@x")), nil,
			[]string{"ab keep_informed: a@x b@x c@x d@x e@x"}},
		{"a shared chat channel joins nobody", register(entry("a", person, informed, "a@x", "#ops"), entry("b", person, informed, "b@x", "#ops")), nil,
			[]string{"a keep_informed: a@x #ops", "b keep_informed: b@x #ops"}},
		{"a team's mailbox is no person's", register(entry("team", team, closely, "ops@x"), entry("a", person, informed, "ops@x"), entry("team 2", team, monitor, "ops@x")), nil,
			[]string{"team manage_closely: ops@x", "a keep_informed: ops@x", "team 2 monitor: ops@x"}},
		{"scopes join", register(following(entry("a", person, informed, "a@x"), "p"), following(entry("b", person, informed, "a@x"), "s", "p")), nil,
			[]string{"a keep_informed: a@x [p s]"}},
		{"one scope of all makes all", register(following(entry("a", person, informed, "a@x"), "p"), entry("b", person, informed, "a@x")), nil, []string{"a keep_informed: a@x"}},
		{"all stays all", register(entry("a", person, informed, "a@x"), following(entry("b", person, informed, "a@x"), "p")), nil, []string{"a keep_informed: a@x"}},

		{"a subscription says that it was asked for", register(entry("a", person, monitor, "#a", "a@x")), []stakeholders.Subscriber{subscription("a@x", "Fans", none)},
			[]string{"a keep_satisfied: #a a@x!"}},
		{"a subscription never lowers the place", register(entry("a", person, closely, "a@x")), []stakeholders.Subscriber{subscription("a@x", "Customers", none)}, []string{"a manage_closely: a@x!"}},
		{"a subscription brings its segment's place", register(entry("a", person, monitor, "a@x"), entry("Partners", segment, informed)),
			[]stakeholders.Subscriber{subscription("a@x", "Partners", none)}, []string{"a keep_informed: a@x!"}},
		{"another's subscription changes nothing", register(entry("a", person, monitor, "a@x")), []stakeholders.Subscriber{subscription("b@x", "Customers", none)}, []string{"a monitor: a@x"}},
		{"the same text on another channel is another address", register(entry("a", person, monitor, "a@x")),
			[]stakeholders.Subscriber{{Contact: stakeholders.Contact{Channel: stakeholders.SMS, Address: "a@x"}}}, []string{"a monitor: a@x"}},
		{"a narrowed subscription narrows no entry", register(entry("a", person, informed, "a@x")),
			[]stakeholders.Subscriber{subscription("a@x", "", stakeholders.Preferences{Components: []string{"p"}, LeastImpact: "critical", StartAndEndOnly: true})},
			[]string{"a keep_informed: a@x!"}},
		{"a subscription follows more than the entry", register(following(entry("a", person, informed, "a@x"), "p"), following(entry("b", person, informed, "b@x"), "p")),
			[]stakeholders.Subscriber{subscription("a@x", "", none), subscription("b@x", "", stakeholders.Preferences{Components: []string{"s"}})},
			[]string{"a keep_informed: a@x!", "b keep_informed: b@x! [p s]"}},
		{"a subscription asks for every update on its channel", register(entry("a", person, informed, "#a", "a@x")),
			[]stakeholders.Subscriber{subscription("a@x", "", stakeholders.Preferences{EveryUpdate: true})}, []string{"a keep_informed: #a a@x!*"}},
		{"a team's mailbox may subscribe", register(entry("team", team, monitor, "ops@x")), []stakeholders.Subscriber{subscription("ops@x", "", none)}, []string{"team keep_satisfied: ops@x!"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := stakeholders.Recipients(c.register, c.subscriptions)
			if !slices.Equal(people(got), c.want) {
				t.Errorf("%q, want %q", people(got), c.want)
			}
			for _, r := range got {
				if r.Kind != stakeholders.FromRegister || r.Preferences.LeastImpact != "" || r.Preferences.StartAndEndOnly {
					t.Errorf("%+v: unnarrowed, if a register entry leads there", r)
				}
			}
		})
	}
}

func TestRecipientsLeaveTheRegisterAlone(t *testing.T) {
	first := following(entry("a", stakeholders.Person, stakeholders.Monitor, "a@x"), "p")
	register := []stakeholders.Stakeholder{first, following(entry("b", stakeholders.Person, stakeholders.Monitor, "a@x", "#b"), "s")}
	stakeholders.Recipients(register, []stakeholders.Subscriber{subscription("a@x", "", stakeholders.Preferences{EveryUpdate: true})})
	if len(register[0].Contacts) != 1 || register[0].Contacts[0] != contact("a@x") || !slices.Equal(register[0].Components, []string{"p"}) {
		t.Errorf("changed: %+v", register[0])
	}
}

func TestRecipientKeepsItsFirstEntrysPreferences(t *testing.T) {
	first := entry("a", stakeholders.Person, stakeholders.Monitor, "a@x")
	first.Language, first.TimeZone, first.QuietHours = "es", "Europe/Madrid", "22:00-07:00"
	got := stakeholders.Recipients([]stakeholders.Stakeholder{first, entry("b", stakeholders.Person, stakeholders.ManageClosely, "a@x")}, nil)[0]
	if p := got.Preferences; got.ID != "a" || p.Language != "es" || p.TimeZone != "Europe/Madrid" || p.QuietHours != "22:00-07:00" {
		t.Errorf("%+v", got)
	}
}

func TestSubscriberIsAPersonInItsSegmentsPlace(t *testing.T) {
	p := stakeholders.Preferences{Components: []string{"p"}, EveryUpdate: true}
	r := stakeholders.SubscriberRecipient("id", contact("a@x"), stakeholders.KeepSatisfied, p)
	if r.Kind != stakeholders.FromSubscription || r.ID != "id" || r.Name != "a@x" || !r.Contacts[0].OptedIn || !r.Contacts[0].EveryUpdate || !slices.Equal(r.Components, p.Components) {
		t.Errorf("%+v", r)
	}
	register := []stakeholders.Stakeholder{entry("Partners", stakeholders.Team, stakeholders.Monitor, "p@x"), entry("Fans", stakeholders.Segment, stakeholders.Monitor)}
	for segment, want := range map[string]stakeholders.Quadrant{"Fans": stakeholders.Monitor, "Partners": stakeholders.KeepSatisfied, stakeholders.DefaultSegment: stakeholders.KeepSatisfied} {
		if got := stakeholders.SegmentQuadrant(register, segment); got != want {
			t.Errorf("segment %s is in %s, want %s", segment, got, want)
		}
	}
}
