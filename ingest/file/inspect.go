package file

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/format"
)

// Inspection is what a whole file turned out to hold.
type Inspection struct {
	Recognition
	// Why says what speaks for the format.
	Why string
	// Local tells whether stamps name no zone.
	Local bool
	// Coverage is the account of the file's records.
	Coverage event.Coverage
	// First and Last are the smallest and the largest stamp, 0 if there are none.
	First, Last int64
	// Levels counts the records by [event.Severity].
	Levels [event.Critical + 1]int64
	// Examples are the first records of each level.
	Examples []Example
	// Odd are the first lines that were not understood, Stampless those of the first records without a stamp of their own.
	Odd, Stampless []Line
}

// Example is a record as it was understood.
type Example struct {
	Line            int64
	Time            int64
	Severity        event.Severity
	Component       event.Component
	Logger, Message string
	Details         int // further lines
	Status          int16
	Duration        time.Duration
}

// mostLines is how many lines an inspection names.
const mostLines = 5

// mostText is how much of a line or message an inspection shows.
const mostText = 160

// Inspect reads the log files whole, one after the other, and says what is in them. Files that are no logs come with what
// they were taken for.
func (s *Source) Inspect(ctx context.Context, yield func(*Inspection) error) error {
	byPath := map[string]*log{}
	for _, f := range s.logs {
		byPath[f.shown] = f
	}
	for _, r := range s.Recognised() {
		in := &Inspection{Recognition: r}
		if f := byPath[r.Path]; f != nil {
			if err := in.read(ctx, f); err != nil {
				return fmt.Errorf("reading %s: %w", f.shown, err)
			}
		}
		if err := yield(in); err != nil {
			return err
		}
	}
	return nil
}

// read reads a file.
func (in *Inspection) read(ctx context.Context, f *log) error {
	in.Why, in.Local = f.profile.Why, f.profile.Local
	p := &part{f: f, profile: f.profile.With(event.Range{}, nil), to: -1, order: &order{left: 1}, lines: true}
	p.odd = func(lines []int64) {
		for _, n := range lines {
			in.Odd = addLine(in.Odd, n)
		}
	}
	for b, err := range p.Read(ctx) {
		if err != nil {
			return err
		}
		in.Coverage.Add(b.Coverage)
		for i := range b.Records {
			in.take(b, &b.Records[i])
		}
	}
	in.Notes = append(slices.Clip(in.Notes), in.Coverage.Notes...)
	return in.fetch(f)
}

// Line is a line of a file.
type Line struct {
	Number int64
	Text   string
}

func addLine(list []Line, number int64) []Line {
	if len(list) < mostLines {
		list = append(list, Line{Number: number})
	}
	return list
}

// take counts a record.
func (in *Inspection) take(b *event.Batch, r *event.Record) {
	if r.Borrowed {
		in.Stampless = addLine(in.Stampless, r.Line)
	} else {
		if in.First == 0 || r.Time < in.First {
			in.First = r.Time
		}
		in.Last = max(in.Last, r.Time)
	}
	in.Levels[r.Severity]++
	if in.Levels[r.Severity] > 1 {
		return
	}
	c := b.Component
	if len(r.Service)+len(r.Instance) > 0 {
		c = event.NewComponent(string(r.Service), string(r.Instance))
	}
	e := Example{
		Line: r.Line, Time: r.Time, Severity: r.Severity, Component: c, Logger: shorten(r.Logger), Message: shorten(r.Message),
		Status: r.Status, Duration: time.Duration(r.Duration),
	}
	if len(r.Detail) > 0 {
		e.Details = strings.Count(string(r.Detail), "\n") + 1
	}
	in.Examples = append(in.Examples, e)
}

func shorten(b []byte) string {
	if len(b) > mostText {
		return strings.ToValidUTF8(string(b[:mostText]), "") + "…"
	}
	return string(b)
}

// fetch reads the file once more for the text of the lines.
func (in *Inspection) fetch(f *log) error {
	wanted := map[int64][]*Line{}
	last := int64(0)
	for _, list := range [][]Line{in.Odd, in.Stampless} {
		for i := range list {
			l := &list[i]
			wanted[l.Number] = append(wanted[l.Number], l)
			last = max(last, l.Number)
		}
	}
	if last == 0 {
		return nil
	}
	file, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer file.Close()
	src, err := unpack(file, f.packing, f.size)
	if err != nil {
		return err
	}
	defer src.Close()
	r := bufio.NewReaderSize(src, format.MaxRecord)
	for n := int64(1); n <= last; n++ {
		text, err := r.ReadSlice('\n')
		for _, l := range wanted[n] {
			l.Text = shorten([]byte(strings.TrimRight(string(text), "\r\n")))
		}
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = r.ReadSlice('\n')
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil // a broken stream: what was read is told already
		}
	}
	return nil
}
