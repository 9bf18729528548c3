package summary

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/hindcast/hindcast/ingest/event"
)

// Exemplar is a record that was kept whole to show what a count is about.
type Exemplar struct {
	Time   int64
	Origin event.Origin
	// Text is message and detail as written, cut at [mostText] bytes.
	Text string
	// Raw is the first line with its header, as it stands in a file; empty for JSON and documents.
	Raw string
	// Instance is the speaker's.
	Instance string
}

// Whole is the record as it was written: the first line with its header, and what follows it.
func (e *Exemplar) Whole() string {
	if e.Raw == "" {
		return e.Text
	}
	if _, more, ok := strings.Cut(e.Text, "\n"); ok {
		return e.Raw + "\n" + more
	}
	return e.Raw
}

// Texts joins exemplars, a line each and more where a record has more: as they were written, and without their headers.
func Texts(list []Exemplar) (whole, messages string) {
	w, m := make([]string, len(list)), make([]string, len(list))
	for i := range list {
		w[i], m[i] = list[i].Whole(), list[i].Text
	}
	return strings.Join(w, "\n"), strings.Join(m, "\n")
}

// mostText bounds an exemplar's text: a stack trace's head is enough for a report.
const mostText = 2048

func (e *Exemplar) compare(o *Exemplar) int {
	return cmp.Or(
		cmp.Compare(e.Time, o.Time), strings.Compare(e.Origin.Source, o.Origin.Source), strings.Compare(e.Origin.Path, o.Origin.Path),
		cmp.Compare(e.Origin.Line, o.Origin.Line), strings.Compare(e.Origin.ID, o.Origin.ID), strings.Compare(e.Text, o.Text),
	)
}

// exemplars holds the k smallest by time and origin, so that any order of arrival ends with the same ones.
type exemplars []Exemplar

// wants tells without building an exemplar whether one at time t could be among the k smallest.
func (x exemplars) wants(t int64, k int) bool { return len(x) < k || t <= x[len(x)-1].Time }

// latest is the latest time of one that could be among the k smallest.
func (x exemplars) latest(k int) int64 {
	if len(x) < k {
		return math.MaxInt64
	}
	return x[len(x)-1].Time
}

func (x *exemplars) add(e Exemplar, k int) {
	i, found := slices.BinarySearchFunc(*x, e, func(a, b Exemplar) int { return a.compare(&b) })
	if found && i < len(*x) {
		return
	}
	if *x == nil {
		*x = make(exemplars, 0, k+1)
	}
	*x = slices.Insert(*x, i, e)
	if len(*x) > k {
		*x = (*x)[:k]
	}
}

func (x *exemplars) merge(o exemplars, k int) {
	for _, e := range o {
		x.add(e, k)
	}
}

// text joins message and detail, cut to mostText.
func text(r *event.Record) string {
	n := min(len(r.Message), mostText)
	if len(r.Detail) == 0 || n == mostText {
		return string(r.Message[:n])
	}
	d := r.Detail[:min(len(r.Detail), mostText-n)]
	return string(r.Message[:n]) + "\n" + string(d)
}
