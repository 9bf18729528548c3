package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/elastic/go-elasticsearch/v8/esapi"
)

// keepAlive is how long the server keeps a point in time after it was last asked for it. A span that nobody reads for so
// long is read again through a new one.
const keepAlive = "5m"

// point is a point in time that all pulls of a source share. When it is lost, the first pull to notice opens a new one.
type point struct {
	s  *Source
	mu sync.Mutex
	// opened are all that were opened; the last one holds.
	opened []string
}

// openPoint opens a point in time on the index.
func (s *Source) openPoint(ctx context.Context) (*point, error) {
	p := &point{s: s}
	if err := p.renew(ctx, ""); err != nil {
		return nil, fmt.Errorf("opening a point in time: %w", err)
	}
	s.mu.Lock()
	s.points = append(s.points, p)
	s.mu.Unlock()
	return p, nil
}

// id gives the one that holds.
func (p *point) id() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.opened[len(p.opened)-1]
}

// renew opens a new one, unless lost, the one that is not there any more, has been replaced already.
func (p *point) renew(ctx context.Context, lost string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.opened); n > 0 && p.opened[n-1] != lost {
		return nil
	}
	id, err := p.s.requestPoint(ctx, false)
	var f *failure
	if errors.As(err, &f) && f.Status == http.StatusServiceUnavailable {
		// A shard is missing. Since 8.16 the others can be had without it; the searches then say what is missing.
		if other, partial := p.s.requestPoint(ctx, true); partial == nil {
			id, err = other, nil
		}
	}
	if err != nil {
		return err
	}
	p.opened = append(p.opened, id)
	return nil
}

func (s *Source) requestPoint(ctx context.Context, partial bool) (string, error) {
	var opened struct {
		ID    string `json:"id"`
		PitID string `json:"pit_id"` // OpenSearch
	}
	_, err := s.server.get(ctx, func() esapi.Request {
		if s.server.openSearch {
			return &plainRequest{http.MethodPost, "/" + strings.Join(s.index, ",") + "/_search/point_in_time?keep_alive=" + keepAlive, nil}
		}
		r := esapi.OpenPointInTimeRequest{Index: s.index, KeepAlive: keepAlive}
		if partial {
			r.AllowPartialSearchResults = &partial
		}
		return r
	}, &opened)
	return opened.ID + opened.PitID, err
}

// close lets the server forget them. It would by itself in a while, so that errors do not matter.
func (p *point) close(ctx context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, id := range p.opened {
		_, _ = p.s.server.once(ctx, p.s.closeRequest(id), nil)
	}
}

func (s *Source) closeRequest(id string) esapi.Request {
	body, path := object{"id": id}, "/_pit"
	if s.server.openSearch {
		body, path = object{"pit_id": []string{id}}, "/_search/point_in_time"
	}
	b, err := json.Marshal(body)
	if err != nil {
		panic(fmt.Sprintf("BUG: an id cannot be written: %v", err))
	}
	return &plainRequest{http.MethodDelete, path, b}
}

// plainRequest is a request that esapi has no type for.
type plainRequest struct {
	method, path string
	body         []byte
}

// Do sends the request.
func (r *plainRequest) Do(ctx context.Context, t esapi.Transport) (*esapi.Response, error) {
	req, err := http.NewRequestWithContext(ctx, r.method, r.path, bytes.NewReader(r.body))
	if err != nil {
		return nil, err
	}
	if len(r.body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := t.Perform(req)
	if err != nil {
		return nil, err
	}
	return &esapi.Response{StatusCode: resp.StatusCode, Header: resp.Header, Body: resp.Body}, nil
}
