package main

import (
	"bytes"
	"cmp"
	"os"

	"github.com/hindcast/hindcast/cmd/hindcast/config"
	"github.com/hindcast/hindcast/ingest/argocd"
	"github.com/hindcast/hindcast/ingest/github"
	"github.com/hindcast/hindcast/ingest/gitlab"
	"github.com/hindcast/hindcast/ingest/grafana"
	"github.com/hindcast/hindcast/ingest/kubernetes"
	"github.com/hindcast/hindcast/ingest/pagerduty"
)

// The services that have one address for everybody.
const (
	pagerDutyURL = "https://api.pagerduty.com"
	gitHubURL    = "https://api.github.com"
	gitLabURL    = "https://gitlab.com"
)

func (a *app) openPagerDuty(c config.Source) (*pagerduty.Source, error) {
	client, err := a.client(c, cmp.Or(c.PagerDuty.URL, pagerDutyURL))
	if err != nil {
		return nil, err
	}
	o := pagerduty.Options{Name: c.Name, Client: client, Services: c.PagerDuty.Services, Teams: c.PagerDuty.Teams}
	if c.PagerDuty.TokenFile != "" && a.bundle == nil { // a bundle answers whoever asks
		token, err := os.ReadFile(c.PagerDuty.TokenFile)
		if err != nil {
			return nil, usage("it holds a REST API key", "source %q: token_file: %s", c.Name, err)
		}
		o.Token = string(bytes.TrimSpace(token))
	}
	return pagerduty.New(o), nil
}

func (a *app) openKubernetes(c config.Source) (*kubernetes.Source, error) {
	client, err := a.client(c, c.Kubernetes.URL)
	if err != nil {
		return nil, err
	}
	return kubernetes.New(kubernetes.Options{Name: c.Name, Client: client, Namespaces: c.Kubernetes.Namespaces}), nil
}

func (a *app) openGrafana(c config.Source) (*grafana.Source, error) {
	client, err := a.client(c, c.Grafana.URL)
	if err != nil {
		return nil, err
	}
	return grafana.New(grafana.Options{Name: c.Name, Client: client, Tags: c.Grafana.Tags}), nil
}

func (a *app) openGitHub(c config.Source) (*github.Source, error) {
	client, err := a.client(c, cmp.Or(c.GitHub.URL, gitHubURL))
	if err != nil {
		return nil, err
	}
	return github.New(github.Options{Name: c.Name, Client: client, Repositories: c.GitHub.Repositories, Environments: c.GitHub.Environments}), nil
}

func (a *app) openGitLab(c config.Source) (*gitlab.Source, error) {
	client, err := a.client(c, cmp.Or(c.GitLab.URL, gitLabURL))
	if err != nil {
		return nil, err
	}
	return gitlab.New(gitlab.Options{Name: c.Name, Client: client, Projects: c.GitLab.Projects, Environments: c.GitLab.Environments}), nil
}

func (a *app) openArgoCD(c config.Source) (*argocd.Source, error) {
	client, err := a.client(c, c.ArgoCD.URL)
	if err != nil {
		return nil, err
	}
	return argocd.New(argocd.Options{Name: c.Name, Client: client, Applications: c.ArgoCD.Applications}), nil
}
