package prometheus

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/hindcast/hindcast/ingest/document"
	"github.com/hindcast/hindcast/ingest/event"
)

const (
	// leastSpan is the shortest time that a question which was too large is cut to.
	leastSpan = int64(5 * time.Minute)
	// mostPoints is how many points of one series are asked for; the server gives no more than 11,000.
	mostPoints = 10_000
)

// reading gathers the answers to some questions.
type reading struct {
	source  *Source
	sink    *document.Sink
	g       *gathering
	batches []event.Batch
	covered event.Range
	samples int64
	bytes   int64
	// limit ends the reading when so many samples have come; 0 is no limit.
	limit int64
}

func (s *Source) newReading(within event.Range) *reading {
	r := &reading{source: s, covered: within}
	r.sink = document.NewSink(event.Origin{Source: s.o.Name}, func(b *event.Batch) { r.batches = append(r.batches, *b) })
	r.g = newGathering(r.sink)
	r.g.live, r.g.within = true, within
	return r
}

// pull asks one question, in halves if the answer would be too large for the server. False means that something is
// missing, which is then a gap.
func (r *reading) pull(ctx context.Context, q query) bool {
	if ctx.Err() != nil {
		return false
	}
	if r.limit > 0 && r.samples > r.limit {
		r.gap(q, fmt.Errorf("not asked for: its series have far more samples than was expected (%d so far)", r.samples), false)
		return false
	}
	path, params := q.request()
	body, _, err := r.source.server.Query(ctx, path, params)
	switch length := q.within.To - q.within.From; {
	case err == nil:
		return r.take(ctx, q, body)
	case ctx.Err() != nil:
		return false
	case tooMuch(err) && length >= 2*leastSpan:
		middle := q.within.From + length/2/leastSpan*leastSpan
		late := r.pull(ctx, query{q.expr, event.Range{From: middle, To: q.within.To}, q.step})
		return r.pull(ctx, query{q.expr, event.Range{From: q.within.From, To: middle}, q.step}) && late
	}
	r.gap(q, err, true)
	return false
}

// take decodes an answer.
func (r *reading) take(ctx context.Context, q query, body []byte) bool {
	r.bytes += int64(len(body))
	before := r.g.samples
	gaps := r.g.failures
	if err := document.Each(ctx, bytes.NewReader(body), r.sink, lists, r.g.record); err != nil {
		r.gap(q, err, true)
		return false
	}
	r.samples += r.g.samples - before
	return r.g.failures == gaps
}

func (r *reading) gap(q query, err error, failed bool) {
	r.sink.Gap(event.Hole{Range: q.within, Origin: event.Origin{Source: r.source.o.Name, Path: q.expr}, Reason: err.Error(), Failed: failed})
}

// yield hands on what was gathered.
func (r *reading) yield(ctx context.Context, yield func(*event.Batch, error) bool) {
	r.g.finish(r.covered)
	r.sink.Flush()
	for i := range r.batches {
		if ctx.Err() != nil {
			break
		}
		b := &r.batches[i]
		if i == 0 {
			b.Coverage.Bytes = r.bytes
		}
		for j := range b.Series {
			b.Series[j].Origin = event.Origin{Source: r.source.o.Name, Path: r.source.o.Name}
		}
		for j := range b.Events {
			b.Events[j].Origin = event.Origin{Source: r.source.o.Name, Path: firingName, ID: b.Events[j].ID}
		}
		if !yield(b, nil) {
			return
		}
	}
	if err := ctx.Err(); err != nil {
		yield(nil, err)
	}
}

// piece is a part: one question.
type piece struct {
	source *Source
	query  query
	// user is set where the result's series are to be named.
	user     *UserQuery
	estimate int64
}

// Name gives what is asked for.
func (p *piece) Name() string {
	return fmt.Sprintf("%s from %s to %s", p.query.expr, event.Time(p.query.within.From).Format(time.RFC3339Nano), event.Time(p.query.within.To).Format(time.RFC3339Nano))
}

// Size estimates the bytes of the answer.
func (p *piece) Size() int64 { return bytesPerSample * p.estimate }

// Read asks.
func (p *piece) Read(ctx context.Context) iter.Seq2[*event.Batch, error] {
	return func(yield func(*event.Batch, error) bool) {
		r := p.source.newReading(p.query.within)
		r.limit = 4*p.estimate + pieceSamples
		if p.user != nil {
			r.g.rename = p.user.rename
		}
		r.pull(ctx, p.query)
		r.yield(ctx, yield)
	}
}
