package render

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/hindcast/hindcast/correlate/timeline"
)

var (
	//go:embed page/page.html
	pageText string
	//go:embed page/page.css
	pageStyle string
	//go:embed page/page.js
	pageScript string

	page = template.Must(template.New("page").Parse(pageText))
)

// mostRows is how many entries a page holds: beyond it browsers get slow, and nobody reads on.
const mostRows = 500

// A link leads to a piece of evidence within the page.
type link struct{ ID, Anchor string }

type pageTime struct {
	Name, When, How string
	Refs            []link
}

type pageSentence struct {
	Label, Text string
	Refs        []link
}

type pageRow struct {
	Anchor, ISO, When, Kind, Component, Title, Role, Count, Score string
	Starred                                                       bool
	Refs                                                          []link
}

type pageSuspect struct {
	First               bool
	Score, Level, Title string
	Chain               []pageRow
	Points              []pageSentence
}

type pageEvidence struct {
	ID, Anchor, Head, Text, Link, Query, Origin string
	Chart                                       template.HTML
}

type pageCoverage struct {
	Source, Read, Kept, Outside, Unparsed string
	Doubts                                []string
}

// pageData is what the template shows.
type pageData struct {
	Policy, Title, Window, Generated, Version, Verdict, VerdictLine, Zone, Masked, Rules, Command string

	Style      template.CSS
	Script     template.JS
	Lanes      template.HTML
	Incomplete bool
	More       int
	KeyTimes   []pageTime
	Summary    []pageSentence
	Suspects   []pageSuspect
	Rows       []pageRow
	Evidence   []pageEvidence
	Coverage   []pageCoverage
}

// writeHTML writes one file that asks for nothing else: style and script are in it, and the policy allows only these two
// by their hashes. All text goes through html/template; pictures are drawn here, with no text of theirs but numbers and escaped names.
func writeHTML(w io.Writer, t *timeline.Timeline, o Options) error {
	h := &htmlPage{story: newStory(t), stamps: newStamps(t, o)}
	d := pageData{
		Policy: PagePolicy(),
		Style:  template.CSS(pageStyle), Script: template.JS(pageScript), Lanes: h.lanes(), //nolint:gosec // our own files, and a picture made here
		Title: clean(o.title(t)), Zone: h.zone(), Incomplete: t.Incomplete, Version: clean(t.Generator.Version), Verdict: string(t.Verdict),
		VerdictLine: clean(verdictLine(h.story, painter{})), Command: clean(t.Command), Masked: maskedWords(t.Redactions),
		Window: fmt.Sprintf("%s to %s %s (%s, %s)", t.Window.From.In(h.loc).Format(time.DateTime), t.Window.To.In(h.loc).Format(time.DateTime), h.zone(), inWords(t.Window.To.Sub(t.Window.From)), clean(t.Window.Source)),
		Rules:  "Rules: " + counted(t.Generator.Rules, "rule") + " loaded.",
	}
	if !o.Generated.IsZero() {
		d.Generated = o.Generated.UTC().Format(time.RFC3339)
	}
	for _, k := range keyTimes(&t.KeyTimes) {
		if at := *k.at; at != nil {
			d.KeyTimes = append(d.KeyTimes, pageTime{Name: k.name, When: h.at(at.Time, at.ErrorSeconds), How: clean(at.How), Refs: h.links(at.Evidence)})
		}
	}
	for _, s := range t.Summary {
		d.Summary = append(d.Summary, pageSentence{Text: clean(s.Text), Refs: h.links(s.Evidence)})
	}
	for i := range t.Suspects {
		d.Suspects = append(d.Suspects, h.suspect(i))
	}
	rows := t.Entries
	if len(rows) > mostRows {
		rows = h.short(false)
		rows = rows[:min(len(rows), mostRows)]
		d.More = len(t.Entries) - len(rows)
	}
	for i := range rows {
		d.Rows = append(d.Rows, h.row(&rows[i]))
	}
	h.evidenceAndCoverage(&d)
	return page.Execute(w, d)
}

