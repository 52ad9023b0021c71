package stakeholders

import (
	"maps"
	"slices"
	"strings"
)

// Class is the letter of the table that speaks to a channel under this policy:
// the one that the policy gives it, or else its own.
func (p *Policy) Class(channel Channel) Class {
	if class, ok := p.classes[channel]; ok {
		return class
	}
	return channel.Class()
}

// ChannelsOf are the channels that the policy itself gives to a letter.
func (p *Policy) ChannelsOf(class Class) []Channel {
	var channels []Channel
	for channel, of := range p.classes {
		if of == class {
			channels = append(channels, channel)
		}
	}
	slices.Sort(channels)
	return channels
}

// tableLetters are the letters that every table may use.
const tableLetters = "ECSP"

// letters are those that may stand in the policy's cells.
func (p *Policy) letters() string {
	letters := tableLetters
	for _, class := range slices.Sorted(maps.Values(p.classes)) {
		if letter := string(class); !strings.Contains(letters, letter) {
			letters += letter
		}
	}
	return letters
}

// channels reads which letter speaks to which channels.
func (r policyReader) channels(value any) {
	fields, _ := r.names(value, "channels")
	for _, letter := range slices.Sorted(maps.Keys(fields)) {
		if !isLetter(letter) || letter == string(ClassPreferred) || letter == string(ClassWebhook) {
			r.fault([]any{"channels", letter}, "channels.%s: it must be a capital letter; P is whatever channel a person chose, and W the webhooks, which are told everything", letter)
			continue
		}
		list, ok := fields[letter].([]any)
		if !ok || len(list) == 0 {
			r.fault([]any{"channels", letter}, "channels.%s: it must be a list of channels, such as [teams]", letter)
			continue
		}
		for i, item := range list {
			if name, ok := r.text(item, "channels", letter, i); ok {
				r.channel(Class(letter[0]), name, i)
			}
		}
	}
}

func (r policyReader) channel(class Class, name string, i int) {
	path := []any{"channels", string(class), i}
	channel := Channel(name)
	of, twice := r.policy.classes[channel]
	switch {
	case channel == Webhook:
		r.fault(path, "channels.%c: webhooks are told everything; no letter stands for them", class)
	case channel.Class() == 0:
		r.fault(path, "channels.%c: %q is not a channel; use %s", class, name, listed(channelNames()))
	case twice:
		r.fault(path, "channels.%c: %s has the letter %c already", class, name, of)
	default:
		if r.policy.classes == nil {
			r.policy.classes = map[Channel]Class{}
		}
		r.policy.classes[channel] = class
	}
}

// channelNames are the channels that a letter may stand for.
func channelNames() []string {
	var names []string
	for _, c := range Channels() {
		if c != Webhook {
			names = append(names, string(c))
		}
	}
	return names
}
