package plainlanguage

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestASuggestionKeepsTheGrammarOfItsSentence(t *testing.T) {
	for text, want := range map[string]string{
		// verbs, in all their forms
		"10:02 UTC: Engineers deploy a hotfix. 10:10 UTC: Error rates drop.": "10:02 UTC: Engineers release an urgent fix. 10:10 UTC: Errors drop.",
		"Your pods and nodes are fine; our nodes are not.":                   "Your pods and nodes are fine; our servers are not.",
		"All API and webhook traffic is late.":                               "",
		"A host of problems followed when the database failed.":              "",
		"An error 429 is returned.":                                          "An error is returned.",
		"An elevated number of servers rebooted.":                            "An unusually high number of servers restarted.",
		"[Resolved] Replication lag in Europe":                               "[Resolved] Slow copying of data in Europe",
		"We are redeploying the servers.":                                    "",
		"The pods will be redeployed.":                                       "The programs will be released again.",
		"Requests returned 503 and 504 errors.":                              "",
		"We see elevated error rates and latency affecting logins.":          "We see more errors than usual and delay affecting logins.",
		"A misconfigured load balancer failed.":                              "A wrongly set up load balancer failed.",
		"The queue depth is falling.":                                        "The number of waiting tasks is falling.",
		"The service returns timeouts, and pages time out.":                  "The service returns errors, and pages time out.",
		"Wait while the infrastructure restarts.":                            "",
		"Packet loss between our us-west site and Level 3 affects the API.":  "Packet loss between our us-west site and Level 3 affects the programming interface.",
		"We rolled back at 10:20 UTC.":                                       "We reversed the change at 10:20 UTC.",
		"It was rolled back at 10:20 UTC.":                                   "It was reversed at 10:20 UTC.",
		"We are rolling back.":                                               "We are reversing the change.",
		"We have rolled back to version 3.":                                  "We have returned to version 3.",
		"We are deploying a fix to all regions.":                             "We are releasing a fix to all regions.",
		"The outage was caused by a hardware failure in a core router.":      "The outage was caused by a fault in a network device.",
		"A query saturated the CPU, then all CPUs.":                          "A query overloaded the processor, then all CPUs.",
		"We will roll back the change.":                                      "We will reverse the change.",
		"We rolled back the change.":                                         "We reversed the change.",
		"We are rolling back the change.":                                    "We are reversing the change.",
		"The change was rolled back.":                                        "The change was reversed.",
		"We are rolling back to the previous build.":                         "We are returning to the previous version.",
		"The change was reverted to restore logins.":                         "The change was reversed to restore logins.",
		"We are failing over to Frankfurt.":                                  "We are switching to Frankfurt.",
		"The database failed over, and we are rerouting traffic.":            "The database switched to our backup system, and we are diverting traffic.",
		"We are rerouting traffic to other cities.":                          "We are diverting traffic to other cities.",
		"Traffic has been rerouted.":                                         "Traffic has been diverted.",
		"Some requests time out, others timed out.":                          "Some requests time out, others took too long.",
		"Requests may time out.":                                             "Requests may take too long.",
		"Requests are timing out.":                                           "Requests are taking too long.",
		"Many requests have timed out.":                                      "Many requests have taken too long.",
		"Changes do not propagate to all regions.":                           "Changes do not spread to all regions.",
		"The change propagated and is propagating.":                          "The change spread and is spreading.",
		"The server rebooted.":                                               "The server restarted.",
		"Errors spiked at 09:00 UTC.":                                        "Errors rose at 09:00 UTC.",
		"Errors have spiked since 09:00 UTC.":                                "Errors have risen since 09:00 UTC.",
		"The issue has been mitigated.":                                      "The issue has been contained.",
		"We mitigated the impact.":                                           "We reduced the impact.",
		"We have deployed a fix.":                                            "We have put a fix in place.",
		"We're deploying a fix.":                                             "We're putting a fix in place.",
		"We deployed version 3.2 and are deploying 3.3 now.":                 "We released version 3.2 and are releasing 3.3 now.",
		"The deployed version is faulty.":                                    "The released version is faulty.",
		"We migrated accounts and migrate more tonight.":                     "We moved accounts and migrate more tonight.",
		"Engineers are troubleshooting the issue.":                           "Engineers are investigating the issue.",
		"We will escalate the issue to the maker; it was escalated.":         "We will escalate the issue to the maker; it was passed on.",
		"The failed payments will be reprocessed.":                           "The failed payments will be processed again.",
		"Users could not authenticate.":                                      "Users could not sign in.",
		"We throttled imports.":                                              "We limited imports.",
		"You can push over HTTPS in the meantime.":                           "",
		"Envoy pushed empty endpoint sets.":                                  "",
		"The runtime image shipped a library with a memory leak.":            "The runtime image shipped a library with a fault.",
		"Some traffic throttled by the load balancer is back.":               "Some traffic limited by the system that shares out the work is back.",
		"We kicked off the restore.":                                         "We started the restore.",
		"We shipped a fix.":                                                  "We released a fix.",
		"We have rolled the change back.":                                    "We have reversed the change.",
		"The API is deprecated and will be deprecated.":                      "The programming interface is phased out and will be phased out.",
		"We had to re-route messages.":                                       "We had to divert messages.",
		"We will purge the cache.":                                           "We will clear the stored copies.",
		"The service was down because a bad config was pushed to us.":        "The service was down because a wrong setting was pushed to us.",

		// nouns, one and several, with what stands before and behind them
		"Our load balancers failed.":                                 "Our systems that share out the work failed.",
		"The load balancer's settings were wrong.":                   "",
		"The load balancer settings were wrong.":                     "",
		"A node failed.":                                             "A server failed.",
		"Nodes in the cluster restarted.":                            "Servers in the cluster restarted.",
		"One of our database replicas is behind.":                    "One of our data copies is behind.",
		"A replica is behind.":                                       "A copy of our data is behind.",
		"The latest deploy broke logins.":                            "The latest update broke logins.",
		"The deploy at 10:00 UTC broke logins.":                      "The update at 10:00 UTC broke logins.",
		"A deploy broke logins.":                                     "An update broke logins.",
		"A hotfix is out.":                                           "An urgent fix is out.",
		"An API outage of an hour: our API is back.":                 "An API outage of an hour: our programming interface is back.",
		"Our cache is full, and the caches were cleared.":            "Our store of copies is full, and the stored copies were cleared.",
		"The backlog of emails has been cleared.":                    "The pile-up of emails has been cleared.",
		"Our authentication server was overloaded.":                  "Our sign-in system was overloaded.",
		"A firewall blocked the connection to the identity service.": "A firewall blocked the connection to the sign-in system.",
		"After the deployment of release 8.3 logins fail.":           "",
		"Latency is back to normal.":                                 "Delay is back to normal.",
		"We see increased latency in Europe.":                        "We see unusual delays in Europe.",
		"Increased latency was seen in Europe.":                      "Unusual delay was seen in Europe.",
		"The configuration of two servers was wrong.":                "",
		"We corrected the configuration.":                            "We corrected the settings.",
		"A configuration change caused this.":                        "A settings change caused this.",
		"Our on-call engineers are on it.":                           "Our engineers are on it.",
		"The SRE team is on it.":                                     "The team of engineers is on it.",
		"An upstream provider has an outage.":                        "A supplier has an outage.",
		"Webhooks are late, and a webhook was lost.":                 "Automatic notifications are late, and an automatic notification was lost.",
		"Your queue in the app is empty because of the 503s.":        "Your queue in the app is empty because of the errors.",
		"The workaround is to reload the page.":                      "The temporary solution is to reload the page.",
		"A small subset of users sees errors.":                       "A small share of users sees errors.",
		"A subset of users sees errors.":                             "A share of users sees errors.",
		"We are seeing elevated error rates for logins.":             "We are seeing more errors than usual for logins.",
		"The error rate is falling, error rates are normal.":         "The number of errors is falling, errors are normal.",
		"We're experiencing degraded performance.":                   "We're experiencing slow performance.",
		"The node hosting this instance failed.":                     "The server hosting this instance failed.",
		"A git-over-HTTP gateway returned 502s.":                     "A git-over-HTTP gateway returned errors.",
		"Redis primary was killed.":                                  "",
		"Mitigation is under way.":                                   "",
		"The mitigation is in place.":                                "The temporary fix is in place.",
		"The server pool was too small.":                             "",
		"We restarted the server fleet.":                             "We restarted the servers.",
	} {
		got := ""
		if r := Review("body", text, Context{Language: "en"}); r.Suggested != nil {
			got = *r.Suggested
		}
		if want == text {
			want = ""
		}
		if got != want {
			t.Errorf("%q:\n got %q,\nwant %q", text, got, want)
		}
	}
}

