package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/hindcast/hindcast/correlate/timeline"
)

// writeJSON writes the contract. The same timeline gives the same bytes: fields stand in the order of the types,
// lists that are empty are [] and never null, and maps are sorted by key.
func writeJSON(w io.Writer, t *timeline.Timeline, o Options) error {
	c := canonical(t)
	if o.Title != "" {
		c.Title = o.Title
	}
	out, err := encoded(c)
	if err != nil {
		return err
	}
	if bytes.Contains(out, []byte(`\ufffd`)) { // what was no UTF-8 is escaped once and would not be the next time
		c = &timeline.Timeline{}
		if err := json.Unmarshal(out, c); err != nil {
			return err
		}
		if out, err = encoded(c); err != nil {
			return err
		}
	}
	_, err = w.Write(out)
	return err
}

func encoded(t *timeline.Timeline) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(t)
	return b.Bytes(), err
}

// Read reads a timeline that was written as JSON. A file of another kind, or of a later schema, is an error; fields
// that are not known are left, since the contract allows new ones.
func Read(r io.Reader) (*timeline.Timeline, error) {
	var t timeline.Timeline
	dec := json.NewDecoder(r)
	if err := dec.Decode(&t); err != nil {
		return nil, fmt.Errorf("not the JSON of a hindcast report: %w", err)
	}
	if t.Schema != timeline.Schema {
		return nil, fmt.Errorf("the schema is %q, not %q", t.Schema, timeline.Schema)
	}
	return &t, nil
}

// canonical copies t as far as it has to be changed to be written.
func canonical(t *timeline.Timeline) *timeline.Timeline {
	c := *t
	if c.Schema == "" {
		c.Schema = timeline.Schema
	}
	for _, k := range keyTimes(&c.KeyTimes) {
		if *k.at != nil {
			copied := **k.at
			copied.Evidence = list(copied.Evidence)
			*k.at = &copied
		}
	}
	c.Summary = sentences(c.Summary)
	c.Suspects = list(slices.Clone(c.Suspects))
	for i := range c.Suspects {
		s := &c.Suspects[i]
		s.Chain, s.Links, s.NextChecks = list(s.Chain), list(s.Links), list(s.NextChecks)
		s.Reasons, s.Against = sentences(s.Reasons), sentences(s.Against)
	}
	c.RuledOut = list(slices.Clone(c.RuledOut))
	for i := range c.RuledOut {
		c.RuledOut[i].Evidence = list(c.RuledOut[i].Evidence)
	}
	c.Components = list(c.Components)
	c.Entries = list(slices.Clone(c.Entries))
	for i := range c.Entries {
		c.Entries[i].Evidence = list(c.Entries[i].Evidence)
	}
	c.Evidence = list(slices.Clone(c.Evidence))
	for i := range c.Evidence {
		c.Evidence[i].Points = finite(c.Evidence[i].Points)
	}
	c.Unexplained = list(c.Unexplained)
	c.Coverage = list(slices.Clone(c.Coverage))
	for i := range c.Coverage {
		v := &c.Coverage[i]
		v.Gaps, v.Notes = list(v.Gaps), list(v.Notes)
		if v.Dropped == nil {
			v.Dropped = map[string]int64{}
		}
	}
	if c.Redactions == nil {
		c.Redactions = map[string]int64{}
	}
	return &c
}

func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

func sentences(s []timeline.Sentence) []timeline.Sentence {
	s = list(slices.Clone(s))
	for i := range s {
		s[i].Evidence = list(s[i].Evidence)
	}
	return s
}

// finite leaves out samples that JSON cannot hold.
func finite(points []timeline.Point) []timeline.Point {
	return slices.DeleteFunc(slices.Clone(points), func(p timeline.Point) bool {
		return math.IsNaN(p.Value) || math.IsInf(p.Value, 0)
	})
}
