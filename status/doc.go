// Package status says what is true: the page, its components, incidents and
// their updates, and what follows from them (rollup, headline, history).
//
// It holds plain types and rules. It does no I/O, reads no clock (the time is
// passed in) and knows nothing of who is told; that is package stakeholders.
package status