// TestWordingsAreOfOneKind looks at each form of each term, and at what is
// written instead.
func TestWordingsAreOfOneKind(t *testing.T) {
	for found, candidates := range wordings() {
		for _, c := range candidates {
			for _, way := range append([]way{c.way}, c.ways...) {
				for _, before := range []string{"", "were"} {
					checkWording(t, found, c, way.in(c, place{before: before}))
				}
			}
		}
	}
}

func checkWording(t *testing.T, found string, c wordingForm, words string) {
	t.Helper()
	first, _, _ := strings.Cut(words, " ")
	switch {
	case words == "":
		return
	case determiners[first] && c.kind == kindNoun:
		t.Errorf("%s: %q has an article of its own", found, words)
	case strings.EqualFold(found, words):
		t.Errorf("%s: the same is written instead", found)
	case c.kind == kindVerb && c.form == formIng && !strings.HasSuffix(first, "ing"):
		t.Errorf("%s: %q", found, words)
	case c.kind == kindVerb && c.form == formS && !strings.HasSuffix(first, "s"):
		t.Errorf("%s: %q", found, words)
	case c.kind == kindVerb && c.form == formPast && !strings.HasSuffix(first, "ed") && !isIrregularPast(first):
		t.Errorf("%s: %q", found, words)
	case c.kind == kindNoun && c.form == formS && !isPlural(words):
		t.Errorf("%s: %q is not several", found, words)
	case c.kind == kindNoun && c.form == formBase && isPlural(words) && !strings.HasSuffix(words, "access"):
		t.Errorf("%s: %q is several", found, words)
	}
}

