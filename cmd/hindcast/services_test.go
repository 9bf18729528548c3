package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/correlate/timeline"
	"github.com/hindcast/hindcast/render"
)

// times are the parameters that say which time is asked for.
var times = []string{"since", "until", "from", "to", "updated_after", "updated_before", "date_range"}

// asked is a request without the time that it asks for.
func asked(path string) string {
	u, err := url.Parse(path)
	if err != nil {
		return path
	}
	var words []string
	for name, values := range u.Query() {
		for _, v := range values {
			if !slices.Contains(times, name) {
				words = append(words, name+"="+v)
			}
		}
	}
	slices.Sort(words)
	return u.EscapedPath() + "?" + strings.Join(words, "&")
}

// service answers as the archive of a source's tests says, whatever time is asked for, to who knows the secret.
func service(t *testing.T, kind, header string) *httptest.Server {
	t.Helper()
	data, err := os.ReadFile("../../ingest/" + kind + "/testdata/server/answers.txtar")
	require.NoError(t, err)
	answers := map[string]string{}
	for _, f := range txtar.Parse(data).Files {
		answers[asked(f.Name)] = string(f.Data)
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		answer, ok := answers[asked(r.URL.String())]
		switch {
		case r.Header.Get("Authorization") != header:
			w.WriteHeader(http.StatusUnauthorized)
			return
		case !ok:
			w.WriteHeader(http.StatusNotFound)
			return
		}
		if head, body, ok := strings.Cut(answer, "\n\n"); ok && answer[0] != '{' && answer[0] != '[' {
			for line := range strings.SplitSeq(head, "\n") {
				name, value, _ := strings.Cut(line, ": ")
				w.Header().Set(name, strings.ReplaceAll(value, "${SERVER}", "http://"+r.Host))
			}
			answer = body
		}
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(s.Close)
	return s
}

// TestServices pulls an incident from six services, keeps it, and gets the same from the bundle when they are gone.
func TestServices(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
		return filepath.Join(dir, name)
	}
	file("pd.token", "hush-pager\n")
	file("bearer", "hush-bearer")
	servers := map[string]*httptest.Server{"pagerduty": service(t, "pagerduty", "Token token=hush-pager")}
	for _, kind := range []string{"kubernetes", "grafana", "github", "gitlab", "argocd"} {
		servers[kind] = service(t, kind, "Bearer hush-bearer")
	}
	text := "sources:\n"
	for kind, more := range map[string]string{
		"kubernetes": "", "grafana": "", "github": "repositories: [acme/shop], environments: [production]", "gitlab": "projects: [acme/shop]", "argocd": "",
	} {
		text += fmt.Sprintf("  - name: my-%s\n    %s: {url: %q, %s}\n    http_config: {authorization: {credentials_file: bearer}}\n", kind, kind, servers[kind].URL, more)
	}
	text += fmt.Sprintf("  - name: pages\n    pagerduty: {url: %q, token_file: pd.token, services: [PSVC1]}\n", servers["pagerduty"].URL)
	text += "reports:\n  - {format: json, path: 'out/{{.Date}}/{{.Incident}}.json'}\n"
	config := file("hindcast.yml", text)
	kept := filepath.Join(dir, "inc.bundle")

	status, out, errs := hindcast(t, "check", "sources", "-c", config)
	require.Zero(t, status, out+errs)
	for _, product := range []string{"PagerDuty", "Kubernetes v1.33.1", "Grafana 12.4.1", "GitHub", "GitLab", "Argo CD v2.9.3+6eba5be"} {
		require.Contains(t, out, ": "+product+" at http://")
	}

	status, out, errs = hindcast(t, "run", "-c", config, "--pagerduty", "8", "--bundle", kept)
	require.Zero(t, status, errs)
	require.Empty(t, out)
	require.Contains(t, errs, "from pager incident Q1INC, 2026-03-18T13:41:00Z to 2026-03-18T13:58:00Z")
	live, err := os.ReadFile(filepath.Join(dir, "out", "2026-03-18", "8.json"))
	require.NoError(t, err, errs)
	r, err := render.Read(strings.NewReader(string(live)))
	require.NoError(t, err)
	for _, name := range []string{"my-kubernetes", "my-grafana", "my-github", "my-gitlab", "my-argocd", "pages"} {
		require.True(t, slices.ContainsFunc(r.Evidence, func(e timeline.Evidence) bool { return e.Source == name }), name)
	}

	var late atomic.Int64
	for _, s := range servers {
		s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			late.Add(1)
			w.WriteHeader(http.StatusInternalServerError)
		})
	}
	require.NoError(t, os.Remove(filepath.Join(dir, "pd.token")))
	require.NoError(t, os.Remove(filepath.Join(dir, "bearer")))
	status, out, errs = hindcast(t, "run", kept, "-o", "json")
	require.Zero(t, status, errs)
	require.Equal(t, string(live), out)
	require.Zero(t, late.Load(), "a bundle is read without asking servers")
	result := filepath.Join(dir, "out", "2026-03-18", "8.json")
	status, out, errs = hindcast(t, "verify", result, kept)
	require.Zero(t, status, out+errs)

	status, _, errs = hindcast(t, "run", kept, "-o", "json", "--from", "2026-03-17T10:00:00Z", "--to", "2026-03-17T11:00:00Z")
	require.Equal(t, exitPartial, status, "what does not depend on the time is there")
	require.Contains(t, errs, "the bundle holds no answer to this request")
	require.Contains(t, errs, "GET "+servers["pagerduty"].URL+"/incidents?")
	holdsNoSecret(t, kept, "hush")
}

