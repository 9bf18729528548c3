package detect

import (
	"math"
	"time"

	"github.com/hindcast/hindcast/correlate/summary"
	"github.com/hindcast/hindcast/ingest/event"
)

// logSignals makes signals of what components log: lines of severity error, the share of failed requests, requests, and
// the 95th percentile of their duration, over steps long enough to count in.
func logSignals(s *summary.Summary) []Signal {
	l := s.Layout()
	from, to := l.FirstFine(), int32(l.Len())
	per := int32(max(1, (int64(30*time.Second)+l.FineWidth-1)/l.FineWidth))
	var all []Signal
	components := s.Components()
	for i := range components {
		c := &components[i]
		base := Signal{Component: event.Component{Name: c.Name}, Step: int64(per) * l.FineWidth, Source: "logs"}
		if len(c.Errors) > 0 {
			sig := base
			sig.Name, sig.Bad, sig.Role, sig.Query = "rate of error lines", +1, Errors, "count of records with severity error or above"
			sig.Times, sig.Values = grouped(l, c.Errors, from, to, per, c.Records)
			sig.Unit = "lines/" + time.Duration(base.Step).String()
			all = append(all, sig)
		}
		if len(c.Requests) == 0 {
			continue
		}
		all = append(all, requestSignals(l, c, base, from, to, per)...)
	}
	return all
}

func requestSignals(l *summary.Layout, c *summary.Component, base Signal, from, to, per int32) []Signal {
	share, total, p95 := base, base, base
	share.Name, share.Unit, share.Bad, share.Role, share.Query = "share of HTTP 5xx in access logs", "ratio", +1, Errors, "access records with status 5xx / access records"
	total.Name, total.Unit, total.Role, total.Query = "requests in access logs", "/s", Traffic, "access records"
	p95.Name, p95.Unit, p95.Bad, p95.Role, p95.Query = "request duration p95 in access logs", "s", +1, Latency, "95th percentile of request times in access records"
	times, requests := grouped(l, c.Requests, from, to, per, c.Requests)
	_, failed := grouped(l, c.ServerErrors, from, to, per, c.Requests)
	var latency []float64
	if c.HasLatency() {
		latency = c.Latency(0.95, from, to)
	}
	for k, t := range times {
		total.Times, total.Values = append(total.Times, t), append(total.Values, requests[k]/(float64(base.Step)/1e9))
		if requests[k] >= 5 { // a share of fewer says nothing
			share.Times, share.Values = append(share.Times, t), append(share.Values, failed[k]/requests[k])
		}
		if latency == nil {
			continue
		}
		index, _ := l.Index(t)
		lo := int(index - from)
		worst := math.NaN()
		for _, v := range latency[lo:min(lo+int(per), len(latency))] {
			if !math.IsNaN(v) && !(v <= worst) {
				worst = v
			}
		}
		if !math.IsNaN(worst) {
			p95.Times, p95.Values = append(p95.Times, t), append(p95.Values, worst)
		}
	}
	out := []Signal{total}
	if len(share.Times) > 0 {
		out = append(out, share)
	}
	if len(p95.Times) > 0 {
		out = append(out, p95)
	}
	return out
}

// grouped adds up a histogram over groups of per buckets, from the first to the last group in which the component said
// anything (alive), zeros included. A group's time is its beginning.
func grouped(l *summary.Layout, h summary.Histogram, from, to, per int32, alive summary.Histogram) (times []int64, values []float64) {
	first, last := int32(-1), int32(-1)
	for _, b := range alive {
		if b.Index >= from && b.Index < to {
			if first < 0 {
				first = b.Index
			}
			last = b.Index
		}
	}
	if first < 0 {
		return nil, nil
	}
	dense := h.Dense(from, to)
	for i := from + (first-from)/per*per; i <= last; i += per {
		sum := 0.0
		for k := i; k < min(i+per, to); k++ {
			sum += dense[k-from]
		}
		times, values = append(times, l.Bounds(i).From), append(values, sum)
	}
	return times, values
}
