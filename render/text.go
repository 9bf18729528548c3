package render

import (
	"fmt"
	"io"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"github.com/hindcast/hindcast/correlate/timeline"
)

// A painter colours text, or leaves it as it is.
type painter struct{ on bool }

func (p painter) paint(st lipgloss.Style, s string) string {
	if !p.on || s == "" {
		return s
	}
	return st.Render(s)
}

var (
	bold  = lipgloss.NewStyle().Bold(true)
	faint = lipgloss.NewStyle().Faint(true)
)

// roleStyle gives the colour of a role: one of the sixteen that every terminal has, in the shade its user chose.
func roleStyle(r timeline.Role) lipgloss.Style {
	switch r {
	case timeline.Trigger, timeline.Cause:
		return bold.Foreground(lipgloss.Red)
	case timeline.Symptom:
		return lipgloss.NewStyle().Foreground(lipgloss.Yellow)
	case timeline.Detection, timeline.Response:
		return lipgloss.NewStyle().Foreground(lipgloss.Cyan)
	case timeline.Mitigation, timeline.Recovery:
		return lipgloss.NewStyle().Foreground(lipgloss.Green)
	case timeline.GapRole:
		return lipgloss.NewStyle().Foreground(lipgloss.Magenta)
	default:
		return faint
	}
}

// writeText writes the short story for a terminal: what it was about, the suspects, the table.
func writeText(w io.Writer, t *timeline.Timeline, o Options) error {
	s, p := newStory(t), painter{on: o.Color}
	var b strings.Builder
	textHead(&b, s, p, o)
	textTable(&b, s, p, o)
	textSuspects(&b, s, p, o)
	textDoubts(&b, s, p, o)
	_, err := io.WriteString(w, b.String())
	return err
}

func textHead(b *strings.Builder, s *story, p painter, o Options) {
	st := newStamps(s.Timeline, o)
	fmt.Fprintln(b, p.paint(bold, clean(o.title(s.Timeline))))
	if s.Incomplete {
		fmt.Fprintln(b, p.paint(bold.Foreground(lipgloss.Red), "INCOMPLETE: the run was interrupted, this is what was read until then"))
	}
	from, to := s.Window.From.In(st.loc), s.Window.To.In(st.loc)
	end := to.Format(time.TimeOnly)
	if from.Format(time.DateOnly) != to.Format(time.DateOnly) {
		end = to.Format(time.DateTime)
	}
	indented(b, "window   ", fmt.Sprintf("%s .. %s %s (%s, %s)", from.Format(time.DateTime), end, st.zone(), inWords(to.Sub(from)), clean(s.Window.Source)), o.width())
	indented(b, "verdict  ", verdictLine(s, p), o.width())
	if c := s.first(); c != nil && s.Verdict == timeline.Found && len(c.Chain) > 1 {
		indented(b, "chain    ", chainLine(s, c), o.width())
	}
	b.WriteByte('\n')
}

func (o Options) width() int {
	switch {
	case o.Width <= 0:
		return 120
	case o.Width < 60:
		return 60
	default:
		return o.Width
	}
}

func verdictLine(s *story, p painter) string {
	c := s.first()
	switch {
	case s.Verdict == timeline.NothingUnusual:
		return p.paint(bold.Foreground(lipgloss.Green), "nothing unusual")
	case s.Verdict == timeline.Found && c != nil:
		return fmt.Sprintf("%s (%s %s)", p.paint(bold.Foreground(lipgloss.Red), clean(c.Title)), score(c.Confidence), c.Level)
	case c != nil:
		return fmt.Sprintf("%s; the best of %s is: %s (%s %s)", p.paint(bold, "inconclusive"), counted(len(s.Suspects), "explanation"), clean(c.Title), score(c.Confidence), c.Level)
	case s.blank():
		return p.paint(bold, "inconclusive") + ": nothing was seen"
	default:
		return p.paint(bold, "inconclusive")
	}
}

func chainLine(s *story, c *timeline.Suspect) string {
	var steps []string
	for _, id := range c.Chain {
		if e := s.entries[id]; e != nil {
			steps = append(steps, cut(clean(e.Title), 60))
		}
	}
	return strings.Join(steps, " → ")
}

// indented writes text behind a label, wrapped, with the following lines under the first.
func indented(b *strings.Builder, label, text string, width int) {
	left := lipgloss.Width(label)
	for i, line := range strings.Split(lipgloss.Wrap(text, max(20, width-left), ""), "\n") {
		if i > 0 {
			label = strings.Repeat(" ", left)
		}
		b.WriteString(label)
		b.WriteString(strings.TrimRight(line, " "))
		b.WriteByte('\n')
	}
}

