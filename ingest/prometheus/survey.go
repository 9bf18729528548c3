package prometheus

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/fetch"
)

// survey is what a server says about what it has.
type survey struct {
	// names are the metrics there are, sorted; known is false if the server does not tell.
	names []string
	known bool
	// alerting are the expressions of alerting rules, recorded those of recording rules, by name.
	alerting, recorded map[string][]string
	// interval is how far apart samples are, in nanoseconds.
	interval int64
	requests int
	notes    []string
	gaps     []event.Hole
}

// survey asks what there is. An error means that the server cannot be asked at all; what some servers do not have is a
// note.
func (s *Source) survey(ctx context.Context, q ingest.Query) (*survey, error) {
	found := &survey{interval: int64(s.o.Step), requests: 3}
	span := url.Values{"start": {seconds(q.Range.From)}, "end": {seconds(q.Range.To)}}
	err := s.data(ctx, "api/v1/label/__name__/values", span, &found.names)
	switch {
	case err == nil:
		found.known = true
		slices.Sort(found.names)
	case optional(err):
		found.note("the server does not list its metrics (%s): those that rules name are asked for", err)
	default:
		return nil, fmt.Errorf("listing the metrics: %w", err)
	}
	if err := s.rules(ctx, found); err != nil {
		if !optional(err) {
			return nil, fmt.Errorf("reading the alerting rules: %w", err)
		}
		found.note("the server does not tell its alerting rules (%s): what fired alerts look at is known only from the rules of hindcast", err)
	}
	if found.interval == 0 {
		found.interval = s.interval(ctx, q.Window.To)
	}
	return found, s.server.Gone()
}

// optional tells whether an error means no more than that a server lacks something.
func optional(err error) bool {
	var status *fetch.StatusError
	if !errors.As(err, &status) {
		return false
	}
	switch status.Status {
	case http.StatusNotFound, http.StatusBadRequest, http.StatusMethodNotAllowed, http.StatusNotImplemented, http.StatusUnprocessableEntity, http.StatusInternalServerError:
		return true
	}
	return false
}

func (f *survey) note(format string, args ...any) {
	f.notes = append(f.notes, fmt.Sprintf(format, args...))
}

// rules reads the server's alerting and recording rules.
func (s *Source) rules(ctx context.Context, found *survey) error {
	var data struct {
		Groups []struct {
			Rules []struct{ Name, Query, Type string }
		}
	}
	if err := s.data(ctx, "api/v1/rules", nil, &data); err != nil {
		return err
	}
	found.alerting, found.recorded = map[string][]string{}, map[string][]string{}
	for _, g := range data.Groups {
		for _, r := range g.Rules {
			if r.Type == "recording" {
				found.recorded[r.Name] = append(found.recorded[r.Name], r.Query)
			} else {
				found.alerting[r.Name] = append(found.alerting[r.Name], r.Query)
			}
		}
	}
	return nil
}

const (
	usualInterval = int64(15 * time.Second)
	// mostNames is how long the names in one expression may be together.
	mostNames = 8000
)

// interval estimates how far apart samples are, from how many the targets had in an hour.
func (s *Source) interval(ctx context.Context, at int64) int64 {
	counts, err := s.counted(ctx, "max(count_over_time(up[1h]))", at-int64(time.Millisecond))
	if n := counts[""]; err == nil && n >= 2 {
		return max(int64(float64(time.Hour)/n), int64(time.Second))
	}
	return usualInterval
}

// count gives how many series the metrics have, at the beginning or the end of the window, whichever is more. Matcher is
// added to each if it is not empty. Metrics that could not be counted are missing, and so are those without a series
// where the server has not said that it knows them.
func (s *Source) count(ctx context.Context, found *survey, names []string, matcher string, w event.Window) map[string]int64 {
	all := map[string]int64{}
	for group := range groups(names, mostNames) {
		expr := "count by (__name__) (" + selector(group, matcher) + ")"
		counts, err := s.countGroup(ctx, found, expr, w)
		if err != nil {
			found.gaps = append(found.gaps, event.Hole{
				Range: w.Range, Origin: event.Origin{Source: s.o.Name, Path: expr}, Reason: "series were not counted, so they were not asked for: " + err.Error(), Failed: true,
			})
			continue
		}
		for _, name := range group {
			if n, ok := counts[name]; ok || found.known {
				all[name] = int64(n)
			}
		}
	}
	return all
}

// countGroup counts the series of some metrics.
func (s *Source) countGroup(ctx context.Context, found *survey, expr string, w event.Window) (map[string]float64, error) {
	all := map[string]float64{}
	for _, at := range []int64{w.From, w.To - int64(time.Millisecond)} {
		if found.requests >= s.o.MaxRequests/2 {
			return nil, errors.New("half of the requests that are allowed are spent on counting (max_requests)")
		}
		found.requests++
		counts, err := s.counted(ctx, expr, at)
		if err != nil {
			return nil, err
		}
		for name, n := range counts {
			all[name] = max(all[name], n)
		}
	}
	return all, nil
}

// groups cuts names into runs that are not longer than most bytes together.
func groups(names []string, most int) func(yield func([]string) bool) {
	return func(yield func([]string) bool) {
		from, size := 0, 0
		for i, n := range names {
			if size += len(n) + 1; size > most && i > from {
				if !yield(names[from:i]) {
					return
				}
				from, size = i, len(n)+1
			}
		}
		if from < len(names) {
			yield(names[from:])
		}
	}
}

// selector writes what selects metrics with further matchers.
func selector(names []string, matcher string) string {
	var b strings.Builder
	switch {
	case len(names) == 1 && isName(names[0]):
		b.WriteString(names[0])
		if matcher == "" {
			return b.String()
		}
		return b.String() + "{" + matcher + "}"
	case len(names) == 1:
		b.WriteString("{__name__=" + quote(names[0]))
	default:
		escaped := make([]string, len(names))
		for i, n := range names {
			escaped[i] = regexp.QuoteMeta(n)
		}
		b.WriteString("{__name__=~" + quote(strings.Join(escaped, "|")))
	}
	if matcher != "" {
		b.WriteString("," + matcher)
	}
	b.WriteString("}")
	return b.String()
}

// quote writes a string of PromQL.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}
