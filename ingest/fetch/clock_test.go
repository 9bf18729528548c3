package fetch

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestClock(t *testing.T) {
	sent := time.Date(2025, 10, 14, 3, 0, 0, 0, time.UTC)
	ahead, uncertain := Clock(http.Header{"Date": {"Tue, 14 Oct 2025 03:01:01 GMT"}}, sent, sent.Add(2*time.Second))
	require.Equal(t, 60500*time.Millisecond, ahead)
	require.Equal(t, 1500*time.Millisecond, uncertain)
	_, uncertain = Clock(http.Header{}, sent, sent)
	require.Zero(t, uncertain)
}
