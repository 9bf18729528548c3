package serve

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hindcast/hindcast/ingest/fetch"
)

const (
	// askEvery is how often a cluster is asked: it keeps events for an hour, unless it is told otherwise.
	askEvery = 2 * time.Minute
	pageSize = 500
)

// A Cluster is a Kubernetes API server whose events are kept.
type Cluster struct {
	Name       string
	Client     *fetch.Client
	Namespaces []string
}

// keep asks the clusters for their events, as long as ctx lasts.
func (s *Server) keep(ctx context.Context) {
	known := map[string]map[string]bool{}
	for {
		var wg sync.WaitGroup
		for _, c := range s.setup.Load().Clusters {
			seen := known[c.Name]
			now := map[string]bool{}
			known[c.Name] = now
			wg.Go(func() {
				if err := s.ask(ctx, c, seen, now); err != nil && ctx.Err() == nil {
					s.metrics.clusterErrors.WithLabelValues(c.Name).Inc()
					s.Log.Warn("events of a cluster could not be kept", "source", c.Name, "err", err)
				}
			})
		}
		wg.Wait()
		if pause(ctx, askEvery) != nil {
			return
		}
	}
}

// ask puts the events of a cluster that were not seen last time into the journal, and notes in now what there is.
func (s *Server) ask(ctx context.Context, c Cluster, seen, now map[string]bool) error {
	paths := []string{"api/v1/events"}
	if len(c.Namespaces) > 0 {
		paths = nil
		for _, n := range c.Namespaces {
			paths = append(paths, "api/v1/namespaces/"+url.PathEscape(n)+"/events")
		}
	}
	for _, path := range paths {
		next := ""
		for page := 0; page == 0 || next != ""; page++ {
			query := url.Values{"limit": {strconv.Itoa(pageSize)}}
			if next != "" {
				query.Set("continue", next)
			}
			var list struct {
				Metadata struct {
					Continue string `json:"continue"`
				} `json:"metadata"`
				Items []json.RawMessage `json:"items"`
			}
			if _, err := c.Client.JSON(ctx, path, query, &list); err != nil {
				return err
			}
			if err := s.keepEvents(list.Items, seen, now); err != nil {
				return err
			}
			next = list.Metadata.Continue
		}
	}
	return nil
}

func (s *Server) keepEvents(items []json.RawMessage, seen, now map[string]bool) error {
	for _, raw := range items {
		var e struct {
			Metadata struct {
				UID     string `json:"uid"`
				Version string `json:"resourceVersion"`
			} `json:"metadata"`
		}
		if err := json.Unmarshal(raw, &e); err != nil {
			return err
		}
		key := e.Metadata.UID + "/" + e.Metadata.Version
		now[key] = true
		if seen[key] {
			continue
		}
		// The items of a list do not say what they are.
		named := append([]byte(`{"kind":"Event","apiVersion":"v1",`), strings.TrimLeft(string(raw), "{ \t\r\n")...)
		repeated, err := s.Journal.Append("kubernetes", named)
		if err != nil {
			return err
		}
		if !repeated {
			s.metrics.events.WithLabelValues("kubernetes").Inc()
		}
	}
	return nil
}
