// Package e2e drives the whole server: the program as it is built, a real
// browser, a real SMTP server, both databases. It holds tests only.
package e2e
