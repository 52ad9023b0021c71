package notifytest

import (
	"testing"
	"time"

	"github.com/allclear-status/allclear/notify"
)

// Behaviour is how a server treats the messages it is given.
type Behaviour string

// The behaviours. A server that answers repeats the rig's secrets where it
// can, as careless servers do.
const (
	Accepts   Behaviour = "accepts"
	Postpones Behaviour = "postpones"   // not now
	Refuses   Behaviour = "refuses"     // never, because of the recipient
	Limits    Behaviour = "limits"      // too many
	RefusesP2 Behaviour = "refuses one" // refuses recipient 2, takes the others
	Stays     Behaviour = "stays silent"
	Forgets   Behaviour = "takes all, says nothing"
	Away      Behaviour = "cannot be reached"
)

// Timeout is what a rig's channel gives a step or a request: where the server
// is silent no longer than the test can wait, else longer than a busy machine
// can take.
func (b Behaviour) Timeout() time.Duration {
	switch b {
	case Stays:
		return 300 * time.Millisecond
	case Forgets:
		return time.Second // it has to be handed over in that time
	default:
		return time.Minute
	}
}

// Rig is a channel with the server at its other end.
type Rig struct {
	Channel notify.Channel
	// Recipient makes the n-th recipient, from 1.
	Recipient func(n int) notify.Recipient
	// Received counts the messages that the server took.
	Received func() int
	// Secrets must not be seen in any answer or error.
	Secrets []string
}

// Start makes a rig whose server behaves in one way, for as long as the test
// runs. With Stays the server is silent before the message is handed over,
// with Forgets after that.
type Start func(t *testing.T, b Behaviour) Rig
