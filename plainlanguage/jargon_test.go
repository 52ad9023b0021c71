package plainlanguage

import (
	"slices"
	"strings"
	"testing"
)

// jargonHits are texts and what must be found in them.
var jargonHits = []struct {
	rule  Rule
	level Level
	text  string
	want  string
}{
	{RuleIdentifier, LevelWarning, "the user_id field is empty", "user_id"},
	{RuleIdentifier, LevelWarning, "MAX_CONNECTIONS was reached", "MAX_CONNECTIONS"},
	{RuleIdentifier, LevelWarning, "the paymentService stopped", "paymentService"},
	{RuleIdentifier, LevelWarning, "PaymentController failed", "PaymentController"},
	{RuleIdentifier, LevelWarning, "billing-svc was slow", "billing-svc"},
	{RuleIdentifier, LevelWarning, "auth-service is back", "auth-service"},
	{RuleIdentifier, LevelWarning, "`payments-core` is back", "payments-core"},
	{RuleIdentifier, LevelWarning, "we set spring.datasource.poolsize", "spring.datasource.poolsize"},
	{RuleIdentifier, LevelWarning, "chargeCard() hangs", "chargeCard()"},
	{RuleIdentifier, LevelWarning, "you see \"ERR_NAME_LOST\"", "ERR_NAME_LOST"},

	{RuleIdentifier, LevelWarning, "CHG0045678 is open", "CHG0045678"},
	{RuleIdentifier, LevelWarning, "see OPS-1234", "OPS-1234"},
	{RuleIdentifier, LevelWarning, "com.acme.billing.Invoice fails", "com.acme.billing.Invoice"},
	{RuleInfrastructure, LevelWarning, "npm install isn't affected", "npm install"},
	{RuleStatusCode, LevelWarning, "users see a 504 when they pay", "504"},

	{RuleCommand, LevelError, "we ran kubectl rollout restart deploy/payments and it came back", "kubectl rollout restart deploy/payments"},
	{RuleCommand, LevelError, "after `systemctl restart nginx`", "systemctl restart nginx"},
	{RuleCommand, LevelError, "git revert main", "git revert main"},
	{RuleCommand, LevelError, "rm -rf /var/tmp/x", "rm -rf /var/tmp/x"},
	{RuleCommand, LevelError, "then `make deploy`", "make deploy"},
	{RuleCommand, LevelError, "run it with --dry-run", "--dry-run"},
	{RuleCommand, LevelError, "$ restart payments now", "restart payments now"},
	{RuleCommand, LevelError, "ssh root@web01", "ssh root@web01"},
	{RuleCommand, LevelError, "curl -v https://acme.example", "curl -v https://acme.example"},
	{RuleCommand, LevelError, "docker restart payments-api", "docker restart payments-api"},

	{RulePath, LevelError, "see /var/log/app for more", "/var/log/app"},
	{RulePath, LevelError, "in /etc/nginx/nginx.conf.", "/etc/nginx/nginx.conf"},
	{RulePath, LevelError, `in C:\inetpub\logs.`, `C:\inetpub\logs`},
	{RulePath, LevelError, "~/deploy.sh", "~/deploy.sh"},
	{RulePath, LevelError, "we changed config.yaml", "config.yaml"},
	{RulePath, LevelError, "src/main/java/Pay.java is wrong", "src/main/java/Pay.java"},
	{RulePath, LevelError, "the .env file", ".env"},
	{RulePath, LevelError, "s3://acme-backups/2024", "s3://acme-backups/2024"},
	{RulePath, LevelError, "/tmp is full", "/tmp"},

	{RuleInternalName, LevelError, "Falcon is down", "Falcon"},
	{RuleInternalName, LevelError, "falcon's queue", "falcon"},
	{RuleInternalName, LevelError, "the Ledger Core team", "Ledger Core"},
	{RuleInternalName, LevelError, "ledger-core is down", "ledger-core"},
	{RuleInternalName, LevelError, "Größe ist weg", "Größe"},

	{RuleStatusCode, LevelWarning, "customers get 503s", "503s"},
	{RuleStatusCode, LevelWarning, "we return 5xx", "5xx"},
	{RuleStatusCode, LevelWarning, "HTTP 500 on checkout", "HTTP 500"},
	{RuleStatusCode, LevelWarning, "they see error 502.", "error 502"},
	{RuleStatusCode, LevelWarning, "502 errors", "502 errors"},
	{RuleStatusCode, LevelWarning, "a high level of 429 errors", "429 errors"},
	{RuleStatusCode, LevelWarning, "an unusual amount of 503 errors", "503 errors"},
	{RuleStatusCode, LevelWarning, "it is returning 504", "504"},
	{RuleStatusCode, LevelWarning, "a 502 bad gateway", "502 bad gateway"},
	{RuleStatusCode, LevelWarning, "a bad gateway page", "bad gateway"},

	{RuleInfrastructure, LevelWarning, "replica lag on the main system", "replica lag"},
	{RuleInfrastructure, LevelWarning, "a load-balancer failed", "load-balancer"},
	{RuleInfrastructure, LevelWarning, "Pods restarted", "Pods"},
	{RuleInfrastructure, LevelWarning, "rising CPU usage", "CPU usage"},
	{RuleInfrastructure, LevelWarning, "the cluster's nodes", "nodes"},
	{RuleInfrastructure, LevelWarning, "a failover happened", "failover"},
	{RuleInfrastructure, LevelWarning, "we failed over at noon", "failed over"},
	{RuleInfrastructure, LevelHint, "the API is slow", "API"},
	{RuleInfrastructure, LevelHint, "webhooks are late", "webhooks"},
	{RuleInfrastructure, LevelHint, "DNS is fine", "DNS"},
	{RuleInfrastructure, LevelWarning, "trouble in eu-west-1", "eu-west-1"},
	{RuleInfrastructure, LevelWarning, "POST /v1/charges is slow", "POST /v1/charges"},
	{RuleInfrastructure, LevelWarning, "connections to port 5432", "port 5432"},
	{RuleInfrastructure, LevelWarning, "memory leak found", "memory leak"},
	{RuleInfrastructure, LevelWarning, "CrashLoopBackOff again", "CrashLoopBackOff"},

	{RuleShopTalk, LevelWarning, "the RCA follows", "RCA"},
	{RuleTooling, LevelWarning, "Kafka is full", "Kafka"},
	{RuleShopTalk, LevelHint, "we rolled back the change", "rolled back"},
	{RuleShopTalk, LevelWarning, "we rolled back the hotfix", "rolled back"},
	{RuleShopTalk, LevelHint, "the mitigation works", "mitigation"},
	{RuleStockPhrase, LevelHint, "We apologise for any inconvenience.", "apologise for any inconvenience"},
	{RuleBlame, LevelWarning, "It was human error.", "human error"},
	{RuleAcronym, LevelWarning, "our ZQX is down", "ZQX"},
	{RuleAcronym, LevelWarning, "two ZQXs are down", "ZQXs"},
	{RuleAcronym, LevelHint, "SSO fails", "SSO"},

	{RulePromise, LevelWarning, "back any minute now", "any minute now"},
	{RulePromise, LevelWarning, "It should be fixed soon.", "should be fixed soon"},
	{RulePromise, LevelWarning, "We will be back online shortly", "will be back online shortly"},
	{RulePromise, LevelHint, "More news soon.", "soon"},
	{RulePromise, LevelHint, "We work on it ASAP", "ASAP"},
	{RulePromise, LevelWarning, "This will never happen again", "will never happen again"},
	{RulePromise, LevelWarning, "We expect to have this resolved within the hour", "expect to have this resolved within the hour"},
	{RulePromise, LevelWarning, "Everything should be restored in a few minutes", "should be restored in a few minutes"},
	{RulePromise, LevelHint, "Service should be restored", "should be restored"},
}

