// Package bench holds what the benchmarks share: starting a server as its
// operators do, a mail server that counts, what a process has used, medians.
// The programs are in cmd; make bench-page, make bench-fanout and make bench-post
// run them. They speak to the loopback interface only, and end only what they started.
package bench
