// Package plainlanguage says whether a text is fit for its readers: whether it
// leaks what must stay inside, was left half filled in, or uses words that its
// readers cannot be expected to know.
//
// Check is a pure function of text, context and profile. It does no I/O, reads
// no clock, asks no network and remembers nothing between calls, so the same
// text always gets the same answer and any number of goroutines may ask at
// once. It never changes a text and never decides whether it may be published:
// it reports findings, and Blocking says whether one of them is an error.
// Review adds what to show first, what the text could say instead and what it
// does not say.
package plainlanguage
