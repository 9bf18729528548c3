package detect

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestClassify holds classify to what testdata/metrics.txt says of metrics that are met everywhere.
func TestClassify(t *testing.T) {
	b, err := os.ReadFile("testdata/metrics.txt")
	require.NoError(t, err)
	roles := map[string]SignalRole{
		"other": Other, "latency": Latency, "errors": Errors, "traffic": Traffic, "saturation": Saturated, "availability": Availability,
	}
	var wrong []string
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] == "#" {
			continue
		}
		require.Len(t, f, 4, line)
		bad, err := strconv.Atoi(f[2])
		require.NoError(t, err)
		role, ok := roles[f[3]]
		require.True(t, ok, line)
		want := fmt.Sprint(strings.Trim(f[1], "-"), " ", bad, " ", role)
		unit, gotBad, gotRole := classify(f[0])
		if got := fmt.Sprint(unit, " ", gotBad, " ", gotRole); got != want {
			wrong = append(wrong, fmt.Sprintf("%s is %q, want %q", f[0], got, want))
		}
	}
	require.Empty(t, wrong)
}

func TestSpelled(t *testing.T) {
	for name, want := range map[string]string{
		"HTTPCode_Target_5XX_Count":      "_http_code_target_5xx_count_",
		"CPUUtilization":                 "_cpu_utilization_",
		"http.server.request.duration":   "_http_server_request_duration_",
		"node_memory_MemAvailable_bytes": "_node_memory_mem_available_bytes_",
		"aws_elb_latency_maximum":        "_aws_elb_latency_",
		"résumé:rate5m":                  "_résumé_rate5m_",
		"":                               "_",
	} {
		require.Equal(t, want, spelled(name), name)
	}
}

func TestPlaceOf(t *testing.T) {
	for name, want := range map[string]Place{
		"http.client.request.duration":         AtCallees,
		"http_client_requests_seconds":         AtCallees,
		"envoy_cluster_upstream_rq_time":       AtCallees,
		"rpc.client.duration":                  AtCallees,
		"http.server.request.duration":         Here,
		"redis_connected_clients":              Here,
		"ping_rtt_seconds":                     OnTheWay,
		"peer_network_latency_p90_ms":          OnTheWay,
		"istio_request_duration_milliseconds":  Here,
		"grpc_client_handling_seconds_bucket":  AtCallees,
		"haproxy_backend_connect_time_average": OnTheWay,
	} {
		require.Equal(t, want, placeOf(name), name)
	}
}
