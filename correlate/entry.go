package correlate

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/hindcast/hindcast/correlate/timeline"
	"github.com/hindcast/hindcast/ingest/event"
)

// entry is a row of the timeline in the making.
type entry struct {
	at, end, err int64
	kind         event.Kind
	role         timeline.Role
	component    string
	source       string
	title        string
	count        int64
	confidence   float64
	evidence     []timeline.Evidence
	// node is the index of the ranking's node that this is about, -1 for none.
	node int
	// interest orders entries by how much a reader wants them in the short story; must are in it at any rate.
	interest float64
	must     bool
	starred  bool
	// event is what it is about, nil for conditions and observations.
	event *event.Event
	id    string
	refs  []string
}

// number sorts the entries by time and gives them and their evidence their ids. Evidence that several entries share is
// listed once.
func number(entries []entry) ([]timeline.Entry, []timeline.Evidence) {
	slices.SortStableFunc(entries, func(a, b entry) int {
		return cmp.Or(
			cmp.Compare(a.at, b.at), strings.Compare(string(a.kind), string(b.kind)), strings.Compare(a.component, b.component), strings.Compare(a.title, b.title),
		)
	})
	var rows []timeline.Entry
	var evidence []timeline.Evidence
	seen := map[string]string{}
	for i := range entries {
		e := &entries[i]
		e.id = "T" + strconv.Itoa(i+1)
		for _, ev := range e.evidence {
			key := ev.Origin + "\x00" + ev.Query + "\x00" + ev.Text + "\x00" + strconv.FormatInt(ev.Count, 10)
			id, ok := seen[key]
			if !ok {
				id = "E" + strconv.Itoa(len(evidence)+1)
				seen[key] = id
				ev.ID = id
				evidence = append(evidence, ev)
			}
			if !slices.Contains(e.refs, id) {
				e.refs = append(e.refs, id)
			}
		}
		rows = append(rows, e.row())
	}
	return rows, evidence
}

func (e *entry) row() timeline.Entry {
	r := timeline.Entry{
		ID: e.id, Time: event.Time(e.at), ErrorSeconds: float64(e.err) / 1e9, Kind: string(e.kind), Role: e.role, Component: e.component,
		Source: e.source, Title: e.title, Count: max(e.count, 1), Confidence: round(e.confidence), Starred: e.starred, Evidence: e.refs,
	}
	if e.end > e.at {
		t := event.Time(e.end)
		r.End = &t
	}
	return r
}

// round keeps two digits: more would promise what nobody knows.
func round(f float64) float64 { return float64(int(f*100+0.5)) / 100 }
