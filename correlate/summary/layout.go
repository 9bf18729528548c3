package summary

import (
	"time"

	"github.com/hindcast/hindcast/ingest/event"
)

// Layout divides the time of a run into buckets: wide ones over the lookback, narrow ones over baseline and window.
// It is fixed before the first record is observed, so that every worker counts in the same buckets.
type Layout struct {
	// Coarse is the lookback before the baseline, Fine is baseline and window.
	Coarse, Fine event.Range
	// CoarseWidth and FineWidth are the widths of buckets in nanoseconds.
	CoarseWidth, FineWidth int64
	coarse, fine           int32
}

// The most buckets of either kind. 2,880 of 5 s are four hours, and 5 s is about what a person reads off a graph.
const (
	mostFine   = 2880
	mostCoarse = 864
)

var widths = []time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute,
	5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour, 24 * time.Hour,
}

// NewLayout chooses the widths for a window.
func NewLayout(w event.Window) Layout {
	l := Layout{
		Coarse: event.Range{From: w.All().From, To: w.Baseline.From},
		Fine:   event.Range{From: w.Baseline.From, To: w.To},
	}
	if w.Baseline == (event.Range{}) || w.Baseline.From > w.From {
		l.Fine.From = w.From
		l.Coarse.To = w.From
	}
	l.FineWidth, l.fine = divide(l.Fine.To-l.Fine.From, mostFine)
	l.CoarseWidth, l.coarse = divide(l.Coarse.To-l.Coarse.From, mostCoarse)
	return l
}

func divide(length, most int64) (width int64, n int32) {
	if length <= 0 {
		return int64(time.Second), 0
	}
	for _, w := range widths {
		width = int64(w)
		if (length+width-1)/width <= most {
			break
		}
	}
	for (length+width-1)/width > most {
		width *= 2
	}
	return width, int32((length + width - 1) / width)
}

// Len is the number of buckets.
func (l *Layout) Len() int { return int(l.coarse + l.fine) }

// FirstFine is the index of the first narrow bucket.
func (l *Layout) FirstFine() int32 { return l.coarse }

// Index returns the bucket that holds t, and false if t lies outside.
func (l *Layout) Index(t int64) (int32, bool) {
	if t >= l.Fine.From {
		if t >= l.Fine.To {
			return 0, false
		}
		return l.coarse + int32((t-l.Fine.From)/l.FineWidth), true
	}
	if t < l.Coarse.From || l.coarse == 0 {
		return 0, false
	}
	return int32((t - l.Coarse.From) / l.CoarseWidth), true
}

// Bounds returns the time of bucket i, cut off at the end of its part.
func (l *Layout) Bounds(i int32) event.Range {
	if i >= l.coarse {
		from := l.Fine.From + int64(i-l.coarse)*l.FineWidth
		return event.Range{From: from, To: min(from+l.FineWidth, l.Fine.To)}
	}
	from := l.Coarse.From + int64(i)*l.CoarseWidth
	return event.Range{From: from, To: min(from+l.CoarseWidth, l.Coarse.To)}
}

// Span returns the indices [from, to) of the buckets that begin in r.
func (l *Layout) Span(r event.Range) (from, to int32) {
	return l.ceil(r.From), l.ceil(r.To)
}

func (l *Layout) ceil(t int64) int32 {
	switch {
	case t <= l.Coarse.From && l.coarse > 0:
		return 0
	case t >= l.Fine.To:
		return l.coarse + l.fine
	case t > l.Fine.From:
		return l.coarse + int32((t-l.Fine.From+l.FineWidth-1)/l.FineWidth)
	case l.coarse == 0 || t > l.Coarse.To-l.CoarseWidth:
		return l.coarse
	default:
		return int32((t - l.Coarse.From + l.CoarseWidth - 1) / l.CoarseWidth)
	}
}
