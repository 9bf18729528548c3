package rule

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
)

// sigma takes one Sigma rule: selections by fields and keywords, joined by "and", "or", "not" and "of".
func (im *importer) sigma(doc *value) {
	title := firstLine(doc.get("title").text())
	id := "sigma-" + slug(title)
	if slug(title) == "" {
		im.leave(doc.place(), "a Sigma rule without a title is not taken")
		return
	}
	detection := doc.get("detection")
	if detection.has("timeframe") {
		im.leave(detection.get("timeframe").place(), "%s: the timeframe is not taken: write at_least and within", id)
	}
	var items []yaml.MapSlice
	for _, condition := range detection.get("condition").items() {
		branches, why := sigmaBranches(condition.text(), selections(detection))
		if why != "" {
			im.leave(condition.place(), "%s: %s", id, why)
			return
		}
		for _, branch := range branches {
			logs, at, why := sigmaBranch(branch, detection)
			if why != "" {
				im.leave(at, "%s: %s", id, why)
				return
			}
			items = append(items, logs...)
		}
	}
	if len(items) == 0 {
		im.leave(doc.get("detection").place(), "%s: it has no condition", id)
		return
	}
	im.take(doc.get("title").place(), id, title, items, texts(nil, "references", doc.get("references").texts()))
}

// sigmaLog is a log matcher in the making.
type sigmaLog struct {
	contains, containsAll, notContains []string
	fields                             map[string]string
	where                              []string
}

// sigmaBranch takes selections that must all hold; one that is a list of mappings makes an item of each.
func sigmaBranch(branch []selection, detection *value) (items []yaml.MapSlice, at Position, why string) {
	logs := []sigmaLog{{fields: map[string]string{}}}
	for _, s := range branch {
		body := detection.get(s.name)
		var next []sigmaLog
		for _, log := range logs {
			if s.negated {
				log, why = log.without(body)
				next = append(next, log)
			} else {
				for _, alternative := range alternatives(body) {
					var joined sigmaLog
					if joined, why = log.with(alternative); why != "" {
						break
					}
					next = append(next, joined)
				}
			}
			if why != "" {
				return nil, body.place(), why
			}
		}
		if logs = next; len(logs) > mostBranches {
			return nil, body.place(), fmt.Sprintf("it has more than %d alternatives", mostBranches)
		}
	}
	for _, l := range logs {
		if len(l.contains)+len(l.containsAll)+len(l.fields) == 0 {
			return nil, detection.place(), "a rule that only says what must not be there is not taken"
		}
		items = append(items, yaml.MapSlice{{Key: "log", Value: l.yaml()}})
	}
	return items, Position{}, ""
}

// alternatives are the parts of a selection of which any is enough: keywords are one part, mappings one each.
func alternatives(body *value) []*value {
	var out []*value
	keywords := &value{at: body.place(), kind: listValue}
	for _, part := range body.items() {
		if part.isMap() {
			out = append(out, part)
		} else {
			keywords.list = append(keywords.list, part)
		}
	}
	if len(keywords.list) > 0 {
		out = append(out, keywords)
	}
	return out
}

// with asks for a part of a selection too.
func (l sigmaLog) with(part *value) (sigmaLog, string) {
	l.fields = maps.Clone(l.fields)
	l.where = slices.Clone(l.where)
	if !part.isMap() {
		return l.keywords(part.texts())
	}
	for _, key := range part.keys {
		field, modifiers, _ := strings.Cut(key, "|")
		if field == "" { // keywords with modifiers: '|all': [...]
			if modifiers != "all" {
				return l, fmt.Sprintf("keywords with the modifier %q are not taken", modifiers)
			}
			l.containsAll = append(slices.Clone(l.containsAll), part.get(key).texts()...)
			continue
		}
		exprs, why := sigmaField(modifiers, part.get(key).texts())
		if why != "" {
			return l, why
		}
		for _, e := range exprs {
			if _, twice := l.fields[field]; twice {
				l.where = append(l.where, fieldMatches(field, e))
				continue
			}
			l.fields[field] = e
		}
	}
	return l, ""
}

