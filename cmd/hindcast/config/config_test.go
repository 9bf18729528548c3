package config

import (
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const whole = `
global:
  timezone: Europe/Berlin
  window: {lead: 30m, lag: 15m}
  baseline: 2h
  lookback: 3d
  limits: {max_events: 2000000, max_bytes: 4GiB, timeout: 10m}
rule_files: [rules/*.yaml]
sources:
  - name: deploys
    files: {paths: [deploys/*.jsonl], format: json, timezone: Europe/Berlin}
    link: 'https://ci.example.com/{{.ID}}'
    http_config:
      basic_auth: {username: hindcast, password_file: es.pw}
      http_headers: {X-Scope-OrgID: {values: [team-a]}}
files:
  - {path: 'postgres/*.log*', service: orders-db, host: db-1}
  - {path: dmesg, boot: 2025-10-14T02:00:00Z}
  - {path: app.log, fields: {time: ts, message: msg, level: lvl, service: app}}
services:
  - {name: api, calls: [orders-db, redis]}
redaction: {mode: strict, rules: [{name: order-id, regex: 'ord_[0-9a-f]{16}'}], salt_file: salt}
reports:
  - {format: html, path: 'out/{{.Incident}}.html'}
incidents:
  folder: incidents
  settle: 5m
  since: 2d
  require_labels: {severity: critical}
  retention: 90d
serve: {external_url: 'https://hindcast.example.com', webhook_token_file: hook.token, max_body: 1MiB}
destinations:
  - {name: copy, folder: {path: /srv/postmortems}}
  - name: bucket
    s3: {url: 'https://s3.example.com', bucket: incidents, access_key_file: key, secret_key_file: secret}
  - {name: repo, git: {url: 'git@example.com:ops/postmortems.git', branch: 'incident/{{.ID}}'}}
  - {name: chat, slack: {url_file: slack.url}}
  - {name: tracker, github_issue: {repository: shop/ops, token_file: gh.token, labels: [postmortem]}}
  - {name: wiki, http: {url: 'https://wiki.example.com/{{path .ID}}', headers: {Content-Type: application/json}, body: '{"title":{{json .Title}}}'}}
`

func TestParse(t *testing.T) {
	c, err := Parse("/etc/x/hindcast.yml", []byte(whole))
	require.NoError(t, err)
	require.Equal(t, "Europe/Berlin", c.Location().String())
	require.Equal(t, 72*time.Hour, time.Duration(c.Global.Lookback))
	require.Equal(t, Bytes(4<<30), c.Global.Limits.MaxBytes)
	require.Equal(t, []string{"/etc/x/rules/*.yaml"}, c.RuleFiles)
	require.Equal(t, []string{"/etc/x/deploys/*.jsonl"}, c.Sources[0].Files.Paths)
	require.Equal(t, "json", c.Sources[0].Files.Format)
	require.Equal(t, "/etc/x/es.pw", c.Sources[0].HTTP.BasicAuth.PasswordFile)
	require.True(t, c.Sources[0].HTTP.FollowRedirects, "an http_config keeps Prometheus' defaults")
	require.Equal(t, "orders-db", c.Files[0].Service)
	require.Equal(t, "ts", c.Files[2].Fields["time"])
	require.Equal(t, []string{"orders-db", "redis"}, c.Services[0].Calls)
	require.Equal(t, "/etc/x/salt", c.Redaction.SaltFile)
	require.Equal(t, "/etc/x/out/{{.Incident}}.html", c.Reports[0].Path)
	require.Equal(t, "/etc/x/incidents", c.Incidents.Folder)
	require.Equal(t, 5*time.Minute, time.Duration(*c.Incidents.Settle))
	require.Equal(t, "/etc/x/hook.token", c.Serve.TokenFile)
	require.Equal(t, "/etc/x/secret", c.Destinations[1].S3.SecretKeyFile)
	require.Equal(t, "/etc/x/slack.url", c.Destinations[3].Slack.URLFile)
	require.Equal(t, "github_issue", c.Destinations[4].Kind())
}

func TestParseEmpty(t *testing.T) {
	for _, text := range []string{"", "\n", "# nothing\n", "---\n"} {
		c, err := Parse("a.yml", []byte(text))
		require.NoError(t, err, text)
		require.Equal(t, time.UTC, c.Location())
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ text, want, hint string }{
		{"globl: {}\n", `a.yml:1:1: unknown field "globl"`, `did you mean "global"?`},
		{"sources:\n  - name: a\n    files:\n      pahts: [x]\n", `a.yml:4:7: unknown field "pahts"`, `did you mean "paths"?`},
		{"global: {timezone: Mars/Olympus}\n", `a.yml:1:20: unknown time zone "Mars/Olympus"`, "names are those"},
		{"global: {lookback: soon}\n", `a.yml:1:20: soon is not a duration`, ""},
		{"global: {limits: {max_bytes: much}}\n", `a.yml:1:30: "much" is not a size`, ""},
		{"rule_files: 3\n", "a.yml:1:13: this must be a list", ""},
		{"sources:\n  - files: {paths: [x]}\n", "a.yml:2:5: a source needs a name", ""},
		{"sources:\n  - name: a\n", `source "a" does not say its kind`, "it is one of files"},
		{"sources:\n  - {name: a, files: {paths: [x]}}\n  - {name: a, files: {paths: [x]}}\n", `a.yml:3:12: there are two sources called "a"`, ""},
		{"sources:\n  - {name: a, files: {paths: ['[']}}\n", `"[" is not a valid glob`, ""},
		{"sources:\n  - {name: a, files: {}}\n", `source "a" has no paths`, ""},
		{"sources:\n  - {name: a, loki: {query: x}}\n", `source "a" has no url`, "https://HOST"},
		{"sources:\n  - {name: a, loki: {url: 'localhost:3100'}}\n", `"localhost:3100" is not the URL of a server`, "https://HOST"},
		{"sources:\n  - {name: a, prometheus: {url: 'https://u:p@h'}}\n", `the url of source "a" holds credentials`, "password_file"},
		{"sources:\n  - {name: a, elasticsearch: {url: 'https://h', fields: {mesage: m}}}\n", `unknown role "mesage"`, `did you mean "message"?`},
		{"sources:\n  - {name: a, pagerduty: {}}\n", `source "a" has no token`, "token_file"},
		{"sources:\n  - {name: a, files: {paths: [x]}, loki: {url: 'http://h'}}\n", `two kinds, files and loki`, "make two"},
		{"sources:\n  - name: a\n    files: {paths: [x]}\n    http_config:\n      basic_auht: {}\n", `a.yml:5:7: unknown field "basic_auht" in http_config`, `did you mean "basic_auth"?`},
		{"sources:\n  - name: a\n    files: {paths: [x]}\n    http_config:\n      bearer_token: a\n      basic_auth: {username: x}\n", "a.yml:5:7: http_config: at most one of basic_auth", ""},
		{"files:\n  - {service: x}\n", "a.yml:2:6: the path is missing", ""},
		{"files:\n  - {path: x, fields: {mesage: m}}\n", `unknown role "mesage" of a field`, `did you mean "message"?`},
		{"files:\n  - {path: dmesg, boot: yesterday}\n", `"yesterday" is not a time`, "uptime -s"},
		{"services: [{calls: [a]}]\n", "a service needs a name", ""},
		{"services: [{name: a}, {name: a}]\n", `there are two services called "a"`, ""},
		{"redaction: {mode: loud}\n", `unknown mode "loud"`, "on, strict, off"},
		{"redaction: {rules: [{name: a, regex: '('}]}\n", "missing closing )", ""},
		{"redaction: {rules: [{name: a}]}\n", "a redaction rule needs a name and a regex", ""},
		{"reports: [{format: md}]\n", "a report needs a format and a path", ""},
		{"incidents: {since: 2d, retention: 1d}\n", "retention must be longer than since", "made again"},
		{"serve: {external_url: here}\n", `"here" is not the URL of a server`, "https://HOST"},
		{"serve: {jobs: -1}\n", "jobs must not be negative", ""},
		{"destinations: [{folder: {path: x}}]\n", "a destination needs a name", ""},
		{"destinations: [{name: a}]\n", `destination "a" does not say its kind`, "it is one of folder"},
		{"destinations: [{name: a, folder: {path: x}}, {name: a, folder: {path: x}}]\n", `two destinations called "a"`, ""},
		{"destinations: [{name: a, folder: {path: x}, git: {url: x}}]\n", "two kinds, folder and git", "make two"},
		{"destinations: [{name: a, folder: {}}]\n", `destination "a" has no path`, ""},
		{"destinations: [{name: a, s3: {url: 'https://h', access_key_file: x}}]\n", "only one of access_key_file", ""},
		{"destinations: [{name: a, github_issue: {repository: x, token_file: y}}]\n", "has no repository", "OWNER/NAME"},
		{"destinations: [{name: a, http: {url: '{{'}}]\n", "unclosed action", ""},
		{"a: b\n---\nc: d\n", "more than one YAML document", ""},
		{"global: {a\n", "a.yml:1:", ""},
		{"\tglobal: 1\n", "a.yml:1:", ""},
		{"- 1\n", "a.yml:1:", ""},
		{"global:\n  window: 5\n", "this must be a block of fields", ""},
	} {
		_, err := Parse("a.yml", []byte(c.text))
		require.ErrorContains(t, err, c.want, c.text)
		var e *Error
		require.ErrorAs(t, err, &e, c.text)
		require.Contains(t, e.Hint, c.hint, c.text)
		require.NotContains(t, err.Error(), "Go ", "no words of Go in a message for users")
		if e.Line > 0 {
			require.Contains(t, e.Picture, "> ", c.text)
		}
	}
}

// TestAllFaultsAtOnce tells every fault of meaning in one go.
func TestAllFaultsAtOnce(t *testing.T) {
	_, err := Parse("a.yml", []byte("global: {timezone: X}\nredaction: {mode: y}\n"))
	require.ErrorContains(t, err, `unknown time zone "X"`)
	require.ErrorContains(t, err, `unknown mode "y"`)
}

func TestPicture(t *testing.T) {
	_, err := Parse("prod.yml", []byte("sources:\n  - name: a\n    fiels: {}\n"))
	var e *Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, "     1 | sources:\n     2 |   - name: a\n>    3 |     fiels: {}\n             ^", e.Picture)
	require.Equal(t, `did you mean "files"?`, e.Hint)
}

