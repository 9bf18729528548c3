package prometheus

import (
	"io"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest/document/documenttest"
	"github.com/hindcast/hindcast/ingest/event"
)

func TestGolden(t *testing.T) { documenttest.Golden(t, Recognise, Decode) }

func TestNotRecognised(t *testing.T) { documenttest.NotRecognised(t, Recognise) }

func FuzzDecode(f *testing.F) { documenttest.Fuzz(f, Recognise, Decode) }

// TestTextAgreesWithExpfmt reads samples with Prometheus' own parser too.
func TestTextAgreesWithExpfmt(t *testing.T) {
	const text = `# TYPE a gauge
a{x="1",y="q\"uo\\te\nd"} 1.5 1760411700000
a{x="2"} -Inf 1760411700123
a 4e-7 1760411715000
# TYPE b counter
b{x="ü"} 12 1760411700000
# TYPE c untyped
c:sum{z=""} 0.25 1760411700000
`
	want := map[string]float64{}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	require.NoError(t, err)
	for name, f := range families {
		for _, m := range f.GetMetric() {
			s := event.Series{Name: name}
			for _, l := range m.GetLabel() {
				s.Labels = append(s.Labels, event.Label{Name: l.GetName(), Value: l.GetValue()})
			}
			want[s.String()+event.Time(m.GetTimestampMs()*1e6).String()] = value(m)
		}
	}
	got := map[string]float64{}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		smp, err := parseSample(strings.TrimSpace(line))
		require.NoError(t, err, line)
		s := event.Series{Name: smp.name, Labels: smp.labels}
		got[s.String()+event.Time(smp.time).String()] = smp.value
	}
	require.Len(t, got, 5)
	require.Equal(t, want, got)
}

func value(m *dto.Metric) float64 {
	return m.GetGauge().GetValue() + m.GetCounter().GetValue() + m.GetUntyped().GetValue()
}

func TestLongLinesAreCounted(t *testing.T) {
	text := "# TYPE a gauge\na 1 1760411700000\na{x=\"" + strings.Repeat("y", 3<<20) + "\"} 1 1760411700000\na 2 1760411715000"
	res := documenttest.Run(t, Decode, io.LimitReader(strings.NewReader(text), 8<<20), "m.txt")
	require.NoError(t, res.Err)
	require.Equal(t, int64(3), res.Coverage.Read)
	require.Equal(t, int64(1), res.Coverage.Unparsed)
	require.Equal(t, []float64{1, 2}, res.Series[0].Values)
}

func TestRecogniseLongFirstSeries(t *testing.T) {
	doc := `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"up"},"values":[` + strings.Repeat(`[1760411700,"1"],`, 30000)
	require.True(t, Recognise([]byte(doc)[:256<<10]))
	_, list, _ := strings.Cut(doc, `"result":`)
	require.True(t, Recognise([]byte(list)[:256<<10]))
}
