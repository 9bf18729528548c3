package prometheus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/fetch"
)

// data asks for something other than samples and decodes the data of the answer.
func (s *Source) data(ctx context.Context, path string, query url.Values, v any) error {
	body, _, err := s.server.Query(ctx, path, query)
	if err != nil {
		return err
	}
	var answer struct {
		Status, Error string
		Data          json.RawMessage
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return fmt.Errorf("%s answered what is not the JSON of Prometheus' API: %w", path, err)
	}
	if answer.Status != "success" {
		return fmt.Errorf("%s: the server answered %q: %s", path, answer.Status, answer.Error)
	}
	if err := json.Unmarshal(answer.Data, v); err != nil {
		return fmt.Errorf("%s answered what is not the JSON expected: %w", path, err)
	}
	return nil
}

// counted is the number that a query gives for each metric, or under "" if it gives one number.
func (s *Source) counted(ctx context.Context, expr string, at int64) (map[string]float64, error) {
	var data struct {
		Result []struct {
			Metric map[string]string
			Value  [2]any
		}
	}
	if err := s.data(ctx, "api/v1/query", url.Values{"query": {expr}, "time": {seconds(at)}}, &data); err != nil {
		return nil, err
	}
	counts := make(map[string]float64, len(data.Result))
	for _, r := range data.Result {
		text, _ := r.Value[1].(string)
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, fmt.Errorf("%s: %q is not a number", expr, text)
		}
		counts[r.Metric["__name__"]] += n
	}
	return counts, nil
}

// query is one question for samples.
type query struct {
	expr   string
	within event.Range
	// step is the distance of points, 0 for the samples as they were scraped.
	step int64
}

// request gives path and parameters. Raw samples come by an instant query for a range: they keep their own times.
func (q query) request() (string, url.Values) {
	if q.step == 0 {
		// The end belongs to the range and the beginning does not, before release 3 it does too.
		last := (q.within.To - 1) / int64(time.Millisecond)
		return "api/v1/query", url.Values{
			"query": {fmt.Sprintf("%s[%dms]", q.expr, last-q.within.From/int64(time.Millisecond)+1)}, "time": {seconds(last * int64(time.Millisecond))},
		}
	}
	from := (q.within.From + q.step - 1) / q.step * q.step
	to := (q.within.To - 1) / q.step * q.step
	return "api/v1/query_range", url.Values{
		"query": {q.expr}, "start": {seconds(from)}, "end": {seconds(max(from, to))}, "step": {seconds(q.step)},
	}
}

// seconds writes nanoseconds as the API takes times and steps.
func seconds(ns int64) string {
	text := strconv.FormatFloat(float64(ns/int64(time.Millisecond))/1000, 'f', 3, 64)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// tooMuch tells whether a server refused a question because the answer would be too large, so that a smaller one may do.
func tooMuch(err error) bool {
	if errors.Is(err, fetch.ErrTooLarge) {
		return true
	}
	var status *fetch.StatusError
	if !errors.As(err, &status) {
		return false
	}
	switch status.Status {
	case http.StatusRequestEntityTooLarge:
		return true
	case http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusServiceUnavailable, http.StatusTooManyRequests:
		for _, word := range []string{"too many samples", "too many points", "exceed", "limit", "too large", "too long", "timed out"} {
			if strings.Contains(strings.ToLower(status.Message), word) {
				return true
			}
		}
	}
	return false
}
