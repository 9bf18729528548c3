package elastic

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/hindcast/hindcast/ingest/event"
)

// object is a JSON object. Its members are written in the order of their names, so that the same question has the same bytes.
type object map[string]any

// span is a stretch of time, [from, to) in Unix milliseconds, and how many documents it holds. The server's ranges have
// milliseconds for fields of dates, so that no finer ones are asked for.
type span struct{ from, to, count int64 }

// of gives the span that holds a range.
func (span) of(r event.Range) span {
	if r.IsZero() {
		return span{}
	}
	ms := int64(time.Millisecond)
	return span{from: floor(r.From, ms), to: floor(r.To+ms-1, ms)}
}

func floor(n, by int64) int64 {
	q := n / by
	if n%by < 0 {
		q--
	}
	return q
}

// all is the span as a range.
func (s span) all() event.Range {
	return event.Range{From: s.from * int64(time.Millisecond), To: s.to * int64(time.Millisecond)}
}

// String writes the span for a person.
func (s span) String() string {
	r, layout := s.all(), "2006-01-02T15:04:05.999Z"
	return event.Time(r.From).Format(layout) + " .. " + event.Time(r.To).Format(layout)
}

// indices takes a list of indices apart.
func indices(list string) []string {
	names := strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
	if len(names) == 0 {
		return []string{"*"}
	}
	return names
}

func (s *Source) shownIndex() string { return strings.Join(s.index, ",") }

// hole is a gap that counts as a failure.
func (s *Source) hole(r event.Range, reason string) event.Hole {
	return event.Hole{Range: r, Origin: event.Origin{Source: s.Name(), Path: s.shownIndex()}, Reason: reason, Failed: true}
}

// narrowed are the conditions that the options set.
func (s *Source) narrowed() []object {
	if s.options.Query == "" {
		return []object{}
	}
	return []object{{"query_string": object{"query": s.options.Query, "analyze_wildcard": true}}}
}

// filter is the question for the documents of a span; the zero span is all of time. Filters are not scored.
func (s *Source) filter(sp span) object {
	conditions := s.narrowed()
	if sp.to > sp.from {
		conditions = append(conditions, object{"range": object{s.timeField: object{"gte": sp.from, "lt": sp.to, "format": "epoch_millis"}}})
	} else {
		conditions = append(conditions, object{"exists": object{"field": s.timeField}})
	}
	return object{"bool": object{"filter": conditions}}
}

// search writes a search.
func (s *Source) search(query, more object) []byte {
	o := object{"query": query}
	maps.Copy(o, more)
	b, err := json.Marshal(o)
	if err != nil {
		panic(fmt.Sprintf("BUG: a search cannot be written: %v", err))
	}
	return b
}

// indexSearch makes the request for a search of the index, without a point in time.
func (s *Source) indexSearch(body []byte) func() esapi.Request {
	return func() esapi.Request { return esapi.SearchRequest{Index: s.index, Body: bytes.NewReader(body)} }
}
