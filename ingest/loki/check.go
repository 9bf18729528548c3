package loki

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

// Check tells which server it is, how its clock goes and how many lines a query would pull.
func (s *Source) Check(ctx context.Context, q ingest.Query) (ingest.Report, error) {
	r := ingest.Report{Server: s.o.Client.Base.Redacted(), Product: "Loki", Records: -1}
	sent := time.Now()
	body, header, err := s.server.Query(ctx, "loki/api/v1/status/buildinfo", nil)
	r.Clock, r.ClockError = fetch.Clock(header, sent, time.Now())
	var status *fetch.StatusError
	switch {
	case err == nil:
		var build struct{ Version string }
		if json.Unmarshal(body, &build) != nil {
			return r, fmt.Errorf("%s does not answer like Loki: its URL must be what stands before /loki/api/v1", r.Server)
		}
		r.Product += " " + build.Version
	case !errors.As(err, &status) || status.Status != http.StatusNotFound: // gateways often hide it
		return r, err
	}
	expr, note, err := s.query(ctx)
	if err != nil {
		return r, err
	}
	if note != "" {
		r.Notes = append(r.Notes, note)
	}
	if q.Range.IsZero() {
		return r, nil
	}
	if v, known := s.volume(ctx, expr, q.Range); known {
		r.Records, r.Bytes = v.Entries, v.Bytes
	} else if page, err := s.ask(ctx, expr, q.Range, 1); err != nil {
		return r, err
	} else if page.count == 0 {
		r.Records = 0
	}
	if r.Records == 0 {
		r.Notes = append(r.Notes, "no line of "+expr+" lies in the window")
	}
	parts, err := s.Parts(ctx, q)
	for _, p := range parts {
		r.Asked = append(r.Asked, p.Name())
	}
	return r, err
}
