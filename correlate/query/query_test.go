package query

import (
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest/event"
)

const second = int64(time.Second)

// series makes one of samples 15 s apart from 0; NaN-free holes are made by skip.
func series(name string, labels []event.Label, step int64, values ...float64) event.Series {
	s := event.Series{Name: name, Labels: labels, Step: step * second}
	for i, v := range values {
		if v == skip {
			continue
		}
		s.Times = append(s.Times, int64(i)*step*second)
		s.Values = append(s.Values, v)
	}
	return s
}

const skip = -12345

func label(kv ...string) []event.Label {
	var l []event.Label
	for i := 0; i < len(kv); i += 2 {
		l = append(l, event.Label{Name: kv[i], Value: kv[i+1]})
	}
	return l
}

func ask(t *testing.T, e *Engine, expr string, from, to, step int64) []event.Series {
	t.Helper()
	out, err := e.Range(t.Context(), expr, from*second, to*second, step*second)
	require.NoError(t, err)
	return out
}

func TestRange(t *testing.T) {
	e := New([]event.Series{
		series("used", label("instance", "db:9187"), 15, 10, 50, 96, 98, 99),
		series("used", label("instance", "old:9187"), 15, 10, 10, 10, 10, 10),
		series("limit", label("instance", "db:9187"), 15, 100, 100, 100, 100, 100),
		series("limit", label("instance", "old:9187"), 15, 100, 100, 100, 100, 100),
	})
	out := ask(t, e, `used / on(instance) limit > 0.95`, 0, 60, 15)
	require.Len(t, out, 1)
	require.Equal(t, label("instance", "db:9187"), out[0].Labels)
	require.Equal(t, []int64{30 * second, 45 * second, 60 * second}, out[0].Times)
	require.Equal(t, []float64{0.96, 0.98, 0.99}, out[0].Values)

	out = ask(t, e, `used{instance=~"old.*"}`, 15, 15, 1)
	require.Len(t, out, 1)
	require.Equal(t, "used", out[0].Name)
	require.Len(t, ask(t, e, `{__name__=~"us.*|limit"}`, 15, 15, 1), 4)
	at, err := e.Instant(t.Context(), `sum(used)`, 60*second)
	require.NoError(t, err)
	require.Equal(t, []float64{109}, at[0].Values)
}

func TestHistogramQuantile(t *testing.T) {
	bucket := func(le string, per float64) event.Series {
		v := make([]float64, 41)
		for i := range v {
			v[i] = per * float64(i)
		}
		return series("http_seconds_bucket", label("le", le, "service", "api"), 15, v...)
	}
	e := New([]event.Series{bucket("0.1", 5), bucket("1", 9), bucket("10", 10), bucket("+Inf", 10)})
	out := ask(t, e, `histogram_quantile(0.95, sum by (le, service) (rate(http_seconds_bucket[2m])))`, 120, 600, 15)
	require.Len(t, out, 1)
	require.Len(t, out[0].Times, 33)
	require.InDelta(t, 5.5, out[0].Values[0], 1e-9)
}

func TestRateOverHoles(t *testing.T) {
	e := New([]event.Series{series("n_total", nil, 15, 0, 15, 30, skip, skip, skip, skip, skip, skip, skip, skip, skip, skip, 195, 210, 225)})
	out := ask(t, e, `rate(n_total[1m])`, 30, 225, 15)
	require.Len(t, out, 1)
	for _, v := range out[0].Values {
		require.InDelta(t, 0.8, v, 0.5, "the engine guesses at the edges of a hole")
	}
	require.NotContains(t, out[0].Times, 150*second, "nothing is known in the hole")
}

func TestGaugeEndsWithItsSeries(t *testing.T) {
	e := New([]event.Series{series("up", label("job", "a"), 15, 1, 1, 1, 1), series("up", label("job", "b"), 15, 1, 1, 1, 1, 1, 1, 1, 1)})
	out := ask(t, e, `up`, 0, 105, 15)
	require.Equal(t, 75*second, out[0].Times[len(out[0].Times)-1], "two steps after the last sample")
}

func TestSpansAreWidenedToTheStep(t *testing.T) {
	e := New([]event.Series{series("n_total", nil, 120, 0, 120, 240, 360, 480)})
	out := ask(t, e, `rate(n_total[1m])`, 360, 480, 120)
	require.Len(t, out, 1)
	require.Equal(t, []float64{1, 1}, out[0].Values)
	require.Equal(t, `rate(n_total[6m])`, out[0].Expr)
}

func TestDuplicateSeriesAreOne(t *testing.T) {
	e := New([]event.Series{series("x", nil, 15, 1), series("x", nil, 15, 2, 2)})
	require.Equal(t, []float64{2}, ask(t, e, `x + x / x - 1`, 15, 15, 1)[0].Values)
}

func TestCheck(t *testing.T) {
	require.NoError(t, Check(`sum(rate(a[5m])) by (b) > 1`))
	tests := []struct {
		expr   string
		offset int
		says   string
	}{
		{`sum(rate(a[5m])`, 15, "unclosed left parenthesis"},
		{`rate(a)`, 5, "expected type range vector"},
		{`foo(a)`, 0, "unknown function"},
		{`a[5m]`, 0, "instant vector"},
		{``, 0, "no expression"},
	}
	for _, tt := range tests {
		err := Check(tt.expr)
		e, ok := errors.AsType[*Error](err)
		require.True(t, ok, tt.expr)
		require.ErrorContains(t, err, tt.says)
		require.Equal(t, tt.offset, e.Offset, tt.expr)
	}
}

