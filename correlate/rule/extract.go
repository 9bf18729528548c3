package rule

import (
	"context"
	"fmt"
	"slices"

	"github.com/hindcast/hindcast/ingest/event"
)

// Evidence is what an incident was found in, to be made smaller.
type Evidence struct {
	Records []event.Record
	Events  []event.Event
	Series  []event.Series
}

// Len is the number of records, events and series.
func (e Evidence) Len() int { return len(e.Records) + len(e.Events) + len(e.Series) }

// Reduce gives the smallest part of the evidence that it finds for which verdict still holds, for a test of a confirmed
// incident: first whole blocks are left out, then single records, events and series (delta debugging, Zeller and
// Hildebrandt 2002); what is left of the series is cut at both ends. Order is kept. The verdict is asked at the most budget times; 0 means 2,000. It is an error if the
// verdict does not hold for all of the evidence.
func Reduce(ctx context.Context, all Evidence, budget int, verdict func(Evidence) (bool, error)) (Evidence, error) {
	if budget <= 0 {
		budget = 2000
	}
	holds, err := verdict(all)
	if err != nil {
		return all, err
	}
	if !holds {
		return all, fmt.Errorf("the verdict does not hold for the %d pieces of evidence themselves", all.Len())
	}
	r := reducer{ctx: ctx, budget: budget - 1, verdict: verdict}
	now := all
	for before := -1; before != now.Len() && r.err == nil && r.budget > 0; {
		before = now.Len()
		now.Records = reduce(&r, now.Records, func(left []event.Record) Evidence { return Evidence{left, now.Events, now.Series} })
		now.Series = reduce(&r, now.Series, func(left []event.Series) Evidence { return Evidence{now.Records, now.Events, left} })
		now.Events = reduce(&r, now.Events, func(left []event.Event) Evidence { return Evidence{now.Records, left, now.Series} })
	}
	for i := range now.Series {
		now.Series[i] = cut(&r, now.Series[i], func(s event.Series) Evidence {
			series := slices.Clone(now.Series)
			series[i] = s
			return Evidence{now.Records, now.Events, series}
		})
	}
	return now, r.err
}

// cut leaves out samples at the end of a series and then at its beginning, half of them at first, as long as the verdict
// holds. Holes in the middle would make another series of it.
func cut(r *reducer, s event.Series, with func(event.Series) Evidence) event.Series {
	part := func(from, to int) event.Series {
		c := s
		c.Times, c.Values = s.Times[from:to], s.Values[from:to]
		return c
	}
	from, to := 0, len(s.Times)
	for size := to / 2; size >= 1; size /= 2 {
		for to-size > from && r.holds(with(part(from, to-size))) {
			to -= size
		}
		for from+size < to && r.holds(with(part(from+size, to))) {
			from += size
		}
	}
	return part(from, to)
}

type reducer struct {
	ctx     context.Context
	budget  int
	verdict func(Evidence) (bool, error)
	err     error
}

// holds asks for the verdict, unless the budget is spent or something failed: then the answer is no and nothing more is
// left out.
func (r *reducer) holds(e Evidence) bool {
	if r.err != nil || r.budget <= 0 {
		return false
	}
	if r.err = r.ctx.Err(); r.err != nil {
		return false
	}
	r.budget--
	ok, err := r.verdict(e)
	r.err = err
	return ok && err == nil
}

// reduce leaves out blocks of pieces, half of them at first, then ever smaller ones, as long as the verdict holds.
func reduce[T any](r *reducer, pieces []T, with func([]T) Evidence) []T {
	if len(pieces) > 0 && r.holds(with(nil)) {
		return nil
	}
	for size := (len(pieces) + 1) / 2; size >= 1; size /= 2 {
		for at := 0; at < len(pieces); {
			end := min(at+size, len(pieces))
			left := slices.Concat(pieces[:at], pieces[end:])
			if r.holds(with(left)) {
				pieces = left
				continue
			}
			at = end
		}
	}
	return pieces
}
