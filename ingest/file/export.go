package file

import (
	"os"
	"path/filepath"

	slackexport "github.com/hindcast/hindcast/ingest/slack"
)

// exports finds the names of people and channels in the lists of Slack exports, and gives each export's files its names. An
// export is a folder with lists and a folder a channel.
func (s *Source) exports() {
	names := map[string]*slackexport.Names{}
	for _, d := range s.docs {
		if d.kind.Name != "slack" || !slackexport.HoldsNames(d.shown) {
			continue
		}
		root := filepath.Dir(d.shown)
		if names[root] == nil {
			names[root] = &slackexport.Names{}
		}
		d.readNames(names[root])
	}
	for _, d := range s.docs {
		if d.kind.Name != "slack" {
			continue
		}
		folder := filepath.Dir(d.shown)
		for _, root := range []string{filepath.Dir(folder), folder} {
			if n := names[root]; n != nil {
				d.decode = n.Decode
				break
			}
		}
	}
}

// readNames takes in a list. One that cannot be read adds nothing: reading it as a document says why.
func (d *document) readNames(n *slackexport.Names) {
	f, err := os.Open(d.path)
	if err != nil {
		return
	}
	defer f.Close()
	r, err := unpack(f, d.packing, d.size)
	if err != nil {
		return
	}
	defer r.Close()
	n.Read(r)
}
