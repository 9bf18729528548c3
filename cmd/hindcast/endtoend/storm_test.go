package endtoend

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestStorm sends 1,000 webhooks of 200 kB at once to a server, every one twice, and those that it refuses again, as
// Alertmanager does. No refusal is anything but 503, the one incident has one report, and memory stays bounded: all
// bodies together have 200 MB, decoded some times that.
func TestStorm(t *testing.T) {
	storage := t.TempDir()
	s := serve(t, "--storage.path", storage, "--settle", "5s", "--bundle=false", "-o", "json")
	defer s.Process.Kill()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100, MaxConnsPerHost: 200}}
	from := time.Now().Add(-time.Hour).Truncate(time.Second)
	var (
		wg      sync.WaitGroup
		refused atomic.Int64
		again   = make(chan string, 1000)
	)
	send := func(body string) {
		r, err := client.Post(s.url+"/api/v1/webhook/alertmanager", "application/json", strings.NewReader(body))
		if err != nil {
			t.Error(err)
			return
		}
		_ = r.Body.Close()
		if r.StatusCode == http.StatusOK {
			return
		}
		if r.StatusCode != http.StatusServiceUnavailable || r.Header.Get("Retry-After") == "" {
			t.Errorf("status %d, Retry-After %q", r.StatusCode, r.Header.Get("Retry-After"))
		}
		refused.Add(1)
		again <- body
	}
	for n := range 1000 {
		body := webhook(fmt.Sprintf("Alert%03d", n/2), from.Add(time.Duration(n/2)*time.Second), 20*time.Minute)
		body = strings.Replace(body, `"annotations":{`, `"annotations":{"text":"`+strings.Repeat("0123456789abcdef", 12_500)+`",`, 1)
		wg.Go(func() { send(body) })
	}
	wg.Wait()
	for len(again) > 0 { // one by one, which is slower than the limit
		send(<-again)
	}
	require.False(t, t.Failed(), s.told())
	require.Eventually(t, func() bool { return s.incidents(t, "made") == 1 }, time.Minute, 200*time.Millisecond, "no report is made")
	peak := peakMemory(t, s.Process.Pid)
	s.end(t)
	records := finished(t, filepath.Join(storage, "incidents"))
	require.Len(t, records, 1)
	require.Len(t, records[0].Firings, 500)
	t.Logf("%d were refused at first, memory %d MB", refused.Load(), peak>>20)
	require.Less(t, peak, int64(700<<20))
}

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// peakMemory is how much memory a process has had at the most, 0 where the system does not tell.
func peakMemory(t *testing.T, pid int) int64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	m := highWater.FindSubmatch(status)
	require.NotNil(t, m)
	kb, err := strconv.ParseInt(string(m[1]), 10, 64)
	require.NoError(t, err)
	return kb << 10
}
