package fetch

import (
	"cmp"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

const (
	defaultAttempts = 6
	defaultPause    = 500 * time.Millisecond
	defaultLongest  = 30 * time.Second
)

// Patience says how often and how long a request is tried again. The zero value is six attempts, half a second of pause
// that doubles up to half a minute, which is about half a minute in all.
type Patience struct {
	Attempts       int
	Pause, Longest time.Duration
	// Tell is called before each pause, if set.
	Tell func(req *http.Request, why string, pause time.Duration)
}

// Retry returns a transport that tries again when a server is overloaded (429, 502, 503, 504) or the connection is lost
// before an answer, as long as the request can be sent again: without a body, or with GetBody. Retry-After is heeded up to
// two minutes. What it cannot mend it hands on: the last answer or the last error.
func Retry(next http.RoundTripper, p Patience) http.RoundTripper {
	if next == nil {
		next = http.DefaultTransport
	}
	return &retrying{next: next, patience: p.filled()}
}

// filled has the defaults in place of zeros.
func (p Patience) filled() Patience {
	p.Attempts = cmp.Or(max(p.Attempts, 0), defaultAttempts)
	p.Pause = cmp.Or(max(p.Pause, 0), defaultPause)
	p.Longest = cmp.Or(max(p.Longest, 0), defaultLongest)
	return p
}

// Again pauses after the nth attempt of something other than a request, counted from 1, and tells whether to try it
// another time: not if patience or ctx is at its end.
func (p Patience) Again(ctx context.Context, n int) bool {
	p = p.filled()
	if n >= p.Attempts {
		return false
	}
	pause := min(p.Pause<<min(n-1, 20), p.Longest)
	return sleep(ctx, pause/2+rand.N(pause)) == nil
}

type retrying struct {
	next     http.RoundTripper
	patience Patience
}

// RoundTrip sends the request until it is answered or patience ends.
func (r *retrying) RoundTrip(req *http.Request) (*http.Response, error) {
	pause := r.patience.Pause
	for attempt := 1; ; attempt++ {
		resp, err := r.next.RoundTrip(req)
		why, again := retryable(req.Context(), resp, err)
		if !again || attempt >= r.patience.Attempts || req.Body != nil && req.Body != http.NoBody && req.GetBody == nil {
			return resp, err
		}
		wait := max(after(resp), pause/2+rand.N(pause))
		pause = min(2*pause, r.patience.Longest)
		if resp != nil {
			_, _ = io.CopyN(io.Discard, resp.Body, 64<<10) // so that the connection can be used again
			_ = resp.Body.Close()
		}
		if r.patience.Tell != nil {
			r.patience.Tell(req, why, wait)
		}
		if err := sleep(req.Context(), wait); err != nil {
			return nil, err
		}
		if req.GetBody != nil {
			body, err := req.GetBody()
			if err != nil {
				return nil, err
			}
			req = req.Clone(req.Context())
			req.Body = body
		}
	}
}

func retryable(ctx context.Context, resp *http.Response, err error) (why string, again bool) {
	switch {
	case ctx.Err() != nil:
		return "", false
	case err != nil:
		return err.Error(), isPassing(err)
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return resp.Status, true
	}
	return "", false
}

// isPassing tells whether an error may go away by itself. Certificates that are not trusted and names that do not exist
// do not.
func isPassing(err error) bool {
	return !isCertificate(err) && !isUnknownHost(err) && !errors.Is(err, context.Canceled)
}

// after reads Retry-After, in seconds or as a date, up to two minutes.
func after(resp *http.Response) time.Duration {
	if resp == nil {
		return 0
	}
	h := resp.Header.Get("Retry-After")
	var d time.Duration
	if n, err := strconv.Atoi(h); err == nil {
		d = time.Duration(n) * time.Second
	} else if t, err := http.ParseTime(h); err == nil {
		d = time.Until(t)
	}
	return min(max(d, 0), 2*time.Minute)
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
