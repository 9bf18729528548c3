package destination

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
)

// mostMessage is how long a message may be; Slack cuts longer ones.
const mostMessage = 3500

// A chat gets a message with the short story and a link.
type chat struct {
	urlFile   string
	transport http.RoundTripper
}

func (c *chat) send(ctx context.Context, r *Report) (string, error) {
	url, err := secret(c.urlFile)
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(map[string]any{"text": message(r), "unfurl_links": false, "unfurl_media": false})
	if err != nil {
		return "", err
	}
	_, _, err = request(ctx, c.transport, http.MethodPost, url, http.Header{"Content-Type": {"application/json"}}, body)
	return "", err
}

// forSlack escapes what Slack reads as its own: "<!channel>" in a log line must call nobody.
var forSlack = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "*", "∗", "`", "'", "~", "∼").Replace

// message is the report in Slack's own markup.
func message(r *Report) string {
	head := "*" + forSlack(r.Title()) + "*"
	if r.Times > 1 {
		head += " (it went on; the report was made again)"
	}
	text := head + "\n" + strings.Join(r.story(forSlack), "\n")
	if cut := []rune(text); len(cut) > mostMessage {
		text = string(cut[:mostMessage]) + "…"
	}
	if r.Link != "" {
		text += "\n<" + r.Link + "|Report>"
	}
	return text
}
