package render

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/correlate/timeline"
)

const schemaPath = "../docs/timeline.schema.json"

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	s, err := c.Compile(schemaPath)
	require.NoError(t, err)
	return s
}

// TestSchema holds that what is written fits the schema, hostile texts and all, and that it can be read back unchanged.
func TestSchema(t *testing.T) {
	s := schema(t)
	check := func(tl *timeline.Timeline) {
		out := written(t, "json", tl, Options{})
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(out))
		require.NoError(t, err)
		require.NoError(t, s.Validate(v))
		back, err := Read(strings.NewReader(out))
		require.NoError(t, err)
		require.Equal(t, out, written(t, "json", back, Options{}))
	}
	for _, path := range cases(t) {
		check(saved(t, path))
	}
	for _, text := range nasty {
		check(hostile(text))
	}
}

func TestSchemaRefuses(t *testing.T) {
	s := schema(t)
	for _, change := range []func(map[string]any){
		func(m map[string]any) { m["schema"] = "hindcast.timeline/v2" },
		func(m map[string]any) { m["verdict"] = "maybe" },
		func(m map[string]any) { delete(m, "suspects") },
		func(m map[string]any) { m["timeline"] = nil },
	} {
		var m map[string]any
		require.NoError(t, json.Unmarshal([]byte(written(t, "json", saved(t, "testdata/pool.json"), Options{})), &m))
		require.NoError(t, s.Validate(m))
		change(m)
		require.Error(t, s.Validate(m))
	}
}

// TestSchemaKnowsEveryField walks the types: a field that is added must be described.
func TestSchemaKnowsEveryField(t *testing.T) {
	data, err := os.ReadFile(schemaPath)
	require.NoError(t, err)
	var doc map[string]any
	require.NoError(t, json.Unmarshal(data, &doc))
	defs := doc["$defs"].(map[string]any)
	var walk func(ty reflect.Type, node map[string]any, path string)
	walk = func(ty reflect.Type, node map[string]any, path string) {
		for _, k := range []string{"items", "oneOf", "$ref"} {
			switch v := node[k].(type) {
			case map[string]any:
				node = v
			case []any:
				node = v[0].(map[string]any)
			}
			if name, ok := node["$ref"].(string); ok {
				node = defs[strings.TrimPrefix(name, "#/$defs/")].(map[string]any)
			}
		}
		for ty.Kind() == reflect.Pointer || ty.Kind() == reflect.Slice {
			ty = ty.Elem()
		}
		if ty.Kind() != reflect.Struct || ty.PkgPath() == "time" {
			return
		}
		properties, ok := node["properties"].(map[string]any)
		require.True(t, ok, path)
		for _, f := range reflect.VisibleFields(ty) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if f.Anonymous || name == "" || name == "-" {
				continue
			}
			require.Contains(t, properties, name, path)
			walk(f.Type, properties[name].(map[string]any), path+"."+name)
		}
	}
	walk(reflect.TypeFor[timeline.Timeline](), doc, "")
}
