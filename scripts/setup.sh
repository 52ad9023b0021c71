#!/usr/bin/env bash
# Installs what the tests need and the machine lacks: PostgreSQL's server
# binaries, Chromium, a font, for the race detector a C compiler, and Node with
# the programs that e2e/clients runs. Says nothing and changes nothing when
# everything is there.
set -euo pipefail

if ! command -v go >/dev/null; then
	echo "setup: Go is missing: see https://go.dev/doc/install, the version is in go.mod" >&2
	exit 1
fi

# What each looks for is what the tests look for: internal/pgcluster, internal/browser.
has_postgres() { compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || command -v initdb >/dev/null; }
has_chromium() { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null
has_font() { [ "$(uname)" != Linux ] || [ -n "$(find /usr/share/fonts /usr/local/share/fonts \( -name '*.ttf' -o -name '*.otf' \) -print -quit 2>/dev/null)" ]; }
has_compiler() { command -v "$(go env CC)" >/dev/null; }
has_node() { command -v node >/dev/null && command -v npm >/dev/null; }

# Other people's programs for the tests in e2e, at the versions of the lock file.
install_clients() {
	clients=$(dirname "$0")/../e2e/clients
	if ! has_node || [ "$clients/node_modules/.package-lock.json" -nt "$clients/package-lock.json" ]; then
		return 0
	fi
	echo "setup: installing e2e/clients" >&2
	npm ci --prefix "$clients" --ignore-scripts --no-audit --no-fund --loglevel=error >&2 ||
		echo "setup: please run 'npm ci' in e2e/clients; until then the tests with other people's programs are skipped" >&2
}

missing=()
without=""
has_postgres || { missing+=(postgresql); without+=", the tests on PostgreSQL are skipped"; }
has_chromium || { missing+=(chromium); without+=", the browser journeys are skipped"; }
has_font || { missing+=(fonts-dejavu-core); without+=", screenshots show no text"; }
has_compiler || { missing+=(gcc libc6-dev); without+=", go test -race does not build"; }
has_node || { missing+=(nodejs npm); without+=", the tests with other people's programs are skipped"; }
if [ ${#missing[@]} = 0 ]; then
	install_clients
	exit 0
fi

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
	echo "setup: please install ${missing[*]}; until then${without#,}" >&2
	install_clients
	exit 0 # in CI the tests themselves fail for what is missing
fi

# Only the server's binaries are wanted, not a cluster that starts with the machine.
conf=/etc/postgresql-common/createcluster.conf
if ! has_postgres && ! grep -qs '^ *create_main_cluster' "$conf"; then
	mkdir -p "$(dirname "$conf")"
	echo 'create_main_cluster = false' >>"$conf"
fi

echo "setup: installing ${missing[*]}" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
if ! { apt-get update && apt-get install -y --no-install-recommends \
	-o Dpkg::Options::=--force-confold "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
	cat "$log" >&2
	echo "setup: could not install ${missing[*]}" >&2
	exit 1
fi
install_clients
