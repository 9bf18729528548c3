package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/format"
)

const (
	// sampleSize is how many documents are looked at before the pull.
	sampleSize = 20
	// fatDocument is how many bytes documents have on average for it to pay that the server cuts them down to the fields
	// needed: it reads and writes each anew for that, at about 100 MB/s, which for small ones costs more than sending them whole.
	fatDocument = 2 << 10
)

// look is what is found out before a pull.
type look struct {
	// header is that of the first answer, which came at that time.
	header http.Header
	at     time.Time
	spans  []span
	// total is how many documents the range holds, bytes how long one is on average.
	total, bytes int64
	// sample is some of them.
	sample [][]byte
	// needed are the fields that someone will look at.
	needed []string
	// serverTime is set where the server reads the time of documents otherwise than this program would.
	serverTime bool
	notes      []string
	gaps       []event.Hole
}

// look finds out what the index is like and how its documents are spread over the range.
func (s *Source) look(ctx context.Context, q ingest.Query) (*look, error) {
	l := &look{}
	if err := s.fields(ctx, l); err != nil {
		return nil, err
	}
	all, err := s.probe(ctx, l, q)
	if err != nil {
		return nil, err
	}
	s.timeless(ctx, l)
	if l.total > 0 {
		s.forms(ctx, l)
		l.spans, err = s.plan(ctx, all)
	}
	return l, err
}

// capabilities are the fields of indices, by name and by type.
type capabilities struct {
	Indices []string `json:"indices"`
	Fields  map[string]map[string]struct {
		Indices []string `json:"indices"`
	} `json:"fields"`
}

// fields checks that the index is there and that its documents have the time field.
func (s *Source) fields(ctx context.Context, l *look) error {
	var caps capabilities
	yes := true
	a, err := s.server.get(ctx, func() esapi.Request {
		return esapi.FieldCapsRequest{Index: s.index, Fields: []string{s.timeField}, IncludeUnmapped: &yes}
	}, &caps)
	if err != nil {
		return err
	}
	l.header, l.at = a.header, time.Now()
	if err := s.server.recognise(ctx, a.header); err != nil {
		return err
	}
	if len(caps.Indices) == 0 {
		return fmt.Errorf("%s: no index matches %q (set index to the name or pattern of one, such as logs-*)", s.server.shown, s.shownIndex())
	}
	kinds := caps.Fields[s.timeField]
	dated := false
	for kind := range kinds {
		dated = dated || kind == "date" || kind == "date_nanos"
	}
	if !dated {
		return s.noTimeField(ctx, slices.Sorted(maps.Keys(kinds)))
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		if kind == "date" || kind == "date_nanos" {
			continue
		}
		names := kinds[kind].Indices
		reason := fmt.Sprintf("%s has no date field %q, but one of type %s", listed(names), s.timeField, kind)
		if kind == "unmapped" {
			reason = fmt.Sprintf("%s has no field %q", listed(names), s.timeField)
		}
		l.leave(s, reason+": not read", !strings.ContainsAny(s.shownIndex(), "*"))
	}
	return nil
}

// leave says that something is left out: as a gap where it was asked for by name, as a remark where a pattern took it along.
func (l *look) leave(s *Source, reason string, asked bool) {
	if asked {
		l.gaps = append(l.gaps, event.Hole{Origin: event.Origin{Source: s.Name(), Path: s.shownIndex()}, Reason: reason, Failed: true})
	} else {
		l.notes = append(l.notes, reason)
	}
}

// listed writes the names of indices, not all if they are many.
func listed(names []string) string {
	const most = 5
	if n := len(names); n > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), n-most)
	}
	return strings.Join(names, ", ")
}

// noTimeField says that documents cannot be placed in time, and which fields might serve.
func (s *Source) noTimeField(ctx context.Context, kinds []string) error {
	what := "no field"
	if kinds = slices.DeleteFunc(kinds, func(k string) bool { return k == "unmapped" }); len(kinds) > 0 {
		what = "no date field (but one of type " + strings.Join(kinds, ", ") + ")"
	}
	hint := "there is none with a date"
	var caps capabilities
	if _, err := s.server.get(ctx, func() esapi.Request { return esapi.FieldCapsRequest{Index: s.index, Fields: []string{"*"}} }, &caps); err == nil {
		var names []string
		for name, kinds := range caps.Fields {
			if _, ok := kinds["date"]; ok || kinds["date_nanos"].Indices != nil {
				names = append(names, name)
			}
		}
		if slices.Sort(names); len(names) > 0 {
			hint = "those with a date are " + listed(names)
		}
	}
	return fmt.Errorf("%s: index %q has %s %q to place its documents in time (name another with fields: {time: NAME}; %s)", s.server.shown, s.shownIndex(), what, s.timeField, hint)
}

