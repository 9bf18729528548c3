package config

// Incidents says how alerts become incidents, for `hindcast watch` and `hindcast serve`.
type Incidents struct {
	// Folder is where each incident gets a folder of its own.
	Folder string `yaml:"folder"`
	// Settle is how long an incident must have been over before its report is made; 10m if not set.
	Settle *Duration `yaml:"settle"`
	// Gap is how much quiet time alerts of the same component may have between them; 15m if not set.
	Gap *Duration `yaml:"gap"`
	// Since is how far back incidents are looked for; 24h if 0.
	Since Duration `yaml:"since"`
	// RequireLabels are labels that at least one alert of an incident must have.
	RequireLabels map[string]string `yaml:"require_labels"`
	// Bundle says whether the evidence is kept beside the report; it is if not set.
	Bundle *bool `yaml:"bundle"`
	// Retention is how long folders are kept after the end of their incident; 0 is for ever.
	Retention Duration `yaml:"retention"`
}

// Serve says how `hindcast serve` is reached and what it takes in.
type Serve struct {
	// ExternalURL is how people reach it, for links in messages.
	ExternalURL string `yaml:"external_url"`
	// TokenFile holds the secret that webhooks must send as Authorization: Bearer.
	TokenFile string `yaml:"webhook_token_file"`
	// PagerDutySecretFile holds the secret that PagerDuty signs its webhooks with.
	PagerDutySecretFile string `yaml:"pagerduty_secret_file"`
	// MaxBody is how large one webhook may be; 4MiB if 0.
	MaxBody Bytes `yaml:"max_body"`
	// MaxBacklog is how large the events of one day may grow before more are refused; 1GiB if 0.
	MaxBacklog Bytes `yaml:"max_backlog"`
	// Rate is how many webhooks a second are taken; 200 if 0.
	Rate int `yaml:"rate"`
	// Jobs is how many reports are made side by side; 1 if 0.
	Jobs int `yaml:"jobs"`
	// History is how long received events are kept; 14d if 0.
	History Duration `yaml:"history"`
}

// Destination is a place that finished reports are sent to. Exactly one kind is set.
type Destination struct {
	Name string `yaml:"name"`

	Folder *FolderDestination `yaml:"folder"`
	S3     *S3Destination     `yaml:"s3"`
	Git    *GitDestination    `yaml:"git"`
	Slack  *SlackDestination  `yaml:"slack"`
	GitHub *IssueDestination  `yaml:"github_issue"`
	Call   *CallDestination   `yaml:"http"`

	// HTTP is how the server is reached, Prometheus' http_config.
	HTTP *HTTP `yaml:"http_config"`
}

// FolderDestination copies an incident's folder into another folder.
type FolderDestination struct {
	Path string `yaml:"path"`
}

// S3Destination puts the files into a bucket of S3 or of storage that speaks its API.
type S3Destination struct {
	// URL is the endpoint, such as https://s3.eu-central-1.amazonaws.com.
	URL    string `yaml:"url"`
	Region string `yaml:"region"`
	Bucket string `yaml:"bucket"`
	// Prefix is put before the incident's id.
	Prefix string `yaml:"prefix"`
	// AccessKeyFile and SecretKeyFile hold the credentials; without them they are those of the machine's role.
	AccessKeyFile string `yaml:"access_key_file"`
	SecretKeyFile string `yaml:"secret_key_file"`
}

// GitDestination commits the files to a branch and pushes it.
type GitDestination struct {
	// URL is what `git clone` takes. Credentials are git's own matter: a helper or a key.
	URL string `yaml:"url"`
	// Branch may hold {{.ID}}; main if empty. One that does not exist begins at the default branch.
	Branch string `yaml:"branch"`
	// Path is the folder in the repository; postmortems if empty.
	Path string `yaml:"path"`
	// Author is NAME <ADDRESS>.
	Author string `yaml:"author"`
}

// SlackDestination sends the short story to an incoming webhook of Slack, or of what understands the same, such as Mattermost.
type SlackDestination struct {
	// URLFile holds the webhook's URL, which is a secret.
	URLFile string `yaml:"url_file"`
}

// IssueDestination opens an issue on GitHub, or renews its text.
type IssueDestination struct {
	// URL is https://api.github.com if empty.
	URL        string   `yaml:"url"`
	Repository string   `yaml:"repository"`
	Labels     []string `yaml:"labels"`
	TokenFile  string   `yaml:"token_file"`
}

// CallDestination is any HTTP request, for what has no kind of its own: Confluence, Jira, an own service.
type CallDestination struct {
	// Method is POST if empty.
	Method string `yaml:"method"`
	// URL and Body are templates, see docs/operations.md; Headers are taken as they are.
	URL     string            `yaml:"url"`
	Headers map[string]string `yaml:"headers"`
	Body    string            `yaml:"body"`
}

// all lists every kind of destination.
func (d *Destination) all() []kind {
	return []kind{
		{name: "folder", set: d.Folder != nil, preset: true},
		{name: "s3", set: d.S3 != nil, url: of(d.S3).URL},
		{name: "git", set: d.Git != nil, preset: true},
		{name: "slack", set: d.Slack != nil, preset: true},
		{name: "github_issue", set: d.GitHub != nil, url: of(d.GitHub).URL, preset: true},
		{name: "http", set: d.Call != nil, preset: true},
	}
}

// Kind is the destination's kind, empty if none is set.
func (d *Destination) Kind() string {
	for _, k := range d.all() {
		if k.set {
			return k.name
		}
	}
	return ""
}
