package main

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/correlate/timeline"
	"github.com/hindcast/hindcast/render"
	"github.com/hindcast/hindcast/render/redact"
)

// hindcast runs a command line in this process.
func hindcast(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	a := &app{stdin: strings.NewReader(""), stdout: &out, stderr: &errs}
	err := execute(t.Context(), newRoot(a), args)
	report(&errs, err)
	return exitCode(err), out.String(), errs.String()
}

// tampered are changes of a report of which each must be found, at its place.
var tampered = []struct {
	name   string
	change func(r map[string]any)
	want   string
}{
	{"a count", func(r map[string]any) { log(r)["count"] = 999 }, "].count: the report says 999, the evidence gives "},
	{"a text", func(r map[string]any) { log(r)["text"] = "all is well" }, "].text: it does not stand at "},
	{"an origin", func(r map[string]any) { log(r)["origin"] = "nowhere.log:1" }, "].origin: the bundle has no place nowhere.log:1"},
	{"a time", func(r map[string]any) { first(r, "timeline")["time"] = "2025-10-14T03:00:00Z" }, `].time: the report says "2025-10-14T03:00:00Z", the evidence gives `},
	{"an invented entry", func(r map[string]any) {
		e := clone(first(r, "timeline"))
		e["id"] = "T999"
		r["timeline"] = append(list(r, "timeline"), e)
	}, "timeline[T999]: the report says {"},
	{"an entry left out", func(r map[string]any) { r["timeline"] = list(r, "timeline")[1:] }, "timeline[T1]: the report leaves it out"},
	{"an entry twice", func(r map[string]any) { r["timeline"] = append(list(r, "timeline"), first(r, "timeline")) }, "timeline[T1]: the report has it twice"},
	{"an invented suspect", func(r map[string]any) { first(r, "suspects")["component"] = "somebody-else" }, `suspects[1].component: the report says "somebody-else", the evidence gives "data-sync"`},
	{"a confidence", func(r map[string]any) { first(r, "suspects")["confidence"] = 0.99 }, "suspects[1].confidence: the report says 0.99"},
	{"a verdict", func(r map[string]any) { r["verdict"] = "nothing-unusual" }, `verdict: the report says "nothing-unusual", the evidence gives "found"`},
	{"a sentence", func(r map[string]any) { first(r, "summary")["text"] = "It was the network." }, `summary[0].text: the report says "It was the network."`},
	{"the rules", func(r map[string]any) { r["generator"].(map[string]any)["rules_sha256"] = "00" }, `generator.rules_sha256: the report says "00"`},
	{"the coverage", func(r map[string]any) { first(r, "coverage")["read"] = 1 }, "coverage[files].read: the report says 1, the evidence gives 41593"},
	{"a redaction", func(r map[string]any) { r["redactions"] = map[string]any{"email": 5} }, "redactions.email: the report says 5"},
	{"something new", func(r map[string]any) { r["root_cause"] = "gremlins" }, `root_cause: the report says "gremlins", which the evidence does not give`},
	{"the reason of the window", func(r map[string]any) { r["window"].(map[string]any)["source"] = "from --from" }, `window.source: the report says "from --from"`},
}

func list(r map[string]any, name string) []any { return r[name].([]any) }

func first(r map[string]any, name string) map[string]any { return list(r, name)[0].(map[string]any) }

// log is the first piece of evidence from a log.
func log(r map[string]any) map[string]any {
	for _, e := range list(r, "evidence") {
		if m := e.(map[string]any); m["pattern"] != nil && m["text"] != "" {
			return m
		}
	}
	panic("there is none")
}

func clone(m map[string]any) map[string]any {
	c := map[string]any{}
	maps.Copy(c, m)
	return c
}

func TestVerify(t *testing.T) {
	dir := t.TempDir()
	result, kept := filepath.Join(dir, "inc.json"), filepath.Join(dir, "inc.bundle")
	status, _, errs := hindcast(t, "run", "../../fixtures/incidents/2025-10-14-pool-exhaustion", "-q", "-o", "json="+result, "--bundle", kept)
	require.Zero(t, status, errs)
	status, out, errs := hindcast(t, "verify", result, kept)
	require.Zero(t, status, out)
	require.Contains(t, errs, "supports every claim")
	text, err := os.ReadFile(result)
	require.NoError(t, err)

	a := &app{stdout: io.Discard, stderr: io.Discard, logLevel: "info", logFormat: "logfmt", color: "never", progress: "none"}
	require.NoError(t, a.start())
	r, err := a.replay(t.Context(), kept, nil)
	require.NoError(t, err)
	defer r.close()
	mask, err := (&outputFlags{}).masking(a, r.cfg)
	require.NoError(t, err)
	derived := redact.Timeline(r.timeline, mask)
	for _, c := range tampered {
		t.Run(c.name, func(t *testing.T) {
			claims := strings.Join(claimsOf(t, a, changed(t, text, c.change), derived), "\n")
			require.Contains(t, claims, c.want, "%q is not in %.2000s", c.want, claims)
		})
	}

	// Another window is derived anew; that of the report is not the one that its claims come from.
	path := filepath.Join(dir, "changed.json")
	require.NoError(t, os.WriteFile(path, changed(t, text, func(r map[string]any) {
		r["window"].(map[string]any)["from"] = "2025-10-14T03:46:29Z"
	}), 0o600))
	status, out, errs = hindcast(t, "verify", path, kept)
	require.Equal(t, exitFindings, status)
	require.Contains(t, errs, "another window than the bundle was collected for")
	require.Contains(t, out, "components[data-sync]: the report says")
}

// changed changes a report.
func changed(t *testing.T, text []byte, change func(map[string]any)) []byte {
	t.Helper()
	var r map[string]any
	require.NoError(t, json.Unmarshal(text, &r))
	change(r)
	out, err := json.Marshal(r)
	require.NoError(t, err)
	return out
}

// claimsOf gives the claims of a report that are not supported.
func claimsOf(t *testing.T, a *app, text []byte, derived *timeline.Timeline) []string {
	t.Helper()
	claims, err := differences(text, derived)
	require.NoError(t, err)
	reported, err := render.Read(bytes.NewReader(text))
	require.NoError(t, err)
	places, err := a.lookUp(t.Context(), reported)
	require.NoError(t, err)
	return append(claims, places...)
}

// TestVerifyOfDamagedBundle: what the report is checked against is checked itself.
func TestVerifyOfDamagedBundle(t *testing.T) {
	dir := t.TempDir()
	result, kept := filepath.Join(dir, "inc.json"), filepath.Join(dir, "inc.bundle")
	status, _, errs := hindcast(t, "run", "../../fixtures/incidents/2025-10-07-quiet-release", "-q", "-o", "json="+result, "--bundle", kept)
	require.Zero(t, status, errs)
	data, err := os.ReadFile(kept)
	require.NoError(t, err)
	data[len(data)/2] ^= 0xff
	require.NoError(t, os.WriteFile(kept, data, 0o600))
	status, _, errs = hindcast(t, "verify", result, kept)
	require.Equal(t, exitFailed, status)
	require.Contains(t, errs, "is damaged")
	status, _, errs = hindcast(t, "run", kept, "-o", "json")
	require.Equal(t, exitPartial, status)
	require.Contains(t, errs, "is damaged")
	require.NoError(t, os.WriteFile(kept, data[:len(data)-5000], 0o600))
	status, _, errs = hindcast(t, "run", kept, "-o", "json")
	require.Equal(t, exitFailed, status)
	require.Contains(t, errs, "cut short")
}
