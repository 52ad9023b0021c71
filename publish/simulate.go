package publish

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// Scenario is an incident that has not happened.
type Scenario struct {
	Start      time.Time
	Impact     status.Impact // minor, major or critical
	Components []string      // ids or names; none: everybody follows it
	// Posts are the updates, in order of time. Without any, one comes whenever
	// the policy promises it, and the incident does not end.
	Posts []ScenarioPost
	For   time.Duration // how long to look at; DefaultScenario when zero
	// Policy is a document to try out; empty: the one in force.
	Policy []byte
}

// ScenarioPost is one update of a scenario.
type ScenarioPost struct {
	After  time.Duration         // since the start
	Status status.IncidentStatus // empty: unchanged
	Impact status.Impact         // empty: unchanged
}

// What a scenario may be.
const (
	DefaultScenario = 4 * time.Hour
	longestScenario = 7 * 24 * time.Hour
	mostPosts       = 200
)

// Simulation is who would be told what in a scenario, if nothing went wrong.
type Simulation struct {
	Page     status.Page
	Policy   string // its name
	Version  int64  // 0: not in force
	Start    time.Time
	Until    time.Time
	Posts    []SimulatedPost
	Messages []SimulatedMessage
	// Silent are those whom nothing reaches, with the reason.
	Silent   []NotTold
	Warnings []string
}

// SimulatedPost is one post of a simulation, as the rules read it.
type SimulatedPost struct {
	At     time.Time
	Event  stakeholders.Event
	Status status.IncidentStatus
	Impact status.Impact
}

// SimulatedMessage is one message to one entry of the register, or the same to
// all subscribers with equal preferences.
type SimulatedMessage struct {
	At       time.Time
	Who      string
	N        int64 // how many people
	Quadrant stakeholders.Quadrant
	Channel  stakeholders.Channel
	Event    stakeholders.Event
	Gather   stakeholders.Gather
	Rule     stakeholders.Rule
	Cell     string
	Reason   string
}

// simulation works one out.
type simulation struct {
	Simulation
	policy     *stakeholders.Policy
	recipients []stakeholders.Recipient
	people     []int64          // whom each recipient stands for
	gone       map[int][]string // contacts of a recipient to which nothing is sent any more
	told       map[int]bool
}

// Simulate says who would be told what in a scenario: the same rules, the
// register and the subscribers as they are now, and nobody is told.
//
// Errors: *status.Invalid.
func (p *Publisher) Simulate(ctx context.Context, in Scenario) (Simulation, error) {
	page, err := p.Page(ctx)
	if err != nil {
		return Simulation{}, err
	}
	components, err := p.store.Components(ctx)
	if err != nil {
		return Simulation{}, err
	}
	s := simulation{Simulation: Simulation{Page: page, Start: in.Start.UTC(), Posts: []SimulatedPost{}, Messages: []SimulatedMessage{}, Silent: []NotTold{}, Warnings: []string{}},
		gone: map[int][]string{}, told: map[int]bool{}}
	if s.policy, err = p.scenarioPolicy(ctx, in); err != nil {
		return Simulation{}, err
	}
	in = in.graded(s.policy)
	touched, err := in.check(components)
	if err != nil {
		return Simulation{}, err
	}
	s.Policy, s.Version, s.Until = s.policy.Name, s.policy.Version, s.Start.Add(in.length())
	if err := s.read(ctx, p.store); err != nil {
		return Simulation{}, err
	}
	steps, err := s.steps(in, touched, byID(components))
	if err != nil {
		return Simulation{}, err
	}
	s.tell(steps)
	s.silent(steps)
	s.warn()
	return s.Simulation, nil
}

func (in Scenario) length() time.Duration {
	if in.For == 0 {
		return DefaultScenario
	}
	return in.For
}

// graded is the scenario with the impacts for which the policy's own words
// stand, such as average.
func (in Scenario) graded(policy *stakeholders.Policy) Scenario {
	impact := func(name status.Impact) status.Impact {
		if known, ok := policy.Graded(string(name)); ok {
			return known
		}
		return name
	}
	in.Impact, in.Posts = impact(in.Impact), slices.Clone(in.Posts)
	for i := range in.Posts {
		in.Posts[i].Impact = impact(in.Posts[i].Impact)
	}
	return in
}

