package serve

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/hindcast/hindcast/cmd/hindcast/archive"
	"github.com/hindcast/hindcast/cmd/hindcast/incident"
)

const (
	// tick is how often the work is looked at without any reason: another process may have changed the archive.
	tick = time.Minute
	// gather is waited after an event for those that come with it.
	gather = time.Second
	// tidyEvery is how often old events and reports are removed.
	tidyEvery = time.Hour
)

// Run makes the reports that are due until ctx ends, and returns when nothing is being worked on any more.
func (s *Server) Run(ctx context.Context) error {
	setup := s.setup.Load()
	now := time.Now()
	if err := s.recall(ctx, now.Add(-setup.Terms.Since-startedBefore)); err != nil {
		return err
	}
	records, err := s.Archive.List()
	if err != nil {
		s.Log.Warn("some reports cannot be read", "err", err)
	}
	for _, r := range records {
		if r.To.After(now.Add(-setup.Terms.Since)) {
			s.again[r.ID] = now
		}
	}
	s.mu.Lock()
	s.ready = true
	s.mu.Unlock()
	var jobs sync.WaitGroup
	defer jobs.Wait()
	jobs.Go(func() { s.keep(ctx) })
	jobs.Go(func() { s.tidyUp(ctx) })
	for {
		next := s.round(ctx, &jobs)
		timer := time.NewTimer(max(time.Until(next), 10*time.Millisecond))
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		case <-s.freed:
			timer.Stop()
		case <-s.wake:
			timer.Stop()
			if pause(ctx, gather) != nil {
				return nil
			}
		}
	}
}

// pause waits, unless ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// look plans the work from what is there now.
func (s *Server) look(now time.Time) ([]archive.Planned, error) {
	setup := s.setup.Load()
	records, err := s.Archive.List()
	failures, failed := s.Archive.Failures()
	events := s.alerts.since(now.Add(-setup.Terms.Since - startedBefore))
	incidents := incident.Fold(incident.Firings(events, now.UnixNano()), setup.Fold)
	plan := archive.Plan(incidents, records, failures, setup.Terms, now)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plan, s.records = plan, map[string]archive.Record{}
	for _, r := range records {
		s.records[r.ID] = r
	}
	return plan, errors.Join(err, failed)
}

// round starts what is due, as far as the limit on jobs allows, and tells when to look again.
func (s *Server) round(ctx context.Context, jobs *sync.WaitGroup) time.Time {
	now := time.Now()
	next := now.Add(tick)
	soonest := func(t time.Time) {
		if t.Before(next) {
			next = t
		}
	}
	plan, err := s.look(now)
	if err != nil {
		s.Log.Error("reading the archive", "err", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	most := s.setup.Load().Jobs
	for _, p := range plan {
		switch {
		case p.State == archive.IsSettling || p.State == archive.IsWaiting:
			soonest(p.At)
		case p.State == archive.IsDue && !s.running[p.ID] && len(s.running) < most && ctx.Err() == nil:
			s.running[p.ID] = true
			jobs.Go(func() { s.job(ctx, p.ID, func() { s.report(ctx, p.ID) }) })
		}
	}
	for id, at := range s.again {
		switch {
		case at.After(now):
			soonest(at)
		case !s.running[id] && len(s.running) < most && ctx.Err() == nil:
			s.running[id] = true
			delete(s.again, id)
			jobs.Go(func() { s.job(ctx, id, func() { s.deliver(ctx, id) }) })
		}
	}
	return next
}

// job does something about an incident with the archive locked, and has the work looked at again.
func (s *Server) job(ctx context.Context, id string, do func()) {
	defer func() {
		s.mu.Lock()
		delete(s.running, id)
		s.mu.Unlock()
		select {
		case s.freed <- struct{}{}:
		default:
		}
	}()
	if err := s.lock.Lock(ctx); err != nil {
		if ctx.Err() == nil {
			s.Log.Error("locking the archive", "err", err)
		}
		return
	}
	defer s.lock.Unlock()
	do()
}

// report makes the report of an incident, unless another process has made it while this one waited for the lock.
func (s *Server) report(ctx context.Context, id string) {
	plan, err := s.look(time.Now())
	if err != nil {
		s.Log.Error("reading the archive", "err", err)
	}
	for _, p := range plan {
		if p.ID != id || p.State != archive.IsDue {
			continue
		}
		begin := time.Now()
		s.Log.Info("making a report", "incident", id, "alerts", len(p.Firings))
		rec, err := s.setup.Load().Reporter.Make(ctx, p.Incident)
		s.metrics.seconds.Observe(time.Since(begin).Seconds())
		switch {
		case ctx.Err() != nil: // it is made when the server begins again
		case err != nil:
			s.failed(rec, err)
		default:
			s.metrics.jobs.WithLabelValues("made").Inc()
			s.Log.Info("report made", "incident", id, "folder", s.Archive.Path(id), "verdict", rec.Verdict, "suspect", rec.Suspect)
			s.deliver(ctx, id)
		}
	}
}

// failed marks that a report could not be made, and gives up loudly when that was the last attempt.
func (s *Server) failed(r archive.Record, reason error) {
	f, err := s.Archive.Failed(r, time.Now(), reason)
	if err != nil {
		s.Log.Error("marking a failure", "incident", r.ID, "err", err)
	}
	if most := s.setup.Load().Terms.MostAttempts; most > 0 && f.Attempts >= most {
		s.metrics.jobs.WithLabelValues("given_up").Inc()
		s.Log.Error("report given up", "incident", r.ID, "attempts", f.Attempts, "err", reason, "hint", "delete "+s.Archive.Path(r.ID+".failed.json")+" to try again")
		return
	}
	s.metrics.jobs.WithLabelValues("failed").Inc()
	s.Log.Warn("report failed, will be tried again", "incident", r.ID, "attempts", f.Attempts, "err", reason)
}

// deliver sends a report to the destinations that do not have it.
func (s *Server) deliver(ctx context.Context, id string) {
	rec, err := s.Archive.Record(id)
	if err != nil {
		s.Log.Warn("a report is gone before it was sent", "incident", id, "err", err)
		return
	}
	again, err := s.setup.Load().Reporter.Deliver(ctx, rec)
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		s.metrics.undelivered.Inc()
		s.Log.Error("report not delivered everywhere", "incident", id, "err", err, "again", again)
	}
	if !again.IsZero() {
		s.mu.Lock()
		s.again[id] = again
		s.mu.Unlock()
	}
}

// tidyUp removes events and reports that have been kept long enough.
func (s *Server) tidyUp(ctx context.Context) {
	for {
		setup := s.setup.Load()
		if setup.History > 0 {
			if err := s.Journal.Expire(time.Now().Add(-setup.History)); err != nil {
				s.Log.Error("removing old events", "err", err)
			}
		}
		if setup.Retention > 0 && s.lock.Lock(ctx) == nil {
			gone, err := s.Archive.Expire(time.Now().Add(-setup.Retention))
			s.lock.Unlock()
			for _, id := range gone {
				s.Log.Info("report deleted", "incident", id, "kept", setup.Retention)
			}
			if err != nil {
				s.Log.Error("removing old reports", "err", err)
			}
		}
		if pause(ctx, tidyEvery) != nil {
			return
		}
	}
}
