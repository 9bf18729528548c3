package detect

import (
	"bytes"
	"context"
	"math"
	"strconv"
	"strings"

	"github.com/hindcast/hindcast/correlate/summary"
	"github.com/hindcast/hindcast/ingest/event"
)

// Patterns finds log patterns that are new, that burst, and that stop.
var Patterns = Detector{
	Name: "pattern",
	Doc: `Log patterns that are new, that come in bursts, or that stop.

A pattern is new if neither baseline nor lookback holds it. How many new patterns a system shows on a quiet day is
learnt from the baseline itself: what is first seen in its second half. A burst is a run of buckets in which a pattern
comes far more often than in any part of the baseline. A pattern is gone if it came steadily and stops, or if it came in step with another that goes on.`,
	Run: func(_ context.Context, in *Input) []Observation {
		d := newPatternDetector(in)
		skipped := d.skipped()
		var all []Observation
		for i := range in.Patterns {
			p := &in.Patterns[i]
			if o, ok := d.fresh(p); ok {
				all = append(all, o)
				continue
			}
			if o, ok := d.burst(p); ok {
				all = append(all, o)
			}
			if o, ok := skipped[i]; ok {
				all = append(all, o)
			} else if o, ok := d.gone(p); ok {
				all = append(all, o)
			}
		}
		return all
	},
}

type patternDetector struct {
	in     *Input
	layout *summary.Layout
	// base and win are the bucket spans of baseline and window; both is how long they are, in buckets.
	baseFrom, winFrom, winTo int32
	// usual is how many patterns are new in as long a quiet time, for harmless and for harmful ones.
	usual [2]float64
	// said is how much each component said before and in the window, records its histogram.
	said    map[string]said
	heard   float64
	records map[string]summary.Histogram
}

type said struct{ before, window float64 }

func newPatternDetector(in *Input) *patternDetector {
	l := in.Summary.Layout()
	d := &patternDetector{in: in, layout: l, baseFrom: l.FirstFine()}
	d.winFrom, d.winTo = l.Span(in.Window.Range)
	d.said, d.records = map[string]said{}, map[string]summary.Histogram{}
	for _, c := range in.Summary.Components() {
		d.records[c.Name] = c.Records
		d.said[c.Name] = said{float64(c.Records.Sum(0, d.winFrom)), float64(c.Records.Sum(d.winFrom, d.winTo))}
		d.heard += d.said[c.Name].before
	}
	half := in.Window.Baseline.From + (in.Window.From-in.Window.Baseline.From)/2
	if quiet := in.Window.From - half; quiet > 0 {
		scale := float64(in.Window.Duration()) / float64(quiet)
		for i := range in.Patterns {
			if p := &in.Patterns[i]; p.First >= half && p.First < in.Window.From {
				d.usual[harmIndex(p)] += scale
			}
		}
	}
	return d
}

func harmIndex(p *Pattern) int {
	if Harmful(p.Severity, p.Template) {
		return 1
	}
	return 0
}

// fresh reports a pattern that the time before the window does not hold.
func (d *patternDetector) fresh(p *Pattern) (Observation, bool) {
	if p.First < d.in.Window.From || d.said[p.Component].before == 0 && d.heard == 0 {
		return Observation{}, false
	}
	harmful := harmIndex(p)
	// The chance that one of the usual new patterns is as frequent as this one falls with its count.
	surprise := math.Log1p(float64(p.Count)) / (1 + math.Log1p(d.usual[harmful]))
	strength := 1 - math.Exp(-surprise)
	switch {
	case harmful == 0 && p.Severity < event.Warn:
		strength *= 0.25 // something new but harmless: a deploy brings dozens
	case p.Severity == event.Warn:
		strength *= 0.7
	}
	if strength < 0.08 {
		return Observation{}, false
	}
	o := d.observation(NewPattern, p, strength)
	o.Distance = 4 * surprise
	o.Onset, o.End = p.First, p.Last
	o.Count, o.After = p.Count, float64(p.Count)
	o.Title = quote(p) + repeated(p.Count) + ", never before"
	o.Evidence = patternEvidence(p, p.In, p.Count)
	return o, true
}

