package email

import (
	"net"
	"testing"
)

// A place is given back when its connection is closed, or the next one would
// for a moment be one too many.
func TestPlaceIsFreeWhenTheConnectionIsClosed(t *testing.T) {
	ours, theirs := net.Pipe()
	defer func() { _ = theirs.Close() }()
	freed := false
	c := counted{ours, func() {
		freed = true
		if _, err := ours.Write([]byte("x")); err == nil {
			t.Error("the connection is open when its place is free")
		}
	}}
	// Nobody reads: a write to an open pipe would wait.
	go func() { _, _ = theirs.Read(make([]byte, 1)) }()
	if err := c.Close(); err != nil || !freed {
		t.Errorf("closed: %v, freed: %v", err, freed)
	}
}
