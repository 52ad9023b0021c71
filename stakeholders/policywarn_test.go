package stakeholders_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/allclear-status/allclear/stakeholders"
)

// placed is a register entry with contacts on channels.
func placed(name string, power, interest stakeholders.Level, channels ...stakeholders.Channel) stakeholders.Stakeholder {
	s := stakeholders.Stakeholder{ID: name, Name: name, Kind: stakeholders.Person, Power: power, Interest: interest}
	for _, c := range channels {
		s.Contacts = append(s.Contacts, stakeholders.Contact{Channel: c, Address: name})
	}
	return s
}

func TestWarningsBeforeTheNight(t *testing.T) {
	const high, low = stakeholders.High, stakeholders.Low
	const mail, chat, sms = stakeholders.Email, stakeholders.Slack, stakeholders.SMS
	silentMonitor := string(stakeholders.DefaultPolicyDocument())
	for _, pair := range [][2]string{{"monitor: C, E 15m / C / –", `monitor: "–"`}, {"monitor: E day / – / –", `monitor: told`}} {
		silentMonitor = strings.Replace(silentMonitor, pair[0], pair[1], 1)
	}
	noSMS := "SMS is not set up, but the policy gives it to manage_closely (opened, critical; resolved, critical)"
	for _, c := range []struct {
		name     string
		document string // empty: the default
		register []stakeholders.Stakeholder
		channels []stakeholders.Channel
		want     []string
	}{
		{name: "all is well", channels: stakeholders.Channels(), register: []stakeholders.Stakeholder{
			placed("Management", high, high, mail, sms), placed("Ana", high, high, mail), placed("Support", low, high, chat)}},
		{name: "no register", channels: stakeholders.Channels()},
		{name: "email only at night", channels: []stakeholders.Channel{mail, chat}, register: []stakeholders.Stakeholder{placed("Management", high, high, mail, sms)},
			want: []string{noSMS + ": Management is reached by email only.",
				"Nobody in manage_closely (Management) can be reached at 03:00 except by email; a critical incident at night may wait until somebody reads it."}},
		{name: "chat at night", channels: []stakeholders.Channel{mail, chat}, register: []stakeholders.Stakeholder{placed("Management", high, high, mail, sms, chat)},
			want: []string{noSMS + ": Management is reached by email and slack."}},
		{name: "nothing at all", channels: []stakeholders.Channel{mail, chat}, register: []stakeholders.Stakeholder{placed("Management", high, high, sms)},
			want: []string{noSMS + ": Management is reached by nothing at all.",
				"Nobody in manage_closely (Management) is told at once when a critical incident is opened.",
				"Management has no contact that can be used: sms is not set up."}},
		{name: "silent quadrant", document: silentMonitor, channels: stakeholders.Channels(),
			register: []stakeholders.Stakeholder{placed("Everybody", low, low, mail)},
			want:     []string{"Nobody in monitor is ever told: no cell of its column names a channel that is set up.", "Everybody is never told: no cell of monitor names email."}},
		{name: "a channel that the column lacks", channels: stakeholders.Channels(), register: []stakeholders.Stakeholder{placed("Support", low, high, sms)},
			want: []string{"Support is never told: no cell of keep_informed names sms."}},
		{name: "chosen channel", channels: []stakeholders.Channel{sms, mail, chat}, register: []stakeholders.Stakeholder{placed("Board", high, low, sms)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := defaultPolicy(t)
			if c.document != "" {
				p = parsed(t, c.document)
			}
			if got := stakeholders.PolicyWarnings(p, c.register, c.channels); !slices.Equal(got, c.want) {
				t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}
