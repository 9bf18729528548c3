package main

import (
	"cmp"
	"strconv"
	"sync/atomic"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/file"
)

// progress shows on a terminal how much has been read. Elsewhere it only counts.
type progress struct {
	bytes, records atomic.Int64
	pool           *mpb.Progress
	bar            *mpb.Bar
}

func (a *app) bars() *progress {
	p := &progress{}
	if a.quiet || a.progress == "none" || a.progress == "plain" || !onTerminal(a.stderr) {
		return p
	}
	p.pool = mpb.New(mpb.WithOutput(a.stderr))
	p.bar = p.pool.AddSpinner(0, mpb.PrependDecorators(decor.Name("reading ")),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return counted(p.records.Load()) + " records" })), mpb.BarRemoveOnComplete())
	return p
}

// Read adds what a worker has read.
func (p *progress) Read(_ string, bytes, records int64) {
	p.bytes.Add(bytes)
	p.records.Add(records)
}

// done ends the display.
func (p *progress) done() {
	if p.pool != nil {
		p.bar.SetTotal(-1, true)
		p.pool.Wait()
	}
}

// tellCoverage says in a line what a source gave.
func (a *app) tellCoverage(c event.Coverage) {
	a.note("%-8s %s read, %s kept, %s outside the time, %s not understood", c.Source, counted(c.Read), counted(c.Kept), counted(c.Outside), counted(c.Unparsed))
	for _, h := range c.Gaps {
		a.note("  ! %s: %s", cmp.Or(h.Origin.String(), c.Source), h.Reason)
	}
}

// tellUnusable says why files tell no time.
func (a *app) tellUnusable(sources []ingest.Source) {
	for _, s := range sources {
		if f, ok := s.(*file.Source); ok {
			for _, why := range f.Unusable() {
				a.note("  ! %s", why)
			}
		}
	}
}

// counted writes a number with a comma for each thousand.
func counted(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
