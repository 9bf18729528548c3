package elastic

import (
	"context"
	"fmt"
	"strconv"
)

const (
	// leastSpan and mostSpan are how many documents a span should hold: enough that a search costs little, and few enough for
	// one page, since the server looks for all of a span's documents again for each of its pages.
	leastSpan, mostSpan = 5_000, 9_000
	// usualSpans is how many spans a pull has unless they would be too small or too large.
	usualSpans = 32
	// buckets is how finely a histogram parts time.
	buckets = 1000
	// finest is the shortest time that is parted, in milliseconds.
	finest = 1
)

// plan parts a span into ones that hold about as many documents each, and that cover it without a hole. It depends on where
// the documents lie and on nothing else.
func (s *Source) plan(ctx context.Context, all span) ([]span, error) {
	return s.divide(ctx, all, min(max(all.count/usualSpans, leastSpan), mostSpan))
}

// divide parts a span into ones of about target documents.
func (s *Source) divide(ctx context.Context, all span, target int64) ([]span, error) {
	if all.count <= target {
		return []span{all}, nil
	}
	bars, err := s.histogram(ctx, all)
	if err != nil {
		return nil, err
	}
	var spans []span
	open := span{from: all.from}
	end := func(to int64) {
		if open.count > 0 {
			open.to = to
			spans = append(spans, open)
			open = span{from: to}
		}
	}
	for _, b := range bars {
		if b.count > 2*target && b.to-b.from > finest {
			end(b.from)
			inner, err := s.divide(ctx, span{open.from, b.to, b.count}, target)
			if err != nil {
				return nil, err
			}
			spans, open = append(spans, inner...), span{from: b.to}
			continue
		}
		if open.count+b.count > target {
			end(b.from)
		}
		open.count += b.count
	}
	end(all.to)
	if len(spans) == 0 { // the documents are gone since they were counted
		return []span{all}, nil
	}
	spans[len(spans)-1].to = all.to
	return spans, nil
}

// histogram counts the documents of a span in bars of the same length, of which those without any are left out.
func (s *Source) histogram(ctx context.Context, all span) ([]span, error) {
	interval := max(finest, (all.to-all.from+buckets-1)/buckets)
	// An offset makes bars begin where the span does, so that none reaches over its ends.
	body := s.search(s.filter(all), object{"size": 0, "track_total_hits": false, "aggs": object{"spread": object{"date_histogram": object{
		"field": s.timeField, "fixed_interval": strconv.FormatInt(interval, 10) + "ms", "min_doc_count": 1,
		"offset": strconv.FormatInt(all.from-floor(all.from, interval)*interval, 10) + "ms",
	}}}})
	var answer struct {
		Aggregations struct {
			Spread struct {
				Buckets []struct {
					Key   int64 `json:"key"`
					Count int64 `json:"doc_count"`
				} `json:"buckets"`
			} `json:"spread"`
		} `json:"aggregations"`
	}
	if _, err := s.server.get(ctx, s.indexSearch(body), &answer); err != nil {
		return nil, fmt.Errorf("asking how the documents are spread over time: %w", err)
	}
	var bars []span
	for _, b := range answer.Aggregations.Spread.Buckets {
		bar := span{from: max(b.Key, all.from), to: min(b.Key+interval, all.to), count: b.Count}
		if bar.to > bar.from {
			bars = append(bars, bar)
		}
	}
	return bars, nil
}

// share deals spans out to n parts or fewer, in their order, so that each has about as many documents.
func share(spans []span, n int) [][]span {
	var total int64
	for _, sp := range spans {
		total += sp.count
	}
	var parts [][]span
	var done int64
	for _, sp := range spans {
		if k := int64(len(parts)); k == 0 || done*int64(n) >= k*total && k < int64(n) {
			parts = append(parts, nil)
		}
		last := len(parts) - 1
		parts[last] = append(parts[last], sp)
		done += sp.count
	}
	return parts
}
