package plainlanguage

import (
	"slices"
	"strings"
)

// Small words that tell languages apart. Of the languages without a lexicon
// only the name is known, so that their texts are not judged as English.
var smallWords = map[string]map[string]bool{
	"en": set(`the and is are was were of to in for with on at by we you our your have has be been will this that it not can from as
		some all an or no but which when more their they us its after before again still now`),
	"de": set(`der die das und ist sind war waren von zu im mit auf bei wir sie ihr unser ihre haben hat wird werden dieser nicht kann aus
		als einige alle ein eine einen einem einer oder kein keine aber wenn mehr nach vor wieder noch jetzt für über zurzeit es den dem des am beim seit störung behoben kunden ursache lösung`),
	"fr": set(`le la les et est sont était de des du à en pour avec sur par nous vous notre votre nos vos avoir être incident problème panne ce cette il elle ne pas
		peut depuis comme certains tous un une ou mais quand plus leur après avant encore au aux se qui que sera cause suite`),
	"es": set(`el la los las y es son fue era de del en para con por nosotros usted nuestro nuestra su sus haber ser este esta puede
		desde como algunos todos un una pero cuando más después antes otra al se que hemos está están lo ha han hay ya tras estamos problema servicio servicios clientes solución próxima`),
	"it": set(`il lo gli la le della dei delle di che non per con sono è stato abbiamo questo questa nostri alcuni utenti possono del alla anche ci una un
		nel nella sul sulla dalle dalla alle ai al da più stiamo clienti riescono servizio aggiornamento prossimo`),
	"pt": set(`os as da do das dos na no nas às ao não para com um uma são está estão estamos foi foram nosso nossa alguns clientes você pelo pela também
		mais em que se já é sem desde de por problema serviço atualização próxima`),
	"nl": set("het een de van en is zijn wij niet met voor op aan deze onze klanten kunnen wordt worden geen maar naar bij om uur er dat zijn"),
	"sv": set("och är att det som för på av med inte vi våra kunder kan har till om den ett en i från nu vid många några ingen uppdatering"),
	"da": set("og er at det som for på af med ikke vi vores kunder kan har til om den et en nogle i fra nu ved kl igen alle"),
	"no": set("og er at det som for på av med ikke vi våre kunder kan har til om den et en noen i fra nå ved kl igjen alle"),
	"fi": set("ja on ei että ovat voi olla ole joka tai kun myös mutta asiakkaat palvelu palvelun häiriö kaikki osa tällä hetkellä seuraava"),
	"pl": set("nie jest są na do z się że przez dla klienci został oraz przy jak od po to w usługa awaria problem mogą trwa"),
	"cs": set("je se na že jsou pro by od nelze jsme není při byl byla bylo bude která které který již do ve ze po to zákazníci služba některé nyní další"),
	"sk": set("je sa na že sú pre by od nie sme pri bol bola bolo bude ktorá ktoré ktorý už do vo zo po to zákazníci služba niektoré teraz ďalšie"),
	"hu": set("és az egy nem hogy van volt kell meg de is már még vagy ezt szolgáltatás ügyfelek ügyfeleink jelenleg hiba néhány"),
	"ro": set("și în la pe nu este sunt cu pentru din că de al ale unii clienții serviciul serviciile am fost mai următoarea problema"),
	"hr": set("je su na se da za od ne nije smo koji koja koje što ili ali bi po do iz kako korisnici usluga neki trenutno"),
	"tr": set("ve bir bu için ile olarak bazı müşteriler değil daha gibi olan şu var kadar sonra hizmet sorun"),
	"id": set("dan yang di dengan untuk tidak kami telah ini itu dari pada sudah ke akan beberapa pelanggan layanan saat"),
	"ca": set("els les amb dels per és no una que hem estat alguns clients poden aquest aquesta servei està en el la de"),
}

// languageOrder makes the choice between equals the same every time.
var languageOrder = [...]string{
	"en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "no", "fi", "pl", "cs", "sk", "hu", "ro", "hr", "tr", "id", "ca", "vi",
}

// accentLetters are the letters outside ASCII of each language; a letter that
// most of them have tells nothing and is left out. smallWordLanguages are those
// that have a small word. A bit stands for each place in languageOrder.
var (
	accentLetters = accentsOf(map[string]string{
		"de": "ßäöü", "es": "ñóíáú", "fr": "èêàçœûîôùëï", "it": "èàìòù", "pt": "ãõçáíóúâêôà", "sv": "åäö", "da": "åæø", "no": "åæø", "fi": "äö",
		"pl": "ąćęłńóśźż", "cs": "áčďěíňóřšťúůýž", "sk": "áäčďíĺľňóôŕšťúýž", "hu": "áíóöőúüű", "ro": "ăâîșțşţ", "hr": "čćšžđ", "tr": "ışğçöüâ", "ca": "àèòïçíóú",
		"vi": "ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ",
	})
	smallWordLanguages = languagesOf(smallWords)
	// capitalNouns is German, which writes every noun with a capital.
	capitalNouns = uint32(1) << slices.Index(languageOrder[:], "de")
)

func accentsOf(letters map[string]string) map[rune]uint32 {
	m := map[rune]uint32{}
	for i, language := range languageOrder {
		for _, r := range letters[language] {
			m[r] |= 1 << i
		}
	}
	return m
}

func languagesOf(words map[string]map[string]bool) map[string]uint32 {
	m := map[string]uint32{}
	for i, language := range languageOrder {
		for word := range words[language] {
			m[word] |= 1 << i
		}
	}
	return m
}

// LanguageOf says in which language a text is: a code such as "en", or "" when
// it cannot tell. A text too short to tell, in Latin letters, is taken for
// English.
func LanguageOf(s string) string { return newText(s).language() }

func (t *text) language() string {
	var counts [len(languageOrder)]int
	for _, w := range t.words {
		if strings.IndexByte(t.plain[w.start:w.end], letterByte) >= 0 {
			speakers := ^uint32(0)
			if isUpper(t.plain[w.start]) {
				speakers = capitalNouns // elsewhere it may be a name: "São Paulo: packet loss"
			}
			for _, r := range t.runes[w.start:w.end] {
				countLanguages(&counts, accentLetters[r]&speakers)
			}
		}
		if w.length() > 1 && t.at(w.start-1) != '-' && t.at(w.end) != '-' { // "de-duplicated" has no "de"
			countLanguages(&counts, smallWordLanguages[t.key(w)])
		}
	}
	if t.isForeign() {
		return ""
	}
	best := 0
	for i := range counts {
		if counts[i] > counts[best] {
			best = i
		}
	}
	if counts[best] < 2 && counts[0] > 0 {
		return languageOrder[0]
	}
	return languageOrder[best]
}

func countLanguages(counts *[len(languageOrder)]int, languages uint32) {
	for i := range counts {
		if languages&(1<<i) != 0 {
			counts[i]++
		}
	}
}

// isForeign says whether a third of the letters are not Latin: what is in Latin
// letters among them are mostly names.
func (t *text) isForeign() bool {
	foreign, letters := 0, 0
	for i, r := range t.runes {
		switch b := t.plain[i]; {
		case isAlpha(b):
			letters++
		case b == letterByte && r >= 0x250:
			foreign++
		}
	}
	return foreign > 0 && foreign*2 >= letters
}
