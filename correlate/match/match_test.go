package match

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/correlate/pattern"
	"github.com/hindcast/hindcast/ingest/event"
)

func record(message string) *event.Record { return &event.Record{Message: []byte(message)} }

// one compiles a single matcher and asks it about a record.
func one(t *testing.T, l Log, r *event.Record, component string) (Hit, bool) {
	t.Helper()
	s, err := Compile([]Log{l})
	require.NoError(t, err)
	return s.Start().Match(0, r, component)
}

func TestMatch(t *testing.T) {
	tests := []struct {
		name string
		log  Log
		r    event.Record
		want bool
	}{
		{"one of", Log{Contains: []string{"too many clients", "slots are reserved"}}, event.Record{Message: []byte("FATAL:  remaining connection slots are reserved for roles")}, true},
		{"none of", Log{Contains: []string{"too many clients"}}, event.Record{Message: []byte("too many files")}, false},
		{"all of", Log{ContainsAll: []string{"pool", "timeout"}}, event.Record{Message: []byte("timeout of the pool")}, true},
		{"not all of", Log{ContainsAll: []string{"pool", "timeout"}}, event.Record{Message: []byte("timeout")}, false},
		{"forbidden", Log{Contains: []string{"timeout"}, NotContains: []string{"retrying"}}, event.Record{Message: []byte("timeout, retrying")}, false},
		{"in the detail", Log{Contains: []string{"TimeoutError"}}, event.Record{Message: []byte("request failed"), Detail: []byte("sqlalchemy.exc.TimeoutError: QueuePool")}, true},
		{"forbidden in the detail", Log{Contains: []string{"failed"}, NotContains: []string{"QueuePool"}}, event.Record{Message: []byte("failed"), Detail: []byte("QueuePool")}, false},
		{"case counts", Log{Contains: []string{"OOM"}}, event.Record{Message: []byte("room")}, false},
		{"case ignored", Log{Contains: []string{"Out of Memory"}, IgnoreCase: true}, event.Record{Message: []byte("kernel: OUT OF MEMORY: killed")}, true},
		{"regexp over both", Log{Regexp: `(?s)failed.*QueuePool`}, event.Record{Message: []byte("failed"), Detail: []byte("a\nQueuePool")}, true},
		{"field", Log{Fields: map[string]string{"error.type": "Timeout.*"}}, event.Record{Fields: []event.Field{{Key: []byte("error.type"), Value: []byte("TimeoutError")}}}, true},
		{"field is anchored", Log{Fields: map[string]string{"error.type": "Timeout"}}, event.Record{Fields: []event.Field{{Key: []byte("error.type"), Value: []byte("TimeoutError")}}}, false},
		{"field is missing", Log{Fields: map[string]string{"error.type": ".+"}}, event.Record{}, false},
		{"logger", Log{Logger: `.*\.HikariPool`}, event.Record{Logger: []byte("com.zaxxer.hikari.pool.HikariPool")}, true},
		{"speaker", Log{Speaker: `orders|billing`}, event.Record{}, true},
		{"other speaker", Log{Speaker: `order`}, event.Record{}, false},
		{"severe", Log{MinSeverity: event.Warn}, event.Record{Severity: event.Error}, true},
		{"not severe", Log{MinSeverity: event.Warn}, event.Record{Severity: event.Info}, false},
		{"severity not said", Log{MinSeverity: event.Warn}, event.Record{}, true},
		{"where status", Log{Where: `status >= 500 && duration > 1.5`}, event.Record{Status: 503, Duration: 2e9}, true},
		{"where a bound is all", Log{Where: `status > 0 && duration >= 3`}, event.Record{Status: 200, Duration: 3e9}, true},
		{"where a bound is not met", Log{Where: `status > 0 && duration >= 3`}, event.Record{Status: 200, Duration: 2999e6}, false},
		{"where bounds of or", Log{Where: `status > 500 || duration >= 3`}, event.Record{Status: 200, Duration: 4e9}, true},
		{"where small", Log{Where: `status < 300 and status == 204 and severity <= info`}, event.Record{Status: 204, Severity: event.Info}, true},
		{"where status is too low", Log{Where: `status >= 500`}, event.Record{Status: 404}, false},
		{"where severity", Log{Where: `severity >= error and message contains "x"`}, event.Record{Severity: event.Critical, Message: []byte("x")}, true},
		{"where field is a number", Log{Where: `fields.took > 1000`}, event.Record{Fields: []event.Field{{Key: []byte("took"), Value: []byte("1500")}}}, true},
		{"where field is missing", Log{Where: `fields.took > 1000`}, event.Record{}, false},
		{"where field has dots", Log{Where: `fields.error.code == 42`}, event.Record{Fields: []event.Field{{Key: []byte("error.code"), Value: []byte("42")}}}, true},
		{"where group", Log{Regexp: `\((?P<used>\d+)/(?P<max>\d+)\)`, Where: `used >= 0.9 * max`}, event.Record{Message: []byte("clients (95/100)")}, true},
		{"where group is too small", Log{Regexp: `\((?P<used>\d+)/(?P<max>\d+)\)`, Where: `used >= 0.9 * max`}, event.Record{Message: []byte("clients (9/100)")}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, ok := one(t, tt.log, &tt.r, "orders")
			require.Equal(t, tt.want, ok)
			s, err := Compile([]Log{tt.log})
			require.NoError(t, err)
			ids := s.Start().CandidatesFull(&tt.r)
			if tt.want {
				require.Equal(t, []int32{0}, ids)
			}
		})
	}
}

