package slack

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest/document/documenttest"
)

func TestPlain(t *testing.T) {
	n := &Names{}
	n.Read(strings.NewReader(`[{"id":"U1","name":"ann","profile":{"real_name":"Ann Ode","display_name":"annie"}},{"id":"U2","name":"bo","real_name":"","profile":{"real_name":"","display_name":"Bo"}}]`))
	n.Read(strings.NewReader(`[{"id":"C1","name":"inc-1","is_archived":false}]`))
	n.Read(strings.NewReader(`{"half":`))
	for text, want := range map[string]string{
		"plain &lt;words&gt; &amp; more":                                            "plain <words> & more",
		"<@U1> and <@U2>, see <#C1>":                                                "@Ann Ode and @Bo, see #inc-1",
		"<@U9> <@U9|kim> <#C9|ops> <#C9>":                                           "@U9 @kim #ops #C9",
		"<!here> <!channel> <!subteam^S1|@oncall> <!subteam^S1>":                    "@here @channel @oncall @S1",
		"<!date^1392734382^{date_num}|2014-02-18 14:39>":                            "2014-02-18 14:39",
		"<https://status.example.com|status> <https://a.example.com/x?a=1&amp;b=2>": "status (https://status.example.com) https://a.example.com/x?a=1&b=2",
		"<http://example.com|example.com> <mailto:a@example.com|a@example.com>":     "http://example.com a@example.com",
		"1 < 2 and 3 > 2": "1 < 2 and 3 > 2", "<@": "<@", "": "",
	} {
		require.Equal(t, want, n.plain(text), text)
	}
}

// Bots say what they have to say in attachments and blocks.
func TestBodies(t *testing.T) {
	const doc = `{"ok":true,"messages":[
{"type":"message","subtype":"bot_message","bot_id":"B1","bot_profile":{"name":"Alertmanager"},"text":"","ts":"1760411760.000200","attachments":[{"fallback":"[FIRING:1] HighErrorRate","title":"[FIRING:1] HighErrorRate","text":"5xx over 5 %","fields":[{"title":"service","value":"orders","short":true}]}]},
{"type":"message","bot_id":"B2","text":"","ts":"1760411761.000200","attachments":[{"fallback":"only this"}]},
{"type":"message","bot_id":"B3","username":"Deploys","text":" ","ts":"1760411762.000200","blocks":[{"type":"header","text":{"type":"plain_text","text":"Deploy of orders"}},{"type":"section","text":{"type":"mrkdwn","text":"*2.41.0* by <@U1>"},"fields":[{"type":"mrkdwn","text":"env: prod"}]},{"type":"context","elements":[{"type":"mrkdwn","text":"took 3m"},{"type":"button","text":{"type":"plain_text","text":"Roll back"}}]},{"type":"divider"}]},
{"type":"message","user":"U1","user_profile":{"real_name":"Ann Ode"},"text":"rolling back","ts":"1760411763.000200","files":[{"name":"graph.png","title":"p95"}]},
{"type":"message","user":"U2","text":"thanks <@U1>","ts":"1760411764.000200"}
],"has_more":false}`
	require.True(t, Recognise([]byte(doc)))
	res := documenttest.Run(t, Decode, strings.NewReader(doc), "evidence/inc-1.json")
	require.NoError(t, res.Err)
	require.Zero(t, res.Coverage.Unparsed)
	var got []string
	for _, e := range res.Events {
		require.Equal(t, "inc-1", e.Labels["channel"])
		got = append(got, e.Actor+": "+strings.ReplaceAll(e.Text, "\n", " / "))
	}
	require.Equal(t, []string{
		"Alertmanager: [FIRING:1] HighErrorRate / 5xx over 5 % / service: orders",
		"B2: only this",
		"Deploys: Deploy of orders / *2.41.0* by @U1 / env: prod / took 3m / Roll back",
		"Ann Ode: rolling back / file p95",
		"U2: thanks @Ann Ode",
	}, got)
}

func TestChannelOf(t *testing.T) {
	for file, want := range map[string]string{
		"slack/inc-1/2025-10-14.json": "inc-1", "2025-10-14.json": "", "evidence/inc-1.json": "inc-1", "-": "", "/x/messages.json": "",
	} {
		require.Equal(t, want, channelOf(file), file)
	}
}
