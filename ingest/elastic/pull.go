package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"sync/atomic"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/format"
)

const (
	// pageBytes is how long an answer should be; mostHits is the most that an index gives at a time unless told otherwise
	// (index.max_result_window).
	pageBytes, mostHits = 4 << 20, 10_000
	// hitBytes is about what stands around a document in an answer.
	hitBytes = 100
	// mostRenewals is how often a span is begun again through a new point in time.
	mostRenewals = 10
)

// pulling is what the pulls of one reading of a source share.
type pulling struct {
	s      *Source
	look   *look
	docs   *format.Documents
	within event.Range
	point  *point
	// lost is set while the server does not answer, so that the spans that are left do not each wait for it with all patience.
	lost atomic.Bool
}

// pull reads the documents of one span, page by page.
type pull struct {
	*pulling
	span span
	// opened is the point in time that the pass began with, point the id to go on with, which the server may change.
	opened, point string
	// after is where the next page begins, size how many documents it may have.
	after []byte
	size  int
	// passed is how many hits this pass over the span has given, of the total that the server counted.
	passed, total int64
	// given are the documents handed over, as hashes of their index and id. Two of the n of a span have the same with a
	// probability of n²/2⁶⁵, which for 100,000 is less than one in a billion.
	given []uint64
	// again holds those given before the point in time was lost, nil if it was not.
	again    map[uint64]struct{}
	renewals int
	// troubled is set once a failure of shards has been waited for in vain.
	troubled bool
	done     bool
}

func (pl *pulling) pull(sp span) *pull {
	id := pl.point.id()
	return &pull{pulling: pl, span: sp, opened: id, point: id, size: pl.s.pageSize(pl.look.bytes+hitBytes, sp.count), total: -1}
}

// pageSize is how many documents to ask for at a time, of left that are there.
func (s *Source) pageSize(bytes, left int64) int {
	if s.options.PageSize > 0 {
		return s.options.PageSize
	}
	n := min(max(pageBytes/max(1, bytes), 1), mostHits)
	if left > n { // pages of the same size rather than a small one at the end
		pages := (left + n - 1) / n
		n = (left + pages - 1) / pages
	}
	return int(n)
}

// next reads the next page into pg. done is set when it was the last.
func (p *pull) next(ctx context.Context, pg *page) error {
	attempt := 1
	for {
		err := p.fetch(ctx, pg)
		switch {
		case errors.Is(err, errTooLarge) && p.size > 1:
			p.size /= 2
			continue
		case isMissing(err) || err == nil && pg.missing:
			if err = p.restart(ctx); err == nil {
				continue
			}
		}
		if err != nil {
			return err
		}
		// Shards that fail may be on their way to another node.
		if trouble := pg.trouble(); trouble != "" && !p.troubled {
			if p.s.server.patience.Again(ctx, attempt) {
				attempt++
				continue
			}
			p.troubled = true
			pg.gaps = append(pg.gaps, p.s.hole(p.span.all(), trouble))
		}
		p.account(pg)
		return ctx.Err()
	}
}

// fetch asks for the page behind the last one.
func (p *pull) fetch(ctx context.Context, pg *page) error {
	select {
	case p.s.running <- struct{}{}:
		defer func() { <-p.s.running }()
	case <-ctx.Done():
		return ctx.Err()
	}
	body := p.body()
	if pg.buf == nil {
		pg.buf = make([]byte, 0, min(int64(p.size)*(p.look.bytes+hitBytes)*5/4, 2*pageBytes))
	}
	a, err := p.s.server.ask(ctx, pg.buf, func() esapi.Request { return esapi.SearchRequest{Body: bytes.NewReader(body)} }, pg.cut)
	if cap(a.body) > cap(pg.buf) {
		pg.buf = a.body
	}
	pg.wire, pg.length = a.wire, int64(len(a.body))
	if err != nil {
		return fmt.Errorf("searching %s: %w", p.span, err)
	}
	return nil
}

// body writes the search for the page behind the last one.
func (p *pull) body() []byte {
	o := object{
		"size": p.size, "pit": object{"id": p.point, "keep_alive": keepAlive}, "sort": p.s.order(),
		"track_total_hits": p.total < 0, // once is enough: the point in time does not change
	}
	if p.after != nil {
		o["search_after"] = json.RawMessage(p.after)
	}
	if p.look.serverTime {
		o["docvalue_fields"] = []object{{"field": p.s.timeField, "format": serverTimeFormat}}
	}
	if p.look.bytes > fatDocument {
		o["_source"] = p.look.needed
	}
	return p.s.search(p.s.filter(p.span), o)
}

// order is how hits are sorted. OpenSearch has no number that tells documents of all shards apart, and has to sort.
func (s *Source) order() []object {
	if s.server.openSearch {
		return []object{{s.timeField: object{"order": "asc", "unmapped_type": "date"}}, {"_id": "asc"}}
	}
	return []object{{"_shard_doc": "asc"}}
}

// restart begins the span again through a new point in time.
func (p *pull) restart(ctx context.Context) error {
	if p.renewals++; p.renewals > mostRenewals {
		return fmt.Errorf("searching %s: the point in time was lost %d times", p.span, p.renewals)
	}
	if err := p.pulling.point.renew(ctx, p.opened); err != nil {
		return fmt.Errorf("opening a new point in time: %w", err)
	}
	p.opened = p.pulling.point.id()
	p.point, p.after, p.passed, p.total = p.opened, nil, 0, -1
	p.again = make(map[uint64]struct{}, len(p.given))
	for _, h := range p.given {
		p.again[h] = struct{}{}
	}
	return nil
}

// account takes in a page: what was given before is taken out of it, and where the span is over it must be complete.
func (p *pull) account(pg *page) {
	if p.total < 0 {
		p.total = pg.total
	}
	n := int64(len(pg.hits))
	p.passed += n
	p.done = n == 0 || p.total >= 0 && p.passed >= p.total
	if n > 0 {
		p.after = bytes.Clone(pg.hits[n-1].sort)
		if p.s.options.PageSize == 0 {
			p.size = p.s.pageSize(pg.length/n, max(p.total-p.passed, 1))
		}
	}
	if len(pg.point) > 0 {
		p.point = string(pg.point)
	}
	if p.given == nil {
		p.given = make([]uint64, 0, max(p.total, n))
	}
	kept := pg.hits[:0]
	var index []byte
	var salt uint64
	for _, h := range pg.hits {
		if !bytes.Equal(index, h.index) {
			index, salt = h.index, maphash.Bytes(p.s.seed, h.index)
		}
		key := maphash.Bytes(p.s.seed, h.id) ^ salt
		if _, ok := p.again[key]; ok {
			continue
		}
		p.given = append(p.given, key)
		kept = append(kept, h)
	}
	pg.hits = kept
	if p.done && p.passed < p.total {
		pg.gaps = append(pg.gaps, p.s.hole(p.span.all(), fmt.Sprintf("%d of the %d documents that the server counted did not come", p.total-p.passed, p.total)))
	}
}
