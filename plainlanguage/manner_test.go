package plainlanguage

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/allclear-status/allclear/status"
)

// TestHowItIsSaid holds the rules that look at how things are put. An empty
// rule wants no finding of any of them.
func TestHowItIsSaid(t *testing.T) {
	investigating, resolved := Context{Status: status.Investigating}, Context{Status: status.Resolved}
	minor, critical := Context{Status: status.Identified, Impact: status.ImpactMinor}, Context{Status: status.Identified, Impact: status.ImpactCritical}
	states := Context{Status: status.Identified, States: map[string]status.ComponentStatus{"Card payments": status.MajorOutage, "Search": status.Operational}}
	left := states
	left.Status = status.Resolved
	noon := Context{Now: time.Date(2025, 3, 4, 14, 0, 0, 0, time.UTC)}
	again := Context{Previous: "We are still looking into the slow pages."}
	promised := again
	promised.NextUpdateDueAt = noon.Now
	for _, test := range []struct {
		rule Rule
		text string
		c    Context
		want string
	}{
		{RuleContradiction, "The problem has been fixed.", investigating, "has been fixed"},
		{"", "We fixed one of two causes; the second has been fixed for some customers.", investigating, ""},
		{"", "We will post again when it is fixed.", investigating, ""},
		{RuleContradiction, "Uploads are still failing.", resolved, "still failing"},
		{"", "If uploads are still failing for you, please write to us.", resolved, ""},
		{RuleContradiction, "All users cannot sign in.", minor, "All users"},
		{"", "Sign-in works again for all users; errors are gone.", minor, ""},
		{RuleContradiction, "A small number of customers cannot pay.", critical, "A small number of"},
		{RuleContradiction, "Card payments works again since noon UTC.", states, "works again"},
		{RuleContradiction, "Search is down.", states, "is down"},
		{"", "Card payments is down.", states, ""},
		{RuleContradiction, "Everything works again.", left, "Everything works"},
		{"", "Everything works again.", Context{Status: status.Resolved, States: map[string]status.ComponentStatus{"Search": status.Operational}}, ""},
		{"", "Most of it is back to normal, apart from Card payments.", left, ""},

		{RuleEarlyCause, "Pages are slow. This is caused by a broken cable.", investigating, "caused by"},
		{"", "Pages are slow; we suspect that it is caused by a broken cable.", investigating, ""},
		{"", "We are looking for the cause.", investigating, ""},
		{"", "This was caused by a broken cable.", Context{Status: status.Identified}, ""},

		{RuleBlame, "An engineer accidentally deleted files.", Context{}, "An engineer accidentally"},
		{RuleBlame, "Our supplier failed to renew it.", Context{}, "supplier failed to"},
		{RuleBlame, "The network team made a mistake.", Context{}, "team made a mistake"},
		{"", "Our engineers are working on it and our team has found the mistake.", Context{}, ""},

		{RuleHedging, "Some users may experience intermittent issues.", Context{}, "Some users may experience intermittent"},
		{RuleHedging, "It might possibly be slow.", Context{}, "might possibly"},
		{"", "Some users may see an error.", Context{}, ""},
		{"", "In May some users could not sign in.", Context{}, ""},

		{RuleTime, "It began at 10:42.", Context{}, "10:42"},
		{RuleTime, "The shop opens at 3 p.m. again.", Context{}, "3 p.m"},
		{RuleTime, "It ends at midnight UTC.", Context{}, "midnight"},
		{RuleTime, "We will say more tomorrow.", Context{}, "tomorrow"},
		{"", "We will say more tomorrow, 12 August, at 10:00 CEST.", Context{}, ""},
		{"", "From 10:42 to 11:30 UTC, 2025-03-04; version 10.42; 3:1", Context{}, ""},
		{"", "From 9 a.m. Eastern the ratio is 16:9.", Context{}, ""},
		{RuleTime, "Next update at 13:40 UTC.", noon, "13:40"},
		{RuleTime, "Next update at 14:40 CET.", noon, "14:40"},
		{"", "Next update at 14:40 UTC.", noon, ""},

		{RuleNoNews, "We are still looking into the slow pages.", again, "We are still looking into the slow pages."},
		{"", "Still investigating, no estimate yet, next update 13:40 UTC", again, ""},
		{"", "We are still looking into the slow pages.", promised, ""},

		{RuleLength, strings.Repeat("word and ", 18) + "end.", Context{}, strings.Repeat("word and ", 18) + "end"},
		{"", "One two three. " + strings.Repeat("Four five six. ", 12), Context{}, ""},
		{RuleReadability, strings.Repeat("Considerable organisational capabilities deteriorated unexpectedly. ", 8), Context{}, strings.TrimSpace(strings.Repeat("Considerable organisational capabilities deteriorated unexpectedly. ", 8))},
		{"", strings.Repeat("The shop was shut for an hour, and then it was open again. ", 4), Context{}, ""},
	} {
		findings := Check("body", test.text, test.c)
		if test.rule != "" {
			if !hasSpan(findings, test.rule, test.text, test.want) {
				t.Errorf("%s in %q: want %q, got %s", test.rule, test.text, test.want, summary(findings))
			}
			continue
		}
		for _, f := range findings {
			switch f.Rule {
			case RuleContradiction, RuleEarlyCause, RuleBlame, RuleHedging, RuleTime, RuleNoNews, RuleLength, RuleReadability:
				t.Errorf("%q: found %s %q", test.text, f.Rule, f.Text)
			}
		}
	}
}

