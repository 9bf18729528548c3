package file

import (
	"fmt"
	"sync"
	"time"

	"github.com/hindcast/hindcast/ingest/event"
)

// leastStep is how far a stamp must lie before the one before it to be told: threads write late by seconds.
const leastStep = int64(10 * 60 * 1e9)

// order watches whether the records of a file follow each other in time. A file is read in stretches; what was seen in them
// is put together when the last of its parts is done, so that the answer does not depend on how the file was split.
type order struct {
	mu        sync.Mutex
	stretches []stretch
	// left is how many parts are not done yet.
	left int
}

// stretch is what was seen in one piece of the file.
type stretch struct {
	first, last int64 // the first and the last stamp, 0 if there is none
	firstLine   int64
	steps       int
	line, by    int64 // the first step back
}

// watch takes in the records of a block.
func (s *stretch) watch(records []event.Record) {
	for i := range records {
		r := &records[i]
		if r.Borrowed {
			continue
		}
		if s.first == 0 {
			s.first, s.firstLine = r.Time, r.Line
		} else {
			s.step(s.last, r.Time, r.Line)
		}
		s.last = r.Time
	}
}

func (s *stretch) step(from, to, line int64) {
	if from-to < leastStep {
		return
	}
	if s.steps == 0 {
		s.line, s.by = line, from-to
	}
	s.steps++
}

// add takes over what was seen in the stretch of an index.
func (o *order) add(index int, s stretch) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(o.stretches) <= index {
		o.stretches = append(o.stretches, stretch{})
	}
	o.stretches[index] = s
}

// done says that a part is done. With the last part it returns what is to be said of the file, "" for nothing.
func (o *order) done(shown string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.left--; o.left > 0 {
		return ""
	}
	var all stretch
	for _, p := range o.stretches {
		if p.first == 0 {
			continue
		}
		if all.first != 0 {
			all.step(all.last, p.first, p.firstLine)
		}
		if all.steps == 0 {
			all.line, all.by = p.line, p.by
		}
		all.steps += p.steps
		all.first, all.last = p.first, p.last
	}
	if all.steps == 0 {
		return ""
	}
	first := event.Origin{Path: shown, Line: all.line}
	times := ""
	if all.steps > 1 {
		times = fmt.Sprintf(" (and %d times more)", all.steps-1)
	}
	return fmt.Sprintf("%s: time goes back by %s%s: a clock was set, or logs were joined; nothing is lost, but around there the order is not sure",
		first, time.Duration(all.by).Round(time.Second), times)
}