// probe counts the documents of the range, finds the first and the last time and looks at some. It returns the span that holds them all.
func (s *Source) probe(ctx context.Context, l *look, q ingest.Query) (span, error) {
	body := s.search(s.filter(span{}.of(q.Range)), object{
		"size": sampleSize, "track_total_hits": true, "sort": []string{"_doc"},
		"docvalue_fields": []object{{"field": s.timeField, "format": serverTimeFormat}},
		"aggs":            object{"first": object{"min": object{"field": s.timeField}}, "last": object{"max": object{"field": s.timeField}}},
	})
	p := &page{}
	var spread struct {
		Aggregations struct {
			First, Last struct {
				Value *float64 `json:"value"`
			}
		} `json:"aggregations"`
	}
	_, err := s.server.ask(ctx, nil, s.indexSearch(body), func(answer []byte) error {
		if err := p.cut(answer); err != nil {
			return err
		}
		return json.Unmarshal(answer, &spread)
	})
	if err != nil {
		return span{}, err
	}
	if p.failed > 0 {
		l.gaps = append(l.gaps, s.hole(event.Range{}, p.trouble()))
	}
	l.total = p.total
	first, last := spread.Aggregations.First.Value, spread.Aggregations.Last.Value
	if l.total == 0 || first == nil || last == nil {
		l.total = 0
		return span{}, nil
	}
	s.judge(l, p)
	// A range that is given ends where it was said to; one of all time where the last document does. Doubles hold milliseconds
	// exactly, but those of nanoseconds may be rounded either way.
	all := span{from: int64(*first) - 1, to: int64(*last) + 2, count: l.total}
	if r := (span{}).of(q.Range); !q.Range.IsZero() {
		all.from, all.to = max(all.from, r.from), min(all.to, r.to)
	}
	return all, nil
}

// serverTimeFormat is how the server is asked to write times.
const serverTimeFormat = "strict_date_optional_time_nanos"

// judge looks at the documents of a probe: how long they are, and whether this program reads their times as the server does.
func (s *Source) judge(l *look, p *page) {
	docs, err := format.NewDocuments(format.Options{Fields: s.options.Fields}, nil)
	if err != nil {
		return // the options were checked when the source was opened
	}
	var size int64
	for i := range p.hits {
		h := &p.hits[i]
		size += int64(len(h.source))
		l.sample = append(l.sample, bytes.Clone(h.source))
		var r event.Record
		stamped, _ := docs.Read(h.source, &r)
		at, ok := docs.Time(h.time)
		l.serverTime = l.serverTime || ok && (!stamped || !sameTime(r.Time, at))
	}
	l.bytes = size / int64(max(1, len(p.hits)))
}

// usualForms are the formats of dates that this program reads as the server does.
var usualForms = []string{"", "strict_date_optional_time", "date_optional_time", "strict_date_optional_time_nanos", "strict_date_time", "strict_date_time_no_millis", "date_time", "epoch_millis"}

// forms looks whether any of the indices has dates in a form of its own, which the few documents of a probe need not show.
func (s *Source) forms(ctx context.Context, l *look) {
	var indices map[string]struct {
		Mappings map[string]struct {
			Mapping map[string]struct {
				Format string `json:"format"`
			} `json:"mapping"`
		} `json:"mappings"`
	}
	_, err := s.server.get(ctx, func() esapi.Request {
		return esapi.IndicesGetFieldMappingRequest{Index: s.index, Fields: []string{s.timeField}}
	}, &indices)
	if err != nil {
		return // without the privilege the probe has to do
	}
	for _, index := range indices {
		for _, field := range index.Mappings {
			for _, m := range field.Mapping {
				for form := range strings.SplitSeq(m.Format, "||") {
					l.serverTime = l.serverTime || !slices.Contains(usualForms, form)
				}
			}
		}
	}
}

// timeless counts the documents that have no time at all, which no range can hold. The question goes to all of the index,
// old data on slow disks too, so that it gets a few seconds and no more.
func (s *Source) timeless(ctx context.Context, l *look) {
	clauses := object{"bool": object{"must_not": []object{{"exists": object{"field": s.timeField}}}, "filter": s.narrowed()}}
	p := &page{}
	_, err := s.server.ask(ctx, nil, s.indexSearch(s.search(clauses, object{"size": 0, "track_total_hits": true, "timeout": "5s"})), p.cut)
	trouble := p.trouble()
	if err != nil {
		trouble = err.Error()
	}
	if trouble != "" {
		l.notes = append(l.notes, fmt.Sprintf("whether there are documents without %q is not known: %s", s.timeField, trouble))
	}
	if p.total > 0 {
		l.gaps = append(l.gaps, event.Hole{
			Origin: event.Origin{Source: s.Name(), Path: s.shownIndex()},
			Reason: fmt.Sprintf("%d documents have no %q and cannot be placed in time", p.total, s.timeField),
		})
	}
}
