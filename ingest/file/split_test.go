package file

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/event"
)

// large writes a sorted log of about 12 MiB with records of several lines.
func large() string {
	var b strings.Builder
	start := time.Date(2025, 10, 14, 0, 0, 0, 0, time.UTC)
	for i := range 90000 {
		fmt.Fprintf(&b, "%s ERROR [main] com.acme.Billing - charge %d was refused by the gateway, once more and again\n", start.Add(time.Duration(i)*400*time.Millisecond).Format("2006-01-02 15:04:05,000"), i)
		if i%7 == 0 {
			b.WriteString("java.lang.IllegalStateException: no connection\n\tat com.acme.Pool.take(Pool.java:12)\n")
		}
	}
	return b.String()
}

// The records of a file, and the account of them, are the same into however many parts it is split.
func TestSplitIndependent(t *testing.T) {
	s := open(t, Options{}, write(t, map[string]string{"billing.log": large()}))
	one, cov := records(t, s, ingest.Query{Parts: 1})
	require.Len(t, one, 90000)
	many, cov2 := records(t, s, ingest.Query{Parts: 7})
	require.Equal(t, cov, cov2)
	require.True(t, fmt.Sprint(one) == fmt.Sprint(many), "records differ") //nolint:testifylint // comparing them line by line takes minutes
}

// A sorted file is entered where the asked time begins, and gives what reading it whole gives.
func TestEnterByTime(t *testing.T) {
	s := open(t, Options{}, write(t, map[string]string{"billing.log": large()}))
	from := time.Date(2025, 10, 14, 5, 0, 0, 0, time.UTC).UnixNano()
	got, cov := records(t, s, ingest.Query{Parts: 2, Range: event.Range{From: from, To: from + int64(10*time.Minute)}})
	require.Len(t, got, 1500)
	require.True(t, strings.HasPrefix(got[0], "billing.log:57859 10-14T05:00:00 "), got[0])
	require.Less(t, cov.Bytes, int64(2<<20))
	require.Len(t, cov.Notes, 1)
}

// Broken files give what is whole, and a gap or a count for the rest.
func TestBroken(t *testing.T) {
	text := strings.Repeat("2025-10-14 03:15:22,104 INFO [main] com.acme.Billing - charged\n", 2000)
	packed := gz(t, text)
	t.Run("cut gzip", func(t *testing.T) {
		got, cov := records(t, open(t, Options{}, write(t, map[string]string{"a.log.gz": packed[:len(packed)-20]})), ingest.Query{})
		require.NotEmpty(t, got)
		require.Len(t, cov.Gaps, 1)
		require.Contains(t, cov.Gaps[0].Reason, "gzip stream ends too early")
		require.True(t, cov.Gaps[0].Failed)
	})
	t.Run("long line", func(t *testing.T) {
		got, cov := records(t, open(t, Options{}, write(t, map[string]string{"a.log": text + "2025-10-14 03:15:23,104 INFO [main] com.acme.B - " + strings.Repeat("x", 50<<20) + "\n" + text})), ingest.Query{})
		require.Len(t, got, 4001)
		require.Equal(t, map[string]int64{"rest of a line longer than 1 MiB": 1}, cov.Dropped)
	})
	t.Run("half a JSON line", func(t *testing.T) {
		got, cov := records(t, open(t, Options{}, write(t, map[string]string{"a.json": "{\"time\":\"2025-10-14T03:15:22Z\",\"msg\":\"a\"}\n{\"time\":\"2025-10-14T03:15:23Z\",\"ms"})), ingest.Query{})
		require.Len(t, got, 1)
		require.Equal(t, int64(1), cov.Unparsed)
	})
	t.Run("binary, empty and without stamps", func(t *testing.T) {
		_, cov := records(t, open(t, Options{}, write(t, map[string]string{"a.bin": strings.Repeat("\x00\x01\x02", 500), "b.log": "", "c.log": "hello\nworld\n"})), ingest.Query{})
		require.Len(t, cov.Gaps, 2)
		require.Equal(t, int64(2), cov.Unparsed)
		require.Len(t, cov.Notes, 1)
	})
}