// PagePolicy is the Content-Security-Policy that pages of the HTML format say of themselves, for servers that show them.
func PagePolicy() string {
	return "default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-" + SourceHash(pageStyle) + "'; script-src 'sha256-" + SourceHash(pageScript) + "'"
}

// SourceHash is the hash of a style or script as a policy names it.
func SourceHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// An htmlPage turns parts of a story into what the template shows.
type htmlPage struct {
	*story
	stamps
}

func (h *htmlPage) links(ids []string) []link {
	var all []link
	for _, id := range h.refs(ids) {
		all = append(all, link{ID: clean(id), Anchor: anchor(id)})
	}
	return all
}

func (h *htmlPage) row(e *timeline.Entry) pageRow {
	r := pageRow{
		Anchor: anchor(e.ID), ISO: e.Time.UTC().Format(time.RFC3339Nano), When: h.at(e.Time, e.ErrorSeconds), Kind: clean(e.Kind),
		Component: clean(e.Component), Title: clean(e.Title), Role: clean(string(e.Role)), Score: score(e.Confidence), Starred: e.Starred, Refs: h.links(e.Evidence),
	}
	r.Count = strings.TrimSpace(times(e))
	if h.evidence[e.ID] != nil {
		r.Anchor = "row-" + r.Anchor
	}
	return r
}

func (h *htmlPage) suspect(i int) pageSuspect {
	c := &h.Suspects[i]
	s := pageSuspect{First: i == 0, Score: score(c.Confidence), Level: string(c.Level), Title: clean(c.Title)}
	for _, id := range c.Chain {
		if e := h.entries[id]; e != nil {
			s.Chain = append(s.Chain, h.row(e))
		}
	}
	for _, r := range c.Reasons {
		s.Points = append(s.Points, pageSentence{Label: "For", Text: clean(r.Text), Refs: h.links(r.Evidence)})
	}
	for _, r := range c.Against {
		s.Points = append(s.Points, pageSentence{Label: "Against", Text: clean(r.Text), Refs: h.links(r.Evidence)})
	}
	for _, l := range c.Links {
		s.Points = append(s.Points, pageSentence{Label: "Link " + score(l.Confidence), Text: clean(l.Why), Refs: h.links([]string{l.From, l.To})})
	}
	for _, n := range c.NextChecks {
		s.Points = append(s.Points, pageSentence{Label: "Check", Text: clean(n)})
	}
	return s
}

func (h *htmlPage) evidenceAndCoverage(d *pageData) {
	for i := range h.Evidence {
		v := &h.Evidence[i]
		e := pageEvidence{ID: clean(v.ID), Anchor: anchor(v.ID), Head: clean(v.Source), Text: cleanLines(shortened(v.Text)), Query: clean(v.Query), Origin: clean(v.Origin), Chart: h.curve(v)}
		if v.Count > 1 {
			e.Head += " · " + grouped(v.Count) + " records"
		}
		if v.Rule != "" {
			e.Head += " · rule " + clean(v.Rule)
		}
		if l, ok := webLink(v.Link); ok {
			e.Link = l
		}
		d.Evidence = append(d.Evidence, e)
	}
	for _, c := range h.Coverage {
		p := pageCoverage{Source: clean(c.Source), Read: grouped(c.Read), Kept: grouped(c.Kept), Outside: grouped(c.Outside), Unparsed: grouped(c.Unparsed)}
		for _, g := range c.Gaps {
			p.Doubts = append(p.Doubts, gapLine(c.Source, g, h.stamps))
		}
		for _, n := range c.Notes {
			p.Doubts = append(p.Doubts, clean(n))
		}
		d.Coverage = append(d.Coverage, p)
	}
}

