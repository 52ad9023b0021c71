package publish

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/store"
)

// EraseRequest is the wish that a person be forgotten.
type EraseRequest struct {
	// Person is an email address, a person's name in the register, or an id as
	// the ledger has it: "stakeholder:<id>", "subscriber:<id>".
	Person string
	// Names are further words by which texts know the person.
	Names  []string
	Reason string
	DryRun bool
}

// Erasure is what an erasure changed, or would change.
type Erasure struct {
	store.Erased
	Pseudonym string   // of the first address
	Addresses []string // fit to show
	People    []string // entries of the register that were the person, by name
	Teams     []string // entries that lose a contact
	Contracts []string // entries that had to be told there by contract
	Mentions  []string // incidents whose public words name the person
}

// mostErased bounds the further names.
const mostErased = 10

// errLook ends a transaction that was a look only.
var errLook = errors.New("only a look")

// Erase makes a person a pseudonym in the ledger, the audit log and all that the
// public does not see, and deletes what else is known of them. Nothing is sent
// to their addresses any more, whatever list they come back with; only they
// themselves can come back, by subscribing on the page. Public texts stay as
// they are: those that name the person are listed.
//
// Errors: *status.Invalid, also for a person whom nothing knows;
// status.ErrConflict while a message to them is being sent: they are told
// nothing more, and it can be tried again soon.
func (p *Publisher) Erase(ctx context.Context, actor auth.Actor, in EraseRequest) (done Erasure, err error) {
	if err := in.check(); err != nil {
		return Erasure{}, err
	}
	err = p.store.InTxAgain(ctx, func(tx *store.Tx) error {
		who, err := findErased(ctx, tx, in)
		if err != nil {
			return err
		}
		if done, err = p.erase(ctx, tx, actor, in, who); err == nil && in.DryRun {
			err = errLook
		}
		return err
	})
	switch {
	case errors.Is(err, errLook):
		return done, nil
	case errors.Is(err, store.ErrSending) && !in.DryRun:
		if stopped := p.stopErased(ctx, in); stopped != nil {
			return Erasure{}, stopped
		}
		fallthrough
	case errors.Is(err, store.ErrSending):
		return Erasure{}, fmt.Errorf("person: a message to them is being sent at this moment; nothing more will be, try again in a minute: %w", status.ErrConflict)
	case err != nil:
		return Erasure{}, err
	}
	if err := p.store.Flush(ctx); err != nil {
		p.config.Log.Warn("flush after an erasure", "error", err) // the database does it by itself later
	}
	return done, nil
}

func (in EraseRequest) check() error {
	bad := &status.Invalid{}
	if strings.TrimSpace(in.Person) == "" {
		bad.Add("person", "is missing; give an email address, or a person's name in the register")
	}
	status.CheckText(bad, "reason", in.Reason, status.MaxNameLength, true)
	if len(in.Names) > mostErased {
		bad.Add("names", "are %d; at most %d can be given", len(in.Names), mostErased)
	}
	for i, name := range in.Names {
		if len([]rune(strings.TrimSpace(name))) < 2 {
			bad.Add(fmt.Sprintf("names[%d]", i), "is %q; a name has at least two letters", name)
		}
	}
	return bad.Err()
}

// erased is all by which a person is known.
type erased struct {
	store.Erasure
	contacts  []stakeholders.Contact
	people    []string // names of the entries that are the person
	teams     []string
	contracts []string
}

func (e *erased) add(c stakeholders.Contact) {
	if !e.has(c) {
		e.Places = append(e.Places, store.Place{Channel: c.Channel, Address: c.Address})
		e.contacts = append(e.contacts, c)
	}
}

func (e *erased) has(c stakeholders.Contact) bool {
	return slices.Contains(e.Places, store.Place{Channel: c.Channel, Address: c.Address})
}

// findErased finds out by what a person is known.
func findErased(ctx context.Context, tx *store.Tx, in EraseRequest) (who erased, err error) {
	register, err := tx.Register(ctx)
	if err != nil {
		return who, err
	}
	if err := who.start(ctx, tx, register, strings.TrimSpace(in.Person)); err != nil {
		return who, err
	}
	if err := who.addPerson(register); err != nil {
		return who, err
	}
	if err := who.addWebhooks(ctx, tx); err != nil {
		return who, err
	}
	for _, s := range register {
		for _, c := range s.Contacts {
			if !who.has(c) {
				continue
			}
			if !slices.Contains(who.Entries, s.ID) && !slices.Contains(who.teams, s.Name) {
				who.teams = append(who.teams, s.Name)
			}
			if c.Contractual != "" && !slices.Contains(who.contracts, s.Name) {
				who.contracts = append(who.contracts, s.Name)
			}
		}
	}
	for _, name := range in.Names {
		who.Words = append(who.Words, strings.TrimSpace(name))
	}
	return who, nil
}

