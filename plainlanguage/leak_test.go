package plainlanguage

import (
	"strings"
	"testing"
)

// acme is the context of most tests.
var acme = Context{
	Profile:         ProfilePublic,
	Components:      []string{"Card payments", "Customer portal"},
	PublicAddresses: []string{"acme.example", "support@acme-help.example", "+49 30 5550100"},
}

// repeat makes up the body of a secret, so that no scanner of this repository
// takes a test for a leak.
func repeat(s string, n int) string { return strings.Repeat(s, n)[:n] }

// leakHits are texts and what must be found in them.
var leakHits = []struct {
	rule Rule
	text string
	want string
}{
	// secret
	{RuleSecret, "log in with demo / Passw0rd! for now", "demo / Passw0rd!"},
	{RuleSecret, "Sign in with test@acme.example / Tr0ub4dor3", "example / Tr0ub4dor3"},
	{RuleSecret, "the password is Gruyere-1912!x", "password is Gruyere-1912!x"},
	{RuleSecret, "key-" + repeat("3ax6xnjp29jd6f", 32), "key-" + repeat("3ax6xnjp29jd6f", 32)},
	{RuleSecret, "key AKIAIOSFODNN7EXAMPLE was exposed", "AKIAIOSFODNN7EXAMPLE"},
	{RuleSecret, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},
	{RuleSecret, "use ghp_" + repeat("a1B2c3D4", 36) + ".", "ghp_" + repeat("a1B2c3D4", 36)},
	{RuleSecret, "github_pat_" + repeat("11ABCDE_x", 60), "github_pat_" + repeat("11ABCDE_x", 60)},
	{RuleSecret, "`glpat-" + repeat("x9Y_z", 20) + "`", "glpat-" + repeat("x9Y_z", 20)},
	{RuleSecret, "(xoxb-123456789012-abcdefGHIJKL)", "xoxb-123456789012-abcdefGHIJKL"},
	{RuleSecret, "https://hooks.slack.com/services/T00000000/B00000000/" + repeat("Xy1", 24), "https://hooks.slack.com/services/T00000000/B00000000/" + repeat("Xy1", 24)},
	{RuleSecret, "sk_" + "live_" + repeat("4eC39HqL", 24), "sk_" + "live_" + repeat("4eC39HqL", 24)},
	{RuleSecret, "AIza" + repeat("SyD3x", 35), "AIza" + repeat("SyD3x", 35)},
	{RuleSecret, "sk-proj-" + repeat("aB3dE", 40), "sk-proj-" + repeat("aB3dE", 40)},
	{RuleSecret, "sk-ant-api03-" + repeat("aB3dE", 40), "sk-ant-api03-" + repeat("aB3dE", 40)},
	{RuleSecret, "SK" + repeat("0123456789abcdef", 32), "SK" + repeat("0123456789abcdef", 32)},
	{RuleSecret, "SG." + repeat("aB3", 22) + "." + repeat("xY9", 43), "SG." + repeat("aB3", 22) + "." + repeat("xY9", 43)},
	{RuleSecret, "npm_" + repeat("aB3dE6", 36), "npm_" + repeat("aB3dE6", 36)},
	{RuleSecret, "acl_" + repeat("aB3dE6", 43), "acl_" + repeat("aB3dE6", 43)},
	{RuleSecret, "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmN", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmN"},
	{RuleSecret, "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc=\n-----END RSA PRIVATE KEY-----\nand more", "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc=\n-----END RSA PRIVATE KEY-----"},
	{RuleSecret, "postgres://app:hunter2@db-prod-03/payments", "postgres://app:hunter2@"},
	{RuleSecret, "set password=hunter2 and retry", "password=hunter2"},
	{RuleSecret, `{"password": "s3cret!"}`, `password": "s3cret!`},
	{RuleSecret, "DB_PASSWORD=correct-horse", "DB_PASSWORD=correct-horse"},
	{RuleSecret, "The password is Winter2024", "password is Winter2024"},
	{RuleSecret, "API key: 9f8e7d6c5b4a", "key: 9f8e7d6c5b4a"},
	{RuleSecret, "Authorization: Bearer abcdef123456ghijkl", "Authorization: Bearer abcdef123456ghijkl"},
	{RuleSecret, "Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic dXNlcjpwYXNz"},
	{RuleSecret, "send bearer 8f7d6c5b4a3e2d1c", "bearer 8f7d6c5b4a3e2d1c"},
	{RuleSecret, "https://acme.example/reset?token=abc123def456", "token=abc123def456"},
	{RuleSecret, "run with --password hunter2 now", "--password hunter2"},
	{RuleSecret, "mot de passe : Azerty123!", "passe : Azerty123!"},

	// personal-data
	{RulePersonalData, "Reported by jane.doe@customer.example today", "jane.doe@customer.example"},
	{RulePersonalData, "[mail](mailto:jane@customer.example)", "jane@customer.example"},
	{RulePersonalData, "Call +1 (555) 123-4567.", "+1 (555) 123-4567"},
	{RulePersonalData, "Call 555-123-4567", "555-123-4567"},
	{RulePersonalData, "(555) 123-4567 is affected", "(555) 123-4567"},
	{RulePersonalData, "Tel. 030 1234567", "030 1234567"},
	{RulePersonalData, "+4915112345678", "+4915112345678"},
	{RulePersonalData, "appelez le 06 12 34 56 78", "06 12 34 56 78"},
	{RulePersonalData, "card 4111 1111 1111 1111 was charged twice", "4111 1111 1111 1111"},
	{RulePersonalData, "5555555555554444", "5555555555554444"},
	{RulePersonalData, "Amex 3782-822463-10005", "3782-822463-10005"},
	{RulePersonalData, "IBAN DE89 3704 0044 0532 0130 00 was charged", "DE89 3704 0044 0532 0130 00"},
	{RulePersonalData, "GB29NWBK60161331926819", "GB29NWBK60161331926819"},

	{RulePersonalData, "social security 123-45-6789", "123-45-6789"},
	{RulePersonalData, "Passport number C01X00T47", "C01X00T47"},
	{RulePersonalData, "born on 12.03.1978 in Ulm", "12.03.1978"},
	{RulePersonalData, "sort code 20-00-00", "20-00-00"},
	{RuleSecret, "Das Kennwort lautet Winter2024.", "Kennwort lautet Winter2024"},
	{RuleSecret, "The password was reset to Winter2024.", "password was reset to Winter2024"},
	{RuleSecret, "The OTP is 482913.", "OTP is 482913"},

	// placeholder
	{RulePlaceholder, "the text is to be filled in", "to be filled in"},
	{RulePlaceholder, "Impact: fill in later", "fill in later"},
	{RulePlaceholder, "$START_TIME UTC", "$START_TIME"},
	{RulePlaceholder, "We fixed {{component}} at noon", "{{component}}"},
	{RulePlaceholder, "We fixed {{ component.name }}.", "{{ component.name }}"},
	{RulePlaceholder, "Since {{start we", "{{start we"},
	{RulePlaceholder, "Since ${START_TIME} UTC", "${START_TIME}"},
	{RulePlaceholder, "Dear {name},", "{name}"},
	{RulePlaceholder, "Next update at [TIME] UTC", "[TIME]"},
	{RulePlaceholder, "[insert impact here]", "[insert impact here]"},
	{RulePlaceholder, "Affected: [service name]", "[service name]"},
	{RulePlaceholder, "Dear <name>, hello", "<name>"},
	{RulePlaceholder, "<your text here>", "<your text here>"},
	{RulePlaceholder, "TODO: ask payments", "TODO"},
	{RulePlaceholder, "Next update: TBD", "TBD"},
	{RulePlaceholder, "Next update at XX:XX UTC", "XX:XX"},
	{RulePlaceholder, "About XX% of users", "XX"},
	{RulePlaceholder, "Since XXX customers", "XXX"},
	{RulePlaceholder, "in xx minutes", "xx"},
	{RulePlaceholder, "on XX/XX/2024", "XX/XX"},
	{RulePlaceholder, "Lorem ipsum dolor sit amet", "Lorem ipsum"},
	{RulePlaceholder, "at HH:MM UTC", "HH:MM"},
	{RulePlaceholder, "at ____ UTC", "____"},
	{RulePlaceholder, "%SERVICE% is down", "%SERVICE%"},

	// host
	{RuleHost, "db-prod-03 failed", "db-prod-03"},
	{RuleHost, "**db-prod-03** failed", "db-prod-03"},
	{RuleHost, "`ip-10-0-1-5` is back", "ip-10-0-1-5"},
	{RuleHost, "web01.eu-west-1.internal is down", "web01.eu-west-1.internal"},
	{RuleHost, "printer.local", "printer.local"},
	{RuleHost, "vault.corp.internal:8200", "vault.corp.internal:8200"},
	{RuleHost, "payments.prod.svc.cluster.local timed out", "payments.prod.svc.cluster.local"},
	{RuleHost, "payments-api-7d9f8b6c5d-x2x9z restarted", "payments-api-7d9f8b6c5d-x2x9z"},
	{RuleHost, "See [graph](https://grafana.internal/d/abc)", "grafana.internal"},
	{RuleHost, "http://localhost:3000/x", "localhost:3000"},
	{RuleHost, "web01 and web02", "web01"},
	{RuleHost, "hosts vps01, vps02 and stor03", "stor03"},
	{RuleHost, "redis://cache-1:6379/0", "cache-1:6379"},
	{RuleHost, "kafka-2 lost its disk", "kafka-2"},
	{RuleHost, "api-staging", "api-staging"},
	{RuleHost, "db1.acme.example", "db1.acme.example"},
	{RuleHost, "acme.abc123.eu-west-1.rds.amazonaws.com", "acme.abc123.eu-west-1.rds.amazonaws.com"},
	{RuleHost, "服务器db-prod-03故障", "db-prod-03"},
	{RuleHost, "DB-PROD-03", "DB-PROD-03"},
	{RuleHost, "the postgres-primary", "postgres-primary"},
	{RuleHost, "bucket acme-prod-uploads", "acme-prod-uploads"},
	{RuleHost, "i-0abc123def4567890 was stopped", "i-0abc123def4567890"},

	// address
	{RuleAddress, "10.0.3.17 is down", "10.0.3.17"},
	{RuleAddress, "`10.0.3.17:5432`", "10.0.3.17:5432"},
	{RuleAddress, "http://203.0.113.9:8080/health", "203.0.113.9:8080"},
	{RuleAddress, "10.0.0.0/16", "10.0.0.0/16"},
	{RuleAddress, "2001:db8::8a2e:370:7334", "2001:db8::8a2e:370:7334"},
	{RuleAddress, "fe80::1", "fe80::1"},
	{RuleAddress, "[2001:db8::1]:443", "[2001:db8::1]:443"},
	{RuleAddress, "arn:aws:s3:::acme-backups/x.", "arn:aws:s3:::acme-backups/x"},
	{RuleAddress, "id 123e4567-e89b-12d3-a456-426614174000", "123e4567-e89b-12d3-a456-426614174000"},
	{RuleAddress, "9f86d081884c7d659a2feaa0c55ad015", "9f86d081884c7d659a2feaa0c55ad015"},
	{RuleAddress, "commit a1b2c3d", "a1b2c3d"},
	{RuleAddress, "00:1B:44:11:3A:B7", "00:1B:44:11:3A:B7"},
	{RuleAddress, "vpc-0a1b2c3d4e5f60718", "vpc-0a1b2c3d4e5f60718"},
	{RuleAddress, "pointer 0x7ffee4c0", "0x7ffee4c0"},

	// trace
	{RuleTrace, "java.lang.NullPointerException: x\n\tat com.acme.Pay.charge(Pay.java:42)\n\tat com.acme.Main.main(Main.java:7)", "at com.acme.Pay.charge(Pay.java:42)\n\tat com.acme.Main.main(Main.java:7)"},
	{RuleTrace, "Traceback (most recent call last):\n  File \"app.py\", line 3, in <module>", "Traceback (most recent call last):\n  File \"app.py\", line 3, in <module>"},
	{RuleTrace, "goroutine 1 [running]:\nmain.charge(0xc000010000)\n\t/src/main.go:42 +0x1d", "goroutine 1 [running]:\nmain.charge(0xc000010000)\n\t/src/main.go:42 +0x1d"},
	{RuleTrace, "    at Object.<anonymous> (/app/index.js:10:5)", "at Object.<anonymous> (/app/index.js:10:5)"},
	{RuleTrace, "   at Acme.Payments.Charge(Order o) in C:\\src\\Pay.cs:line 12", "at Acme.Payments.Charge(Order o) in C:\\src\\Pay.cs:line 12"},
	{RuleTrace, "PHP Fatal error:  Uncaught Exception", "PHP Fatal error:  Uncaught Exception"},
	{RuleTrace, "#0 /var/www/index.php(12): pay()", "#0 /var/www/index.php(12): pay()"},
	{RuleTrace, "app/models/order.rb:12:in `charge'", "app/models/order.rb:12:in `charge'"},
	{RuleTrace, "We saw a NullPointerException today", "NullPointerException"},
	{RuleTrace, "TypeError in the form", "TypeError"},
	{RuleTrace, "ActiveRecord::ConnectionTimeoutError raised", "ActiveRecord::ConnectionTimeoutError"},
	{RuleTrace, "2024-05-01 10:42:11,123 ERROR payment refused", "2024-05-01 10:42:11,123 ERROR payment refused"},
	{RuleTrace, "We saw 2024-05-01T10:42:11Z [error] no reply", "2024-05-01T10:42:11Z [error] no reply"},
	{RuleTrace, "ERROR 2024-05-01 10:42:11 [main] no reply", "ERROR 2024-05-01 10:42:11 [main] no reply"},
	{RuleTrace, "time=\"x\" level=error msg=\"boom\"", "time=\"x\" level=error msg=\"boom\""},
	{RuleTrace, "May  1 10:42:11 gate nginx[123]: worker died", "May  1 10:42:11 gate nginx[123]: worker died"},
	{RuleTrace, "SELECT id FROM orders WHERE id = 1;", "SELECT id FROM orders WHERE id = 1"},
	{RuleTrace, "we ran `select * from orders` twice", "select * from orders"},
	{RuleTrace, "duplicate key value violates unique constraint", "duplicate key value"},
	{RuleTrace, "connect ECONNREFUSED", "ECONNREFUSED"},
	{RuleTrace, "see main.go:42", "main.go:42"},
	{RuleTrace, "context deadline exceeded", "context deadline exceeded"},
	{RuleTrace, "select id from users where id = 5", "select id from users where id = 5"},
}

func TestLeaksAreFoundExactly(t *testing.T) {
	for _, test := range leakHits {
		findings := Check("body", test.text, acme)
		if !hasSpan(findings, test.rule, test.text, test.want) {
			t.Errorf("%s in %q: want %q, got %s", test.rule, test.text, test.want, summary(findings))
		}
		if !Blocking(findings) {
			t.Errorf("%q: must block", test.text)
		}
	}
}

// nearMisses hold nothing that the leak rules may find.
var nearMisses = []string{
	"Write to name@example.com", "Log in / sign up works again", "sign in and/or out", "log in at 10:42",
	// secret
	"Your password reset link works again.", "Password: use the link in the mail", "The password is at least 8 characters long",
	"Bearer of good news", "bearer authentication fails", "the sk-learn guide", "risk-assessment-and-follow-up-meeting",
	"token: 5 minutes", "tokens=500", "password=****", "password: [redacted]", "Basic subscription", "acl_rules",
	"the secret to success", "https://user@acme.example/x", "Pass: 3 of 5", "API key: see your settings",
	"A very-long-hyphenated-name-of-a-well-known-product-line", "access token expired", "Sign in with password or passkey",
	"https://www.youtube.com/watch?v=dQw4w9WgXcQ", "Key: Value", "the pk_ prefix",
	// personal-data
	"Write to help@acme.example or support@acme-help.example.", "Write to support@other.example", "Call +49 30 5550100 or 030 5550100",
	"Order 1234567890 was late", "order 555-123-4567", "2024-05-01 10:42:11 UTC", "on 01.05.2024 at 10:42", "Ticket INC-14",
	"$1,234,567.89 and €1.234.567,89", "10:42-11:30 UTC", "version 120.0.6099.109", "+5 000 000 users", "1234 5678 9012 3456",
	"4111 1111 1111 1112", "DE00 3704 0044 0532 0130 00", "between 2023-2024", "100-200 users", "about 1 234 567 890 requests",
	"0.123456789", "@acme_support on social media", "24/7", "call 1-800-555-0199", "EAN 4006381333931", "1714557600000",
	"03/04/2024 09:15 to 03/04/2024 11:45", "room 030 12", "a 50 000-100 000 range", "€ 030 123 4567",
	"Call customer services on 0345 600 1234.", "Our number is 020 7946 0958; call us.", "Dial in: +1 646 558 8656", "Use the PIN that you chose in 2019", "Your password was changed; sign in to continue.", "Passwords were reset to keep 31 accounts safe.", "info@acme-help.com",
	// placeholder
	"They'll be filled in by 18:00 UTC.", "$AAPL shares", "Please fill in the form later",
	"[RESOLVED] Card payments work again", "[Update] Card payments", "See [our FAQ](https://acme.example/faq).", "[FAQ][1]", "<b>bold</b><br>", "<https://acme.example>",
	"Fewer than 5 < 7 and 9 > 8", "- [x] done\n- [ ] open", "5xx and 4XX", "XL and XXL shirts", "your to-do list", "the todo app",
	"100% of users", "50 % slower", "quoted […] text", "note [1]", "Dates in the format YYYY-MM-DD", "___", "snake_case", "[sic]",
	"the X app", "(X) and Y", "[INC-14]", "{1, 2, 3}", "a <- b -> c", "insert your card. Then look here",
	// host
	"two-factor", "end-to-end", "follow-up", "sign-in", "24-hour", "COVID-19", "INC-14", "WEB-104", "a 3-node system",
	"https://status.example.com", "acme.com", "https://acme.example/status", "status.acme.example", "www.acme.example/help", "api.acme.com",
	"https://eu1.acme.com/login", "web-based and app-based", "production-ready", "prod-ready", "self-service", "server-side", "Web3",
	"DB2", "node.js", "iPhone-15", "UTF-8", "pre-production", "mail-order", "back-end", "Windows-11", "eu-west-1", "test-mode",
	"in-app", "pay-as-you-go", "high-quality", "Q3-2024", "master-class", "Auth0", "Route53", "web-2024", "mp3", "MX-5",
	// address
	"version 1.2.3", "v1.2.3.4", "Version 1.2.3.4", "10:42", "10:42:11", "3:1", "2024-05-01", "1.5.2024", "99.99 %", "16:9",
	"1.234.567", "std::vector", "a::b", "::", "deadbeef", "facade", "12345678", "A1B2C3D4", "0x10", "10:42:11:05",
	"https://acme.example/incidents/123e4567-e89b-12d3-a456-426614174000", "300.300.300.300", "1.2.3.4.5", "section 2.4.1.3", "Table 5.2.1.3", "Open chrome://settings", "Error 0x80070057 appears",
	// trace
	"We start at noon (UTC).", "at 10:42 UTC", "Caused by: a power cut", "An error occurred.", "Error rates fell", "Select a plan from the menu",
	"Update your settings", "Delete it from your device", "PLEASE SELECT A PLAN FROM THE MENU", "10:42:11 UTC Error rates fell", "without exception",
	"ERROR: we are sorry", "2024-05-01 10:42 UTC - Error rates fell", "panic buying", "File a complaint", "#1 in the list", "[INFO] Maintenance",
	"Drop a table booking", "created by you", "Insert into the slot", "level=3",
}

func TestNearMissesAreNotLeaks(t *testing.T) {
	for _, s := range nearMisses {
		for _, f := range Check("body", s, acme) {
			if f.Rule.leak() && f.Rule != RuleIdentifier && f.Rule != RulePath && f.Rule != RuleCommand {
				t.Errorf("%q: found %s %q", s, f.Rule, f.Text)
			}
		}
	}
}

func TestMarkdownHidesNoLeak(t *testing.T) {
	for _, leak := range []string{"db-prod-03", "10.0.3.17", "jane@customer.example", "NullPointerException", "{{name}}", "ghp_" + repeat("a1B2c3D4", 36)} {
		for _, wrap := range []string{"`%`", "**%**", "_%_", "[%](https://acme.example)", "[see](%)", "[see](https://acme.example) %", "> %", "- %", "(%)", "\"%\"", "“%”", "~~%~~", "```\n%\n```", "%,", "%.", "%:", "%’s"} {
			s := strings.Replace(wrap, "%", leak, 1)
			if findings := Check("body", s, acme); !Blocking(findings) {
				t.Errorf("%q: nothing found", s)
			}
		}
	}
}

func TestEveryProfileAndExemptionKeepsLeaks(t *testing.T) {
	for _, profile := range []Profile{ProfilePublic, ProfileDeveloper, ProfileInternal, "", "other"} {
		c := acme
		c.Profile = profile
		for _, test := range leakHits {
			c.Allowed = []string{test.want}
			if findings := Check("body", "“"+test.text+"”", c); !Blocking(findings) {
				t.Errorf("%s: %q: nothing found", profile, test.text)
			}
		}
	}
}

func TestASecretIsNeverRepeated(t *testing.T) {
	secret := "ghp_" + repeat("a1B2c3D4", 36)
	for _, s := range []string{
		secret, "token=" + secret, "2024-05-01 10:42:11 ERROR token " + secret + " refused", "Authorization: Bearer " + secret,
		"https://x:" + secret + "@db-prod-03/", "curl -u me:" + secret + " https://acme.example", "4111111111111111 " + secret,
	} {
		findings := Check("body", s, acme)
		if len(findings) == 0 {
			t.Errorf("%q: nothing found", s)
		}
		for _, f := range findings {
			if strings.Contains(f.Text, secret[4:12]) || strings.Contains(f.Text, "41111111") {
				t.Errorf("%q: %s repeats it: %q", s, f.Rule, f.Text)
			}
		}
	}
	if f := Check("body", secret, acme)[0]; f.Text != "ghp_…" {
		t.Errorf("got %q, want the first four characters", f.Text)
	}
	if f := Check("body", "4111111111111111", acme)[0]; f.Text != "4111…" {
		t.Errorf("got %q, want the first four digits", f.Text)
	}
}

func TestAHostIsReplacedByTheOnlyComponent(t *testing.T) {
	c := Context{Components: []string{"Card payments"}}
	if f := Check("body", "db-prod-03", c)[0]; f.Replacement == nil || *f.Replacement != "Card payments" {
		t.Errorf("got %v", f.Replacement)
	}
	if f := Check("body", "db-prod-03", acme)[0]; f.Replacement != nil {
		t.Errorf("got %q of two components", *f.Replacement)
	}
}

// hasSpan says whether a finding of the rule stands exactly where want does.
func hasSpan(findings []Finding, rule Rule, text, want string) bool {
	for _, f := range findings {
		if f.Rule == rule && string([]rune(text)[f.Start:f.End]) == want {
			return true
		}
	}
	return false
}

// summary lists findings for a message.
func summary(findings []Finding) string {
	var b strings.Builder
	for _, f := range findings {
		b.WriteString(string(f.Level) + " " + string(f.Rule) + " " + f.Text + "; ")
	}
	return b.String()
}
