package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hindcast/hindcast/correlate/timeline"
	"github.com/hindcast/hindcast/render"
)

// notClaims are fields of a report that say nothing about the evidence.
var notClaims = []string{"title", "command", "generator.version"}

// differences compares the text of a report with what was derived, field by field.
func differences(text []byte, derived *timeline.Timeline) ([]string, error) {
	var b bytes.Buffer
	if err := render.Write(&b, "json", derived, render.Options{}); err != nil {
		return nil, err
	}
	says, err := decoded(text)
	if err != nil {
		return nil, err
	}
	gives, err := decoded(b.Bytes())
	if err != nil {
		return nil, err
	}
	d := &differ{}
	d.compare("", says, gives)
	return d.found, nil
}

func decoded(text []byte) (v any, err error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	return v, dec.Decode(&v)
}

// A differ notes where a report and what was derived differ.
type differ struct{ found []string }

func (d *differ) note(at, format string, args ...any) {
	d.found = append(d.found, at+": "+fmt.Sprintf(format, args...))
}

func (d *differ) compare(at string, says, gives any) {
	if slices.Contains(notClaims, at) {
		return
	}
	switch s := says.(type) {
	case map[string]any:
		if g, ok := gives.(map[string]any); ok {
			d.objects(at, s, g)
			return
		}
	case []any:
		if g, ok := gives.([]any); ok {
			d.lists(at, s, g)
			return
		}
	}
	if s, g := shown(says), shown(gives); s != g {
		from := parting(s, g)
		d.note(at, "the report says %s, the evidence gives %s", brief(s, from), brief(g, from))
	}
}

// shown writes a value in one line. Values are of JSON, so it is the same for the same value.
func shown(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}

// brief shortens what is shown; of two texts that differ far behind it shows the places.
func brief(s string, from int) string {
	r := []rune(s)
	from = max(0, min(from, len(r))-20)
	out := string(r[from:min(len(r), from+200)])
	if from > 0 {
		out = "…" + out
	}
	if from+200 < len(r) {
		out += "…"
	}
	return out
}

// parting is where two texts begin to differ, in runes.
func parting(a, b string) int {
	x, y := []rune(a), []rune(b)
	i := 0
	for i < min(len(x), len(y)) && x[i] == y[i] {
		i++
	}
	if len(x) <= 200 && len(y) <= 200 {
		return 0
	}
	return i
}

func (d *differ) objects(at string, says, gives map[string]any) {
	var names []string
	for n := range says {
		names = append(names, n)
	}
	for n := range gives {
		if _, ok := says[n]; !ok {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	for _, n := range names {
		place := strings.TrimPrefix(at+"."+n, ".")
		s, inReport := says[n]
		g, derived := gives[n]
		switch {
		case !inReport:
			d.note(place, "the report leaves it out, the evidence gives %s", brief(shown(g), 0))
		case !derived:
			d.note(place, "the report says %s, which the evidence does not give", brief(shown(s), 0))
		default:
			d.compare(place, s, g)
		}
	}
}

// keys are the fields by which the elements of a report's lists are known.
var keys = []string{"id", "rank", "source", "name"}

// keyOf gives what an element of a list is known by, empty if it has no key.
func keyOf(v any) string {
	o, ok := v.(map[string]any)
	if !ok {
		return ""
	}
	for _, k := range keys {
		if id, ok := o[k]; ok {
			return strings.Trim(shown(id), `"`)
		}
	}
	return ""
}

func (d *differ) lists(at string, says, gives []any) {
	if len(says) == 0 || len(gives) == 0 || keyOf(says[0]) == "" || keyOf(gives[0]) == "" {
		d.byPlace(at, says, gives)
		return
	}
	derived := map[string]any{}
	var order, reported []string
	for _, g := range gives {
		derived[keyOf(g)] = g
	}
	seen := map[string]bool{}
	for _, s := range says {
		k := keyOf(s)
		place := fmt.Sprintf("%s[%s]", at, k)
		g, ok := derived[k]
		switch {
		case seen[k]:
			d.note(place, "the report has it twice")
		case !ok:
			d.note(place, "the report says %s, which the evidence does not give", brief(shown(s), 0))
		default:
			d.compare(place, s, g)
			reported = append(reported, k)
		}
		seen[k] = true
	}
	for _, g := range gives {
		k := keyOf(g)
		if !seen[k] {
			d.note(fmt.Sprintf("%s[%s]", at, k), "the report leaves it out, the evidence gives %s", brief(shown(g), 0))
			continue
		}
		order = append(order, k)
	}
	if !slices.Equal(order, reported) && len(order) == len(reported) {
		d.note(at, "the report has another order than the evidence gives")
	}
}

func (d *differ) byPlace(at string, says, gives []any) {
	for i := range max(len(says), len(gives)) {
		place := fmt.Sprintf("%s[%d]", at, i)
		switch {
		case i >= len(gives):
			d.note(place, "the report says %s, which the evidence does not give", brief(shown(says[i]), 0))
		case i >= len(says):
			d.note(place, "the report leaves it out, the evidence gives %s", brief(shown(gives[i]), 0))
		default:
			d.compare(place, says[i], gives[i])
		}
	}
}