// start reads whom a text names: an address, or an entry of the register.
func (e *erased) start(ctx context.Context, tx *store.Tx, register []stakeholders.Stakeholder, person string) error {
	kind, id, _ := strings.Cut(person, ":")
	if kind == string(stakeholders.FromSubscription) {
		s, err := tx.Subscriber(ctx, id)
		if errors.Is(err, status.ErrNotFound) {
			return status.NewInvalid("person", "%q is not a subscriber", person)
		}
		e.add(s.Contact)
		return err
	}
	for _, s := range register {
		if person != string(stakeholders.FromRegister)+":"+s.ID && !stakeholders.SameName(person, s.Name) {
			continue
		}
		if s.Kind != stakeholders.Person {
			return status.NewInvalid("person", "%q is a %s in the register; give a person's name, or an address", person, s.Kind)
		}
		e.addEntry(register, s)
		return nil
	}
	address, err := stakeholders.NormalizeAddress(stakeholders.Email, person)
	if err != nil {
		return status.NewInvalid("person", "%q is neither an email address nor a person's name in the register", person)
	}
	e.add(stakeholders.Contact{Channel: stakeholders.Email, Address: address})
	return nil
}

// addPerson adds the entry of the register that is the person behind the address.
func (e *erased) addPerson(register []stakeholders.Stakeholder) error {
	if len(e.Entries) > 0 {
		return nil
	}
	var found []stakeholders.Stakeholder
	var names []string
	for _, s := range register {
		if s.Kind == stakeholders.Person && slices.ContainsFunc(s.Contacts, e.has) {
			found, names = append(found, s), append(names, s.Name)
		}
	}
	if len(found) > 1 {
		return status.NewInvalid("person", "has an address that several people share: %s; give the name of one", strings.Join(names, ", "))
	}
	if len(found) == 1 {
		e.addEntry(register, found[0])
	}
	return nil
}

// addEntry adds an entry that is the person, with the contacts that are no other
// person's, nor a team's channel.
func (e *erased) addEntry(register []stakeholders.Stakeholder, s stakeholders.Stakeholder) {
	e.Entries, e.people, e.Words = append(e.Entries, s.ID), append(e.people, s.Name), append(e.Words, s.Name)
	for _, c := range s.Contacts {
		shared := slices.ContainsFunc(register, func(o stakeholders.Stakeholder) bool {
			return o.ID != s.ID && (o.Kind == stakeholders.Person || c.Channel != stakeholders.Email) && slices.ContainsFunc(o.Contacts, func(k stakeholders.Contact) bool { return k.Channel == c.Channel && k.Address == c.Address })
		})
		if shared {
			continue
		}
		e.add(c)
		if c.Label != "" {
			e.Words = append(e.Words, c.Label)
		}
	}
}

// addWebhooks adds the webhooks that the person subscribed.
func (e *erased) addWebhooks(ctx context.Context, tx *store.Tx) error {
	for _, c := range slices.Clone(e.contacts) {
		if c.Channel != stakeholders.Email {
			continue
		}
		webhooks, err := tx.OwnedWebhooks(ctx, c.Address)
		if err != nil {
			return err
		}
		for _, s := range webhooks {
			e.add(s.Contact)
		}
	}
	return nil
}

func (p *Publisher) erase(ctx context.Context, tx *store.Tx, actor auth.Actor, in EraseRequest, who erased) (done Erasure, err error) {
	known := false
	words := slices.Clone(who.Words)
	for _, c := range who.contacts {
		reason, err := tx.Suppressed(ctx, c.Channel, c.Address)
		if err != nil {
			return done, err
		}
		known = known || reason != "" && reason != store.ErasedAddress
		done.Addresses = append(done.Addresses, string(c.Channel)+" "+c.Shown())
		if !c.Channel.Secret() {
			words = append(words, c.Address)
		}
	}
	done.People, done.Teams, done.Contracts = who.people, who.teams, who.contracts
	if len(who.Places) > 0 {
		done.Pseudonym = tx.Pseudonym(who.Places[0])
	}
	numbers, err := tx.Mentions(ctx, words)
	if err != nil {
		return done, err
	}
	for _, n := range numbers {
		done.Mentions = append(done.Mentions, status.Incident{Number: n}.Reference())
	}
	if done.Erased, err = tx.Erase(ctx, who.Erasure); err != nil {
		return done, err
	}
	e := done.Erased
	if !known && e.Deliveries+e.Subscriptions+e.Contacts+e.Entries == 0 && len(e.Roles)+len(e.Owned)+len(e.Texts) == 0 {
		return done, status.NewInvalid("person", "%q is not known here; nothing was changed", in.Person)
	}
	return done, tx.Audit(ctx, actor, "erase person", done.Pseudonym, map[string]any{
		"deliveries": e.Deliveries, "subscriptions": e.Subscriptions, "contacts": e.Contacts, "entries": e.Entries, "roles": e.Roles, "reason": e.Reword(in.Reason)}, 0)
}

// stopErased sees to it that nothing more is sent to a person who cannot be
// erased yet.
func (p *Publisher) stopErased(ctx context.Context, in EraseRequest) error {
	return p.store.InTxAgain(ctx, func(tx *store.Tx) error {
		who, err := findErased(ctx, tx, in)
		if err != nil {
			return err
		}
		for _, place := range who.Places {
			if err := tx.Suppress(ctx, place.Channel, place.Address, store.Unsubscribed); err != nil {
				return err
			}
			if err := tx.Unsubscribe(ctx, place.Channel, place.Address); err != nil {
				return err
			}
		}
		return nil
	})
}
