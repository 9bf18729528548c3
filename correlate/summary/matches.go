package summary

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/hindcast/hindcast/correlate/match"
	"github.com/hindcast/hindcast/ingest/event"
)

// Match is all records that satisfied one log matcher on one component and target.
type Match struct {
	// Matcher is the matcher's index in the set.
	Matcher int32
	// Component is the speaker, Target what it blames, as it was written, empty if it blames nobody.
	Component, Target string
	Count             int64
	First, Last       int64
	Counts            Histogram
	// Captures are the captured groups, in the order of the matcher's names.
	Captures   []Capture
	In, Before []Exemplar
	in, before exemplars
}

// Capture is what one group of a matcher took out of all its records.
type Capture struct {
	// First and Last are the texts of the first and last record that had the group, by time and origin.
	First, Last string
	// Numbers tells how many of the texts were numbers; Min and Max are the smallest and the largest as written.
	Numbers  int64
	Min, Max string

	min, max    float64
	first, last at
}

// at is a place in the order of records.
type at struct {
	time int64
	path string
	line int64
	set  bool
}

func (a at) compare(b at) int {
	return cmp.Or(cmp.Compare(a.time, b.time), strings.Compare(a.path, b.path), cmp.Compare(a.line, b.line))
}

type matchKey struct {
	matcher           int32
	component, target string
}

// match runs the matchers that can hold for a record.
func (s *Summary) match(b *event.Batch, r *event.Record, bucket int32, st *stream, sh *shape) {
	candidates := s.candidates(r, st, sh)
	for _, id := range candidates {
		hit, ok := s.scanner.Match(id, r, st.component.name)
		if !ok {
			continue
		}
		key := matchKey{id, st.component.name, string(bytes.TrimSpace(hit.Target))}
		m, ok := s.matches[key]
		if !ok {
			m = &Match{Matcher: id, Component: key.component, Target: key.target, First: r.Time, Last: r.Time}
			m.Captures = make([]Capture, len(hit.Values))
			s.matches[key] = m
		}
		m.observe(s, b, r, bucket, st, hit.Values)
	}
}

// candidates are the matchers that can hold for a record. Which those are is asked once a shape, except for records with a
// detail and for coarse shapes, which stand for many. Where the variable parts of a message may hold a literal that one of
// them needs, each record is looked at: that costs less than asking the matchers.
func (s *Summary) candidates(r *event.Record, st *stream, sh *shape) []int32 {
	if len(r.Detail) > 0 || sh.Coarse || match.Padded(r.Message) {
		return s.scanner.CandidatesFull(r)
	}
	if !sh.scanned {
		s.narrow(r, st, sh)
	}
	if sh.open && sh.mayHold(s.scanner, r) {
		return s.scanner.Scan(r)
	}
	return sh.candidates
}

// narrow finds out which matchers can hold for a shape, and how its records are to be looked at for the literals they need.
func (s *Summary) narrow(r *event.Record, st *stream, sh *shape) {
	sh.candidates = s.scanner.Fitting(s.scanner.Loose(r), r, st.component.name)
	ids, full := s.scanner.Narrow(r)
	if full {
		sh.open = true
	} else if fit := s.scanner.Fitting(ids, r, st.component.name); len(fit) > len(sh.candidates) {
		sh.open = true
		sh.gates, _ = s.scanner.Gates(slices.DeleteFunc(fit, func(id int32) bool { return slices.Contains(sh.candidates, id) }))
	}
	sh.scanned = true
}

// mayHold is the scanner's MayHold, but does not ask where the shape's records nearly always hold a literal, as those do
// whose constant text has one.
func (sh *shape) mayHold(scanner *match.Scanner, r *event.Record) bool {
	if len(sh.gates) > 0 {
		return scanner.Passes(sh.gates, r.Message)
	}
	const surely = 4
	if sh.held >= surely {
		return true
	}
	may := scanner.MayHold(r)
	if may {
		sh.held++
	} else {
		sh.held = max(sh.held-1, -surely)
	}
	return may
}

func (m *Match) observe(s *Summary, b *event.Batch, r *event.Record, bucket int32, st *stream, values [][]byte) {
	m.Count++
	m.First = min(m.First, r.Time)
	m.Last = max(m.Last, r.Time)
	m.Counts.Add(bucket, 1)
	if r.Time < s.window.From {
		if m.before.wants(r.Time, keepIn) {
			m.before.add(exemplar(b, r, st), keepIn)
		}
	} else {
		if m.in.wants(r.Time, keepIn) {
			m.in.add(exemplar(b, r, st), keepIn)
		}
	}
	place := at{r.Time, b.Origin.Path, r.Line, true}
	for i, v := range values {
		if v != nil {
			m.Captures[i].observe(v, place)
		}
	}
}

func (c *Capture) observe(v []byte, place at) {
	// Documents of a server have no lines: of those of the same time the value decides.
	if d := place.compare(c.first); !c.first.set || d < 0 || d == 0 && string(v) < c.First {
		c.First, c.first = string(v), place
	}
	if d := place.compare(c.last); !c.last.set || d > 0 || d == 0 && string(v) > c.Last {
		c.Last, c.last = string(v), place
	}
	f, err := strconv.ParseFloat(string(v), 64)
	if err != nil {
		return
	}
	c.number(string(v), f, string(v), f)
	c.Numbers++
}

// number widens the range of numbers; of equal numbers the text that sorts first stands.
func (c *Capture) number(lowText string, low float64, highText string, high float64) {
	if c.Min == "" || low < c.min || low == c.min && lowText < c.Min {
		c.Min, c.min = lowText, low
	}
	if c.Max == "" || high > c.max || high == c.max && highText < c.Max {
		c.Max, c.max = highText, high
	}
}

func (m *Match) merge(o *Match) {
	m.Count += o.Count
	m.First = min(m.First, o.First)
	m.Last = max(m.Last, o.Last)
	m.Counts.Merge(o.Counts)
	m.in.merge(o.in, keepIn)
	m.before.merge(o.before, keepIn)
	for i := range m.Captures {
		m.Captures[i].merge(&o.Captures[i])
	}
}

func (c *Capture) merge(o *Capture) {
	if d := o.first.compare(c.first); o.first.set && (!c.first.set || d < 0 || d == 0 && o.First < c.First) {
		c.First, c.first = o.First, o.first
	}
	if d := o.last.compare(c.last); o.last.set && (!c.last.set || d > 0 || d == 0 && o.Last > c.Last) {
		c.Last, c.last = o.Last, o.last
	}
	if o.Numbers > 0 {
		c.number(o.Min, o.min, o.Max, o.max)
		c.Numbers += o.Numbers
	}
}

// Matches returns all matches by matcher, component and target.
func (s *Summary) Matches() []Match {
	all := make([]Match, 0, len(s.matches))
	for _, m := range s.matches {
		v := *m
		v.In, v.Before = m.in, m.before
		all = append(all, v)
	}
	slices.SortFunc(all, func(a, b Match) int {
		return cmp.Or(cmp.Compare(a.Matcher, b.Matcher), strings.Compare(a.Component, b.Component), strings.Compare(a.Target, b.Target))
	})
	return all
}
