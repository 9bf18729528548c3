package detect

import (
	"strings"

	"github.com/hindcast/hindcast/correlate/summary"
	"github.com/hindcast/hindcast/correlate/timeline"
	"github.com/hindcast/hindcast/ingest/event"
)

// mostPoints is how many samples a chart in a report has.
const mostPoints = 240

// signalEvidence shows a series over baseline and window.
func signalEvidence(s *Signal, w event.Window) []timeline.Evidence {
	times, values := finite(s.Within(event.Range{From: w.Baseline.From, To: w.To}))
	if len(times) == 0 {
		times, values = finite(s.Times, s.Values)
	}
	return []timeline.Evidence{{
		Source: s.Source, Origin: s.Source, Query: s.Query, Unit: s.Unit, Count: int64(len(times)), Points: thin(times, values),
		Text: s.Query,
	}}
}

// thin keeps of each group of samples the one furthest from the group's first, so that peaks stay.
func thin(times []int64, values []float64) []timeline.Point {
	per := (len(times) + mostPoints - 1) / mostPoints
	if per == 0 {
		return nil
	}
	points := make([]timeline.Point, 0, mostPoints)
	for i := 0; i < len(times); i += per {
		k := i
		for j := i; j < min(i+per, len(times)); j++ {
			if abs(values[j]-values[i]) > abs(values[k]-values[i]) {
				k = j
			}
		}
		points = append(points, timeline.Point{Time: event.Time(times[k]), Value: values[k]})
	}
	return points
}

func abs(v float64) float64 {
	if v < 0 {
		return -v
	}
	return v
}

// patternEvidence shows the first lines of a pattern.
func patternEvidence(p *Pattern, x []summary.Exemplar, count int64) []timeline.Evidence {
	e := timeline.Evidence{Count: count, Pattern: p.Template}
	if len(x) > 0 {
		e.Source, e.Origin = x[0].Origin.Source, x[0].Origin.String()
	}
	e.Text, e.Message = summary.Texts(x)
	e.Query = "component " + p.Component + ", pattern " + p.ID
	return []timeline.Evidence{e}
}

// eventEvidence shows an event as it was written.
func eventEvidence(e *event.Event) []timeline.Evidence {
	text := e.Text
	if text == "" {
		text = e.Title
	}
	return []timeline.Evidence{{Source: e.Origin.Source, Origin: e.Origin.String(), Text: text, Count: max(e.Count, 1)}}
}

// labelHint names the part of a component that a series is about, where its labels tell.
func labelHint(s *Signal) string {
	if s.Series == nil || s.Series.Name != s.Name {
		return ""
	}
	var hints []string
	for _, l := range s.Series.Labels {
		switch l.Name {
		case "instance", "pod", "pool", "device", "mountpoint", "queue", "topic", "state", "database", "datname", "handler", "path", "target", "node", "container", "dag_id", "role", "statistic", "metric", "type", "area":
			if l.Value != "" && l.Value != s.Component.Name {
				hints = append(hints, l.Name+"="+l.Value)
			}
		}
	}
	if len(hints) == 0 {
		return ""
	}
	if len(hints) > 3 {
		hints = hints[:3]
	}
	return " (" + strings.Join(hints, ", ") + ")"
}
