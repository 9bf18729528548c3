package pagerduty

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/hindcast/hindcast/ingest"
	"github.com/hindcast/hindcast/ingest/document"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/fetch"
)

const (
	pageSize = 100
	// deepest is how far the API goes with offset and limit.
	deepest = 10_000
	// before is how long before a range incidents may have been opened that were still open in it.
	before = 7 * 24 * time.Hour
	// mostIncidents bounds how many incidents have their log entries asked for, one request each or more.
	mostIncidents = 500
)

// Options say what is pulled. Name and Client are needed.
type Options struct {
	Name   string
	Client *fetch.Client
	// Token is a REST API key, empty if the client's transport knows it.
	Token string
	// Services and Teams are the ids of those that count, all if empty.
	Services, Teams []string
}

// Source is the incidents of one account.
type Source struct{ o Options }

// New makes a source. Nothing is asked yet.
func New(o Options) *Source {
	client := *o.Client
	client.Header = client.Header.Clone()
	if client.Header == nil {
		client.Header = http.Header{}
	}
	client.Header.Set("Accept", "application/vnd.pagerduty+json;version=2")
	if o.Token != "" {
		client.Header.Set("Authorization", "Token token="+o.Token)
	}
	o.Client = &client
	return &Source{o: o}
}

// Name gives the source's name.
func (s *Source) Name() string { return s.o.Name }

// Parts gives none: incidents are few and kept whole.
func (s *Source) Parts(context.Context, ingest.Query) ([]ingest.Part, error) { return nil, nil }

// Events yields the incidents that were open in the range, and what was done about them in it. An incident whose log
// cannot be read is a gap.
func (s *Source) Events(ctx context.Context, within event.Range) iter.Seq2[*event.Batch, error] {
	return document.Stream(ctx, within, func(ctx context.Context, emit func(*event.Batch)) error {
		origin := event.Origin{Source: s.o.Name, Path: "incidents"}
		list, err := s.incidents(ctx, within)
		for i := range list {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if i == mostIncidents {
				gap(emit, origin, within, fmt.Sprintf("%d incidents: what was done about those after the first %d was left out (name services or teams)", len(list), mostIncidents), false)
				break
			}
			s.incident(ctx, &list[i], within, emit)
		}
		return err
	})
}

// Incident yields all that is known of one incident, by its id or number.
func (s *Source) Incident(ctx context.Context, id string) iter.Seq2[*event.Batch, error] {
	return document.Stream(ctx, event.Range{}, func(ctx context.Context, emit func(*event.Batch)) error {
		var answer struct {
			Incident json.RawMessage `json:"incident"`
		}
		if _, err := s.o.Client.JSON(ctx, "incidents/"+url.PathEscape(id), nil, &answer); err != nil {
			return err
		}
		in := incident{raw: answer.Incident}
		if err := json.Unmarshal(answer.Incident, &in); err != nil {
			return fmt.Errorf("incident %s: %w", id, err)
		}
		s.incident(ctx, &in, event.Range{}, emit)
		return ctx.Err()
	})
}

// Check asks how many incidents there are.
func (s *Source) Check(ctx context.Context, q ingest.Query) (ingest.Report, error) {
	ask := url.Values{"limit": {"1"}, "total": {"true"}, "service_ids[]": s.o.Services, "team_ids[]": s.o.Teams, "date_range": {"all"}}
	if !q.Range.IsZero() {
		ask.Del("date_range")
		ask.Set("since", event.Time(q.Range.From).Format(time.RFC3339))
		ask.Set("until", event.Time(q.Range.To).Format(time.RFC3339))
	}
	var page struct {
		Total *int64 `json:"total"`
	}
	r, err := s.o.Client.Probe(ctx, "incidents", ask, &page)
	if err != nil {
		return r, err
	}
	r.Product = "PagerDuty"
	if page.Total != nil {
		r.Records = *page.Total
	}
	r.Asked = []string{"incidents", "incidents/ID/log_entries", "incidents/ID/notes"}
	return r, nil
}

// incident is what the list says of one.
type incident struct {
	reference
	Status      string         `json:"status"`
	Created     document.Stamp `json:"created_at"`
	Resolved    document.Stamp `json:"resolved_at"`
	LastChanged document.Stamp `json:"last_status_change_at"`
	raw         json.RawMessage
}

// open tells whether the incident was open within a range. Older answers say only when the status changed last, which for
// a resolved incident is its end.
func (i *incident) open(r event.Range) bool {
	if r.IsZero() || i.Status != "resolved" {
		return r.IsZero() || int64(i.Created) < r.To
	}
	end := cmp.Or(int64(i.Resolved), int64(i.LastChanged), int64(i.Created))
	return int64(i.Created) < r.To && end >= r.From
}

