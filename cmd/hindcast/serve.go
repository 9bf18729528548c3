package main

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/prometheus/exporter-toolkit/web"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hindcast/hindcast/cmd/hindcast/archive"
	"github.com/hindcast/hindcast/cmd/hindcast/config"
	"github.com/hindcast/hindcast/cmd/hindcast/incident"
	"github.com/hindcast/hindcast/cmd/hindcast/journal"
	"github.com/hindcast/hindcast/cmd/hindcast/serve"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/fetch"
)

const (
	defaultListen  = ":9810"
	defaultHistory = 14 * 24 * time.Hour
	defaultMaxBody = 4 << 20
	defaultBacklog = 1 << 30
	defaultRate    = 200
	// retryPause is waited after a report could not be made, then twice as long, and so on.
	retryPause = 30 * time.Second
	// graceful is how long requests may take to end when the server stops.
	graceful = 10 * time.Second
)

// serveFlags are the flags of the server.
type serveFlags struct {
	incidents      incidentFlags
	storage        string
	listen, webCfg string
	lifecycle      bool
	// command is how the server was called, for its reports.
	command string
}

func newServe(a *app) *cobra.Command {
	var s serveFlags
	c := &cobra.Command{
		Use: "serve", Short: "receive alerts and make a report of every incident that has ended",
		Long: "serve receives the webhooks of Alertmanager, PagerDuty and Grafana and keeps them on disk. When all alerts of an\n" +
			"incident have ended and it has settled, its report is made from the sources of the configuration and from what was\n" +
			"received, put into a folder of its own, and sent to the destinations. It may be killed at any moment.\n\n" +
			"  POST /api/v1/webhook/alertmanager, /api/v1/webhook/pagerduty, /api/v1/webhook/grafana\n" +
			"  GET  /, /reports/ID, /api/v1/incidents, /api/v1/incidents/ID, /metrics, /-/healthy, /-/ready\n" +
			"  POST /-/reload, with --web.enable-lifecycle; SIGHUP always",
		Example: "  hindcast serve --storage.path /var/lib/hindcast -c /etc/hindcast/hindcast.yml\n  hindcast serve --web.config.file web.yml --prometheus.url http://prometheus:9090",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			s.command = a.commandOf(c, nil)
			return a.serve(c.Context(), &s)
		},
	}
	section(c, "Server", func(f *pflag.FlagSet) {
		f.StringVar(&s.listen, "web.listen-address", defaultListen, "where to listen (`ADDRESS`)")
		f.StringVar(&s.webCfg, "web.config.file", "", "TLS and basic auth, in the form of Prometheus' exporters (`FILE`)")
		f.BoolVar(&s.lifecycle, "web.enable-lifecycle", false, "offer POST /-/reload")
		f.StringVar(&s.storage, "storage.path", "hindcast-data", "where received events are kept, and reports unless --folder says otherwise (`DIR`)")
	})
	section(c, "Incidents", s.incidents.define)
	section(c, "Sources", s.incidents.sources.define)
	section(c, "Report", s.incidents.defineReport)
	section(c, "Behaviour", s.incidents.defineBehaviour)
	return c
}

func (a *app) serve(ctx context.Context, s *serveFlags) error {
	cfg, err := a.config()
	if err != nil {
		return err
	}
	r, err := a.serving(cfg, s)
	if err != nil {
		return err
	}
	j, err := journal.Open(filepath.Join(s.storage, "events"), journal.Options{MaxBytes: int64(cmp.Or(cfg.Serve.MaxBacklog, defaultBacklog))})
	if err != nil {
		return failed("name another folder with --storage.path", "%w", err)
	}
	defer j.Close()
	r.journal = j
	setup, err := r.setup()
	if err != nil {
		return err
	}
	var server *serve.Server
	server = serve.New(serve.Options{
		Archive: r.archive, Journal: j, Log: a.log, Version: programVersion(), Lifecycle: s.lifecycle,
		Reload: func() error { return a.reload(s, j, server) },
	}, setup)
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	context.AfterFunc(ctx, func() { signal.Stop(hup); close(hup) })
	go func() {
		for range hup {
			_ = server.Reconfigure() // it tells the log
		}
	}()
	return a.listen(ctx, s, server)
}

