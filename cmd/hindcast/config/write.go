package config

import (
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/prometheus/common/model"
)

// MarshalYAML writes a size as UnmarshalYAML reads it.
func (b Bytes) MarshalYAML() (any, error) { return strconv.FormatInt(int64(b), 10) + "B", nil }

// MarshalYAML writes a duration as UnmarshalYAML reads it.
func (d Duration) MarshalYAML() (any, error) { return model.Duration(time.Duration(d)).String(), nil }

// MarshalYAML leaves everything out: how a server is reached is nobody else's business, and full of secrets.
func (h HTTP) MarshalYAML() (any, error) { return map[string]any{}, nil }

// Evidence is the part of the configuration that goes with evidence: what was pulled and how it is to be read. Where
// reports go, and when, is left out.
func (c *Config) Evidence() *Config {
	return &Config{
		Path: c.Path, Global: c.Global, RuleFiles: c.RuleFiles, Sources: c.Sources, Files: c.Files, Services: c.Services, Redaction: c.Redaction,
	}
}

// Portable gives the text of [Config.Evidence] for somebody who has the evidence but not the servers: without http_config.
// Public makes of a URL what may be seen.
func (c *Config) Portable(public func(*url.URL) string) ([]byte, error) {
	copied := c.Evidence()
	copied.Sources = nil
	for _, s := range c.Sources {
		copied.Sources = append(copied.Sources, s.portable(public))
	}
	text, err := yaml.MarshalWithOptions(copied, yaml.OmitEmpty())
	if err != nil {
		return nil, fmt.Errorf("writing the configuration: %w", err)
	}
	return text, nil
}

// portable is a copy whose URL may be seen.
func (s Source) portable(public func(*url.URL) string) Source {
	at, copied := s.server()
	if at == nil || *at == "" {
		return copied
	}
	if u, err := url.Parse(*at); err == nil {
		*at = public(u)
	}
	return copied
}

// server gives a copy of the source, and where its URL stands in it; nil if it has none.
func (s Source) server() (*string, Source) {
	switch {
	case s.Elasticsearch != nil:
		s.Elasticsearch = clone(s.Elasticsearch)
		return &s.Elasticsearch.URL, s
	case s.Prometheus != nil:
		s.Prometheus = clone(s.Prometheus)
		return &s.Prometheus.URL, s
	case s.Alertmanager != nil:
		s.Alertmanager = clone(s.Alertmanager)
		return &s.Alertmanager.URL, s
	case s.Loki != nil:
		s.Loki = clone(s.Loki)
		return &s.Loki.URL, s
	case s.PagerDuty != nil:
		s.PagerDuty = clone(s.PagerDuty)
		return &s.PagerDuty.URL, s
	case s.Kubernetes != nil:
		s.Kubernetes = clone(s.Kubernetes)
		return &s.Kubernetes.URL, s
	case s.Grafana != nil:
		s.Grafana = clone(s.Grafana)
		return &s.Grafana.URL, s
	case s.GitHub != nil:
		s.GitHub = clone(s.GitHub)
		return &s.GitHub.URL, s
	case s.GitLab != nil:
		s.GitLab = clone(s.GitLab)
		return &s.GitLab.URL, s
	case s.ArgoCD != nil:
		s.ArgoCD = clone(s.ArgoCD)
		return &s.ArgoCD.URL, s
	}
	return nil, s
}

func clone[T any](p *T) *T {
	copied := *p
	return &copied
}
