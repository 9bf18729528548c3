package serve

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/cmd/hindcast/archive"
	"github.com/hindcast/hindcast/cmd/hindcast/journal"
	"github.com/hindcast/hindcast/ingest/fetch"
)

// still is a server that receives but does not work.
func still(t *testing.T, change func(*Setup), o journal.Options) *Server {
	t.Helper()
	a, err := archive.Open(filepath.Join(t.TempDir(), "incidents"))
	require.NoError(t, err)
	j, err := journal.Open(filepath.Join(t.TempDir(), "events"), o)
	require.NoError(t, err)
	t.Cleanup(j.Close)
	setup := Setup{Reporter: &reports{archive: a}, MaxBody: 2000, Rate: 1000, Jobs: 1}
	if change != nil {
		change(&setup)
	}
	return New(Options{Archive: a, Journal: j, Log: quiet, Version: "test"}, setup)
}

func secret(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(path, []byte(text+"\n"), 0o600))
	return path
}

var alert = body("A", "api", time.Date(2026, 3, 18, 12, 0, 0, 0, time.UTC), time.Time{})

const page = `{"event":{"id":"01A","event_type":"incident.triggered","resource_type":"incident","occurred_at":"2026-03-18T12:00:40Z",` +
	`"data":{"id":"PGR0VU2","type":"incident","number":4127,"status":"triggered","created_at":"2026-03-18T12:00:40Z","title":"down","service":{"summary":"api"}}}}`

func TestRefusals(t *testing.T) {
	token := secret(t, "sesame")
	for name, c := range map[string]struct {
		path, body string
		header     []string
		setup      func(*Setup)
		want       int
	}{
		"taken":                     {"alertmanager", alert, nil, nil, 200},
		"taken, of Grafana":         {"grafana", alert, nil, nil, 200},
		"taken, of PagerDuty":       {"pagerduty", page, nil, nil, 200},
		"not JSON":                  {"alertmanager", "{", nil, nil, 400},
		"nothing":                   {"alertmanager", " ", nil, nil, 400},
		"another's":                 {"alertmanager", `{"alerts":[{"labels":{"alertname":"A"}}]}`, nil, nil, 400},
		"in part another's":         {"alertmanager", strings.Replace(alert, `"alerts":[`, `"alerts":[{"labels":{"alertname":"B"}},`, 1), nil, nil, 200},
		"too large":                 {"alertmanager", alert + strings.Repeat(" ", 2000), nil, nil, 413},
		"no such kind":              {"nagios", alert, nil, nil, 404},
		"without the token":         {"alertmanager", alert, nil, func(s *Setup) { s.TokenFile = token }, 401},
		"with a wrong token":        {"grafana", alert, []string{"Authorization", "Bearer sesam"}, func(s *Setup) { s.TokenFile = token }, 401},
		"with basic auth":           {"grafana", alert, []string{"Authorization", "Basic sesame"}, func(s *Setup) { s.TokenFile = token }, 401},
		"with the token":            {"grafana", alert, []string{"Authorization", "Bearer sesame"}, func(s *Setup) { s.TokenFile = token }, 200},
		"PagerDuty, token":          {"pagerduty", page, []string{"Authorization", "Bearer sesame"}, func(s *Setup) { s.TokenFile = token }, 200},
		"the token cannot be read":  {"grafana", alert, nil, func(s *Setup) { s.TokenFile = "/nowhere" }, 500},
		"the token is empty":        {"grafana", alert, []string{"Authorization", "Bearer "}, func(s *Setup) { s.TokenFile = secret(t, "") }, 500},
		"PagerDuty, unsigned":       {"pagerduty", page, nil, func(s *Setup) { s.PagerDutySecretFile = token }, 401},
		"PagerDuty, signed":         {"pagerduty", page, []string{"X-PagerDuty-Signature", "v1=00, v1=" + sign("sesame", page)}, func(s *Setup) { s.PagerDutySecretFile = token }, 200},
		"PagerDuty, signed wrongly": {"pagerduty", page, []string{"X-PagerDuty-Signature", "v1=" + sign("other", page)}, func(s *Setup) { s.PagerDutySecretFile = token }, 401},
		"PagerDuty, other body":     {"pagerduty", page + " ", []string{"X-PagerDuty-Signature", "v1=" + sign("sesame", page)}, func(s *Setup) { s.PagerDutySecretFile = token }, 401},
	} {
		s := still(t, c.setup, journal.Options{})
		w := post(s.Handler(), "/api/v1/webhook/"+c.path, c.body, c.header...)
		require.Equal(t, c.want, w.Code, "%s: %s", name, w.Body)
		kept := len(s.Journal.Paths(time.Time{}, time.Time{}))
		if c.want == 200 {
			require.Equal(t, 1, kept, "%s: what is answered 200 to is on the disk", name)
		} else {
			require.Zero(t, kept, name)
		}
	}
	s := still(t, nil, journal.Options{})
	require.Equal(t, 405, get(s.Handler(), hook).Code)
}

