package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// lokiLines are two services for three hours, the last half hour of which the database refuses connections.
func lokiLines(begin time.Time) (times []int64, app, text []string) {
	for i := range 3 * 360 {
		at := begin.Add(time.Duration(i) * 10 * time.Second)
		times = append(times, at.UnixNano(), at.UnixNano())
		app = append(app, "orders", "edge")
		if i > 900 {
			text = append(text, fmt.Sprintf(`{"level":"error","msg":"order %d: pq: FATAL: sorry, too many clients already"}`, i))
		} else {
			text = append(text, fmt.Sprintf(`{"level":"info","msg":"order %d stored"}`, i))
		}
		text = append(text, fmt.Sprintf("level=info msg=\"request %d\"", i))
	}
	return times, app, text
}

// lokiServer answers to one tenant.
func lokiServer(t *testing.T, begin time.Time) *httptest.Server {
	times, app, text := lokiLines(begin)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		q := r.URL.Query()
		switch {
		case r.Header.Get("X-Scope-OrgID") != "shop":
			http.Error(w, "no org id", http.StatusUnauthorized)
			return
		case r.URL.Path != "/loki/api/v1/query_range":
			http.NotFound(w, r)
			return
		}
		start, _ := strconv.ParseInt(q.Get("start"), 10, 64)
		end, _ := strconv.ParseInt(q.Get("end"), 10, 64)
		limit, _ := strconv.Atoi(q.Get("limit"))
		values := map[string][][2]string{}
		for i, at := range times {
			if at < start || at >= end || limit == 0 || strings.Contains(q.Get("query"), `app="`) && !strings.Contains(q.Get("query"), app[i]) {
				continue
			}
			values[app[i]] = append(values[app[i]], [2]string{strconv.FormatInt(at, 10), text[i]})
			limit--
		}
		result := []any{}
		for _, name := range []string{"edge", "orders"} {
			if len(values[name]) > 0 {
				result = append(result, map[string]any{"stream": map[string]string{"app": name, "namespace": "shop"}, "values": values[name]})
			}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"status": "success", "data": map[string]any{"resultType": "streams", "result": result}})
	}))
	t.Cleanup(s.Close)
	return s
}

// TestLoki pulls logs of a tenant, keeps them, and gets the same from the bundle when the server is gone.
func TestLoki(t *testing.T) {
	begin := time.Date(2026, 3, 18, 11, 0, 0, 0, time.UTC)
	server := lokiServer(t, begin)
	dir := t.TempDir()
	config := func(name, tenant string) string {
		path := filepath.Join(dir, name)
		text := fmt.Sprintf("sources:\n  - name: logs\n    loki: {url: %q, query: '{namespace=\"shop\"}', page_size: 100}\n    http_config: {http_headers: {X-Scope-OrgID: {values: [%s]}}}\n", server.URL, tenant)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	window := []string{"--from", "2026-03-18T13:20:00Z", "--to", "2026-03-18T14:00:00Z"}
	kept := filepath.Join(dir, "inc.bundle")
	status, live, errs := hindcast(t, append([]string{"run", "-c", config("hindcast.yml", "shop"), "--bundle", kept, "-o", "json"}, window...)...)
	require.Zero(t, status, errs)
	require.Contains(t, errs, "logs     2,160 read, 2,160 kept")
	require.Contains(t, live, `"verdict": "found"`)
	require.Contains(t, live, "too many clients already")

	server.Close()
	status, again, errs := hindcast(t, "run", kept, "-o", "json")
	require.Zero(t, status, errs)
	require.Equal(t, live, again)

	server = lokiServer(t, begin)
	status, _, errs = hindcast(t, append([]string{"run", "-c", config("wrong.yml", "other"), "-o", "json"}, window...)...)
	require.Equal(t, exitFailed, status)
	require.Contains(t, errs, "401 Unauthorized")
}
