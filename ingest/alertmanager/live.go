package alertmanager

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/url"
	"time"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/fetch"
)

// Options says which server is asked.
type Options struct {
	// Name is the source's, for reports.
	Name string
	// Client reaches the server; its base is what stands before /api/v2.
	Client *fetch.Client
	// Timeout bounds one request with its repetitions; zero is two minutes.
	Timeout time.Duration
}

// Source is an Alertmanager, or what speaks its API. It is safe for concurrent use.
type Source struct{ o Options }

// New makes a source. No request is sent yet.
func New(o Options) *Source {
	if o.Timeout <= 0 {
		o.Timeout = 2 * time.Minute
	}
	return &Source{o}
}

// Name gives the source's name.
func (s *Source) Name() string { return s.o.Name }

// questions are what is asked for: alerts whatever holds their notifications back, and what people silenced.
var questions = []struct {
	path  string
	query url.Values
}{
	{"api/v2/alerts", url.Values{"active": {"true"}, "silenced": {"true"}, "inhibited": {"true"}, "unprocessed": {"true"}}},
	{"api/v2/silences", nil},
}

// Events yields the alerts that are active now, if they began before the end of the range, and the silences that lie in it.
// An Alertmanager forgets alerts that are over: their history is Prometheus' affair.
func (s *Source) Events(ctx context.Context, within event.Range) iter.Seq2[*event.Batch, error] {
	return func(yield func(*event.Batch, error) bool) {
		for i, q := range questions {
			body, err := s.get(ctx, q.path, q.query)
			if err != nil {
				yield(nil, err)
				return
			}
			var batches []event.Batch
			emit := func(b *event.Batch) { batches = append(batches, *b) }
			if err := Decode(ctx, bytes.NewReader(body), event.Origin{Source: s.o.Name, Path: q.path}, emit); err != nil {
				yield(nil, err)
				return
			}
			batches[0].Coverage.Bytes = int64(len(body))
			if i == 0 {
				batches[0].Coverage.Notes = append(batches[0].Coverage.Notes, "an Alertmanager knows the alerts that are active now; those that are over come from Prometheus")
			}
			for k := range batches {
				restrict(&batches[k], within)
				if !yield(&batches[k], nil) {
					return
				}
			}
		}
	}
}

func (s *Source) get(ctx context.Context, path string, query url.Values) ([]byte, error) {
	limited, cancel := context.WithTimeout(ctx, s.o.Timeout)
	defer cancel()
	body, _, err := s.o.Client.Get(limited, path, query)
	if err != nil {
		return nil, err
	}
	if head := bytes.TrimSpace(body); len(head) == 0 || head[0] != '[' {
		return nil, fmt.Errorf("%s does not answer %s like an Alertmanager: its URL must be what stands before /api/v2", s.o.Client.Base.Redacted(), path)
	}
	return body, nil
}

// restrict counts as outside what began after a range or was over before it.
func restrict(b *event.Batch, within event.Range) {
	if within.IsZero() {
		return
	}
	kept := b.Events[:0]
	for _, e := range b.Events {
		if e.Time < within.To && (e.End == 0 || e.End >= within.From) {
			kept = append(kept, e)
		} else if e.State != "resolved" {
			b.Coverage.Kept--
			b.Coverage.Outside++
		}
	}
	b.Events = kept
}

// Parts gives none: an Alertmanager has no records.
func (s *Source) Parts(context.Context, ingest.Query) ([]ingest.Part, error) { return nil, nil }

// Check tells which server it is and how its clock goes.
func (s *Source) Check(ctx context.Context, _ ingest.Query) (ingest.Report, error) {
	r := ingest.Report{Server: s.o.Client.Base.Redacted(), Records: -1}
	limited, cancel := context.WithTimeout(ctx, s.o.Timeout)
	defer cancel()
	var status struct {
		VersionInfo struct{ Version string }
	}
	sent := time.Now()
	header, err := s.o.Client.JSON(limited, "api/v2/status", nil, &status)
	if err != nil {
		return r, err
	}
	r.Clock, r.ClockError = fetch.Clock(header, sent, time.Now())
	r.Product = "Alertmanager " + status.VersionInfo.Version
	for _, q := range questions {
		r.Asked = append(r.Asked, q.path)
	}
	body, err := s.get(limited, questions[0].path, questions[0].query)
	if err != nil {
		return r, err
	}
	var alerts []json.RawMessage
	if err := json.Unmarshal(body, &alerts); err != nil {
		return r, fmt.Errorf("reading the alerts: %w", err)
	}
	r.Records, r.Bytes = int64(len(alerts)), int64(len(body))
	return r, nil
}
