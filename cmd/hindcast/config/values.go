package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	promconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
	yamlv3 "go.yaml.in/yaml/v3"
)

// Bytes is a size as people write it: 512MiB, 4GiB, 1000000.
type Bytes int64

var sizes = []struct {
	suffix string
	factor float64
}{
	{"KiB", 1 << 10},
	{"MiB", 1 << 20},
	{"GiB", 1 << 30},
	{"TiB", 1 << 40},
	{"KB", 1e3},
	{"kB", 1e3},
	{"MB", 1e6},
	{"GB", 1e9},
	{"TB", 1e12},
	{"B", 1},
	{"", 1},
}

// ParseBytes reads a size.
func ParseBytes(s string) (Bytes, error) {
	for _, unit := range sizes {
		digits, ok := strings.CutSuffix(s, unit.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
		if err != nil || n < 0 || n*unit.factor > 1<<62 {
			break
		}
		return Bytes(n * unit.factor), nil
	}
	return 0, fmt.Errorf("%q is not a size such as 512MiB or 4GiB", s)
}

// UnmarshalYAML reads a size from a file.
func (b *Bytes) UnmarshalYAML(node ast.Node) error {
	n, err := ParseBytes(strings.Trim(node.String(), `"'`))
	if err != nil {
		return placed(node, err)
	}
	*b = n
	return nil
}

// Duration is written as Prometheus writes it: 90s, 1h30m, 3d, 2w.
type Duration time.Duration

// UnmarshalYAML reads a duration from a file.
func (d *Duration) UnmarshalYAML(node ast.Node) error {
	n, err := model.ParseDuration(strings.Trim(node.String(), `"'`))
	if err != nil {
		return placed(node, fmt.Errorf("%s is not a duration such as 90s, 30m or 3d", node.String()))
	}
	*d = Duration(n)
	return nil
}

// HTTP is Prometheus' http_config. It is decoded by the library that Prometheus uses: goccy's decoder panics in strict
// mode on the map of headers, which is inlined and no struct.
type HTTP struct {
	promconfig.HTTPClientConfig
}

// UnmarshalYAML hands the block over to Prometheus' own decoder and places its errors in our file.
func (h *HTTP) UnmarshalYAML(node ast.Node) error {
	text := node.String()
	dec := yamlv3.NewDecoder(strings.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(&h.HTTPClientConfig); err != nil {
		return placed(node, httpError(err))
	}
	if err := h.Validate(); err != nil {
		return placed(node, err)
	}
	return nil
}

// httpError takes the line, which is relative to the block, and the types out of yaml.v3's message.
func httpError(err error) error {
	var te *yamlv3.TypeError
	if !errors.As(err, &te) || len(te.Errors) == 0 {
		return fmt.Errorf("http_config: %w", err)
	}
	text := te.Errors[0]
	if _, rest, ok := strings.Cut(text, ": "); ok && strings.HasPrefix(text, "line ") {
		text = rest
	}
	if field, _, ok := strings.Cut(strings.TrimPrefix(text, "field "), " not found in type"); ok {
		return &unknownField{field: field}
	}
	return fmt.Errorf("http_config: %s", text)
}

// An unknownField is a field that http_config does not have.
type unknownField struct{ field string }

func (e *unknownField) Error() string { return fmt.Sprintf("unknown field %q in http_config", e.field) }

// A nodeError is an error with the place it belongs to.
type nodeError struct {
	node ast.Node
	err  error
}

func placed(node ast.Node, err error) error { return &nodeError{node: node, err: err} }

func (e *nodeError) Error() string { return e.err.Error() }
func (e *nodeError) Unwrap() error { return e.err }

// place finds where the error is: at the unknown field within the block if it is about one, otherwise where the block begins.
func (e *nodeError) place() (line, column int) {
	if u, ok := errors.AsType[*unknownField](e.err); ok {
		var found ast.Node
		ast.Walk(visit(func(n ast.Node) {
			if v, ok := n.(*ast.MappingValueNode); ok && found == nil && v.Key.String() == u.field {
				found = v.Key
			}
		}), e.node)
		if found != nil {
			p := found.GetToken().Position
			return p.Line, p.Column
		}
	}
	n := e.node
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 {
		n = m.Values[0].Key
	}
	if v, ok := n.(*ast.MappingValueNode); ok {
		n = v.Key
	}
	p := n.GetToken().Position
	return p.Line, p.Column
}

// visit lets a function walk a tree.
type visit func(ast.Node)

// Visit calls the function and goes on.
func (v visit) Visit(n ast.Node) ast.Visitor {
	v(n)
	return v
}

// jsonText quotes a text for JSON.
func jsonText(s string) (string, error) {
	b, err := json.Marshal(s)
	return string(b), err
}
