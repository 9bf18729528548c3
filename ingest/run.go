package ingest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/hindcast/hindcast/ingest/event"
)

// Progress is told about the work as it goes. Its methods are called from several workers at once.
type Progress interface {
	// Read adds what has been read of a part since the last call.
	Read(part string, bytes, records int64)
}

// Run reads the parts with as many workers as there are observers, each worker feeding its own observer, and returns
// the coverage of all parts together. A part that fails becomes a gap and the others go on. When ctx ends, Run stops
// where it is and returns what it has with ctx's error.
func Run(ctx context.Context, source string, parts []Part, observers []Observer, p Progress) (event.Coverage, error) {
	var (
		next      atomic.Int64
		wg        sync.WaitGroup
		coverages = make([]event.Coverage, len(parts))
	)
	for _, o := range observers {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(parts) {
					return
				}
				coverages[i] = readPart(ctx, parts[i], o, p)
			}
		})
	}
	wg.Wait()
	total := event.Coverage{Source: source}
	for _, c := range coverages {
		total.Add(c)
	}
	return total, ctx.Err()
}

func readPart(ctx context.Context, part Part, o Observer, p Progress) event.Coverage {
	var c event.Coverage
	for b, err := range part.Read(ctx) {
		if err != nil {
			if ctx.Err() == nil {
				c.Gaps = append(c.Gaps, event.Hole{Origin: event.Origin{Path: part.Name()}, Reason: err.Error(), Failed: true})
			}
			break
		}
		c.Add(b.Coverage)
		if p != nil {
			p.Read(part.Name(), b.Coverage.Bytes, b.Coverage.Read)
		}
		o.Observe(b)
	}
	return c
}

// Events collects what sources keep whole. A source that fails becomes a gap in its coverage; the error is for a
// cancelled context only.
func Events(ctx context.Context, sources []Source, within event.Range, o Observer) (map[string]event.Coverage, error) {
	coverage := map[string]event.Coverage{}
	for _, s := range sources {
		c := event.Coverage{Source: s.Name()}
		for b, err := range s.Events(ctx, within) {
			if err != nil {
				if ctx.Err() != nil {
					return coverage, fmt.Errorf("reading events of %s: %w", s.Name(), ctx.Err())
				}
				c.Gaps = append(c.Gaps, event.Hole{Origin: event.Origin{Source: s.Name()}, Reason: err.Error(), Failed: true})
				break
			}
			c.Add(b.Coverage)
			o.Observe(b)
		}
		coverage[s.Name()] = c
	}
	return coverage, nil
}
