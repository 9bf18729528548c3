package correlate

import (
	"cmp"
	"net"
	"slices"
	"strings"

	"github.com/hindcast/hindcast/correlate/rule"
	"github.com/hindcast/hindcast/ingest/event"
)

// joinSame makes one condition of those that say the same of one thing under several names: a service, the host that it runs
// on, and an address that nobody knows. It goes by the service's name, begins with the first and keeps the evidence of
// all. Two services are never joined, nor what begins at quite other times.
func (p *places) joinSame(conditions []rule.Condition) []rule.Condition {
	out := conditions[:0:0]
	for i := range conditions {
		c := conditions[i]
		at := slices.IndexFunc(out, func(o rule.Condition) bool { return o.ID == c.ID && p.same(&o, &c) })
		if at < 0 {
			out = append(out, c)
			continue
		}
		out[at] = p.joined(out[at], c)
	}
	slices.SortStableFunc(out, func(a, b rule.Condition) int {
		return cmp.Or(cmp.Compare(a.Onset, b.Onset), strings.Compare(a.ID, b.ID), strings.Compare(a.Component, b.Component))
	})
	return out
}

// apart is how far the same state may seem to begin apart, in nanoseconds: logs tell it at once, scrapes and rules later.
const apart = int64(5 * 60 * 1e9)

func (p *places) same(a, b *rule.Condition) bool {
	if d := a.Onset - b.Onset; d > apart || d < -apart {
		return false
	}
	if a.Component == b.Component || isIP(a.Component) != isIP(b.Component) || memberOf(a.Component, b.Component) || memberOf(b.Component, a.Component) {
		return true
	}
	return slices.Contains(p.Hosts[a.Component], b.Component) || slices.Contains(p.Hosts[b.Component], a.Component)
}

// memberOf tells whether a name is that of one of several alike: "orders-db-2" of "orders-db".
func memberOf(name, whole string) bool { return name != whole && event.Workload(name) == whole }

func isIP(name string) bool { return net.ParseIP(name) != nil }

// joined is the condition of two that goes by the better name, with what the other one knows.
func (p *places) joined(a, b rule.Condition) rule.Condition {
	if isIP(a.Component) && !isIP(b.Component) || slices.Contains(p.Hosts[b.Component], a.Component) || memberOf(b.Component, a.Component) {
		a, b = b, a
	}
	if b.Onset < a.Onset {
		a.Onset, a.OnsetError, a.Kind = b.Onset, b.OnsetError, b.Kind
	}
	a.End = max(a.End, b.End)
	a.Strength = max(a.Strength, b.Strength)
	a.Count += b.Count
	a.Evidence = append(slices.Clone(a.Evidence), b.Evidence...)
	return a
}
