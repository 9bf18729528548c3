package serve

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/hindcast/hindcast/cmd/hindcast/journal"
)

// longestWait is how long a webhook waits for its turn before it is sent away to come again.
const longestWait = 5 * time.Second

// A refusal is why a webhook is not taken.
type refusal struct {
	status int
	reason string
	// after is when to come again, where that helps.
	after time.Duration
}

// webhook handles the webhooks of one kind.
func (s *Server) webhook(k kind) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		outcome, refused := s.receive(k, w, r)
		if refused == nil {
			s.metrics.webhooks.WithLabelValues(k.name, outcome).Inc()
			w.WriteHeader(http.StatusOK)
			return
		}
		s.metrics.webhooks.WithLabelValues(k.name, strconv.Itoa(refused.status)).Inc()
		s.Log.Warn("webhook refused", "kind", k.name, "status", refused.status, "reason", refused.reason, "from", r.RemoteAddr)
		if refused.after > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(refused.after.Seconds())))
		}
		http.Error(w, refused.reason, refused.status)
	}
}

// receive takes a webhook in, or tells why not. Alertmanager sends again after a status of 5xx and after no other
// (notify.Retrier), so it is never sent away with 429.
func (s *Server) receive(k kind, w http.ResponseWriter, r *http.Request) (outcome string, refused *refusal) {
	setup := s.setup.Load()
	busy := http.StatusTooManyRequests
	if k.name == "alertmanager" {
		busy = http.StatusServiceUnavailable
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return "", &refusal{status: http.StatusMethodNotAllowed, reason: "webhooks are sent with POST"}
	}
	if !s.limit.Load().Allow() {
		return "", &refusal{busy, "too many webhooks a second", time.Second}
	}
	if r.ContentLength > setup.MaxBody {
		return "", tooLarge(setup.MaxBody)
	}
	ctx, cancel := context.WithTimeout(r.Context(), longestWait)
	defer cancel()
	select {
	case s.reading <- struct{}{}:
		defer func() { <-s.reading }()
	case <-ctx.Done():
		return "", &refusal{http.StatusServiceUnavailable, "too many webhooks at once", 5 * time.Second}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, setup.MaxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return "", tooLarge(setup.MaxBody)
	case err != nil:
		return "", &refusal{status: http.StatusBadRequest, reason: "the body broke off"}
	}
	if refused := setup.allowed(k, r, body); refused != nil {
		return "", refused
	}
	outcome, err = s.accept(context.WithoutCancel(r.Context()), k, body)
	switch {
	case err == nil:
		return outcome, nil
	case outcome == "invalid":
		return "", &refusal{status: http.StatusBadRequest, reason: fmt.Sprintf("not a webhook of %s: %s", k.name, err)}
	case errors.Is(err, journal.ErrFull):
		return "", &refusal{http.StatusServiceUnavailable, "the day's events have reached the limit (max_backlog)", time.Minute}
	default: // the disk
		s.Log.Error("a webhook could not be kept", "kind", k.name, "err", err)
		return "", &refusal{http.StatusServiceUnavailable, "the event could not be kept", 10 * time.Second}
	}
}

func tooLarge(limit int64) *refusal {
	return &refusal{status: http.StatusRequestEntityTooLarge, reason: fmt.Sprintf("larger than %d bytes (max_body); in Alertmanager max_alerts limits a webhook", limit)}
}

// allowed tells whether the sender has the secret. PagerDuty signs the body, everybody else sends a token.
func (s *Setup) allowed(k kind, r *http.Request, body []byte) *refusal {
	denied := &refusal{status: http.StatusUnauthorized, reason: "the webhook's token or signature is missing or wrong"}
	unreadable := &refusal{status: http.StatusInternalServerError, reason: "the secret cannot be read", after: 10 * time.Second}
	if k.name == "pagerduty" && s.PagerDutySecretFile != "" {
		secret, err := secretOf(s.PagerDutySecretFile)
		switch {
		case err != nil:
			return unreadable
		case !signed(secret, r.Header.Values("X-PagerDuty-Signature"), body):
			return denied
		}
		return nil
	}
	if s.TokenFile == "" {
		return nil
	}
	token, err := secretOf(s.TokenFile)
	if err != nil {
		return unreadable
	}
	given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok || subtle.ConstantTimeCompare([]byte(strings.TrimSpace(given)), token) != 1 {
		return denied
	}
	return nil
}

// secretOf reads a secret each time it is needed, so that it can be exchanged. An empty one would let everybody in.
func secretOf(path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	secret := strings.TrimSpace(string(data))
	if secret == "" {
		return nil, fmt.Errorf("%s is empty", path)
	}
	return []byte(secret), nil
}

// signed tells whether one of the signatures, v1=HEX and separated by commas, is the HMAC-SHA256 of the body. There are
// several while a secret is being exchanged.
func signed(secret []byte, headers []string, body []byte) bool {
	mac := hmac.New(sha256.New, secret)
	mac.Write(body)
	want := mac.Sum(nil)
	for _, h := range headers {
		for one := range strings.SplitSeq(h, ",") {
			text, ok := strings.CutPrefix(strings.TrimSpace(one), "v1=")
			got, err := hex.DecodeString(text)
			if ok && err == nil && hmac.Equal(got, want) {
				return true
			}
		}
	}
	return false
}
