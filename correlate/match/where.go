package match

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/types"
	"github.com/expr-lang/expr/vm"

	"github.com/hindcast/hindcast/ingest/event"
)

// where is a compiled expression of a matcher.
type where struct {
	program *vm.Program
	// groups are the captured groups that the expression may name.
	groups []string
	// fields are the record's fields that it names.
	fields []string
	// needs are literals without which it is false.
	needs []string
	// bounds are comparisons of numbers without which it is false, and enough is set if it asks for nothing else.
	bounds []bound
	enough bool
}

// bound is a comparison of one of a record's numbers.
type bound struct {
	name  string
	op    string
	value float64
}

// holds compares.
func (b *bound) holds(r *event.Record) bool {
	var v float64
	switch b.name {
	case "status":
		v = float64(r.Status)
	case "duration":
		v = float64(r.Duration) / 1e9
	default:
		v = float64(r.Severity)
	}
	switch b.op {
	case ">=":
		return v >= b.value
	case ">":
		return v > b.value
	case "<=":
		return v <= b.value
	case "<":
		return v < b.value
	default:
		return v == b.value
	}
}

// maxNodes bounds the size of an expression; it has no other limit on its cost than that it cannot loop in a loop.
const maxNodes = 200

// builtins are the functions that expressions may use: those whose result depends on nothing but their arguments, and
// is not larger than they are.
var builtins = []string{
	"len", "abs", "ceil", "floor", "round", "int", "float", "string", "trim", "trimPrefix", "trimSuffix", "upper", "lower", "split",
	"indexOf", "lastIndexOf", "hasPrefix", "hasSuffix", "max", "min", "all", "any", "none", "one", "count", "get",
}

// severities may be named in expressions.
var severities = []event.Severity{event.Trace, event.Debug, event.Info, event.Notice, event.Warn, event.Error, event.Critical}

// WhereNames are the names that any expression knows.
var WhereNames = []string{
	"message", "detail", "severity", "status", "duration", "service", "instance", "logger", "fields",
	"trace", "debug", "info", "notice", "warn", "error", "critical",
}

// newEnv makes the environment of one evaluation.
func newEnv() map[string]any {
	env := map[string]any{
		"message": "", "detail": "", "severity": 0, "status": 0, "duration": 0.0,
		"service": "", "instance": "", "logger": "", "fields": map[string]any{},
	}
	for _, s := range severities {
		env[s.String()] = int(s)
	}
	return env
}

// envTypes are the types of an environment's values, with the groups, which can be anything.
func envTypes(groups []string) types.Map {
	m := types.Map{}
	for name, value := range newEnv() {
		m[name] = types.TypeOf(value)
	}
	for _, g := range groups {
		m[g] = types.Any
	}
	return m
}

func compileWhere(text string, groups []string) (*where, error) {
	for _, g := range groups {
		if slices.Contains(WhereNames, g) {
			return nil, fmt.Errorf("the captured group %q has the name of a part of the record", g)
		}
	}
	w := &where{groups: groups}
	guard := &guard{where: w}
	options := []expr.Option{expr.Env(envTypes(groups)), expr.AsBool(), expr.MaxNodes(maxNodes), expr.DisableAllBuiltins()}
	for _, b := range builtins {
		options = append(options, expr.EnableBuiltin(b))
	}
	options = append(options, expr.Patch(guard))
	program, err := expr.Compile(text, options...)
	if err != nil {
		return nil, err
	}
	if guard.err != nil {
		return nil, guard.err
	}
	w.program = program
	w.enough = w.conjuncts(program.Node())
	slices.Sort(w.fields)
	w.fields = slices.Compact(w.fields)
	return w, nil
}

// guard walks an expression before it is compiled: it refuses loops in loops and notes the fields that are named.
type guard struct {
	where *where
	err   error
}

// Visit is called for every node, children first.
func (g *guard) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.PredicateNode:
		inner := &finder{}
		body := n.Node
		ast.Walk(&body, inner)
		if inner.found {
			g.err = errors.New("a predicate inside a predicate is not allowed: its cost has no bound")
		}
	case *ast.MemberNode:
		g.member(node, n)
	}
}

// member notes fields.name and fields["name"], and reads fields.a.b as fields["a.b"].
func (g *guard) member(node *ast.Node, n *ast.MemberNode) {
	if isFields(n.Node) {
		if s, ok := n.Property.(*ast.StringNode); ok {
			g.where.fields = append(g.where.fields, s.Value)
		} else {
			g.err = errors.New(`fields must be named by a constant: fields["name"]`)
		}
		return
	}
	parent, ok := n.Node.(*ast.MemberNode)
	if !ok || !isFields(parent.Node) {
		return
	}
	first, ok := parent.Property.(*ast.StringNode)
	last, isString := n.Property.(*ast.StringNode)
	if !ok || !isString {
		return
	}
	name := first.Value + "." + last.Value
	g.where.fields = slices.DeleteFunc(g.where.fields, func(f string) bool { return f == first.Value })
	g.where.fields = append(g.where.fields, name)
	joined := &ast.MemberNode{Node: parent.Node, Property: &ast.StringNode{Value: name}}
	joined.SetLocation(n.Location())
	*node = joined
}

