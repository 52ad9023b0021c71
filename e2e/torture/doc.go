// Package torture kills, freezes and starves whole servers while they tell two
// thousand people something, and counts afterwards who was told what, and how
// often. It holds tests only; a short form runs with the others, the long one
// by make torture.
package torture
