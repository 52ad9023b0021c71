// Package email sends notices by mail: one message to each recipient, many
// messages over one connection, to the first of several servers that answers.
//
// go-mail dials, secures, authenticates and builds the message; the mail
// transaction itself is driven here, because only whoever writes the final dot
// knows whether a lost connection means "not sent" or "nobody knows". Messages
// are signed here too, each for itself (Signer). The package never puts a
// password or a key, or anything the server echoes of it, into an error or a
// result, and never writes a text that came from people into a header or a
// command unencoded.
package email