// lanes draws the entries of the window, a lane a component, at most twenty.
func (h *htmlPage) lanes() template.HTML {
	const width, left, step = 1160, 170, 22
	span := h.Window.To.Sub(h.Window.From)
	var names []string
	for _, e := range h.Entries {
		if !slices.Contains(names, e.Component) && len(names) < 20 {
			names = append(names, e.Component)
		}
	}
	if span <= 0 || len(names) == 0 {
		return ""
	}
	x := func(t time.Time) float64 {
		share := min(max(float64(t.Sub(h.Window.From))/float64(span), 0), 1)
		return left + share*(width-left-20)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" role="img"><title>Entries by component and time</title><desc>The table below holds all that is drawn here.</desc>`, width, step*len(names)+24)
	for i, name := range names {
		y := step*i + 16
		fmt.Fprintf(&b, `<text x="0" y="%d">%s</text><line class="lane" x1="%d" y1="%d" x2="%d" y2="%d"/>`, y+4, template.HTMLEscapeString(cut(clean(orDash(name)), 24)), left, y, width-20, y)
		for _, e := range h.Entries {
			if e.Component == name {
				b.WriteString(mark(&e, x(e.Time), float64(y), h.stamps))
			}
		}
	}
	y := step*len(names) + 18
	fmt.Fprintf(&b, `<text x="%d" y="%d">%s</text><text x="%d" y="%d">%s</text></svg>`, left, y, h.clock(h.Window.From), width-130, y, h.clock(h.Window.To))
	return template.HTML(b.String()) //nolint:gosec // numbers, our own words and escaped names
}

// mark draws one entry: its shape tells its kind, its colour its role.
func mark(e *timeline.Entry, x, y float64, s stamps) string {
	class := template.HTMLEscapeString(clean(string(e.Role)))
	title := template.HTMLEscapeString(s.at(e.Time, e.ErrorSeconds) + " " + cut(clean(e.Title), 120))
	switch e.Kind {
	case "change":
		return fmt.Sprintf(`<path class="mark %s" d="M%.1f %.1fl6 10h-12z"><title>%s</title></path>`, class, x, y-6, title)
	case "alert":
		return fmt.Sprintf(`<path class="mark %s" d="M%.1f %.1fl6 6-6 6-6-6z"><title>%s</title></path>`, class, x, y-6, title)
	case "metric", "gap":
		return fmt.Sprintf(`<rect class="mark %s" x="%.1f" y="%.1f" width="9" height="9"><title>%s</title></rect>`, class, x-4.5, y-4.5, title)
	default:
		return fmt.Sprintf(`<circle class="mark %s" cx="%.1f" cy="%.1f" r="4.5"><title>%s</title></circle>`, class, x, y, title)
	}
}

// curve draws the samples of a series, with its ends in words.
func (h *htmlPage) curve(v *timeline.Evidence) template.HTML {
	points := finite(v.Points)
	if len(points) < 2 {
		return ""
	}
	const width, height = 600.0, 80.0
	low, high := extremes(points)
	from := points[0].Time
	span := points[len(points)-1].Time.Sub(from)
	if span <= 0 {
		return ""
	}
	var b strings.Builder
	for i, p := range points {
		y := height / 2
		if high > low {
			y = height - 4 - (p.Value-low)/(high-low)*(height-8)
		}
		verb := "L"
		if i == 0 {
			verb = "M"
		}
		fmt.Fprintf(&b, "%s%.1f %.1f", verb, float64(p.Time.Sub(from))/float64(span)*width, y)
	}
	words := fmt.Sprintf("%s to %s%s between %s and %s", value(low), value(high), unitSuffix(v.Unit), h.clock(from), h.clock(points[len(points)-1].Time))
	return template.HTML(fmt.Sprintf(`<svg viewBox="0 0 %.0f %.0f" role="img"><title>%s</title><path class="curve" d="%s"/></svg><p class="where">%[3]s</p>`, width, height, template.HTMLEscapeString(words), b.String())) //nolint:gosec // numbers and escaped words
}
