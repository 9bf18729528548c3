package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/hindcast/hindcast/cmd/hindcast/config"
	"github.com/hindcast/hindcast/cmd/hindcast/incident"
	"github.com/hindcast/hindcast/ingest/event"
)

const (
	// defaultAround is how long a window around a time is.
	defaultAround = 30 * time.Minute
	// defaultLookback is how far back changes and trends are searched: a release can need a weekend to do its harm.
	defaultLookback = 72 * time.Hour
	// The baseline is four windows long, as far as these limits allow.
	leastBaseline, mostBaseline = 30 * time.Minute, 24 * time.Hour
	// An alert waits before it fires, and what recovers needs time after it: a window taken from one begins earlier and ends later.
	leastLead, mostLead = 2 * time.Minute, 30 * time.Minute
	leastLag, mostLag   = 2 * time.Minute, 15 * time.Minute
)

// windowFlags say what the window is. At most one way may be used.
type windowFlags struct {
	from, to, around, alert, pagerduty string
	since, length                      durationFlag
	lead, lag                          durationFlag
	baseline, lookback                 durationFlag
}

func (w *windowFlags) define(f *pflag.FlagSet) {
	f.StringVar(&w.from, "from", "", "the window's beginning, see: hindcast help times (`TIME`)")
	f.StringVar(&w.to, "to", "", "its end (default the evidence's, or now) (`TIME`)")
	f.Var(&w.since, "since", "the window is this long and ends now")
	f.StringVar(&w.around, "around", "", "the window lies around this time (`TIME`)")
	f.Var(&w.length, "window", "how long it is with --around (default 30m)")
	f.StringVar(&w.alert, "alert", "", "the window is taken from the last firing of this alert, or from this pager incident (`NAME|FINGERPRINT|ID`)")
	f.StringVar(&w.pagerduty, "pagerduty", "", "the window is taken from this incident of PagerDuty, however long ago it was (`ID|NUMBER`)")
	f.Var(&w.lead, "lead", "added before the window (default for a window taken from an alert: half its length, 2m to 30m)")
	f.Var(&w.lag, "lag", "added after the window (default for a window taken from an alert: a quarter of its length, 2m to 15m)")
	f.Var(&w.baseline, "baseline", "how much time before the window it is compared with (default four times the window, 30m to 24h)")
	f.Var(&w.lookback, "lookback", "how far back changes, trends and periodic events are searched (default 72h)")
}

// A windower finds the window and gives its reason in words.
type windower struct {
	flags  *windowFlags
	global config.Global
	clock  clock
}

// explicit reads the ways that need no evidence; false if none was used. An open end is left 0.
func (w *windower) explicit() (event.Window, bool, error) {
	f := w.flags
	var ways []string
	for _, way := range []struct {
		name string
		used bool
	}{{"--from", f.from != ""}, {"--since", f.since != 0}, {"--around", f.around != ""}, {"--alert", f.alert != ""}, {"--pagerduty", f.pagerduty != ""}} {
		if way.used {
			ways = append(ways, way.name)
		}
	}
	switch {
	case len(ways) > 1:
		return event.Window{}, false, usage("one of them is enough", "%s and %s cannot be used together", ways[0], ways[1])
	case f.to != "" && f.from == "":
		return event.Window{}, false, usage("say where it begins: --from TIME", "--to without --from")
	case f.length != 0 && f.around == "":
		return event.Window{}, false, usage("", "--window belongs to --around")
	case len(ways) == 0 || f.alert != "" || f.pagerduty != "":
		return event.Window{}, false, nil
	}
	return w.fromTimes()
}

