package prometheus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/fetch"
)

// bytesPerSample is about what a sample takes in an answer.
const bytesPerSample = 30

// Check tells which server it is, how its clock goes and what a query would ask of it. The metrics are counted for that,
// their samples are not pulled.
func (s *Source) Check(ctx context.Context, q ingest.Query) (ingest.Report, error) {
	r := ingest.Report{Server: s.o.Client.Base.Redacted(), Records: -1}
	if err := s.greet(ctx, &r); err != nil {
		return r, err
	}
	if q.Range.IsZero() {
		return r, nil
	}
	q = withWindow(q)
	found, err := s.survey(ctx, q)
	if err != nil {
		return r, err
	}
	p := s.plan(ctx, found, q)
	r.Records, r.Bytes = p.samples, p.samples*bytesPerSample
	if !s.o.NoAlerts {
		r.Asked = append(r.Asked, alertSelector)
	}
	for i := range p.pieces {
		r.Asked = append(r.Asked, p.pieces[i].Name())
	}
	c := p.account()
	r.Notes = c.Notes
	for _, g := range c.Gaps {
		r.Notes = append(r.Notes, g.Reason)
	}
	return r, nil
}

// greet asks for the server's version, which some do not tell.
func (s *Source) greet(ctx context.Context, r *ingest.Report) error {
	limited, cancel := context.WithTimeout(ctx, s.o.Timeout)
	defer cancel()
	sent := time.Now()
	body, header, err := s.o.Client.Get(limited, "api/v1/status/buildinfo", nil)
	r.Clock, r.ClockError = fetch.Clock(header, sent, time.Now())
	var status *fetch.StatusError
	switch {
	case errors.As(err, &status) && status.Status != http.StatusUnauthorized && status.Status != http.StatusForbidden && status.Status < 500:
		r.Product = "a server that speaks Prometheus' API"
		return nil
	case err != nil:
		return err
	}
	var answer struct {
		Data struct{ Version string }
	}
	if json.Unmarshal(body, &answer) != nil || answer.Data.Version == "" {
		return fmt.Errorf("%s does not answer like Prometheus: it must be the URL before /api/v1 (Mimir's ends in /prometheus)", r.Server)
	}
	r.Product = "Prometheus " + answer.Data.Version
	return nil
}
