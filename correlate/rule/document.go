package rule

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
	"github.com/prometheus/common/model"
)

// document reads one YAML file by hand, node by node: every mistake in it is found in one go, and whatever is found
// wrong later still knows its place.
type document struct {
	file    string
	lines   []string
	faults  Faults
	anchors map[string]ast.Node
	depth   int
	visited int
}

// Limits that no file written by people reaches: they bound what aliases can blow up.
const (
	maxDepth   = 64
	maxVisited = 200_000
	maxFaults  = 1000
)

// errTooLarge ends the reading of a file that passes the limits.
var errTooLarge = errors.New("the file nests too deep, repeats itself too often or has too many mistakes")

// text is a string with its place.
type text struct {
	string
	at Position
	// node is where it stands, to find places inside it.
	node ast.Node
}

// fields says what to do with the value of each known key of a mapping.
type fields map[string]func(ast.Node)

func newDocument(file string, data []byte) *document {
	return &document{file: file, lines: strings.Split(string(data), "\n"), anchors: map[string]ast.Node{}}
}

// read parses the data and calls f for the body of each document in it. A panic of the parser on strange input becomes
// a fault.
func (d *document) read(data []byte, f func(ast.Node)) {
	defer func() {
		if r := recover(); r != nil {
			if err, ok := r.(error); ok && errors.Is(err, errTooLarge) {
				d.faults = append(d.faults, d.made(Position{}, errTooLarge.Error(), ""))
				return
			}
			d.fault(Position{}, fmt.Sprintf("the file cannot be read as YAML: %v", r), "")
		}
	}()
	parsed, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		d.syntax(err)
		return
	}
	for _, doc := range parsed.Docs {
		if doc.Body != nil {
			f(doc.Body)
		}
	}
}

// syntax notes an error of the YAML parser.
func (d *document) syntax(err error) {
	e, ok := errors.AsType[*yaml.SyntaxError](err)
	if !ok || e.Token == nil {
		d.fault(Position{}, err.Error(), "")
		return
	}
	d.fault(positionOf(e.Token), "this is not YAML: "+e.Message, "")
}

func positionOf(t *token.Token) Position {
	if t == nil || t.Position == nil {
		return Position{}
	}
	return Position{Line: t.Position.Line, Column: t.Position.Column}
}

