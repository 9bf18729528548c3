package correlate

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMidSentence(t *testing.T) {
	require.Equal(t, "a schema migration runs", midSentence("A schema migration runs"))
	require.Equal(t, "AWS said no", midSentence("AWS said no"))
}