// glossary is acme with names of its own.
func glossary() Context {
	c := acme
	c.Internal = map[string]string{"falcon": "Card payments", "Ledger Core": "", "größe": "Size"}
	return c
}

func TestJargonIsFoundExactly(t *testing.T) {
	for _, test := range jargonHits {
		findings := Check("body", test.text, glossary())
		if !hasSpan(findings, test.rule, test.text, test.want) || !hasLevel(findings, test.rule, test.level) {
			t.Errorf("%s %s in %q: want %q, got %s", test.level, test.rule, test.text, test.want, summary(findings))
		}
	}
}

// plainTexts hold nothing that customers cannot understand.
var plainTexts = []string{
	"Issue identified; team working on resolution.",
	"Still investigating the problem; no ETA yet.",
	"Root cause identified; resolution plan in progress.",
	"Ongoing resolution efforts; ETA for resolution provided.",
	"You can log in to the dashboard, the app and the browser again, and upload, download and backup files.",
	"Our server lost its network; the internet itself works. Since 10:42 UTC about 12.5 % of customers in the UK, the EU and on TV are affected.",
	"Your PIN, the FAQ, the PDF and the SMS are OK.",
	"Clear your cache and try again in a few minutes.",
	"We fixed 500 accounts and 404 orders; about 500 errors were counted.",
	"The next update comes at 14:00 UTC, or as soon as we know more.",
	"Please do NOT RETRY THE PAYMENT for now.",
	"Single sign-on (SSO) fails; SSO will be back.", "Use SSO (single sign-on).",
	"INC-14 is open. ISO 9001, UTF-8, ABC-123.", "and/or, 24/7, iOS/Android, N/A, km/h, 7/month",
	"iPhone, eBay, macOS, LinkedIn, GitHub, PayPal, YouTube and WhatsApp work.",
	"Open Settings/Billing or https://acme.example/var/log/app.", "See [how to pay](/help/pay) and /settings/billing.",
	"self-service, customer service, co-worker, back-up, our API",
	"item(s), e.g. this, i.e. that, 3 p.m. UTC and node.js", "report_2024.pdf is yours", "@acme_support and #acme_status",
	"make sure to go to the service desk", "git along", "the power switch -- really", "We tail the queue of 503 people",
	"Write to support@acme.example", "Payments by card were declined. Restarted at 10:42 UTC.", "We hope you are back home.",
	"Customers can now pay again. Everything has been working since 10:42 UTC.", "We are back up.", "soon-to-be",
	"The fix will be in place by 14:00 UTC today.", "Two of our data centers lost power.", "Payment gateway unavailable",
	"$ 50 per user", "Port of Hamburg, port 7 is closed", "At 9 a.m. CET the shop opened", "www.acme.shop", "docs.acme.example.",
}

