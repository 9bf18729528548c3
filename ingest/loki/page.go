package loki

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/fetch"
)

// entry is one line. Its bytes are those of the page's answer.
type entry struct {
	time int64
	line []byte
	// data are the metadata that the line has besides its stream's labels, nil if none.
	data map[string]string
}

// lines are those of one stream on a page.
type lines struct {
	labels  map[string]string
	entries []entry
}

// page is one answer.
type page struct {
	streams []lines
	// count is how many lines there are, last the time of the last.
	count    int
	last     int64
	bytes    int64
	warnings []string
}

// json asks for something other than lines.
func (s *Source) json(ctx context.Context, path string, query url.Values, v any) error {
	body, _, err := s.server.Query(ctx, path, query)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, v); err != nil {
		return fmt.Errorf("%s does not answer %s like Loki: its URL must be what stands before /loki/api/v1 (%w)", s.o.Client.Base.Redacted(), path, err)
	}
	return nil
}

// ask asks for the first lines of a span.
func (s *Source) ask(ctx context.Context, expr string, span event.Range, limit int) (*page, error) {
	body, _, err := s.server.Query(ctx, "loki/api/v1/query_range", url.Values{
		"query": {expr}, "direction": {"forward"}, "limit": {strconv.Itoa(limit)},
		"start": {strconv.FormatInt(span.From, 10)}, "end": {strconv.FormatInt(span.To, 10)},
	})
	if err != nil {
		return nil, err
	}
	return decode(body)
}

var errNotLoki = errors.New("the answer is not Loki's")

// decode reads an answer: its streams, each with pairs of time and line, or triples with the line's metadata.
func decode(body []byte) (*page, error) {
	var parser fastjson.Parser
	v, err := parser.ParseBytes(body)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNotLoki, err)
	}
	if kind := string(v.GetStringBytes("data", "resultType")); kind != "streams" {
		return nil, fmt.Errorf("%w: it has %q and not streams: the query must be one for logs", errNotLoki, kind)
	}
	p := &page{bytes: int64(len(body))}
	for _, w := range v.GetArray("warnings") {
		p.warnings = append(p.warnings, string(w.GetStringBytes()))
	}
	for _, s := range v.GetArray("data", "result") {
		one := lines{labels: labelsOf(s.GetObject("stream"))}
		for _, pair := range s.GetArray("values") {
			e, err := entryOf(pair)
			if err != nil {
				return nil, err
			}
			one.entries = append(one.entries, e)
			p.count++
			p.last = max(p.last, e.time)
		}
		p.streams = append(p.streams, one)
	}
	return p, nil
}

func entryOf(v *fastjson.Value) (entry, error) {
	pair := v.GetArray()
	if len(pair) < 2 {
		return entry{}, fmt.Errorf("%w: a line is not a pair of time and text", errNotLoki)
	}
	t, err := strconv.ParseInt(string(pair[0].GetStringBytes()), 10, 64)
	if err != nil {
		return entry{}, fmt.Errorf("%w: the time %s of a line is not in nanoseconds", errNotLoki, pair[0])
	}
	line, err := pair[1].StringBytes()
	if err != nil {
		return entry{}, fmt.Errorf("%w: a line is not text", errNotLoki)
	}
	e := entry{time: t, line: line}
	if len(pair) > 2 {
		e.data = labelsOf(pair[2].GetObject("structuredMetadata"))
		for k, v := range labelsOf(pair[2].GetObject("parsed")) {
			if e.data == nil {
				e.data = map[string]string{}
			}
			e.data[k] = v
		}
	}
	return e, nil
}

func labelsOf(o *fastjson.Object) map[string]string {
	if o == nil || o.Len() == 0 {
		return nil
	}
	m := make(map[string]string, o.Len())
	o.Visit(func(key []byte, v *fastjson.Value) { m[string(key)] = string(v.GetStringBytes()) })
	return m
}

// What Loki says when it is asked for too much: how many lines it gives, and that the time is too long.
var (
	mostEntries = regexp.MustCompile(`max entries limit per query exceeded, limit > max_entries_limit(?:_per_query)? \((\d+) > (\d+)\)`)
	tooLong     = regexp.MustCompile(`query time range exceeds the limit|the query would read too many bytes|too many outstanding requests|context deadline exceeded|query timed out`)
)

// limitIn gives how many lines a server that refused to give more gives, 0 if the error says nothing of it.
func limitIn(err error) int {
	var status *fetch.StatusError
	if !errors.As(err, &status) {
		return 0
	}
	m := mostEntries.FindStringSubmatch(status.Message)
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[2])
	return n
}

// isTooLong tells whether less time may do.
func isTooLong(err error) bool {
	var status *fetch.StatusError
	return errors.As(err, &status) && tooLong.MatchString(status.Message) || errors.Is(err, fetch.ErrTooLarge)
}

// splitQuery cuts a log query behind its selector, which is empty if the query does not begin with one.
func splitQuery(expr string) (selector, rest string) {
	expr = strings.TrimSpace(expr)
	if !strings.HasPrefix(expr, "{") {
		return "", expr
	}
	quote := byte(0)
	for i := 1; i < len(expr); i++ {
		switch c := expr[i]; {
		case quote != 0 && c == '\\' && quote == '"':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '`':
			quote = c
		case c == '}':
			return expr[:i+1], strings.TrimSpace(expr[i+1:])
		}
	}
	return "", expr
}

// narrowed adds matchers to a query's selector.
func narrowed(expr string, labels []event.Label) string {
	selector, rest := splitQuery(expr)
	inner := strings.TrimRight(strings.TrimSpace(selector[1:len(selector)-1]), ", ")
	for _, l := range labels {
		if inner != "" {
			inner += ","
		}
		inner += l.Name + "=" + strconv.Quote(l.Value)
	}
	return strings.TrimSpace("{" + inner + "} " + rest)
}
