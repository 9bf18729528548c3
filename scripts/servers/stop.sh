#!/bin/sh
# stop.sh DIR ends the server whose pid is in DIR, and waits for it.
set -eu
[ -e "$1/pid" ] || exit 0
pid=$(cat "$1/pid")
kill "$pid" 2>/dev/null || true
for _ in $(seq 100); do
	kill -0 "$pid" 2>/dev/null || break
	sleep 0.1
done
kill -9 "$pid" 2>/dev/null || true
rm -f "$1/pid"