// everydaySenses hold words that are also words of our trade.
var everydaySenses = []string{
	"Each passenger gets a refund, and the passenger terminal is open again.", "Passenger services are late.",
	"A puppet show, honeycomb toffee, celery and squid are back on the menu.", "The aurora, a spark of joy and the consul general.",
	"Signalling failures delay trains on the northern line.", "The news aggregator shows old articles.", "Carbon offsets can be bought again.",
	"Redelivery of your parcel can be booked again.", "Payment deferral forms are back.", "Flights to the Canary Islands leave on time.",
	"Museum artifacts are shown online again.", "The squad is complete.", "Replica shirts are on sale.", "The theatre's staging is repaired.",
	"Ticket validators on buses work.", "Emergency responders can call us.", "Tax filers can send their returns.",
	"You get a new code by SMS.", "A record number of orders came in.", "Videos may stop and buffer for a long time.", "The ST Math app is slow, so pupils wait.",
	"The shipping manifest can be printed.", "Oxygen saturation is shown in the app again.",
	"A shard of glass was found in one jar.", "The replica of the statue is on show.", "The monolith in the park has been cleaned.",
	"A tight loop of the track is closed.", "Zonal fares on buses change on Monday.", "The bonding of the tiles needs one more day.",
	"Traffic was shifted to the left lane of the east-west road.", "Slots for swimming can be booked; the course is oversubscribed.",
	"The executor of the will meets the family. The supervisor of the pool is ill. The federation of clubs meets.", "Pinned notes and merged albums are shown again.",
	"Flaky pastry, a sandbox. A wine rack and the blade of a knife.", "Guardrails on the mountain road are being replaced.",
	"The library and the wedding registry are closed. So is the recycling centre.", "We commit to giving the money back within three days.",
	"Children are back in the pool.", "Your safety is priority one.",
	"Please turn down the volume.", "Passengers in row 12 were reseated.", "The marshalling yard in Hamm is closed.", "A warm-up game starts at 18:00 CET.",
	"The speaker backed out of the talk.", "A cluster of shops has no electricity; the ramp for wheelchairs is being repaired.",
	"Our servers froze for a minute.", "Connections at the main station are rerouted via platform 4.", "The server rejected your password.",
	"Lessons on stack and queue are missing.", "Our container ship was diverted to Antwerp.", "Requests that were rejected this morning go through now.",
	"Your job application was rejected by mistake.", "The host of the webinar was ill, so the session is rescheduled.",
	"The standby switch on your television may need to be pressed twice.", "Import workers at the harbour are on strike.", "Your primary connection works again.",
	"Peak traffic on the motorway delays our buses.", "Use the backup connection of your phone.", "Your payment queue shows what waits for your approval.",
	"Photos load slowly because our server is busy.", "The truck lost part of its load on the motorway.", "Web traffic is higher than usual, so pages open slowly.",
	"Service traffic through the tunnel stops until Monday.", "Synchronize your calendar again to see the new events.", "Background checks of new drivers take longer.",
	"We received a flood of requests for tickets.", "Locking your card in the app works again.",
	"Water pressure is low.", "A parcel wedged in the lift blocks the way.", "The pool has joined a cluster of baths.",
}

