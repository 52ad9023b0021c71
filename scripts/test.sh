#!/usr/bin/env bash
# The checks of CI: the linters, then every test under the race detector. The
# last line is "N passed, N failed"; arguments go to go test instead of ./...
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/lint.sh
[ $# -gt 0 ] || set -- ./...
exec go run ./internal/testsummary -race -timeout 15m "$@"