// check refuses what cannot happen, and finds the components by their names.
func (in Scenario) check(components []status.Component) (touched []string, err error) {
	bad := &status.Invalid{}
	if !in.Impact.ValidGrade() || in.Impact == status.ImpactNone {
		bad.Add("simulation.impact", "is %q; it must be minor, major or critical", in.Impact)
	}
	if in.Start.IsZero() {
		bad.Add("simulation.start", "is missing; give a time such as 2026-01-31T03:00:00Z")
	}
	if length := in.length(); length < time.Minute || length > longestScenario {
		bad.Add("simulation.hours", "must be from one minute to %d hours", int(longestScenario.Hours()))
	}
	for i, name := range in.Components {
		at := slices.IndexFunc(components, func(c status.Component) bool { return c.ID == name || stakeholders.SameName(c.Name, name) })
		if at < 0 {
			bad.Add(fmt.Sprintf("simulation.components[%d]", i), "%q is not a component of this page", name)
			continue
		}
		touched = append(touched, components[at].ID)
	}
	if len(in.Posts) > mostPosts {
		bad.Add("simulation.updates", "are %d; at most %d can be looked at", len(in.Posts), mostPosts)
	}
	for i, post := range in.Posts {
		field := fmt.Sprintf("simulation.updates[%d]", i)
		if post.After <= 0 || i > 0 && post.After <= in.Posts[i-1].After {
			bad.Add(field+".after_minutes", "must be later than what comes before it")
		}
		if post.Status != "" && !slices.Contains(status.IncidentStatuses(), post.Status) {
			bad.Add(field+".status", "is %q; it must be investigating, identified, monitoring or resolved", post.Status)
		}
		if post.Impact != "" && !post.Impact.ValidGrade() {
			bad.Add(field+".impact", "is %q; it must be none, minor, major or critical", post.Impact)
		}
	}
	return touched, bad.Err()
}

// scenarioPolicy is the policy of a scenario: one to try out, or the one in
// force.
func (p *Publisher) scenarioPolicy(ctx context.Context, in Scenario) (*stakeholders.Policy, error) {
	if len(in.Policy) > 0 {
		return stakeholders.ParsePolicy(in.Policy)
	}
	return p.store.Policy(ctx)
}

// read finds out who there is.
func (s *simulation) read(ctx context.Context, q *store.Store) error {
	known, err := q.Listed(ctx, q.Now())
	if err != nil {
		return err
	}
	for _, r := range known.Readers.All {
		r.Contacts = slices.DeleteFunc(slices.Clone(r.Contacts), func(c stakeholders.Contact) bool {
			left := known.Suppressed[store.Place{Channel: c.Channel, Address: c.Address}]
			if left {
				s.gone[len(s.recipients)] = append(s.gone[len(s.recipients)], c.Shown())
			}
			return left
		})
		s.recipients, s.people = append(s.recipients, r), append(s.people, 1)
	}
	classes, err := q.SubscriberClasses(ctx)
	if err != nil {
		return err
	}
	for _, class := range classes {
		n := class.Confirmed - known.ByClass[class.ID]
		if n <= 0 {
			continue
		}
		r := store.ClassRecipient(known.Segments, class)
		r.Contacts[0].Address = fmt.Sprintf("class %d", class.ID)
		r.Name = fmt.Sprintf("%s (subscribers by %s)", class.Segment, class.Channel)
		s.recipients, s.people = append(s.recipients, r), append(s.people, n)
	}
	return nil
}

// steps lets the scenario happen to an incident, by the incident's own rules.
func (s *simulation) steps(in Scenario, touched []string, components map[string]status.Component) ([]stakeholders.Step, error) {
	incident := status.Incident{ID: "simulated", Metadata: "{}"}
	impact, body := in.Impact, "Simulated."
	post := status.Post{Name: "Simulated", Body: body, ImpactOverride: &impact, ComponentIDs: touched, Notify: true}
	var steps []stakeholders.Step
	at := s.Start
	for n := 0; !at.After(s.Until) && n <= mostPosts; n++ {
		change, err := incident.Apply(post, components, at, "", n == 0)
		if err != nil {
			return nil, err
		}
		event, raised := stakeholders.EventOf(change)
		steps = append(steps, stakeholders.Step{At: at, State: incident.Status, Occasion: stakeholders.Occasion{
			Event: event, Impact: change.ImpactAfter, ImpactBefore: change.ImpactBefore, Raised: raised, Highest: incident.HighestImpact,
			Components: incident.ComponentIDs(), TimeZone: s.Page.TimeZone}})
		s.Posts = append(s.Posts, SimulatedPost{at, event, incident.Status, change.ImpactAfter})
		post = status.Post{Body: body, Notify: true}
		switch {
		case len(in.Posts) == 0:
			every := s.policy.NextUpdate(incident.Impact)
			if every <= 0 {
				return steps, nil
			}
			at = at.Add(every)
		case n < len(in.Posts):
			next := in.Posts[n]
			at, post.Status = s.Start.Add(next.After), next.Status
			if next.Impact != "" {
				post.ImpactOverride = &next.Impact
			}
		default:
			return steps, nil
		}
	}
	return steps, nil
}

