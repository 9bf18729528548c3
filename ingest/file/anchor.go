package file

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/format"
)

// Some stamps need to know something that other evidence tells: the kernel's ring buffer counts from the start of the
// machine, and some programs write the time of day alone. Files whose stamps cannot be placed are looked at once more when
// all others are known.

// anchor places the stamps that other evidence can place.
func (s *Source) anchor(ctx context.Context, o *Options) error {
	var boots []boot
	for _, f := range s.logs {
		if f.profile.Stamped {
			continue
		}
		head, _, _, err := head(f.path)
		if err != nil && len(head) == 0 {
			continue // it was readable a moment ago; reading it will tell
		}
		head = skipMark(head)
		fo, note := f.options, ""
		switch {
		case f.profile.NeedsBoot():
			if boots == nil {
				var err error
				if boots, err = s.boots(ctx); err != nil {
					return err
				}
			}
			b, ok := bootOf(boots, f)
			if !ok {
				f.notes = append(f.notes, f.shown+": its stamps count from the start of the machine, which no other evidence tells: say boot in hindcast.yml, or --boot")
				continue
			}
			fo.Boot = b.at
			note = fmt.Sprintf("the machine was started at %s, as %s tells", event.Time(b.at).Format(time.DateTime), b.shown)
		case o.Reference == 0 && ofDay(head, fo):
			var at string
			fo.Reference, fo.Now, at = s.day(ctx, f)
			note = "stamps name no day: they were taken to be of the " + at
		default:
			continue
		}
		if p, err := format.Recognise(head, fo); err == nil && p.Stamped {
			f.profile, f.options = p, fo
			f.notes = append(f.notes, f.shown+": "+note)
		}
	}
	return nil
}

// ofDay tells whether the file has stamps that lack nothing but the day.
func ofDay(head []byte, o format.Options) bool {
	o.Reference = time.Now().UnixNano()
	p, err := format.Recognise(head, o)
	return err == nil && p.Stamped
}

// day finds the day that stamps of a time alone belong to: that of the other evidence, else that on which the file was
// written last.
func (s *Source) day(ctx context.Context, f *log) (reference, now int64, at string) {
	var all event.Range
	for _, other := range s.logs {
		if !other.profile.Stamped {
			continue
		}
		if first, last, err := other.extent(ctx); err == nil && last != 0 {
			if all.To == 0 || first < all.From {
				all.From = first
			}
			all.To = max(all.To, last)
		}
	}
	if all.To != 0 {
		middle := all.To - min(all.To-all.From, int64(24*time.Hour))/2
		return middle, f.options.Now, "time of the other files, " + event.Time(middle).Format(time.DateOnly)
	}
	info, err := os.Stat(f.path)
	if err != nil {
		return 0, f.options.Now, ""
	}
	written := info.ModTime().UnixNano()
	return written, written, "time before the file was written, " + event.Time(written).Format(time.DateTime)
}

// boot is when a machine was started, as a file tells.
type boot struct {
	at          int64
	host, shown string
}

const (
	// bootReach is how much of a file is searched for stamps that tell when a machine was started.
	bootReach = 64 << 20
	// bootLines is how many such stamps are enough.
	bootLines = 10000
	// rebooted is how far the time since the start falls back if the machine was started anew.
	rebooted = int64(time.Second)
)

// boots finds out of the logs when machines were started, the last time if several times.
func (s *Source) boots(ctx context.Context) ([]boot, error) {
	list := []boot{}
	for _, f := range s.logs {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if f.profile.Stamped {
			list = append(list, f.boots()...)
		}
	}
	return list, nil
}

// boots finds the starts that one file tells of, by its hosts. A record is stamped when it is written, never before it
// happened: of the differences the smallest is the surest.
func (f *log) boots() []boot {
	file, err := os.Open(f.path)
	if err != nil {
		return nil
	}
	defer file.Close()
	r, err := unpack(file, f.packing, f.size)
	if err != nil {
		return nil
	}
	defer r.Close()
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, blockSize), format.MaxRecord)
	d := f.profile.With(event.Range{}, nil).Decoder()
	last, found := map[string]int64{}, map[string]int64{}
	for read, told := 0, 0; lines.Scan() && read < bootReach && told < bootLines; {
		read += len(lines.Bytes())
		up, ok := format.Uptime(lines.Bytes())
		if !ok {
			continue
		}
		told++
		records, _, _ := d.Block(lines.Bytes(), true)
		if len(records) != 1 || records[0].Borrowed {
			continue
		}
		host, at := string(records[0].Instance), records[0].Time-up
		if old, ok := found[host]; !ok || up < last[host]-rebooted || at < old {
			found[host] = at
		}
		last[host] = up
	}
	var list []boot
	for host, at := range found {
		list = append(list, boot{at, host, f.shown})
	}
	slices.SortFunc(list, func(a, b boot) int { return int(a.at/int64(time.Second) - b.at/int64(time.Second)) })
	return list
}

// bootOf picks the start of the file's machine: of the host that it is of, or of the only one that there is.
func bootOf(list []boot, f *log) (boot, bool) {
	hosts := map[string]boot{}
	for _, b := range list {
		if old, ok := hosts[b.host]; !ok || b.at > old.at {
			hosts[b.host] = b
		}
	}
	for _, name := range []string{f.component.Instance, f.component.Name} {
		if b, ok := hosts[name]; ok {
			return b, true
		}
	}
	if len(hosts) == 1 {
		for _, b := range hosts {
			return b, true
		}
	}
	return boot{}, false
}
