#!/bin/sh
# An Elasticsearch for tests: one node on loopback without security, from the package that Elastic publishes on Maven Central
# for the tests of plug-ins. Needs curl, and for the first install mvn; Java 17 or newer; unzip or jar.
#
#	elasticsearch.sh install           fetched once (107 MB), checked, unpacked in ~/.cache/hindcast
#	elasticsearch.sh start DIR PORT    waits until it answers and prints its URL
#	elasticsearch.sh stop DIR
set -eu

# opensearch.sh runs this with PRODUCT=opensearch.
product=${PRODUCT:-elasticsearch}
if [ "$product" = opensearch ]; then
	version=2.19.4 prefix=OPENSEARCH security=
	sha256=3902e642715210d1d9d7cbdcc8f5abd6f931d1d7a679cea3750937becf16c406
	group=org.opensearch.distribution.integ-test-zip
else
	version=8.19.21 prefix=ES security='xpack.security.enabled: false'
	sha256=215d5f3dbf0609a149f6218a9e47b6ae2df34ebbff3c5754e35f15a5e5393c8a
	group=org.elasticsearch.distribution.integ-test-zip
fi
plugin=org.apache.maven.plugins:maven-dependency-plugin:3.6.1
cache=${XDG_CACHE_HOME:-$HOME/.cache}/hindcast
home=$cache/$product-$version

install() {
	[ ! -e "$home/.complete" ] || return 0
	mkdir -p "$cache"
	work=$(mktemp -d "$cache/fetch.XXXXXX")
	trap 'rm -rf "$work"' EXIT INT TERM
	mvn -B -ntp -q -Dstyle.color=never -Dmaven.repo.local="$work/m2" "$plugin:get" -Dtransitive=false -Dartifact="$group:$product:$version:zip" >&2
	zip=$work/m2/$(echo $group | tr . /)/$product/$version/$product-$version.zip
	echo "$sha256  $zip" | sha256sum -c --quiet - >&2
	if command -v unzip >/dev/null; then
		unzip -q "$zip" -d "$work"
	else
		(cd "$work" && jar xf "$zip" && chmod +x "$product-$version"/bin/*)
	fi
	chmod -R a+rX "$work/$product-$version"
	mkdir -p "$work/$product-$version/plugins" "$work/$product-$version/logs"
	touch "$work/$product-$version/.complete"
	rm -rf "$home"
	mv "$work/$product-$version" "$home" 2>/dev/null || [ -e "$home/.complete" ] # another install was faster
}

# java_home prints the home of the first Java that is new enough.
java_home() {
	for j in "${ES_JAVA_HOME:-}" "${JAVA_HOME:-}" "$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")" /usr/lib/jvm/*; do
		[ -n "$j" ] && [ -x "$j/bin/java" ] || continue
		v=$("$j/bin/java" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1)
		[ "${v:-0}" -lt 17 ] || { echo "$j"; return 0; }
	done
	echo "no Java 17 or newer: set ES_JAVA_HOME" >&2
	return 1
}

start() {
	dir=$1 port=$2
	mkdir -p "$dir/conf" "$dir/data" "$dir/logs" "$dir/tmp"
	dir=$(cd "$dir" && pwd -P)
	java=$(java_home)
	cp -R "$home/config/." "$dir/conf/"
	sed -i '/-Xlog:gc/d' "$dir/conf/jvm.options" # no files of collections
	cat >"$dir/conf/$product.yml" <<-YML
		cluster.name: hindcast-test
		path.data: $dir/data
		path.logs: $dir/logs
		network.host: 127.0.0.1
		http.port: $port
		transport.port: 0
		discovery.type: single-node
		$security
		# a nearly full disk must not make indices read-only
		cluster.routing.allocation.disk.threshold_enabled: false
		action.destructive_requires_name: false
	YML
	# It refuses to run as root, who therefore gives it another id: in a name space of its own, where root's files stay its
	# own, or as nobody, who must be able to reach the folder.
	as=
	if [ "$(id -u)" = 0 ]; then
		if unshare --user --map-user=1000 --map-group=1000 true 2>/dev/null; then
			as='unshare --user --map-user=1000 --map-group=1000'
		else
			as='setpriv --reuid=nobody --regid=nogroup --clear-groups'
			chown -R nobody:nogroup "$dir"
		fi
	fi
	heap=${ES_HEAP:-1g}
	# -d ends once the node has started, or in OpenSearch at once. The pid file may be left from a server that was killed.
	rm -f "$dir/pid"
	$as env -i PATH="$PATH" HOME="$dir" LANG=C.UTF-8 "${prefix}_JAVA_HOME=$java" "${prefix}_PATH_CONF=$dir/conf" "${prefix}_TMPDIR=$dir/tmp" \
		"${prefix}_JAVA_OPTS=-Xms$heap -Xmx$heap" "$home/bin/$product" -d -p "$dir/pid" >>"$dir/log" 2>&1 </dev/null || {
		echo "the server ended:" >&2
		tail -n 20 "$dir/log" >&2
		return 1
	}
	for _ in $(seq 150); do
		[ ! -s "$dir/pid" ] || break
		sleep 0.2
	done
	exec "$(dirname "$0")/ready.sh" "$dir" "http://127.0.0.1:$port" '/_cluster/health?wait_for_status=yellow&timeout=60s'
}

case "${1:-}" in
install) install ;;
start) start "$2" "$3" ;;
stop) exec "$(dirname "$0")/stop.sh" "$2" ;;
*)
	sed -n '2,/^set/s/^# \{0,1\}//p' "$0"
	exit 2
	;;
esac
