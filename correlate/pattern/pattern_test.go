package pattern

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTemplateSmoke(t *testing.T) {
	for _, c := range [][2]string{
		{"Received block blk_-1608999687919862906 of size 91178 from /10.250.10.6", "Received block blk_<num> of size <num> from /<ip>"},
	} {
		require.Equal(t, c[1], Template([]byte(c[0])))
	}
}
