package config

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPortable(t *testing.T) {
	const text = `global:
  timezone: Europe/Berlin
  window: {lead: 30m, lag: 90s}
  baseline: 4h
  limits: {max_bytes: 4GiB, timeout: 10m}
rule_files: [rules/*.yml]
sources:
  - name: logs
    elasticsearch: {url: "https://es:9200/x?token=hush", index: "logs-*", api_key_file: key, fields: {time: ts}}
    http_config: {basic_auth: {username: u, password: hush}}
  - name: deploys
    files: {paths: [deploys/*.jsonl], format: json, timezone: Europe/Berlin}
  - name: pages
    pagerduty: {services: [P1]}
    http_config: {authorization: {credentials: hush}}
  - name: main
    prometheus: {url: "http://p:9090", alerts: false, step: 15s, queries: [{name: a, expr: "up == 0"}]}
files:
  - {path: "*.log", service: api, fields: {message: msg}}
services:
  - {name: api, calls: [db], hosts: [h1]}
redaction: {mode: strict, rules: [{name: order, regex: 'ord_[0-9]+'}], salt_file: salt}
reports:
  - {format: md, path: "out/x.md"}
`
	c, err := Parse("hindcast.yml", []byte(text))
	require.NoError(t, err)
	public := func(u *url.URL) string { u.RawQuery = ""; return u.String() }
	out, err := c.Portable(public)
	require.NoError(t, err)
	require.NotContains(t, string(out), "hush")
	again, err := Parse("hindcast.yml", out)
	require.NoError(t, err, string(out))
	require.Equal(t, "https://es:9200/x?token=hush", c.Sources[0].Elasticsearch.URL, "the original stays as it was")
	c.Reports = nil
	c.Sources[0].Elasticsearch.URL = "https://es:9200/x"
	for i := range c.Sources {
		require.Equal(t, c.Sources[i].HTTP == nil, again.Sources[i].HTTP == nil)
		c.Sources[i].HTTP, again.Sources[i].HTTP = nil, nil
	}
	require.Equal(t, c, again)
}
