package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/spf13/pflag"

	"github.com/hindcast/hindcast/cmd/hindcast/config"
	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/event"
)

// limitFlags end a run that would become too large; 0 leaves it to the configuration.
type limitFlags struct {
	events  int64
	bytes   bytesFlag
	timeout durationFlag
}

func (l *limitFlags) define(f *pflag.FlagSet) {
	f.Int64Var(&l.events, "max-events", 0, "stop collecting after this many records and go on with what is there (`N`)")
	f.Var(&l.bytes, "max-bytes", "stop collecting after this much, before decompression, and go on with what is there")
	f.Var(&l.timeout, "timeout", "stop collecting after this long and go on with what is there")
}

// over gives the limits that hold: the flags', else the configuration's.
func (l limitFlags) over(g config.Limits) config.Limits {
	return config.Limits{
		MaxEvents: cmp.Or(l.events, g.MaxEvents), MaxBytes: cmp.Or(config.Bytes(l.bytes), g.MaxBytes),
		Timeout: cmp.Or(config.Duration(l.timeout), g.Timeout),
	}
}

// limited puts the limits that hold into the configuration and ends the collecting after the time they allow.
func limited(ctx context.Context, l limitFlags, cfg *config.Config) (context.Context, context.CancelFunc) {
	cfg.Global.Limits = l.over(cfg.Global.Limits)
	if d := time.Duration(cfg.Global.Limits.Timeout); d > 0 {
		return context.WithTimeout(ctx, d)
	}
	return ctx, func() {}
}

// bytesFlag is a size on the command line.
type bytesFlag config.Bytes

func (b *bytesFlag) String() string {
	if b == nil || *b == 0 {
		return ""
	}
	return fmt.Sprintf("%dB", int64(*b))
}

// Set reads the flag.
func (b *bytesFlag) Set(text string) error {
	n, err := config.ParseBytes(text)
	*b = bytesFlag(n)
	return err
}

// Type names the kind of value in the help text.
func (b *bytesFlag) Type() string { return "SIZE" }

// limitError is why reading stopped at a limit.
type limitError string

func (e limitError) Error() string { return string(e) }

// meter hands the progress on and ends the reading when a limit is reached. Workers that are in the middle of a batch
// finish it, so a little more than the limit is read.
type meter struct {
	to            ingest.Progress
	limits        config.Limits
	bytes, events atomic.Int64
	stop          context.CancelCauseFunc
}

// metered gives a context that ends at the limits, and what counts towards them.
func metered(ctx context.Context, to ingest.Progress, l config.Limits) (context.Context, *meter) {
	ctx, stop := context.WithCancelCause(ctx)
	return ctx, &meter{to: to, limits: l, stop: stop}
}

// Read counts what a worker has read.
func (m *meter) Read(part string, bytes, records int64) {
	m.to.Read(part, bytes, records)
	if n, most := m.events.Add(records), m.limits.MaxEvents; most > 0 && n > most {
		m.stop(limitError(fmt.Sprintf("reading stopped after %s records, which is the limit (max_events)", counted(most))))
	}
	if n, most := m.bytes.Add(bytes), int64(m.limits.MaxBytes); most > 0 && n > most {
		m.stop(limitError(fmt.Sprintf("reading stopped after %s bytes, which is the limit (max_bytes)", counted(most))))
	}
}

// done ends the context.
func (m *meter) done() { m.stop(nil) }

// limitHole is the gap that a limit leaves in a source, false if no limit ended the reading.
func limitHole(ctx context.Context, source string) (event.Hole, bool) {
	reached, ok := errors.AsType[limitError](context.Cause(ctx))
	if !ok {
		return event.Hole{}, false
	}
	return event.Hole{Origin: event.Origin{Source: source, Path: source}, Reason: reached.Error() + ": the rest is missing; narrow the window or raise the limit", Failed: true}, true
}
