#!/bin/sh
# An Elasticsearch for tests: one node on loopback without security, from the package that Elastic publishes on Maven Central
# for the tests of plug-ins. Needs curl, and for the first install mvn; Java 17 or newer; unzip or jar.
#
#	elasticsearch.sh install           fetched once (107 MB), checked, unpacked in ~/.cache/hindcast
#	elasticsearch.sh start DIR PORT    waits until it answers and prints its URL
#	elasticsearch.sh stop DIR
set -eu

version=8.19.21
sha256=215d5f3dbf0609a149f6218a9e47b6ae2df34ebbff3c5754e35f15a5e5393c8a
plugin=org.apache.maven.plugins:maven-dependency-plugin:3.6.1
group=org.elasticsearch.distribution.integ-test-zip
cache=${XDG_CACHE_HOME:-$HOME/.cache}/hindcast
home=$cache/elasticsearch-$version

install() {
	[ ! -e "$home/.complete" ] || return 0
	mkdir -p "$cache"
	work=$(mktemp -d "$cache/fetch.XXXXXX")
	trap 'rm -rf "$work"' EXIT INT TERM
	mvn -B -ntp -q -Dstyle.color=never -Dmaven.repo.local="$work/m2" "$plugin:get" -Dtransitive=false -Dartifact="$group:elasticsearch:$version:zip" >&2
	zip=$work/m2/$(echo $group | tr . /)/elasticsearch/$version/elasticsearch-$version.zip
	echo "$sha256  $zip" | sha256sum -c --quiet - >&2
	if command -v unzip >/dev/null; then
		unzip -q "$zip" -d "$work"
	else
		(cd "$work" && jar xf "$zip" && chmod +x "elasticsearch-$version"/bin/*)
	fi
	chmod -R a+rX "$work/elasticsearch-$version"
	mkdir -p "$work/elasticsearch-$version/plugins" "$work/elasticsearch-$version/logs"
	touch "$work/elasticsearch-$version/.complete"
	rm -rf "$home"
	mv "$work/elasticsearch-$version" "$home" 2>/dev/null || [ -e "$home/.complete" ] # another install was faster
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
	cat >"$dir/conf/elasticsearch.yml" <<-YML
		cluster.name: hindcast-test
		path.data: $dir/data
		path.logs: $dir/logs
		network.host: 127.0.0.1
		http.port: $port
		transport.port: 0
		discovery.type: single-node
		xpack.security.enabled: false
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
	# -d ends once the node has started; the pid is that of the server, whether it is ready yet or not.
	$as env -i PATH="$PATH" HOME="$dir" LANG=C.UTF-8 ES_JAVA_HOME="$java" ES_PATH_CONF="$dir/conf" ES_TMPDIR="$dir/tmp" \
		ES_JAVA_OPTS="-Xms$heap -Xmx$heap" "$home/bin/elasticsearch" -d -p "$dir/pid" >>"$dir/log" 2>&1 </dev/null || {
		echo "the server ended:" >&2
		tail -n 20 "$dir/log" >&2
		return 1
	}
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