func (l sigmaLog) keywords(words []string) (sigmaLog, string) {
	switch {
	case slices.ContainsFunc(words, func(s string) bool { return strings.ContainsAny(s, "*?") }):
		return l, "keywords with wildcards are not taken"
	case len(l.contains) > 0:
		return l, "two lists of keywords that must both match are not taken"
	}
	l.contains = words
	return l, ""
}

// without denies a selection. A field that is not there cannot match, so denying it holds.
func (l sigmaLog) without(body *value) (sigmaLog, string) {
	l.where = slices.Clone(l.where)
	for _, part := range alternatives(body) {
		if !part.isMap() {
			words := part.texts()
			if slices.ContainsFunc(words, func(s string) bool { return strings.ContainsAny(s, "*?") }) {
				return l, "keywords with wildcards are not taken"
			}
			l.notContains = append(slices.Clone(l.notContains), words...)
			continue
		}
		var all []string
		for _, key := range part.keys {
			field, modifiers, _ := strings.Cut(key, "|")
			if field == "" {
				return l, "denying keywords with a modifier is not taken"
			}
			exprs, why := sigmaField(modifiers, part.get(key).texts())
			if why != "" {
				return l, why
			}
			for _, e := range exprs {
				all = append(all, fieldMatches(field, e))
			}
		}
		l.where = append(l.where, "not ("+strings.Join(all, " and ")+")")
	}
	return l, ""
}

// fieldMatches is an expression for where. Fields that look like numbers are numbers there.
func fieldMatches(field, expr string) string {
	return fmt.Sprintf("string(fields[%s]) matches %s", strconv.Quote(field), strconv.Quote("^"+expr+"$"))
}

// sigmaField makes regexps of a field's values, all of which must match the whole field. Sigma compares in any case.
func sigmaField(modifiers string, values []string) (exprs []string, why string) {
	if len(values) == 0 {
		return nil, "an empty value is not taken"
	}
	before, after, every, plain := "", "", false, true
	for m := range strings.SplitSeq(modifiers, "|") {
		switch m {
		case "", "i":
		case "contains":
			before, after = ".*", ".*"
		case "startswith":
			after = ".*"
		case "endswith":
			before = ".*"
		case "all":
			every = true
		case "re":
			before, after, plain = ".*", ".*", false
		default:
			return nil, fmt.Sprintf("the modifier %q is not taken", m)
		}
	}
	for _, v := range values {
		if plain {
			v = regexp.QuoteMeta(v)
			v = strings.ReplaceAll(strings.ReplaceAll(v, `\*`, ".*"), `\?`, ".")
			exprs = append(exprs, before+v+after)
			continue
		}
		exprs = append(exprs, before+"(?:"+v+")"+after)
	}
	flags := "(?is)"
	if !plain {
		flags = "(?s)"
	}
	if !every {
		return []string{flags + "(?:" + strings.Join(exprs, "|") + ")"}, ""
	}
	for i := range exprs {
		exprs[i] = flags + exprs[i]
	}
	return exprs, ""
}

func (l *sigmaLog) yaml() yaml.MapSlice {
	out := texts(nil, "contains", l.contains)
	out = texts(out, "contains_all", l.containsAll)
	out = texts(out, "not_contains", l.notContains)
	if len(l.contains)+len(l.containsAll)+len(l.notContains) > 0 {
		out = append(out, yaml.MapItem{Key: "ignore_case", Value: true})
	}
	if len(l.fields) > 0 {
		var fields yaml.MapSlice
		for _, name := range slices.Sorted(maps.Keys(l.fields)) {
			fields = append(fields, yaml.MapItem{Key: name, Value: l.fields[name]})
		}
		out = append(out, yaml.MapItem{Key: "fields", Value: fields})
	}
	if len(l.where) > 0 {
		out = append(out, yaml.MapItem{Key: "where", Value: strings.Join(l.where, " and ")})
	}
	return out
}
