package slack

import (
	"encoding/json"
	"strings"
)

// attached is what bots add to a message.
type attached struct {
	Pretext  string   `json:"pretext"`
	Title    string   `json:"title"`
	Text     string   `json:"text"`
	Fallback string   `json:"fallback"`
	Fields   []titled `json:"fields"`
	Blocks   []block  `json:"blocks"`
}

type titled struct {
	Title string `json:"title"`
	Value string `json:"value"`
}

// block is a piece of a laid-out message. Rich text repeats what the message's text says.
type block struct {
	Type     string     `json:"type"`
	Text     textObject `json:"text"`
	Fields   []element  `json:"fields"`
	Elements []element  `json:"elements"`
}

// textObject is a text, which blocks write as an object and old messages as a string.
type textObject struct {
	Text string `json:"text"`
}

// UnmarshalJSON takes both.
func (t *textObject) UnmarshalJSON(b []byte) error {
	type object textObject
	if len(b) > 0 && b[0] == '{' {
		return json.Unmarshal(b, (*object)(t))
	}
	var s any
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	t.Text, _ = s.(string)
	return nil
}

// element is a part of a block, of which only the text is of interest.
type element struct {
	Text textObject `json:"text"`
}

// body is the text, and behind it what is attached, in which bots often write all they have to say.
func (m *message) body() string {
	lines := []string{m.Text}
	if strings.TrimSpace(m.Text) == "" {
		lines = textsOf(m.Blocks)
	}
	for _, a := range m.Attached {
		lines = append(lines, a.lines()...)
	}
	for _, f := range m.Files {
		if name := first(f.Title, f.Name); name != "" {
			lines = append(lines, "file "+name)
		}
	}
	said := lines[:0]
	for _, l := range lines {
		if strings.TrimSpace(l) != "" {
			said = append(said, l)
		}
	}
	return strings.Join(said, "\n")
}

// lines are what an attachment says; its fallback repeats that for those who see no attachments.
func (a *attached) lines() []string {
	lines := []string{a.Pretext, a.Title, a.Text}
	for _, f := range a.Fields {
		if f.Title != "" && f.Value != "" {
			lines = append(lines, f.Title+": "+f.Value)
		} else {
			lines = append(lines, f.Title+f.Value)
		}
	}
	lines = append(lines, textsOf(a.Blocks)...)
	if strings.Join(lines, "") == "" {
		return []string{a.Fallback}
	}
	return lines
}

// textsOf are the texts of blocks.
func textsOf(blocks []block) []string {
	var lines []string
	for _, b := range blocks {
		lines = append(lines, b.Text.Text)
		for _, f := range b.Fields {
			lines = append(lines, f.Text.Text)
		}
		for _, e := range b.Elements {
			lines = append(lines, e.Text.Text)
		}
	}
	return lines
}
