#!/usr/bin/env bash
# Measures the public page beside nginx. Flags go to the program: -rounds,
# -seconds, -paths.
set -euo pipefail
cd "$(dirname "$0")/.."

. bench/unpack.sh
unpack nginx nginx nginx-light libnginx-mod-http-brotli-static
unpack wrk wrk libluajit-5.1-2
CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o bin/bench/ ./cmd/allclear ./bench/cmd/page
exec bin/bench/page -allclear bin/bench/allclear "$@"
