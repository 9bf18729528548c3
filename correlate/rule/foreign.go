package rule

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// value is a part of a file in another rule language, with its place. All its methods work on nil, which stands for what
// is not there.
type value struct {
	at     Position
	scalar string
	list   []*value
	keys   []string
	fields map[string]*value
	kind   valueKind
}

type valueKind int

const (
	scalarValue valueKind = iota
	listValue
	mapValue
)

// value reads a node whatever it is. Of a key that stands twice the first counts.
func (d *document) value(n ast.Node) *value {
	place := at(n)
	n = d.resolve(n)
	switch n.(type) {
	case nil, *ast.NullNode:
		return nil
	case *ast.SequenceNode:
		v := &value{at: place, kind: listValue}
		d.list(n, func(n ast.Node) {
			if part := d.value(n); part != nil {
				v.list = append(v.list, part)
			}
		})
		return v
	case *ast.MappingNode, *ast.MappingValueNode:
		v := &value{at: place, kind: mapValue, fields: map[string]*value{}}
		d.depth++
		d.pairs(n, "a mapping", func(key text, body ast.Node) {
			if slices.Contains(v.keys, key.string) {
				return
			}
			v.keys = append(v.keys, key.string)
			v.fields[key.string] = d.value(body)
		})
		d.depth--
		return v
	default:
		t := d.text(n)
		return &value{at: t.at, scalar: t.string}
	}
}

// get gives the value of a key, nil if there is none.
func (v *value) get(key string) *value {
	if v == nil {
		return nil
	}
	return v.fields[key]
}

// has tells whether the key is there, even without a value.
func (v *value) has(key string) bool { return v != nil && slices.Contains(v.keys, key) }

// isMap tells whether it is a mapping.
func (v *value) isMap() bool { return v != nil && v.kind == mapValue }

// items are the elements of a list; a single value is a list of one.
func (v *value) items() []*value {
	switch {
	case v == nil:
		return nil
	case v.kind == listValue:
		return v.list
	default:
		return []*value{v}
	}
}

// text is a single value without blanks around it, empty for lists and mappings.
func (v *value) text() string {
	if v == nil {
		return ""
	}
	return strings.TrimSpace(v.scalar)
}

// texts are the single values of a list that are not empty, with the blanks around them: Sigma means them.
func (v *value) texts() []string {
	var out []string
	for _, i := range v.items() {
		if i.scalar != "" {
			out = append(out, i.scalar)
		}
	}
	return out
}

// place is where it stands, the zero Position if it is not there.
func (v *value) place() Position {
	if v == nil {
		return Position{}
	}
	return v.at
}
