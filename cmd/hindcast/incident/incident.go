package incident

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hindcast/hindcast/ingest/event"
)

const (
	// DefaultGap is how much quiet time alerts of the same component may have between them and be one incident.
	DefaultGap = 15 * time.Minute
	// DefaultSettle is how long an incident must have been over before its report is made.
	DefaultSettle = 10 * time.Minute
	// DefaultSince is how far back incidents are looked for.
	DefaultSince = 24 * time.Hour

	// longest is how long a firing may last, or an incident grow over quiet time, and still draw others in: an alert that
	// fires for days would make one incident of all that happens meanwhile.
	longest = 12 * time.Hour
	// jitter is by how much two looks at one firing may differ: the history of alerts has the distance of its samples.
	jitter = 2 * time.Minute
)

// Options say how firings are folded. The zero value works, with no quiet time between alerts.
type Options struct {
	// Gap is how much quiet time firings about the same component, or of the same alert, may have between them.
	Gap time.Duration
	// Require are labels that at least one firing of an incident must have.
	Require map[string]string
}

// An Incident is firings of alerts that belong together.
type Incident struct {
	// ID is made of the first alert and when it began; it is fit for the name of a file.
	ID string
	// Range reaches from the first firing to the end of the last.
	event.Range
	// Open is set while one of the alerts is firing.
	Open bool
	// Firings are ordered by their beginning. The first that is an alert leads.
	Firings []Firing
}

// Lead is the firing that the incident is named for: the first alert, or the first of a pager's if there is none.
func (i *Incident) Lead() *Firing {
	for n := range i.Firings {
		if !i.Firings[n].Pager {
			return &i.Firings[n]
		}
	}
	return &i.Firings[0]
}

// Components are those that the alerts are about, sorted.
func (i *Incident) Components() []string {
	found := map[string]bool{}
	for _, f := range i.Firings {
		if f.Component != "" {
			found[f.Component] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// Fold makes incidents of firings, oldest first: those that overlap are one, and those that share a component or are of
// the same alert if no more than the gap lies between them. Alerts that fire for more than half a day draw nothing in,
// and those that only say that alerting works (severity none, Watchdog) are left out. A pager's incident belongs to the
// alerts that it begins with: people may close it hours after they end.
func Fold(firings []Firing, o Options) []Incident {
	sorted := slices.Clone(firings)
	slices.SortStableFunc(sorted, func(a, b Firing) int {
		return cmp.Or(cmp.Compare(order(a), order(b)), cmp.Compare(a.From, b.From), strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
	})
	var alerts, pages, chronic []Incident
	for _, f := range sorted {
		switch one := (Incident{Range: f.Range, Open: f.Open, Firings: []Firing{f}}); {
		case f.Name == "Watchdog" || f.Name == "DeadMansSwitch" || f.Labels["severity"] == "none":
		case f.Pager && attach(alerts, f, o.Gap):
		case f.Duration() > longest:
			chronic = append(chronic, one)
		case f.Pager:
			pages = add(pages, one, o.Gap)
		default:
			alerts = add(alerts, one, o.Gap)
		}
	}
	var out []Incident
	for _, i := range slices.Concat(alerts, pages, chronic) {
		if i.has(o.Require) {
			slices.SortStableFunc(i.Firings, func(a, b Firing) int { return cmp.Compare(a.From, b.From) })
			i.ID = id(i.Lead())
			out = append(out, i)
		}
	}
	slices.SortStableFunc(out, func(a, b Incident) int { return cmp.Or(cmp.Compare(a.From, b.From), strings.Compare(a.ID, b.ID)) })
	return out
}

// order puts alerts before what a pager says of them.
func order(f Firing) int {
	if f.Pager {
		return 1
	}
	return 0
}

// attach gives a pager's incident to the alerts that it begins with, if there are any.
func attach(alerts []Incident, f Firing, gap time.Duration) bool {
	for n := len(alerts) - 1; n >= 0; n-- {
		i := &alerts[n]
		if f.From <= i.To+int64(gap) && f.From >= i.From-int64(gap) {
			i.Firings = append(i.Firings, f)
			return true
		}
	}
	return false
}

// add joins one firing with the incidents before it, which do not overlap each other and are ordered by time. One that is
// joined over quiet time takes in what lies between.
func add(all []Incident, one Incident, gap time.Duration) []Incident {
	for n := len(all) - 1; n >= 0; n-- {
		quiet := one.From - all[n].To
		if quiet > 0 && quiet > int64(gap) {
			break
		}
		if quiet > 0 && (!all[n].akin(&one) || one.To-all[n].From > int64(longest)) {
			continue
		}
		joined := all[n]
		for _, next := range append(slices.Clone(all[n+1:]), one) {
			joined.To = max(joined.To, next.To)
			joined.Open = joined.Open || next.Open
			joined.Firings = append(slices.Clone(joined.Firings), next.Firings...)
		}
		return append(all[:n], joined)
	}
	return append(all, one)
}

// akin tells whether two incidents share a component or an alert.
func (i *Incident) akin(o *Incident) bool {
	for n := range i.Firings {
		for m := range o.Firings {
			a, b := &i.Firings[n], &o.Firings[m]
			if a.Component != "" && a.Component == b.Component || a.same(b) {
				return true
			}
		}
	}
	return false
}

func (i *Incident) has(labels map[string]string) bool {
	return slices.ContainsFunc(i.Firings, func(f Firing) bool {
		for name, value := range labels {
			if f.Labels[name] != value {
				return false
			}
		}
		return true
	})
}

// Is tells whether both are looks at the same incident, one perhaps later than the other: they share a firing of an alert.
func (i *Incident) Is(o *Incident, gap time.Duration) bool {
	for n := range i.Firings {
		for m := range o.Firings {
			a, b := &i.Firings[n], &o.Firings[m]
			if a.alike(b) && a.From <= b.To+int64(gap) && b.From <= a.To+int64(gap) {
				return true
			}
		}
	}
	return false
}

// Extend adds what is known of an earlier look at the incident, whose name it keeps.
func (i *Incident) Extend(old *Incident) {
	i.ID = old.ID
	i.From, i.To = min(i.From, old.From), max(i.To, old.To)
	for _, f := range old.Firings {
		if !slices.ContainsFunc(i.Firings, func(g Firing) bool { return f.alike(&g) && f.From <= g.To && g.From <= f.To }) {
			i.Firings = append(i.Firings, f)
		}
	}
	slices.SortStableFunc(i.Firings, func(a, b Firing) int { return cmp.Compare(a.From, b.From) })
}

// Covers tells whether o says nothing that i does not: no alert more, and no later end.
func (i *Incident) Covers(o *Incident) bool {
	if o.To > i.To+int64(jitter) {
		return false
	}
	for m := range o.Firings {
		if !slices.ContainsFunc(i.Firings, func(f Firing) bool { return f.alike(&o.Firings[m]) }) {
			return false
		}
	}
	return true
}

// id names an incident by its leading firing: when it began, what it is called, and a few digits that tell it from
// another of the same name.
func id(lead *Firing) string {
	sum := sha256.Sum256([]byte(lead.Name + "\x00" + lead.ID))
	return event.Time(lead.From).Format("20060102-150405") + "-" + slug(lead.Name) + "-" + hex.EncodeToString(sum[:4])
}

// slug keeps of a name what every file system and URL takes.
func slug(name string) string {
	text := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return '-'
	}, name)
	text = strings.Trim(text[:min(len(text), 60)], "-")
	return cmp.Or(text, "alert")
}
