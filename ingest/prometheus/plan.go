package prometheus

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/event"
)

const (
	// pieceSamples is how many samples one request should give: an answer of about 10 MB.
	pieceSamples = 300_000
	// beforeBaseline is how much earlier than the baseline samples begin, for the spans of expressions.
	beforeBaseline = int64(10 * time.Minute)
	// pastPoints is about how many points the past of a series has, pastStep what their distance is a multiple of.
	pastPoints = 1000
	pastStep   = int64(time.Minute)
	// usersSeries is how many series the user's own expressions are expected to give.
	usersSeries = 20
	// mostNamed is how many metrics a note names.
	mostNamed = 8
)

// plan is what will be asked. It is itself the first part, which accounts for what will not be.
type plan struct {
	source *Source
	found  *survey
	pieces []piece
	// samples is how many the pieces should give.
	samples int64
	left    map[omission][]string
}

// omission is why metrics are not asked for.
type omission struct {
	why  reason
	text string
}

// plan chooses what is asked within the budget, most important first.
func (s *Source) plan(ctx context.Context, found *survey, q ingest.Query) *plan {
	p := &plan{source: s, found: found, left: map[omission][]string{}}
	p.userQueries(q)
	chosen := p.choose(ctx, s.wanted(found, q), q)
	all := int64(0)
	for _, c := range chosen {
		all += c.samples(q.Range, found.interval)
	}
	fine := q.Range
	if p.samples+all > s.o.MaxSamples/2 { // else there is so little that all of it can be had as it was scraped
		fine.From = max(fine.From, q.Window.Baseline.From-beforeBaseline)
	}
	chosen = p.afford(chosen, fine)
	p.ask(chosen, fine)
	if fine.From > q.Range.From {
		p.past(chosen, event.Range{From: q.Range.From, To: fine.From})
	}
	return p
}

// userQueries asks for the user's expressions over baseline and window.
func (p *plan) userQueries(q ingest.Query) {
	step := p.found.interval
	span := event.Range{From: q.Window.Baseline.From, To: q.Range.To}
	for i := range p.source.o.Queries {
		u := &p.source.o.Queries[i]
		for part := range spans(span, mostPoints*step) {
			p.add(piece{query: query{u.Expr, part, step}, user: u, estimate: usersSeries * ((part.To-part.From)/step + 1)})
		}
	}
}

func (p *plan) add(x piece) {
	x.source = p.source
	p.samples += x.estimate
	p.pieces = append(p.pieces, x)
}

// spans cuts a range into pieces of at most a length.
func spans(r event.Range, length int64) iter.Seq[event.Range] {
	return func(yield func(event.Range) bool) {
		for from := r.From; from < r.To; from += length {
			if !yield(event.Range{From: from, To: min(from+length, r.To)}) {
				return
			}
		}
	}
}

// afford leaves out what would go beyond the budget of samples.
func (p *plan) afford(chosen []choice, fine event.Range) []choice {
	sum := p.samples
	return slices.DeleteFunc(chosen, func(c choice) bool {
		cost := c.samples(fine, p.found.interval)
		if sum+cost > p.source.o.MaxSamples {
			p.leave(c.wish, "do not fit into the budget of samples (max_samples)")
			return true
		}
		sum += cost
		return false
	})
}

// ask makes the questions for samples, several small metrics in one, a large one in spans of time.
func (p *plan) ask(chosen []choice, span event.Range) {
	for len(chosen) > 0 {
		group := chosen[:p.together(chosen, span)]
		chosen = chosen[len(group):]
		var series int64
		for _, c := range group {
			series += c.series
		}
		if !p.questions(group, series, span, p.found.interval, int64(p.source.o.Step), "%s") {
			for _, c := range group {
				p.leave(c.wish, "would need more requests than are allowed (max_requests)")
			}
		}
	}
}