// FuzzSigned: whatever stands in the header, only the secret's owner is let in.
func FuzzSigned(f *testing.F) {
	f.Add("v1=00,v1="+sign("sesame", page), page)
	f.Add("v1=", "")
	f.Add("v1,v1==,=v1=zz", page)
	f.Fuzz(func(t *testing.T, header, body string) {
		if signed([]byte("sesame"), []string{header}, []byte(body)) {
			require.Contains(t, strings.ToLower(header), "v1="+sign("sesame", body))
		}
	})
}

func sign(secret, body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return hex.EncodeToString(mac.Sum(nil))
}

// TestTooMany: Alertmanager tries again after 503 and after no other status that fits.
func TestTooMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := still(t, func(s *Setup) { s.Rate = 1 }, journal.Options{})
		defer s.Journal.Close()
		for range 1 + mostAtOnce {
			require.Equal(t, 200, post(s.Handler(), hook, alert).Code)
		}
		for path, want := range map[string]int{hook: 503, "/api/v1/webhook/grafana": 429, "/api/v1/webhook/pagerduty": 429} {
			w := post(s.Handler(), path, alert)
			require.Equal(t, want, w.Code)
			require.Equal(t, "1", w.Header().Get("Retry-After"))
		}
		time.Sleep(time.Second)
		require.Equal(t, 200, post(s.Handler(), hook, alert).Code)
	})
}

func TestBacklogIsFull(t *testing.T) {
	s := still(t, nil, journal.Options{MaxBytes: 10})
	w := post(s.Handler(), hook, alert)
	require.Equal(t, 503, w.Code)
	require.Equal(t, "60", w.Header().Get("Retry-After"))
}

func TestAllReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := still(t, nil, journal.Options{})
		defer s.Journal.Close()
		for range mostAtOnce {
			s.reading <- struct{}{}
		}
		w := post(s.Handler(), hook, alert)
		require.Equal(t, 503, w.Code)
		require.NotEmpty(t, w.Header().Get("Retry-After"))
	})
}

