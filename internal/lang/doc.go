// Package lang holds the words that this program says by itself, by language,
// and writes dates and times the way a reader of that language expects, always
// with the zone.
//
// Each language is one JSON file under catalogue/. English is complete; a test
// fails when another catalogue misses a sentence that English has. The package
// never guesses a language from a person: it is told a tag.
package lang
