// Package notifytest is the suite that every channel passes: what a server
// does decides the outcome, each recipient is reported exactly once, and no
// secret is in any answer. Channels run it against real servers in their
// tests; it knows nothing of how they speak.
package notifytest
