package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/cmd/hindcast/archive"
	"github.com/hindcast/hindcast/cmd/hindcast/incident"
	"github.com/hindcast/hindcast/cmd/hindcast/journal"
	"github.com/hindcast/hindcast/ingest/event"
)

// reports is a Reporter that writes a line, and does what it is told.
type reports struct {
	archive *archive.Archive
	mu      sync.Mutex
	// made and sent count by id; makeErr and sendErr are what comes of it.
	made, sent       map[string]int
	makeErr, sendErr error
	times            []time.Time
	takes            time.Duration
	atOnce, most     atomic.Int64
}

func (r *reports) Make(ctx context.Context, i incident.Incident) (archive.Record, error) {
	r.most.Store(max(r.most.Load(), r.atOnce.Add(1)))
	defer r.atOnce.Add(-1)
	rec := archive.RecordOf(&i)
	if err := pause(ctx, r.takes); err != nil {
		return rec, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.made[i.ID]++
	r.times = append(r.times, time.Now())
	if r.makeErr != nil {
		return rec, r.makeErr
	}
	rec.Made, rec.Verdict = time.Now(), "found"
	_, err := r.archive.Put(rec, archive.Files{"report.md": []byte("# " + i.ID)}, func(_ string, _, fresh []byte) ([]byte, error) { return fresh, nil })
	return rec, errors.Join(err, r.archive.Forgive(rec.ID))
}

func (r *reports) Deliver(_ context.Context, rec archive.Record) (time.Time, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent[rec.ID]++
	if r.sendErr != nil {
		return time.Now().Add(time.Minute), r.sendErr
	}
	return time.Time{}, nil
}

// answer says what comes of making and sending from now on.
func (r *reports) answer(makeErr, sendErr error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.makeErr, r.sendErr = makeErr, sendErr
}

// counts is how often what was done so far.
func (r *reports) counts() (c struct {
	made, sent map[string]int
	times      []time.Time
},
) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c.made, c.sent, c.times = maps.Clone(r.made), maps.Clone(r.sent), slices.Clone(r.times)
	return c
}

// sleep lets time pass, and everything that is due happen.
func sleep(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// a bench is a server with its surroundings.
type bench struct {
	*Server
	reports *reports
	log     *locked
	stop    func()
}

// start begins a server in a folder; it works until stop is called.
func start(t *testing.T, dir string, change func(*Setup)) *bench {
	t.Helper()
	a, err := archive.Open(filepath.Join(dir, "incidents"))
	require.NoError(t, err)
	j, err := journal.Open(filepath.Join(dir, "events"), journal.Options{MaxBytes: 10 << 20})
	require.NoError(t, err)
	r := &reports{archive: a, made: map[string]int{}, sent: map[string]int{}}
	setup := Setup{
		Reporter: r, Terms: archive.Terms{Settle: 10 * time.Minute, Since: 24 * time.Hour, Gap: 15 * time.Minute, MostAttempts: 5, Pause: 30 * time.Second},
		Fold: incident.Options{Gap: 15 * time.Minute}, Jobs: 2, MaxBody: 1 << 20, Rate: 10_000,
	}
	if change != nil {
		change(&setup)
	}
	b := &bench{reports: r, log: &locked{}}
	b.Server = New(Options{Archive: a, Journal: j, Log: slog.New(slog.NewTextHandler(b.log, nil)), Version: "test", Lifecycle: true, Reload: func() error { return nil }}, setup)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	b.stop = func() {
		cancel()
		require.NoError(t, <-done)
		j.Close()
	}
	return b
}

// locked lets several goroutines write.
type locked struct {
	mu sync.Mutex
	w  strings.Builder
}

// told is what the server has logged.
func (b *bench) told() string {
	b.log.mu.Lock()
	defer b.log.mu.Unlock()
	return b.log.w.String()
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// body is a webhook about one alert, firing or resolved.
func body(name, service string, from, to time.Time) string {
	status, end := "firing", "0001-01-01T00:00:00Z"
	if !to.IsZero() {
		status, end = "resolved", to.UTC().Format(time.RFC3339)
	}
	return fmt.Sprintf(`{"version":"4","groupKey":"{}","status":%q,"receiver":"h","alerts":[{"status":%q,"labels":{"alertname":%q,"service":%q},`+
		`"annotations":{},"startsAt":%q,"endsAt":%q,"fingerprint":"%x"}]}`, status, status, name, service, from.UTC().Format(time.RFC3339), end, name)
}

func post(h http.Handler, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func get(h http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

// value is that of a counter.
func value(t *testing.T, c prometheus.Counter) float64 {
	t.Helper()
	var m dto.Metric
	require.NoError(t, c.Write(&m))
	return m.GetCounter().GetValue()
}

var quiet = slog.New(slog.DiscardHandler)

const hook = "/api/v1/webhook/alertmanager"

func TestReportAfterSettling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, t.TempDir(), nil)
		began := time.Now()
		require.Equal(t, 200, post(b.Handler(), hook, body("A", "api", began, time.Time{})).Code)
		sleep(20 * time.Minute)
		require.Equal(t, archive.IsOpen, b.views()[0].State)
		require.Equal(t, 200, post(b.Handler(), hook, body("A", "api", began, time.Now())).Code)
		sleep(5 * time.Minute)
		require.Equal(t, archive.IsSettling, b.views()[0].State)
		require.Empty(t, b.reports.counts().made)
		sleep(6 * time.Minute)
		v := b.views()
		require.Len(t, v, 1)
		require.Equal(t, archive.IsMade, v[0].State)
		require.Equal(t, map[string]int{v[0].ID: 1}, b.reports.counts().made)
		require.Equal(t, map[string]int{v[0].ID: 1}, b.reports.counts().sent)

		// It begins again within the gap, and ends: the same report is made anew.
		again := time.Now()
		require.Equal(t, 200, post(b.Handler(), hook, body("B", "api", again.Add(-time.Minute), again)).Code)
		sleep(12 * time.Minute)
		require.Equal(t, map[string]int{v[0].ID: 2}, b.reports.counts().made)
		rec, err := b.Archive.Record(v[0].ID)
		require.NoError(t, err)
		require.Len(t, rec.Firings, 2)
		b.stop()
	})
}