func (d *patternDetector) observation(k Kind, p *Pattern, strength float64) Observation {
	o := Observation{Kind: k, Component: event.Component{Name: p.Component}, Strength: strength, Pattern: p, Severity: p.Severity, Unit: "lines"}
	if Harmful(p.Severity, p.Template) {
		o.Harm = +1
	}
	if len(p.In) > 0 {
		o.Component.Instance = p.In[0].Instance
	}
	return o
}

// burst reports a run of minutes in which a pattern is far more frequent than in the baseline.
func (d *patternDetector) burst(p *Pattern) (Observation, bool) {
	n := p.Counts.Sum(d.winFrom, d.winTo)
	if all := d.records[p.Component]; n < 5 || all.Sum(d.baseFrom, d.winFrom) == 0 { // a component that was not heard before cannot be compared
		return Observation{}, false
	}
	per := int32(max(1, (int64(60e9)+d.layout.FineWidth-1)/d.layout.FineWidth))
	before := group(p.Counts.Dense(d.baseFrom, d.winFrom), per)
	window := group(p.Counts.Dense(d.winFrom, d.winTo), per)
	if len(before) == 0 || len(window) == 0 {
		return Observation{}, false
	}
	b := describe(before)
	mean, top := 0.0, b.maximum
	for _, v := range before {
		mean += v
	}
	mean /= float64(len(before))
	// Counts scatter at least as Poisson does; bursts in the baseline raise the bar.
	spread := max(b.scale, math.Sqrt(mean), 1)
	bar := max(mean+5*spread, 1.5*top, 4)
	from, to, sum := -1, -1, 0.0
	for i, v := range window {
		if v <= bar {
			continue
		}
		if from < 0 {
			from = i
		}
		to = i + 1
		sum += v
	}
	if from < 0 {
		return Observation{}, false
	}
	peakRate := 0.0
	for _, v := range window[from:to] {
		peakRate = max(peakRate, v)
	}
	z := (peakRate - mean) / spread
	if top > 0 {
		z = min(z, 5*peakRate/top)
	}
	strength := certainty(z, len(d.in.Patterns)) * min(1, math.Log2(peakRate/max(mean, 0.5))/3)
	if Harmful(p.Severity, p.Template) {
		strength = min(1, strength*1.1)
	} else {
		strength *= 0.5
	}
	if strength < 0.1 {
		return Observation{}, false
	}
	o := d.observation(Burst, p, strength)
	o.Distance = z
	first := d.winFrom + int32(from)*per
	o.Onset, o.OnsetError = d.refine(p, first, per, mean)
	if to < len(window) {
		o.End = d.layout.Bounds(d.winFrom + int32(to)*per).From
	}
	o.Count, o.Before, o.After, o.Unit = int64(sum), mean, peakRate, "lines/min"
	o.Title = quote(p) + repeated(int64(sum)) + ", up to " + number(peakRate) + " a minute against " + number(mean) + " before"
	o.Evidence = patternEvidence(p, p.In, int64(sum))
	return o, true
}

// refine finds the narrow bucket in which a burst that lies in a group of buckets begins.
func (d *patternDetector) refine(p *Pattern, first, per int32, mean float64) (onset, width int64) {
	usual := mean / float64(per)
	for i := max(first-per, d.winFrom); i < first+per; i++ {
		if float64(p.Counts.Sum(i, i+1)) > 2*usual+1 {
			return d.layout.Bounds(i).From, d.layout.FineWidth
		}
	}
	return d.layout.Bounds(first).From, int64(per) * d.layout.FineWidth
}