// TestPages: what stands in alerts is hostile.
func TestPages(t *testing.T) {
	s := still(t, nil, journal.Options{})
	evil := `<script>alert(1)</script>`
	rec := archive.Record{ID: "i1", Name: evil, From: time.Unix(0, 0), To: time.Unix(60, 0), Made: time.Unix(100, 0), Suspect: evil, Components: []string{evil}}
	result, err := os.ReadFile("../../../render/testdata/pool.json")
	require.NoError(t, err)
	_, err = s.Archive.Put(rec, archive.Files{"report.json": result, "report.html": []byte(evil)}, nil)
	require.NoError(t, err)
	_, err = s.look(time.Unix(200, 0))
	require.NoError(t, err)
	h := s.Handler()

	index := get(h, "/")
	require.Equal(t, 200, index.Code)
	require.NotContains(t, index.Body.String(), evil)
	require.Contains(t, index.Body.String(), "&lt;script&gt;")
	require.Contains(t, index.Header().Get("Content-Security-Policy"), "default-src 'none'")
	require.NotContains(t, index.Header().Get("Content-Security-Policy"), "unsafe")

	report := get(h, "/reports/i1")
	require.Equal(t, 200, report.Code)
	policy := report.Header().Get("Content-Security-Policy")
	require.Contains(t, policy, "script-src 'sha256-")
	require.Contains(t, policy, "frame-ancestors 'none'")
	require.NotContains(t, policy, "unsafe")

	file := get(h, "/reports/i1/report.html")
	require.Equal(t, 200, file.Code)
	require.Contains(t, file.Header().Get("Content-Disposition"), "attachment")
	require.Equal(t, "nosniff", file.Header().Get("X-Content-Type-Options"))
	for _, path := range []string{"/reports/i2", "/reports/..%2f..%2fetc", "/reports/i1/incident.json", "/reports/i1/..%2fincident.json", "/reports/.hindcast.lock", "/api/v1/incidents/i2", "/nothing"} {
		require.Equal(t, 404, get(h, path).Code, path)
	}

	var list struct{ Incidents []view }
	require.NoError(t, json.Unmarshal(get(h, "/api/v1/incidents").Body.Bytes(), &list))
	require.Len(t, list.Incidents, 1)
	require.Equal(t, "/reports/i1", list.Incidents[0].Report)
	var one view
	require.NoError(t, json.Unmarshal(get(h, "/api/v1/incidents/i1").Body.Bytes(), &one))
	require.Equal(t, []string{"report.html", "report.json"}, one.Files)
	require.Contains(t, get(h, "/metrics").Body.String(), `hindcast_incidents{state="made"} 1`)
}

func TestHealth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, t.TempDir(), nil)
		sleep(time.Second)
		require.Equal(t, 200, get(b.Handler(), "/-/healthy").Code)
		require.Equal(t, 200, get(b.Handler(), "/-/ready").Code)
		require.Equal(t, 200, post(b.Handler(), "/-/reload", "").Code)
		b.Reload = func() error { return errors.New("hindcast.yml:1:1: no") }
		require.Equal(t, 500, post(b.Handler(), "/-/reload", "").Code)
		require.Contains(t, get(b.Handler(), "/metrics").Body.String(), "hindcast_config_last_reload_successful 0")
		b.Lifecycle = false
		require.Equal(t, 403, post(b.Handler(), "/-/reload", "").Code)
		b.stop()
	})
	s := still(t, nil, journal.Options{})
	require.Equal(t, 503, get(s.Handler(), "/-/ready").Code, "it has not read what it received")
}

// TestClusterEvents: each event is kept once, in all its versions, over all pages and namespaces.
func TestClusterEvents(t *testing.T) {
	version := "1"
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		item := func(uid string) string {
			return fmt.Sprintf(`{"metadata":{"name":%q,"uid":%q,"resourceVersion":%q},"involvedObject":{"kind":"Pod","name":"api-0"},"reason":"OOMKilling","lastTimestamp":"2026-03-18T12:00:00Z"}`, uid, uid, version)
		}
		next := ""
		if r.URL.Query().Get("continue") == "" {
			next = "more"
		}
		_, _ = fmt.Fprintf(w, `{"kind":"EventList","metadata":{"continue":%q},"items":[%s]}`, next, item(r.URL.Path+next))
	}))
	defer api.Close()
	base, err := url.Parse(api.URL)
	require.NoError(t, err)
	s := still(t, nil, journal.Options{})
	c := Cluster{Name: "k", Client: &fetch.Client{Base: base}, Namespaces: []string{"a", "b"}}
	first, second := map[string]bool{}, map[string]bool{}
	require.NoError(t, s.ask(t.Context(), c, nil, first))
	require.NoError(t, s.ask(t.Context(), c, first, second))
	version = "2"
	require.NoError(t, s.ask(t.Context(), c, second, map[string]bool{}))
	paths := s.Journal.Paths(time.Time{}, time.Time{})
	require.Len(t, paths, 1)
	data, err := os.ReadFile(paths[0])
	require.NoError(t, err)
	require.Equal(t, 8, strings.Count(string(data), "\n"), "two pages of two namespaces, twice")
	require.Equal(t, 8, strings.Count(string(data), `{"kind":"Event","apiVersion":"v1","metadata"`))
	api.Close()
	require.Error(t, s.ask(context.Background(), c, nil, map[string]bool{}))
}
