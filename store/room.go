package store

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/allclear-status/allclear/status"
)

// room looks whether a folder's disk has room. Who asks often is told what was
// found a moment ago.
type room struct {
	folder string

	mu  sync.Mutex
	at  time.Time
	err error
}

const (
	roomFor   = 5 * time.Second // how long what was found holds
	roomBytes = 1 << 20         // about what a few posts take
)

func (r *room) look() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.at.IsZero() || time.Since(r.at) >= roomFor {
		r.err, r.at = lookForRoom(r.folder), time.Now()
	}
	return r.err
}

// lookForRoom writes a file and removes it: that also finds quotas and disks that
// went read-only, on every system alike.
func lookForRoom(folder string) error {
	file, err := os.CreateTemp(folder, ".room-*")
	if err != nil {
		return fmt.Errorf("look for room: %w: %w", status.ErrUnavailable, err)
	}
	_, err = file.Write(make([]byte, roomBytes))
	if err = errors.Join(err, file.Close(), os.Remove(file.Name())); err != nil {
		return fmt.Errorf("look for room: %w: %w", status.ErrUnavailable, err)
	}
	return nil
}
