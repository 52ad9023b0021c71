package publish

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// LedgerQuery asks who was told what, when, and what their server said.
type LedgerQuery struct {
	store.LedgerFilter
	// Person is a name of the register, an address or the part of one before
	// the @, or an id as the ledger has it; empty: everybody.
	Person string
	// Text asks for what was said, too.
	Text bool
}

// LedgerEntry is a row of the ledger with all that belongs to it.
type LedgerEntry struct {
	notify.Delivery
	// Tries are the attempts that did not deliver.
	Tries []notify.Attempt
	// Merged is how the message fared that it became part of; nil: none.
	Merged *notify.Delivery
	// Message is what was said; nil when nothing was, or the channel's messages
	// are not for people.
	Message *notify.Preview
}

// Ledger lists deliveries.
//
// Errors: *status.Invalid for a person whom nobody knows.
func (p *Publisher) Ledger(ctx context.Context, in LedgerQuery) ([]LedgerEntry, error) {
	if in.Person != "" {
		whose, err := p.whose(ctx, in.Person, in.IncidentID)
		if err != nil {
			return nil, err
		}
		in.Whose = &whose
	}
	deliveries, err := p.store.Deliveries(ctx, in.LedgerFilter)
	if err != nil {
		return nil, err
	}
	return p.entries(ctx, deliveries, in.Text)
}

// LedgerEntry reads one delivery, with what was said: of a notice, by a channel,
// to an address or to a person as Ledger takes them.
//
// Errors: status.ErrNotFound, also when a person has no delivery of the notice.
func (p *Publisher) LedgerEntry(ctx context.Context, notice int64, channel stakeholders.Channel, person string) (LedgerEntry, error) {
	found, err := p.Ledger(ctx, LedgerQuery{Person: person, Text: true,
		LedgerFilter: store.LedgerFilter{NoticeID: notice, Channel: channel, Limit: 1}})
	if errors.As(err, new(*status.Invalid)) || err == nil && len(found) == 0 {
		return LedgerEntry{}, fmt.Errorf("read delivery: %w", status.ErrNotFound)
	}
	if err != nil {
		return LedgerEntry{}, err
	}
	return found[0], nil
}

// whose finds out how the ledger knows a person.
func (p *Publisher) whose(ctx context.Context, person, incidentID string) (w store.Whose, err error) {
	person = strings.TrimSpace(person)
	switch kind, id, _ := strings.Cut(person, ":"); kind {
	case string(stakeholders.FromRegister):
		return store.Whose{Persons: []string{person}}, nil
	case string(stakeholders.FromSubscription):
		s, err := p.store.Subscriber(ctx, id)
		if errors.Is(err, status.ErrNotFound) {
			return w, status.NewInvalid("person", "%q is not a subscriber", person)
		}
		return store.Whose{Places: []store.Place{{Channel: s.Contact.Channel, Address: s.Contact.Address}}}, err
	}
	w.Places = placesNamed(person) // whoever has them now
	notices, err := p.store.Notices(ctx, incidentID)
	if err != nil {
		return w, err
	}
	who, err := p.findPeople(ctx, person, notices)
	if errors.As(err, new(*status.Invalid)) && len(w.Places) > 0 {
		return w, nil
	}
	for _, one := range who {
		theirs := one.whose()
		w.Persons = append(w.Persons, theirs.Persons...)
		for _, place := range theirs.Places {
			if !slices.Contains(w.Places, place) {
				w.Places = append(w.Places, place)
			}
		}
	}
	return w, err
}

// placesNamed are the addresses that a text is: an email address, that of a
// webhook or a chat, or the pseudonym of an address that was erased.
func placesNamed(text string) (places []store.Place) {
	text = strings.TrimSpace(text)
	for _, channel := range stakeholders.Channels() {
		switch {
		case store.IsPseudonym(text):
			places = append(places, store.Place{Channel: channel, Address: text})
		case channel == stakeholders.Email || channel.Secret() && strings.Contains(text, "://"):
			if address, err := stakeholders.NormalizeAddress(channel, text); err == nil {
				places = append(places, store.Place{Channel: channel, Address: address})
			}
		}
	}
	return places
}

// entries adds to deliveries what belongs to them.
func (p *Publisher) entries(ctx context.Context, deliveries []notify.Delivery, text bool) ([]LedgerEntry, error) {
	keys := make([]notify.Key, len(deliveries))
	for i, d := range deliveries {
		keys[i] = d.Key
	}
	tries, err := p.store.AttemptsOf(ctx, keys)
	if err != nil {
		return nil, err
	}
	said := sayer{publisher: p, contents: map[int64]notify.Content{}}
	entries := make([]LedgerEntry, len(deliveries))
	for i, d := range deliveries {
		e := LedgerEntry{Delivery: d, Tries: tries[d.Key]}
		if d.MergedInto != 0 {
			merged, err := p.store.Delivery(ctx, notify.Key{NoticeID: d.MergedInto, Channel: d.Channel, Address: d.Address})
			if err != nil && !errors.Is(err, status.ErrNotFound) {
				return nil, err
			}
			if err == nil {
				e.Merged = &merged
			}
		}
		if text {
			if e.Message, err = said.message(ctx, e); err != nil {
				return nil, err
			}
		}
		entries[i] = e
	}
	return entries, nil
}

// sayer renders again what was said. What a notice says is frozen with it; the
// words around it are those of this program.
type sayer struct {
	publisher *Publisher
	contents  map[int64]notify.Content
}

func (s sayer) message(ctx context.Context, e LedgerEntry) (*notify.Preview, error) {
	d := e.Delivery
	if e.Merged != nil {
		d = *e.Merged
	}
	render := s.publisher.config.Previews[d.Channel]
	if render == nil {
		return nil, nil
	}
	id := cmp.Or(d.SaidID, d.NoticeID)
	content, ok := s.contents[id]
	if !ok {
		notice, err := s.publisher.store.Notice(ctx, id)
		if err != nil {
			return nil, err
		}
		content = notice.Content
		s.contents[id] = content
	}
	text := notify.NewText(content, d.Form, d.Language, d.Pace)
	if d.IncidentID != "" {
		told, err := s.publisher.store.ToldBefore(ctx, d.IncidentID, d.Key)
		if err != nil {
			return nil, err
		}
		text.First = !told
	}
	message, err := render(text.AsOf(s.saidAt(d)))
	return &message, err
}

// saidAt is when a delivery left, was given up, or else would leave now.
func (s sayer) saidAt(d notify.Delivery) time.Time {
	switch {
	case !d.SentAt.IsZero():
		return d.SentAt
	case d.State.Done():
		return d.UpdatedAt
	default:
		return s.publisher.store.Now()
	}
}
