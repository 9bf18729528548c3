// Package elastic is the source of log documents in Elasticsearch, from 7.14 on, and in OpenSearch.
//
// # How a window is pulled
//
// The server is asked how many documents lie where in the window. Spans of time that hold about as many documents each are
// then pulled side by side, each through a point in time, page by page in the order of the shards' own numbers (_shard_doc),
// which costs the server no sorting. Nothing is asked that depends on how many parts or workers there are, so that the
// requests of a run can be recorded and answered again elsewhere.
//
// # Why spans of time and not slices
//
// The slices of a point in time hold very uneven shares, and which documents a slice holds depends on the point in time: when
// that expires, a slice cannot be gone on with. The documents of a span of time are always the same. When the point in
// time is lost in mid-span (it expired, its node was restarted), the span is read again from its beginning through a new
// one, and what had been handed over already is left out by its id. A span is small, so that the ids are few and little is
// read twice; sorting by time and id, which would need neither, costs two thirds of the rate.
package elastic

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"iter"
	"net/http"
	"net/url"
	"runtime"
	"sync"
	"time"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/fetch"
	"github.com/hindcast/hindcast/ingest/format"
)

// Options says where documents are and what they look like. Beside the URL its zero value works.
type Options struct {
	// Name is the source's name, "elasticsearch" if empty.
	Name string
	// URL is the cluster's, see [CloudURL] for that of Elastic Cloud.
	URL *url.URL
	// Transport sends the requests; http.DefaultTransport if nil. It should be patient, see [fetch.Retry].
	Transport http.RoundTripper
	// APIKey is an API key in its encoded form, empty if the transport has the credentials.
	APIKey string
	// Index is an index, an alias, a data stream or a pattern of them; several are separated by commas. All if empty.
	Index string
	// Query narrows what is pulled, in the language of a query string.
	Query string
	// Fields maps roles to what the documents call them, as [format.Options] has it; ECS and its kin need none.
	Fields map[string]string
	// PageSize is how many documents one answer holds, 0 for as many as make a few MiB.
	PageSize int
	// Slices is how many searches go side by side, 0 for two a processor.
	Slices int
	// Patience is for answers that break off; the transport has its own for servers that do not answer.
	Patience fetch.Patience
}

// Source is the documents of one cluster.
type Source struct {
	options   Options
	server    *server
	index     []string
	timeField string
	// running holds a token for each search that may be under way.
	running chan struct{}
	// pages are those that nobody uses at the moment.
	pages chan *page
	seed  maphash.Seed

	mu     sync.Mutex
	points []*point
}

// Open makes a source. It asks nothing yet.
func Open(o Options) (*Source, error) {
	if o.URL == nil {
		return nil, errors.New("no URL of a cluster")
	}
	if o.Name == "" {
		o.Name = "elasticsearch"
	}
	// Wrong roles are found before anything is asked.
	if _, err := format.NewDocuments(format.Options{Fields: o.Fields}, nil); err != nil {
		return nil, fmt.Errorf("source %s: %w", o.Name, err)
	}
	srv, err := newServer(o)
	if err != nil {
		return nil, fmt.Errorf("source %s: %w", o.Name, err)
	}
	s := &Source{options: o, server: srv, index: indices(o.Index), timeField: "@timestamp", seed: maphash.MakeSeed()}
	if f := o.Fields["time"]; f != "" {
		s.timeField = f
	}
	s.running, s.pages = make(chan struct{}, s.slices()), make(chan *page, 2*s.slices())
	return s, nil
}

// slices is how many searches may go side by side.
func (s *Source) slices() int {
	if s.options.Slices > 0 {
		return s.options.Slices
	}
	return 3 * runtime.GOMAXPROCS(0)
}

// lanes is how many searches a part has under way: enough to keep the server busy while a page is read.
func (s *Source) lanes() int {
	workers := runtime.GOMAXPROCS(0)
	return max(1, min(s.slices(), 2), (s.slices()+workers-1)/workers)
}

// Name gives the source's name.
func (s *Source) Name() string { return s.options.Name }

// Events yields nothing: all documents are records.
func (s *Source) Events(context.Context, event.Range) iter.Seq2[*event.Batch, error] {
	return func(func(*event.Batch, error) bool) {}
}

// Parts asks how the documents of the range are spread over time and opens the point in time that the parts share. It stays
// open until [Source.Close], or until the server has not been asked for it for a few minutes.
func (s *Source) Parts(ctx context.Context, q ingest.Query) ([]ingest.Part, error) {
	l, err := s.look(ctx, q)
	if err != nil {
		return nil, err
	}
	docs, err := format.NewDocuments(format.Options{Fields: s.options.Fields, Wanted: q.Wanted}, l.sample)
	if err != nil {
		return nil, err
	}
	l.needed = s.neededFields(q)
	pl := &pulling{s: s, look: l, docs: docs, within: q.Range}
	if len(l.spans) > 0 {
		if pl.point, err = s.openPoint(ctx); err != nil {
			return nil, err
		}
	}
	var parts []ingest.Part
	for _, spans := range share(l.spans, max(1, q.Parts)) {
		parts = append(parts, &part{pulling: pl, spans: spans})
	}
	if len(parts) == 0 { // something has to say what was found
		parts = append(parts, &part{pulling: pl})
	}
	first, _ := parts[0].(*part)
	first.notes, first.gaps = l.notes, l.gaps
	return parts, nil
}

// neededFields are those that records are made of, and those that are wanted beyond.
func (s *Source) neededFields(q ingest.Query) []string {
	return format.DocumentFields(format.Options{Fields: s.options.Fields, Wanted: q.Wanted})
}

// closing is how long the server is given to close what it holds for us.
const closing = 5 * time.Second

// Close lets the server forget the points in time. If it cannot be reached it will do so by itself.
func (s *Source) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.points {
		p.close(ctx)
	}
	s.points = nil
	return nil
}
