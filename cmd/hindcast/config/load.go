package config

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Load reads a file.
func Load(path string) (*Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	return Parse(path, data)
}

// Parse reads the text of a file; path is what errors call it, and what paths in it are relative to. All faults of
// meaning are returned together, joined; of those of form only the first can be told.
func Parse(path string, data []byte) (c *Config, err error) {
	defer func() { // the parser is not ours: a crash in it is a fault of the file, to the user
		if r := recover(); r != nil {
			c, err = nil, &Error{File: path, What: fmt.Sprintf("cannot be read as YAML (the parser gave up: %v)", r)}
		}
	}()
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, located(path, string(data), err)
	}
	c = &Config{}
	if len(file.Docs) > 1 {
		return nil, &Error{File: path, What: "holds more than one YAML document"}
	}
	if len(file.Docs) == 1 && file.Docs[0].Body != nil {
		if err := yaml.NodeToValue(file.Docs[0].Body, c, yaml.Strict()); err != nil {
			return nil, located(path, string(data), err)
		}
	}
	c.Path = path
	k := &checker{path: path, text: string(data), file: file}
	k.check(c)
	if len(k.errs) > 0 {
		return nil, errors.Join(k.errs...)
	}
	c.resolve(filepath.Dir(path))
	return c, nil
}

// located turns an error of the YAML library into ours.
func located(path, text string, err error) error {
	if n, ok := errors.AsType[*nodeError](err); ok {
		line, column := n.place()
		e := &Error{File: path, Line: line, Column: column, What: n.Error(), Picture: picture(text, line, column)}
		if u, ok := errors.AsType[*unknownField](err); ok {
			e.Hint = didYouMean(u.field, httpKeys)
		}
		return e
	}
	var y yaml.Error
	if !errors.As(err, &y) || y.GetToken() == nil {
		return &Error{File: path, What: err.Error()}
	}
	p := y.GetToken().Position
	e := &Error{File: path, Line: p.Line, Column: p.Column, What: plain(y.GetMessage()), Picture: picture(text, p.Line, p.Column)}
	if m := unknownKey.FindStringSubmatch(e.What); m != nil {
		e.Hint = didYouMean(m[1], keys)
		if e.Hint == "" {
			e.Hint = "the fields are described in docs/operations.md, see also: hindcast help config"
		}
	}
	return e
}

var (
	unknownKey = regexp.MustCompile(`^unknown field "([^"]+)"`)
	nodeType   = regexp.MustCompile(`^(\S+) was used where (\S+) is expected`)
	goType     = regexp.MustCompile(`cannot unmarshal (\S+) into Go (?:struct field (\S+) of type|value of type) (\S+)`)
)

// plain takes Go's types out of a message.
func plain(message string) string {
	if m := nodeType.FindStringSubmatch(message); m != nil {
		want := map[string]string{"sequence": "a list", "mapping": "a block of fields", "string": "a text"}[m[2]]
		if want != "" {
			return "this must be " + want
		}
		return "this must be a " + m[2] + ", not a " + m[1]
	}
	m := goType.FindStringSubmatch(message)
	if m == nil {
		return message
	}
	want := map[string]string{"string": "a text", "int64": "a number", "bool": "true or false"}[m[3]]
	switch {
	case want != "":
	case strings.HasPrefix(m[3], "[]"):
		want = "a list"
	default:
		want = "a block of fields"
	}
	return "this must be " + want
}

// keys are all names of fields, to find the one that was meant.
var keys = []string{
	"global", "rule_files", "sources", "files", "services", "redaction", "reports", "timezone", "window", "baseline", "lookback",
	"limits", "lead", "lag", "max_events", "max_bytes", "timeout", "name", "http_config", "link", "paths", "path", "format",
	"fields", "service", "host", "calls", "hosts", "mode", "rules", "salt_file", "regex", "boot", "elasticsearch", "prometheus", "alertmanager",
	"loki", "pagerduty", "kubernetes", "grafana", "github", "gitlab", "argocd", "url", "cloud_id", "api_key_file", "index", "query",
	"page_size", "slices", "alerts", "queries", "expr", "unit", "step", "max_requests", "max_samples", "token_file", "teams",
	"namespaces", "tags", "repositories", "environments", "projects", "applications",
	"incidents", "serve", "destinations", "folder", "settle", "gap", "since", "require_labels", "retention", "bundle", "external_url",
	"webhook_token_file", "pagerduty_secret_file", "max_body", "max_backlog", "rate", "jobs", "history", "s3", "git", "slack",
	"github_issue", "http", "region", "bucket", "prefix", "access_key_file", "secret_key_file", "branch", "author", "url_file",
	"repository", "labels", "method", "headers", "body",
}

