package serve

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/hindcast/hindcast/cmd/hindcast/archive"
)

// metrics are the server's own.
type metrics struct {
	registry      *prometheus.Registry
	webhooks      *prometheus.CounterVec
	events        *prometheus.CounterVec
	jobs          *prometheus.CounterVec
	seconds       prometheus.Histogram
	undelivered   prometheus.Counter
	clusterErrors *prometheus.CounterVec
	reloaded      prometheus.Gauge
	reloadOK      prometheus.Gauge
}

func newMetrics(s *Server) *metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "hindcast_" + name, Help: help}, labels)
	}
	m := &metrics{
		registry:      prometheus.NewRegistry(),
		webhooks:      counter("webhooks_total", "Webhooks by kind and outcome: accepted, repeated, empty, or the HTTP status of a refusal.", "kind", "outcome"),
		events:        counter("events_total", "Events that were kept and not known before, by kind.", "kind"),
		jobs:          counter("reports_total", "Attempts to make a report by outcome: made, failed (tried again), given_up.", "outcome"),
		seconds:       prometheus.NewHistogram(prometheus.HistogramOpts{Name: "hindcast_report_duration_seconds", Help: "How long reports took.", Buckets: []float64{0.1, 0.5, 1, 5, 10, 30, 60, 300, 900}}),
		undelivered:   prometheus.NewCounter(prometheus.CounterOpts{Name: "hindcast_delivery_failures_total", Help: "Attempts to send a report that failed for at least one destination."}),
		clusterErrors: counter("cluster_failures_total", "Attempts to keep the events of a Kubernetes cluster that failed.", "source"),
		reloaded:      prometheus.NewGauge(prometheus.GaugeOpts{Name: "hindcast_config_last_reload_success_timestamp_seconds", Help: "When the configuration was read for the last time without a fault."}),
		reloadOK:      prometheus.NewGauge(prometheus.GaugeOpts{Name: "hindcast_config_last_reload_successful", Help: "Whether the last attempt to read the configuration found no fault."}),
	}
	m.reloadOK.Set(1)
	for _, o := range []string{"made", "failed", "given_up"} {
		m.jobs.WithLabelValues(o) // so that an increase from nothing is one
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{Name: "hindcast_build_info", Help: "Always 1; the version is in the label.", ConstLabels: prometheus.Labels{"version": s.Version}})
	info.Set(1)
	m.registry.MustRegister(m.webhooks, m.events, m.jobs, m.seconds, m.undelivered, m.clusterErrors, m.reloaded, m.reloadOK, info,
		&incidentCollector{server: s}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// An incidentCollector counts incidents by their state when it is asked.
type incidentCollector struct{ server *Server }

var (
	incidentsDesc = prometheus.NewDesc("hindcast_incidents", "Incidents by state; those with a report are counted as long as it is kept.", []string{"state"}, nil)
	alertsDesc    = prometheus.NewDesc("hindcast_alert_events", "Events of alerts that are remembered.", nil, nil)
	droppedDesc   = prometheus.NewDesc("hindcast_alert_events_dropped_total", "Events of alerts that were forgotten since there were too many; they are still in the journal.", nil, nil)
)

// Describe tells what is collected.
func (c *incidentCollector) Describe(ch chan<- *prometheus.Desc) {
	ch <- incidentsDesc
	ch <- alertsDesc
	ch <- droppedDesc
}

// Collect counts.
func (c *incidentCollector) Collect(ch chan<- prometheus.Metric) {
	states := map[archive.State]int{}
	for _, s := range []archive.State{archive.IsOpen, archive.IsSettling, archive.IsDue, archive.IsWaiting, archive.IsGivenUp, archive.IsMade} {
		states[s] = 0
	}
	for _, v := range c.server.views() {
		states[v.State]++
	}
	for s, n := range states {
		ch <- prometheus.MustNewConstMetric(incidentsDesc, prometheus.GaugeValue, float64(n), string(s))
	}
	known, dropped := c.server.alerts.count()
	ch <- prometheus.MustNewConstMetric(alertsDesc, prometheus.GaugeValue, float64(known))
	ch <- prometheus.MustNewConstMetric(droppedDesc, prometheus.CounterValue, float64(dropped))
}
