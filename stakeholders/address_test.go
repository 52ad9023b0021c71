package stakeholders_test

import (
	"strings"
	"testing"

	"github.com/allclear-status/allclear/stakeholders"
)

func TestAddressesHaveOneForm(t *testing.T) {
	for _, c := range []struct {
		channel   stakeholders.Channel
		raw, want string
	}{
		{stakeholders.Email, "ana@example.com", "ana@example.com"},
		{stakeholders.Email, " Ana@Example.COM\n", "ana@example.com"},
		{stakeholders.Email, "ana+status@mail.example.com", "ana+status@mail.example.com"},
		{stakeholders.Email, "o'hara_{x}=!#$%&*/?^`|~-@example.com", "o'hara_{x}=!#$%&*/?^`|~-@example.com"},
		{stakeholders.Email, "ana@Bücher.example", "ana@xn--bcher-kva.example"},
		{stakeholders.Email, "ana@xn--bcher-kva.example", "ana@xn--bcher-kva.example"},
		{stakeholders.Email, "ana@example。com", "ana@example.com"},
		{stakeholders.Email, "root@localhost", "root@localhost"},
		{stakeholders.Email, "Jörg@Bücher.example", "jörg@xn--bcher-kva.example"},
		{stakeholders.Email, "Jo\u0308rg@example.com", "jörg@example.com"},
		{stakeholders.Email, "Анна.7@example.com", "анна.7@example.com"},
		{stakeholders.Email, "田中さん@example.com", "田中さん@example.com"},
		{stakeholders.Email, strings.Repeat("a", 64) + "@example.com", strings.Repeat("a", 64) + "@example.com"},
		{stakeholders.SMS, "+34600000000", "+34600000000"},
		{stakeholders.SMS, " +34 (600) 00-00.00 ", "+34600000000"},
	} {
		got, err := stakeholders.NormalizeAddress(c.channel, c.raw)
		if err != nil || got != c.want {
			t.Errorf("%s %q: %q, %v; want %q", c.channel, c.raw, got, err, c.want)
		}
	}
}

func TestHostileEmailAddressesAreRefused(t *testing.T) {
	for name, raw := range map[string]string{
		"empty": "", "blank": "  ", "no @": "ana", "nobody": "@example.com", "nowhere": "ana@", "two @": "ana@evil.example@example.com",
		"header injection":           "ana@example.com\r\nBcc: all@example.com",
		"injection before @":         "ana\r\nBcc: all@example.com",
		"line feed alone":            "ana\n@example.com",
		"line break in the domain":   "ana@exam\r\nple.com",
		"NUL":                        "ana\x00@example.com",
		"NUL in the domain":          "ana@example.com\x00",
		"display name":               "Ana <ana@example.com>",
		"angle brackets":             "<ana@example.com>",
		"quoted":                     `"ana b"@example.com`,
		"comment":                    "ana(boss)@example.com",
		"list":                       "ana@example.com,bo@example.com",
		"list with semicolon":        "ana@example.com;bo@example.com",
		"route":                      "@relay.example:ana@example.com",
		"space":                      "ana b@example.com",
		"space in the domain":        "ana@exam ple.com",
		"tab":                        "ana\t@example.com",
		"backslash":                  `ana\@example.com`,
		"letters of two alphabets":   "аna@example.com",
		"an invisible letter":        "an\u200ba@example.com",
		"an emoji":                   "ana😀@example.com",
		"a bare accent":              "\u0301ana@example.com",
		"wide letters":               "ａna@example.com",
		"line separator":             "ana\u2028@example.com",
		"bytes that are no letters":  "\xff@example.com",
		"such bytes in the domain":   "ana@\xff.example",
		"leading dot":                ".ana@example.com",
		"trailing dot":               "ana.@example.com",
		"two dots":                   "a..na@example.com",
		"dot before the domain":      "ana@.example.com",
		"dot after the domain":       "ana@example.com.",
		"two dots in the domain":     "ana@example..com",
		"underscore in the domain":   "ana@exam_ple.com",
		"hyphen first":               "ana@-example.com",
		"address literal":            "ana@[127.0.0.1]",
		"percent in the domain":      "ana@example.com%00",
		"broken punycode":            "ana@xn--a.example",
		"300 characters":             strings.Repeat("a", 288) + "@example.com",
		"65 before the @":            strings.Repeat("a", 65) + "@example.com",
		"64 in one label":            "ana@" + strings.Repeat("b", 64) + ".example",
		"64 in one label, once IDN":  "ana@" + strings.Repeat("ü", 60) + ".example",
		"255 characters in all":      "ana@" + strings.Repeat("bcd.", 61) + "example",
		"direction turned around":    "ana@example.com\u202e",
		"zero-width joiner":          "ana@exa\u200dmple.com",
		"quoted-printable encoding":  "=?utf-8?q?ana?=@example.com, x@y",
		"a second header, URL style": "ana@example.com%0d%0aBcc:x@y.example",
	} {
		if got, err := stakeholders.NormalizeAddress(stakeholders.Email, raw); err == nil || got != "" {
			t.Errorf("%s: %q was taken as %q", name, raw, got)
		}
	}
}

