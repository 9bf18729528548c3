package summary

import (
	"bytes"
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/hindcast/hindcast/correlate/match"
	"github.com/hindcast/hindcast/correlate/pattern"
	"github.com/hindcast/hindcast/ingest/event"
)

// Shape is what a component said in one form: all records of one fingerprint, severity and status.
type Shape struct {
	// What every record touches comes first, to lie close together.

	// Coarse is set for a shape that stands for many, because there were too many.
	Coarse   bool
	Severity event.Severity
	// Status is the HTTP status of access records.
	Status      int16
	Count       int64
	First, Last int64
	Counts      Histogram
	Fingerprint pattern.Fingerprint
	Component   string
	// Template is the masked text: the message's and, after " | ", the telling line of its detail.
	Template string
	// In are the first records of the window, Before the first ones before it.
	In, Before []Exemplar
}

const (
	keepIn     = 3
	keepBefore = 1
)

type shapeKey struct {
	fp        pattern.Fingerprint
	component *component
}

type shape struct {
	scanned bool
	// open is set if records of the shape may hold the literals that a matcher needs; candidates are those that need none.
	open bool
	// held rises with each record that may hold a literal of some matcher, and falls with the others.
	held int8
	// wantIn and wantBefore are the latest times of records that in and before may still take.
	wantIn, wantBefore int64
	Shape
	candidates []int32
	// gates are the literals of which an open shape's records must hold one, if these are few.
	gates      []match.Gate
	in, before exemplars
	// hash orders shapes for the limit; folded is where this one goes when there are too many.
	hash   uint64
	folded pattern.Fingerprint
}

// shape finds or makes the entry of a record's shape.
func (s *Summary) shape(c *component, fp pattern.Fingerprint, r *event.Record) *shape {
	hash := uint64(mix(fp, c.hash))
	sh := s.found.get(hash)
	if sh == nil {
		sh = s.shapeOf(c, fp, hash, r)
		s.found.put(hash, sh)
	}
	if sh.Coarse {
		sh.Severity = max(sh.Severity, r.Severity)
	}
	return sh
}

// shapeOf is shape for what is not found.
func (s *Summary) shapeOf(c *component, fp pattern.Fingerprint, hash uint64, r *event.Record) *shape {
	if hash > s.limit.threshold {
		return s.coarse(c, pattern.Coarse(r.Message))
	}
	key := shapeKey{fp, c}
	if sh, ok := s.shapes[key]; ok {
		return sh
	}
	sh := &shape{hash: hash, folded: pattern.Coarse(r.Message)}
	sh.Fingerprint, sh.Component, sh.Severity, sh.Status = fp, c.name, r.Severity, r.Status
	sh.First, sh.Last = math.MaxInt64, math.MinInt64
	sh.wantIn, sh.wantBefore = math.MaxInt64, math.MaxInt64
	sh.Template = Template(r)
	s.shapes[key] = sh
	s.limit.distinct++
	if s.limit.exceeded() {
		s.fold()
		if hash > s.limit.threshold {
			return s.coarse(c, sh.folded)
		}
	}
	return sh
}

// Template gives the masked text of a record: the message's and, after " | ", the telling line of its detail.
func Template(r *event.Record) string {
	t := pattern.Template(r.Message)
	if len(r.Detail) > 0 {
		t += " | " + pattern.Template(telling(r.Detail))
	}
	return t
}

// coarse finds or makes the entry that shapes beyond the limit fold into. Its text is whatever of them reads first.
func (s *Summary) coarse(c *component, fp pattern.Fingerprint) *shape {
	key := shapeKey{fp, c}
	sh, ok := s.shapes[key]
	if !ok {
		sh = &shape{folded: fp}
		sh.Fingerprint, sh.Component, sh.Coarse = fp, c.name, true
		sh.First, sh.Last = math.MaxInt64, math.MinInt64
		sh.wantIn, sh.wantBefore = math.MaxInt64, math.MaxInt64
		s.shapes[key] = sh
	}
	return sh
}

// fold lowers the threshold until few enough distinct shapes are left, and folds the others.
func (s *Summary) fold() {
	s.found.forget()
	for s.limit.exceeded() {
		s.limit.threshold /= 2
		for key, sh := range s.shapes {
			if sh.Coarse || sh.hash <= s.limit.threshold {
				continue
			}
			to := s.coarse(key.component, sh.folded)
			to.merge(sh)
			delete(s.shapes, key)
			s.limit.distinct--
		}
	}
}

