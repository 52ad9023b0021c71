//go:build !race

package plainlanguage

const slowdown = 1