// gone reports a pattern that comes no more, or hardly, though its component says as much as ever: a step that is skipped. How
// often it should come is its share of all that the component says, which allows for changes of load.
func (d *patternDetector) gone(p *Pattern) (Observation, bool) {
	c := d.said[p.Component]
	before, seen := float64(p.Counts.Sum(0, d.winFrom)), float64(p.Counts.Sum(d.winFrom, d.winTo))
	if before < 8 || c.window == 0 || c.before < 50 {
		return Observation{}, false
	}
	expected := before / c.before * c.window
	if expected < 8 || seen > 0.3*expected {
		return Observation{}, false
	}
	z := (expected - seen) / math.Sqrt(expected+1)
	// The share must be steady: what comes in bursts is not missed.
	if occupied := d.occupied(p); occupied < 0.3 {
		z *= occupied / 0.3
	}
	strength := certainty(z, len(d.in.Patterns)/4+2) * 0.8
	if strength < 0.1 {
		return Observation{}, false
	}
	o := d.observation(GonePattern, p, strength)
	o.Distance = z
	o.Harm = 0
	o.Onset = max(p.Last, d.in.Window.From)
	if p.Last > d.in.Window.From {
		o.Onset = d.in.Window.From
	}
	o.OnsetError = int64(float64(d.in.Window.Duration()) / expected)
	o.Before, o.After, o.Count, o.Unit = expected, seen, int64(seen), "lines"
	o.Title = quote(p) + " comes " + number(seen) + " times where " + number(expected) + " were to be expected"
	o.Evidence = patternEvidence(p, p.Before, int64(before))
	return o, true
}

// occupied is the share of buckets before the window with anything from the component in which the pattern came.
func (d *patternDetector) occupied(p *Pattern) float64 {
	all := d.records[p.Component]
	alive, both, j := 0, 0, 0
	for _, b := range all {
		if b.Index >= d.winFrom {
			break
		}
		alive++
		for j < len(p.Counts) && p.Counts[j].Index < b.Index {
			j++
		}
		if j < len(p.Counts) && p.Counts[j].Index == b.Index {
			both++
		}
	}
	if alive == 0 {
		return 0
	}
	return float64(both) / float64(alive)
}

func group(values []float64, per int32) []float64 {
	if per <= 1 {
		return values
	}
	out := make([]float64, 0, len(values)/int(per)+1)
	for i := 0; i+int(per) <= len(values); i += int(per) { // a last part of a group would look like a fall
		sum := 0.0
		for _, v := range values[i : i+int(per)] {
			sum += v
		}
		out = append(out, sum)
	}
	if len(out) == 0 && len(values) > 0 {
		sum := 0.0
		for _, v := range values {
			sum += v
		}
		out = append(out, sum*float64(per)/float64(len(values)))
	}
	return out
}

// quote gives the first line of a pattern as it was really written, short enough for a title.
func quote(p *Pattern) string {
	text := p.Template
	if len(p.In) > 0 {
		text = p.In[0].Text
	} else if len(p.Before) > 0 {
		text = p.Before[0].Text
	}
	return "“" + Headline(text) + "”"
}

// Headline cuts a record's text to one line for a title: of a traceback the exception, of anything else the first line.
func Headline(text string) string {
	first, rest, more := strings.Cut(text, "\n")
	if more {
		if l := exception(rest); l != "" && !strings.Contains(first, l) {
			first += " — " + l
		}
	}
	first = strings.Join(strings.Fields(first), " ")
	const most = 160
	if len(first) > most {
		cut := most
		for cut > 0 && first[cut]&0xC0 == 0x80 {
			cut--
		}
		first = first[:cut] + "…"
	}
	return first
}

// exception finds the line of a detail that names what went wrong.
func exception(detail string) string {
	if i := strings.Index(detail, "Caused by: "); i >= 0 {
		return strings.TrimSpace(firstLine(detail[i:]))
	}
	if !strings.HasPrefix(detail, "Traceback (most recent call last)") {
		return strings.TrimSpace(firstLine(detail))
	}
	lines := bytes.Split(bytes.TrimSpace([]byte(detail)), []byte("\n"))
	for i := len(lines) - 1; i > 0; i-- {
		if l := lines[i]; len(l) > 0 && l[0] != ' ' && l[0] != '\t' {
			return string(l)
		}
	}
	return ""
}

func firstLine(s string) string {
	l, _, _ := strings.Cut(s, "\n")
	return l
}

func repeated(n int64) string {
	if n <= 1 {
		return ""
	}
	return " ×" + strconv.FormatInt(n, 10)
}
