package prometheus

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/hindcast/hindcast/ingest/document"
	"github.com/hindcast/hindcast/ingest/event"
)

// empty is why a series is left out that had nothing in the range: there is nothing to keep and nothing is wrong.
const empty = "series without a sample"

// record reads one element of a result: {"metric": {...}, "values": [[SECONDS, "VALUE"], ...]}.
func (g *gathering) record(rec document.Record) error {
	raw, plain := g.plainSamples(rec.Raw)
	if !plain {
		raw = rec.Raw
	}
	v, err := g.parser.ParseBytes(raw)
	if err == nil && plain && (!v.Exists("values") || len(v.GetArray("values")) > 0 || v.Exists("value") || v.Exists("histogram")) {
		plain = false
		v, err = g.parser.ParseBytes(rec.Raw)
	}
	if err != nil {
		return err
	}
	if rec.Envelope {
		g.envelope(rec, v)
		return nil
	}
	if v.Type() != fastjson.TypeObject {
		g.sink.Drop("plain number, not a series")
		return nil
	}
	if string(v.GetStringBytes("status")) == "error" {
		return fmt.Errorf("the server answered %s: %s", v.GetStringBytes("errorType"), v.GetStringBytes("error"))
	}
	metric := v.GetObject("metric")
	if metric == nil {
		return errors.New("not a series: it has no metric")
	}
	name, labels, err := labelSet(metric)
	if err != nil {
		return err
	}
	samples := v.GetArray("values")
	if one := v.Get("value"); one != nil {
		samples = append(samples, one)
	}
	if histograms := v.GetArray("histograms"); len(histograms) > 0 || v.Exists("histogram") {
		if one := v.Get("histogram"); one != nil {
			histograms = append(histograms, one)
		}
		return g.histograms(rec.Line, name, labels, histograms)
	}
	if !plain {
		if len(samples) == 0 {
			g.sink.Drop(empty)
			return nil
		}
		if err := g.pairs(samples); err != nil {
			return err
		}
	}
	if isPending(name, labels) {
		g.wait(g.times...)
		return nil
	}
	times, values := g.cut(g.times, g.values)
	if len(times) == 0 {
		g.sink.Drop(empty)
		return nil
	}
	g.sink.Keep(rec.Line)
	times, values = g.own(times, values)
	g.add(rec.Line, name, labels, times, values)
	return nil
}

// envelope reads what stands around a result: warnings.
func (g *gathering) envelope(rec document.Record, v *fastjson.Value) {
	if string(v.GetStringBytes("status")) == "error" {
		g.sink.Gap(event.Hole{Origin: g.sink.At(rec.Line, ""), Reason: fmt.Sprintf("the server answered %s: %s", v.GetStringBytes("errorType"), v.GetStringBytes("error"))})
	}
	for _, w := range v.GetArray("warnings") {
		g.warning(rec, string(w.GetStringBytes()))
	}
	if v.GetBool("isPartial") {
		g.warning(rec, "the answer is partial")
	}
}

// warning notes what a server says about its own answer. Asked now, it means that evidence is missing, unless the
// warning is about the expression.
func (g *gathering) warning(rec document.Record, text string) {
	switch {
	case !g.live:
		g.sink.Note("%s:%d: warning of the server: %s", g.sink.At(0, "").Path, rec.Line, text)
	case strings.HasPrefix(text, "PromQL"):
		g.sink.Note("warning of the server: %s", text)
	default:
		g.failures++
		g.sink.Gap(event.Hole{Range: g.within, Origin: g.sink.At(0, ""), Reason: "warning of the server: " + text, Failed: true})
	}
}

func labelSet(metric *fastjson.Object) (name string, labels []event.Label, err error) {
	metric.Visit(func(key []byte, v *fastjson.Value) {
		text, e := v.StringBytes()
		switch {
		case e != nil:
			err = fmt.Errorf("label %s is not a string", key)
		case string(key) == "__name__":
			name = string(text)
		default:
			labels = append(labels, event.Label{Name: string(key), Value: string(text)})
		}
	})
	sortLabels(labels)
	return name, labels, err
}

// pairs reads samples into g.times and g.values.
func (g *gathering) pairs(samples []*fastjson.Value) error {
	g.times, g.values = g.times[:0], g.values[:0]
	for _, s := range samples {
		pair, err := s.Array()
		if err != nil || len(pair) != 2 {
			return errors.New("a sample is not a pair of time and value")
		}
		t, err := sampleTime(pair[0])
		if err != nil {
			return err
		}
		text := pair[1].GetStringBytes()
		v, err := strconv.ParseFloat(string(text), 64)
		if err != nil && !errors.Is(err, strconv.ErrRange) || text == nil {
			return fmt.Errorf("a sample's value %q is not a number", text)
		}
		g.times, g.values = append(g.times, t), append(g.values, v)
	}
	return nil
}

// sampleTime reads seconds with up to three decimals without their binary error.
func sampleTime(v *fastjson.Value) (int64, error) {
	seconds, err := v.Float64()
	if err != nil || seconds < 1e8 || seconds > 9e9 {
		return 0, fmt.Errorf("a sample's time %s is not in Unix seconds", v)
	}
	return int64(math.Round(seconds*1000)) * 1e6, nil
}

// histograms makes two series of a native histogram, its count and its sum, under the names that a classic one has.
func (g *gathering) histograms(line int64, name string, labels []event.Label, samples []*fastjson.Value) error {
	var times []int64
	parts := map[string][]float64{}
	for _, s := range samples {
		pair, err := s.Array()
		if err != nil || len(pair) != 2 {
			return errors.New("a histogram is not a pair of time and value")
		}
		t, err := sampleTime(pair[0])
		if err != nil {
			return err
		}
		times = append(times, t)
		for _, part := range []string{"count", "sum"} {
			v, err := strconv.ParseFloat(string(pair[1].GetStringBytes(part)), 64)
			if err != nil {
				return fmt.Errorf("a histogram's %s is not a number", part)
			}
			parts[part] = append(parts[part], v)
		}
	}
	counted, counts := g.cut(slices.Clone(times), parts["count"])
	if len(counted) == 0 {
		g.sink.Drop(empty)
		return nil
	}
	g.sink.Keep(line)
	g.add(line, name+"_count", labels, counted, counts)
	times, sums := g.cut(times, parts["sum"])
	g.add(line, name+"_sum", labels, times, sums)
	return nil
}
