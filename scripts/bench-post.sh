#!/usr/bin/env bash
# Measures the time of a POST with a large register and many subscribers. Flags
# go to the program: -n, -entries, -posts, -rate, -databases.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh # PostgreSQL
CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o bin/bench/ ./cmd/allclear ./bench/cmd/post
exec bin/bench/post -allclear bin/bench/allclear "$@"
