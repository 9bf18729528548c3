package rule

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/prometheus/common/model"
)

// cre takes one rule of a CRE file: sets and sequences of values and regexps, with a window.
func (im *importer) cre(r *value) {
	info := r.get("cre")
	id := slug(info.get("id").text())
	if id == "" {
		im.leave(r.place(), "a rule without cre.id is not taken")
		return
	}
	var items []yaml.MapSlice
	rule := r.get("rule")
	for _, way := range []creWay{{"set", "match", "all"}, {"sequence", "order", "sequence"}} {
		if !rule.has(way.key) {
			continue
		}
		if item := im.creItem(id, rule.get(way.key), way); item != nil {
			items = append(items, item)
		}
	}
	if !rule.has("set") && !rule.has("sequence") {
		im.leave(info.get("id").place(), "%s: it has neither a set nor a sequence", id)
	}
	if len(items) == 0 {
		return
	}
	more := texts(nil, "actions", bullets(info.get("mitigation")))
	more = texts(more, "references", info.get("references").texts())
	im.take(info.get("id").place(), id, orElse(firstLine(info.get("title").text()), id), items, more)
}

// A creWay is a kind of CRE rule: its key, the key of its terms, and what joins them here.
type creWay struct{ key, terms, join string }

// creItem takes a set or a sequence; nil if nothing is left of it.
func (im *importer) creItem(id string, body *value, way creWay) yaml.MapSlice {
	if c := body.get("correlations"); len(c.items()) > 0 {
		im.leave(c.place(), "%s: correlations are not taken: parts are joined by component (join: host or none are the other ways)", id)
	}
	var items []yaml.MapSlice
	for _, t := range body.get(way.terms).items() {
		item, why := creTerm(t)
		if why != "" {
			// A set or a sequence without one of its parts would match more than was meant.
			im.leave(t.place(), "%s: %s", id, why)
			return nil
		}
		items = append(items, item)
	}
	window := im.creWindow(id, body.get("window"))
	within := func(item yaml.MapSlice) yaml.MapSlice {
		if window == "" {
			return item
		}
		return append(item, yaml.MapItem{Key: "within", Value: window})
	}
	var whole yaml.MapSlice
	switch {
	case len(items) == 0:
		im.leave(body.place(), "%s: its %s matches nothing", id, way.key)
		return nil
	case len(items) == 1:
		if whole = items[0]; has(whole, "at_least") {
			whole = within(whole)
		}
	default:
		whole = within(yaml.MapSlice{{Key: way.join, Value: items}})
	}
	return im.creNegate(id, whole, body.get("negate"), window)
}

// creNegate makes an absence of what must not come. CRE looks on both sides of the match, absent only after it.
func (im *importer) creNegate(id string, whole yaml.MapSlice, negate *value, window string) yaml.MapSlice {
	if len(negate.items()) == 0 {
		return whole
	}
	var exprs []string
	for _, t := range negate.items() {
		switch {
		case t.text() != "":
			exprs = append(exprs, regexp.QuoteMeta(t.text()))
		case t.get("value").text() != "":
			exprs = append(exprs, regexp.QuoteMeta(t.get("value").text()))
		case t.get("regex").text() != "":
			exprs = append(exprs, t.get("regex").text())
		default:
			im.leave(t.place(), "%s: a part of negate that is neither value nor regex is not taken", id)
			return whole
		}
		window = orElse(window, im.creWindow(id, t.get("window")))
	}
	if window == "" {
		im.leave(negate.place(), "%s: negate without a window is not taken: write not_contains, or absent for what must not follow", id)
		return whole
	}
	im.leave(negate.place(), "%s: negate is taken as absent: what must not come is looked for after the match only, for %s", id, window)
	expect := yaml.MapSlice{{Key: "log", Value: yaml.MapSlice{{Key: "regexp", Value: anyOf(exprs)}}}}
	return yaml.MapSlice{{Key: "absent", Value: yaml.MapSlice{
		{Key: "after", Value: whole}, {Key: "expect", Value: expect}, {Key: "within", Value: window}, {Key: "join", Value: string(JoinComponent)},
	}}}
}

func anyOf(exprs []string) string {
	if len(exprs) == 1 {
		return exprs[0]
	}
	return "(?:" + strings.Join(exprs, "|") + ")"
}

// creWindow reads a window as it is written here, empty for none.
func (im *importer) creWindow(id string, w *value) string {
	if w.text() == "" {
		return ""
	}
	if d, err := model.ParseDuration(w.text()); err != nil || d == 0 {
		im.leave(w.place(), "%s: the window %q is not taken: it is not a duration such as 90s or 5m", id, w.text())
		return ""
	}
	return w.text()
}

func creTerm(t *value) (yaml.MapSlice, string) {
	text, key := t.text(), "value"
	if text == "" {
		text = t.get("value").text()
	}
	if text == "" {
		text, key = t.get("regex").text(), "regex"
	}
	var log yaml.MapSlice
	switch {
	case text == "":
		return nil, fmt.Sprintf("a term that is neither value nor regex (it has %s) is not taken", orElse(strings.Join(keysBut(t, "count"), ", "), "nothing"))
	case key == "value":
		log = yaml.MapSlice{{Key: "contains", Value: []string{text}}}
	default:
		log = yaml.MapSlice{{Key: "regexp", Value: text}}
	}
	item := yaml.MapSlice{{Key: "log", Value: log}}
	if n := t.get("count").text(); n != "" && n != "1" {
		item = append(item, yaml.MapItem{Key: "at_least", Value: number(n)})
	}
	return item, ""
}

func keysBut(t *value, but string) []string {
	var out []string
	if t == nil {
		return nil
	}
	for _, k := range t.keys {
		if k != but {
			out = append(out, k)
		}
	}
	return out
}

// number writes a whole number as one; what is none is left as text, for the parser to find fault with.
func number(s string) any {
	n := 0
	if _, err := fmt.Sscanf(s, "%d", &n); err != nil || strconv.Itoa(n) != s {
		return s
	}
	return n
}

// bullets are the lines of a Markdown list, each an action; longer texts are one.
func bullets(v *value) []string {
	var out []string
	for _, text := range v.texts() {
		for line := range strings.Lines(text) {
			line = strings.TrimSpace(line)
			if item, ok := strings.CutPrefix(line, "- "); ok {
				out = append(out, strings.TrimSpace(item))
			} else if len(out) > 0 && line != "" {
				out[len(out)-1] += " " + line
			} else if line != "" {
				out = append(out, line)
			}
		}
	}
	return out
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return strings.TrimSpace(line)
}
