package elastic

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/hindcast/hindcast/ingest"
)

// Check tells what the server is, how its clock goes, and what lies in the range and how it would be asked for.
func (s *Source) Check(ctx context.Context, q ingest.Query) (ingest.Report, error) {
	l, err := s.look(ctx, q)
	if err != nil {
		return ingest.Report{}, err
	}
	r := ingest.Report{Server: s.server.shown, Records: l.total, Bytes: l.total * (l.bytes + hitBytes)}
	r.Product = s.product(ctx)
	r.Clock, r.ClockError = s.clock(ctx, l)
	if l.total > 0 {
		r.Asked = s.asked(l, q)
	}
	r.Notes = append(r.Notes, l.notes...)
	for _, g := range l.gaps {
		r.Notes = append(r.Notes, g.Reason)
	}
	if l.serverTime {
		r.Notes = append(r.Notes, fmt.Sprintf("the documents write %q in a form of their own: the server is asked for their times", s.timeField))
	}
	return r, nil
}

// asked describes the searches of a pull.
func (s *Source) asked(l *look, q ingest.Query) []string {
	what := fmt.Sprintf("POST /%s/_search", s.shownIndex())
	if s.options.Query != "" {
		what += fmt.Sprintf(" %q", s.options.Query)
	}
	if !q.Range.IsZero() {
		what += fmt.Sprintf(" with %s in %s", s.timeField, span{}.of(q.Range))
	}
	if l.bytes > fatDocument {
		what += fmt.Sprintf(", %d fields of each document", len(s.neededFields(q)))
	}
	size := s.pageSize(l.bytes+hitBytes, l.spans[0].count)
	return []string{what, fmt.Sprintf("in %d spans of time, up to %d side by side, about %d documents an answer", len(l.spans), s.slices(), size)}
}

// product names the server. The version is not told to everyone, and some servers tell it in one place only.
func (s *Source) product(ctx context.Context) string {
	name := "Elasticsearch"
	if s.server.openSearch {
		name = "OpenSearch"
	}
	if v, err := s.server.version(ctx); err == nil && v.Version.Number != "" {
		return name + " " + v.Version.Number
	}
	var nodes struct {
		Nodes map[string]struct {
			Version string `json:"version"`
		} `json:"nodes"`
	}
	_, err := s.server.get(ctx, func() esapi.Request {
		return esapi.NodesInfoRequest{NodeID: []string{"_local"}, FilterPath: []string{"nodes.*.version"}}
	}, &nodes)
	if err == nil {
		for _, n := range nodes.Nodes {
			return name + " " + n.Version
		}
	}
	return name
}

// clock compares the server's clock with this machine's: by the Date of a proxy before it, or by the time of a node's statistics,
// which asks for the privilege monitor. An error of zero says that it could not be told.
func (s *Source) clock(ctx context.Context, l *look) (ahead, by time.Duration) {
	var nodes struct {
		Nodes map[string]struct {
			Timestamp int64 `json:"timestamp"`
		} `json:"nodes"`
	}
	before := time.Now()
	_, err := s.server.get(ctx, func() esapi.Request {
		return esapi.NodesStatsRequest{NodeID: []string{"_local"}, Metric: []string{"os"}, FilterPath: []string{"nodes.*.timestamp"}}
	}, &nodes)
	after := time.Now()
	if err == nil {
		for _, n := range nodes.Nodes {
			middle := before.Add(after.Sub(before) / 2)
			// Nodes take their statistics once a second at most.
			return time.UnixMilli(n.Timestamp).Sub(middle).Round(time.Millisecond), after.Sub(before)/2 + time.Second
		}
	}
	if date, err := http.ParseTime(l.header.Get("Date")); err == nil {
		return date.Sub(l.at).Round(time.Second), time.Second
	}
	return 0, 0
}
