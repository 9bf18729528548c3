#!/bin/sh
# A Loki for tests, with everything in one process and limits that let old lines in.
#
#	loki.sh install           into ~/.cache/hindcast; built from its module, which takes some ten minutes
#	loki.sh start DIR PORT    waits until it answers and prints its URL
#	loki.sh stop DIR
set -eu

version=v3.7.8
home=${XDG_CACHE_HOME:-$HOME/.cache}/hindcast/loki-$version

case "${1:-}" in
install)
	[ -x "$home/loki" ] && exit
	work=$(mktemp -d)
	trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
	(cd "$work" && go mod init build >/dev/null 2>&1 && GOFLAGS=-mod=mod go mod download "github.com/grafana/loki/v3@$version")
	cp -r "$(go env GOMODCACHE)/github.com/grafana/loki/v3@$version" "$work/loki"
	chmod -R u+w "$work/loki"
	# Its push API is a module of its own, which is not in the archive.
	sed -i '\,^replace github.com/grafana/loki/pkg/push,d' "$work/loki/go.mod"
	mkdir -p "$home"
	(cd "$work/loki" && GOFLAGS=-mod=mod CGO_ENABLED=0 go build -trimpath -o "$home/loki" ./cmd/loki)
	;;
start)
	dir=$2 port=$3
	cat >"$dir/loki.yml" <<END
auth_enabled: false
server: {http_listen_address: 127.0.0.1, http_listen_port: $port, grpc_listen_address: 127.0.0.1, grpc_listen_port: 0, log_level: warn}
common:
  instance_addr: 127.0.0.1
  path_prefix: $dir/data
  replication_factor: 1
  ring: {kvstore: {store: inmemory}}
  storage: {filesystem: {chunks_directory: $dir/data/chunks, rules_directory: $dir/data/rules}}
schema_config:
  configs: [{from: 2020-01-01, store: tsdb, object_store: filesystem, schema: v13, index: {prefix: index_, period: 24h}}]
limits_config:
  reject_old_samples: false
  max_query_length: 0
  max_line_size: 4MB
  ingestion_rate_mb: 1000
  ingestion_burst_size_mb: 1000
  per_stream_rate_limit: 1GB
  per_stream_rate_limit_burst: 1GB
  max_global_streams_per_user: 0
  discover_service_name: []
  discover_log_levels: false
querier: {query_ingesters_within: 0}
query_range: {cache_results: false}
analytics: {reporting_enabled: false}
END
	"$home/loki" -config.file="$dir/loki.yml" >>"$dir/log" 2>&1 &
	echo $! >"$dir/pid"
	exec "$(dirname "$0")/ready.sh" "$dir" "http://127.0.0.1:$port" /ready
	;;
stop)
	exec "$(dirname "$0")/stop.sh" "$2"
	;;
*)
	sed -n '2,/^set/s/^# \{0,1\}//p' "$0"
	exit 2
	;;
esac