func (w *windower) fromTimes() (event.Window, bool, error) {
	f := w.flags
	var win event.Window
	switch {
	case f.since != 0:
		win.From, win.To = w.clock.now.Add(-time.Duration(f.since)).UnixNano(), w.clock.now.UnixNano()
		win.Source = "from --since " + f.since.String()
	case f.around != "":
		at, err := w.clock.parse(f.around, time.Time{})
		if err != nil {
			return win, false, err
		}
		length := cmp.Or(time.Duration(f.length), defaultAround)
		win.From, win.To = at.Add(-length/2).UnixNano(), at.Add(length/2).UnixNano()
		win.Source = "from --around " + f.around
	default:
		from, err := w.clock.parse(f.from, time.Time{})
		if err != nil {
			return win, false, err
		}
		win.From, win.Source = from.UnixNano(), "from --from"
		if f.to != "" {
			to, err := w.clock.parse(f.to, from)
			if err != nil {
				return win, false, err
			}
			if !to.After(from) {
				return win, false, usage("", "the window is empty: --to %s is not after --from %s", to.Format(time.RFC3339), from.Format(time.RFC3339))
			}
			win.To, win.Source = to.UnixNano(), "from --from and --to"
		}
	}
	win.From -= int64(f.lead)
	if win.To != 0 {
		win.To += int64(f.lag)
	}
	return w.complete(win), true, nil
}

// outside says where the evidence of files lies if none of it lies in the window: that is no quiet time, but a wrong one.
func outside(win event.Window, events []event.Event, evidence event.Range) string {
	inside := slices.ContainsFunc(events, func(e event.Event) bool { return e.Time >= win.From && e.Time < win.To })
	if inside || evidence.IsZero() || evidence.From < win.To && evidence.To >= win.From {
		return ""
	}
	return fmt.Sprintf("nothing of the window: the evidence goes from %s to %s",
		event.Time(evidence.From).Format(time.RFC3339), event.Time(evidence.To).Format(time.RFC3339))
}

// divide makes a baseline of the first part of a window that begins where the evidence begins, since there is nothing
// before it to compare with: what lies before the first alert that is not always firing, or else the first half.
func (w *windower) divide(win event.Window, events []event.Event, evidence event.Range) event.Window {
	asked := time.Duration(w.flags.baseline) + time.Duration(w.global.Baseline)
	if asked != 0 || evidence.IsZero() || evidence.From < win.From-int64(win.Duration())/10 {
		return win
	}
	begin := max(win.From, evidence.From)
	split, why := begin+(win.To-begin)/2, "its first half"
	for _, s := range incident.Firings(events, evidence.To) {
		if s.Times > 2 || s.From <= begin || s.From >= win.To {
			continue
		}
		lead := min(max(s.Duration()/2, leastLead), mostLead, time.Duration(s.From-begin)/3)
		if at := s.From - int64(lead); at < split || why == "its first half" {
			split, why = at, "what lies before alert "+s.Name
		}
	}
	divided := event.Window{Range: event.Range{From: split, To: win.To}}
	divided.Source = win.Source + "; nothing before " + event.Time(win.From).Format(time.RFC3339) + " to compare with, so " + why + " serves"
	divided = w.complete(divided)
	divided.Baseline.From = begin
	return divided
}

// complete adds the baseline and the lookback to a range.
func (w *windower) complete(win event.Window) event.Window {
	baseline := cmp.Or(time.Duration(w.flags.baseline), time.Duration(w.global.Baseline))
	if baseline == 0 {
		baseline = leastBaseline
		if win.To != 0 {
			baseline = min(max(4*win.Duration(), leastBaseline), mostBaseline)
		}
	}
	lookback := cmp.Or(time.Duration(w.flags.lookback), time.Duration(w.global.Lookback), defaultLookback)
	win.Baseline = event.Range{From: win.From - int64(baseline), To: win.From}
	win.Lookback = event.Range{From: win.From - int64(max(lookback, baseline)), To: win.From}
	return win
}

// found takes the window from what was found: an alert that was named, the worst of all alerts, or the extent of the evidence.
func (w *windower) found(events []event.Event, extent event.Range) (event.Window, error) {
	spans := incident.Firings(events, cmp.Or(extent.To, w.clock.now.UnixNano()))
	if w.flags.alert != "" {
		named := slices.DeleteFunc(slices.Clone(spans), func(s incident.Firing) bool { return s.Name != w.flags.alert && s.ID != w.flags.alert })
		if len(named) == 0 {
			return event.Window{}, noSuchAlert(w.flags.alert, spans)
		}
		last := slices.MaxFunc(named, func(a, b incident.Firing) int { return cmp.Compare(a.From, b.From) })
		return w.around(last, last.Range, extent), nil
	}
	if len(spans) > 0 {
		worst := slices.MaxFunc(spans, worse)
		return w.around(worst, grow(worst, spans), extent), nil
	}
	if extent.IsZero() {
		return event.Window{}, usage("name it with --from and --to, --since or --around", "the window cannot be found: the evidence holds no alert and no time stamp")
	}
	return w.whole(extent), nil
}

