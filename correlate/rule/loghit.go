package rule

import (
	"math"
	"time"

	"github.com/hindcast/hindcast/correlate/summary"
	"github.com/hindcast/hindcast/correlate/timeline"
	"github.com/hindcast/hindcast/ingest/event"
)

// usualFactor is how many times the baseline's rate a log condition must reach if its rule does not say.
const usualFactor = 3

// logs gives the components for which a log item holds.
func (e *evaluation) logs(r *Rule, i *Item) []hit {
	var out []hit
	matches := e.matches[i.Matcher]
	for k := range matches {
		if h, ok := e.logHit(r, i, &matches[k]); ok {
			out = append(out, h)
		}
	}
	return out
}

func (e *evaluation) logHit(r *Rule, i *Item, m *summary.Match) (hit, bool) {
	n := m.Counts.Sum(e.from, e.to)
	early := r.Role == Root || r.Role == LeadUp || r.Role == Change
	if n == 0 && !early {
		return hit{}, false
	}
	before := m.Counts.Sum(e.layout.FirstFine(), e.from)
	keep := i.KeepBaseline || r.KeepBaseline
	suppressed := false
	if before > 0 && !keep {
		factor := i.BaselineFactor
		if factor == 0 {
			factor = usualFactor
		}
		expected := float64(before) * float64(e.Window.Duration()) / math.Max(float64(e.Window.From-e.Window.Baseline.From), 1)
		suppressed = float64(n) < factor*expected+2
	}
	all, onset, exact := n, m.First, true
	x := m.In
	switch {
	case early && e.fresh(m):
		// A cause may be days older than the alert: what began within the lookback counts from there.
		all = m.Counts.Sum(0, e.to)
		if len(m.Before) > 0 {
			x = m.Before
		}
	case suppressed || n == 0:
		return hit{}, false
	case m.First < e.Window.From && before > 0:
		onset, exact = e.rises(m, float64(before)/math.Max(1, float64(e.from-e.layout.FirstFine()))), false
	case m.First < e.Window.From:
		onset = e.firstIn(m)
	}
	if !e.enough(i, m, all) {
		return hit{}, false
	}
	if (r.Role == Symptom || r.Role == Mid) && onset >= e.Window.From {
		onset, exact = e.gathers(m, onset, exact)
	}
	h := hit{kind: event.Log, onset: onset, end: m.Last, count: all, values: values(e.Summary, m), strength: 0.85}
	if !exact {
		h.err = e.layout.FineWidth
	}
	if n == 0 {
		h.strength = 0.6
	}
	host := ""
	if len(x) > 0 {
		host = x[0].Instance
	}
	h.host = host
	h.component = e.subject(r, m.Component, m.Target, host, h.values)
	if m.Target != "" {
		h.values["target"] = m.Target
	}
	h.evidence = []timeline.Evidence{logEvidence(x, all, m.Component, r.ID)}
	return h, true
}

// fresh tells whether matches began within the lookback, so that they are news and not how things always were.
func (e *evaluation) fresh(m *summary.Match) bool {
	return m.First > e.Window.Lookback.From+(e.Window.From-e.Window.Lookback.From)/10
}

// rises finds the first bucket of the window that holds clearly more than the usual.
func (e *evaluation) rises(m *summary.Match, usual float64) int64 {
	for _, b := range m.Counts {
		if b.Index >= e.from && float64(b.N) > 2*usual+1 {
			return e.layout.Bounds(b.Index).From
		}
	}
	return e.firstIn(m)
}

// gathers dates what many records say together: a stray one long before the others is not yet the state. It begins where
// a quarter of a minute holds a tenth of what the busiest one does.
func (e *evaluation) gathers(m *summary.Match, onset int64, exact bool) (int64, bool) {
	span := int32(max(1, int64(15*time.Second)/e.layout.FineWidth))
	peak := int64(0)
	for _, b := range m.Counts {
		if b.Index >= e.from && b.Index < e.to {
			peak = max(peak, m.Counts.Sum(b.Index, b.Index+span))
		}
	}
	need := peak / 10
	if need <= 1 {
		return onset, exact
	}
	for _, b := range m.Counts {
		if b.Index < e.from || b.Index >= e.to || m.Counts.Sum(b.Index, b.Index+span) < need {
			continue
		}
		bucket := e.layout.Bounds(b.Index)
		for k := range m.In {
			if bucket.Contains(m.In[k].Time) {
				return m.In[k].Time, true
			}
		}
		return max(onset, bucket.From), onset > bucket.From && exact
	}
	return onset, exact
}

func (e *evaluation) firstIn(m *summary.Match) int64 {
	if len(m.In) > 0 {
		return m.In[0].Time
	}
	return m.First
}

// enough tells whether an item's count is reached within its time.
func (e *evaluation) enough(i *Item, m *summary.Match, n int64) bool {
	if n < i.AtLeast {
		return false
	}
	if i.Within == 0 || i.AtLeast <= 1 {
		return true
	}
	span := int32(max(1, i.Within/e.layout.FineWidth))
	for _, b := range m.Counts {
		if m.Counts.Sum(b.Index, b.Index+span) >= i.AtLeast {
			return true
		}
	}
	return false
}

// values gives the captured values: of numbers the largest stands for the group, of other texts the first.
func values(s *summary.Summary, m *summary.Match) map[string]string {
	v := map[string]string{}
	for k, name := range s.Matchers().Captures(int(m.Matcher)) {
		if k >= len(m.Captures) {
			break
		}
		c := &m.Captures[k]
		v[name] = c.First
		if c.Numbers > 0 {
			v[name] = c.Max
			v[name+"_min"], v[name+"_max"] = c.Min, c.Max
		}
		v[name+"_first"], v[name+"_last"] = c.First, c.Last
	}
	return v
}

func logEvidence(x []summary.Exemplar, n int64, component, id string) timeline.Evidence {
	e := timeline.Evidence{Count: n, Query: "component " + component + ", condition " + id}
	if len(x) > 0 {
		e.Source, e.Origin = x[0].Origin.Source, x[0].Origin.String()
	}
	e.Text, e.Message = summary.Texts(x)
	return e
}
