package elastic

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hindcast/hindcast/ingest/event"
	"github.com/hindcast/hindcast/ingest/fetch"
	"github.com/hindcast/hindcast/ingest/format"
)

// page is one answer to a search, taken apart. Its bytes point into the answer.
type page struct {
	buf  []byte
	hits []hit
	// wire is how many bytes were sent, length how many they are unpacked.
	wire, length int64
	// total is how many documents fit the question, -1 if the server did not count; it is a lower bound if atLeast is set.
	total   int64
	atLeast bool
	// point is the id to go on with, nil if the answer names none.
	point []byte
	// failed is how many of the shards failed, for the reasons given; timedOut is set if the server gave up early.
	shards, failed int64
	reasons        []string
	missing        bool // one of the reasons is that the point in time is not there any more
	timedOut       bool
	// gaps are what is to be said with this page.
	gaps []event.Hole
}

// hit is one document.
type hit struct {
	index, id, source []byte
	// time is the document's time as the server reads it, if it was asked for that.
	time []byte
	// sort is where the search goes on behind the document.
	sort []byte
}

// cut takes an answer apart.
func (p *page) cut(answer []byte) error {
	*p = page{buf: p.buf, hits: p.hits[:0], total: -1}
	c := format.NewCursor(answer)
	found := false
	c.Object(func(name []byte) {
		switch string(name) {
		case "hits":
			found = true
			p.cutHits(c)
		case "pit_id":
			p.point = format.Unquote(c.Value())
		case "timed_out":
			p.timedOut = string(c.Value()) == "true"
		case "_shards":
			p.cutShards(c)
		default:
			c.Value()
		}
	})
	switch {
	case c.Broken():
		return fmt.Errorf("%w after %d bytes", errCutShort, len(answer))
	case !found:
		return fmt.Errorf("what answers is not a search: %s", fetch.Message(nil, answer[:min(len(answer), 200)]))
	}
	return nil
}

func (p *page) cutHits(c *format.Cursor) {
	c.Object(func(name []byte) {
		switch string(name) {
		case "total":
			c.Object(func(name []byte) {
				switch v := c.Value(); string(name) {
				case "value":
					p.total = number(v)
				case "relation":
					p.atLeast = string(v) == `"gte"`
				}
			})
		case "hits":
			c.Array(func() { p.cutHit(c) })
		default:
			c.Value()
		}
	})
}

func (p *page) cutHit(c *format.Cursor) {
	var h hit
	c.Object(func(name []byte) {
		switch string(name) {
		case "_index":
			h.index = format.Unquote(c.Value())
		case "_id":
			h.id = format.Unquote(c.Value())
		case "_source":
			h.source = c.Value()
		case "sort":
			h.sort = c.Value()
		case "fields":
			c.Object(func([]byte) { // the only one asked for is the time
				c.Array(func() {
					if v := c.Value(); h.time == nil {
						h.time = v
					}
				})
			})
		default:
			c.Value()
		}
	})
	p.hits = append(p.hits, h)
}

func (p *page) cutShards(c *format.Cursor) {
	c.Object(func(name []byte) {
		switch string(name) {
		case "total":
			p.shards = number(c.Value())
		case "failed":
			p.failed = number(c.Value())
		case "failures":
			c.Array(func() { p.cutFailure(c) })
		default:
			c.Value()
		}
	})
}

func (p *page) cutFailure(c *format.Cursor) {
	c.Object(func(name []byte) {
		if string(name) != "reason" {
			c.Value()
			return
		}
		var kind, reason string
		c.Object(func(name []byte) {
			switch v := format.Unquote(c.Value()); string(name) {
			case "type":
				kind = string(v)
			case "reason":
				reason = fetch.Message(nil, v)
			}
		})
		p.missing = p.missing || kind == missingContext
		if !slices.Contains(p.reasons, reason) {
			p.reasons = append(p.reasons, reason)
		}
	})
}

// number reads a whole number, -1 if it is none.
func number(v []byte) int64 {
	n, err := strconv.ParseInt(string(v), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// trouble says why an answer does not hold all it should, "" if it does.
func (p *page) trouble() string {
	switch {
	case p.failed > 0:
		text := fmt.Sprintf("%d of %d shards failed", p.failed, p.shards)
		if len(p.reasons) > 0 {
			text += ": " + strings.Join(p.reasons, "; ")
		}
		return text
	case p.timedOut:
		return "the server gave up before it had searched everything"
	}
	return ""
}