func TestALongTitleIsAHint(t *testing.T) {
	title := strings.Repeat("Payments ", 10)
	if f := Check("name", title, Context{}); len(f) != 1 || f[0].Rule != RuleLength || f[0].Level != LevelHint {
		t.Errorf("got %s", summary(f))
	}
}

func TestASuggestedTextReadsWell(t *testing.T) {
	for text, want := range map[string]string{
		"We rolled back the change.":                        "We reversed the change.",
		"A load balancer failed.":                           "A system that shares out the work failed.",
		"An API gateway and a hypervisor failed.":           "An API gateway and a server failed.",
		"Replicas are behind.":                              "Copies of our data are behind.",
		"Checkout returns 502 errors.":                      "Checkout returns errors.",
		"db-prod-03 failover, fix any minute":               "Card payments failover, fix any minute",
		"All is well again, and nothing was lost.":          "",
		"A pod restarted.\n\nPods are scheduled on a node.": "A program restarted.\n\nPrograms are scheduled on a server.",
		"The message “502 Bad Gateway” is gone.":            "",
		"A failover did not work and the heartbeats failed": "A switch to our backup system did not work and the signs of life failed",
	} {
		r := Review("body", text, Context{Components: []string{"Card payments"}})
		got := ""
		if r.Suggested != nil {
			got = *r.Suggested
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestASuggestedTextAgreesInOtherLanguages(t *testing.T) {
	for text, want := range map[string]string{
		"Der Cluster ist überlastet, ein Failover läuft.":                "Der Cluster ist überlastet, ein Wechsel auf das Ersatzsystem läuft.",
		"Wir haben ein Rollback gemacht. Der Pod startet nicht.":         "", // die Rücknahme, das Programm
		"Die Änderung wurde ausgerollt.":                                 "Die Änderung wurde eingeführt.",
		"Die Queues sind voll und die Infrastruktur ist überlastet.":     "", // one thing and several
		"Le cluster est surchargé et l'API ne répond pas.":               "Le groupe de serveurs est surchargé et l'interface pour programmes ne répond pas.",
		"La latence est élevée. L'authentification ne marche pas.":       "", // le retard, la connexion
		"El backend está saturado. La latencia es alta para el cliente.": "", // nuestros sistemas, el retraso
		"El pod se reinició y el nodo está saturado.":                    "El programa se reinició y el servidor está saturado.",
	} {
		got := ""
		if r := Review("body", text, Context{}); r.Suggested != nil {
			got = *r.Suggested
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestNoEnglishIsSuggestedInALanguageWithoutWords(t *testing.T) {
	r := Review("body", "Sinds 14:05 UTC krijgen klanten van ons een HTTP 502 en dat zijn er te veel.", Context{})
	if len(r.Findings) != 1 || r.Findings[0].Rule != RuleStatusCode || r.Findings[0].Replacement != nil || r.Suggested != nil {
		t.Errorf("taken for %q: %s", r.Language, summary(r.Findings))
	}
}

func TestRulesSpeakTheLanguageOfTheText(t *testing.T) {
	for _, language := range []string{"de", "fr", "es"} {
		l := lexiconOf(language)
		for _, reason := range constantsOf(t, "reason") {
			if own := l.words[reason]; (own == "") != englishOnly[reason] {
				t.Errorf("%s: %q is %q", language, reason, own)
			}
		}
		for _, words := range []string{"errors", "error", "sign-in errors"} {
			if l.words[words] == "" {
				t.Errorf("%s: %q has no words", language, words)
			}
		}
		for _, status := range []status.IncidentStatus{status.Investigating, status.Resolved} {
			for _, e := range Essentials("12:30", Context{Language: language, Status: status}) {
				if l.words[e.Question] != "" || e.Question == "" {
					t.Errorf("%s: asks %q", language, e.Question)
				}
			}
		}
		for noun, gender := range l.genders {
			if !slices.Contains([]string{"m", "f", "n", "other"}, gender) {
				t.Errorf("%s: %s is %q", language, noun, gender)
			}
		}
	}
}

// englishOnly are the reasons of rules that read English alone.
var englishOnly = map[string]bool{
	reasonEarlyCause: true, reasonBlame: true, reasonHedging: true, reasonSaysOver: true, reasonSaysOpen: true, reasonSaysAll: true, reasonSaysFew: true,
	reasonSaysDown: true, reasonSaysWorks: true, reasonSaysEnd: true,
}

// constantsOf are the values of the package's constants with names that begin
// so.
func constantsOf(t *testing.T, start string) []string {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var values []string
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if s, ok := n.(*ast.ValueSpec); ok && len(s.Values) == 1 && strings.HasPrefix(s.Names[0].Name, start) {
				if v, ok := s.Values[0].(*ast.BasicLit); ok {
					if value, err := strconv.Unquote(v.Value); err == nil {
						values = append(values, value)
					}
				}
			}
			return true
		})
	}
	if len(values) < 40 {
		t.Fatalf("only %d constants", len(values))
	}
	return values
}

func TestAnElidedArticleHidesNothing(t *testing.T) {
	f := Check("body", "Les appels de l'API et d'OpenShift échouent, qu'un pod redémarre ou non.", Context{Language: "fr"})
	if got, want := summary(f), "warning tooling OpenShift; warning infrastructure pod; hint infrastructure API; "; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestPartsAreFoundInOtherLanguages(t *testing.T) {
	for _, text := range []string{
		"Seit 14:05 Uhr MEZ können sich einige Kunden nicht anmelden. Bitte versuchen Sie es später. Nächste Meldung in 30 Minuten.",
		"Depuis 14:05 (heure de Paris) certains clients ne peuvent pas se connecter. Vous n'avez rien à faire. Prochaine information à 15:00 (heure de Paris).",
		"Desde las 14:05 (hora de Madrid) algunos clientes no pueden entrar. No hay que hacer nada. Próxima información a las 15:00 (hora de Madrid).",
	} {
		if missing := Missing(Essentials(text, Context{Components: []string{"Login"}})); len(missing) != 0 {
			t.Errorf("%q: misses %v", text, missing)
		}
	}
	for _, text := range []string{"Der Cluster ist überlastet.", "Le cluster est saturé.", "El clúster está saturado."} {
		if missing := Missing(Essentials(text, Context{})); len(missing) != 5 {
			t.Errorf("%q: misses only %v", text, missing)
		}
	}
	// Nobody knows what a text in another language says.
	if missing := Missing(Essentials("Od 14:05 nelze se přihlásit do aplikace, další informace přineseme v 15:00.", Context{})); !slices.Equal(missing, []Part{PartWhat}) {
		t.Errorf("misses %v", missing)
	}
}

func TestTheWorstFiveComeFirst(t *testing.T) {
	r := Review("body", "Sorry for any inconvenience. The API, the API, the kernel, a hypervisor, the heap, OOM and db-prod-03 failed. Key AKIAIOSFODNN7EXAMPLE.", Context{})
	var got []string
	for _, f := range r.First {
		got = append(got, string(f.Rule))
	}
	if want := "secret host infrastructure infrastructure infrastructure"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
	if len(r.Findings) < 8 {
		t.Errorf("all findings: %s", summary(r.Findings))
	}
}

func TestWhatAnUpdateDoesNotSayIsAskedFor(t *testing.T) {
	noon := time.Date(2025, 3, 4, 12, 0, 0, 0, time.UTC)
	open := Context{Status: status.Investigating, Components: []string{"Card payments"}}
	fields := open
	fields.StartedAt, fields.NextUpdateDueAt, fields.WhatToDo = noon, noon, "Pay in cash."
	over := Context{Status: status.Resolved, Components: []string{"Card payments"}}
	for _, test := range []struct {
		text string
		c    Context
		want string
	}{
		{"We are looking into it.", Context{Status: status.Investigating}, "what who since do next"},
		{"We are looking into it.", open, "who since do next"},
		{"We are looking into it.", fields, "who"},
		{"Since 10:42 UTC card payments fail for some customers. Please pay in cash. Next update at 11:15 UTC.", open, ""},
		{"Resolved.", over, "who since closing"},
		{"Between 10:42 and 11:04 UTC 6% of card payments failed. Nobody was charged twice.", over, ""},
	} {
		var got []string
		for _, part := range Missing(Essentials(test.text, test.c)) {
			got = append(got, string(part))
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%q: missing %v, want %q", test.text, got, test.want)
		}
	}
}

func TestAnUnknownLanguageGetsWhatIsTheSameInAll(t *testing.T) {
	for text, language := range map[string]string{
		"Il nostro sito non è raggiungibile; db-prod-03 e il failover sono giù.": "it",
		"当社のサーバー db-prod-03 は停止しています。failover":                                   "",
	} {
		r := Review("body", text, Context{})
		if r.Language != language || r.Words {
			t.Errorf("%q: language %q, words %v", text, r.Language, r.Words)
		}
		if got, want := summary(r.Findings), "error host db-prod-03; "; got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestLanguagesAreTold(t *testing.T) {
	for text, want := range map[string]string{
		"":                            "en",
		"All good":                    "en",
		"Störung behoben":             "de",
		"Wir arbeiten an der Lösung.": "de",
		"Nous cherchons la cause.":    "fr",
		"Estamos buscando la causa.":  "es",
		"Wij werken aan een oplossing voor onze klanten.":                                                                             "nl",
		"Estamos trabalhando para uma solução com nossa equipe.":                                                                      "pt",
		"Мы работаем над решением проблемы.":                                                                                          "",
		"Od 14:05 nelze se přihlásit do aplikace. Náš tým restartuje databázový cluster a failover probíhá.":                          "cs",
		"Databázový cluster spadl, pracujeme na opravě.":                                                                              "cs",
		"Niektorí zákazníci sa nemôžu prihlásiť. Pracujeme na oprave.":                                                                "sk",
		"Služba je opäť dostupná, ďakujeme za trpezlivosť.":                                                                           "sk",
		"Desde as 14:05 alguns clientes não conseguem entrar. Reiniciamos o cluster do banco de dados. Próxima atualização às 15:00.": "pt",
		"O problema foi resolvido e os pagamentos voltaram a funcionar.":                                                              "pt",
		"Dalle 14:05 alcuni clienti non riescono ad accedere. Abbiamo riavviato il cluster Kubernetes.":                               "it",
		"Il servizio è di nuovo disponibile.":                                                                                         "it",
		"Sinds 14:05 kunnen sommige klanten niet inloggen. We hebben de pods in het cluster herstart.":                                "nl",
		"De storing is verholpen.":                                                            "nl",
		"Vissa kunder kan inte logga in. Vi arbetar med en lösning.":                          "sv",
		"Felet är åtgärdat och tjänsten fungerar som vanligt.":                                "sv",
		"Fra kl. 14:05 kan nogle kunder ikke logge ind. Vi har genstartet clusteret.":         "da",
		"Noen kunder får ikke logget inn. Vi jobber med å rette feilen.":                      "no",
		"Feilen er rettet og alt virker igjen.":                                               "no",
		"Osa asiakkaista ei voi kirjautua sisään. Selvitämme vikaa.":                          "fi",
		"Palvelu toimii taas normaalisti.":                                                    "fi",
		"Wygaśnięcie certyfikatu spowodowało awarię klastra. Klienci nie mogą się zalogować.": "pl",
		"Awaria została usunięta.":                                                            "pl",
		"A szolgáltatás ismét elérhető.":                                                      "hu",
		"Néhány ügyfelünk nem tud bejelentkezni. A hiba okát keressük.":                       "hu",
		"Unii clienți nu se pot autentifica. Lucrăm la remediere.":                            "ro",
		"Problema a fost rezolvată, serviciul funcționează normal.":                           "ro",
		"Neki korisnici ne mogu se prijaviti. Radimo na rješenju.":                            "hr",
		"Usluga je ponovno dostupna.":                                                         "hr",
		"Bazı müşteriler giriş yapamıyor. Sorun üzerinde çalışıyoruz.":                        "tr",
		"Hizmet yeniden kullanılabilir.":                                                      "tr",
		"Beberapa pelanggan tidak dapat masuk. Kami sedang memperbaiki gangguan ini.":         "id",
		"Alguns clients no poden entrar. Hem reiniciat el servidor.":                          "ca",
		"El servei torna a estar disponible.":                                                 "ca",
		"Một số khách hàng không thể đăng nhập. Chúng tôi đang khắc phục.":                    "vi",
		"El pod se reinició.":                                                                 "es",
		"Servicio restablecido.":                                                              "es",
		"Pagos con tarjeta rechazados en algunas tiendas.":                                    "es",
		"Investigamos un problema con el envío de correos.":                                   "es",
		"Lentitud en la aplicación":                                                           "es",
		"Panne résolue.":                                                                      "fr",
		"Certains clients ne peuvent pas se connecter.":                                       "fr",
		"Paiement par carte indisponible":                                                     "fr",
		"Le service est rétabli.":                                                             "fr",
		"Redémarrage du cluster en cours":                                                     "fr",
		"Anmeldung gestört":                                                                   "de",
		"Zahlungen mit Karte wieder möglich":                                                  "de",
		"Der Loadbalancer lieferte 502-Fehler, weil der Pod neu deployed wurde.":              "de",
		"Wartung am Sonntag":                                                                  "de",
		"Elevated API errors in eu-west-1":                                                    "en",
		"Login issues":                                                                        "en",
		"No data in the EU":                                                                   "en",
		"Payments via Café Nero kiosks do not work":                                           "en",
		"Problem with servers in Málaga and Córdoba":                                          "en",
		"Kraków and Wrocław edge nodes down":                                                  "en",
	} {
		if got := LanguageOf(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestWordsOfOneLanguageAreNotLookedForInAnother(t *testing.T) {
	for _, text := range []string{
		"Náš tým restartuje databázový cluster a failover probíhá.",
		"Reiniciamos o cluster do banco de dados. Próxima atualização às 15:00 UTC.",
		"Abbiamo riavviato il cluster. Prossimo aggiornamento alle 15:00 UTC.",
	} {
		if r := Review("body", text, Context{}); r.Words || len(r.Findings) != 0 || r.Suggested != nil {
			t.Errorf("%q: taken for %q, %s", text, r.Language, summary(r.Findings))
		}
	}
}

func TestAPromiseGivesWayToTheNextUpdate(t *testing.T) {
	c := Context{NextUpdateDueAt: time.Date(2025, 3, 4, 13, 40, 0, 0, time.UTC)}
	if f := Check("body", "It will be fixed any minute.", c); len(f) != 1 || *f[0].Replacement != "next update at 13:40 UTC" {
		t.Errorf("got %s", summary(f))
	}
}

func TestSeveralWordsOfOurInsideInATextAreAWarning(t *testing.T) {
	text := "A script filled the temp directory. The scheduler stopped."
	if findings := Check("body", text, Context{}); !hasLevel(findings, RuleInfrastructure, LevelWarning) {
		t.Errorf("got %s", summary(findings))
	}
	for _, known := range []string{"The API is slow. Webhooks are late.", "The deployed fix works, and API performance is back to normal.", "We are investigating elevated error rates and latency affecting the Moderation API."} {
		if findings := Check("body", known, Context{}); hasLevel(findings, RuleInfrastructure, LevelWarning) {
			t.Errorf("%q: got %s", known, summary(findings))
		}
	}
	if findings := Check("body", "During a deployment, new software did not fit our legacy infrastructure.", Context{}); !hasLevel(findings, RuleShopTalk, LevelWarning) {
		t.Errorf("got %s", summary(findings))
	}
}

func TestManySoftWordsInASentenceAreAWarning(t *testing.T) {
	text := "Elevated API error rates and timeouts come from an upstream proxy."
	if f := Check("body", text, Context{}); !hasLevel(f, RuleInfrastructure, LevelWarning) || Blocking(f) {
		t.Errorf("got %s", summary(f))
	}
	known := Context{Components: []string{"API error rates", "Upstream proxy"}}
	if f := Check("body", text, known); hasLevel(f, RuleInfrastructure, LevelWarning) {
		t.Errorf("with names that readers know: got %s", summary(f))
	}
	if f := Check("body", text, Context{Profile: ProfileDeveloper}); hasLevel(f, RuleInfrastructure, LevelWarning) {
		t.Errorf("for developers: got %s", summary(f))
	}
}