func TestEverydaySensesAreNoWarnings(t *testing.T) {
	for _, s := range everydaySenses {
		for _, f := range Check("body", s, acme) {
			if f.Level != LevelHint {
				t.Errorf("%q: %s", s, summary([]Finding{f}))
			}
		}
	}
}

// loneWords hold one term of everyday words each, and nothing technical beside
// it: customers know the words, if not what we mean by them.
var loneWords = []string{
	"Apps may also display an internal server error; refreshing the page helps to load them.",
	"The platform team takes the multiplayer servers down for maintenance.",
	"Emails not delivered during this period were re-queued and are sent with a delay.",
	"Scheduling of background jobs works again. New background jobs run on time.",
	"Some transaction processing was delayed. All affected transactions have been completed.",
	"We moved to a new data center in a system migration.",
	"The company that hosts this server had a power cut.", "An attacker could read data out of memory.", "Customers in the DE data center are signed out.",
}

func TestALoneTermOfEverydayWordsIsAHint(t *testing.T) {
	for _, s := range loneWords {
		for _, f := range Check("body", s, acme) {
			if f.Rule.tellsInside() && f.Level != LevelHint {
				t.Errorf("%q: %s", s, summary([]Finding{f}))
			}
		}
	}
	for _, s := range []string{
		"An internal server error of the load balancer stops sign-ins.", "The platform team restarts the Kubernetes nodes.",
		"A memory leak stops sign-ins.", "We failed over at noon.", "Replica lag delays new posts.",
	} {
		if !hasLevel(Check("body", s, acme), RuleInfrastructure, LevelWarning) {
			t.Errorf("%q: no warning", s)
		}
	}
}

func TestWhereACauseIsToldOrdinaryWordsOfSystemsAreHints(t *testing.T) {
	for _, s := range []string{
		"Some customers cannot use the service. The cause was a faulty switch in Leeds.", "This was due to a router that we had replaced.",
		"We traced the errors to a firewall.",
	} {
		if !hasLevel(Check("body", s, acme), RuleInfrastructure, LevelHint) {
			t.Errorf("%q: no hint", s)
		}
	}
	for _, s := range []string{"The train is late as its driver is ill.", "Flip the switch of your box.", "The pool is closed because of a broken pump."} {
		for _, f := range Check("body", s, acme) {
			if f.Rule.tellsInside() {
				t.Errorf("%q: %s", s, summary([]Finding{f}))
			}
		}
	}
}

func TestThreeWordsWithEverydaySensesMakeEachOtherTechnical(t *testing.T) {
	for _, s := range []string{
		"Reads from secondaries are late since the leader changed.", "Calls hit a loop between the two switches and were dropped.",
		"The job that builds the index left a lock behind.",
	} {
		if !hasLevel(Check("body", s, acme), RuleInfrastructure, LevelWarning) {
			t.Errorf("%q: no warning: %s", s, summary(Check("body", s, acme)))
		}
	}
	for _, s := range []string{"Please leave the lock of your container in the pool library.", "The container was lost from the ship. The pool is open."} {
		for _, f := range Check("body", s, acme) {
			if f.Rule.tellsInside() && f.Level != LevelHint {
				t.Errorf("%q: %s", s, summary([]Finding{f}))
			}
		}
	}
}

func TestWhatAWriterOnlyCallsSoInQuotesIsNoScreen(t *testing.T) {
	for s, found := range map[string]bool{
		"It was a \"denial of service\" attack.": true, "Restarting the \"backend\" helped.": true,
		"You see the message \"denial of service\".": false, "It says \"backend\".": false, "\"Backend not reached\" is gone.": false,
	} {
		got := slices.ContainsFunc(Check("body", s, acme), func(f Finding) bool { return f.Rule == RuleInfrastructure })
		if got != found {
			t.Errorf("%q: found %v, want %v", s, got, found)
		}
	}
}

