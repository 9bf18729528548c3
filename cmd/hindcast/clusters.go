package main

import (
	"context"
	"encoding/csv"
	"errors"
	"slices"
	"strconv"

	"github.com/hindcast/hindcast/correlate/pattern"
	"github.com/hindcast/hindcast/correlate/summary"
	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/event"
)

// clusters writes which pattern each record of the sources is of, as CSV: the line it begins at, the pattern's id and its
// template. It keeps a few bytes a record, for what a pattern is can be told only at the end.
func (a *app) clusters(ctx context.Context, sources []ingest.Source) error {
	l := &lines{index: map[string]int32{}}
	missing := false
	for _, s := range sources {
		// One part keeps the records in the order of the file.
		c, err := a.records(ctx, s, ingest.Query{Parts: 1}, []ingest.Observer{l}, nil)
		if err != nil {
			return exitWith(exitInterrupted, "interrupted")
		}
		a.tellCoverage(c)
		missing = missing || slices.ContainsFunc(c.Gaps, func(h event.Hole) bool { return h.Failed })
	}
	if len(l.of) == 0 {
		return failed("see what the file is taken for: hindcast parse FILE; --format names a format", "no log records were found")
	}
	of, patterns := pattern.Cluster(l.shapes)
	w := csv.NewWriter(a.stdout)
	err := w.Write([]string{"line", "cluster", "pattern"})
	for i := 0; i < len(l.of) && err == nil; i++ {
		p := patterns[of[l.of[i]]]
		err = w.Write([]string{l.place(i), p.ID, p.Template})
	}
	w.Flush()
	if err := errors.Join(err, w.Error()); err != nil {
		return failed("", "writing the clusters: %w", err)
	}
	if missing {
		return exitWith(exitPartial, "some of the file could not be read")
	}
	return nil
}

// lines notes the shape of each record that it observes, and where the record begins.
type lines struct {
	index  map[string]int32
	shapes []pattern.Shape
	of     []int32
	begins []int64
}

// Observe takes the records of a batch in.
func (l *lines) Observe(b *event.Batch) {
	for i := range b.Records {
		r := &b.Records[i]
		template := summary.Template(r)
		k, ok := l.index[template]
		if !ok {
			k = int32(len(l.shapes))
			l.index[template] = k
			l.shapes = append(l.shapes, pattern.Shape{Fingerprint: pattern.Of(r.Message), Template: template})
		}
		l.shapes[k].Count++
		l.of = append(l.of, k)
		l.begins = append(l.begins, r.Line)
	}
}

// place gives the line that a record begins at or, in files too large to count lines in, the byte, as "@17".
func (l *lines) place(i int) string {
	if n := l.begins[i]; n < 0 {
		return "@" + strconv.FormatInt(-n-1, 10)
	}
	return strconv.FormatInt(l.begins[i], 10)
}
