//go:build race

package store_test

// underRace makes tests smaller that show no race: SQLite is twenty times
// slower under the detector.
const underRace = true
