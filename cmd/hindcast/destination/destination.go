// Package destination sends finished reports to where people look for them: one file a kind.
//
// A report may be sent more than once, since a process can be killed after it was sent and before that was noted. So every
// kind but a chat message and a call of one's own writes to a place that the incident's id names, and finds there what an
// earlier attempt has left.
package destination

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"strings"
	"text/template"
	"time"

	"github.com/hindcast/hindcast/cmd/hindcast/archive"
	"github.com/hindcast/hindcast/cmd/hindcast/config"
	"github.com/hindcast/hindcast/ingest/fetch"
)

// longest is how long one destination may take.
const longest = 5 * time.Minute

// A Report is what is sent.
type Report struct {
	archive.Record
	Files archive.Files
	// Link is where the report can be seen, empty if nobody serves it.
	Link string
}

// Title names the report in one line.
func (r *Report) Title() string {
	return fmt.Sprintf("%s, %s", r.Name, r.From.UTC().Format("2006-01-02 15:04"))
}

// all are the files with the record of the incident.
func (r *Report) all() (archive.Files, error) {
	record, err := json.MarshalIndent(r.Record, "", "  ")
	if err != nil {
		return nil, err
	}
	files := archive.Files{"incident.json": append(record, '\n')}
	maps.Copy(files, r.Files)
	return files, nil
}

// A Destination is one place of the configuration.
type Destination struct {
	Name string
	send func(ctx context.Context, r *Report) (link string, err error)
}

// Options are what kinds of destinations need besides their configuration.
type Options struct {
	// Transport reaches the destination's server; http.DefaultTransport if nil.
	Transport http.RoundTripper
	// Merge keeps what people have written into a file where it goes.
	Merge archive.Merge
}

// New makes a destination of a configuration that has been checked.
func New(c config.Destination, o Options) (*Destination, error) {
	d := &Destination{Name: c.Name}
	if o.Transport == nil {
		o.Transport = http.DefaultTransport
	}
	var err error
	switch {
	case c.Folder != nil:
		d.send = (&folder{path: c.Folder.Path, merge: o.Merge}).send
	case c.S3 != nil:
		d.send, err = newBucket(c.S3, o.Transport)
	case c.Git != nil:
		d.send, err = newRepository(c.Git, o.Merge)
	case c.Slack != nil:
		d.send = (&chat{urlFile: c.Slack.URLFile, transport: o.Transport}).send
	case c.GitHub != nil:
		d.send, err = newTracker(c.GitHub, o.Transport)
	case c.Call != nil:
		d.send, err = newCall(c.Call, o.Transport)
	default:
		err = fmt.Errorf("destination %q does not say its kind", c.Name)
	}
	return d, err
}

// Send sends a report and gives the link to where it is, if the destination tells.
func (d *Destination) Send(ctx context.Context, r *Report) (link string, err error) {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	link, err = d.send(ctx, r)
	if err != nil {
		return "", fmt.Errorf("destination %q: %w", d.Name, err)
	}
	return link, nil
}

// mostAnswer is how much of an answer is read.
const mostAnswer = 8 << 20

// request sends a request and reads the answer; a status other than 2xx is an error. The URL is not in the error, for it
// may be a secret.
func request(ctx context.Context, rt http.RoundTripper, method, target string, header http.Header, body []byte) ([]byte, http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(body))
	if err != nil {
		return nil, nil, errors.New("the URL cannot be read") //nolint:err113 // the error would quote it
	}
	maps.Copy(req.Header, header)
	server := req.URL.Scheme + "://" + req.URL.Host
	resp, err := (&http.Client{Transport: rt}).Do(req)
	if err != nil {
		if u, ok := errors.AsType[*url.Error](err); ok {
			err = u.Err
		}
		return nil, nil, fmt.Errorf("asking %s: %w", server, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, mostAnswer))
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("the answer of %s broke off: %w", server, err)
	case resp.StatusCode/100 != 2:
		return nil, nil, &fetch.StatusError{Status: resp.StatusCode, Server: server, Message: fetch.Message(resp.Header, answer)}
	}
	return answer, resp.Header, nil
}

// secret reads a file that holds one.
func secret(path string) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("reading the secret: %w", err)
	}
	text := strings.TrimSpace(string(data))
	if text == "" {
		return "", fmt.Errorf("%s is empty", path)
	}
	return text, nil
}

// parse reads a template of the configuration.
func parse(name, text string) (*template.Template, error) {
	t, err := template.New(name).Option("missingkey=error").Funcs(config.TemplateFuncs).Parse(text)
	if err != nil {
		return nil, fmt.Errorf("reading the template of %s: %w", name, err)
	}
	return t, nil
}

func fill(t *template.Template, data any) (string, error) {
	var b strings.Builder
	if err := t.Execute(&b, data); err != nil {
		return "", fmt.Errorf("filling in the template of %s: %w", t.Name(), err)
	}
	return b.String(), nil
}
