package loki

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hindcast/hindcast/ingest/event"
)

const (
	// leastSpan is the shortest time that a question which was too large is cut to.
	leastSpan = int64(time.Second)
	// mostAtOnce is how many lines are asked for where more than a page have the same time.
	mostAtOnce = 100_000
)

// part is a span of time.
type part struct {
	pull  *pull
	span  event.Range
	size  int64
	first bool
}

// Name says what is asked for.
func (p *part) Name() string {
	return fmt.Sprintf("%s from %s to %s", p.pull.query, event.Time(p.span.From).Format(time.RFC3339Nano), event.Time(p.span.To).Format(time.RFC3339Nano))
}

// Size estimates the bytes of the lines.
func (p *part) Size() int64 { return p.size }

// walk is the reading of one part.
type walk struct {
	*part
	readers map[string]*reader
	yield   func(*event.Batch, error) bool
	// at is where the next question begins, to its end, and step how long a question may be.
	at, to, step int64
	limit        int
	// crowd is set while more lines are asked for than a page has, since a page was full of lines of one time.
	crowd bool
	// seen are the lines at the time at that have come already.
	seen  map[string]bool
	ended bool
}

// Read pulls page after page.
func (p *part) Read(ctx context.Context) iter.Seq2[*event.Batch, error] {
	return func(yield func(*event.Batch, error) bool) {
		w := &walk{
			part: p, readers: map[string]*reader{}, yield: yield, at: p.span.From, step: p.span.To - p.span.From, limit: p.pull.source.pageSize(),
			seen: map[string]bool{},
		}
		if p.first && len(p.pull.notes) > 0 {
			w.give(ctx, &event.Batch{Origin: event.Origin{Source: p.pull.source.o.Name, Path: p.pull.query}, Coverage: event.Coverage{Notes: p.pull.notes}})
		}
		for w.at < p.span.To && !w.ended {
			w.to = min(w.at+w.step, p.span.To)
			if !w.next(ctx) {
				break
			}
		}
		w.flush(ctx)
		if err := ctx.Err(); err != nil && !w.ended {
			yield(nil, err)
		}
	}
}

// give hands a batch on, unless nobody wants more.
func (w *walk) give(ctx context.Context, b *event.Batch) {
	if ctx.Err() == nil && !w.ended && !w.yield(b, nil) {
		w.ended = true
	}
}

// next asks one question and takes its lines. False means that no more is to be had.
func (w *walk) next(ctx context.Context) bool {
	s := w.pull.source
	page, err := s.ask(ctx, w.pull.query, event.Range{From: w.at, To: w.to}, w.limit)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return false
	case limitIn(err) > 0 && limitIn(err) < w.limit:
		s.allow(limitIn(err))
		if w.crowd {
			w.leave(ctx, limitIn(err))
		}
		w.limit = s.pageSize()
		return true
	case isTooLong(err) && w.to-w.at >= 2*leastSpan:
		w.step = (w.to - w.at) / 2
		return true
	default:
		w.gap(ctx, event.Range{From: w.at, To: w.span.To}, err.Error(), true)
		return false
	}
	if page.count > 0 && page.last < w.at {
		w.gap(ctx, event.Range{From: w.at, To: w.span.To}, "the server answers with lines of another time than it was asked for", true)
		return false
	}
	for _, text := range page.warnings {
		w.gap(ctx, event.Range{From: w.at, To: w.to}, "warning of the server: "+text, true)
	}
	w.take(ctx, page)
	switch {
	case page.count < w.limit:
		w.goOn(w.to)
	case page.last > w.at:
		w.goOn(page.last) // where there may be more
		w.remember(page)
	case w.limit < mostAtOnce:
		w.remember(page)
		w.limit, w.crowd = 2*w.limit, true
	default:
		w.leave(ctx, w.limit)
	}
	return ctx.Err() == nil
}

// goOn begins the next question at a time.
func (w *walk) goOn(at int64) {
	w.at, w.seen, w.limit, w.crowd = at, map[string]bool{}, w.pull.source.pageSize(), false
}

// leave goes on behind a nanosecond that has more lines than the server gives at once.
func (w *walk) leave(ctx context.Context, n int) {
	w.gap(ctx, event.Range{From: w.at, To: w.at + 1}, fmt.Sprintf("more than %d lines have the same time: the others cannot be asked for", n), true)
	w.goOn(w.at + 1)
}

// remember notes the lines of a page that have the time at which the next question begins.
func (w *walk) remember(p *page) {
	for i := range p.streams {
		s := &p.streams[i]
		for k := range s.entries {
			if e := &s.entries[k]; e.time == w.at {
				w.seen[identity(s.labels, e)] = true
			}
		}
	}
}

// identity tells lines of one time apart. Loki itself keeps a line that a stream has twice at one time once.
func identity(labels map[string]string, e *entry) string {
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(labels)) {
		b.WriteString(k + "\x00" + labels[k] + "\x00")
	}
	b.WriteByte(1)
	for _, k := range slices.Sorted(maps.Keys(e.data)) {
		b.WriteString(k + "\x00" + e.data[k] + "\x00")
	}
	b.WriteByte(1)
	b.Write(e.line)
	return b.String()
}

// take hands the lines of a page to the readers of their streams, and what these make of them on.
func (w *walk) take(ctx context.Context, p *page) {
	bytes := p.bytes
	by := map[string][]entry{}
	outside := int64(0)
	for i := range p.streams {
		s := &p.streams[i]
		r := w.reader(ctx, s)
		for _, e := range s.entries {
			switch {
			case !w.span.Contains(e.time):
				outside++
			case e.time == w.at && len(w.seen) > 0 && w.seen[identity(s.labels, &e)]:
			default:
				by[r.path] = append(by[r.path], e)
			}
		}
	}
	for _, path := range slices.Sorted(maps.Keys(by)) {
		b := w.readers[path].feed(by[path], false)
		b.Coverage.Bytes, bytes = bytes, 0
		b.Coverage.Read, b.Coverage.Outside, outside = b.Coverage.Read+outside, b.Coverage.Outside+outside, 0
		w.give(ctx, b)
	}
}

// reader finds the reader for a stream.
func (w *walk) reader(ctx context.Context, s *lines) *reader {
	path := selectorOf(s.labels, pathLabels)
	r, ok := w.readers[path]
	if !ok {
		r = w.pull.reader(ctx, path, s)
		w.readers[path] = r
	}
	return r
}

// flush ends the readers: the last record of each is whole now.
func (w *walk) flush(ctx context.Context) {
	for _, path := range slices.Sorted(maps.Keys(w.readers)) {
		w.give(ctx, w.readers[path].feed(nil, true))
	}
}

func (w *walk) gap(ctx context.Context, r event.Range, reason string, failed bool) {
	o := event.Origin{Source: w.pull.source.o.Name, Path: w.pull.query}
	w.give(ctx, &event.Batch{Origin: o, Coverage: event.Coverage{Gaps: []event.Hole{{Range: r, Origin: o, Reason: reason, Failed: failed}}}})
}
