package publish

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// Wishes are what a subscriber may choose.
type Wishes struct {
	Components      []string // ids; none: all
	LeastImpact     string   // a grade; empty: any
	StartAndEndOnly bool
	EveryUpdate     bool
	DailyDigest     bool
	QuietHours      string // "22:00-07:00"; empty: none
	TimeZone        string // of the quiet hours and the digest; empty: the page's
	Language        string // of the messages; empty: the page's
}

// check refuses wishes that cannot be fulfilled, or contradict each other.
func (w Wishes) check(bad *status.Invalid, channel stakeholders.Channel, components []status.Component) {
	known := byID(components)
	for _, id := range w.Components {
		if _, ok := known[id]; !ok {
			bad.Add("components", "names %q, which is not a component of this page", id)
			break
		}
	}
	if w.LeastImpact != "" && !status.Impact(w.LeastImpact).ValidGrade() {
		bad.Add("least_impact", "is %q; it must be minor, major or critical", w.LeastImpact)
	}
	if w.StartAndEndOnly && w.EveryUpdate {
		bad.Add("every_update", "cannot be asked for together with start_and_end_only")
	}
	w.checkHours(bad, channel)
	if w.Language != "" && !slices.Contains(lang.Tags(), w.Language) {
		bad.Add("language", "is %q; it must be one of %s", w.Language, strings.Join(lang.Tags(), ", "))
	}
}

// checkHours refuses what cannot be said of time. Programs are not disturbed,
// and a digest says of each incident once a day how it stands: who asks for
// more than that, or for less, asks for something else.
func (w Wishes) checkHours(bad *status.Invalid, channel stakeholders.Channel) {
	switch {
	case w.DailyDigest && channel == stakeholders.Webhook:
		bad.Add("daily_digest", "cannot be asked for by a webhook, which is sent everything at once")
	case w.DailyDigest && w.EveryUpdate:
		bad.Add("daily_digest", "cannot be asked for together with every_update; a digest says how things stand, once a day")
	case w.DailyDigest && w.StartAndEndOnly:
		bad.Add("daily_digest", "cannot be asked for together with start_and_end_only; a digest names each incident once a day as it is")
	}
	if _, ok := stakeholders.NormalizeQuietHours(w.QuietHours); w.QuietHours != "" && !ok {
		bad.Add("quiet_hours", "is %q; it must be two different times such as 22:00-07:00", w.QuietHours)
	} else if w.QuietHours != "" && channel == stakeholders.Webhook {
		bad.Add("quiet_hours", "cannot be asked for by a webhook, which is sent everything at once")
	}
	if _, err := time.LoadLocation(w.TimeZone); err != nil || w.TimeZone == "Local" {
		bad.Add("time_zone", "is %q; it must be a name such as Europe/Madrid", w.TimeZone)
	}
}

// apply makes checked wishes a subscriber's preferences.
func (w Wishes) apply(p *stakeholders.Preferences) {
	quiet, ok := stakeholders.NormalizeQuietHours(w.QuietHours)
	if !ok {
		quiet = ""
	}
	*p = stakeholders.Preferences{
		Components: slices.Compact(slices.Sorted(slices.Values(w.Components))), LeastImpact: w.LeastImpact,
		StartAndEndOnly: w.StartAndEndOnly, EveryUpdate: w.EveryUpdate, DailyDigest: w.DailyDigest,
		QuietHours: quiet, TimeZone: w.TimeZone, Language: w.Language,
	}
}

// wishesOf are the wishes among a subscriber's preferences.
func wishesOf(p stakeholders.Preferences) Wishes {
	return Wishes{
		Components: p.Components, LeastImpact: p.LeastImpact, StartAndEndOnly: p.StartAndEndOnly, EveryUpdate: p.EveryUpdate,
		DailyDigest: p.DailyDigest, QuietHours: p.QuietHours, TimeZone: p.TimeZone, Language: p.Language,
	}
}

// SubscriberPatch is what a manager says of what a subscriber gets; nil fields
// stay as they are.
type SubscriberPatch struct {
	Components      *[]string
	LeastImpact     *string
	StartAndEndOnly *bool
	EveryUpdate     *bool
	DailyDigest     *bool
	QuietHours      *string
	TimeZone        *string
	Language        *string
	Segment         *string // of the register; it gives the subscriber its place
}

// apply changes a subscriber, unless something is wrong with that or with what
// is noted in bad already.
func (c SubscriberPatch) apply(ctx context.Context, tx *store.Tx, bad *status.Invalid, s *stakeholders.Subscriber) error {
	components, err := tx.Components(ctx)
	if err != nil {
		return err
	}
	register, err := tx.Register(ctx)
	if err != nil {
		return err
	}
	wishes, wrong := wishesOf(s.Preferences), &status.Invalid{}
	set(&wishes.Components, c.Components)
	set(&wishes.LeastImpact, c.LeastImpact)
	set(&wishes.StartAndEndOnly, c.StartAndEndOnly)
	set(&wishes.EveryUpdate, c.EveryUpdate)
	set(&wishes.DailyDigest, c.DailyDigest)
	set(&wishes.QuietHours, c.QuietHours)
	set(&wishes.TimeZone, c.TimeZone)
	set(&wishes.Language, c.Language)
	wishes.check(wrong, s.Contact.Channel, components)
	if c.Segment != nil {
		named := func(e stakeholders.Stakeholder) bool {
			return e.Kind == stakeholders.Segment && stakeholders.SameName(e.Name, *c.Segment)
		}
		switch at := slices.IndexFunc(register, named); {
		case at >= 0:
			s.Segment = register[at].Name
		case stakeholders.SameName(*c.Segment, stakeholders.DefaultSegment):
			s.Segment = stakeholders.DefaultSegment
		default:
			wrong.Add("segment", "is %q, which is no segment of the register", *c.Segment)
		}
	}
	for _, f := range wrong.Fields {
		name := "subscriber.allclear." + f.Field
		if f.Field == "components" {
			name = "subscriber.component_ids"
		}
		bad.Add(name, "%s", f.Message)
	}
	wishes.apply(&s.Preferences)
	return bad.Err()
}
