#!/bin/sh
# An Alertmanager for tests, that tells nobody.
#
#	alertmanager.sh install           Debian's package, as root; nothing is left running
#	alertmanager.sh start DIR PORT    waits until it answers and prints its URL
#	alertmanager.sh stop DIR
set -eu

case "${1:-}" in
install)
	command -v prometheus-alertmanager >/dev/null && exit 0
	"$(dirname "$0")/package.sh" prometheus-alertmanager
	;;
start)
	dir=$2 port=$3
	mkdir -p "$dir/data"
	printf 'route: {receiver: nobody}\nreceivers: [{name: nobody}]\n' >"$dir/alertmanager.yml"
	prometheus-alertmanager --config.file="$dir/alertmanager.yml" --storage.path="$dir/data" --cluster.listen-address= \
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
