// Package statuspage holds the JSON shapes of the Statuspage interface, made
// from status values: the read interface, the managing one and what they share.
//
// It is our promise to other people's programs, so it is strict in what it
// writes: keys in the order of real captures, every key always there, nulls
// written out, empty lists as [], times with three fractional digits in the
// page's zone. It decides nothing and reads no clock.
package statuspage