func (sh *shape) observe(s *Summary, b *event.Batch, r *event.Record, bucket int32, st *stream) {
	sh.Count++
	sh.First = min(sh.First, r.Time)
	sh.Last = max(sh.Last, r.Time)
	sh.Counts.Add(bucket, 1)
	if r.Time >= s.window.From {
		if r.Time <= sh.wantIn {
			sh.in.add(exemplar(b, r, st), keepIn)
			sh.wantIn = sh.in.latest(keepIn)
		}
	} else if r.Time <= sh.wantBefore {
		sh.before.add(exemplar(b, r, st), keepBefore)
		sh.wantBefore = sh.before.latest(keepBefore)
	}
}

func exemplar(b *event.Batch, r *event.Record, st *stream) Exemplar {
	o := b.Origin
	o.Line, o.ID = r.Line, string(r.ID)
	return Exemplar{Time: r.Time, Origin: o, Text: text(r), Raw: string(r.Raw[:min(len(r.Raw), mostText)]), Instance: st.instance}
}

func (sh *shape) merge(o *shape) {
	sh.Count += o.Count
	sh.First = min(sh.First, o.First)
	sh.Last = max(sh.Last, o.Last)
	sh.Severity = max(sh.Severity, o.Severity)
	sh.Counts.Merge(o.Counts)
	sh.in.merge(o.in, keepIn)
	sh.before.merge(o.before, keepBefore)
	sh.wantIn, sh.wantBefore = sh.in.latest(keepIn), sh.before.latest(keepBefore)
}

func (s *Summary) mergeShapes(o *Summary) {
	s.found.forget()
	s.limit.threshold = min(s.limit.threshold, o.limit.threshold)
	add := func(c *component, osh *shape) {
		key := shapeKey{osh.Fingerprint, c}
		if !osh.Coarse && osh.hash > s.limit.threshold {
			s.coarse(c, osh.folded).merge(osh)
			return
		}
		if sh, ok := s.shapes[key]; ok {
			sh.merge(osh)
			return
		}
		s.shapes[key] = osh
		if !osh.Coarse {
			s.limit.distinct++
		}
	}
	for key, sh := range s.shapes { // those of ours that the other's threshold folds
		if !sh.Coarse && sh.hash > s.limit.threshold {
			s.coarse(key.component, sh.folded).merge(sh)
			delete(s.shapes, key)
			s.limit.distinct--
		}
	}
	for key, osh := range o.shapes {
		add(s.component(key.component.name), osh)
	}
	if s.limit.exceeded() {
		s.fold()
	}
}

// Shapes returns all shapes, by component and template.
func (s *Summary) Shapes() []Shape {
	all := make([]Shape, 0, len(s.shapes))
	for _, sh := range s.shapes {
		v := sh.Shape
		v.In, v.Before = sh.in, sh.before
		if v.Coarse {
			v.Template = "(one of very many) " + coarseText(sh)
		}
		all = append(all, v)
	}
	slices.SortFunc(all, func(a, b Shape) int {
		return cmp.Or(
			strings.Compare(a.Component, b.Component), strings.Compare(a.Template, b.Template),
			cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.Status, b.Status), cmp.Compare(a.Fingerprint, b.Fingerprint),
		)
	})
	return all
}

func coarseText(sh *shape) string {
	x := slices.Concat(sh.before, sh.in)
	if len(x) == 0 {
		return ""
	}
	first, _, _ := strings.Cut(pattern.Template([]byte(x[0].Text)), " ")
	return first + " …"
}

// Folded tells how many shapes were folded into coarser ones, as a share of the hash space: 0 means none.
func (s *Summary) Folded() float64 {
	return 1 - float64(s.limit.threshold)/float64(math.MaxUint64)
}

// telling returns the line of a record's detail that says what went wrong: of a Python traceback the last line, of
// anything else the first.
func telling(detail []byte) []byte {
	first := line(detail)
	if !bytes.HasPrefix(first, []byte("Traceback (most recent call last)")) {
		return first
	}
	rest := bytes.TrimRight(detail, "\n")
	for len(rest) > 0 {
		i := bytes.LastIndexByte(rest, '\n')
		l := rest[i+1:]
		if len(l) > 0 && l[0] != ' ' && l[0] != '\t' {
			return l
		}
		if i < 0 {
			break
		}
		rest = rest[:i]
	}
	return first
}

func line(b []byte) []byte {
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		return b[:i]
	}
	return b
}
