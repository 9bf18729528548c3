package config

import (
	"fmt"
	"net/url"
	"strings"
	"text/template"
)

// incidents checks what is said of incidents and of the server.
func (k *checker) incidents(i Incidents, s Serve) {
	if i.Retention > 0 && i.Retention <= i.Since {
		k.fault("$.incidents.retention", "what is deleted sooner than it is looked for would be made again",
			"retention must be longer than since")
	}
	if s.ExternalURL != "" {
		if u, err := url.Parse(s.ExternalURL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			k.fault("$.serve.external_url", "write it as https://HOST", "%q is not the URL of a server", s.ExternalURL)
		}
	}
	for name, n := range map[string]int{"rate": s.Rate, "jobs": s.Jobs} {
		if n < 0 {
			k.fault("$.serve."+name, "", "%s must not be negative", name)
		}
	}
}

func (k *checker) destinations(list []Destination) {
	names := map[string]bool{}
	for i, d := range list {
		at := fmt.Sprintf("$.destinations[%d]", i)
		switch {
		case d.Name == "":
			k.fault(at, "", "a destination needs a name")
		case names[d.Name]:
			k.fault(at+".name", "", "there are two destinations called %q", d.Name)
		}
		names[d.Name] = true
		var set []kind
		var kinds []string
		for _, one := range d.all() {
			kinds = append(kinds, one.name)
			if one.set {
				set = append(set, one)
			}
		}
		switch {
		case len(set) == 0:
			k.fault(at, "it is one of "+strings.Join(kinds, ", "), "destination %q does not say its kind", d.Name)
		case len(set) > 1:
			k.fault(at, "make two destinations of it", "destination %q has two kinds, %s and %s", d.Name, set[0].name, set[1].name)
		default:
			k.server(at+"."+set[0].name, d.Name, set[0])
			k.destination(at+"."+set[0].name, d)
		}
	}
}

// destination checks what each kind cannot do without.
func (k *checker) destination(at string, d Destination) {
	need := func(field, value string) {
		if value == "" {
			k.fault(at, "", "destination %q has no %s", d.Name, field)
		}
	}
	switch {
	case d.Folder != nil:
		need("path", d.Folder.Path)
	case d.S3 != nil:
		need("bucket", d.S3.Bucket)
		if (d.S3.AccessKeyFile == "") != (d.S3.SecretKeyFile == "") {
			k.fault(at, "", "destination %q has only one of access_key_file and secret_key_file", d.Name)
		}
	case d.Git != nil:
		need("url", d.Git.URL)
		k.template(at+".branch", d.Git.Branch)
	case d.Slack != nil:
		need("url_file", d.Slack.URLFile)
	case d.GitHub != nil:
		if owner, name, ok := strings.Cut(d.GitHub.Repository, "/"); !ok || owner == "" || name == "" || strings.Contains(name, "/") {
			k.fault(at, "write repository: OWNER/NAME", "destination %q has no repository", d.Name)
		}
		if d.HTTP == nil {
			need("token_file", d.GitHub.TokenFile)
		}
	case d.Call != nil:
		need("url", d.Call.URL)
		k.template(at+".url", d.Call.URL)
		k.template(at+".body", d.Call.Body)
	}
}

// TemplateFuncs are what templates of destinations can call, besides Go's own.
var TemplateFuncs = template.FuncMap{
	// json quotes a text for JSON, quotes included.
	"json": jsonText,
	// query escapes a text for the query of a URL.
	"query": url.QueryEscape,
	// path escapes a text for the path of a URL.
	"path": url.PathEscape,
}

func (k *checker) template(at, text string) {
	if _, err := template.New("").Funcs(TemplateFuncs).Parse(text); err != nil {
		k.fault(at, "", "%s", strings.TrimPrefix(err.Error(), "template: "))
	}
}

// resolve makes the destination's paths relative to the file.
func (d *Destination) resolve(dir string, join func(string) string) {
	if d.HTTP != nil {
		d.HTTP.SetDirectory(dir)
	}
	switch {
	case d.Folder != nil:
		d.Folder.Path = join(d.Folder.Path)
	case d.S3 != nil:
		d.S3.AccessKeyFile, d.S3.SecretKeyFile = join(d.S3.AccessKeyFile), join(d.S3.SecretKeyFile)
	case d.Slack != nil:
		d.Slack.URLFile = join(d.Slack.URLFile)
	case d.GitHub != nil:
		d.GitHub.TokenFile = join(d.GitHub.TokenFile)
	}
}
