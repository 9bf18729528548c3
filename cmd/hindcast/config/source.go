package config

// Source is one place evidence is pulled from. Exactly one kind is set.
type Source struct {
	Name string `yaml:"name"`

	Files         *FileSource    `yaml:"files"`
	Elasticsearch *Elasticsearch `yaml:"elasticsearch"`
	Prometheus    *Prometheus    `yaml:"prometheus"`
	Alertmanager  *Alertmanager  `yaml:"alertmanager"`
	Loki          *Loki          `yaml:"loki"`
	PagerDuty     *PagerDuty     `yaml:"pagerduty"`
	Kubernetes    *Kubernetes    `yaml:"kubernetes"`
	Grafana       *Grafana       `yaml:"grafana"`
	GitHub        *GitHub        `yaml:"github"`
	GitLab        *GitLab        `yaml:"gitlab"`
	ArgoCD        *ArgoCD        `yaml:"argocd"`

	// HTTP is how the server is reached, Prometheus' http_config.
	HTTP *HTTP `yaml:"http_config"`
	// Link is a template of a link that shows evidence in the source's own user interface.
	Link string `yaml:"link"`
}

// FileSource is evidence in files.
type FileSource struct {
	Paths []string `yaml:"paths"`
	Hint  `yaml:",inline"`
}

// Elasticsearch is logs in an Elasticsearch cluster, or in OpenSearch.
type Elasticsearch struct {
	// URL is the cluster's, or CloudID is what Elastic Cloud shows for it.
	URL     string `yaml:"url"`
	CloudID string `yaml:"cloud_id"`
	// APIKeyFile holds the encoded API key.
	APIKeyFile string `yaml:"api_key_file"`
	// Index is an index, an alias, a data stream or a pattern of them; several are separated by commas. All if empty.
	Index string `yaml:"index"`
	// Query narrows what is pulled, in the language of a query string.
	Query string `yaml:"query"`
	// Fields maps [Roles] to what the documents call them; ECS if empty.
	Fields map[string]string `yaml:"fields"`
	// PageSize is how many documents one answer holds, Slices how many pulls go side by side. The program chooses if 0.
	PageSize int `yaml:"page_size"`
	Slices   int `yaml:"slices"`
}

// Prometheus is a Prometheus server or one that speaks its API.
type Prometheus struct {
	URL string `yaml:"url"`
	// Alerts says whether the history of alerts is asked for; it is if not set.
	Alerts *bool `yaml:"alerts"`
	// Queries are the user's own, asked first.
	Queries []PromQuery `yaml:"queries"`
	// Step is the distance of samples asked for; the scrape interval if 0.
	Step Duration `yaml:"step"`
	// MaxRequests and MaxSamples end the asking. The program chooses if 0.
	MaxRequests int   `yaml:"max_requests"`
	MaxSamples  int64 `yaml:"max_samples"`
}

// PromQuery is one expression to ask for.
type PromQuery struct {
	Name string `yaml:"name"`
	Expr string `yaml:"expr"`
	Unit string `yaml:"unit"`
}

// Alertmanager is the alerts and silences that an Alertmanager holds now.
type Alertmanager struct {
	URL string `yaml:"url"`
}

// Loki is logs in Loki.
type Loki struct {
	URL string `yaml:"url"`
	// Query is a log query such as {namespace="shop"}.
	Query string `yaml:"query"`
	// PageSize is how many lines one answer holds. The program chooses if 0.
	PageSize int `yaml:"page_size"`
}

// PagerDuty is incidents and their log entries.
type PagerDuty struct {
	// URL is https://api.pagerduty.com if empty.
	URL string `yaml:"url"`
	// TokenFile holds a REST API key.
	TokenFile string   `yaml:"token_file"`
	Services  []string `yaml:"services"`
	Teams     []string `yaml:"teams"`
}

// Kubernetes is the events that an API server still has.
type Kubernetes struct {
	URL string `yaml:"url"`
	// Namespaces are those that are asked for, all if empty.
	Namespaces []string `yaml:"namespaces"`
}

// Grafana is annotations.
type Grafana struct {
	URL  string   `yaml:"url"`
	Tags []string `yaml:"tags"`
}

// GitHub is deployments and their statuses.
type GitHub struct {
	// URL is https://api.github.com if empty.
	URL string `yaml:"url"`
	// Repositories are OWNER/NAME.
	Repositories []string `yaml:"repositories"`
	Environments []string `yaml:"environments"`
}

// GitLab is deployments.
type GitLab struct {
	// URL is https://gitlab.com if empty.
	URL string `yaml:"url"`
	// Projects are GROUP/NAME or numbers.
	Projects     []string `yaml:"projects"`
	Environments []string `yaml:"environments"`
}

// ArgoCD is the history of applications.
type ArgoCD struct {
	URL string `yaml:"url"`
	// Applications are those that are asked for, all if empty.
	Applications []string `yaml:"applications"`
}

// A kind is one kind of source, as one configuration has it.
type kind struct {
	name string
	set  bool
	// url is what the configuration says of the server; preset says that there is one without.
	url    string
	preset bool
}

// all lists every kind.
func (s *Source) all() []kind {
	return []kind{
		{name: "files", set: s.Files != nil, preset: true},
		{name: "elasticsearch", set: s.Elasticsearch != nil, url: of(s.Elasticsearch).URL, preset: of(s.Elasticsearch).CloudID != ""},
		{name: "prometheus", set: s.Prometheus != nil, url: of(s.Prometheus).URL},
		{name: "alertmanager", set: s.Alertmanager != nil, url: of(s.Alertmanager).URL},
		{name: "loki", set: s.Loki != nil, url: of(s.Loki).URL},
		{name: "pagerduty", set: s.PagerDuty != nil, url: of(s.PagerDuty).URL, preset: true},
		{name: "kubernetes", set: s.Kubernetes != nil, url: of(s.Kubernetes).URL},
		{name: "grafana", set: s.Grafana != nil, url: of(s.Grafana).URL},
		{name: "github", set: s.GitHub != nil, url: of(s.GitHub).URL, preset: true},
		{name: "gitlab", set: s.GitLab != nil, url: of(s.GitLab).URL, preset: true},
		{name: "argocd", set: s.ArgoCD != nil, url: of(s.ArgoCD).URL},
	}
}

// of is what p points to, or the zero value.
func of[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// Kinds are the kinds of sources that a configuration can name.
func Kinds() []string {
	var names []string
	for _, k := range (&Source{}).all() {
		names = append(names, k.name)
	}
	return names
}

// Kind is the source's kind, empty if none is set.
func (s *Source) Kind() string {
	if set := s.kinds(); len(set) > 0 {
		return set[0].name
	}
	return ""
}

// kinds lists those that the source has set.
func (s *Source) kinds() []kind {
	var set []kind
	for _, k := range s.all() {
		if k.set {
			set = append(set, k)
		}
	}
	return set
}