// TestStorm sends 1,000 webhooks at once, every one twice, and again what is sent away, as Alertmanager does: every
// incident has one report, no more bodies are read at a time than the limit, and the refused are told to come again.
func TestStorm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, t.TempDir(), func(s *Setup) { s.Rate, s.Terms.Settle = 300, 130*time.Minute })
		h, begin := b.Handler(), time.Now().Add(-2*time.Hour)
		var (
			wg              sync.WaitGroup
			refused         atomic.Int64
			reading, most   atomic.Int64
			incidents, each = 20, 25 // alerts of one incident overlap
		)
		for n := range incidents * each * 2 {
			from := begin.Add(time.Duration(n/2/each) * 6 * time.Minute)
			text := body(fmt.Sprintf("A%03d", n/2), fmt.Sprintf("s%d", n/2), from, from.Add(5*time.Minute))
			wg.Go(func() {
				for {
					w := httptest.NewRecorder()
					r := httptest.NewRequest(http.MethodPost, hook, &counting{r: strings.NewReader(text), now: &reading, most: &most})
					h.ServeHTTP(w, r)
					if w.Code == http.StatusOK {
						return
					}
					require.Equal(t, http.StatusServiceUnavailable, w.Code, w.Body.String())
					require.NotEmpty(t, w.Header().Get("Retry-After"))
					refused.Add(1)
					time.Sleep(5 * time.Second)
				}
			})
		}
		wg.Wait()
		sleep(3 * time.Hour)
		require.LessOrEqual(t, most.Load(), int64(mostAtOnce))
		require.Positive(t, refused.Load(), "the limit was met")
		require.Len(t, b.reports.counts().made, incidents)
		for id, n := range b.reports.counts().made {
			require.Equal(t, 1, n, id)
		}
		require.LessOrEqual(t, b.reports.most.Load(), int64(2))
		known, dropped := b.alerts.count()
		require.Equal(t, 2*incidents*each, known, "a firing and a resolution each")
		require.Zero(t, dropped)
		require.InDelta(t, incidents*each, value(t, b.metrics.webhooks.WithLabelValues("alertmanager", "repeated")), 0)
		b.stop()
	})
}

// counting counts how many bodies are being read.
type counting struct {
	r         io.Reader
	now, most *atomic.Int64
	begun     bool
}

func (c *counting) Read(p []byte) (int, error) {
	if !c.begun {
		c.begun = true
		c.most.Store(max(c.most.Load(), c.now.Add(1)))
	}
	n, err := c.r.Read(p)
	if err != nil {
		c.now.Add(-1)
	}
	return n, err
}

func TestRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		b := start(t, dir, func(s *Setup) { s.Reporter.(*reports).takes = time.Hour })
		ended := time.Now().Add(-9 * time.Minute)
		require.Equal(t, 200, post(b.Handler(), hook, body("A", "api", ended.Add(-time.Hour), ended)).Code)
		sleep(5 * time.Minute) // the report is being made
		b.stop()
		require.Empty(t, b.reports.counts().made)
		b = start(t, dir, nil)
		sleep(time.Minute)
		require.Len(t, b.reports.counts().made, 1)
		b.stop()
		b = start(t, dir, nil)
		sleep(time.Hour)
		require.Empty(t, b.reports.counts().made, "it has its report")
		require.Len(t, b.reports.counts().sent, 1, "whether it was sent is asked once more")
		b.stop()
	})
}

func TestGivesUpLoudly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, t.TempDir(), nil)
		b.reports.answer(errors.New("no evidence"), nil)
		ended := time.Now().Add(-10 * time.Minute)
		require.Equal(t, 200, post(b.Handler(), hook, body("A", "api", ended.Add(-time.Hour), ended)).Code)
		sleep(45 * time.Second)
		require.Equal(t, archive.IsWaiting, b.views()[0].State)
		sleep(6 * time.Hour)
		require.Len(t, b.reports.counts().times, 5)
		for n := range 4 {
			pause := b.reports.counts().times[n+1].Sub(b.reports.counts().times[n])
			require.GreaterOrEqual(t, pause, 30*time.Second<<n)
			require.Less(t, pause, 30*time.Second<<n+3*time.Second)
		}
		v := b.views()[0]
		require.Equal(t, archive.IsGivenUp, v.State)
		require.Equal(t, "no evidence", v.Failure.Reason)
		require.FileExists(t, b.Archive.Path(v.ID+".failed.json"))
		require.Contains(t, b.told(), `level=ERROR msg="report given up"`)
		require.InDelta(t, 1, value(t, b.metrics.jobs.WithLabelValues("given_up")), 0)
		require.Contains(t, get(b.Handler(), "/").Body.String(), "no evidence")

		// The mark says how to try again.
		b.reports.answer(nil, nil)
		require.NoError(t, b.Archive.Forgive(v.ID))
		sleep(2 * time.Minute)
		require.Equal(t, archive.IsMade, b.views()[0].State)
		b.stop()
	})
}

func TestDeliveryIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, t.TempDir(), nil)
		b.reports.answer(nil, errors.New("chat is down"))
		ended := time.Now().Add(-10 * time.Minute)
		require.Equal(t, 200, post(b.Handler(), hook, body("A", "api", ended.Add(-time.Hour), ended)).Code)
		sleep(150 * time.Second)
		b.reports.answer(nil, nil)
		sleep(time.Hour)
		for id, n := range b.reports.counts().sent {
			require.Equal(t, 4, n, id)
			require.Equal(t, 1, b.reports.counts().made[id])
		}
		require.Contains(t, b.told(), "chat is down")
		b.stop()
	})
}

// TestOldestIsForgotten: beyond the limit the oldest events go, and what comes is taken.
func TestOldestIsForgotten(t *testing.T) {
	var a alerts
	begin := time.Now().Add(-time.Hour)
	for n := range mostAlerts + 10 {
		a.add([]event.Event{{Kind: event.Alert, Name: "A", State: "firing", Time: begin.Add(time.Duration(n) * time.Millisecond).UnixNano()}})
	}
	known, dropped := a.count()
	require.Equal(t, mostAlerts*3/4+10, known)
	require.EqualValues(t, mostAlerts/4, dropped)
	left := a.since(begin)
	require.Equal(t, begin.Add((mostAlerts+9)*time.Millisecond).UnixNano(), left[len(left)-1].Time)
	require.Equal(t, begin.Add(mostAlerts/4*time.Millisecond).UnixNano(), left[0].Time)
}

func TestTidyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := start(t, t.TempDir(), func(s *Setup) { s.History, s.Retention = 48*time.Hour, 72*time.Hour })
		ended := time.Now().Add(-10 * time.Minute)
		require.Equal(t, 200, post(b.Handler(), hook, body("A", "api", ended.Add(-time.Hour), ended)).Code)
		sleep(time.Hour)
		require.Len(t, b.views(), 1)
		sleep(74 * time.Hour)
		require.Empty(t, b.views())
		require.Empty(t, b.Journal.Paths(time.Time{}, time.Time{}))
		require.Empty(t, b.alerts.since(time.Now().Add(-36*time.Hour)))
		b.stop()
	})
}
