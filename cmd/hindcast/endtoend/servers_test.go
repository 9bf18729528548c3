package endtoend

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const prometheusConfig = `
global: {scrape_interval: 1s, evaluation_interval: 1s, external_labels: {cluster: test}}
rule_files: [rules.yml]
scrape_configs:
  - job_name: checkout
    static_configs: [{targets: ['%s']}]
alerting:
  alertmanagers:
    - static_configs: [{targets: ['%s']}]
`

const alertRules = `
groups:
  - name: test
    rules:
      - alert: CheckoutFails
        expr: checkout_failing == 1
        labels: {severity: critical, service: checkout}
        annotations: {summary: checkout fails}
`

const alertmanagerConfig = `
route: {receiver: hindcast, group_by: [alertname], group_wait: 1s, group_interval: 1s, repeat_interval: 1h}
receivers:
  - name: hindcast
    webhook_configs:
      - url: %s/api/v1/webhook/alertmanager
        send_resolved: true
        http_config: {authorization: {credentials_file: token}}
`

// installed finds a program by one of its names, or skips the test.
func installed(t *testing.T, names ...string) string {
	t.Helper()
	for _, n := range names {
		if path, err := exec.LookPath(n); err == nil {
			return path
		}
	}
	t.Skipf("%s is not installed, see scripts/servers", strings.Join(names, " or "))
	return ""
}

// freePort is a port of this machine that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

// background starts a server and ends it with the test.
func background(t *testing.T, url, dir, path string, args ...string) {
	t.Helper()
	c := exec.Command(path, args...)
	c.Dir = dir
	log, err := os.Create(filepath.Join(dir, filepath.Base(path)+".log"))
	require.NoError(t, err)
	c.Stdout, c.Stderr = log, log
	require.NoError(t, c.Start())
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
		_ = log.Close()
	})
	require.Eventually(t, func() bool {
		r, err := http.Get(url + "/-/ready")
		if err != nil {
			return false
		}
		_ = r.Body.Close()
		return r.StatusCode == http.StatusOK
	}, time.Minute, 100*time.Millisecond, "%s does not become ready", path)
}

// TestAlertEndsAsReport has a real Prometheus and a real Alertmanager: an alert that fires and resolves ends as a report,
// made by serve from the webhook, and by watch from the history of alerts.
func TestAlertEndsAsReport(t *testing.T) {
	prometheus, alertmanager := installed(t, "prometheus"), installed(t, "prometheus-alertmanager", "alertmanager")
	var failing atomic.Int64
	checkout := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, "checkout_failing %d\n", failing.Load())
	}))
	defer checkout.Close()
	dir := t.TempDir()
	promAddress, amAddress := freePort(t), freePort(t)
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	write("token", "sesame\n")
	write("rules.yml", alertRules)
	write("prometheus.yml", fmt.Sprintf(prometheusConfig, strings.TrimPrefix(checkout.URL, "http://"), amAddress))
	config := write("hindcast.yml", fmt.Sprintf("sources: [{name: main, prometheus: {url: 'http://%s'}}]\nserve: {webhook_token_file: token}\nincidents: {settle: 2s}\n", promAddress))
	s := serve(t, "-c", config, "--storage.path", filepath.Join(dir, "data"))
	defer s.Process.Kill()
	write("alertmanager.yml", fmt.Sprintf(alertmanagerConfig, s.url))
	background(t, "http://"+amAddress, dir, alertmanager, "--config.file=alertmanager.yml", "--storage.path=am", "--cluster.listen-address=", "--web.listen-address="+amAddress)
	background(t, "http://"+promAddress, dir, prometheus, "--config.file=prometheus.yml", "--storage.tsdb.path=tsdb", "--web.listen-address="+promAddress)

	failing.Store(1)
	require.Eventually(t, func() bool { return s.incidents(t, "open") == 1 }, time.Minute, 200*time.Millisecond, "the alert does not arrive")
	failing.Store(0)
	require.Eventually(t, func() bool { return s.incidents(t, "made") == 1 }, time.Minute, 200*time.Millisecond, "no report is made")
	s.end(t)
	served := finished(t, filepath.Join(dir, "data", "incidents"))
	require.Len(t, served, 1)
	require.Equal(t, "CheckoutFails", served[0].Name)

	out := filepath.Join(dir, "out")
	watch := func(folder string) string {
		c := process(t, "watch", "-q", "-c", config, "--folder", folder)
		text, err := c.Output()
		require.NoError(t, err)
		return string(text)
	}
	require.Eventually(t, func() bool { return watch(out) != "" }, 3*time.Minute, time.Second, "watch makes no report")
	require.Empty(t, watch(out), "a second one")
	require.Empty(t, watch(filepath.Join(dir, "data", "incidents")), "what serve has made watch does not make again")
	watched := finished(t, out)
	require.Len(t, watched, 1)
	require.Equal(t, "CheckoutFails", watched[0].Name)
	require.WithinDuration(t, served[0].From, watched[0].From, time.Minute)
	for _, path := range []string{filepath.Join(dir, "data", "incidents", served[0].ID), filepath.Join(out, watched[0].ID)} {
		text, err := os.ReadFile(filepath.Join(path, "report.md"))
		require.NoError(t, err)
		require.Contains(t, string(text), "CheckoutFails")
	}
}
