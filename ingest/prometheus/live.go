package prometheus

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/fetch"
)

const (
	defaultRequests = 1000
	defaultSamples  = 10_000_000
	defaultTimeout  = 5 * time.Minute
)

// Options says which server is asked, for what, and how much.
type Options struct {
	// Name is the source's, for reports.
	Name string
	// Client reaches the server; its base is what stands before /api/v1.
	Client *fetch.Client
	// NoAlerts leaves the history of alerts out.
	NoAlerts bool
	// Queries are the user's own. They are asked first.
	Queries []UserQuery
	// Expressions are what will be evaluated over the series: what they select is asked for.
	Expressions []string
	// Step is the distance of samples asked for. Zero asks for the samples as they were scraped, as alerts always are.
	Step time.Duration
	// MaxRequests and MaxSamples bound what is asked of the server in one run; zero is 1,000 and 10,000,000.
	MaxRequests int
	MaxSamples  int64
	// Timeout bounds one request with its repetitions; zero is five minutes.
	Timeout time.Duration
}

// UserQuery is an expression that the user wants to see.
type UserQuery struct {
	// Name stands for the result's series where they have no name of their own. Unit becomes the name's ending if it is
	// not there yet, as Prometheus names metrics: "seconds", "bytes", "ratio".
	Name, Unit string
	Expr       string
}

// Source is a Prometheus server, or another that speaks its query API. It is safe for concurrent use.
type Source struct {
	o      Options
	server fetch.Steady
	// piece is how many samples one request should give.
	piece int64
}

// New makes a source. No request is sent yet.
func New(o Options) *Source {
	if o.MaxRequests <= 0 {
		o.MaxRequests = defaultRequests
	}
	if o.MaxSamples <= 0 {
		o.MaxSamples = defaultSamples
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	return &Source{o: o, server: fetch.Steady{Client: o.Client, Timeout: o.Timeout}, piece: pieceSamples}
}

// Name gives the source's name.
func (s *Source) Name() string { return s.o.Name }

// Events yields the history of alerts, all at once. What lies too far back to be paid for becomes a gap.
func (s *Source) Events(ctx context.Context, within event.Range) iter.Seq2[*event.Batch, error] {
	return func(yield func(*event.Batch, error) bool) {
		if s.o.NoAlerts {
			return
		}
		r := s.newReading(within)
		if within.IsZero() {
			r.sink.Note("the history of alerts needs a window: it was not asked for")
		} else {
			r.alerts(ctx, within)
		}
		r.yield(ctx, yield)
	}
}

// Parts finds out which series to ask for and splits the asking. See [Options] for what is asked.
func (s *Source) Parts(ctx context.Context, q ingest.Query) ([]ingest.Part, error) {
	if q.Range.IsZero() {
		return nil, fmt.Errorf("source %s: series cannot be asked for without a window", s.o.Name)
	}
	q = withWindow(q)
	found, err := s.survey(ctx, q)
	if err != nil {
		return nil, err
	}
	p := s.plan(ctx, found, q)
	parts := make([]ingest.Part, 0, len(p.pieces)+1)
	parts = append(parts, p)
	for i := range p.pieces {
		parts = append(parts, &p.pieces[i])
	}
	return parts, nil
}

// withWindow takes all of the range for the window if none is given.
func withWindow(q ingest.Query) ingest.Query {
	if q.Window.IsZero() {
		begin := event.Range{From: q.Range.From, To: q.Range.From}
		q.Window = event.Window{Range: q.Range, Baseline: begin, Lookback: begin}
	}
	return q
}

const (
	// firstAlerts is the time that the first request for alerts asks for. It grows while answers have few samples.
	firstAlerts = 6 * time.Hour
	fewSamples  = 100_000
)

// alertSelector is what Prometheus keeps of alerts that fire.
const alertSelector = `{__name__=~"ALERTS|ALERTS_FOR_STATE",alertstate!="pending"}`

// alerts asks for the samples of alerts from the end backwards, in spans that double while the answers are small, until a
// quarter of the budget is spent.
func (r *reading) alerts(ctx context.Context, within event.Range) {
	o := &r.source.o
	span, to := int64(firstAlerts), within.To
	for requests := 0; to > within.From; requests++ {
		before := r.samples
		if r.samples > o.MaxSamples/4 || requests > o.MaxRequests/4 {
			r.sink.Gap(event.Hole{
				Range: event.Range{From: within.From, To: to}, Origin: event.Origin{Source: o.Name, Path: alertSelector},
				Reason: fmt.Sprintf("alerts before %s were not asked for: the budget of samples or requests is spent (max_samples, max_requests)", event.Time(to).Format(time.RFC3339)),
			})
			break
		}
		part := event.Range{From: max(to-span, within.From), To: to}
		if !r.pull(ctx, query{expr: alertSelector, within: part}) {
			break
		}
		if to = part.From; r.samples-before < fewSamples {
			span *= 2
		}
	}
	r.covered = event.Range{From: to, To: within.To}
}
