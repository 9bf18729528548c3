package document_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/file"
)

// TestFixturesAreUnderstood reads every document of the incidents: none of its records may be broken or lost.
func TestFixturesAreUnderstood(t *testing.T) {
	dirs, err := filepath.Glob("../../fixtures/incidents/*/truth.yml")
	require.NoError(t, err)
	recorded, err := filepath.Glob("../../fixtures/recorded/*/truth.yml")
	require.NoError(t, err)
	require.NotEmpty(t, dirs)
	for _, truth := range append(dirs, recorded...) {
		dir := filepath.Dir(truth)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			s, err := file.Open(t.Context(), []string{dir}, file.Options{})
			require.NoError(t, err)
			defer s.Close()
			var c event.Coverage
			kinds := map[event.Kind]int{}
			for b, err := range s.Events(t.Context(), event.Range{}) {
				require.NoError(t, err)
				c.Add(b.Coverage)
				for i := range b.Events {
					kinds[b.Events[i].Kind]++
				}
			}
			require.NoError(t, c.Check())
			require.Zero(t, c.Unparsed)
			require.Empty(t, c.Gaps)
			for _, k := range []event.Kind{event.Alert, event.Change, event.Action} {
				require.NotZero(t, kinds[k], k)
			}
		})
	}
}
