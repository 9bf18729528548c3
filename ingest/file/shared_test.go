package file

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/event"
)

// noisy is a text that compresses badly, so that it is large when packed as well.
func noisy(lines int, line func(b *strings.Builder, i int, r *rand.Rand)) string {
	var b strings.Builder
	r := rand.New(rand.NewPCG(1, 2))
	start := time.Date(2025, 10, 14, 0, 0, 0, 0, time.UTC)
	for i := range lines {
		fmt.Fprintf(&b, "%s ERROR [main] com.acme.Billing - charge %x refused", start.Add(time.Duration(i)*40*time.Millisecond).Format("2006-01-02 15:04:05,000"), r.Uint64())
		line(&b, i, r)
		b.WriteByte('\n')
	}
	return b.String()
}

// together reads the parts side by side.
func together(t *testing.T, s *Source, q ingest.Query) ([]string, event.Coverage, []error) {
	parts, err := s.Parts(context.Background(), q)
	require.NoError(t, err)
	var (
		mu   sync.Mutex
		wg   sync.WaitGroup
		list []string
		errs []error
	)
	coverages := make([]event.Coverage, len(parts))
	for i, p := range parts {
		wg.Go(func() {
			for b, err := range p.Read(context.Background()) {
				mu.Lock()
				if err != nil {
					errs = append(errs, err)
				} else {
					coverages[i].Add(b.Coverage)
					for k := range b.Records {
						list = append(list, show(b, &b.Records[k]))
					}
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	cov := event.Coverage{Source: s.Name()}
	for _, c := range coverages {
		cov.Add(c)
	}
	slices.Sort(list)
	return list, cov, errs
}

// A compressed file gives the same to one part and to many that share it.
func TestShared(t *testing.T) {
	plainLines := func(*strings.Builder, int, *rand.Rand) {}
	for name, text := range map[string]string{
		"lines": noisy(40000, plainLines),
		"traces": noisy(20000, func(b *strings.Builder, i int, r *rand.Rand) {
			for range i % 5 {
				fmt.Fprintf(b, "\n\tat com.acme.Pool%x.take(Pool.java:12)", r.Uint64())
			}
		}),
		"one trace without end": noisy(9000, func(b *strings.Builder, i int, r *rand.Rand) {
			if i == 8000 {
				for range 60000 {
					fmt.Fprintf(b, "\n\tat com.acme.Pool%x.take(Pool.java:12)", r.Uint64())
				}
			}
		}),
		"a clock that goes back": noisy(20000, plainLines) + noisy(20000, plainLines),
	} {
		packed := gz(t, text)
		require.Greater(t, len(packed), leastShared)
		for kind, file := range map[string]string{"whole": packed, "cut": packed[:len(packed)-30000]} {
			t.Run(name+" "+kind, func(t *testing.T) {
				s := open(t, Options{}, write(t, map[string]string{"billing.log.gz": file}))
				want, wantCov := records(t, s, ingest.Query{Parts: 1})
				slices.Sort(want)
				for _, n := range []int{2, 7} {
					got, cov, errs := together(t, s, ingest.Query{Parts: n})
					require.Empty(t, errs)
					require.Equal(t, wantCov, cov)
					require.True(t, slices.Equal(want, got), "records differ")
				}
			})
		}
	}
}

// A part that is left early leaves nothing open, and the others end.
func TestSharedIsLeft(t *testing.T) {
	s := open(t, Options{}, write(t, map[string]string{"a.log.gz": gz(t, noisy(40000, func(*strings.Builder, int, *rand.Rand) {}))}))
	parts, err := s.Parts(context.Background(), ingest.Query{Parts: 4})
	require.NoError(t, err)
	n := 0
	for b, err := range parts[0].Read(context.Background()) {
		require.NoError(t, err)
		if n += len(b.Records); n > 0 {
			break
		}
	}
	require.Nil(t, parts[0].(*part).shared.src)
	for b, err := range parts[1].Read(context.Background()) {
		require.NoError(t, err)
		require.Empty(t, b.Records)
	}
}
