package fetch

import (
	"context"
	"net/url"
	"time"

	"github.com/hindcast/hindcast/ingest"
)

// Probe asks a path for v and tells what the answer says of the server and its clock, for sources that have no better way
// to check it.
func (c *Client) Probe(ctx context.Context, path string, query url.Values, v any) (ingest.Report, error) {
	r := ingest.Report{Server: c.Base.Redacted(), Records: -1}
	sent := time.Now()
	header, err := c.JSON(ctx, path, query, v)
	if err != nil {
		return r, err
	}
	r.Clock, r.ClockError = Clock(header, sent, time.Now())
	return r, nil
}
