package rule

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml"
)

// Imported is what could be taken over of rules in another language.
type Imported struct {
	// YAML is a rule file; conditions in it have no causes yet.
	YAML []byte
	// Taken are the ids of its conditions.
	Taken []string
	// Left says, rule by rule, what could not be taken and why.
	Left []string
}

// Import reads a CRE file (prequel) or Sigma rules and writes them as conditions. Which of the two it is shows by its keys.
func Import(name string, data []byte) (out *Imported, err error) {
	defer func() {
		if r := recover(); r != nil {
			out, err = nil, fmt.Errorf("%s: it cannot be read as YAML: %v", name, r)
		}
	}()
	im := &importer{result: &Imported{}, used: map[string]bool{}}
	for _, part := range documents(data) {
		var doc map[string]any
		if err := yaml.Unmarshal([]byte(part), &doc); err != nil {
			return nil, fmt.Errorf("%s: reading YAML: %w", name, err)
		}
		switch {
		case doc == nil:
		case doc["rules"] != nil && doc["detection"] == nil && doc["correlation"] == nil:
			im.cre(list(doc["rules"]))
		case doc["detection"] != nil:
			im.sigma(doc)
		case doc["correlation"] != nil:
			im.leave(str(doc["title"]), "correlations of Sigma rules are not taken: write at_least and within beside the imported item")
		default:
			return nil, fmt.Errorf("%s: this is neither a CRE file (rules: - cre: …) nor a Sigma rule (detection: …)", name)
		}
	}
	if len(im.conditions) == 0 && len(im.result.Left) == 0 {
		return nil, errors.New(name + ": there are no rules in it")
	}
	group := yaml.MapSlice{{Key: "name", Value: "imported-" + slug(strings.TrimSuffix(strings.TrimSuffix(base(name), ".yaml"), ".yml"))}, {Key: "conditions", Value: im.conditions}}
	text, err := yaml.MarshalWithOptions(yaml.MapSlice{{Key: "groups", Value: []yaml.MapSlice{group}}}, yaml.IndentSequence(true), yaml.UseSingleQuote(true))
	if err != nil {
		return nil, fmt.Errorf("%s: writing rules: %w", name, err)
	}
	im.result.YAML = text
	return im.result, nil
}

// documents cuts a YAML stream at its --- lines.
func documents(data []byte) []string {
	return regexp.MustCompile(`(?m)^---\s*$`).Split(string(data), -1)
}

func base(name string) string { return name[strings.LastIndexAny(name, `/\`)+1:] }

type importer struct {
	result     *Imported
	conditions []yaml.MapSlice
	used       map[string]bool
}

func (im *importer) leave(rule, why string) {
	im.result.Left = append(im.result.Left, rule+": "+why)
}

// take adds a condition if the parser takes it.
func (im *importer) take(id, title string, items []yaml.MapSlice, more yaml.MapSlice) {
	if im.used[id] {
		im.leave(id, "the id stands twice")
		return
	}
	c := yaml.MapSlice{{Key: "id", Value: id}, {Key: "title", Value: strings.ReplaceAll(title, "{{", "{ {")}, {Key: "role", Value: string(Mid)}, {Key: "when", Value: items}}
	c = append(c, more...)
	text, err := yaml.Marshal(yaml.MapSlice{{Key: "groups", Value: []yaml.MapSlice{{{Key: "name", Value: "x"}, {Key: "conditions", Value: []yaml.MapSlice{c}}}}}})
	if err == nil {
		_, err = Parse(id, text)
	}
	if err != nil {
		what := err.Error()
		if f := faultsIn(err); len(f) > 0 {
			what = f[0].What
		}
		im.leave(id, what)
		return
	}
	im.used[id] = true
	im.conditions = append(im.conditions, c)
	im.result.Taken = append(im.result.Taken, id)
}

// cre takes the rules of a CRE file: sets and sequences of values and regexps, with a window.
func (im *importer) cre(rules []any) {
	for _, r := range rules {
		doc := mapOf(r)
		info := mapOf(doc["cre"])
		id := slug(str(info["id"]))
		if id == "" {
			im.leave("a rule", "it has no cre.id")
			continue
		}
		item, why := im.creRule(id, mapOf(doc["rule"]))
		if why != "" {
			im.leave(id, why)
			continue
		}
		var more yaml.MapSlice
		add := func(key string, value any) {
			if texts := stringsOf(value); len(texts) > 0 {
				more = append(more, yaml.MapItem{Key: key, Value: texts})
			}
		}
		add("actions", info["mitigation"])
		add("references", info["references"])
		im.take(id, orElse(str(info["title"]), id), []yaml.MapSlice{item}, more)
	}
}

func (im *importer) creRule(id string, rule map[string]any) (yaml.MapSlice, string) {
	key, terms := "all", "match"
	body := mapOf(rule["set"])
	if rule["sequence"] != nil {
		key, terms, body = "sequence", "order", mapOf(rule["sequence"])
	}
	if body == nil {
		return nil, "it has neither a set nor a sequence"
	}
	if len(list(body["negate"])) > 0 {
		im.leave(id, "negate is not taken: write not_contains, or absent for what must not follow")
	}
	if len(list(body["correlations"])) > 0 {
		im.leave(id, "correlations are not taken: parts are joined by component (join: host is the other way)")
	}
	var items []yaml.MapSlice
	for _, t := range list(body[terms]) {
		item, why := creTerm(t)
		if why != "" {
			return nil, why
		}
		items = append(items, item)
	}
	switch len(items) {
	case 0:
		return nil, "it matches nothing"
	case 1:
		if w := str(body["window"]); w != "" && has(items[0], "at_least") {
			items[0] = append(items[0], yaml.MapItem{Key: "within", Value: w})
		}
		return items[0], ""
	}
	whole := yaml.MapSlice{{Key: key, Value: items}}
	if w := str(body["window"]); w != "" {
		whole = append(whole, yaml.MapItem{Key: "within", Value: w})
	}
	return whole, ""
}

func creTerm(t any) (yaml.MapSlice, string) {
	term := mapOf(t)
	if term == nil {
		term = map[string]any{"value": t}
	}
	var log yaml.MapSlice
	switch {
	case str(term["value"]) != "":
		log = yaml.MapSlice{{Key: "contains", Value: []string{str(term["value"])}}}
	case str(term["regex"]) != "":
		log = yaml.MapSlice{{Key: "regexp", Value: str(term["regex"])}}
	default:
		return nil, "a term that is neither value nor regex (jq, nested sets) is not known"
	}
	item := yaml.MapSlice{{Key: "log", Value: log}}
	if n := str(term["count"]); n != "" && n != "1" {
		item = append(item, yaml.MapItem{Key: "at_least", Value: term["count"]})
	}
	return item, ""
}

func has(m yaml.MapSlice, key string) bool {
	for _, i := range m {
		if i.Key == key {
			return true
		}
	}
	return false
}

func mapOf(v any) map[string]any { m, _ := v.(map[string]any); return m }

func list(v any) []any {
	switch l := v.(type) {
	case nil:
		return nil
	case []any:
		return l
	default:
		return []any{v}
	}
}

func str(v any) string {
	switch v := v.(type) {
	case nil, map[string]any, []any:
		return ""
	case string:
		return strings.TrimSpace(v)
	default:
		return fmt.Sprint(v)
	}
}

func stringsOf(v any) []string {
	var out []string
	for _, x := range list(v) {
		if s := str(x); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

var notSlug = regexp.MustCompile(`[^a-z0-9]+`)

func slug(s string) string {
	return strings.Trim(notSlug.ReplaceAllString(strings.ToLower(s), "-"), "-")
}