// incidents lists those that were open in the range, the oldest first. With an error it gives those that were read before.
func (s *Source) incidents(ctx context.Context, within event.Range) ([]incident, error) {
	q := url.Values{
		"limit": {strconv.Itoa(pageSize)}, "sort_by": {"created_at:asc"}, "time_zone": {"UTC"},
		"service_ids[]": s.o.Services, "team_ids[]": s.o.Teams,
	}
	if within.IsZero() {
		q.Set("date_range", "all")
	} else {
		q.Set("since", event.Time(within.From).Add(-before).Format(time.RFC3339))
		q.Set("until", event.Time(within.To).Add(time.Second).Format(time.RFC3339))
	}
	var list []incident
	seen := map[string]bool{}
	for offset, last, since := 0, int64(0), int64(0); ; {
		q.Set("offset", strconv.Itoa(offset))
		var page struct {
			Incidents []json.RawMessage `json:"incidents"`
			More      bool              `json:"more"`
		}
		if _, err := s.o.Client.JSON(ctx, "incidents", q, &page); err != nil {
			return list, err
		}
		for _, raw := range page.Incidents {
			in := incident{raw: raw}
			if err := json.Unmarshal(raw, &in); err != nil {
				return list, fmt.Errorf("an incident is not as expected: %w", err)
			}
			last = max(last, int64(in.Created))
			if !seen[in.ID] && in.open(within) {
				list = append(list, in)
			}
			seen[in.ID] = true
		}
		if !page.More || len(page.Incidents) == 0 {
			return list, nil
		}
		if offset += pageSize; offset+pageSize > deepest { // the rest is asked for by time
			if last/1e9 <= since/1e9 {
				return list, fmt.Errorf("more than %d incidents in one second: the API gives no more", deepest)
			}
			offset, since = 0, last
			q.Del("date_range")
			q.Set("since", event.Time(last).Format(time.RFC3339))
			if within.IsZero() {
				q.Set("until", event.Time(last).AddDate(0, 5, 0).Format(time.RFC3339))
			}
		}
	}
}

// incident hands on an incident, its log and its notes.
func (s *Source) incident(ctx context.Context, in *incident, within event.Range, emit func(*event.Batch)) {
	origin := event.Origin{Source: s.o.Name, Path: "incidents/" + in.ID + "/log_entries"}
	entries, err := s.log(ctx, in)
	if err != nil && ctx.Err() == nil {
		gap(emit, origin, within, fmt.Sprintf("incident #%s: %s", cmp.Or(string(in.Number), in.ID), err), true)
	}
	var b bytes.Buffer
	for _, raw := range append([]json.RawMessage{in.raw}, entries...) {
		b.Write(raw)
		b.WriteByte('\n')
	}
	if err := Decode(ctx, &b, origin, emit); err != nil && ctx.Err() == nil {
		gap(emit, origin, within, err.Error(), true)
	}
}

func gap(emit func(*event.Batch), o event.Origin, within event.Range, reason string, failed bool) {
	emit(&event.Batch{Origin: o, Coverage: event.Coverage{Gaps: []event.Hole{{Origin: o, Range: within, Reason: reason, Failed: failed}}}})
}

// log lists the log entries of an incident, its notes whole. With an error it gives what was read before.
func (s *Source) log(ctx context.Context, in *incident) ([]json.RawMessage, error) {
	path := "incidents/" + url.PathEscape(in.ID)
	q := url.Values{"limit": {strconv.Itoa(pageSize)}, "is_overview": {"false"}, "include[]": {"channels"}, "time_zone": {"UTC"}}
	var entries []json.RawMessage
	for offset := 0; ; offset += pageSize {
		q.Set("offset", strconv.Itoa(offset))
		var page struct {
			Entries []json.RawMessage `json:"log_entries"`
			More    bool              `json:"more"`
		}
		if _, err := s.o.Client.JSON(ctx, path+"/log_entries", q, &page); err != nil {
			return entries, fmt.Errorf("its log: %w", err)
		}
		entries = append(entries, page.Entries...)
		if !page.More || len(page.Entries) == 0 || offset+2*pageSize > deepest {
			break
		}
	}
	var answer struct {
		Notes []note `json:"notes"`
	}
	if _, err := s.o.Client.JSON(ctx, path+"/notes", nil, &answer); err != nil {
		return entries, fmt.Errorf("its notes: %w", err)
	}
	return withNotes(entries, answer.Notes, in)
}

// note is what somebody wrote about an incident.
type note struct {
	ID      string    `json:"id"`
	User    reference `json:"user"`
	Content string    `json:"content"`
	Created string    `json:"created_at"`
}

// withNotes puts the texts of notes into their log entries, which may hold them shortened, and adds an entry for a note
// that has none.
func withNotes(entries []json.RawMessage, notes []note, in *incident) ([]json.RawMessage, error) {
	for _, n := range notes {
		at, ok := document.ParseTime(n.Created)
		if !ok {
			return entries, fmt.Errorf("its notes: %q is not a time", n.Created)
		}
		found := false
		for i, raw := range entries {
			var e entry
			if json.Unmarshal(raw, &e) != nil || e.Type != "annotate"+suffix || max(at-int64(e.CreatedAt), int64(e.CreatedAt)-at) > int64(2*time.Second) {
				continue
			}
			var members map[string]json.RawMessage
			if json.Unmarshal(raw, &members) != nil || members["note"] != nil {
				continue
			}
			text, err := json.Marshal(n.Content)
			if err != nil {
				return entries, err
			}
			members["note"] = text
			if entries[i], err = json.Marshal(members); err != nil {
				return entries, err
			}
			found = true
			break
		}
		if found {
			continue
		}
		raw, err := json.Marshal(map[string]any{
			"id": n.ID, "type": "annotate" + suffix, "summary": "Note added", "created_at": n.Created, "note": n.Content,
			"agent":    map[string]string{"id": n.User.ID, "summary": n.User.Summary},
			"incident": map[string]string{"id": in.ID, "incident_number": string(in.Number), "summary": in.Summary, "title": in.Title},
		})
		if err != nil {
			return entries, err
		}
		entries = append(entries, raw)
	}
	return entries, nil
}
