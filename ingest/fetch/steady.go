package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"
)

const (
	// cutAttempts is how often an answer that breaks off is asked for.
	cutAttempts = 3
	// mostFailures in a row mean that the server is gone: asking on would take the whole patience for each request.
	mostFailures = 3
)

// Steady asks one server many questions. Answers that break off are asked for again, and a server that is gone, or does
// not let us in, is not asked any more. It is safe for concurrent use.
type Steady struct {
	Client *Client
	// Timeout bounds one question with all its repetitions; 0 is no bound.
	Timeout time.Duration

	mu       sync.Mutex
	failures int
	gone     error
}

// Query is [Client.Query].
func (s *Steady) Query(ctx context.Context, path string, query url.Values) ([]byte, http.Header, error) {
	if err := s.Gone(); err != nil {
		return nil, nil, err
	}
	limited, cancel := ctx, context.CancelFunc(func() {})
	if s.Timeout > 0 {
		limited, cancel = context.WithTimeout(ctx, s.Timeout)
	}
	defer cancel()
	var body []byte
	var header http.Header
	var err error
	for range cutAttempts {
		if body, header, err = s.Client.Query(limited, path, query); !errors.Is(err, ErrCut) {
			break
		}
	}
	if ctx.Err() != nil {
		return nil, nil, ctx.Err()
	}
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("no answer within %s: %w", s.Timeout, err)
	}
	s.saw(err)
	return body, header, err
}

// Gone is why the server is not asked any more, nil if it is.
func (s *Steady) Gone() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gone
}

// saw takes notice of how a question ended.
func (s *Steady) saw(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var status *StatusError
	switch {
	case err == nil:
		s.failures = 0
		return
	case errors.As(err, &status) && (status.Status == http.StatusUnauthorized || status.Status == http.StatusForbidden):
		s.failures = mostFailures
	case status != nil && status.Status < http.StatusInternalServerError && status.Status != http.StatusTooManyRequests:
		return // the question is at fault, not the server
	default:
		s.failures++
	}
	if s.failures >= mostFailures && s.gone == nil {
		s.gone = fmt.Errorf("the server is not asked any more: %w", err)
	}
}
