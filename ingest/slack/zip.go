package slack

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/hindcast/hindcast/ingest/document"
	"github.com/hindcast/hindcast/ingest/event"
)

const (
	zipMark = "PK\x03\x04"
	// maxZip bounds an export that is held in memory, and maxDay a day of it unpacked.
	maxZip = 512 << 20
	maxDay = 256 << 20
)

// exported are the names that an export has in its archive: lists, and a file a channel and day.
var (
	exported = regexp.MustCompile(`(^|/|[^a-z])(users|channels|integration_logs)\.json|/\d{4}-\d\d-\d\d\.json`)
	dayFile  = regexp.MustCompile(`^(?:.*/)?([^/]+)/\d{4}-\d\d-\d\d\.json$`)
)

// isZip tells whether head begins an archive that holds an export.
func isZip(head []byte) bool {
	return bytes.HasPrefix(head, []byte(zipMark)) && exported.Match(head)
}

// decodeZip reads an archive of an export. Its list of users names those whom messages know by their key only.
func decodeZip(ctx context.Context, r io.Reader, o event.Origin, emit func(*event.Batch)) error {
	b, err := io.ReadAll(io.LimitReader(r, maxZip+1))
	if err != nil {
		return fmt.Errorf("reading %s: %w", o.Path, err)
	}
	if len(b) > maxZip {
		return fmt.Errorf("%s has more than %d MiB: unpack it and give the folder", o.Path, maxZip>>20)
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return fmt.Errorf("opening the archive %s: %w", o.Path, err)
	}
	names := namesOf(z)
	files := slices.Clone(z.File)
	slices.SortFunc(files, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	for _, f := range files {
		m := dayFile.FindStringSubmatch(f.Name)
		if m == nil {
			continue
		}
		day := o
		day.Path = path.Join(o.Path, f.Name)
		if err := decodeDay(ctx, f, m[1], day, names, emit); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func decodeDay(ctx context.Context, f *zip.File, channel string, o event.Origin, names *Names, emit func(*event.Batch)) error {
	s := document.NewSink(o, emit)
	defer s.Flush()
	r, err := f.Open()
	if err != nil {
		s.Gap(event.Hole{Origin: o, Reason: err.Error(), Failed: true})
		return nil
	}
	defer r.Close()
	err = document.Each(ctx, io.LimitReader(r, maxDay), s, lists, func(rec document.Record) error {
		if rec.Envelope {
			return nil
		}
		return names.record(s, rec, channel)
	})
	if err != nil && ctx.Err() == nil { // one broken day costs no other
		s.Gap(event.Hole{Origin: o, Reason: err.Error(), Failed: true})
		return nil
	}
	return err
}

// namesOf gives the names of people and channels.
func namesOf(z *zip.Reader) *Names {
	n := &Names{}
	for _, f := range z.File {
		if !HoldsNames(f.Name) {
			continue
		}
		if r, err := f.Open(); err == nil {
			n.Read(r)
			_ = r.Close()
		}
	}
	return n
}
