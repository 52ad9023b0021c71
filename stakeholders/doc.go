// Package stakeholders says who must know: the register of stakeholders, their
// place in the power/interest matrix, the subscribers, the policy of what each
// quadrant is owed, and the audience that follows for one event.
//
// Decide is the only place of those rules. The package does no I/O, reads no
// clock and sends nothing; delivering is package notify.
package stakeholders
