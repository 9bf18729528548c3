package destination

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hindcast/hindcast/cmd/hindcast/config"
)

const (
	githubURL = "https://api.github.com"
	// mostPages is how many pages of issues are looked through for one that an earlier attempt has opened.
	mostPages = 10
)

// A tracker gets an issue. Its text between two marks is renewed, what people write around it stays.
type tracker struct {
	config    *config.IssueDestination
	base      *url.URL
	transport http.RoundTripper
}

func newTracker(c *config.IssueDestination, rt http.RoundTripper) (func(context.Context, *Report) (string, error), error) {
	u, err := url.Parse(cmp.Or(c.URL, githubURL))
	if err != nil {
		return nil, err
	}
	return (&tracker{config: c, base: u.JoinPath("repos", c.Repository, "issues"), transport: rt}).send, nil
}

// An issue is what of an issue is looked at.
type issue struct {
	URL     string `json:"url"`
	HTML    string `json:"html_url"`
	Body    string `json:"body"`
	PullRef any    `json:"pull_request"`
}

func (t *tracker) send(ctx context.Context, r *Report) (string, error) {
	header := http.Header{"Accept": {"application/vnd.github+json"}, "X-Github-Api-Version": {"2022-11-28"}, "Content-Type": {"application/json"}}
	if t.config.TokenFile != "" {
		token, err := secret(t.config.TokenFile)
		if err != nil {
			return "", err
		}
		header.Set("Authorization", "Bearer "+token)
	}
	old, err := t.find(ctx, header, r)
	if err != nil {
		return "", err
	}
	method, target, body := http.MethodPost, t.base.String(), map[string]any{"title": oneLine(r.Title()), "body": issueText("", r)}
	if len(t.config.Labels) > 0 {
		body["labels"] = t.config.Labels
	}
	if old != nil {
		text := issueText(old.Body, r)
		if text == old.Body {
			return old.HTML, nil
		}
		method, target, body = http.MethodPatch, old.URL, map[string]any{"body": text}
	}
	data, err := json.Marshal(body)
	if err != nil {
		return "", err
	}
	answer, _, err := request(ctx, t.transport, method, target, header, data)
	if err != nil {
		return "", err
	}
	var made issue
	if err := json.Unmarshal(answer, &made); err != nil {
		return "", fmt.Errorf("GitHub answered what is not an issue: %w", err)
	}
	return made.HTML, nil
}

// find looks for the issue that an earlier attempt has opened, among those that changed since the incident began.
func (t *tracker) find(ctx context.Context, header http.Header, r *Report) (*issue, error) {
	u := *t.base
	for page := range mostPages {
		u.RawQuery = url.Values{
			"state": {"all"}, "per_page": {"100"}, "page": {strconv.Itoa(page + 1)}, "since": {r.From.UTC().Format(time.RFC3339)},
		}.Encode()
		answer, _, err := request(ctx, t.transport, http.MethodGet, u.String(), header, nil)
		if err != nil {
			return nil, err
		}
		var list []issue
		if err := json.Unmarshal(answer, &list); err != nil {
			return nil, fmt.Errorf("GitHub answered what is not a list of issues: %w", err)
		}
		for _, i := range list {
			if i.PullRef == nil && strings.Contains(i.Body, beginMark(r.ID)) && strings.HasPrefix(i.URL, t.base.String()+"/") {
				return &i, nil
			}
		}
		if len(list) < 100 {
			break
		}
	}
	return nil, nil //nolint:nilnil // there is none
}

func beginMark(id string) string { return "<!-- hindcast:incident " + id + " -->" }

const endMark = "<!-- hindcast:incident-end -->"

// issueText puts the report between its marks, into a text that may hold an earlier one.
func issueText(old string, r *Report) string {
	var b strings.Builder
	b.WriteString(beginMark(r.ID) + "\n")
	lines := r.story(forGitHub)
	b.WriteString(lines[0] + "\n\n")
	for _, l := range lines[1:] {
		b.WriteString("- " + l + "\n")
	}
	if r.Link != "" {
		b.WriteString("\n[Report](" + r.Link + ")\n")
	}
	b.WriteString("\nDraft made by a program from what the systems recorded.\n" + endMark)
	before, rest, found := strings.Cut(old, beginMark(r.ID))
	if !found {
		return b.String() + "\n"
	}
	_, after, found := strings.Cut(rest, endMark)
	if !found {
		after = "\n" + rest // somebody has taken the end away: nothing of theirs is lost
	}
	return before + b.String() + after
}

// forGitHub escapes what GitHub reads as markup, and keeps a log line from naming anybody or any issue.
var forGitHub = strings.NewReplacer(
	"&", "&amp;", "<", "&lt;", ">", "&gt;", "@", "@\u200b", "#", "#\u200b", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "|", "\\|", "~", "\\~", "!", "\\!",
).Replace