// at is the place of a node.
func at(n ast.Node) Position {
	switch n := n.(type) {
	case *ast.MappingNode:
		if len(n.Values) > 0 && !n.IsFlowStyle {
			return at(n.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return at(n.Key)
	case *ast.LiteralNode:
		return positionOf(n.Start)
	case nil:
		return Position{}
	}
	return positionOf(n.GetToken())
}

func (d *document) fault(where Position, what, hint string) {
	if len(d.faults) > maxFaults {
		panic(errTooLarge)
	}
	d.faults = append(d.faults, &Fault{File: d.file, Position: where, What: what, Hint: hint, Picture: picture(d.lines, where)})
}

// resolve follows anchors, aliases and tags.
func (d *document) resolve(n ast.Node) ast.Node {
	if d.visited++; d.visited > maxVisited || d.depth > maxDepth {
		panic(errTooLarge)
	}
	for range maxDepth {
		switch v := n.(type) {
		case *ast.AnchorNode:
			d.anchors[v.Name.GetToken().Value] = v.Value
			n = v.Value
		case *ast.AliasNode:
			target, ok := d.anchors[v.Value.GetToken().Value]
			if !ok {
				d.fault(at(n), "no anchor is called "+strconv.Quote(v.Value.GetToken().Value)+" above", "")
				return nil
			}
			n = target
		case *ast.TagNode:
			n = v.Value
		default:
			return n
		}
	}
	panic(errTooLarge)
}

// mapping reads a mapping: unknown and repeated keys are faults.
func (d *document) mapping(n ast.Node, what string, f fields) {
	d.depth++
	defer func() { d.depth-- }()
	seen := map[string]bool{}
	d.pairs(n, what, func(key text, value ast.Node) {
		read, known := f[key.string]
		switch {
		case !known:
			d.fault(key.at, fmt.Sprintf("unknown key %q in %s", key.string, what), nearest(key.string, slices.Sorted(maps.Keys(f))))
		case seen[key.string]:
			d.fault(key.at, fmt.Sprintf("the key %q stands twice in %s", key.string, what), "")
		default:
			seen[key.string] = true
			read(value)
		}
	})
}

// pairs calls f for each key of a mapping, in order.
func (d *document) pairs(n ast.Node, what string, f func(key text, value ast.Node)) {
	n = d.resolve(n)
	var values []*ast.MappingValueNode
	switch m := n.(type) {
	case nil, *ast.NullNode:
		return
	case *ast.MappingNode:
		values = m.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{m}
	default:
		d.fault(at(n), fmt.Sprintf("%s must be a mapping (key: value), not %s", what, kindOf(n)), "")
		return
	}
	for _, v := range values {
		if v.Key.IsMergeKey() {
			d.depth++
			d.pairs(v.Value, what, f)
			d.depth--
			continue
		}
		f(d.text(v.Key), v.Value)
	}
}

func kindOf(n ast.Node) string {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case nil, *ast.NullNode:
		return "nothing"
	default:
		return "a single value"
	}
}

// list calls f for each element of a list. A single value is a list of one.
func (d *document) list(n ast.Node, f func(ast.Node)) {
	n = d.resolve(n)
	switch l := n.(type) {
	case nil, *ast.NullNode:
	case *ast.SequenceNode:
		d.depth++
		for _, v := range l.Values {
			f(v)
		}
		d.depth--
	default:
		f(n)
	}
}

// text reads a scalar of any type as a string.
func (d *document) text(n ast.Node) text {
	place := at(n)
	n = d.resolve(n)
	switch v := n.(type) {
	case nil, *ast.NullNode:
		return text{at: place, node: n}
	case *ast.StringNode:
		return text{v.Value, at(n), n}
	case *ast.LiteralNode:
		return text{v.Value.Value, at(n), n}
	case *ast.MappingNode, *ast.MappingValueNode, *ast.SequenceNode:
		d.fault(at(n), "a single value is needed here, not "+kindOf(n), "quote the value if it holds {, [ or : followed by a blank")
		return text{at: at(n), node: n}
	default:
		return text{n.GetToken().Value, at(n), n}
	}
}

func (d *document) texts(n ast.Node) []text {
	var all []text
	d.list(n, func(n ast.Node) { all = append(all, d.text(n)) })
	return all
}

func (d *document) strings(n ast.Node) []string {
	var all []string
	for _, t := range d.texts(n) {
		all = append(all, t.string)
	}
	return all
}

// integer reads a whole number of at least least.
func (d *document) integer(n ast.Node, least int64) int64 {
	t := d.text(n)
	v, err := strconv.ParseInt(t.string, 10, 64)
	if err != nil || v < least {
		d.fault(t.at, fmt.Sprintf("%q is not a whole number of at least %d", t.string, least), "")
		return least
	}
	return v
}

// number reads a number between two limits.
func (d *document) number(n ast.Node, least, most float64) float64 {
	t := d.text(n)
	v, err := strconv.ParseFloat(t.string, 64)
	if err != nil || !(v >= least && v <= most) {
		d.fault(t.at, fmt.Sprintf("%q is not a number from %g to %g", t.string, least, most), "")
		return least
	}
	return v
}

func (d *document) boolean(n ast.Node) bool {
	t := d.text(n)
	switch t.string {
	case "true":
		return true
	case "false":
	default:
		d.fault(t.at, fmt.Sprintf("%q is neither true nor false", t.string), "")
	}
	return false
}

// duration reads a duration as Prometheus writes it, in nanoseconds.
func (d *document) duration(n ast.Node) int64 {
	t := d.text(n)
	v, err := model.ParseDuration(t.string)
	if err != nil || v == 0 {
		d.fault(t.at, fmt.Sprintf("%q is not a duration", t.string), "write a number and ms, s, m, h, d or w, such as 90s or 1h30m")
		return int64(time.Minute)
	}
	return int64(v)
}

// oneOf reads one of a few words.
func (d *document) oneOf(n ast.Node, what string, words []string) string {
	t := d.text(n)
	if !slices.Contains(words, t.string) {
		d.fault(t.at, fmt.Sprintf("%s %q is not known", what, t.string), nearest(t.string, words))
		return ""
	}
	return t.string
}

// regexp reads a regular expression; anchored ones must match the whole value.
func (d *document) regexp(n ast.Node, anchored bool) *regexp.Regexp {
	t := d.text(n)
	re, err := regexp.Compile(t.string)
	if err != nil {
		d.fault(d.inside(t, 0), err.Error(), "")
		return nil
	}
	if anchored {
		return regexp.MustCompile(`^(?s:` + t.string + `)$`)
	}
	return re
}

// inside is the place of a byte of a text. Inside a block it is found line by line; in quotes the opening one counts.
func (d *document) inside(t text, offset int) Position {
	offset = min(max(offset, 0), len(t.string))
	switch n := t.node.(type) {
	case *ast.LiteralNode:
		line := t.at.Line
		rest := t.string
		for line < len(d.lines) {
			raw := strings.TrimRight(d.lines[line], "\r")
			trimmed := strings.TrimLeft(raw, " ")
			length := min(len(trimmed), len(rest))
			if offset <= length && (trimmed != "" || offset == 0) {
				return Position{Line: line + 1, Column: len(raw) - len(trimmed) + offset + 1}
			}
			if trimmed != "" {
				offset -= length + 1
			}
			line++
		}
		return t.at
	case *ast.StringNode:
		column := t.at.Column + len([]rune(t.string[:offset]))
		if k := n.Token.Type; k == token.SingleQuoteType || k == token.DoubleQuoteType {
			column++
			column += strings.Count(t.string[:offset], "'") * boolInt(k == token.SingleQuoteType)
		}
		return Position{Line: t.at.Line, Column: column}
	default:
		return t.at
	}
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
