// Package notify tells people: it turns notices into deliveries and gets them
// sent, once, in order, with a ledger row for every decision and attempt.
//
// It never decides who is told (that is stakeholders.Decide) and holds no SQL:
// what the worker needs from the store is the interface Outbox. Each channel
// has a folder of its own.
package notify
