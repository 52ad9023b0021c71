#!/usr/bin/env bash
# Measures how fast everybody is told, beside Postfix's smtp-source and a loop
# of go-mail. Flags go to the program: -n, -rounds, -sessions, -rtt, -databases.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh # PostgreSQL
. bench/unpack.sh
unpack smtp-source postfix
CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o bin/bench/ ./cmd/allclear ./bench/cmd/fanout ./bench/cmd/gomail
exec bin/bench/fanout -allclear bin/bench/allclear -gomail bin/bench/gomail "$@"
