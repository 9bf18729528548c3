package main

import (
	"github.com/hindcast/hindcast/cmd/hindcast/config"
	"github.com/hindcast/hindcast/ingest/loki"
)

// openLoki opens a server for logs.
func (a *app) openLoki(c config.Source) (*loki.Source, error) {
	client, err := a.client(c, c.Loki.URL)
	if err != nil {
		return nil, err
	}
	return loki.New(loki.Options{Name: c.Name, Client: client, Query: c.Loki.Query, PageSize: c.Loki.PageSize, Location: a.loc}), nil
}
