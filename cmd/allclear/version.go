package main

import (
	"context"
	"fmt"
	"runtime/debug"
)

// release is set at build time by the linker; empty for a build from source.
var release string

// version names this build.
func version() string {
	if release != "" {
		return release
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "development"
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(_ context.Context, io *streams) error {
	_, err := fmt.Fprintln(io.out, version())
	return err
}
