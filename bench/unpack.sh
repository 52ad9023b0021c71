# Sourced by scripts/bench-*.sh. Fetches Debian packages and unpacks them below
# bin/bench, without installing them: no service is set up or started, nothing
# else on the machine changes, and no rights are needed.

unpacked=$PWD/bin/bench/debian

# unpack COMMAND PACKAGE...: makes COMMAND available, from the packages if the
# machine does not have it.
unpack() {
	local command=$1
	shift
	PATH=$PATH:/usr/sbin:$unpacked/usr/sbin:$unpacked/usr/bin
	export LD_LIBRARY_PATH=$unpacked/usr/lib/postfix:$unpacked/usr/lib/$(uname -m)-linux-gnu
	if ! command -v "$command" >/dev/null; then
		if ! command -v apt-get >/dev/null || ! command -v dpkg >/dev/null; then
			echo "bench: please install $command" >&2
			exit 1
		fi
		echo "bench: unpacking $*" >&2
		fetch "$@"
	fi
	local missing
	missing=$(ldd "$(command -v "$command")" 2>/dev/null | grep 'not found' || true)
	if [ -n "$missing" ]; then
		echo "bench: $command lacks libraries; please install them:" >&2
		echo "$missing" >&2
		exit 1
	fi
}

fetch() {
	mkdir -p "$unpacked/packages"
	(
		cd "$unpacked/packages"
		chmod 755 . # apt-get downloads as a user without rights
		apt-get download "$@" 2>log >&2 || {
			# The lists may be missing or old; to renew them takes rights.
			{ [ "$(id -u)" != 0 ] || apt-get update; } >>log 2>&1
			apt-get download "$@" >>log 2>&1 || { cat log >&2; exit 1; }
		}
		for package in *.deb; do
			dpkg -x "$package" "$unpacked"
			rm "$package"
		done
	)
}
