package main

import (
	"net/url"
	"time"

	"github.com/hindcast/hindcast/cmd/hindcast/config"
	"github.com/hindcast/hindcast/correlate"
	"github.com/hindcast/hindcast/ingest/fetch"
	"github.com/hindcast/hindcast/ingest/prometheus"
)

// openPrometheus opens a server for series and the history of alerts. What the rules look at is what it is asked for.
func (a *app) openPrometheus(cfg *config.Config, c config.Source) (*prometheus.Source, error) {
	client, err := a.client(c, c.Prometheus.URL)
	if err != nil {
		return nil, err
	}
	rules, err := a.rules(cfg)
	if err != nil {
		return nil, err
	}
	if rules == nil {
		if rules, err = correlate.Library(); err != nil {
			return nil, failed("", "%w", err)
		}
	}
	o := prometheus.Options{
		Name: c.Name, Client: client, NoAlerts: c.Prometheus.Alerts != nil && !*c.Prometheus.Alerts,
		Expressions: rules.Expressions(), Step: time.Duration(c.Prometheus.Step),
		MaxRequests: c.Prometheus.MaxRequests, MaxSamples: c.Prometheus.MaxSamples,
	}
	for _, q := range c.Prometheus.Queries {
		o.Queries = append(o.Queries, prometheus.UserQuery{Name: q.Name, Unit: q.Unit, Expr: q.Expr})
	}
	return prometheus.New(o), nil
}

// client asks the server of a source.
func (a *app) client(c config.Source, server string) (*fetch.Client, error) {
	rt, err := a.transport(c)
	if err != nil {
		return nil, err
	}
	var base *url.URL
	if base, err = serverURL(c, server); err != nil {
		return nil, err
	}
	return &fetch.Client{Transport: rt, Base: base}, nil
}
