// Package house holds no code but tests about the code of the others: which
// room imports which, where each library lives, which versions are pinned.
package house
