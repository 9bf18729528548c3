package rule

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/correlate/match"
	"github.com/hindcast/hindcast/ingest/event"
)

const schemaFile = "../../docs/rules.schema.json"

// TestSchemaHasTheKeysOfTheLanguage holds the schema for editors to the keys that the parser reads.
func TestSchemaHasTheKeysOfTheLanguage(t *testing.T) {
	data, err := os.ReadFile(schemaFile)
	require.NoError(t, err)
	var schema struct {
		Defs map[string]struct {
			Properties map[string]json.RawMessage `json:"properties"`
			Additional any                        `json:"additionalProperties"`
		} `json:"$defs"`
	}
	require.NoError(t, json.Unmarshal(data, &schema))
	d := newDocument("", nil)
	item := &Item{Log: &match.Log{}, Metric: &Metric{}, Absent: &Absent{}}
	language := map[string]fields{
		"group": d.groupFields(&Group{}), "condition": d.ruleFields(&Rule{}), "cause": d.causeFields(&Cause{}), "item": d.itemFields(item),
		"log": d.logFields(item), "metric": d.metricFields(item), "absent": d.absentFields(item),
	}
	for _, kind := range []event.Kind{event.Alert, event.Kubernetes, event.Change, event.Action} {
		language[string(kind)] = d.eventFields(&EventMatch{}, kind)
	}
	require.Len(t, schema.Defs, len(language))
	for name, f := range language {
		var keys []string
		for key := range schema.Defs[name].Properties {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		require.Equal(t, slices.Sorted(maps.Keys(f)), keys, name)
		require.Equal(t, false, schema.Defs[name].Additional, name)
	}
}

// TestSchemaTakesRuleFiles validates files that the parser takes, and the library.
func TestSchemaTakesRuleFiles(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(schemaFile)
	require.NoError(t, err)
	files := []string{"testdata/shop.yml", "testdata/check/remarks.yml"}
	library, err := filepath.Glob("library/*.yml")
	require.NoError(t, err)
	for _, file := range append(files, library...) {
		if isTest(file) {
			continue
		}
		require.NoError(t, validate(t, schema, file), file)
	}
	for _, file := range []string{"unknown-key", "item", "cause", "toplevel", "condition"} {
		require.Error(t, validate(t, schema, "testdata/faults/"+file+".yml"), file)
	}
}

func validate(t *testing.T, schema *jsonschema.Schema, file string) error {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	asJSON, err := yaml.YAMLToJSON(data)
	require.NoError(t, err)
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(string(asJSON)))
	require.NoError(t, err)
	return schema.Validate(v)
}