func isFields(n ast.Node) bool {
	id, ok := n.(*ast.IdentifierNode)
	return ok && id.Value == "fields"
}

type finder struct{ found bool }

// Visit notes predicates.
func (f *finder) Visit(node *ast.Node) {
	if _, ok := (*node).(*ast.PredicateNode); ok {
		f.found = true
	}
}

// conjuncts takes what can be tested more cheaply out of the parts that are joined by "and", and tells whether that is
// all there is.
func (w *where) conjuncts(node ast.Node) (all bool) {
	n, ok := node.(*ast.BinaryNode)
	if !ok {
		return false
	}
	if n.Operator == "&&" || n.Operator == "and" {
		left := w.conjuncts(n.Left)
		return w.conjuncts(n.Right) && left
	}
	id, ok := n.Left.(*ast.IdentifierNode)
	if !ok {
		return false
	}
	if text, ok := n.Right.(*ast.StringNode); ok {
		if id.Value == "message" && (n.Operator == "contains" || n.Operator == "startsWith" || n.Operator == "endsWith") && len(text.Value) > 1 {
			w.needs = append(w.needs, text.Value)
		}
		return false
	}
	value, ok := constant(n.Right)
	if !ok || !slices.Contains([]string{"status", "duration", "severity"}, id.Value) || !slices.Contains([]string{">=", ">", "<=", "<", "=="}, n.Operator) {
		return false
	}
	w.bounds = append(w.bounds, bound{id.Value, n.Operator, value})
	return true
}

// constant gives the number that a node stands for: a literal, or the name of a severity.
func constant(node ast.Node) (float64, bool) {
	switch n := node.(type) {
	case *ast.IntegerNode:
		return float64(n.Value), true
	case *ast.FloatNode:
		return n.Value, true
	case *ast.IdentifierNode:
		for _, s := range severities {
			if s.String() == n.Value {
				return float64(s), true
			}
		}
	}
	return 0, false
}

// possible tests the bounds.
func (w *where) possible(r *event.Record) bool {
	for i := range w.bounds {
		if !w.bounds[i].holds(r) {
			return false
		}
	}
	return true
}

// fits tests the bounds on severity and status.
func (w *where) fits(r *event.Record) bool {
	for i := range w.bounds {
		if w.bounds[i].name != "duration" && !w.bounds[i].holds(r) {
			return false
		}
	}
	return true
}

// evaluator runs expressions; one a worker.
type evaluator struct {
	machine vm.VM
	env     map[string]any
}

// holds evaluates the expression. An error, such as the comparison of a missing value with a number, counts as false.
func (e *evaluator) holds(w *where, r *event.Record, component string, values [][]byte) (bool, error) {
	if e.env == nil {
		e.env = newEnv()
	}
	env := e.env
	env["message"], env["detail"] = string(r.Message), string(r.Detail)
	env["severity"], env["status"], env["duration"] = int(r.Severity), int(r.Status), float64(r.Duration)/1e9
	env["service"], env["instance"], env["logger"] = string(r.Service), string(r.Instance), string(r.Logger)
	if len(r.Service) == 0 {
		env["service"] = component
	}
	if len(w.fields) > 0 {
		fields := make(map[string]any, len(w.fields))
		for _, f := range r.Fields {
			if slices.Contains(w.fields, string(f.Key)) {
				fields[string(f.Key)] = number(string(f.Value))
			}
		}
		env["fields"] = fields
	}
	for i, g := range w.groups {
		if values[i] == nil {
			env[g] = nil
		} else {
			env[g] = number(string(values[i]))
		}
	}
	out, err := e.machine.Run(w.program, env)
	if err != nil {
		return false, err
	}
	ok, _ := out.(bool)
	return ok, nil
}

// number gives plain decimal numbers as numbers and all other text as it is. Codes with leading zeros stay text.
func number(s string) any {
	digits := s
	if len(digits) > 0 && digits[0] == '-' {
		digits = digits[1:]
	}
	if len(digits) == 0 || len(digits) > 15 || len(digits) > 1 && digits[0] == '0' && digits[1] != '.' {
		return s
	}
	point := false
	for i := range len(digits) {
		switch c := digits[i]; {
		case c >= '0' && c <= '9':
		case c == '.' && !point && i > 0 && i+1 < len(digits):
			point = true
		default:
			return s
		}
	}
	if !point {
		n, _ := strconv.Atoi(s)
		return n
	}
	f, _ := strconv.ParseFloat(s, 64)
	return f
}
