package render

import (
	"embed"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"time"

	"github.com/hindcast/hindcast/correlate/timeline"
)

//go:embed templates/*.md
var templateFiles embed.FS

// templates are the orders of sections that drafts can have, the default first.
var templates = []string{"hindcast", "srebook", "pagerduty", "atlassian"}

// Templates lists the names of the Markdown templates.
func Templates() []string { return slices.Clone(templates) }

// A block is a part of a draft that can be made again.
type block struct {
	name string
	make func(*draft) string
}

// blocks are those that a template can ask for with {{part "name"}}.
var blocks = []block{
	{"summary", (*draft).summary},
	{"impact", (*draft).impactTable},
	{"keytimes", (*draft).keyTimeTable},
	{"chain", (*draft).chain},
	{"alternatives", (*draft).alternatives},
	{"timeline", (*draft).table},
	{"leadup", (*draft).leadUp},
	{"factors", (*draft).factors},
	{"detection", (*draft).detection},
	{"handling", (*draft).handling},
	{"recovery", (*draft).recovery},
	{"whys", (*draft).whys},
	{"evidence", (*draft).evidenceList},
	{"questions", (*draft).questions},
	{"coverage", (*draft).coverageTable},
}

// A draft is what the blocks are made of.
type draft struct {
	*story
	stamps
	o Options
	// shown are the ids of the evidence that the draft refers to.
	shown map[string]bool
}

func newDraft(t *timeline.Timeline, o Options) *draft {
	d := &draft{story: newStory(t), stamps: newStamps(t, o), o: o, shown: map[string]bool{}}
	show := func(ids []string) {
		for _, id := range d.story.refs(ids) {
			d.shown[id] = true
		}
	}
	for _, e := range d.short(o.All) {
		show(e.Evidence)
	}
	for _, k := range keyTimes(&t.KeyTimes) {
		if *k.at != nil {
			show((*k.at).Evidence)
		}
	}
	for _, s := range t.Summary {
		show(s.Evidence)
	}
	for _, c := range t.Suspects {
		show(c.Chain)
		for _, r := range slices.Concat(c.Reasons, c.Against) {
			show(r.Evidence)
		}
	}
	for _, r := range t.RuledOut {
		show(r.Evidence)
	}
	show(t.Unexplained)
	return d
}

// writeMarkdown writes a postmortem draft: what the data show, and marked places for what they cannot.
func writeMarkdown(w io.Writer, t *timeline.Timeline, o Options) error {
	d := newDraft(t, o)
	name, text, err := templateText(o)
	if err != nil {
		return err
	}
	tmpl, err := template.New(name).Option("missingkey=error").Funcs(d.funcs()).Parse(text)
	if err != nil {
		return fmt.Errorf("reading the template: %w", err)
	}
	var body strings.Builder
	if err := tmpl.Execute(&body, nil); err != nil {
		return fmt.Errorf("filling in the template: %w", err)
	}
	head := d.frontMatter(name) + "\n# " + inline(o.title(t)) + "\n\n" + markBlock(draftBlock, d.notice(len(Open(body.String())))) + "\n\n"
	_, err = io.WriteString(w, head+strings.TrimSpace(body.String())+"\n")
	return err
}

func templateText(o Options) (name, text string, err error) {
	if o.TemplateText != "" {
		return "own", o.TemplateText, nil
	}
	name = o.Template
	if name == "" {
		name = templates[0]
	}
	if !slices.Contains(templates, name) {
		return "", "", fmt.Errorf("unknown template %q: there are %s", name, strings.Join(templates, ", "))
	}
	data, err := templateFiles.ReadFile("templates/" + name + ".md")
	return name, string(data), err
}

// funcs are what a template can call: part, and the few parts that are a person's from the start.
func (d *draft) funcs() template.FuncMap {
	return template.FuncMap{
		"part": func(name string) (string, error) {
			for _, b := range blocks {
				if b.name == name {
					return markBlock(name, b.make(d)), nil
				}
			}
			return "", fmt.Errorf("there is no block %q", name)
		},
		"actions": d.actions,
		"date":    func() string { return d.Window.From.In(d.loc).Format(time.DateOnly) },
		"zone":    d.zone,
	}
}

func (d *draft) frontMatter(templateName string) string {
	var b strings.Builder
	b.WriteString("---\n")
	if d.o.Incident != "" {
		fmt.Fprintf(&b, "incident: %s\n", yamlString(d.o.Incident))
	}
	b.WriteString("status: draft            # draft -> in review -> reviewed; a person changes this\n")
	fmt.Fprintf(&b, "window: %s/%s\n", d.Window.From.UTC().Format(time.RFC3339), d.Window.To.UTC().Format(time.RFC3339))
	if !d.o.Generated.IsZero() {
		fmt.Fprintf(&b, "generated: %s by hindcast %s\n", d.o.Generated.UTC().Format(time.RFC3339), clean(d.Generator.Version))
	}
	fmt.Fprintf(&b, "template: %s\n---\n", templateName)
	return b.String()
}

// yamlString quotes for YAML, whose double quotes are those of JSON and Go where they matter.
func yamlString(s string) string { return strconv.Quote(clean(s)) }

func (d *draft) notice(open int) string {
	text := "> **Draft made by a program from what the systems recorded. It says what the data show, not why people did what they did.**\n" +
		"> `✎` marks what only a person can fill in: " + openWords(open) + ". Text between `hindcast:begin` and `hindcast:end` is renewed by `hindcast render --update` as long as nobody has changed it; everything else is yours and stays.\n"
	if d.Incomplete {
		text += ">\n> **Incomplete: the run was interrupted. What was not read is listed under data coverage.**\n"
	}
	return text
}

// ref links to one piece of evidence.
func (d *draft) ref(id string) string {
	if d.shown[id] && d.evidence[id] != nil {
		return "[" + inline(id) + "](#" + anchor(id) + ")"
	}
	return inline(id)
}

// refs links to the evidence behind ids of entries or evidence.
func (d *draft) refs(ids []string) string {
	var links []string
	for _, id := range d.story.refs(ids) {
		links = append(links, d.ref(id))
	}
	return strings.Join(links, " ")
}

// label names an entry by its first piece of evidence.
func (d *draft) label(entry string) string {
	if refs := d.story.refs([]string{entry}); len(refs) > 0 {
		return refs[0]
	}
	return entry
}

// told is a sentence with its evidence behind it.
func (d *draft) told(s timeline.Sentence) string {
	text := inline(s.Text)
	if refs := d.refs(s.Evidence); refs != "" {
		return text + " " + refs
	}
	return text
}

// A table is Markdown's, its cells escaped already.
type table struct{ b strings.Builder }

func newTable(columns ...string) *table {
	t := &table{}
	t.row(columns...)
	t.b.WriteString("|" + strings.Repeat("---|", len(columns)) + "\n")
	return t
}

func (t *table) row(cells ...string) {
	t.b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

func (t *table) String() string { return t.b.String() }