// tell works out the messages. Subscribers differ in more than this is about,
// such as their language: those who get the same at once are counted together.
func (s *simulation) tell(steps []stakeholders.Step) {
	at := map[SimulatedMessage]int{}
	for _, h := range stakeholders.Simulate(s.policy, steps, s.recipients, s.Until) {
		s.told[h.Recipient] = true
		m := SimulatedMessage{At: h.At, Who: s.recipients[h.Recipient].Name, Quadrant: h.Quadrant, Channel: h.Contact.Channel,
			Event: h.Event, Gather: h.Gather, Rule: h.Outcome.Rule, Cell: h.Outcome.Cell, Reason: h.Outcome.Reason}
		if _, known := at[m]; !known {
			at[m] = len(s.Messages)
			s.Messages = append(s.Messages, m)
		}
		s.Messages[at[m]].N += s.people[h.Recipient]
	}
}

// silent lists whom nothing reaches until the end.
func (s *simulation) silent(steps []stakeholders.Step) {
	at, people := map[NotTold]int{}, []int64{}
	for i, r := range s.recipients {
		if s.told[i] {
			continue
		}
		silent := s.why(i, steps[0])
		if _, known := at[silent]; !known {
			at[silent] = len(s.Silent)
			s.Silent, people = append(s.Silent, silent), append(people, 0)
		}
		people[at[silent]] += s.people[i]
		if n := people[at[silent]]; n > 1 {
			s.Silent[at[silent]].Who = fmt.Sprintf("%s, %d people", r.Name, n)
		}
	}
}

// why says why nothing reaches a recipient, as it is at the start.
func (s *simulation) why(recipient int, start stakeholders.Step) NotTold {
	r := s.recipients[recipient]
	verdicts := stakeholders.Decide(s.policy, start.Occasion, r)
	if len(verdicts) == 0 && len(s.gone[recipient]) > 0 {
		return NotTold{r.Name, stakeholders.RuleConsent, "nothing is sent to " + strings.Join(s.gone[recipient], ", ") + " any more"}
	}
	if len(verdicts) == 0 {
		return NotTold{r.Name, stakeholders.RuleTable, "has no contact that can be reached"}
	}
	out := verdicts[0].Settle(start.Occasion, stakeholders.Thread{}, start.At)
	if out.Action != stakeholders.Hold {
		return NotTold{r.Name, out.Rule, out.Reason}
	}
	words := "waits until %s: %s"
	if !out.DueAt.After(s.Until) {
		words = "would wait until %s, and there is nothing left to say then: %s"
	}
	return NotTold{r.Name, out.Rule, fmt.Sprintf(words, lang.Moment(s.Page.Language, out.DueAt.In(s.Page.Location())), out.Reason)}
}

// soon is within what time those who must act should have heard.
const soon = 15 * time.Minute

// warn says what the organisation should know before it happens.
func (s *simulation) warn() {
	if len(s.Posts) == 0 {
		return
	}
	begins := s.Start.In(s.Page.Location()).Format("15:04")
	for _, q := range []stakeholders.Quadrant{stakeholders.ManageClosely, stakeholders.KeepInformed} {
		var channels []string
		people, reached := map[string]bool{}, map[string]bool{}
		for _, r := range s.recipients {
			if r.Quadrant == q {
				people[r.Name] = true
			}
		}
		for _, m := range s.Messages {
			if m.Quadrant != q || m.At.Sub(s.Start) > soon {
				continue
			}
			reached[m.Who] = true
			if word := m.Channel.Class().Label(); !slices.Contains(channels, word) {
				channels = append(channels, word)
			}
		}
		minutes := int(soon.Minutes())
		switch {
		case len(people) == 0 && q == stakeholders.ManageClosely:
			s.Warnings = append(s.Warnings, fmt.Sprintf("Nobody stands in %s.", q))
		case len(people) == 0:
		case len(reached) == 0:
			s.Warnings = append(s.Warnings, fmt.Sprintf("Nobody in %s hears of it within %d minutes.", q, minutes))
		case len(channels) == 1:
			s.Warnings = append(s.Warnings, fmt.Sprintf("Nobody in %s can be reached at %s except by %s.", q, begins, channels[0]))
		}
		if len(reached) > 0 && len(reached) < len(people) {
			var late []string
			for _, r := range s.recipients {
				if r.Quadrant == q && !reached[r.Name] {
					late = append(late, r.Name)
				}
			}
			s.Warnings = append(s.Warnings, fmt.Sprintf("In %s, %s %s not hear of it within %d minutes.", q, listed(late), does(len(late)), minutes))
		}
	}
}

// mostNamed bounds how many names a warning lists.
const mostNamed = 5

func listed(names []string) string {
	if len(names) <= mostNamed {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d others", strings.Join(names[:mostNamed], ", "), len(names)-mostNamed)
}

func does(n int) string {
	if n == 1 {
		return "does"
	}
	return "do"
}
