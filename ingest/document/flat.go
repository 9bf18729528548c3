package document

import (
	"encoding/json"
	"strings"
)

// Flatten gives the plain members of an object by their simplified names (see [Simple]), and those of the objects inside as
// "outer.inner".
func Flatten(members map[string]json.RawMessage) map[string]string {
	flat := map[string]string{}
	for k, raw := range members {
		var t Text
		if t.UnmarshalJSON(raw) == nil {
			flat[Simple(k)] = string(t)
			continue
		}
		var inner map[string]json.RawMessage
		if json.Unmarshal(raw, &inner) != nil {
			continue
		}
		for k2, raw := range inner {
			if t.UnmarshalJSON(raw) == nil {
				flat[Simple(k)+"."+Simple(k2)] = string(t)
			}
		}
	}
	return flat
}

// Simple makes "finishedAt", "finished-at" and "finished_at" one name.
func Simple(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(name))
}

// Under gives the plain members of the records at a path of a [Shape] by their simplified names.
func Under(shape map[string]string, at string) map[string]string {
	flat := map[string]string{}
	for k, v := range shape {
		if rest, ok := strings.CutPrefix(k, at); ok && !strings.Contains(rest, "[]") {
			flat[Simple(rest)] = v
		}
	}
	return flat
}
