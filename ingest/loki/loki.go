// Package loki pulls logs from Loki, or from what speaks its query API.
//
// Loki keeps the lines that programs wrote, under labels. The lines of a stream are read as those of a file would be: the
// format is found by their content, and lines that belong together are joined. The time is Loki's.
package loki

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/fetch"
)

const (
	defaultPage    = 5000 // the server's own limit, unless it was changed
	defaultTimeout = 5 * time.Minute
	// spanPages is about how many pages a part should have, mostSpans how many parts there are at the most.
	spanPages = 4
	mostSpans = 48
)

// Options says which server is asked for what.
type Options struct {
	// Name is the source's, for reports.
	Name string
	// Client reaches the server; its base is what stands before /loki/api/v1.
	Client *fetch.Client
	// Query is a log query: a selector of streams and what else LogQL has to choose and change lines. Empty is all streams.
	Query string
	// PageSize is how many lines one answer has; zero is 5,000.
	PageSize int
	// Timeout bounds one request with its repetitions; zero is five minutes.
	Timeout time.Duration
	// Location is the zone of stamps in lines that name none. The records' times are Loki's anyway.
	Location *time.Location
}

// Source is a Loki server. It is safe for concurrent use.
type Source struct {
	o      Options
	server fetch.Steady
	mu     sync.Mutex
	// page is how many lines are asked for, which a server may bring down.
	page int
}

// New makes a source. No request is sent yet.
func New(o Options) *Source {
	if o.PageSize <= 0 {
		o.PageSize = defaultPage
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	// Without this the metadata of each line would count among the labels of its stream.
	c := *o.Client
	c.Header = c.Header.Clone()
	if c.Header == nil {
		c.Header = map[string][]string{}
	}
	c.Header.Set("X-Loki-Response-Encoding-Flags", "categorize-labels")
	o.Client = &c
	return &Source{o: o, server: fetch.Steady{Client: &c, Timeout: o.Timeout}, page: o.PageSize}
}

// Name gives the source's name.
func (s *Source) Name() string { return s.o.Name }

// Events yields nothing: Loki has records only.
func (s *Source) Events(context.Context, event.Range) iter.Seq2[*event.Batch, error] {
	return func(func(*event.Batch, error) bool) {}
}

// Parts splits the range by how many lines it has.
func (s *Source) Parts(ctx context.Context, q ingest.Query) ([]ingest.Part, error) {
	if q.Range.IsZero() {
		return nil, fmt.Errorf("source %s: logs cannot be asked for without a window", s.o.Name)
	}
	expr, note, err := s.query(ctx)
	if err != nil {
		return nil, err
	}
	p := &pull{source: s, query: expr, within: q.Range, wanted: q.Wanted, profiles: map[string]*profile{}}
	if note != "" {
		p.notes = append(p.notes, note)
	}
	volume, known := s.volume(ctx, expr, q.Range)
	if err := s.server.Gone(); err != nil {
		return nil, err
	}
	n := volume.Entries/int64(spanPages*s.pageSize()) + 1
	if !known {
		n = int64(q.Range.Duration()/time.Hour) + 1
	}
	n = min(n, mostSpans)
	// Whole seconds make the borders, so that they are the same for anything that is asked again.
	step := max((q.Range.To-q.Range.From)/n, 1)
	if step > int64(time.Second) {
		step = (step + int64(time.Second) - 1) / int64(time.Second) * int64(time.Second)
	}
	var parts []ingest.Part
	for from := q.Range.From; from < q.Range.To; from += step {
		parts = append(parts, &part{pull: p, span: event.Range{From: from, To: min(from+step, q.Range.To)}, size: volume.Bytes / n, first: from == q.Range.From})
	}
	return parts, nil
}

func (s *Source) pageSize() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.page
}

// allow takes notice of how many lines the server gives at the most.
func (s *Source) allow(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.page = min(s.page, n)
}

// pull is what the parts of one asking share.
type pull struct {
	source *Source
	query  string
	within event.Range
	wanted event.Wanted
	notes  []string

	mu       sync.Mutex
	profiles map[string]*profile
}

// stats is what Loki's index says of a selection.
type stats struct{ Streams, Chunks, Entries, Bytes int64 }

// volume asks how much there is to pull, which older servers cannot tell.
func (s *Source) volume(ctx context.Context, expr string, within event.Range) (stats, bool) {
	selector, _ := splitQuery(expr)
	var v stats
	err := s.json(ctx, "loki/api/v1/index/stats", map[string][]string{
		"query": {selector}, "start": {strconv.FormatInt(within.From, 10)}, "end": {strconv.FormatInt(within.To, 10)},
	}, &v)
	return v, err == nil && v.Entries > 0
}

// commonLabels are labels of which nearly every stream has one, the surest first.
var commonLabels = []string{"service_name", "job", "app", "namespace", "container", "container_name", "host", "filename", "compose_project"}

// query is what is asked for: what the user wants or, if that is everything, the streams that have a label which usually all
// have. Loki takes no selector that matches everything.
func (s *Source) query(ctx context.Context) (expr, note string, err error) {
	if s.o.Query != "" {
		if selector, _ := splitQuery(s.o.Query); selector == "" {
			return "", "", fmt.Errorf("source %s: %s is not a log query: it begins with a selector such as {namespace=\"shop\"}", s.o.Name, s.o.Query)
		}
		return s.o.Query, "", nil
	}
	var answer struct{ Data []string }
	if err := s.json(ctx, "loki/api/v1/labels", nil, &answer); err != nil {
		return "", "", fmt.Errorf("listing the labels: %w", err)
	}
	for _, l := range append(slices.Clone(commonLabels), answer.Data...) {
		if slices.Contains(answer.Data, l) {
			expr = "{" + l + `=~".+"}`
			return expr, "no query was given: all streams that have the label " + l + " were pulled", nil
		}
	}
	return "", "", fmt.Errorf("source %s: the server has no labels, so there are no logs", s.o.Name)
}
