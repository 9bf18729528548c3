package elastic

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest"
)

// What a user can have got wrong, each with an error that says what to do.
func testErrors(t *testing.T, c *cluster) {
	untimed := c.index(t, "untimed", `{"mappings":{"properties":{"created":{"type":"date"},"when":{"type":"keyword"}}}}`, []string{`{"created":"2025-10-14T03:00:00Z"}`})
	for name, x := range map[string]struct {
		options Options
		want    []string
	}{
		"wrong index":     {Options{Index: "hindcast-not-there"}, []string{"404", "no such index [hindcast-not-there]", "set index to"}},
		"no match":        {Options{Index: "hindcast-not-there-*"}, []string{"no index matches", "hindcast-not-there-*"}},
		"no time field":   {Options{Index: untimed}, []string{`has no field "@timestamp"`, "fields: {time: NAME}", "those with a date are created"}},
		"not a date":      {Options{Index: untimed, Fields: map[string]string{"time": "when"}}, []string{`has no date field (but one of type keyword) "when"`}},
		"wrong query":     {Options{Index: untimed, Fields: map[string]string{"time": "created"}, Query: "level:(a OR"}, []string{"400", "Failed to parse query [level:(a OR]"}},
		"large page":      {Options{Index: untimed, Fields: map[string]string{"time": "created"}, PageSize: 20_000}, []string{"Result window is too large", "set page_size"}},
		"nothing listens": {Options{URL: nobody(t)}, []string{"no answer from http://127.0.0.1:", "connection refused"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := c.open(t, x.options)
			parts, err := s.Parts(t.Context(), ingest.Query{})
			if err == nil { // it shows when something is pulled
				_, coverage := idsOf(t, parts)
				require.Len(t, coverage.Gaps, 1)
				err = fmt.Errorf("%s", coverage.Gaps[0].Reason)
			} else {
				_, again := s.Check(t.Context(), ingest.Query{})
				require.EqualError(t, again, err.Error())
			}
			for _, want := range x.want {
				require.ErrorContains(t, err, want)
			}
		})
	}
}

// Answers as servers and proxies give them to those they do not know or do not like.
func TestRefusals(t *testing.T) {
	for name, x := range map[string]struct {
		status  int
		product string
		body    string
		want    []string
	}{
		"wrong credentials": {
			401, "Elasticsearch",
			`{"error":{"root_cause":[{"type":"security_exception","reason":"unable to authenticate user [hindcast] for REST request [/_field_caps]"}],"type":"security_exception","reason":"unable to authenticate user [hindcast]"},"status":401}`,
			[]string{"401 Unauthorized", "unable to authenticate user [hindcast]", "api_key_file"},
		},
		"not allowed": {
			403, "Elasticsearch",
			`{"error":{"root_cause":[{"type":"security_exception","reason":"action [indices:data/read/field_caps] is unauthorized for user [a]"}],"type":"security_exception"},"status":403}`,
			[]string{"403 Forbidden", "is unauthorized for user [a]", "privileges read"},
		},
		"another product": {200, "", `{"indices":["a"],"fields":{}}`, []string{"does not say that it is Elasticsearch", "X-Elastic-Product"}},
		"a web page":      {200, "", "<html>Welcome</html>", []string{"not JSON"}},
		"a proxy's page":  {404, "", "<html>nginx</html>", []string{"404 Not Found"}},
	} {
		t.Run(name, func(t *testing.T) {
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/" {
					w.WriteHeader(http.StatusNotFound)
					return
				}
				if x.product != "" {
					w.Header().Set("X-Elastic-Product", x.product)
				}
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(x.status)
				_, _ = w.Write([]byte(x.body))
			}))
			defer srv.Close()
			u, err := url.Parse(srv.URL)
			require.NoError(t, err)
			s, err := Open(Options{URL: u, Patience: brief})
			require.NoError(t, err)
			_, err = s.Parts(t.Context(), ingest.Query{})
			for _, want := range x.want {
				require.ErrorContains(t, err, want)
			}
		})
	}
}

func TestCloudURL(t *testing.T) {
	u, err := CloudURL("prod:ZXUtd2VzdC0xLmF3cy5mb3VuZC5pbyQxMjM0NWFiYyQ2Nzg5") // eu-west-1.aws.found.io$12345abc$6789
	require.NoError(t, err)
	require.Equal(t, "https://12345abc.eu-west-1.aws.found.io", u.String())
	u, err = CloudURL("a:ZXMuZXhhbXBsZS5jb206OTI0MyRhYmMk") // es.example.com:9243$abc$
	require.NoError(t, err)
	require.Equal(t, "https://abc.es.example.com:9243", u.String())
	for _, wrong := range []string{"", "prod", "prod:!", "prod:YWJj", "prod:JGFiYw=="} {
		_, err := CloudURL(wrong)
		require.ErrorContains(t, err, "is no Cloud ID", wrong)
	}
}

func TestAPIKey(t *testing.T) {
	for text, want := range map[string]string{"YTpi\n": "YTpi", "a:b": "YTpi"} {
		got, err := APIKey(text)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for _, wrong := range []string{" \n", "a b", "YTpi\nYTpi"} {
		_, err := APIKey(wrong)
		require.Error(t, err)
	}
}
