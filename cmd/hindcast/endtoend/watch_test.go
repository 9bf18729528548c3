package endtoend

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/cmd/hindcast/archive"
)

// webhook is the body of an Alertmanager webhook about one alert that has ended.
func webhook(name string, from time.Time, length time.Duration) string {
	return fmt.Sprintf(`{"version":"4","groupKey":"{}","status":"resolved","receiver":"hindcast","truncatedAlerts":0,"alerts":[{"status":"resolved",`+
		`"labels":{"alertname":%q,"service":%q,"severity":"critical"},"annotations":{"summary":"%s is wrong"},"startsAt":%q,"endsAt":%q,"fingerprint":"%x"}]}`+"\n",
		name, "svc-"+strings.ToLower(name), name, from.UTC().Format(time.RFC3339), from.Add(length).UTC().Format(time.RFC3339), sha256.Sum256([]byte(name)))
}

// finished holds that every folder of an archive is whole: its record, and every file with what the record says of it.
func finished(t *testing.T, dir string) []archive.Record {
	t.Helper()
	a, err := archive.Open(dir)
	require.NoError(t, err)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	folders := 0
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			folders++
		}
	}
	records, err := a.List()
	require.NoError(t, err)
	require.Len(t, records, folders, "a folder without a record")
	for _, r := range records {
		for name := range r.Files {
			data, err := os.ReadFile(a.Path(r.ID, name))
			require.NoError(t, err)
			if name == "report.json" {
				require.True(t, json.Valid(data), "%s is half-written", a.Path(r.ID, name))
			}
		}
	}
	return records
}

// same holds that a report is as it was written.
func same(t *testing.T, dir string, r archive.Record) {
	t.Helper()
	for name, want := range r.Files {
		data, err := os.ReadFile(filepath.Join(dir, r.ID, name))
		require.NoError(t, err)
		sum := sha256.Sum256(data)
		if filepath.Ext(name) != ".md" { // a draft that was renewed in two steps has its blocks merged
			require.Equal(t, want, hex.EncodeToString(sum[:]), "%s/%s", r.ID, name)
		}
	}
}

// TestWatchKilled kills runs at random moments, some of them two at once, while incidents come and go on: in the end
// each has one whole report, which was sent on, and nothing else is left.
func TestWatchKilled(t *testing.T) {
	runs := kills(t)
	random := rand.New(rand.NewPCG(8, uint64(runs)))
	evidence, out := t.TempDir(), filepath.Join(t.TempDir(), "out")
	copies := filepath.Join(t.TempDir(), "copies")
	config := filepath.Join(t.TempDir(), "hindcast.yml")
	require.NoError(t, os.WriteFile(config, []byte("destinations: [{name: copy, folder: {path: "+copies+"}}]\n"), 0o600))
	args := []string{"watch", "-q", "-c", config, "--since", "100w", "--folder", out, "-o", "md", evidence}
	begin := time.Now().Add(-60 * 24 * time.Hour).Truncate(time.Second)
	for n := range runs {
		name, from := fmt.Sprintf("Alert%03d", n), begin.Add(time.Duration(n)*12*time.Hour)
		text := webhook(name, from, time.Hour)
		require.NoError(t, os.WriteFile(filepath.Join(evidence, fmt.Sprintf("alerts-%03d.json", n)), []byte(text), 0o600))
		if n%5 == 4 { // one that has a report, perhaps, goes on
			last := n - 3
			more := webhook(fmt.Sprintf("Also%03d", last), begin.Add(time.Duration(last)*12*time.Hour+30*time.Minute), time.Hour)
			require.NoError(t, os.WriteFile(filepath.Join(evidence, fmt.Sprintf("more-%03d.json", last)), []byte(more), 0o600))
		}
		after := []time.Duration{time.Duration(random.Int64N(int64(300 * time.Millisecond)))}
		if n%10 == 0 {
			after = append(after, time.Duration(random.Int64N(int64(300*time.Millisecond))))
		}
		killed(t, after, args...)
		finished(t, out)
	}
	last := process(t, args...)
	text, err := last.CombinedOutput()
	require.NoError(t, err, string(text))
	records := finished(t, out)
	require.Len(t, records, runs)
	seen := map[string]bool{}
	for n, r := range records {
		require.Equal(t, fmt.Sprintf("Alert%03d", n), r.Name)
		require.False(t, seen[r.ID])
		seen[r.ID] = true
		if n%5 == 1 && n < runs-3 {
			require.Len(t, r.Firings, 2, "%s went on", r.ID)
			require.Equal(t, 90*time.Minute, r.To.Sub(r.From))
		}
		same(t, out, r)
		for name := range r.Files {
			want, err := os.ReadFile(filepath.Join(out, r.ID, name))
			require.NoError(t, err)
			got, err := os.ReadFile(filepath.Join(copies, r.ID, name))
			require.NoError(t, err, "%s was not sent", r.ID)
			require.Equal(t, string(want), string(got))
		}
	}
	left, err := filepath.Glob(filepath.Join(out, ".hindcast-new-*"))
	require.NoError(t, err)
	require.Empty(t, left, "what killed runs left is removed")
}
