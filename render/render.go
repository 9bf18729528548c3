// Package render writes a timeline down in the forms that people and programs read.
//
// A format is one file and one line in [Formats]. It knows nothing but the timeline: what is not in there cannot be
// in a report. Secrets are masked before a timeline comes here (package redact), once for all formats.
//
// The text of log lines is hostile. Every format escapes it in its own way, and all of them take out control characters
// and those that turn the direction of writing, see [clean].
package render

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/hindcast/hindcast/correlate/timeline"
)

// Options say how a report is to look. The zero value works for every format.
type Options struct {
	// Title replaces the timeline's own title.
	Title string
	// Incident is the incident's number, for the head of a draft.
	Incident string
	// Generated is when the report is made. It is the only thing in a report that differs from run to run; zero leaves it out.
	Generated time.Time
	// Template names the Markdown template, see [Templates]; empty is the first of them.
	Template string
	// TemplateText is the text of a Markdown template of the user's own; it wins over Template.
	TemplateText string
	// Plain leaves out what only some viewers of Markdown draw, such as Mermaid graphs.
	Plain bool
	// All shows every entry where the format shows the short story otherwise.
	All bool
	// Color colours the text format; Width is the terminal's, 0 is 120.
	Color bool
	Width int
	// Location is the zone times are printed in, where the format has no fixed one; nil is UTC.
	Location *time.Location
}

func (o Options) location() *time.Location {
	if o.Location == nil {
		return time.UTC
	}
	return o.Location
}

func (o Options) title(t *timeline.Timeline) string {
	if o.Title != "" {
		return o.Title
	}
	if t.Title != "" {
		return t.Title
	}
	return "Incident of " + t.Window.From.In(o.location()).Format("2006-01-02 15:04")
}

// Format is one way to write a timeline down.
type Format struct {
	// Name is what -o calls it.
	Name string
	// Doc says in one line what it is for.
	Doc string
	// Extensions are the endings of file names that mean this format.
	Extensions []string
	Write      func(w io.Writer, t *timeline.Timeline, o Options) error
}

// Formats are all there are. Word documents and PDF are left out: Markdown and printed HTML lead there.
var Formats = []Format{
	{Name: "md", Doc: "a postmortem draft in Markdown, to be finished by a person", Extensions: []string{".md", ".markdown"}, Write: writeMarkdown},
	{Name: "html", Doc: "one page with everything in it: pictures, filter, evidence", Extensions: []string{".html", ".htm"}, Write: writeHTML},
	{Name: "json", Doc: "the whole result, " + timeline.Schema + "; every other format can be made of it", Extensions: []string{".json"}, Write: writeJSON},
	{Name: "text", Doc: "the short story for a terminal", Extensions: []string{".txt"}, Write: writeText},
	{Name: "csv", Doc: "one row an entry, for spreadsheets", Extensions: []string{".csv"}, Write: writeCSV},
	{Name: "timesketch", Doc: "JSON lines that Timesketch imports", Extensions: []string{".jsonl"}, Write: writeTimesketch},
}

// Write writes t in the format called name.
func Write(w io.Writer, name string, t *timeline.Timeline, o Options) error {
	f, err := Lookup(name)
	if err != nil {
		return err
	}
	if err := f.Write(w, t, o); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}

// Lookup finds a format by its name. The error lists those that there are.
func Lookup(name string) (Format, error) {
	for _, f := range Formats {
		if f.Name == name {
			return f, nil
		}
	}
	return Format{}, fmt.Errorf("unknown format %q: there are %s", name, strings.Join(Names(), ", "))
}

// Names lists the names of all formats.
func Names() []string {
	names := make([]string, len(Formats))
	for i, f := range Formats {
		names[i] = f.Name
	}
	return names
}