func TestCaptures(t *testing.T) {
	l := Log{
		Regexp: `upstream: "http://(?P<target>[^:/"]+):(?P<port>\d+)(?:/(?P<path>\w+))?`,
		Fields: map[string]string{"code": `E(?P<code>\d+)`},
	}
	s, err := Compile([]Log{l})
	require.NoError(t, err)
	require.Equal(t, []string{"port", "path", "code"}, s.Captures(0))
	require.Equal(t, []string{"code"}, s.Wanted())
	r := record(`connect() failed, upstream: "http://10.0.0.7:8080/"`)
	r.Fields = []event.Field{{Key: []byte("code"), Value: []byte("E42")}}
	hit, ok := s.Start().Match(0, r, "nginx")
	require.True(t, ok)
	require.Equal(t, "10.0.0.7", string(hit.Target))
	require.Equal(t, "8080", string(hit.Values[0]))
	require.Nil(t, hit.Values[1])
	require.Equal(t, "42", string(hit.Values[2]))
}

func TestTargetsOfAlternatives(t *testing.T) {
	l := Log{Regexp: `host='(?P<target>\w+)'|https?://(?P<target2>\w+)`}
	for _, text := range []string{`Pool(host='billing')`, `GET https://billing/x`} {
		hit, ok := one(t, l, record(text), "")
		require.True(t, ok)
		require.Equal(t, "billing", string(hit.Target))
		require.Empty(t, hit.Values)
	}
}

func TestCompileErrors(t *testing.T) {
	tests := []struct {
		log   Log
		field string
		says  string
	}{
		{Log{Contains: []string{"a", ""}}, "contains", "empty literal"},
		{Log{NotContains: []string{"a\nb"}}, "not_contains", "line break"},
		{Log{Regexp: `(a`}, "regexp", "missing closing"},
		{Log{Fields: map[string]string{"f": `(a`}}, "fields", "missing closing"},
		{Log{Logger: `*`}, "logger", "missing argument"},
		{Log{Speaker: `*`}, "speaker", "missing argument"},
		{Log{Where: `mesage contains "x"`}, "where", "unknown name mesage"},
		{Log{Where: `status + 1`}, "where", "expected bool"},
		{Log{Where: `now() > 1`}, "where", "unknown name now"},
		{Log{Where: `any(["a"], any(["b"], # == "c"))`}, "where", "predicate inside a predicate"},
		{Log{Where: `fields[message] == "x"`}, "where", "constant"},
		{Log{Where: `message contains "x" ` + strings.Repeat(`&& status > 1 `, 100)}, "where", "node"},
		{Log{Regexp: `(?P<message>a)`, Where: `message == "a"`}, "where", "name of a part"},
	}
	for _, tt := range tests {
		_, err := Compile([]Log{{Contains: []string{"fine"}}, tt.log})
		e, ok := errors.AsType[*Error](err)
		require.True(t, ok, "%+v: %v", tt.log, err)
		require.Equal(t, 1, e.Index)
		require.Equal(t, tt.field, e.Field)
		require.ErrorContains(t, err, tt.says)
	}
}

