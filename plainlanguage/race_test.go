//go:build race

package plainlanguage

// slowdown is how many times longer a text may take: the race detector looks
// at every access.
const slowdown = 5
