package main

import (
	"github.com/hindcast/hindcast/cmd/hindcast/config"
	"github.com/hindcast/hindcast/ingest/alertmanager"
)

// openAlertmanager opens a server for the alerts that are active now.
func (a *app) openAlertmanager(c config.Source) (*alertmanager.Source, error) {
	client, err := a.client(c, c.Alertmanager.URL)
	if err != nil {
		return nil, err
	}
	return alertmanager.New(alertmanager.Options{Name: c.Name, Client: client}), nil
}
