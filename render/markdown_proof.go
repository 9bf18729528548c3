package render

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hindcast/hindcast/correlate/timeline"
)

const (
	// mostLines and mostChars keep one piece of evidence to about a screen; the JSON holds all of it.
	mostLines = 20
	mostChars = 1000
	// mostGaps is how many holes of a source a table shows.
	mostGaps = 6
)

// evidenceList shows what the draft refers to, as it was recorded, and how to find it again.
func (d *draft) evidenceList() string {
	var b strings.Builder
	left := 0
	for i := range d.Evidence {
		v := &d.Evidence[i]
		if !d.shown[v.ID] {
			left++
			continue
		}
		d.proof(&b, v)
	}
	if left > 0 {
		fmt.Fprintf(&b, "_%s more in the JSON and HTML reports._\n", counted2(left, "piece of evidence is", "pieces of evidence are"))
	}
	if b.Len() == 0 {
		return "There is none.\n"
	}
	return b.String()
}

func (d *draft) proof(b *strings.Builder, v *timeline.Evidence) {
	fmt.Fprintf(b, "<a id=\"%s\"></a>\n**%s** · %s", anchor(v.ID), inline(v.ID), inline(v.Source))
	if v.Count > 1 {
		b.WriteString(" · " + grouped(v.Count) + " records")
	}
	if v.Pattern != "" {
		b.WriteString(" · pattern " + code(cut(v.Pattern, 200)))
	}
	if v.Rule != "" {
		b.WriteString(" · rule " + code(v.Rule))
	}
	b.WriteString("\n\n")
	if v.Text != "" {
		b.WriteString(fence("text", shortened(v.Text)) + "\n")
	}
	if len(v.Points) > 0 {
		low, high := extremes(v.Points)
		fmt.Fprintf(b, "%s %s to %s%s, from %s to %s\n\n", code(spark(v.Points)), value(low), value(high), unitSuffix(v.Unit),
			d.clock(v.Points[0].Time), d.clock(v.Points[len(v.Points)-1].Time))
	}
	var ways []string
	if link, ok := webLink(v.Link); ok {
		ways = append(ways, "[open]("+link+")")
	}
	if v.Query != "" {
		ways = append(ways, "query "+code(v.Query))
	}
	if v.Origin != "" {
		ways = append(ways, code(v.Origin))
	}
	if len(ways) > 0 {
		b.WriteString(strings.Join(ways, " · ") + "\n\n")
	}
}

func unitSuffix(unit string) string {
	if unit == "" {
		return ""
	}
	return " " + inline(unit)
}

// shortened keeps a text to the first lines, each not too long, and says what is left out.
func shortened(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	more := ""
	if len(lines) > mostLines {
		more = fmt.Sprintf("\n… %s more", counted(len(lines)-mostLines, "line"))
		lines = lines[:mostLines]
	}
	for i := range lines {
		lines[i] = cut(lines[i], mostChars)
	}
	return strings.Join(lines, "\n") + more
}

// spark draws samples with block characters, at most 48 of them, each the highest of its share.
func spark(points []timeline.Point) string {
	const most = 48
	bars := []rune("▁▂▃▄▅▆▇█")
	low, high := extremes(points)
	n := min(len(points), most)
	var b strings.Builder
	for i := range n {
		top := points[i*len(points)/n].Value
		for _, p := range points[i*len(points)/n : (i+1)*len(points)/n] {
			top = max(top, p.Value)
		}
		level := 0
		if high > low {
			level = int((top - low) / (high - low) * float64(len(bars)-1))
		}
		b.WriteRune(bars[min(max(level, 0), len(bars)-1)])
	}
	return b.String()
}

func extremes(points []timeline.Point) (low, high float64) {
	low, high = points[0].Value, points[0].Value
	for _, p := range points {
		low, high = min(low, p.Value), max(high, p.Value)
	}
	return low, high
}

// coverageTable accounts for what was read, and for what was not.
func (d *draft) coverageTable() string {
	t := newTable("#", "Source", "Read", "Kept", "Outside the time", "Gaps and doubts")
	for i, c := range d.Coverage {
		t.row(fmt.Sprintf("C%d", i+1), inline(c.Source), grouped(c.Read), grouped(c.Kept), grouped(c.Outside), d.doubts(c))
	}
	var b strings.Builder
	b.WriteString(t.String() + "\n")
	b.WriteString(maskedWords(d.Redactions))
	fmt.Fprintf(&b, "Rules: %s loaded", counted(d.Generator.Rules, "rule"))
	if d.Generator.RulesSHA256 != "" {
		b.WriteString(" (sha256:" + inline(cut(d.Generator.RulesSHA256, 13)) + ")")
	}
	fmt.Fprintf(&b, ". Compared with %s to %s; changes and trends searched from %s on.\n", d.clock(d.Baseline.From), d.clock(d.Baseline.To), d.clock(d.Lookback.From))
	if d.Command != "" {
		b.WriteString("Made with: " + code(d.Command) + "\n")
	}
	return b.String()
}

// doubts are the gaps, counts and notes of one source.
func (d *draft) doubts(c timeline.Coverage) string {
	var parts []string
	for i, g := range c.Gaps {
		if i == mostGaps {
			parts = append(parts, counted2(len(c.Gaps)-i, "more gap", "more gaps"))
			break
		}
		text := inline(g.Reason)
		if g.Origin != "" && g.Origin != c.Source {
			text = inline(g.Origin) + ": " + text
		}
		if span := d.span(g.From, g.To); span != "" {
			text = "**" + span + " missing** (" + text + ")"
		}
		parts = append(parts, text)
	}
	if c.Unparsed > 0 {
		parts = append(parts, grouped(c.Unparsed)+" could not be read")
	}
	for _, reason := range slices.Sorted(maps.Keys(c.Dropped)) {
		parts = append(parts, grouped(c.Dropped[reason])+" left out: "+inline(reason))
	}
	if c.Borrowed > 0 {
		parts = append(parts, grouped(c.Borrowed)+" without a time of their own were placed by their neighbours")
	}
	for _, n := range c.Notes {
		parts = append(parts, inline(n))
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, "; ")
}

func maskedWords(redactions map[string]int64) string {
	var parts []string
	for _, kind := range slices.Sorted(maps.Keys(redactions)) {
		if n := redactions[kind]; n > 0 {
			parts = append(parts, grouped(n)+" × "+inline(kind))
		}
	}
	if len(parts) == 0 {
		return "Nothing was masked. "
	}
	return "Masked: " + enumerated(parts) + ". "
}
