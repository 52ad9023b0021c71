//go:build !linux

package cputime

import "time"

var began = time.Now()

// spent is the time on the wall, where the system does not tell threads apart.
func spent() time.Duration { return time.Since(began) }
