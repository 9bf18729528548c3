package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/hindcast/hindcast/ingest/alert"
	"github.com/hindcast/hindcast/ingest/alertmanager"
	"github.com/hindcast/hindcast/ingest/change"
	"github.com/hindcast/hindcast/ingest/chat"
	jsondoc "github.com/hindcast/hindcast/ingest/document"
	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/kubernetes"
	"github.com/hindcast/hindcast/ingest/pagerduty"
	"github.com/hindcast/hindcast/ingest/prometheus"
	slackexport "github.com/hindcast/hindcast/ingest/slack"
	"github.com/hindcast/hindcast/ingest/table"
)

// kind is a kind of document that is kept whole.
type kind struct {
	Name, Doc string
	// Recognise tells by the beginning of a file whether it is of the kind; Decode reads it.
	Recognise func(head []byte) bool
	Decode    func(ctx context.Context, r io.Reader, o event.Origin, emit func(*event.Batch)) error
}

// documents are the kinds of documents, in the order in which they are tried.
var documents = []kind{
	{Name: "prometheus", Doc: "Answers of Prometheus' query API and metrics as text with time stamps.", Recognise: prometheus.Recognise, Decode: prometheus.Decode},
	{Name: "alertmanager", Doc: "Alerts as Alertmanager's API, webhooks and amtool give them.", Recognise: alertmanager.Recognise, Decode: alertmanager.Decode},
	{Name: "alert", Doc: "Alerts as records with a name, a time and a state, as JSON or CSV, and CloudWatch's alarms.", Recognise: alert.Recognise, Decode: alert.Decode},
	{Name: "kubernetes", Doc: "Events and objects as kubectl (JSON, YAML, describe pod) and the Kubernetes API give them.", Recognise: kubernetes.Recognise, Decode: kubernetes.Decode},
	{Name: "change", Doc: "Deployments and other changes as JSON or CSV, Argo CD's and Helm's histories, AWS CloudTrail's records, git's log, and those of dpkg, apt, dnf, yum and pip.", Recognise: change.Recognise, Decode: change.Decode},
	{Name: "table", Doc: "Series as CSV: a column of times, columns of numbers.", Recognise: table.Recognise, Decode: table.Decode},
	{Name: "slack", Doc: "A Slack export's channels, a file a day.", Recognise: slackexport.Recognise, Decode: slackexport.Decode},
	{Name: "chat", Doc: "Transcripts and notes as text: a time, a name and what was said.", Recognise: chat.Recognise, Decode: chat.Decode},
	{Name: "pagerduty", Doc: "Incidents and log entries as PagerDuty's API gives them.", Recognise: pagerduty.Recognise, Decode: pagerduty.Decode},
}

func documentNamed(name string) *kind {
	for i := range documents {
		if documents[i].Name == name {
			return &documents[i]
		}
	}
	return nil
}

// recogniseDocument finds the kind of a document, nil if the file is none.
func recogniseDocument(head []byte, name string) *kind {
	if k := documentNamed(name); k != nil {
		return k
	}
	for i := range documents {
		if documents[i].Recognise(head) {
			return &documents[i]
		}
	}
	return nil
}

// document is a file that holds a document.
type document struct {
	kind                *kind
	source, path, shown string
	packing             packing
	size                int64
	// decode reads it where more is known than the document tells, nil for the kind's own way.
	decode func(ctx context.Context, r io.Reader, o event.Origin, emit func(*event.Batch)) error
}

// read yields what the document holds and tells whether to go on.
func (d *document) read(ctx context.Context, within event.Range, yield func(*event.Batch, error) bool) bool {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	o := event.Origin{Source: d.source, Path: d.shown}
	gone := false
	send := func(b *event.Batch) {
		if !gone && !yield(b, nil) {
			gone = true
			cancel()
		}
	}
	f, err := os.Open(d.path)
	if err == nil {
		defer f.Close()
		count := &counter{src: f}
		var r io.ReadCloser
		if r, err = unpack(count, d.packing, d.size); err == nil {
			defer r.Close()
			decode := d.kind.Decode
			if d.decode != nil {
				decode = d.decode
			}
			err = decode(ctx, r, o, func(b *event.Batch) {
				b.Coverage.Bytes += count.take()
				jsondoc.KeepWithin(b, within)
				send(b)
			})
		}
	}
	if gone {
		return false
	}
	if err := context.Cause(ctx); err != nil {
		yield(nil, err)
		return false
	}
	if err != nil {
		reason := err.Error()
		if errors.Is(err, io.ErrUnexpectedEOF) && d.packing != plain {
			reason = fmt.Sprintf("%s stream ends too early: %v", d.packing, err)
		}
		send(&event.Batch{Origin: o, Coverage: event.Coverage{Gaps: []event.Hole{{Origin: o, Reason: reason, Failed: true}}}})
	}
	return !gone
}

// Description names a kind of document, for help texts.
type Description struct{ Name, Doc string }

// Documents describes the kinds of documents that are read whole.
func Documents() []Description {
	var all []Description
	for _, k := range documents {
		all = append(all, Description{k.Name, k.Doc})
	}
	return all
}