// around makes a window of the time alerts were firing, with some time before and after it.
func (w *windower) around(s incident.Firing, firing, extent event.Range) event.Window {
	lead := min(max(firing.Duration()/2, leastLead), mostLead)
	if before := time.Duration(firing.From - extent.From); !extent.IsZero() && before > 0 {
		lead = min(lead, before/3) // what is left has to serve as the baseline
	}
	lag := min(max(firing.Duration()/4, leastLag), mostLag)
	lead = cmp.Or(time.Duration(w.flags.lead), time.Duration(w.global.Window.Lead), lead)
	lag = cmp.Or(time.Duration(w.flags.lag), time.Duration(w.global.Window.Lag), lag)
	second := int64(time.Second)
	win := event.Window{Range: event.Range{
		From: (firing.From - int64(lead)) / second * second,
		To:   (firing.To + int64(lag) + second) / second * second,
	}}
	win.Source = fmt.Sprintf("from %s, %s to %s, with %s before and %s after", s.Words(),
		event.Time(firing.From).Format(time.RFC3339), event.Time(firing.To).Format(time.RFC3339), durationFlag(lead.Round(time.Second)).text(), durationFlag(lag.Round(time.Second)).text())
	return w.complete(win)
}

// whole makes a window of all the evidence but its first fifth, which serves as the baseline.
func (w *windower) whole(extent event.Range) event.Window {
	win := event.Window{Range: extent}
	baseline := cmp.Or(time.Duration(w.flags.baseline), time.Duration(w.global.Baseline), extent.Duration()/5)
	if baseline < extent.Duration() {
		win.From += int64(baseline)
	}
	win.To++
	win.Source = fmt.Sprintf("no alert was found: all the evidence from %s to %s, its first %s to compare with",
		event.Time(extent.From).Format(time.RFC3339), event.Time(extent.To).Format(time.RFC3339), durationFlag(baseline.Round(time.Second)).text())
	win = w.complete(win)
	win.Baseline.From = win.From - int64(baseline)
	return win
}

// worse orders firings by how likely they are what a person asks about: alerts before pager incidents, which only repeat
// them; then severity; what fires seldom before what flaps; what lasts longer; and the later.
func worse(a, b incident.Firing) int {
	return cmp.Or(
		-compareBool(a.Pager, b.Pager), cmp.Compare(a.Severity, b.Severity), cmp.Compare(b.Times, a.Times),
		cmp.Compare(a.Duration(), b.Duration()), cmp.Compare(a.From, b.From), strings.Compare(b.Name, a.Name),
	)
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	default:
		return -1
	}
}

// grow widens a firing by the others that belong to the same incident: those that began at most an hour before and overlap
// or follow at once. Alerts that fire all the time tell nothing. A pager's incident lasts as long as people keep it open.
func grow(worst incident.Firing, spans []incident.Firing) event.Range {
	r := worst.Range
	limit := worst.From - int64(time.Hour)
	last := worst.To + int64(2*time.Hour)
	for changed := true; changed; {
		changed = false
		for _, s := range spans {
			if s.Times > 2 || s.From < limit || s.To > last && !s.Pager || s.From > r.To+int64(5*time.Minute) || s.To < r.From-int64(5*time.Minute) {
				continue
			}
			if s.From < r.From || s.To > r.To {
				r.From, r.To = min(r.From, s.From), max(r.To, s.To)
				changed = true
			}
		}
	}
	return r
}

func noSuchAlert(name string, spans []incident.Firing) error {
	var names []string
	for _, s := range spans {
		if !slices.Contains(names, s.Name) {
			names = append(names, s.Name)
		}
	}
	slices.Sort(names)
	hint := "the evidence holds no alert at all"
	if n := config.Nearest(name, names); n != "" {
		hint = fmt.Sprintf("did you mean %q?", n)
	} else if len(names) > 0 {
		hint = "the evidence holds " + strings.Join(names[:min(len(names), 12)], ", ")
	}
	return usage(hint, "--alert %s: no such alert", name)
}
