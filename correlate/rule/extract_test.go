package rule

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest/event"
)

func TestReduce(t *testing.T) {
	var all Evidence
	for i := range 500 {
		all.Records = append(all.Records, event.Record{Message: fmt.Appendf(nil, "record %d", i)})
	}
	for i := range 20 {
		all.Events = append(all.Events, event.Event{Name: fmt.Sprint("event ", i)})
		all.Series = append(all.Series, event.Series{Name: fmt.Sprint("series_", i)})
	}
	asked := 0
	got, err := Reduce(t.Context(), all, 0, func(e Evidence) (bool, error) {
		asked++
		records, events := map[string]bool{}, map[string]bool{}
		for _, r := range e.Records {
			records[string(r.Message)] = true
		}
		for _, ev := range e.Events {
			events[ev.Name] = true
		}
		return records["record 17"] && records["record 400"] && events["event 3"], nil
	})
	require.NoError(t, err)
	require.Equal(t, "record 17", string(got.Records[0].Message))
	require.Equal(t, "record 400", string(got.Records[1].Message))
	require.Equal(t, 3, got.Len())
	require.Less(t, asked, 200)
}

func TestReduceStops(t *testing.T) {
	all := Evidence{Records: make([]event.Record, 100)}
	_, err := Reduce(t.Context(), all, 0, func(Evidence) (bool, error) { return false, nil })
	require.ErrorContains(t, err, "does not hold")
	fault := errors.New("broken")
	_, err = Reduce(t.Context(), all, 0, func(e Evidence) (bool, error) {
		if e.Len() < 100 {
			return false, fault
		}
		return true, nil
	})
	require.ErrorIs(t, err, fault)
	got, err := Reduce(t.Context(), all, 3, func(e Evidence) (bool, error) { return e.Len() > 0, nil })
	require.NoError(t, err)
	require.Equal(t, 50, got.Len(), "the budget was spent")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = Reduce(ctx, all, 0, func(Evidence) (bool, error) { return true, nil })
	require.ErrorIs(t, err, context.Canceled)
}

// TestWriteTest: what is written is read back, and passes.
func TestWriteTest(t *testing.T) {
	second := int64(time.Second)
	from := testStart + 3600*second
	w := event.Window{Range: event.Range{From: from, To: from + 600*second}, Baseline: event.Range{From: from - 1800*second, To: from}}
	e := Evidence{Events: []event.Event{{Time: from + 90*second, Kind: event.Kubernetes, Name: "OOMKilling", Component: event.Component{Name: "node-1"}, Text: "Killed process 4711 (java)\nsecond: line"}}}
	for i := range int64(3) {
		e.Records = append(e.Records, event.Record{
			Time: from + (60+2*i)*second, Service: []byte("api"), Severity: event.Critical, Message: []byte(`server at "orders-db" failed: sorry, too many clients already (97/100)`), Detail: []byte("a\nb: 'c'"),
		})
	}
	s := event.Series{Name: "disk_free_ratio", Labels: []event.Label{{Name: "instance", Value: "web-1:9100"}, {Name: "mountpoint", Value: "/var"}}, Step: 15 * second}
	for i, v := range []float64{0.5, 0.5, 0.5, 0.05, 0.05, 0.04} {
		if i == 1 {
			continue
		}
		s.Times, s.Values = append(s.Times, from+int64(i)*15*second), append(s.Values, v)
	}
	e.Series = []event.Series{s}
	expect := []Condition{
		{ID: "slots-exhausted", Component: "orders-db", Onset: from + 60*second},
		{ID: "killed", Component: "node-1", Onset: from + 90*second},
		{ID: "disk-filling", Component: "web-1", Onset: from + 45*second},
	}
	text, err := WriteTest(Example{Name: "from a report", RuleFiles: []string{"shop.yml"}, Evidence: e, Window: w, Expect: expect})
	require.NoError(t, err)
	require.Contains(t, string(text), "0.5 _ 0.5 0.05x1 0.04")
	rules, err := os.ReadFile("testdata/shop.yml")
	require.NoError(t, err)
	results, err := Test(t.Context(), fstest.MapFS{"shop.yml": {Data: rules}, "x_test.yml": {Data: text}}, []string{"x_test.yml"}, TestOptions{})
	require.NoError(t, err, string(text))
	require.Len(t, results, 1)
	require.Empty(t, results[0].Failures, string(text))
}
