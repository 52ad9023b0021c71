// Package safehttp makes outgoing requests to addresses that people gave, and
// reads what the answers say about trying again.
//
// Its client goes where it was told and nowhere else: no proxy from the
// environment, no redirect followed, and no more of an answer read than a
// sentence needs. For addresses that strangers gave there is a Guard besides:
// it looks at every address after it was looked up, so that no name leads into
// a network that is not public.
package safehttp