func TestCapitalsOfSomebodyWhoActsAreAHint(t *testing.T) {
	for s, level := range map[string]Level{
		"ZQX engineers found a broken cable.": LevelHint, "ZQX is aware of the broken cable.": LevelHint, "The ZQX network is down.": LevelHint,
		"Orders are slow because of the national system (ZQX).": LevelHint, "Customers of WS wait longer.": LevelHint, "ZQX informed us of a broken cable.": LevelHint, "The ZQX is broken.": LevelWarning,
		"Around 9:20 p.m. GMT, the ZQX Blackboard system shut down without notice.": LevelHint,
	} {
		if !hasLevel(Check("body", s, acme), RuleAcronym, level) {
			t.Errorf("%q: no %s: %s", s, level, summary(Check("body", s, acme)))
		}
	}
	for _, f := range Check("body", "Your HOME directory and your MAIN account work.", acme) {
		if f.Rule == RuleAcronym {
			t.Errorf("a word in capitals is taken for a short form: %s", f.Text)
		}
	}
}

func TestEverydayWordsInTheirForms(t *testing.T) {
	for _, word := range strings.Fields("customer customers' payments stopped stopping tried parties boxes slowly easily automatically unavailable reachable unreachable rebooked") {
		if !isEveryday(strings.TrimSuffix(word, "'")) {
			t.Errorf("%q is not everyday", word)
		}
	}
	for _, word := range strings.Fields("kubernetes nodes failover sharding autoscaler backend kernel mutexes throttled") {
		if isEveryday(word) {
			t.Errorf("%q is everyday", word)
		}
	}
}

func TestANameThatIsAWordNeedsACapitalAndATechnicalNeighbour(t *testing.T) {
	for s, want := range map[string]bool{
		"We restarted Passenger on all servers.": true, "The Consul cluster lost quorum.": true, "Our Celery workers hang.": true,
		"We restarted the passenger list on all servers.": false, "Passenger information is late.": false, "Meet at the Puppet Theatre.": false,
	} {
		if got := slices.ContainsFunc(Check("body", s, acme), func(f Finding) bool { return f.Rule == RuleTooling }); got != want {
			t.Errorf("%q: found %v, want %v", s, got, want)
		}
	}
}

func TestCompoundsOfTwoTechnicalWordsAreFound(t *testing.T) {
	for text, want := range map[string]string{"Our ingestion tier is slow.": "ingestion tier", "The session cluster restarted.": "session cluster", "We moved routing workers.": "routing workers",
		"A redundant switch did not start.": "redundant switch", "Peak traffic is too much for us.": "Peak traffic", "Database pressure is high.": "Database pressure",
		"A processing function stopped.": "processing function", "Web traffic is too much for us.": "Web traffic"} {
		if findings := Check("body", text, acme); !hasSpan(findings, RuleInfrastructure, text, want) {
			t.Errorf("%q: got %s", text, summary(findings))
		}
	}
	if findings := Check("body", "Regional workers and state workers get their pay.", acme); len(findings) > 0 {
		t.Errorf("got %s", summary(findings))
	}
}

func TestAWordIsTechnicalInATechnicalText(t *testing.T) {
	text := "Consumer lag on the Kafka topic grows and Redis is full. We are adding consumers."
	if findings := Check("body", text, acme); !hasSpan(findings, RuleInfrastructure, text, "consumers") {
		t.Errorf("got %s", summary(findings))
	}
	if findings := Check("body", "We apologise to all consumers.", acme); hasSpan(findings, RuleInfrastructure, "We apologise to all consumers.", "consumers") {
		t.Errorf("got %s", summary(findings))
	}
}

func TestWordsOfOurTradeMakeTheWordsBesideThemTechnical(t *testing.T) {
	text := "GPU nodes are draining for a driver update."
	if findings := Check("body", text, acme); !hasSpan(findings, RuleShopTalk, text, "draining") {
		t.Errorf("got %s", summary(findings))
	}
	text = "The messages are drained from the queues."
	if findings := Check("body", text, acme); !hasSpan(findings, RuleShopTalk, text, "drained") {
		t.Errorf("got %s", summary(findings))
	}
	text = "The kitchen sink is draining again."
	if findings := Check("body", text, acme); len(findings) > 0 {
		t.Errorf("got %s", summary(findings))
	}
}