func TestWhereErrorIsCounted(t *testing.T) {
	s, err := Compile([]Log{{Where: `fields.took > 1`}})
	require.NoError(t, err)
	sc := s.Start()
	_, ok := sc.Match(0, record("x"), "")
	require.False(t, ok)
	require.Equal(t, map[int32]int64{0: 1}, sc.Errors())
}

func TestNumber(t *testing.T) {
	for text, want := range map[string]any{
		"12": 12, "-3": -3, "0": 0, "0.5": 0.5, "1.25": 1.25, "007": "007", "1e10": "1e10", "1.": "1.", ".5": ".5", "": "", "-": "-",
		"1.2.3": "1.2.3", "10.0.0.7": "10.0.0.7", "1234567890123456": "1234567890123456",
	} {
		require.Equal(t, want, number(text), text)
	}
}

// words are bits of messages and of matchers, so that random ones meet.
var words = []string{
	"connection", "Connection", "too many", "clients", "already", "timeout", "TimeoutError", "pool", "reserved", "exit code", "OOM", "OOMKilled",
	"/var/lib", "\"quoted text\"", "'single'", "=", ":", " ", "  ", "42", "137", "0x7f3a", "10.0.0.7", "10.0.0.7:8080", "12ms", "1.5GB", "\n\tat x",
	"error", "ERROR", "http://api/x", "ſ", "K", "kill", "KILL", "a1b2c3d4", "user@example.com", "<num>", "é", "(", ")", "[", "]", ",", "2025-10-14T03:15:00Z",
	"k", "s", "deadbeef", "550e8400-e29b-41d4-a716-446655440000", "aa:bb:cc:dd:ee:ff", "GET", "HTTP/1.1", "\x1b[31m", "%", "-", "+5", "1,2,3", "1, 2",
}

