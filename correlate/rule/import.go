package rule

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// Foreign is a file of rules in another language.
type Foreign struct {
	Name string
	Data []byte
}

// Imported is what could be taken over of rules in another language.
type Imported struct {
	// YAML is a rule file; conditions in it have no causes yet. It is nil if nothing was taken.
	YAML []byte
	// Taken are the ids of its conditions.
	Taken []string
	// Left says with its place what was not taken, or not as it was meant, and why.
	Left Faults
}

// ErrNothingTaken is the error of an import that found no condition.
var ErrNothingTaken = errors.New("no rule could be taken over")

// Import reads CRE files (prequel) and Sigma rules and writes them as conditions, one group a file. Which language it is
// shows by the keys. Conditions are of role mid, have no causes, and name as references what the rule did. If nothing
// could be taken, the error is [ErrNothingTaken], and Left says why.
func Import(files ...Foreign) (*Imported, error) {
	im := &importer{result: &Imported{}, used: map[string]bool{}}
	var groups []yaml.MapSlice
	names := map[string]int{}
	for _, f := range files {
		im.doc, im.conditions = newDocument(f.Name, f.Data), nil
		im.doc.read(f.Data, im.document)
		if len(im.conditions) == 0 && len(im.doc.faults) == 0 {
			im.leave(Position{}, "there are no rules in it")
		}
		im.result.Left = append(im.result.Left, im.doc.faults...)
		if len(im.conditions) == 0 {
			continue
		}
		name := "imported-" + slug(strings.TrimSuffix(strings.TrimSuffix(base(f.Name), ".yaml"), ".yml"))
		if names[name]++; names[name] > 1 {
			name = fmt.Sprintf("%s-%d", name, names[name])
		}
		groups = append(groups, yaml.MapSlice{{Key: "name", Value: name}, {Key: "conditions", Value: im.conditions}})
	}
	if len(groups) == 0 {
		return im.result, ErrNothingTaken
	}
	text, err := writeYAML(yaml.MapSlice{{Key: "groups", Value: groups}})
	if err != nil {
		return nil, fmt.Errorf("writing rules: %w", err)
	}
	im.result.YAML = text
	return im.result, nil
}

func writeYAML(v any) ([]byte, error) {
	return yaml.MarshalWithOptions(v, yaml.IndentSequence(true), yaml.UseSingleQuote(true))
}

func base(name string) string { return path.Base(strings.ReplaceAll(name, `\`, "/")) }

type importer struct {
	result     *Imported
	doc        *document
	conditions []yaml.MapSlice
	used       map[string]bool
}

// leave notes what is not taken.
func (im *importer) leave(where Position, format string, args ...any) {
	im.doc.faults = append(im.doc.faults, &Fault{File: im.doc.file, Position: where, What: fmt.Sprintf(format, args...)})
}

// document takes the rules of one YAML document.
func (im *importer) document(n ast.Node) {
	doc := im.doc.value(n)
	switch {
	case doc.has("rules") && !doc.has("detection"):
		for _, r := range doc.get("rules").items() {
			im.cre(r)
		}
	case doc.has("detection"):
		im.sigma(doc)
	case doc.has("correlation"):
		im.leave(doc.get("correlation").place(), "%s: correlations of Sigma rules are not taken: write at_least and within beside the imported item", orElse(doc.get("title").text(), "a rule"))
	default:
		im.leave(doc.place(), "this is neither a CRE file (rules: - cre: …) nor a Sigma rule (detection: …)")
	}
}

// take adds a condition if the parser takes it.
func (im *importer) take(where Position, id, title string, items []yaml.MapSlice, more yaml.MapSlice) {
	if im.used[id] {
		im.leave(where, "%s: another rule has the id already", id)
		return
	}
	c := yaml.MapSlice{{Key: "id", Value: id}, {Key: "title", Value: strings.ReplaceAll(title, "{{", "{ {")}, {Key: "role", Value: string(Mid)}, {Key: "when", Value: items}}
	c = append(c, more...)
	text, err := writeYAML(yaml.MapSlice{{Key: "groups", Value: []yaml.MapSlice{{{Key: "name", Value: "x"}, {Key: "conditions", Value: []yaml.MapSlice{c}}}}}})
	if err == nil {
		var f *File
		if f, err = Parse(id, text); err == nil {
			_, err = NewSet(f)
		}
	}
	if err != nil {
		what := err.Error()
		if f := faultsIn(err); len(f) > 0 {
			what = f[0].What
		}
		im.leave(where, "%s: %s", id, what)
		return
	}
	im.used[id] = true
	im.conditions = append(im.conditions, c)
	im.result.Taken = append(im.result.Taken, id)
}

// texts adds a list of texts under a key, if there are any.
func texts(to yaml.MapSlice, key string, all []string) yaml.MapSlice {
	if len(all) == 0 {
		return to
	}
	return append(to, yaml.MapItem{Key: key, Value: all})
}

// has tells whether a mapping in the making has a key.
func has(m yaml.MapSlice, key string) bool {
	return slices.ContainsFunc(m, func(i yaml.MapItem) bool { return i.Key == key })
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
