#!/bin/sh
# check.sh VERSION [TARGETS] builds a release twice, the second time from a copy of the last commit in another folder with an
# empty cache, and compares the bytes. TARGETS are such as linux/amd64,windows/arm64; all if not given.
set -eu
version=$1 targets=${2:-}
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT INT TERM
git diff --quiet HEAD || { echo "commit first: the copy is made of the last commit" >&2; exit 1; }
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
go run ./deploy/release -version "$version" -only "$targets" -out "$work/one"
mkdir -p "$work/somewhere/else"
git archive HEAD | tar -x -C "$work/somewhere/else"
(cd "$work/somewhere/else" && GOCACHE="$work/cache" TZ=Asia/Tokyo LC_ALL=C go run ./deploy/release -version "$version" -only "$targets" -out "$work/two")
cmp "$work/one/SHA256SUMS" "$work/two/SHA256SUMS" || { diff "$work/one/SHA256SUMS" "$work/two/SHA256SUMS" >&2; exit 1; }
(cd "$work/two" && sha256sum --quiet -c SHA256SUMS)
echo "two builds, the same bytes:"
cat "$work/one/SHA256SUMS"
