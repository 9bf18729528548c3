#!/bin/sh
# An OpenSearch for tests, in the way of elasticsearch.sh (56 MB to fetch).
#
#	opensearch.sh install
#	opensearch.sh start DIR PORT    waits until it answers and prints its URL
#	opensearch.sh stop DIR
set -eu
PRODUCT=opensearch exec "$(dirname "$0")/elasticsearch.sh" "$@"
