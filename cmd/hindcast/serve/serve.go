// Package serve receives webhooks about alerts, keeps them, has a report made of every incident that has ended, and shows
// the reports.
//
// What it answers 200 to is on the disk. What is to be done follows from what is there: the events received, and the
// reports that were made. So it may be killed at any moment, and begins again where it was.
package serve

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/hindcast/hindcast/cmd/hindcast/archive"
	"github.com/hindcast/hindcast/cmd/hindcast/incident"
	"github.com/hindcast/hindcast/cmd/hindcast/journal"
)

const (
	// mostAtOnce is how many webhooks are read at the same time. The others wait, their bodies unread.
	mostAtOnce = 64
	// startedBefore is how much further back than the incidents looked for alerts are remembered: an incident that ended
	// in that time may have begun before it.
	startedBefore = 12 * time.Hour
)

// A Reporter makes reports.
type Reporter interface {
	// Make makes the report of an incident and puts it into the archive, whose lock is held.
	Make(ctx context.Context, i incident.Incident) (archive.Record, error)
	// Deliver sends the report to those destinations that do not have it, and tells when to try again if one failed. The
	// archive's lock is held.
	Deliver(ctx context.Context, r archive.Record) (again time.Time, err error)
}

// Options are what a server has for its life.
type Options struct {
	Archive *archive.Archive
	Journal *journal.Journal
	Log     *slog.Logger
	Version string
	// Reload reads the configuration again and calls Use; it is offered over HTTP if Lifecycle is set.
	Reload    func() error
	Lifecycle bool
}

// Setup is what a configuration says; it can be exchanged while the server runs.
type Setup struct {
	Reporter Reporter
	Terms    archive.Terms
	Fold     incident.Options
	// Jobs is how many reports are made side by side.
	Jobs int
	// MaxBody is how many bytes one webhook may have, Rate how many webhooks a second are taken.
	MaxBody int64
	Rate    int
	// TokenFile holds the secret of webhooks, PagerDutySecretFile the one that PagerDuty signs with.
	TokenFile, PagerDutySecretFile string
	// History is how long received events are kept, Retention how long reports are; 0 is for ever.
	History, Retention time.Duration
	// Clusters are asked for their events, which they forget after an hour.
	Clusters []Cluster
}

// A Server is one running `hindcast serve`.
type Server struct {
	Options
	setup   atomic.Pointer[Setup]
	limit   atomic.Pointer[rate.Limiter]
	reading chan struct{}
	alerts  alerts
	lock    archive.Shared
	metrics *metrics
	// wake says that there may be work, freed that a job has ended.
	wake, freed chan struct{}

	mu sync.Mutex
	// running are the incidents that are worked on, by id; again says when to send what could not be sent.
	running map[string]bool
	again   map[string]time.Time
	plan    []archive.Planned
	records map[string]archive.Record
	ready   bool
}

// New makes a server. It takes webhooks at once, and begins to work with Run.
func New(o Options, setup Setup) *Server {
	s := &Server{
		Options: o, reading: make(chan struct{}, mostAtOnce), wake: make(chan struct{}, 1), freed: make(chan struct{}, 1),
		lock: archive.Shared{Archive: o.Archive}, running: map[string]bool{}, again: map[string]time.Time{},
	}
	s.metrics = newMetrics(s)
	s.Use(setup)
	return s
}

// Use exchanges the setup.
func (s *Server) Use(setup Setup) {
	s.limit.Store(rate.NewLimiter(rate.Limit(setup.Rate), setup.Rate+mostAtOnce))
	s.setup.Store(&setup)
	s.metrics.reloaded.SetToCurrentTime()
	s.stir()
}

// stir has the work looked at again soon.
func (s *Server) stir() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