func TestVerbsAreTechnicalBesideTechnicalSubjects(t *testing.T) {
	for text, want := range map[string]string{
		"Imports choke when the workers restart.": "choke", "Two nodes are out of rotation.": "out of rotation", "The cache hydrates slowly.": "hydrates",
		"Jobs pile up on the scheduler.": "pile up", "The database volume was remounted.": "remounted", "The load of the database nodes fell.": "load",
	} {
		if findings := Check("body", text, acme); !hasSpan(findings, RuleInfrastructure, text, want) {
			t.Errorf("%q: got %s", text, summary(findings))
		}
	}
	for _, text := range []string{"Parcels pile up in our depot.", "Please warm the engine.", "The trip was rescheduled to May.", "Your password was rejected.", "The main pump tripped, so the pool is closed."} {
		if findings := Check("body", text, acme); len(findings) > 0 {
			t.Errorf("%q: got %s", text, summary(findings))
		}
	}
}

func TestPlainWordsAreLeftAlone(t *testing.T) {
	c := acme
	for _, s := range plainTexts {
		for _, f := range Check("body", s, c) {
			// One text holds "soon" on purpose, as a hint.
			if f.Level != LevelHint || !strings.Contains(s, "soon-to-be") && f.Rule != RuleInfrastructure {
				t.Errorf("%q: found %s %s %q", s, f.Level, f.Rule, f.Text)
			}
		}
	}
}

func TestTheModelExample(t *testing.T) {
	findings := Check("body", "db-prod-03 failover, fix any minute", Context{Components: []string{"Card payments"}})
	if got, want := summary(findings), "error host db-prod-03; warning infrastructure failover; warning promise any minute; "; got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
	if f := findings[0]; f.Start != 0 || f.End != 10 || *f.Replacement != "Card payments" {
		t.Errorf("got %+v", f)
	}
	if r := findings[2].Replacement; r == nil || *r != "by the time you give for the next update" {
		t.Errorf("promise: got replacement %v", r)
	}
}

func TestDevelopersKnowTheWordsOfThoseWhoBuildOnUs(t *testing.T) {
	c := Context{Profile: ProfileDeveloper}
	for _, s := range []string{
		"API webhooks, DNS, 503s, HTTP 500, latency, failover, certificates, SDKs, SSO and eu-west-1", "POST /v1/charges returns 5xx on port 443",
	} {
		if findings := Check("body", s, c); len(findings) > 0 {
			t.Errorf("%q: got %s", s, summary(findings))
		}
	}
	if findings := Check("body", "replica lag, any minute, RCA", c); len(findings) != 3 {
		t.Errorf("got %s, want three warnings", summary(findings))
	}
}

