#!/bin/sh
# A Prometheus for tests, on what is in DIR/data, which `promtool tsdb create-blocks-from openmetrics` makes.
#
#	prometheus.sh install           Debian's package, as root; nothing is left running
#	prometheus.sh start DIR PORT    waits until it answers and prints its URL
#	prometheus.sh stop DIR
set -eu

case "${1:-}" in
install)
	command -v prometheus >/dev/null && command -v promtool >/dev/null && exit 0
	"$(dirname "$0")/package.sh" prometheus
	;;
start)
	dir=$2 port=$3
	mkdir -p "$dir/data"
	[ -e "$dir/prometheus.yml" ] || printf 'global: {scrape_interval: 15s}\n' >"$dir/prometheus.yml"
	prometheus --config.file="$dir/prometheus.yml" --storage.tsdb.path="$dir/data" --storage.tsdb.retention.time=100y \
		--web.listen-address="127.0.0.1:$port" --log.level=warn >>"$dir/log" 2>&1 &
	echo $! >"$dir/pid"
	exec "$(dirname "$0")/ready.sh" "$dir" "http://127.0.0.1:$port" /-/ready
	;;
stop)
	exec "$(dirname "$0")/stop.sh" "$2"
	;;
*)
	sed -n '2,/^set/s/^# \{0,1\}//p' "$0"
	exit 2
	;;
esac