// listen serves until ctx ends, and then until everything in hand is done.
func (a *app) listen(ctx context.Context, s *serveFlags, server *serve.Server) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.listen)
	if err != nil {
		return failed("name another address with --web.listen-address", "%w", err)
	}
	h := &http.Server{Handler: server.Handler(), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stopped := make(chan error, 1)
	go func() {
		err := web.Serve(l, h, &web.FlagConfig{WebConfigFile: &s.webCfg}, a.log)
		if errors.Is(err, http.ErrServerClosed) {
			err = nil
		}
		cancel() // a server that cannot listen does not work either
		stopped <- err
	}()
	worked := server.Run(ctx)
	a.log.Info("stopping")
	end, done := context.WithTimeout(context.WithoutCancel(ctx), graceful)
	defer done()
	err = errors.Join(h.Shutdown(end), <-stopped)
	if errors.Is(worked, context.Canceled) {
		worked = nil
	}
	if err := errors.Join(err, worked); err != nil {
		return failed("", "%w", err)
	}
	return nil
}

// serving is reporting for a server: from the sources of the configuration and what was received.
type serving struct {
	*reporting
	journal *journal.Journal
}

func (a *app) serving(cfg *config.Config, s *serveFlags) (*serving, error) {
	own := *a // the jobs tell the log, not a person
	own.quiet = true
	sources := s.incidents.sources.servers.sources()
	if len(sources) == 0 || len(s.incidents.sources.only) > 0 {
		chosen, err := choose(cfg, &s.incidents.sources)
		if err != nil {
			return nil, err
		}
		sources = append(sources, chosen...)
	}
	cfg.Sources = sources
	flags := s.incidents
	flags.sources = sourceFlags{}
	flags.folder = cmp.Or(flags.folder, cfg.Incidents.Folder, filepath.Join(s.storage, "incidents"))
	r, err := own.reporting(cfg, nil, s.command, &flags)
	if err != nil {
		return nil, err
	}
	return &serving{reporting: r}, nil
}

// reload reads the configuration again. What cannot change while the server runs is where it listens and keeps things.
func (a *app) reload(s *serveFlags, j *journal.Journal, server *serve.Server) error {
	own := *a
	cfg, err := own.config()
	if err != nil {
		return err
	}
	r, err := own.serving(cfg, s)
	if err != nil {
		return err
	}
	r.journal, r.archive = j, server.Archive
	setup, err := r.setup()
	if err != nil {
		return err
	}
	server.Use(setup)
	return nil
}

// setup is what the configuration says of the server.
func (r *serving) setup() (serve.Setup, error) {
	c := r.cfg.Serve
	s := serve.Setup{
		Reporter: r, Terms: r.terms(retryPause), Fold: r.fold, Jobs: cmp.Or(c.Jobs, 1), MaxBody: int64(cmp.Or(c.MaxBody, defaultMaxBody)),
		Rate: cmp.Or(c.Rate, defaultRate), TokenFile: c.TokenFile, PagerDutySecretFile: c.PagerDutySecretFile,
		History: cmp.Or(time.Duration(c.History), defaultHistory), Retention: r.retention,
	}
	for _, source := range r.cfg.Sources {
		if source.Kubernetes == nil {
			continue
		}
		rt, err := r.transport(source)
		if err != nil {
			return s, err
		}
		base, err := serverURL(source, source.Kubernetes.URL)
		if err != nil {
			return s, err
		}
		s.Clusters = append(s.Clusters, serve.Cluster{Name: source.Name, Client: &fetch.Client{Transport: rt, Base: base}, Namespaces: source.Kubernetes.Namespaces})
	}
	return s, nil
}

// Make makes the report of an incident.
func (r *serving) Make(ctx context.Context, i incident.Incident) (archive.Record, error) {
	// What was received is a source like the others, as far as it can matter.
	lookback := cmp.Or(time.Duration(r.cfg.Global.Lookback), defaultLookback) + defaultLookback
	one := *r.reporting
	cfg := *r.cfg
	cfg.Sources = append([]config.Source{}, r.cfg.Sources...)
	if paths := r.journal.Paths(event.Time(i.From).Add(-lookback), time.Time{}); len(paths) > 0 {
		cfg.Sources = append(cfg.Sources, config.Source{Name: "received", Files: &config.FileSource{Paths: paths}})
	}
	one.cfg = &cfg
	return one.make(ctx, i, nil)
}

// Deliver sends a report to the destinations that do not have it.
func (r *serving) Deliver(ctx context.Context, rec archive.Record) (time.Time, error) {
	return r.deliver(ctx, rec, false)
}
