package summary

import (
	"bytes"
	"cmp"
	"hash/fnv"
	"math"
	"slices"
	"strings"

	"github.com/hindcast/hindcast/ingest/event"
)

// Stream is what one instance of a component said, by number alone: to see who fell silent.
type Stream struct {
	Component, Instance string
	Count               int64
	First, Last         int64
	Counts              Histogram
}

// Component is what all instances of a component said, by severity, HTTP status and duration.
type Component struct {
	Name string
	// Records, Warnings and Errors count all records, those of severity Warn, and those above.
	Records, Warnings, Errors Histogram
	// Requests, ClientErrors and ServerErrors count access records: all, 4xx and 5xx.
	Requests, ClientErrors, ServerErrors Histogram
	latency                              Histogram
}

// Latency returns the q-quantile of request durations in seconds for each bucket of [from, to), and NaN where there was none.
func (c *Component) Latency(q float64, from, to int32) []float64 {
	out := make([]float64, max(to-from, 0))
	i, _ := slices.BinarySearchFunc(c.latency, from*bins, func(b Bucket, t int32) int { return cmp.Compare(b.Index, t) })
	for k := range out {
		end := (from + int32(k) + 1) * bins
		j := i
		for j < len(c.latency) && c.latency[j].Index < end {
			j++
		}
		out[k] = math.NaN()
		if j > i {
			out[k] = quantile(c.latency[i:j], q)
		}
		i = j
	}
	return out
}

// HasLatency tells whether any access record had a duration.
func (c *Component) HasLatency() bool { return len(c.latency) > 0 }

type component struct {
	name string
	hash uint64
	Component
}

type stream struct {
	component   *component
	instance    string
	count       int64
	first, last int64
	counts      Histogram
}

// stream finds the speaker of a record. The common case, the same speaker as before, costs two comparisons.
func (s *Summary) stream(b *event.Batch, r *event.Record) *stream {
	if s.last != nil && bytes.Equal(r.Service, s.lastService) && bytes.Equal(r.Instance, s.lastInstance) {
		return s.last
	}
	s.key = append(s.key[:0], r.Service...)
	s.key = append(s.key, 0)
	s.key = append(s.key, r.Instance...)
	if len(r.Service) == 0 || len(r.Instance) == 0 {
		s.key = append(s.key, 0)
		s.key = append(s.key, b.Component.Name...)
		s.key = append(s.key, 0)
		s.key = append(s.key, b.Component.Instance...)
	}
	st, ok := s.streams[string(s.key)]
	if !ok {
		c := speaker(b, r)
		st = &stream{component: s.component(c.Name), instance: c.Instance, first: math.MaxInt64, last: math.MinInt64}
		s.streams[string(s.key)] = st
	}
	s.last, s.lastService, s.lastInstance = st, r.Service, r.Instance
	return st
}

func speaker(b *event.Batch, r *event.Record) event.Component {
	instance := string(r.Instance)
	if instance == "" {
		instance = b.Component.Instance
	}
	switch {
	case instance != "" && ofHost(r.Service):
		return event.NewComponent("", instance)
	case len(r.Service) > 0:
		return event.NewComponent(string(r.Service), instance)
	case b.Component.Name != "":
		return event.Component{Name: b.Component.Name, Instance: instance}
	default:
		return event.NewComponent("", instance)
	}
}

// ofHost tells whether a program speaks for the host that it runs on, and not for a service.
func ofHost(program []byte) bool {
	switch string(program) {
	case "kernel", "systemd", "init", "CRON", "cron", "crond", "anacron", "logrotate", "sudo", "sshd", "rsyslogd", "journald", "auditd", "dhclient", "chronyd", "ntpd":
		return true
	}
	return bytes.HasPrefix(program, []byte("systemd-"))
}

func (s *Summary) component(name string) *component {
	if c, ok := s.byName[name]; ok {
		return c
	}
	h := fnv.New64a()
	h.Write([]byte(name))
	c := &component{name: name, hash: h.Sum64()}
	c.Name = name
	s.byName[name] = c
	s.components = append(s.components, c)
	return c
}

func (st *stream) observe(r *event.Record, bucket int32) {
	st.count++
	st.first = min(st.first, r.Time)
	st.last = max(st.last, r.Time)
	st.counts.Add(bucket, 1)
}

func (st *stream) merge(o *stream) {
	if st.count == 0 {
		st.first, st.last = o.first, o.last
	}
	st.count += o.count
	st.first = min(st.first, o.first)
	st.last = max(st.last, o.last)
	st.counts.Merge(o.counts)
}

func (c *component) observe(r *event.Record, bucket int32) {
	c.Records.Add(bucket, 1)
	switch {
	case r.Severity > event.Warn:
		c.Errors.Add(bucket, 1)
	case r.Severity == event.Warn:
		c.Warnings.Add(bucket, 1)
	}
	if r.Status == 0 {
		return
	}
	c.Requests.Add(bucket, 1)
	switch {
	case r.Status >= 500:
		c.ServerErrors.Add(bucket, 1)
	case r.Status >= 400:
		c.ClientErrors.Add(bucket, 1)
	}
	if r.Duration > 0 {
		c.latency.Add(bucket*bins+latencyBin(r.Duration), 1)
	}
}

func (c *component) merge(o *component) {
	c.Records.Merge(o.Records)
	c.Warnings.Merge(o.Warnings)
	c.Errors.Merge(o.Errors)
	c.Requests.Merge(o.Requests)
	c.ClientErrors.Merge(o.ClientErrors)
	c.ServerErrors.Merge(o.ServerErrors)
	c.latency.Merge(o.latency)
}

// Components returns all components by name.
func (s *Summary) Components() []Component {
	all := make([]Component, 0, len(s.components))
	for _, c := range s.components {
		all = append(all, c.Component)
	}
	slices.SortFunc(all, func(a, b Component) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Streams returns all streams by component and instance.
func (s *Summary) Streams() []Stream {
	merged := map[[2]string]*Stream{}
	for _, st := range s.streams {
		key := [2]string{st.component.name, st.instance}
		v, ok := merged[key]
		if !ok {
			v = &Stream{Component: key[0], Instance: key[1], First: st.first, Last: st.last}
			merged[key] = v
		}
		v.Count += st.count
		v.First = min(v.First, st.first)
		v.Last = max(v.Last, st.last)
		v.Counts.Merge(st.counts)
	}
	all := make([]Stream, 0, len(merged))
	for _, v := range merged {
		all = append(all, *v)
	}
	slices.SortFunc(all, func(a, b Stream) int {
		return cmp.Or(strings.Compare(a.Component, b.Component), strings.Compare(a.Instance, b.Instance))
	})
	return all
}