func TestHostilePhoneNumbersAreRefused(t *testing.T) {
	for _, raw := range []string{"", "600000000", "+", "+1234", "+1234567890123456", "+34600+000", "++34600000000", "+34 600 ext 5", "+３４６０００００００", "+34600000000\r\nX: y"} {
		if got, err := stakeholders.NormalizeAddress(stakeholders.SMS, raw); err == nil || got != "" {
			t.Errorf("%q was taken as %q", raw, got)
		}
	}
}

func TestWebhookAddressIsKnownByADigest(t *testing.T) {
	const secret = "https://hooks.slack.com/services/T0/B0/XYZsecret"
	address, err := stakeholders.NormalizeAddress(stakeholders.Slack, secret)
	if err != nil || len(address) != 24 || strings.Contains(address, "secret") {
		t.Fatalf("%q, %v", address, err)
	}
	for _, same := range []string{" " + secret + "\n", "HTTPS://Hooks.Slack.com/services/T0/B0/XYZsecret", "https://hooks.slack.com:443/services/T0/B0/XYZsecret", secret + "#incidents"} {
		if got, err := stakeholders.NormalizeAddress(stakeholders.Slack, same); got != address {
			t.Errorf("%q is another address: %q, %v", same, got, err)
		}
	}
	for _, other := range []string{secret + "2", "https://hooks.slack.com/services/T0/B0/xyzsecret", "http://hooks.slack.com/services/T0/B0/XYZsecret", secret + "?a=b"} {
		if got, err := stakeholders.NormalizeAddress(stakeholders.Slack, other); err != nil || got == address {
			t.Errorf("%q is the same address: %v", other, err)
		}
	}
	for _, bad := range []string{"", "hooks.slack.com/x", "ftp://hooks.slack.com/topsecret", "https://", "https://:443/topsecret", "javascript:topsecret", "https://h/\x00topsecret", "https://h/" + strings.Repeat("topsecret", 300)} {
		_, err := stakeholders.NormalizeAddress(stakeholders.Slack, bad)
		if err == nil || strings.Contains(err.Error(), "topsecret") {
			t.Errorf("%q: error %v; a secret is never repeated", bad, err)
		}
	}
}

func TestUnknownChannelIsRefused(t *testing.T) {
	if _, err := stakeholders.NormalizeAddress("pigeon", "coo"); err == nil || stakeholders.Channel("pigeon").Class() != 0 {
		t.Error("pigeon is no channel")
	}
}

func TestSecretAddressIsShownByItsLabel(t *testing.T) {
	for _, c := range []struct {
		contact stakeholders.Contact
		want    string
	}{
		{stakeholders.Contact{Channel: stakeholders.Email, Address: "ana@example.com", Label: "Ana"}, "ana@example.com"},
		{stakeholders.Contact{Channel: stakeholders.Slack, Address: "abcdef", Label: "#incidents"}, "#incidents"},
		{stakeholders.Contact{Channel: stakeholders.Slack, Address: "abcdef", Endpoint: "https://hooks.example/x"}, "slack webhook"},
	} {
		if got := c.contact.Shown(); got != c.want {
			t.Errorf("shown as %q, want %q", got, c.want)
		}
	}
}
