#!/bin/sh
# A VictoriaMetrics for tests of what speaks Prometheus' API: built once from its module, which takes some minutes.
#
#	victoriametrics.sh install           into ~/.cache/hindcast
#	victoriametrics.sh start DIR PORT    waits until it answers and prints its URL
#	victoriametrics.sh stop DIR
set -eu

version=v1.151.0
home=${XDG_CACHE_HOME:-$HOME/.cache}/hindcast/victoriametrics-$version

case "${1:-}" in
install)
	[ -x "$home/victoria-metrics" ] || GOBIN=$home go install "github.com/VictoriaMetrics/VictoriaMetrics/app/victoria-metrics@$version"
	;;
start)
	dir=$2 port=$3
	"$home/victoria-metrics" -storageDataPath="$dir/data" -retentionPeriod=100y -httpListenAddr="127.0.0.1:$port" \
		-loggerLevel=WARN >>"$dir/log" 2>&1 &
	echo $! >"$dir/pid"
	exec "$(dirname "$0")/ready.sh" "$dir" "http://127.0.0.1:$port" /health
	;;
stop)
	exec "$(dirname "$0")/stop.sh" "$2"
	;;
*)
	sed -n '2,/^set/s/^# \{0,1\}//p' "$0"
	exit 2
	;;
esac
