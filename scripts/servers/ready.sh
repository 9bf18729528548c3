#!/bin/sh
# ready.sh DIR URL PATH waits up to a minute until URL+PATH answers, and prints URL; DIR holds the server's pid and log.
set -eu
for _ in $(seq 300); do
	if curl -fsS -o /dev/null "$2$3" 2>/dev/null; then
		echo "$2"
		exit 0
	fi
	if ! kill -0 "$(cat "$1/pid")" 2>/dev/null; then
		echo "the server ended:" >&2
		tail -n 20 "$1/log" >&2
		exit 1
	fi
	sleep 0.2
done
echo "no answer from $2$3 within a minute:" >&2
tail -n 20 "$1/log" >&2
exit 1