func TestMetrics(t *testing.T) {
	require.Equal(t, []string{"a", "b", "c"}, Metrics(`sum(rate(a[5m])) / on(x) b{y="z"} or {__name__="c"} or {__name__=~"d.*"}`))
	require.Empty(t, Metrics(`(`))
}

func TestSelects(t *testing.T) {
	s, err := ParseSeries(`mailer_queue_depth{queue="out",job="mailer"}`, "1 2", 0, 1)
	require.NoError(t, err)
	for expr, want := range map[string]bool{
		"mailer_queue_depth > 3": true, `mailer_queue_depth{queue="in"}`: false, `max by (queue) ({__name__=~".+_queue_depth"}) > 3`: true,
		`{__name__=~".+_queue_depth",queue!="out"}`: false, "up == 0": false, "up == 0 or rate(mailer_queue_depth[2m]) > 1": true,
	} {
		require.Equal(t, want, Selects(expr, &s), expr)
	}
}

func TestPossible(t *testing.T) {
	e := New([]event.Series{series("a", nil, 15, 1), series("b", nil, 15, 1)})
	for expr, want := range map[string]bool{
		`a`: true, `x`: false, `a / b`: true, `a / x`: false, `a or x`: true, `x or y`: false, `a unless x`: true, `x unless a`: false,
		`absent(x)`: false, `rate(a[5m]) > 0.1 and b`: true, `rate(x[5m])`: false, `vector(1)`: true, `{__name__=~"x.*"}`: false, `{__name__=~"a|x"}`: true, `{job="api"}`: true, `sum(max_over_time(a[5m:1m]))`: true,
	} {
		require.Equal(t, want, e.Possible(expr), expr)
	}
	out, err := e.Range(t.Context(), `x / a`, 0, second, second)
	require.NoError(t, err)
	require.Empty(t, out)
	for expr, want := range map[string][]string{
		`x / y`: {"x", "y"}, `x or vector(1)`: nil, `absent(x)`: {"x"}, `{__name__=~"x.*"} > x`: {"*", "x"}, `vector(1)`: nil, `x unless vector(1)`: {"x"},
	} {
		require.Equal(t, want, Needs(expr), expr)
	}
	require.True(t, e.Knows([]string{"*"}))
	require.True(t, e.Knows([]string{"x", "b"}))
	require.False(t, e.Knows([]string{"x"}))
	require.False(t, New(nil).Knows([]string{"*"}))
}

func TestErrors(t *testing.T) {
	e := New([]event.Series{series("a", label("l", "1"), 15, 1), series("a", label("l", "2"), 15, 1)})
	_, err := e.Range(t.Context(), `a / on() a`, 0, second, second)
	require.ErrorContains(t, err, "evaluating a / on() a")
	_, err = e.Range(t.Context(), `a`, second, 0, second)
	require.ErrorContains(t, err, "no range")
	_, err = e.Range(t.Context(), `a(`, 0, second, second)
	require.Error(t, err)
}

func BenchmarkRange(b *testing.B) {
	var all []event.Series
	for i := range 1000 {
		v := make([]float64, 240)
		for j := range v {
			v[j] = float64(j * i)
		}
		all = append(all, series("n_total", label("pod", strconv.Itoa(i), "service", strconv.Itoa(i%20)), 15, v...))
	}
	for i := range 100_000 {
		all = append(all, series(fmt.Sprintf("other_%d", i%5000), label("pod", strconv.Itoa(i)), 15, 1, 2))
	}
	e := New(all)
	b.Run("sum of rates", func(b *testing.B) {
		for b.Loop() {
			if _, err := e.Range(b.Context(), `sum by (service) (rate(n_total[5m]))`, 0, 3600*second, 15*second); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("metric is missing", func(b *testing.B) {
		for b.Loop() {
			if _, err := e.Range(b.Context(), `sum by (service) (rate(missing[5m]))`, 0, 3600*second, 15*second); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func TestParseSeries(t *testing.T) {
	s, err := ParseSeries(`up{job="api", instance="a:1"}`, `1 _ 0x1 5+2x2 stale 7`, 60*second, 15*second)
	require.NoError(t, err)
	require.Equal(t, `up{instance="a:1", job="api"}`, s.String())
	require.Equal(t, []float64{1, 0, 0, 5, 7, 9, 7}, s.Values)
	require.Equal(t, []int64{60 * second, 90 * second, 105 * second, 120 * second, 135 * second, 150 * second, 180 * second}, s.Times)
	for _, bad := range [][2]string{{`up{`, `1`}, {`up`, `1 x`}, {`{a="b"}`, `1`}} {
		_, err := ParseSeries(bad[0], bad[1], 0, second)
		require.Error(t, err, bad)
	}
}

func TestFalling(t *testing.T) {
	require.True(t, Falling(`(a / b < 0.5) and c > 1`))
	require.False(t, Falling(`a > 0.5`))
	require.False(t, Falling(`a`))
}
