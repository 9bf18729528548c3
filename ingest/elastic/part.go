package elastic

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"

	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/format"
)

// part is some of the spans of a pull.
type part struct {
	*pulling
	spans []span
	notes []string
	gaps  []event.Hole
}

// Name says what is asked, and the part's time.
func (p *part) Name() string {
	if len(p.spans) == 0 {
		return p.s.shownIndex()
	}
	whole := span{from: p.spans[0].from, to: p.spans[len(p.spans)-1].to}
	return fmt.Sprintf("%s[%s]", p.s.shownIndex(), whole)
}

// Size estimates the bytes of the documents.
func (p *part) Size() int64 {
	var n int64
	for _, sp := range p.spans {
		n += sp.count
	}
	return n * (p.look.bytes + hitBytes)
}

// Read yields the documents page by page, a batch for each index. What cannot be had is a gap, so that an error only says that
// ctx is over.
func (p *part) Read(ctx context.Context) iter.Seq2[*event.Batch, error] {
	return func(yield func(*event.Batch, error) bool) {
		r := &reader{part: p, docs: p.docs.Clone(), yield: yield}
		if len(p.notes)+len(p.gaps) > 0 || len(p.spans) == 0 {
			if !r.say() {
				return
			}
		}
		inner, stop := context.WithCancel(ctx)
		pages := p.fetched(inner)
		for pg := range pages {
			if !r.page(ctx, pg) {
				break
			}
			p.s.recycle(pg)
		}
		stop()
		for range pages { // until the last search has ended
		}
		if err := ctx.Err(); err != nil && !r.left {
			yield(nil, fmt.Errorf("searching %s: %w", p.s.shownIndex(), err))
		}
	}
}

// fetched pulls the spans, a few side by side. The channel hands over whole pages, and is closed behind the last one.
func (p *part) fetched(ctx context.Context) <-chan *page {
	pages := make(chan *page, 1)
	var next atomic.Int64
	var lanes sync.WaitGroup
	for range min(p.s.lanes(), len(p.spans)) {
		lanes.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(p.spans) {
					return
				}
				p.span(ctx, p.spans[i], pages)
			}
		})
	}
	go func() {
		lanes.Wait()
		close(pages)
	}()
	return pages
}

// span pulls one span. If that fails, the rest of it becomes a gap.
func (p *part) span(ctx context.Context, sp span, pages chan<- *page) {
	send := func(pg *page) bool {
		select {
		case pages <- pg:
			return true
		case <-ctx.Done():
			return false
		}
	}
	if p.lost.Load() {
		send(&page{gaps: []event.Hole{p.s.hole(sp.all(), fmt.Sprintf("about %d documents were not asked for, since %s did not answer", sp.count, p.s.server.shown))}})
		return
	}
	pl := p.pull(sp)
	for !pl.done {
		pg := p.s.blank()
		err := pl.next(ctx, pg)
		if ctx.Err() != nil {
			return
		}
		p.lost.Store(err != nil && isSilent(err))
		if err != nil {
			send(&page{gaps: []event.Hole{p.s.hole(sp.all(), fmt.Sprintf("%s: %s", pl.rest(), err))}})
			return
		}
		if !send(pg) {
			return
		}
	}
}

// rest says what is lost of a span that cannot be gone on with.
func (p *pull) rest() string {
	if p.total < 0 {
		return fmt.Sprintf("about %d documents are missing", max(0, p.span.count-int64(len(p.given))))
	}
	return fmt.Sprintf("%d of %d documents are missing", max(0, p.total-int64(len(p.given))), p.total)
}

// blank gives a page to use.
func (s *Source) blank() *page {
	select {
	case pg := <-s.pages:
		return pg
	default:
		return &page{}
	}
}

// recycle takes back a page that nobody refers to any more. A very large one is not kept.
func (s *Source) recycle(pg *page) {
	if cap(pg.buf) > 4*pageBytes {
		return
	}
	select {
	case s.pages <- pg:
	default:
	}
}

// reader makes batches of pages, for one reading of a part.
type reader struct {
	*part
	docs    *format.Documents
	records []event.Record
	yield   func(*event.Batch, error) bool
	// left is set once the consumer has had enough.
	left bool
}

// say yields what is to be said of the whole source.
func (r *reader) say() bool {
	b := &event.Batch{Origin: event.Origin{Source: r.s.Name(), Path: r.s.shownIndex()}, Coverage: event.Coverage{Notes: r.notes, Gaps: r.gaps}}
	r.left = !r.yield(b, nil)
	return !r.left
}

// page yields the documents of a page, and tells whether to go on.
func (r *reader) page(ctx context.Context, pg *page) bool {
	wire, gaps, hits := pg.wire, pg.gaps, pg.hits
	for first := true; first || len(hits) > 0; first = false {
		if ctx.Err() != nil {
			return false
		}
		n := 0
		for n < len(hits) && bytes.Equal(hits[n].index, hits[0].index) {
			n++
		}
		b := r.batch(hits[:n])
		b.Coverage.Bytes, b.Coverage.Gaps = wire, append(b.Coverage.Gaps, gaps...)
		if r.left = !r.yield(b, nil); r.left {
			return false
		}
		wire, gaps, hits = 0, nil, hits[n:]
	}
	return true
}

// batch reads documents of one index.
func (r *reader) batch(hits []hit) *event.Batch {
	r.docs.Reset()
	r.records = r.records[:0]
	b := &event.Batch{Origin: event.Origin{Source: r.s.Name(), Path: r.s.shownIndex()}}
	c := &b.Coverage
	for i := range hits {
		h := &hits[i]
		c.Read++
		r.records = append(r.records, event.Record{ID: h.id})
		rec := &r.records[len(r.records)-1]
		stamped, ok := r.docs.Read(h.source, rec)
		if r.look.serverTime {
			var at int64
			if at, stamped = r.docs.Time(h.time); stamped && !sameTime(rec.Time, at) {
				rec.Time = at
			}
		}
		switch {
		case !ok || !stamped:
			c.Unparsed++
		case !r.within.Contains(rec.Time):
			c.Outside++
		default:
			c.Kept++
			continue
		}
		r.records = r.records[:len(r.records)-1]
	}
	if len(hits) > 0 {
		b.Origin.Path = string(hits[0].index)
		if len(hits[0].source) == 0 && c.Unparsed > 0 {
			c.Gaps = append(c.Gaps, event.Hole{Origin: b.Origin, Reason: "the index keeps no _source, so that its documents cannot be read", Failed: true})
		}
	}
	b.Records = r.records
	return b
}

// sameTime tells whether a document's own stamp is what the server made of it, which has milliseconds where the field is a date.
func sameTime(own, server int64) bool { return own == server || own/1e6 == server/1e6 }