func phrase(r *rand.Rand, most int) string {
	var b strings.Builder
	for range 1 + r.IntN(most) {
		b.WriteString(words[r.IntN(len(words))])
		if r.IntN(3) > 0 {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// randomLog makes a matcher of parts of phrases, so that literals begin and end anywhere.
func randomLog(r *rand.Rand) Log {
	part := func() string {
		for {
			p := strings.ReplaceAll(vary(r, phrase(r, 3)), "\n", " ")
			from := r.IntN(len(p))
			p = p[from : from+1+r.IntN(len(p)-from)]
			if r.IntN(4) > 0 && len(p) < 4 {
				continue
			}
			return p
		}
	}
	l := Log{IgnoreCase: r.IntN(3) == 0}
	for range r.IntN(3) {
		l.Contains = append(l.Contains, part())
	}
	if r.IntN(4) == 0 {
		l.ContainsAll = append(l.ContainsAll, part())
	}
	if r.IntN(4) == 0 {
		l.NotContains = append(l.NotContains, part())
	}
	if r.IntN(3) == 0 {
		l.Regexp = regexp.QuoteMeta(strings.ToValidUTF8(part(), "?")) + []string{"", `\d+`, `.*`, `(a|b)?`}[r.IntN(4)] + regexp.QuoteMeta(strings.ToValidUTF8(part(), "?"))
		if r.IntN(2) == 0 {
			l.Regexp = "(?i)" + l.Regexp
		}
	}
	if r.IntN(5) == 0 {
		l.MinSeverity = event.Warn
	}
	if r.IntN(5) == 0 {
		l.Speaker = "orders"
	}
	return l
}

// variants are values of one class each, which make texts of one shape.
var variants = [][]string{
	{"42", "137", "5", "1,234", "3.25", "-7", "1, 2, 3", "1e5", "2.0.1"},
	{"12ms", "5 min", "1h30m", "3 seconds", "7d", "5 mins, 6 mins"},
	{"1.5GB", "3 KiB", "512Mi", "64k", "1 MB"},
	{"10.0.0.7", "192.168.1.1", "::1", "fe80::1"},
	{"0x7f3a", "deadbeef", "0XAB"},
	{"aa:bb:cc:dd:ee:ff", "00:11:22:33:44:55"},
	{"550e8400-e29b-41d4-a716-446655440000", "deadbeef-dead-beef-dead-beefdeadbeef"},
	{"  ", "\t", " \t "},
	{"a1b2c3d4", "9fz8q7x"},
	{"/var/lib/pool", "/tmp/OOMKilled"},
	{"\"clients\"", "'already'"},
}

// vary gives a text of, mostly, the same shape.
func vary(r *rand.Rand, text string) string {
	for _, class := range variants {
		for _, v := range class {
			if strings.Contains(text, v) {
				text = strings.Replace(text, v, class[r.IntN(len(class))], 1)
				break
			}
		}
	}
	return text
}

func randomRecord(r *rand.Rand, bases []string) *event.Record {
	rec := record(vary(r, bases[r.IntN(len(bases))]))
	rec.Severity = []event.Severity{event.Unknown, event.Info, event.Error}[r.IntN(3)]
	if r.IntN(5) == 0 {
		rec.Detail = []byte(phrase(r, 8))
	}
	return rec
}

// candidates asks as the Summary does.
func candidates(sc *Scanner, shapes map[string][]int32, r *event.Record) []int32 {
	key := shapeOf(r)
	ids, known := shapes[key]
	if !known {
		found, full := sc.Narrow(r)
		ids = append([]int32{}, found...)
		if full {
			ids = nil
		}
		shapes[key] = ids
	}
	if ids == nil || len(r.Detail) > 0 || Padded(r.Message) {
		return sc.CandidatesFull(r)
	}
	return ids
}

func TestCandidatesAgreeWithMatchingAll(t *testing.T) {
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 1))
		logs := make([]Log, 60)
		for i := range logs {
			logs[i] = randomLog(r)
		}
		s, err := Compile(logs)
		require.NoError(t, err)
		sc, all := s.Start(), s.Start()
		shapes := map[string][]int32{}
		hits := 0
		bases := make([]string, 50)
		for i := range bases {
			bases[i] = phrase(r, 8)
		}
		for range 500 {
			rec := randomRecord(r, bases)
			component := []string{"orders", "billing"}[r.IntN(2)]
			var want, got []string
			for id := range s.Len() {
				if _, ok := all.Match(int32(id), rec, component); ok {
					want = append(want, strconv.Itoa(id))
				}
			}
			for _, id := range append([]int32{}, candidates(sc, shapes, rec)...) {
				if _, ok := sc.Match(id, rec, component); ok {
					got = append(got, strconv.Itoa(int(id)))
				}
			}
			require.Equal(t, want, got, "seed %d, %q", seed, rec.Message)
			hits += len(want)
		}
		require.Positive(t, hits)
	}
}

// shapeOf is the key under which candidates may be remembered.
func shapeOf(r *event.Record) string {
	return fmt.Sprint(r.Severity, pattern.Of(r.Message))
}

func TestNarrowLeavesMostShapesWithoutCandidates(t *testing.T) {
	s, err := Compile([]Log{
		{Contains: []string{"too many clients already", "slots are reserved"}},
		{Contains: []string{"exit code 137"}},
		{Contains: []string{"OOMKilled"}},
		{Contains: []string{"started in 5 ms"}},
	})
	require.NoError(t, err)
	sc := s.Start()
	for message, want := range map[string][]int32{
		"request 17 from 10.0.0.1 took 12 ms":           {},
		"FATAL: sorry, too many clients already (12)":   {0},
		"container 17 died with exit code 12 (retry 3)": {1},
		"started in 1.5 seconds":                        {3},
		"":                                              {},
	} {
		ids, full := sc.Narrow(record(message))
		require.False(t, full, message)
		require.Equal(t, want, append([]int32{}, ids...), message)
	}
	_, full := sc.Narrow(record("GET /api/v1/orders 200"))
	require.True(t, full)
	require.Equal(t, []int32{0, 1, 2, 3}, sc.Candidates(record("GET /api/v1/orders 200")))
}