func TestInsidersGetOnlyLeaksAndPlaceholders(t *testing.T) {
	c := glossary()
	c.Profile = ProfileInternal
	findings := Check("body", "Falcon: replica lag, 503s, RCA, any minute, soon, {{name}} on db-prod-03", c)
	if got, want := summary(findings), "error placeholder {{name}}; error host db-prod-03; "; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestWhatReadersKnowIsExempt(t *testing.T) {
	for _, test := range []struct {
		name string
		text string
		c    Context
	}{
		{"a message in straight quotes", `You see "503 Bad Gateway: upstream API pod lost".`, Context{}},
		{"a message in typographic quotes", "You see “503 Bad Gateway: upstream API pod lost”.", Context{}},
		{"a message in single quotes", "You see 'Error 503: upstream API pod lost'.", Context{}},
		{"a component's name", "Webhook API is slow; the WEBHOOK api is back", Context{Components: []string{"Webhook API"}}},
		{"capitals in a component's name", "ZQX is slow", Context{Components: []string{"ZQX terminals"}}},
		{"a component named like a machine", "node-3 is slow", Context{Components: []string{"node-3"}}},
		{"a component that holds an internal name", "Falcon payments fail", Context{Components: []string{"Falcon payments"}, Internal: map[string]string{"falcon": ""}}},
		{"an allowed word", "The cluster and its Pods", Context{Allowed: []string{"cluster", "pods"}}},
		{"an allowed capital", "The ZQX", Context{Allowed: []string{"ZQX"}}},
		{"a link", "See https://acme.example/api/webhooks/failover-of-pods and [help](/api/DNS/pods)", Context{}},
	} {
		if findings := Check("body", test.text, test.c); len(findings) > 0 {
			t.Errorf("%s: got %s", test.name, summary(findings))
		}
	}
}

func TestAPluralIsReplacedByAPlural(t *testing.T) {
	for text, want := range map[string]string{"the pod": "program", "the pods": "programs", "the Pods'": "Programs", "Pods": "Programs"} {
		if f := Check("body", text, Context{}); len(f) != 1 || *f[0].Replacement != want {
			t.Errorf("%q: got %s", text, summary(f))
		}
	}
}

func TestTheGlossaryGivesThePublicName(t *testing.T) {
	c := Context{Internal: map[string]string{"falcon": "Card payments", "DB-PROD-03": "Order history", "ledger": ""}}
	for text, want := range map[string]string{"FALCON fails": "Card payments", "db-prod-03 fails": "Order history", "Ledger fails": ""} {
		findings := Check("body", text, c)
		if len(findings) != 1 {
			t.Errorf("%q: got %s", text, summary(findings))
			continue
		}
		if got := findings[0].Replacement; want == "" && got != nil || want != "" && (got == nil || *got != want) {
			t.Errorf("%q: got %v, want %q", text, got, want)
		}
	}
}

func TestLexiconsAreWellFormed(t *testing.T) {
	for language, least := range map[string]int{"en": 500, "de": 190, "fr": 190, "es": 190} {
		t.Run(language, func(t *testing.T) { checkLexicon(t, language, least) })
	}
}

func checkLexicon(t *testing.T, language string, least int) {
	l, err := parseLexicon(readLexicon(t, language))
	if err != nil {
		t.Fatal(err)
	}
	if len(l.terms) < least {
		t.Errorf("%d terms, want at least %d", len(l.terms), least)
	}
	seen := map[string]string{}
	for _, term := range l.terms {
		if !slices.Contains(claimOrder, term.rule) || term.rule.leak() {
			t.Errorf("%q: rule %q is none of a lexicon", term.text, term.rule)
		}
		if term.besideRepair && term.rule != RulePromise {
			t.Errorf("%q: only a promise stands beside a repair", term.text)
		}
		for _, phrase := range append([]string{term.text}, term.inflections...) {
			if other, twice := seen[phrase]; twice {
				t.Errorf("%q stands twice: under %q and %q", phrase, other, term.text)
			}
			seen[phrase] = term.text
			if strings.TrimSpace(phrase) == "" || strings.ContainsAny(phrase, "=>[];|\"") {
				t.Errorf("%q is not a term", phrase)
			}
		}
	}
}

// TestEveryTermIsFound keeps the lexicon honest: what stands there is found.
func TestEveryTermIsFound(t *testing.T) {
	for _, term := range english().terms {
		for _, phrase := range append([]string{term.text}, term.inflections...) {
			s := "We see " + phrase + " today"
			if term.besideRepair {
				s = "It should be fixed " + phrase
			}
			if term.besideTechnical {
				s = "A daemon and " + phrase + " with Kubernetes today"
			}
			findings := Check("body", s, Context{})
			if !hasLevel(findings, term.rule, LevelWarning) && !hasLevel(findings, term.rule, LevelHint) {
				t.Errorf("%q: got %s", s, summary(findings))
			}
		}
	}
}

func hasLevel(findings []Finding, rule Rule, level Level) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Rule == rule && f.Level == level })
}

func readLexicon(t *testing.T, language string) string {
	t.Helper()
	b, err := lexiconFiles.ReadFile("lexicon/" + language + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestANameInOnePlaceIsANameInAll(t *testing.T) {
	text := "ZQX systems are closed on Monday, and so is whatever ZQX runs. See ABCD.UK for more."
	if got, want := summary(Check("body", text, Context{})), "hint acronym ZQX; hint acronym ZQX; "; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestFourDifferentWordsOfOursAreTooMany(t *testing.T) {
	few := "Our vendor is triaging the backlog. Customers can keep working."
	many := "Our vendor is triaging the backlog and throttling new jobs. Customers can keep working."
	for text, want := range map[string]bool{few: false, many: true} {
		warned := false
		for _, f := range Check("body", text, Context{}) {
			warned = warned || f.Level == LevelWarning
		}
		if warned != want {
			t.Errorf("%q: %s", text, summary(Check("body", text, Context{})))
		}
	}
}
