package main

import (
	"os"

	"github.com/hindcast/hindcast/cmd/hindcast/config"
	"github.com/hindcast/hindcast/ingest/elastic"
)

// openElasticsearch opens a cluster for the log documents in it.
func (a *app) openElasticsearch(c config.Source) (*elastic.Source, error) {
	e := c.Elasticsearch
	o := elastic.Options{Name: c.Name, Index: e.Index, Query: e.Query, Fields: e.Fields, PageSize: e.PageSize, Slices: e.Slices, Patience: a.patience}
	var err error
	if e.CloudID != "" && e.URL == "" {
		if o.URL, err = elastic.CloudURL(e.CloudID); err != nil {
			return nil, usage("copy it whole from the deployment's page", "source %q: %s", c.Name, err)
		}
	} else if o.URL, err = serverURL(c, e.URL); err != nil {
		return nil, err
	}
	if o.Transport, err = a.transport(c); err != nil {
		return nil, err
	}
	if e.APIKeyFile != "" && a.bundle == nil { // a bundle answers whoever asks
		text, err := os.ReadFile(e.APIKeyFile)
		if err != nil {
			return nil, usage("it holds the encoded form of the key", "source %q: api_key_file: %s", c.Name, err)
		}
		if o.APIKey, err = elastic.APIKey(string(text)); err != nil {
			return nil, usage("", "source %q: %s: %s", c.Name, e.APIKeyFile, err)
		}
	}
	src, err := elastic.Open(o)
	if err != nil {
		return nil, usage("", "%s", err)
	}
	return src, nil
}
