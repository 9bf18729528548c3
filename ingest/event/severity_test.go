package event

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseUrgency(t *testing.T) {
	for name, want := range map[string]Severity{
		"critical": Critical, "page": Critical, "P1": Critical, "SEV-2": Error, "high": Error, "warning": Warn,
		"low": Info, "info": Info, "": Unknown, "blue": Unknown,
	} {
		require.Equal(t, want, ParseUrgency(name), name)
	}
}
