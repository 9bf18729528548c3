package detect

import (
	"context"
	"regexp"

	"github.com/hindcast/hindcast/ingest/event"
)

// Milestones finds what programs say of their own life: that they start, stop, take over, are ready.
var Milestones = Detector{
	Name: "milestone",
	Doc: `Rare log lines about the life of a program: starts, stops, takes over, recovers.

A line counts if it comes a few times in the window at the most, no more often than in the time before, and if its words
tell of a turn of state. It says nothing about harm: it dates what happened and what people did.`,
	Run: func(_ context.Context, in *Input) []Observation {
		l := in.Summary.Layout()
		from, to := l.Span(in.Window.Range)
		var all []Observation
		for i := range in.Patterns {
			p := &in.Patterns[i]
			n := p.Counts.Sum(from, to)
			if n == 0 || n > mostMilestones || p.Counts.Sum(l.FirstFine(), from) > 4*mostMilestones || !turning.MatchString(p.Template) {
				continue
			}
			all = append(all, milestones(p)...)
		}
		return all
	},
}

const (
	// mostMilestones is how often a line may come in the window: what comes more often is work, not a turn.
	mostMilestones = 6
	// together is how close the same line is told once.
	together = int64(60e9)
)

// turning are words of states that programs enter and leave.
var turning = regexp.MustCompile(`(?i)\b(?:start(?:ed|ing|s)?(?: up)?|boot(?:ed|ing)|spawned|launch(?:ed|ing)|stopp(?:ed|ing)|exit(?:ed|ing)|shut(?:ting)? ?down|terminat(?:ed|ing)|` +
	`killed|restart(?:ed|ing)|reload(?:ed|ing)?|listening on|ready (?:to|for)|now ready|is (?:up|down|ready|healthy|alive)|back online|promot(?:ed|ing|ion)|elected|became|becomes|takeover|took over|` +
	`fail(?:ed)?[- ]?over|switch(?:ed|over|ing)|\w+ mode enabled|recover(?:ed|y)|cleared|sufficient|resum(?:ed|ing)|reconnect(?:ed|ing)|re-?established|renewed|rotated|` +
	`drain(?:ed|ing)|cordoned|mounted|remounted|upgraded|installed|removed|migrat(?:ed|ion)|rolled back|rollback|consuming|subscribed|registered|joined|left the|back to normal|no longer)\b`)

// milestones makes an observation of each time a pattern came, as far as examples were kept.
func milestones(p *Pattern) []Observation {
	var out []Observation
	for i := 0; i < len(p.In); {
		j := i + 1
		for j < len(p.In) && p.In[j].Time-p.In[j-1].Time < together {
			j++
		}
		few := p.In[i:j]
		out = append(out, Observation{
			Kind: Milestone, Component: event.Component{Name: p.Component, Instance: few[0].Instance}, Onset: few[0].Time, End: few[len(few)-1].Time,
			Strength: 0.5, Title: "“" + Headline(few[0].Text) + "”" + repeated(int64(len(few))), Count: int64(len(few)), Severity: p.Severity, Pattern: p, Unit: "lines",
			Evidence: patternEvidence(p, few, int64(len(few))),
		})
		i = j
	}
	return out
}