func textTable(b *strings.Builder, s *story, p painter, o Options) {
	rows := s.short(o.All)
	if len(rows) == 0 {
		return
	}
	st := newStamps(s.Timeline, o)
	wide := [3]int{}
	cells := make([][3]string, len(rows))
	for i, e := range rows {
		cells[i] = [3]string{st.at(e.Time, e.ErrorSeconds), string(e.Role), cut(clean(e.Component), 24)}
		for c := range cells[i] {
			wide[c] = max(wide[c], lipgloss.Width(cells[i][c]))
		}
	}
	for i, e := range rows {
		role := p.paint(roleStyle(e.Role), pad(cells[i][1], wide[1]))
		label := pad(cells[i][0], wide[0]) + "  " + role + "  " + pad(cells[i][2], wide[2]) + "  "
		indented(b, label, textTitle(e, st, p), o.width())
	}
	if hidden := len(s.Entries) - len(rows); hidden > 0 {
		fmt.Fprintln(b, p.paint(faint, fmt.Sprintf("%s more in the JSON, or with --all", grouped(int64(hidden)))))
	}
	b.WriteByte('\n')
}

func textTitle(e timeline.Entry, st stamps, p painter) string {
	title := clean(e.Title) + p.paint(faint, times(&e))
	if e.End != nil && e.End.After(e.Time) {
		title += p.paint(faint, " until "+st.clock(*e.End))
	}
	return title + p.paint(faint, cited(e.Evidence))
}

func pad(s string, n int) string { return s + strings.Repeat(" ", max(0, n-lipgloss.Width(s))) }

func textSuspects(b *strings.Builder, s *story, p painter, o Options) {
	st := newStamps(s.Timeline, o)
	for i, c := range s.Suspects {
		if i > 0 && !o.All && i >= 3 {
			fmt.Fprintln(b, p.paint(faint, counted(len(s.Suspects)-i, "weaker explanation")+" more in the JSON"))
			break
		}
		head := fmt.Sprintf("%d  %s %s  ", i+1, score(c.Confidence), c.Level)
		indented(b, head, p.paint(bold, clean(c.Title))+p.paint(faint, " ("+about(c, st)+")"), o.width())
		for _, r := range c.Reasons {
			indented(b, "   because  ", sentence(r), o.width())
		}
		for _, r := range c.Against {
			indented(b, "   against  ", sentence(r), o.width())
		}
		if i > 0 {
			continue
		}
		for _, n := range c.NextChecks {
			indented(b, "   check    ", clean(n), o.width())
		}
	}
	for _, r := range s.RuledOut {
		indented(b, "ruled out  ", clean(r.Title)+": "+clean(r.Reason)+cited(r.Evidence), o.width())
	}
}

// about names the component of a suspect and when it began.
func about(c timeline.Suspect, st stamps) string {
	since := "since " + st.at(c.Onset, c.OnsetError)
	if c.Component == "" {
		return since
	}
	return clean(c.Component) + ", " + since
}

func sentence(r timeline.Sentence) string { return clean(r.Text) + cited(r.Evidence) }

// cited names evidence behind a statement.
func cited(ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	return " [" + clean(strings.Join(ids, " ")) + "]"
}

// textDoubts says what evidence is missing; nothing is left out silently, but much is summed up.
func textDoubts(b *strings.Builder, s *story, p painter, o Options) {
	st := newStamps(s.Timeline, o)
	for _, c := range s.Coverage {
		for i, g := range c.Gaps {
			if i == 3 && !o.All {
				fmt.Fprintf(b, "missing  %s: %s more\n", clean(c.Source), counted(len(c.Gaps)-i, "gap"))
				break
			}
			indented(b, p.paint(roleStyle(timeline.GapRole), "missing  "), gapLine(c.Source, g, st), o.width())
		}
		if c.Unparsed > 0 {
			fmt.Fprintf(b, "missing  %s: %s of %s records could not be read\n", clean(c.Source), grouped(c.Unparsed), grouped(c.Read))
		}
	}
}

func gapLine(source string, g timeline.Gap, st stamps) string {
	parts := []string{clean(source)}
	if g.Origin != "" && g.Origin != source {
		parts = append(parts, clean(g.Origin))
	}
	text := strings.Join(parts, " ")
	if span := st.span(g.From, g.To); span != "" {
		text += " " + span
	}
	return text + ": " + clean(g.Reason)
}
