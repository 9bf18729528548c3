package query

import (
	"context"
	"sort"
	"time"

	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/util/annotations"
)

// Querier makes the engine's view of the series between two times in milliseconds.
func (e *Engine) Querier(mint, maxt int64) (storage.Querier, error) {
	return &querier{engine: e, mint: mint, maxt: maxt}, nil
}

type querier struct {
	engine     *Engine
	mint, maxt int64
}

// Select gives the series that fit the matchers.
func (q *querier) Select(_ context.Context, sorted bool, hints *storage.SelectHints, matchers ...*labels.Matcher) storage.SeriesSet {
	mint, maxt := q.mint, q.maxt
	if hints != nil {
		mint, maxt = hints.Start, hints.End
	}
	names := q.engine.names
	if name := nameIn(matchers); name != "" {
		names = []string{name}
	}
	set := &seriesSet{at: -1}
	for _, name := range names {
		for _, s := range q.engine.series[name] {
			if !fits(s.labels, matchers) {
				continue
			}
			if from, to := s.search(mint), s.search(maxt+1); from < to {
				set.series = append(set.series, entry{labels: s.labels, samples: samples{s.times[from:to], s.values[from:to]}})
			}
		}
	}
	if sorted && len(names) > 1 {
		sort.SliceStable(set.series, func(i, j int) bool { return labels.Compare(set.series[i].labels, set.series[j].labels) < 0 })
	}
	return set
}

func fits(l labels.Labels, matchers []*labels.Matcher) bool {
	for _, m := range matchers {
		if !m.Matches(l.Get(m.Name)) {
			return false
		}
	}
	return true
}

// LabelValues is not needed by the engine.
func (q *querier) LabelValues(context.Context, string, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

// LabelNames is not needed by the engine.
func (q *querier) LabelNames(context.Context, *storage.LabelHints, ...*labels.Matcher) ([]string, annotations.Annotations, error) {
	return nil, nil, nil
}

// Close has nothing to do.
func (q *querier) Close() error { return nil }

type seriesSet struct {
	series []entry
	at     int
}

func (s *seriesSet) Next() bool                        { s.at++; return s.at < len(s.series) }
func (s *seriesSet) At() storage.Series                { return &s.series[s.at] }
func (s *seriesSet) Err() error                        { return nil }
func (s *seriesSet) Warnings() annotations.Annotations { return nil }

// Labels are the series' labels, its name among them.
func (s *entry) Labels() labels.Labels { return s.labels }

// Iterator walks the samples.
func (s *entry) Iterator(chunkenc.Iterator) chunkenc.Iterator {
	return storage.NewListSeriesIterator(&view{samples: s.samples})
}

// ms is a millisecond, the engine's unit of time, in nanoseconds, which is ours.
const ms = int64(time.Millisecond)

// samples are those of a series, not copied: times are nanoseconds.
type samples struct {
	times  []int64
	values []float64
}

// at gives the time of a sample in milliseconds.
func (s *samples) at(i int) int64 { return s.times[i] / ms }

// search gives the first sample at t milliseconds or later.
func (s *samples) search(t int64) int {
	return sort.Search(len(s.times), func(i int) bool { return s.at(i) >= t })
}

// even gives the distance of samples from i to before j in milliseconds, if it is the same between all.
func (s *samples) even(i, j int) (width int64, ok bool) {
	width = s.at(i+1) - s.at(i)
	for k := i + 2; k < j; k++ {
		if s.at(k)-s.at(k-1) != width {
			return 0, false
		}
	}
	return width, true
}

// view gives samples in Prometheus' terms, one at a time.
type view struct {
	samples
	current sample
}

// Get gives a sample; the one that it gave before is no longer valid.
func (v *view) Get(i int) chunks.Sample {
	v.current = sample{t: v.at(i), f: v.values[i]}
	return &v.current
}

// Len is the number of samples.
func (v *view) Len() int { return len(v.times) }

// sample is one value; t is milliseconds.
type sample struct {
	t int64
	f float64
}

// T is the sample's time in milliseconds.
func (s *sample) T() int64 { return s.t }

// ST is the time that a counter started, which is not known.
func (s *sample) ST() int64 { return 0 }

// F is the sample's value.
func (s *sample) F() float64 { return s.f }

// H is for native histograms, which there are none of.
func (s *sample) H() *histogram.Histogram { return nil }

// FH is for native histograms, which there are none of.
func (s *sample) FH() *histogram.FloatHistogram { return nil }

// Type says that it is a plain number.
func (s *sample) Type() chunkenc.ValueType { return chunkenc.ValFloat }

// Copy gives a copy.
func (s *sample) Copy() chunks.Sample { c := *s; return &c }
