// Package chat holds what the channels to chat services share: what a message
// says, how the Markdown of an update becomes each service's own marks, and
// how a message is posted to an incoming webhook.
//
// A service adds how it writes a Notice (see Service). The address of an
// incoming webhook is a secret, for whoever has it can post: it never appears
// in a result or an error of this package.
package chat
