package destination

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"text/template"

	"github.com/hindcast/hindcast/cmd/hindcast/config"
)

// A call is a request whose URL and body are templates.
type call struct {
	method    string
	headers   http.Header
	url, body *template.Template
	transport http.RoundTripper
}

func newCall(c *config.CallDestination, rt http.RoundTripper) (func(context.Context, *Report) (string, error), error) {
	one := &call{method: cmp.Or(c.Method, http.MethodPost), headers: http.Header{}, transport: rt}
	for name, value := range c.Headers {
		one.headers.Set(name, value)
	}
	var err error
	if one.url, err = parse("url", c.URL); err != nil {
		return nil, err
	}
	if one.body, err = parse("body", c.Body); err != nil {
		return nil, err
	}
	return one.send, nil
}

// callData is what templates see, besides the fields of the record.
type callData struct {
	*Report
	Title, Text, Markdown, HTML, JSON string
}

func (c *call) send(ctx context.Context, r *Report) (string, error) {
	data := callData{
		Report: r, Title: r.Title(), Text: strings.Join(r.story(oneLine), "\n"),
		Markdown: string(r.Files["report.md"]), HTML: string(r.Files["report.html"]), JSON: string(r.Files["report.json"]),
	}
	url, err := fill(c.url, data)
	if err != nil {
		return "", err
	}
	body, err := fill(c.body, data)
	if err != nil {
		return "", err
	}
	_, _, err = request(ctx, c.transport, c.method, url, c.headers, []byte(body))
	return "", err
}