// together is how many of the first choices fit into one question.
func (p *plan) together(chosen []choice, span event.Range) int {
	samples, length := int64(0), 0
	for i, c := range chosen {
		samples += c.samples(span, p.found.interval)
		length += len(c.name) + 1
		if i > 0 && (!c.whole() || !chosen[0].whole() || samples > p.source.piece || length > mostNames) {
			return i
		}
	}
	return len(chosen)
}

// questions asks for one or more metrics over a span, cut so that no answer becomes too large, unless that would be too
// many requests. Form is the expression around the selector.
func (p *plan) questions(group []choice, series int64, span event.Range, interval, step int64, form string) bool {
	names := make([]string, len(group))
	for i, c := range group {
		names[i] = c.name
	}
	points := min(max(p.source.piece/max(series, 1), 10), mostPoints)
	if step == 0 && series*((span.To-span.From)/interval) <= p.source.piece {
		points = (span.To-span.From)/interval + 1
	}
	var questions []piece
	for _, matcher := range group[0].matchers {
		for part := range spans(span, points*interval) {
			questions = append(questions, piece{
				query:    query{fmt.Sprintf(form, selector(names, matcher)), part, step},
				estimate: series * ((part.To-part.From)/interval + 1) / int64(len(group[0].matchers)),
			})
		}
	}
	if p.found.requests+len(p.pieces)+len(questions) > p.source.o.MaxRequests {
		return false
	}
	for _, x := range questions {
		p.add(x)
	}
	return true
}

// past asks for what lies before the baseline, at a coarse step, for gauges with few series: trends are looked for in
// these.
func (p *plan) past(chosen []choice, span event.Range) {
	step := ((span.To-span.From)/pastPoints/pastStep + 1) * pastStep
	asked := 0
	form := fmt.Sprintf("last_over_time(%%s[%ds])", step/int64(time.Second))
	for _, c := range chosen {
		if c.series > few || isCounter(c.name) || p.samples+c.samples(span, step) > p.source.o.MaxSamples {
			continue
		}
		if p.questions([]choice{c}, c.series, span, step, step, form) {
			asked++
		}
	}
	p.found.note("before %s, %d of %d metrics were asked for, one sample every %s: gauges with at most %d series",
		event.Time(span.To).Format(time.RFC3339), asked, len(chosen), time.Duration(step), few)
}

func isCounter(name string) bool {
	return slices.ContainsFunc([]string{"_total", "_bucket", "_count", "_sum"}, func(end string) bool { return strings.HasSuffix(name, end) })
}

func (p *plan) leave(x *wish, why string) {
	o := omission{x.why, why}
	p.left[o] = append(p.left[o], x.name)
}

// Name says what the first part is.
func (p *plan) Name() string { return "what there is" }

// Size is 0: nothing is left to read.
func (p *plan) Size() int64 { return 0 }

// Read yields the account of what will not be asked.
func (p *plan) Read(context.Context) iter.Seq2[*event.Batch, error] {
	return func(yield func(*event.Batch, error) bool) {
		yield(&event.Batch{Origin: event.Origin{Source: p.source.o.Name}, Coverage: p.account()}, nil)
	}
}

// account says what will not be asked. It is a gap where rules would have looked at it.
func (p *plan) account() event.Coverage {
	c := event.Coverage{Notes: p.found.notes, Gaps: p.found.gaps}
	for _, o := range slices.SortedFunc(maps.Keys(p.left), func(a, b omission) int {
		return cmp.Or(cmp.Compare(a.why, b.why), strings.Compare(a.text, b.text))
	}) {
		text := fmt.Sprintf("not asked for: of the metrics that %s, %d %s: %s", o.why, len(p.left[o]), o.text, listed(p.left[o]))
		if o.why > ruleLibrary {
			c.Notes = append(c.Notes, text)
		} else {
			c.Gaps = append(c.Gaps, event.Hole{Origin: event.Origin{Source: p.source.o.Name}, Reason: text})
		}
	}
	return c
}

// listed names the first of some metrics.
func listed(names []string) string {
	if len(names) <= mostNamed {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:mostNamed], ", "), len(names)-mostNamed)
}
