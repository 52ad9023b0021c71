package status

import "regexp"

// IDAlphabet is the alphabet of public ids: digits and lower-case consonants,
// so that no id spells a word.
const IDAlphabet = "0123456789bcdfghjklmnpqrstvwxyz"

// IDLength is the length of a public id.
const IDLength = 12

var idPattern = regexp.MustCompile(`^[0-9bcdfghjklmnpqrstvwxyz]{12}$`)

// ValidID says whether s has the shape of a public id.
func ValidID(s string) bool { return idPattern.MatchString(s) }
