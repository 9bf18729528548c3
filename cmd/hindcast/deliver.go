package main

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	promconfig "github.com/prometheus/common/config"

	"github.com/hindcast/hindcast/cmd/hindcast/archive"
	"github.com/hindcast/hindcast/cmd/hindcast/config"
	"github.com/hindcast/hindcast/cmd/hindcast/destination"
	"github.com/hindcast/hindcast/ingest/fetch"
)

const (
	// mostDeliveries is how often a report is sent to a destination that does not take it.
	mostDeliveries = 12
	// deliveryPause is waited after the first failure, then twice as long, up to longestPause.
	deliveryPause, longestPause = time.Minute, time.Hour
)

// destinations makes those of a configuration.
func destinations(cfg *config.Config) ([]*destination.Destination, error) {
	var all []*destination.Destination
	for _, c := range cfg.Destinations {
		plain := promconfig.DefaultHTTPClientConfig
		if c.HTTP != nil {
			plain = c.HTTP.HTTPClientConfig
		}
		rt, err := promconfig.NewRoundTripperFromConfig(plain, c.Name)
		if err != nil {
			return nil, usage("", "destination %q: http_config: %s", c.Name, err)
		}
		d, err := destination.New(c, destination.Options{Transport: fetch.Retry(rt, fetch.Patience{}), Merge: mergeReport})
		if err != nil {
			return nil, usage("", "destination %q: %s", c.Name, err)
		}
		all = append(all, d)
	}
	return all, nil
}

// undelivered tells whether a destination is still to be sent a report, and when: at once if it never was.
func undelivered(d archive.Delivery, r archive.Record) (at time.Time, wanted bool) {
	switch {
	case !d.Made.Equal(r.Made):
		return time.Time{}, true
	case d.Error == "" || d.Attempts >= mostDeliveries:
		return time.Time{}, false
	default:
		return d.At.Add(min(deliveryPause<<min(d.Attempts-1, 10), longestPause)), true
	}
}

// deliver sends a report to the destinations that do not have it, side by side, and tells when to try again those that
// did not take it. In a hurry it does not wait for that time: each pass of watch is an attempt.
func (r *reporting) deliver(ctx context.Context, rec archive.Record, hurry bool) (again time.Time, err error) {
	if len(r.destinations) == 0 {
		return time.Time{}, nil
	}
	known, err := r.archive.Deliveries(rec.ID)
	if err != nil {
		known = map[string]archive.Delivery{} // a list that cannot be read is made anew
	}
	report := destination.Report{Record: rec}
	if base := strings.TrimSuffix(r.cfg.Serve.ExternalURL, "/"); base != "" {
		report.Link = base + "/reports/" + rec.ID
	}
	if report.Files, err = r.archive.Read(rec); err != nil {
		return time.Time{}, err
	}
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		errs  []error
		tried bool
	)
	for _, d := range r.destinations {
		before := known[d.Name]
		at, wanted := undelivered(before, rec)
		if !wanted || at.After(time.Now()) && !hurry {
			continue
		}
		tried = true
		wg.Go(func() {
			link, err := d.Send(ctx, &report)
			now := archive.Delivery{At: time.Now().UTC(), Made: rec.Made, Link: link}
			if err != nil {
				now.Error = err.Error()
				if before.Made.Equal(rec.Made) {
					now.Attempts = before.Attempts
				}
				now.Attempts++
			}
			mu.Lock()
			defer mu.Unlock()
			known[d.Name] = now
			errs = append(errs, err)
			r.tellDelivery(rec, d.Name, now)
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		return time.Time{}, ctx.Err() // an attempt that was cut short is none
	}
	for _, d := range r.destinations {
		if at, wanted := undelivered(known[d.Name], rec); wanted && (again.IsZero() || at.Before(again)) {
			again = at
		}
	}
	if tried {
		errs = append(errs, r.archive.SetDeliveries(rec.ID, known))
	}
	return again, errors.Join(errs...)
}

func (r *reporting) tellDelivery(rec archive.Record, name string, d archive.Delivery) {
	switch {
	case d.Error == "":
		r.log.Debug("report sent", "incident", rec.ID, "destination", name, "link", d.Link)
	case d.Attempts >= mostDeliveries:
		r.log.Error("sending a report given up", "incident", rec.ID, "destination", name, "attempts", d.Attempts, "err", d.Error)
	}
}
