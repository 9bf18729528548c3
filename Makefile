# make build   bin/hindcast                       make check   vet, format, race, all tests: what CI runs
# make release archives, bills of materials, checksums     make release-check   two builds, the same bytes
# make score   how right the answers are          make bench   how fast they come
# make test-servers   tests against real servers, which it installs: from Debian's packages (root) and from Maven Central
# make servers        starts them and prints where they answer; make stop-servers ends them
# make lab INCIDENT=pool-leak records an incident from real software anew (root, Debian packages, see fixtures/lab)

GO ?= go

build:
	$(GO) build -trimpath -o bin/hindcast ./cmd/hindcast

test:
	$(GO) test ./...

check: format lint
	$(GO) vet ./...
	HINDCAST_KILLS=100 $(GO) test -race ./correlate/... ./cmd/... ./ingest/... ./render/...
	$(GO) test ./fixtures/... ./deploy/...

# SERVERS are the kinds of servers, each with a script in scripts/servers.
SERVERS ?= prometheus alertmanager victoriametrics elasticsearch opensearch loki

install-servers:
	for s in $(SERVERS); do scripts/servers/$$s.sh install || exit 1; done

test-servers: install-servers
	HINDCAST_SERVERS="$(SERVERS)" $(GO) test -timeout 20m -run 'Server|TestIncidents|TestAlert' ./ingest/prometheus ./ingest/alertmanager ./ingest/elastic ./ingest/loki ./fixtures/load ./cmd/hindcast ./cmd/hindcast/endtoend

# Ports count up from PORT in the order of SERVERS.
PORT ?= 19090

servers:
	@port=$(PORT); for s in $(SERVERS); do \
		scripts/servers/$$s.sh install && scripts/servers/$$s.sh start .servers/$$s $$port || exit 1; port=$$((port + 1)); done

stop-servers:
	@for s in $(SERVERS); do scripts/servers/$$s.sh stop .servers/$$s; done

format:
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "gofmt would change:"; gofmt -l $$(git ls-files '*.go'); exit 1; }

# GOLANGCI is built from source once per version, which takes a few minutes.
GOLANGCI ?= github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

lint:
	$(GO) run $(GOLANGCI) run

fixtures:
	$(GO) run ./fixtures/generate

# CASES are labelled incidents from public studies, where present.
CASES ?= ../shared/rca-cases

score: build
	$(GO) run ./fixtures/score -again -hindcast bin/hindcast $(if $(wildcard $(CASES)),-cases $(CASES)) -json bin/score.json
	$(GO) run ./fixtures/score -hindcast bin/hindcast -fixtures fixtures/holdout

# BASE is an older bin/score.json to compare with.
score-diff: build
	$(GO) run ./fixtures/score -hindcast bin/hindcast $(if $(wildcard $(CASES)),-cases $(CASES)) -json bin/score.json -base $(BASE)

# SIZE is the text in each input, ROUNDS how often each program runs; ONLY names inputs: make bench ONLY=hdfs,ecs SIZE=1G.
SIZE ?= 512M
ROUNDS ?= 5
ONLY ?=

bench: build
	$(GO) run ./fixtures/bench -hindcast bin/hindcast -size $(SIZE) -rounds $(ROUNDS) -only '$(ONLY)'

# The steps by themselves; two results are compared with benchstat.
bench-steps:
	$(GO) test -run '^$$' -bench . -benchmem -count 6 ./correlate/pattern ./correlate/match ./correlate/summary ./ingest/format

# Pulls a million documents from a real Elasticsearch, beside a bare loop.
bench-elastic:
	scripts/servers/elasticsearch.sh install
	url=$$(scripts/servers/elasticsearch.sh start .servers/bench 19290) && \
		HINDCAST_ELASTICSEARCH_URL=$$url $(GO) test -run '^$$' -bench Pull -benchtime 6x -timeout 30m ./ingest/elastic; \
		status=$$?; scripts/servers/elasticsearch.sh stop .servers/bench; exit $$status

lab:
	$(GO) run ./fixtures/lab -incident $(INCIDENT) -out fixtures/recorded/$(INCIDENT)

# VERSION is that of the release; the time in it is that of the last commit.
VERSION ?= 0.1.0
export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct)

release:
	rm -rf dist
	$(GO) run ./deploy/release -version $(VERSION) -out dist

# Two builds, the second from a copy in another folder with an empty cache, give the same bytes.
release-check:
	deploy/release/check.sh $(VERSION)

.PHONY: build test install-servers test-servers servers stop-servers bench-elastic release release-check check format lint fixtures score score-diff bench bench-steps lab
