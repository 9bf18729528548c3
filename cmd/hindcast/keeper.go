package main

import (
	"slices"

	"github.com/hindcast/hindcast/correlate/match"
	"github.com/hindcast/hindcast/correlate/rule"
	"github.com/hindcast/hindcast/ingest/event"
)

// A keeper keeps copies of the records that the log matchers of some rules take, masked, and of all series.
type keeper struct {
	matchers *match.Set
	scanner  *match.Scanner
	mask     func(string) string
	records  []event.Record
	series   []event.Series
	dropped  int
}

func newKeeper(rules []*rule.Rule, mask func(string) string) (*keeper, error) {
	var logs []match.Log
	for _, r := range rules {
		logs = append(logs, r.LogMatchers()...)
	}
	m, err := match.Compile(logs)
	if err != nil {
		return nil, err
	}
	return &keeper{matchers: m, scanner: m.Start(), mask: mask}, nil
}

// Observe keeps what the matchers take, up to a bound.
func (k *keeper) Observe(b *event.Batch) {
	k.series = append(k.series, b.Series...)
	for i := range b.Records {
		r := b.Records[i]
		if len(r.Service) == 0 {
			r.Service = []byte(b.Component.Name)
		}
		if len(r.Instance) == 0 {
			r.Instance = []byte(b.Component.Instance)
		}
		speaker := event.NewComponent(string(r.Service), string(r.Instance))
		if !slices.ContainsFunc(k.scanner.CandidatesFull(&r), func(id int32) bool {
			_, ok := k.scanner.Match(id, &r, speaker.Name)
			return ok
		}) {
			continue
		}
		if len(k.records) >= mostRecords {
			k.dropped++
			continue
		}
		k.records = append(k.records, k.copied(&r))
	}
}

// copied copies a record, with what people or programs wrote masked.
func (k *keeper) copied(r *event.Record) event.Record {
	c := *r
	c.Service, c.Instance, c.Logger, c.ID = slices.Clone(r.Service), slices.Clone(r.Instance), slices.Clone(r.Logger), nil
	c.Message, c.Detail = []byte(k.mask(string(r.Message))), []byte(k.mask(string(r.Detail)))
	c.Fields = nil
	for _, f := range r.Fields {
		c.Fields = append(c.Fields, event.Field{Key: slices.Clone(f.Key), Value: []byte(k.mask(string(f.Value)))})
	}
	return c
}
