package render

import (
	"encoding/json"
	"io"
	"strings"
	"time"

	"github.com/hindcast/hindcast/correlate/timeline"
)

// mostBytes is the longest value that Timesketch's index keeps sortable.
const mostBytes = 32766

// A sketchEvent is one event as Timesketch imports it: message, datetime and timestamp_desc are required, the rest are attributes.
type sketchEvent struct {
	Message     string   `json:"message"`
	Datetime    string   `json:"datetime"`
	Description string   `json:"timestamp_desc"`
	ID          string   `json:"hindcast_id"`
	Kind        string   `json:"kind"`
	Role        string   `json:"role"`
	Component   string   `json:"component"`
	Source      string   `json:"source_short"`
	Count       int64    `json:"count"`
	Confidence  float64  `json:"confidence"`
	Origin      string   `json:"origin,omitempty"`
	Query       string   `json:"query,omitempty"`
	Raw         string   `json:"raw,omitempty"`
	Tags        []string `json:"tag"`
}

// writeTimesketch writes an event for every entry, and a second one where an entry has an end.
func writeTimesketch(w io.Writer, t *timeline.Timeline, _ Options) error {
	s := newStory(t)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for i := range t.Entries {
		e := &t.Entries[i]
		ev := sketchEvent{
			Message: atMost(clean(e.Title), mostBytes), Datetime: sketchTime(e.Time), Description: e.Kind + " " + string(e.Role), ID: e.ID,
			Kind: e.Kind, Role: string(e.Role), Component: clean(e.Component), Source: clean(e.Source), Count: e.Count,
			Confidence: e.Confidence, Tags: []string{"hindcast"},
		}
		if e.Starred {
			ev.Tags = append(ev.Tags, "starred")
		}
		if len(e.Evidence) > 0 {
			if v := s.evidence[e.Evidence[0]]; v != nil {
				ev.Origin, ev.Query, ev.Raw = clean(v.Origin), clean(v.Query), atMost(cleanLines(v.Text), mostBytes)
			}
		}
		if err := enc.Encode(ev); err != nil {
			return err
		}
		if e.End == nil {
			continue
		}
		ev.Datetime, ev.Description = sketchTime(*e.End), e.Kind+" "+string(e.Role)+" end"
		if err := enc.Encode(ev); err != nil {
			return err
		}
	}
	return nil
}

func sketchTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000-07:00") }

// atMost cuts s to n bytes, at the boundary of a character.
func atMost(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n-len("…")], "") + "…"
}
