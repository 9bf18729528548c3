package rule

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// sigma takes one Sigma rule: selections by fields and keywords, joined by "and", "or", "not" and "of".
func (im *importer) sigma(doc map[string]any) {
	title := str(doc["title"])
	id := "sigma-" + slug(title)
	if title == "" {
		im.leave("a rule", "it has no title")
		return
	}
	detection := mapOf(doc["detection"])
	condition := str(detection["condition"])
	var items []yaml.MapSlice
	for _, branch := range strings.Split(ofSelections(condition, detection), " or ") {
		log, why := sigmaBranch(branch, detection)
		if why != "" {
			im.leave(id, fmt.Sprintf("%s (condition: %s)", why, condition))
			return
		}
		items = append(items, log...)
	}
	var more yaml.MapSlice
	if refs := stringsOf(doc["references"]); len(refs) > 0 {
		more = yaml.MapSlice{{Key: "references", Value: refs}}
	}
	im.take(id, title, items, more)
}

var ofForm = regexp.MustCompile(`\b(1|any|all) of (them|[\w]+\*?)`)

// ofSelections writes "1 of x*" and "all of them" out.
func ofSelections(condition string, detection map[string]any) string {
	return ofForm.ReplaceAllStringFunc(condition, func(text string) string {
		m := ofForm.FindStringSubmatch(text)
		word := " or "
		if m[1] == "all" {
			word = " and "
		}
		var names []string
		for _, name := range slices.Sorted(maps.Keys(detection)) {
			prefix, any := strings.CutSuffix(m[2], "*")
			if name != "condition" && name != "timeframe" && (m[2] == "them" || any && strings.HasPrefix(name, prefix) || name == m[2]) {
				names = append(names, name)
			}
		}
		return strings.Join(names, word)
	})
}

// sigmaLog is a log matcher in the making.
type sigmaLog struct {
	contains, notContains []string
	fields                map[string]string
}

// sigmaBranch takes selections that are joined by "and"; a selection that is a list of mappings makes one item each.
func sigmaBranch(branch string, detection map[string]any) ([]yaml.MapSlice, string) {
	logs := []sigmaLog{{fields: map[string]string{}}}
	for _, word := range strings.Split(branch, " and ") {
		name, negated := strings.CutPrefix(strings.TrimSpace(word), "not ")
		selection, ok := detection[strings.TrimSpace(name)]
		if !ok {
			return nil, fmt.Sprintf("the part %q is not known", word)
		}
		var next []sigmaLog
		for _, alternative := range alternatives(selection) {
			for _, log := range logs {
				joined, why := log.with(alternative, negated)
				if why != "" {
					return nil, why
				}
				next = append(next, joined)
			}
		}
		if negated && len(next) > len(logs) {
			return nil, "the negation of several selections is not known"
		}
		logs = next
	}
	var items []yaml.MapSlice
	for _, l := range logs {
		items = append(items, yaml.MapSlice{{Key: "log", Value: l.yaml()}})
	}
	return items, ""
}

// alternatives are the parts of a selection of which any is enough: keywords are one part, mappings one each.
func alternatives(selection any) []any {
	var keywords []any
	var out []any
	for _, part := range list(selection) {
		if mapOf(part) != nil {
			out = append(out, part)
		} else {
			keywords = append(keywords, part)
		}
	}
	if len(keywords) > 0 {
		out = append(out, keywords)
	}
	return out
}

func (l sigmaLog) with(part any, negated bool) (sigmaLog, string) {
	l.fields = maps.Clone(l.fields)
	if keywords, ok := part.([]any); ok {
		texts := stringsOf(keywords)
		switch {
		case slices.ContainsFunc(texts, func(s string) bool { return strings.ContainsAny(s, "*?") }):
			return l, "keywords with wildcards are not known"
		case negated:
			l.notContains = append(slices.Clone(l.notContains), texts...)
		case len(l.contains) > 0:
			return l, "two lists of keywords that must both match are not known"
		default:
			l.contains = texts
		}
		return l, ""
	}
	if negated {
		return l, "the negation of fields is not known"
	}
	selection := mapOf(part)
	for _, key := range slices.Sorted(maps.Keys(selection)) {
		field, modifier, _ := strings.Cut(key, "|")
		expr, why := sigmaField(modifier, stringsOf(selection[key]))
		if why != "" {
			return l, why
		}
		if _, twice := l.fields[field]; twice {
			return l, fmt.Sprintf("two conditions on the field %s are not known", field)
		}
		l.fields[field] = expr
	}
	return l, ""
}

// sigmaField makes an anchored regexp of a field's values. Sigma compares in any case.
func sigmaField(modifier string, values []string) (expr, why string) {
	if len(values) == 0 {
		return "", "an empty value is not known"
	}
	before, after := "", ""
	switch modifier {
	case "":
	case "contains":
		before, after = ".*", ".*"
	case "startswith":
		after = ".*"
	case "endswith":
		before = ".*"
	case "re":
		return ".*(?:" + strings.Join(values, "|") + ").*", ""
	default:
		return "", fmt.Sprintf("the modifier %q is not known", modifier)
	}
	var all []string
	for _, v := range values {
		text := regexp.QuoteMeta(v)
		text = strings.ReplaceAll(strings.ReplaceAll(text, `\*`, ".*"), `\?`, ".")
		all = append(all, before+text+after)
	}
	return "(?i)(?:" + strings.Join(all, "|") + ")", ""
}

func (l *sigmaLog) yaml() yaml.MapSlice {
	var out yaml.MapSlice
	for _, p := range []struct {
		key   string
		texts []string
	}{{"contains", l.contains}, {"not_contains", l.notContains}} {
		if len(p.texts) > 0 {
			out = append(out, yaml.MapItem{Key: p.key, Value: p.texts})
		}
	}
	if len(l.contains) > 0 {
		out = append(out, yaml.MapItem{Key: "ignore_case", Value: true})
	}
	if len(l.fields) > 0 {
		var fields yaml.MapSlice
		for _, name := range slices.Sorted(maps.Keys(l.fields)) {
			fields = append(fields, yaml.MapItem{Key: name, Value: l.fields[name]})
		}
		out = append(out, yaml.MapItem{Key: "fields", Value: fields})
	}
	return out
}