func isIrregularPast(word string) bool {
	for _, both := range irregular {
		if word == both[0] || word == both[1] {
			return true
		}
	}
	return false
}

// isPlural looks at the noun of a phrase.
func isPlural(words string) bool {
	noun := ""
	for i, w := range strings.Fields(words) {
		if i > 0 && joints[w] {
			break
		}
		noun = w
	}
	return strings.HasSuffix(noun, "s") && !strings.HasSuffix(noun, "ss") || noun == "maintenance"
}

// TestNoWordingDoublesADeterminer puts each form behind words that leave no room
// for another owner or article.
func TestNoWordingDoublesADeterminer(t *testing.T) {
	for _, before := range []string{"our", "the", "a"} {
		changed := 0
		var b strings.Builder
		for _, found := range slices.Sorted(maps.Keys(wordings())) {
			b.WriteString("Yesterday " + before + " " + found + " failed, kubectl said.\n\n")
		}
		s := b.String()
		suggested := strings.Split(Suggest("body", s, Check("body", s, Context{Language: "en"})), "\n\n")
		for i, was := range strings.Split(s, "\n\n") {
			words := strings.Fields(suggested[i])
			if strings.Contains(was, " a a ") || strings.Contains(was, " the the ") || suggested[i] == was {
				continue
			}
			changed++
			if articlesOnly[words[2]] && articlesOnly[words[1]] || before == "our" && strings.Count(suggested[i], "our ") > 1 {
				t.Errorf("%q becomes %q", was, suggested[i])
			}
		}
		if changed < 500 {
			t.Errorf("behind %q only %d are changed", before, changed)
		}
	}
}

var articlesOnly = set("a an the our your")

// TestASuggestionIsNoWorse checks that what is suggested for the texts of the
// corpus has no more errors and warnings than they had.
func TestASuggestionIsNoWorse(t *testing.T) {
	weight := func(findings []Finding) (n int) {
		for _, f := range findings {
			if f.Level != LevelHint {
				n++
			}
		}
		return n
	}
	for _, s := range readSamples(t, "corpus/*.txt") {
		c := s.context
		c.Language = "en"
		r := Review("body", s.text, c)
		if r.Suggested == nil {
			continue
		}
		if again := Check("body", *r.Suggested, c); weight(again) > weight(r.Findings) {
			t.Errorf("%q\nbecomes %q:\n%s", s.text, *r.Suggested, summary(again))
		}
	}
}