// httpKeys are those of http_config.
var httpKeys = []string{
	"basic_auth", "authorization", "oauth2", "bearer_token", "bearer_token_file", "tls_config", "follow_redirects", "enable_http2",
	"proxy_url", "no_proxy", "proxy_from_environment", "proxy_connect_header", "http_headers", "username", "username_file",
	"password", "password_file", "type", "credentials", "credentials_file", "ca_file", "cert_file", "key_file", "server_name", "insecure_skip_verify",
}

// A checker looks for faults of meaning and knows where they are.
type checker struct {
	path, text string
	file       *ast.File
	errs       []error
}

// fault notes an error at a path such as $.sources[0].name.
func (k *checker) fault(at, hint, format string, args ...any) {
	e := &Error{File: k.path, What: fmt.Sprintf(format, args...), Hint: hint}
	if p, err := yaml.PathString(at); err == nil {
		if node, err := p.FilterFile(k.file); err == nil && node != nil {
			e.Line, e.Column = (&nodeError{node: node}).place()
			e.Picture = picture(k.text, e.Line, e.Column)
		}
	}
	k.errs = append(k.errs, e)
}

func (k *checker) check(c *Config) {
	k.zone("$.global.timezone", c.Global.Timezone)
	k.sources(c.Sources)
	k.incidents(c.Incidents, c.Serve)
	k.destinations(c.Destinations)
	for i, f := range c.Files {
		at := fmt.Sprintf("$.files[%d]", i)
		k.glob(at+".path", f.Path)
		k.hint(at, f.Hint)
	}
	names := map[string]bool{}
	for i, s := range c.Services {
		at := fmt.Sprintf("$.services[%d]", i)
		switch {
		case s.Name == "":
			k.fault(at, "write it as {name: api, calls: [orders-db]}", "a service needs a name")
		case names[s.Name]:
			k.fault(at+".name", "", "there are two services called %q", s.Name)
		}
		names[s.Name] = true
	}
	if m := c.Redaction.Mode; m != "" && !slices.Contains([]string{"on", "strict", "off"}, m) {
		k.fault("$.redaction.mode", "it is one of on, strict, off", "unknown mode %q", m)
	}
	for i, r := range c.Redaction.Rules {
		at := fmt.Sprintf("$.redaction.rules[%d]", i)
		if r.Name == "" || r.Regex == "" {
			k.fault(at, "", "a redaction rule needs a name and a regex")
		} else if _, err := regexp.Compile(r.Regex); err != nil {
			k.fault(at+".regex", "", "%s", err)
		}
	}
	for i, r := range c.Reports {
		if r.Format == "" || r.Path == "" {
			k.fault(fmt.Sprintf("$.reports[%d]", i), "", "a report needs a format and a path")
		} else if _, err := r.File(ReportName{}); err != nil {
			k.fault(fmt.Sprintf("$.reports[%d].path", i), "it may hold {{.Incident}}, {{.From}} and {{.Date}}", "%s", err)
		}
	}
}

