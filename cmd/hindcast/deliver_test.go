package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/cmd/hindcast/archive"
)

func TestUndelivered(t *testing.T) {
	made := time.Date(2026, 3, 18, 12, 0, 0, 0, time.UTC)
	rec := archive.Record{Made: made}
	at := made.Add(time.Hour)
	for name, c := range map[string]struct {
		delivery archive.Delivery
		wanted   bool
		after    time.Duration
	}{
		"never sent":             {archive.Delivery{}, true, 0},
		"sent":                   {archive.Delivery{Made: made, At: at}, false, 0},
		"sent before it went on": {archive.Delivery{Made: made.Add(-time.Hour), At: at}, true, 0},
		"failed":                 {archive.Delivery{Made: made, At: at, Error: "no", Attempts: 1}, true, time.Minute},
		"failed four times":      {archive.Delivery{Made: made, At: at, Error: "no", Attempts: 4}, true, 8 * time.Minute},
		"failed often":           {archive.Delivery{Made: made, At: at, Error: "no", Attempts: 11}, true, time.Hour},
		"given up":               {archive.Delivery{Made: made, At: at, Error: "no", Attempts: 12}, false, 0},
		"given up, then went on": {archive.Delivery{Made: made.Add(-time.Hour), At: at, Error: "no", Attempts: 12}, true, 0},
	} {
		when, wanted := undelivered(c.delivery, rec)
		require.Equal(t, c.wanted, wanted, name)
		if c.after != 0 {
			require.Equal(t, at.Add(c.after), when, name)
		} else {
			require.True(t, when.IsZero(), name)
		}
	}
}