// TestKeysAreAll holds the list of names for hints against the types.
func TestKeysAreAll(t *testing.T) {
	found := map[string]bool{}
	var walk func(reflect.Type)
	walk = func(ty reflect.Type) {
		for ty.Kind() == reflect.Pointer || ty.Kind() == reflect.Slice {
			ty = ty.Elem()
		}
		if ty.Kind() != reflect.Struct || ty == reflect.TypeFor[HTTP]() {
			return
		}
		for field := range ty.Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
			if name != "" && name != "-" {
				found[name] = true
			}
			walk(field.Type)
		}
	}
	walk(reflect.TypeFor[Config]())
	for name := range found {
		require.Contains(t, keys, name)
	}
	require.Len(t, keys, len(found))
	text, err := os.ReadFile("../../../docs/operations.md")
	require.NoError(t, err)
	for name := range found {
		require.Regexp(t, "(?m)^### .*\\b"+name+"\\b|[`.{ ]"+name+"[`:.]", string(text), "docs/operations.md does not describe %s", name)
	}
}

func TestNearest(t *testing.T) {
	require.Equal(t, "output", Nearest("ouput", []string{"from", "to", "output"}))
	require.Equal(t, "rules", Nearest("ruls", []string{"rules", "config"}))
	require.Empty(t, Nearest("xyzzy", []string{"rules", "config"}))
	require.Empty(t, Nearest("a", []string{"b"}))
}

func TestParseBytes(t *testing.T) {
	for s, want := range map[string]Bytes{"0": 0, "12": 12, "4GiB": 4 << 30, "1.5 MiB": 3 << 19, "10kB": 10000, "7B": 7} {
		got, err := ParseBytes(s)
		require.NoError(t, err, s)
		require.Equal(t, want, got, s)
	}
	for _, s := range []string{"", "much", "-1", "4XB", "9999999999TiB"} {
		_, err := ParseBytes(s)
		require.Error(t, err, s)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(whole)
	f.Add("sources: [{name: a, http_config: {http_headers: {A: {values: [b]}}}}]")
	f.Add("global: {a: &x [*x]}")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Parse("a.yml", []byte(text))
		if err != nil {
			require.Nil(t, c)
			require.True(t, strings.HasPrefix(err.Error(), "a.yml"), err.Error())
		}
	})
}