// TestCollectWithFailedSource: the bundle holds what could be had, and says what could not, again and again.
func TestCollectWithFailedSource(t *testing.T) {
	dir := t.TempDir()
	good := service(t, "grafana", "")
	bad := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `{"message": "Bad credentials"}`)
	}))
	t.Cleanup(bad.Close)
	config := filepath.Join(dir, "hindcast.yml")
	require.NoError(t, os.WriteFile(config, []byte(fmt.Sprintf("sources:\n  - {name: notes, grafana: {url: %q}}\n  - {name: deploys, github: {url: %q, repositories: [acme/shop]}}\n", good.URL, bad.URL)), 0o600))
	window := []string{"--from", "2026-03-18T13:00:00Z", "--to", "2026-03-18T14:30:00Z"}
	status, out, errs := hindcast(t, append([]string{"run", "-c", config, "-o", "json"}, window...)...)
	require.Equal(t, exitPartial, status, errs)
	kept := filepath.Join(dir, "x.bundle")
	status, _, errs = hindcast(t, append([]string{"collect", "-c", config, kept}, window...)...)
	require.Equal(t, exitPartial, status)
	require.Contains(t, errs, "! acme/shop/deployments: 403 Forbidden from "+bad.URL+": Bad credentials")
	status, again, errs := hindcast(t, "run", kept, "-o", "json")
	require.Equal(t, exitPartial, status, errs)
	require.Equal(t, out, again)
	require.Contains(t, again, "403 Forbidden")

	status, _, errs = hindcast(t, append([]string{"collect", "-c", config, "--strict", "--force", kept}, window...)...)
	require.Equal(t, exitFailed, status)
	require.Contains(t, errs, "evidence could not be read")
}

// holdsNoSecret unpacks a bundle and looks for a text that must not be in it.
func holdsNoSecret(t *testing.T, path, secret string) {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	z, err := zstd.NewReader(f)
	require.NoError(t, err)
	defer z.Close()
	text, err := io.ReadAll(z)
	require.NoError(t, err)
	require.Contains(t, string(text), "hindcast.bundle/v1")
	require.NotContains(t, string(text), secret)
}