func (k *checker) sources(sources []Source) {
	names := map[string]bool{}
	for i, s := range sources {
		at := fmt.Sprintf("$.sources[%d]", i)
		switch {
		case s.Name == "":
			k.fault(at, "", "a source needs a name")
		case names[s.Name]:
			k.fault(at+".name", "", "there are two sources called %q", s.Name)
		}
		names[s.Name] = true
		switch kinds := s.kinds(); {
		case len(kinds) == 0:
			k.fault(at, "it is one of "+strings.Join(Kinds(), ", "), "source %q does not say its kind", s.Name)
		case len(kinds) > 1:
			k.fault(at, "make two sources of it", "source %q has two kinds, %s and %s", s.Name, kinds[0].name, kinds[1].name)
		default:
			k.server(at+"."+kinds[0].name, s.Name, kinds[0])
		}
		if s.Elasticsearch != nil {
			k.hint(at+".elasticsearch", Hint{Fields: s.Elasticsearch.Fields})
		}
		if s.PagerDuty != nil && s.PagerDuty.TokenFile == "" && s.HTTP == nil {
			k.fault(at+".pagerduty", "write token_file: FILE, which holds a REST API key", "source %q has no token", s.Name)
		}
		if s.GitHub != nil && len(s.GitHub.Repositories) == 0 {
			k.fault(at+".github", "write repositories: [OWNER/NAME]", "source %q names no repositories", s.Name)
		}
		if s.GitLab != nil && len(s.GitLab.Projects) == 0 {
			k.fault(at+".gitlab", "write projects: [GROUP/NAME]", "source %q names no projects", s.Name)
		}
		if s.Files != nil {
			if len(s.Files.Paths) == 0 {
				k.fault(at+".files", "", "source %q has no paths", s.Name)
			}
			for j, p := range s.Files.Paths {
				k.glob(fmt.Sprintf("%s.files.paths[%d]", at, j), p)
			}
			k.hint(at+".files", s.Files.Hint)
		}
	}
}

// server checks how a server is named.
func (k *checker) server(at, name string, kind kind) {
	if kind.url == "" {
		if !kind.preset {
			k.fault(at, "write url: https://HOST:PORT", "source %q has no url", name)
		}
		return
	}
	u, err := url.Parse(kind.url)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		k.fault(at+".url", "write it as https://HOST:PORT", "%q is not the URL of a server", kind.url)
	case u.User != nil:
		k.fault(at+".url", "write them into http_config: basic_auth with password_file", "the url of source %q holds credentials", name)
	}
}

// hint checks what is said of files.
func (k *checker) hint(at string, h Hint) {
	k.zone(at+".timezone", h.Timezone)
	if h.Boot != "" && h.Started() == 0 {
		k.fault(at+".boot", "write it as 2025-10-14T02:00:00Z; uptime -s tells it", "%q is not a time", h.Boot)
	}
	for _, role := range slices.Sorted(maps.Keys(h.Fields)) {
		if !slices.Contains(Roles, role) {
			hint := didYouMean(role, Roles)
			if hint == "" {
				hint = "roles are " + strings.Join(Roles, ", ")
			}
			k.fault(at+".fields."+role, hint, "unknown role %q of a field", role)
		}
	}
}

func (k *checker) zone(at, name string) {
	if name == "" {
		return
	}
	if _, err := time.LoadLocation(name); err != nil {
		k.fault(at, "names are those of the time zone database: UTC, Europe/Berlin, America/New_York", "unknown time zone %q", name)
	}
}

func (k *checker) glob(at, pattern string) {
	if pattern == "" {
		k.fault(strings.TrimSuffix(at, ".path"), "", "the path is missing")
	} else if _, err := filepath.Match(pattern, ""); err != nil {
		k.fault(at, "", "%q is not a valid glob", pattern)
	}
}

// resolve makes paths relative to the folder of the file.
func (c *Config) resolve(dir string) {
	join := func(p string) string {
		if p == "" || filepath.IsAbs(p) {
			return p
		}
		return filepath.Join(dir, p)
	}
	for i := range c.RuleFiles {
		c.RuleFiles[i] = join(c.RuleFiles[i])
	}
	for i := range c.Sources {
		s := &c.Sources[i]
		if s.Files != nil {
			for j := range s.Files.Paths {
				s.Files.Paths[j] = join(s.Files.Paths[j])
			}
		}
		if s.HTTP != nil {
			s.HTTP.SetDirectory(dir)
		}
		if s.Elasticsearch != nil {
			s.Elasticsearch.APIKeyFile = join(s.Elasticsearch.APIKeyFile)
		}
		if s.PagerDuty != nil {
			s.PagerDuty.TokenFile = join(s.PagerDuty.TokenFile)
		}
	}
	c.Redaction.SaltFile = join(c.Redaction.SaltFile)
	c.Incidents.Folder = join(c.Incidents.Folder)
	c.Serve.TokenFile, c.Serve.PagerDutySecretFile = join(c.Serve.TokenFile), join(c.Serve.PagerDutySecretFile)
	for i := range c.Destinations {
		c.Destinations[i].resolve(dir, join)
	}
	for i := range c.Reports {
		c.Reports[i].Path = join(c.Reports[i].Path)
	}
}
