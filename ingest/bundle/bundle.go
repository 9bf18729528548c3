// Package bundle keeps the evidence of a run in one file, to work on it offline, to hand it on, and to check a report
// against it.
//
// # What is in it
//
// Everything as it was pulled: files as they lay, and the bodies that servers answered, each with what had been asked.
// A source that is opened on a bundle asks the same questions and is given the same answers, so no kind of source needs
// to know about bundles. Credentials are not in it: of requests only method, URL and body are kept, of answers the few
// header fields in [kept].
//
// # Form
//
// A bundle is a tar archive compressed by Zstandard: `tar --zstd -xf X.bundle` unpacks it. In front stands a skippable
// frame that says where the manifest ends and what its SHA-256 is; the manifest is the first member and names the
// others with their place, size and SHA-256. Every member is a frame of its own, so that one can be read without those
// before it. Members are sorted by name and have no times: the same evidence gives the same bytes.
package bundle

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hindcast/hindcast/ingest/event"
)

// Schema names the form of the manifest.
const Schema = "hindcast.bundle/v1"

// ManifestName is the archive's first member.
const ManifestName = "manifest.json"

// Manifest says what a bundle holds and how it was asked for. Fields may be added, never renamed.
type Manifest struct {
	Schema string `json:"schema"`
	// Version is that of the program that made the bundle, Command how it was called.
	Version string `json:"version"`
	Command string `json:"command"`
	// Now is what the clock said, and Timezone the zone of times that name none.
	Now      time.Time `json:"now"`
	Timezone string    `json:"timezone"`
	// Asked are the flags that said what the window is, by name; Window is the one that was found.
	Asked  map[string]string `json:"asked"`
	Window Window            `json:"window"`
	// Parts is how many parts sources were asked to make.
	Parts int `json:"parts"`
	// RulesSHA256 identifies the rules, since they say what is asked of servers.
	RulesSHA256 string `json:"rules_sha256"`
	// Incomplete is set if the collecting was cut short.
	Incomplete bool      `json:"incomplete,omitempty"`
	Sources    []Source  `json:"sources"`
	Members    []*Member `json:"members"`
}

// Window is a window with what it is compared with, in RFC 3339.
type Window struct {
	From         time.Time `json:"from"`
	To           time.Time `json:"to"`
	BaselineFrom time.Time `json:"baseline_from"`
	LookbackFrom time.Time `json:"lookback_from"`
	Source       string    `json:"source"`
}

// WindowOf writes a window down.
func WindowOf(w event.Window) Window {
	return Window{
		From: event.Time(w.From), To: event.Time(w.To), BaselineFrom: event.Time(w.Baseline.From),
		LookbackFrom: event.Time(w.Lookback.From), Source: w.Source,
	}
}

// Same tells whether two windows are the same time, whatever they were taken from.
func (w Window) Same(o Window) bool {
	return w.From.Equal(o.From) && w.To.Equal(o.To) && w.BaselineFrom.Equal(o.BaselineFrom) && w.LookbackFrom.Equal(o.LookbackFrom)
}

// Source is one source, with the account of what it gave when the bundle was made.
type Source struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
	// Files are those that were found, for a source of files.
	Files []File `json:"files,omitempty"`
	// Queries are the distinct requests, without their bodies, for a source on a server.
	Queries  []Query `json:"queries,omitempty"`
	Coverage Account `json:"coverage"`
}

// File is a file and the member that holds it.
type File struct {
	// Path is what the file was called, Root the folder it was found under, if any.
	Path string `json:"path"`
	Root string `json:"root,omitempty"`
	// Member is empty if the file could not be read, for the reason in Lost.
	Member string `json:"member,omitempty"`
	Lost   string `json:"lost,omitempty"`
}

// Query is a request that was made, with how many times.
type Query struct {
	Request string `json:"request"`
	Times   int    `json:"times"`
}

// Account is the coverage of a source.
type Account struct {
	Read     int64            `json:"read"`
	Kept     int64            `json:"kept"`
	Outside  int64            `json:"outside"`
	Unparsed int64            `json:"unparsed"`
	Dropped  map[string]int64 `json:"dropped,omitempty"`
	Gaps     []string         `json:"gaps,omitempty"`
}

// AccountOf writes a coverage down.
func AccountOf(c event.Coverage) Account {
	a := Account{Read: c.Read, Kept: c.Kept, Outside: c.Outside, Unparsed: c.Unparsed, Dropped: c.Dropped}
	for _, h := range c.Gaps {
		a.Gaps = append(a.Gaps, fmt.Sprintf("%s: %s", h.Origin, h.Reason))
	}
	return a
}

// Member is one member of the archive.
type Member struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	// Offset is where the member's content begins, in bytes behind the manifest, and Packed how long it is there.
	Offset int64 `json:"offset"`
	Packed int64 `json:"packed"`
	// Exchange is set for what a server answered.
	Exchange *Exchange `json:"exchange,omitempty"`
}

// Exchange is a request and the head of its answer; the member holds the body.
type Exchange struct {
	Source string `json:"source"`
	Method string `json:"method"`
	// URL has neither a user nor a password, and the values of parameters that are keys are masked.
	URL string `json:"url"`
	// BodySHA256 is of the request's body, empty without one; Body is the body itself if it is a short text.
	BodySHA256 string      `json:"body_sha256,omitempty"`
	Body       string      `json:"body,omitempty"`
	Status     int         `json:"status,omitempty"`
	Header     http.Header `json:"header,omitempty"`
	// Error is why there was no answer, or why its body broke off.
	Error string `json:"error,omitempty"`
}

// kept are the header fields of answers that sources may look at.
var kept = []string{
	"Content-Encoding", "Content-Type", "Date", "Etag", "Last-Modified", "Link", "Location", "Retry-After", "Warning", "X-Elastic-Product",
	"X-Next-Page", "X-Page", "X-Per-Page", "X-Total", "X-Total-Pages", "X-Ratelimit-Limit", "X-Ratelimit-Remaining",
	"X-Ratelimit-Reset", "Ratelimit-Limit", "Ratelimit-Remaining", "Ratelimit-Reset",
}

// secretParameters are the names of query parameters whose values are credentials.
var secretParameters = []string{"access_token", "api_key", "api-key", "apikey", "auth", "key", "password", "private_token", "secret", "sig", "signature", "token"}

// URL is a URL as a bundle keeps it: without a user, and with the values of parameters that are credentials masked.
func URL(u *url.URL) string {
	c := *u
	c.User, c.Fragment = nil, ""
	if c.RawQuery == "" {
		return c.String()
	}
	pairs := strings.Split(c.RawQuery, "&")
	for i, p := range pairs {
		name, _, _ := strings.Cut(p, "=")
		for _, s := range secretParameters {
			if strings.EqualFold(name, s) {
				pairs[i] = name + "=masked"
			}
		}
	}
	c.RawQuery = strings.Join(pairs, "&")
	return c.String()
}

// element makes a path element of a name that people gave, so that no name leads out of the folder an archive is unpacked
// in and different names stay different.
func element(name string) string {
	switch name {
	case "":
		return "%2F"
	case ".", "..":
		return strings.ReplaceAll(name, ".", "%2E")
	}
	return strings.NewReplacer("%", "%25", "/", "%2F", "\\", "%5C", "\x00", "%00", "\n", "%0A").Replace(name)
}

// elements does so with a path.
func elements(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		parts[i] = element(p)
	}
	return strings.Join(parts, "/")
}
