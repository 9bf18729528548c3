package main

import (
	"net/http"
	"net/url"

	promconfig "github.com/prometheus/common/config"
	"github.com/spf13/pflag"

	"github.com/hindcast/hindcast/cmd/hindcast/config"
	"github.com/hindcast/hindcast/ingest/fetch"
)

// liveFlags name servers without a configuration file.
type liveFlags struct {
	elasticsearch, index, prometheus, alertmanager, loki, lokiQuery string
}

func (l *liveFlags) define(f *pflag.FlagSet) {
	f.StringVar(&l.elasticsearch, "elasticsearch.url", "", "pull logs from this cluster (`URL`)")
	f.StringVar(&l.index, "elasticsearch.index", "", "its index, data stream or pattern (default all) (`NAME`)")
	f.StringVar(&l.prometheus, "prometheus.url", "", "pull series and the history of alerts from this server (`URL`)")
	f.StringVar(&l.alertmanager, "alertmanager.url", "", "pull alerts and silences from this server (`URL`)")
	f.StringVar(&l.loki, "loki.url", "", "pull logs from this server (`URL`)")
	f.StringVar(&l.lokiQuery, "loki.query", "", "which of its logs, such as {namespace=\"shop\"} (`QUERY`)")
}

// sources are what the flags name, as a configuration would.
func (l *liveFlags) sources() []config.Source {
	var list []config.Source
	if l.elasticsearch != "" {
		list = append(list, config.Source{Name: "elasticsearch", Elasticsearch: &config.Elasticsearch{URL: l.elasticsearch, Index: l.index}})
	}
	if l.prometheus != "" {
		list = append(list, config.Source{Name: "prometheus", Prometheus: &config.Prometheus{URL: l.prometheus}})
	}
	if l.alertmanager != "" {
		list = append(list, config.Source{Name: "alertmanager", Alertmanager: &config.Alertmanager{URL: l.alertmanager}})
	}
	if l.loki != "" {
		list = append(list, config.Source{Name: "loki", Loki: &config.Loki{URL: l.loki, Query: l.lokiQuery}})
	}
	return list
}

// transport sends the requests of one source as its http_config says, and tries again what fails in passing.
func (a *app) transport(c config.Source) (http.RoundTripper, error) {
	if a.bundle != nil {
		return a.bundle.Transport(c.Name), nil
	}
	plain := promconfig.DefaultHTTPClientConfig
	if c.HTTP != nil {
		plain = c.HTTP.HTTPClientConfig
	}
	rt, err := promconfig.NewRoundTripperFromConfig(plain, c.Name)
	if err != nil {
		return nil, usage("", "source %q: http_config: %s", c.Name, err)
	}
	rt = fetch.Retry(rt, a.patience)
	if a.recorder != nil {
		rt = a.recorder.Transport(c.Name, rt)
	}
	return rt, nil
}

// serverURL reads the URL of a source. Those of a configuration have been checked, those of flags have not.
func serverURL(c config.Source, text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, usage("write it as https://HOST:PORT", "source %q: %q is not the URL of a server", c.Name, text)
	}
	return u, nil
}
