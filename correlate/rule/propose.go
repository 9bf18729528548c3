package rule

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/hindcast/hindcast/correlate/timeline"
)

// mostProposed is how many conditions are proposed of one report: more nobody would look at.
const mostProposed = 5

// leastLiteral is how long a text must be to be looked for: shorter ones stand in too many records.
const leastLiteral = 8

// Propose writes a condition for log entries of a report that no rule recognises: those of the first suspect's chain that
// rest on an anomaly alone, those that nothing explains, then what the short story calls symptoms, at most five. They are
// symptoms of the suspect until a person says otherwise. Wanted are the conditions as a test would see them; both are empty if there is nothing
// to propose. Ids are chosen beside those of known.
func Propose(t *timeline.Timeline, group string, known *Set) (text []byte, wanted []Wanted, err error) {
	p := proposer{t: t, known: known}
	for i := range t.Suspects[:min(1, len(t.Suspects))] {
		p.suspect = &t.Suspects[i]
		p.all(p.suspect.Chain)
	}
	p.all(t.Unexplained)
	p.all(symptoms(t))
	if len(p.conditions) == 0 {
		return nil, nil, nil
	}
	text, err = writeYAML(yaml.MapSlice{{Key: "groups", Value: []yaml.MapSlice{{{Key: "name", Value: slug(group)}, {Key: "conditions", Value: p.conditions}}}}})
	if err != nil {
		return nil, nil, fmt.Errorf("writing proposed conditions: %w", err)
	}
	return text, p.wanted, nil
}

// symptoms are the entries of the short story that are symptoms.
func symptoms(t *timeline.Timeline) []string {
	var ids []string
	for _, e := range t.Entries {
		if e.Starred && e.Role == timeline.Symptom {
			ids = append(ids, e.ID)
		}
	}
	return ids
}

type proposer struct {
	t          *timeline.Timeline
	known      *Set
	suspect    *timeline.Suspect
	conditions []yaml.MapSlice
	wanted     []Wanted
	literals   []string
}

func (p *proposer) all(ids []string) {
	for _, id := range ids {
		i := slices.IndexFunc(p.t.Entries, func(e timeline.Entry) bool { return e.ID == id })
		if i >= 0 && p.t.Entries[i].Kind == "log" && len(p.conditions) < mostProposed {
			p.entry(&p.t.Entries[i])
		}
	}
}

func (p *proposer) entry(e *timeline.Entry) {
	for _, id := range e.Evidence {
		i := slices.IndexFunc(p.t.Evidence, func(v timeline.Evidence) bool { return v.ID == id })
		if i < 0 || p.t.Evidence[i].Rule != "" {
			continue
		}
		literal := longestLiteral(p.t.Evidence[i].Pattern, p.t.Evidence[i].Text)
		if literal == "" || slices.Contains(p.literals, literal) {
			continue
		}
		p.literals = append(p.literals, literal)
		p.propose(e, literal)
		return
	}
}

func (p *proposer) propose(e *timeline.Entry, literal string) {
	id := p.free(slug(e.Component + " " + strings.Join(firstWords(literal, 5), " ")))
	item := yaml.MapSlice{{Key: "log", Value: yaml.MapSlice{{Key: "contains", Value: []string{literal}}}}}
	p.conditions = append(p.conditions, yaml.MapSlice{
		{Key: "id", Value: id},
		{Key: "title", Value: "{{ .component }}: " + strings.ReplaceAll(literal, "{{", "{ {")},
		{Key: "role", Value: string(Symptom)},
		{Key: "when", Value: []yaml.MapSlice{item}},
		{Key: "caused_by", Value: []yaml.MapSlice{p.cause(e)}},
	})
	p.wanted = append(p.wanted, Wanted{ID: id, Component: e.Component, Onset: e.Time.UnixNano()})
}

// cause names the suspect, with the time it took, doubled, as the bound.
func (p *proposer) cause(e *timeline.Entry) yaml.MapSlice {
	within, reach := 15*time.Minute, Any
	what := yaml.MapItem{Key: "change", Value: []string{"deploy", "rollout", "config"}}
	if s := p.suspect; s != nil {
		if s.Component == e.Component {
			reach = Same
		}
		if after := 2 * e.Time.Sub(s.Onset); after > within {
			within = after.Round(15 * time.Minute)
		}
		if p.known.Rule(s.Cause) != nil {
			what = yaml.MapItem{Key: "condition", Value: s.Cause}
		}
	}
	return yaml.MapSlice{what, {Key: "reach", Value: string(reach)}, {Key: "within", Value: durationText(int64(within))}, {Key: "strength", Value: 0.5}}
}

// free is the id, with a number if it is taken.
func (p *proposer) free(id string) string {
	taken := func(id string) bool {
		return id == "" || p.known.Rule(id) != nil || slices.ContainsFunc(p.wanted, func(w Wanted) bool { return w.ID == id })
	}
	for n, base := 2, orElse(id, "proposed"); taken(id); n++ {
		id = fmt.Sprintf("%s-%d", base, n)
	}
	return id
}

var maskForm = regexp.MustCompile(`<[a-z*]+>|  +`)

// longestLiteral is the longest run of a pattern between its masks that stands in the text like that, empty if it is too
// short to look for.
func longestLiteral(pattern, text string) string {
	best := ""
	for _, part := range maskForm.Split(pattern, -1) {
		part = strings.Trim(part, " \t\"'“”()[]{}:,;=")
		if len(part) > len(best) && strings.Contains(text, part) {
			best = part
		}
	}
	if len(best) < leastLiteral {
		return ""
	}
	return best
}

func firstWords(s string, n int) []string {
	words := strings.Fields(s)
	return words[:min(n, len(words))]
}
