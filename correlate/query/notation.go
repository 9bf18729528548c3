package query

import (
	"errors"
	"math"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/hindcast/hindcast/ingest/event"
)

// ParseSeries reads a series and its values as promtool's unit tests write them: `up{job="api"}` and `1 1 0x5 _ 0+2x10`.
// The values come at from, from+step and so on; "_" leaves one out, and so does "stale".
func ParseSeries(series, values string, from, step int64) (event.Series, error) {
	l, samples, err := parser.NewParser(options).ParseSeriesDesc(series + " " + values)
	if err != nil {
		if all, ok := errors.AsType[parser.ParseErrors](err); ok && len(all) > 0 {
			return event.Series{}, all[0].Err
		}
		return event.Series{}, err
	}
	s := event.Series{Step: step}
	l.Range(func(l labels.Label) {
		if l.Name == model.MetricNameLabel {
			s.Name = l.Value
			return
		}
		s.Labels = append(s.Labels, event.Label{Name: l.Name, Value: l.Value})
	})
	if s.Name == "" {
		return event.Series{}, errors.New("the series has no name")
	}
	for i, v := range samples {
		switch {
		case v.Histogram != nil:
			return event.Series{}, errors.New("native histograms are not known here")
		case v.Omitted || math.Float64bits(v.Value) == value.StaleNaN:
			continue
		}
		s.Times = append(s.Times, from+int64(i)*step)
		s.Values = append(s.Values, v.Value)
	}
	return s, nil
}
