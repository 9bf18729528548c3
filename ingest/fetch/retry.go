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

// Retry returns a transport that tries again when a server is overloaded (429, 502, 503, 504, or 403 for a limit that is used
// up) or the connection is lost before an answer, as long as the request can be sent again: without a body, or with GetBody.
// Retry-After and what limits say of their reset are heeded up to two minutes; who wants more is not waited for. What it
// cannot mend it hands on: the last answer or the last error.
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
		told := after(resp)
		if told > longestTold {
			return resp, err
		}
		wait := max(told, pause/2+rand.N(pause))
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
	case http.StatusForbidden: // GitHub's way of saying 429
		return "limit used up", resp.Header.Get("Retry-After") != "" || resp.Header.Get("X-RateLimit-Remaining") == "0"
	}
	return "", false
}

// isPassing tells whether an error may go away by itself. Certificates that are not trusted and names that do not exist
// do not.
func isPassing(err error) bool {
	return !isCertificate(err) && !isUnknownHost(err) && !errors.Is(err, context.Canceled)
}

// longestTold is how long a server may make us wait.
const longestTold = 2 * time.Minute

// after is how long the server says to wait: by Retry-After, in seconds or as a date, or by the time that a limit that is
// used up begins anew, in seconds from now or since 1970.
func after(resp *http.Response) time.Duration {
	if resp == nil {
		return 0
	}
	h := resp.Header
	if n, err := strconv.Atoi(h.Get("Retry-After")); err == nil {
		return max(time.Duration(min(n, 1e6))*time.Second, 0)
	}
	if t, err := http.ParseTime(h.Get("Retry-After")); err == nil {
		return max(time.Until(t), 0)
	}
	for _, prefix := range []string{"X-RateLimit-", "RateLimit-"} {
		n, err := strconv.ParseInt(h.Get(prefix+"Reset"), 10, 64)
		if err != nil || h.Get(prefix+"Remaining") != "0" {
			continue
		}
		if n > 1e6 { // no limit lasts twelve days: it is a time
			return max(time.Until(time.Unix(n, 0)), 0)
		}
		return max(time.Duration(n)*time.Second, 0)
	}
	return 0
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
