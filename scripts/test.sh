#!/usr/bin/env bash
# The checks of CI: the linters, then every test under the race detector. The
# last line is "N passed, N failed"; arguments go to go test instead of ./...
set -euo pipefail
cd "$(dirname "$0")/.."

# SQLite is C made into Go. Its memory is its own, where the race detector sees
# nothing, yet to look there took four fifths of the time of a test with SQLite.
# The driver is watched, as all of ours is. What the tests build heeds it too.
for package in modernc.org/sqlite/lib modernc.org/libc modernc.org/memory; do
	GOFLAGS="${GOFLAGS:-} -gcflags=$package=-race=false"
done
export GOFLAGS

scripts/lint.sh
[ $# -gt 0 ] || set -- ./...
exec go run ./internal/testsummary -race -timeout 15m "$@"
