// Package summary folds any number of records into one small value.
//
// # Laws
//
// A [Summary] is order-free: the same records in any order give the same Summary. It is mergeable: any split of the
// records over workers, merged in any order, gives the same Summary. It is bounded: its size depends on the number of
// distinct shapes, components and time buckets, not on the number of records. The property tests hold it to that.
//
// What keeps the laws: counts are whole numbers in fixed buckets ([Layout]); what is kept as an example are the
// smallest by time and origin, never the first to arrive; and the limit on shapes depends on the set of shapes
// only ([limit]).
package summary

import (
	"github.com/hindcast/hindcast/correlate/match"
	"github.com/hindcast/hindcast/correlate/pattern"
	"github.com/hindcast/hindcast/ingest/event"
)

// Options says what to count by.
type Options struct {
	// Window sets the buckets and which exemplars are worth keeping.
	Window event.Window
	// Matchers are the log matchers of the rules; nil for none.
	Matchers *match.Set
	// MaxShapes bounds the distinct shapes; 0 means 65,536. Beyond it shapes fold into coarser ones.
	MaxShapes int
}

// Summary is what a run knows about its records, and its events and series whole. It is not safe for concurrent use:
// each worker has its own, and [Summary.Merge] joins them.
type Summary struct {
	layout     Layout
	window     event.Window
	limit      limit
	shapes     map[shapeKey]*shape
	components []*component
	byName     map[string]*component
	streams    map[string]*stream
	matches    map[matchKey]*Match
	events     []event.Event
	series     []event.Series
	matchers   *match.Set
	scanner    *match.Scanner
	// outside counts records whose time no bucket holds; sources should not have let them through.
	outside int64

	// last is the stream of the record before, with what it was found by: most records have their neighbour's speaker.
	last                      *stream
	lastService, lastInstance []byte
	key                       []byte
	memory                    pattern.Memory
	found                     found
}

// New makes an empty Summary.
func New(o Options) *Summary {
	s := &Summary{
		layout:   NewLayout(o.Window),
		window:   o.Window,
		limit:    newLimit(o.MaxShapes),
		shapes:   map[shapeKey]*shape{},
		byName:   map[string]*component{},
		streams:  map[string]*stream{},
		matches:  map[matchKey]*Match{},
		matchers: o.Matchers,
	}
	if o.Matchers != nil && o.Matchers.Len() > 0 {
		s.scanner = o.Matchers.Start()
	}
	return s
}

// Observe takes in a batch. It copies what it keeps of the records; events and series become its own.
func (s *Summary) Observe(b *event.Batch) {
	s.last = nil // the batch before may have had another component and its bytes are gone
	for i := range b.Records {
		s.observe(b, &b.Records[i])
	}
	s.events = append(s.events, b.Events...)
	s.series = append(s.series, b.Series...)
}

func (s *Summary) observe(b *event.Batch, r *event.Record) {
	bucket, ok := s.layout.Index(r.Time)
	if !ok {
		s.outside++
		return
	}
	st := s.stream(b, r)
	st.observe(r, bucket)
	c := st.component
	c.observe(r, bucket)

	fp := s.memory.Of(r.Message)
	if len(r.Detail) > 0 {
		fp = mix(fp, uint64(s.memory.Of(telling(r.Detail))))
	}
	fp = mix(fp, uint64(r.Severity)<<16|uint64(uint16(r.Status)))
	sh := s.shape(c, fp, r)
	sh.observe(s, b, r, bucket, st)
	if s.scanner != nil {
		s.match(b, r, bucket, st, sh)
	}
}

// mix joins a second hash to a fingerprint (the finaliser of MurmurHash3, public domain, keeps the bits even).
func mix(fp pattern.Fingerprint, v uint64) pattern.Fingerprint {
	h := uint64(fp) ^ v*0x9e3779b97f4a7c15
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	h ^= h >> 33
	return pattern.Fingerprint(h)
}

// Merge adds o, which was made with the same Options, to s. o must not be used afterwards.
func (s *Summary) Merge(o *Summary) {
	s.outside += o.outside
	for _, oc := range o.components {
		s.component(oc.name).merge(oc)
	}
	for key, ost := range o.streams {
		st, ok := s.streams[key]
		if !ok {
			st = &stream{component: s.component(ost.component.name), instance: ost.instance}
			s.streams[key] = st
		}
		st.merge(ost)
	}
	s.mergeShapes(o)
	for key, om := range o.matches {
		if m, ok := s.matches[key]; ok {
			m.merge(om)
		} else {
			s.matches[key] = om
		}
	}
	s.events = append(s.events, o.events...)
	s.series = append(s.series, o.series...)
}

// Layout returns the buckets.
func (s *Summary) Layout() *Layout { return &s.layout }

// Window returns the window that the Summary was made for.
func (s *Summary) Window() event.Window { return s.window }

// Outside returns the number of records whose time no bucket holds.
func (s *Summary) Outside() int64 { return s.outside }

// Matchers returns the log matchers that were run.
func (s *Summary) Matchers() *match.Set { return s.matchers }
