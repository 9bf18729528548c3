package archive

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/cmd/hindcast/incident"
	"github.com/hindcast/hindcast/ingest/event"
)

// seen is an incident of one alert that ended so long before now.
func seen(name string, ago time.Duration, open bool) incident.Incident {
	to := ended.Add(-ago)
	f := incident.Firing{Name: name, ID: name, Open: open, Range: event.Range{From: to.Add(-time.Hour).UnixNano(), To: to.UnixNano()}}
	return incident.Fold([]incident.Firing{f}, incident.Options{})[0]
}

func TestPlan(t *testing.T) {
	terms := Terms{Settle: 10 * time.Minute, Since: 24 * time.Hour, Gap: 15 * time.Minute, MostAttempts: 5, Pause: 30 * time.Second}
	failure := func(i incident.Incident, attempts int, ago time.Duration) map[string]Failure {
		return map[string]Failure{i.ID: {ID: i.ID, To: event.Time(i.To), Attempts: attempts, Last: ended.Add(-ago)}}
	}
	recordOf := func(i incident.Incident) []Record { return []Record{RecordOf(&i)} }
	over := seen("A", time.Hour, false)
	earlier := seen("A", 2*time.Hour, false)
	for name, c := range map[string]struct {
		incident incident.Incident
		records  []Record
		failures map[string]Failure
		want     State
		at       time.Duration
	}{
		"goes on":                         {incident: seen("A", 0, true), want: IsOpen},
		"just over":                       {incident: seen("A", 4*time.Minute, false), want: IsSettling, at: 6 * time.Minute},
		"over":                            {incident: over, want: IsDue},
		"long over":                       {incident: seen("A", 25*time.Hour, false), want: IsOld},
		"has its report":                  {incident: over, records: recordOf(over), want: IsMade},
		"another's report":                {incident: over, records: recordOf(seen("B", time.Hour, false)), want: IsDue},
		"went on after its report":        {incident: over, records: recordOf(earlier), want: IsDue},
		"long over and has its report":    {incident: seen("A", 25*time.Hour, false), records: recordOf(seen("A", 25*time.Hour, false)), want: IsMade},
		"failed just now":                 {incident: over, failures: failure(over, 1, 10*time.Second), want: IsWaiting, at: 20 * time.Second},
		"failed a while ago":              {incident: over, failures: failure(over, 1, time.Minute), want: IsDue},
		"failed thrice a while ago":       {incident: over, failures: failure(over, 3, time.Minute), want: IsWaiting, at: time.Minute},
		"failed five times":               {incident: over, failures: failure(over, 5, 10*time.Hour), want: IsGivenUp},
		"failed before it went on":        {incident: over, failures: failure(earlier, 5, time.Hour), want: IsDue},
		"made before, failed when it was": {incident: over, records: recordOf(earlier), failures: failure(earlier, 5, time.Hour), want: IsDue},
	} {
		plan := Plan([]incident.Incident{c.incident}, c.records, c.failures, terms, ended)
		require.Len(t, plan, 1)
		require.Equal(t, c.want, plan[0].State, name)
		if c.at != 0 {
			require.Equal(t, ended.Add(c.at), plan[0].At, name)
		}
		if c.want == IsDue && len(c.records) > 0 && c.records[0].Name == "A" {
			require.Equal(t, c.records[0].ID, plan[0].ID, "%s: it keeps its name", name)
			require.Equal(t, c.records[0].From, event.Time(plan[0].From), name)
		}
	}
}
