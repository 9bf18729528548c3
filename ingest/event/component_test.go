package event

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWorkload(t *testing.T) {
	for pod, want := range map[string]string{
		"orders-7d9f8b6c5-x2x7q":                "orders",
		"ts-contacts-service-866bd68c97-xcqfx":  "ts-contacts-service",
		"adservice-579b9bff58-t2dbm":            "adservice",
		"data-sync-28812345-k4zqp":              "data-sync",
		"data-sync-28812345":                    "data-sync",
		"logging-agent-x7k2p":                   "logging-agent",
		"redis-0":                               "redis",
		"airflow-scheduler":                     "airflow-scheduler",
		"orders-api":                            "orders-api",
		"nginx":                                 "nginx",
		"":                                      "",
		"payments-worker":                       "payments-worker",
		"kube-controller-manager-control-plane": "kube-controller-manager-control-plane",
	} {
		require.Equal(t, want, Workload(pod), pod)
	}
}

func TestNewComponent(t *testing.T) {
	require.Equal(t, Component{Name: "api", Instance: "api-7d9f8b6c5-x2x7q"}, NewComponent("", "api-7d9f8b6c5-x2x7q"))
	require.Equal(t, Component{Name: "node-worker-3", Instance: "node-worker-3:9100"}, NewComponent("", "node-worker-3:9100"))
	require.Equal(t, Component{Name: "redis", Instance: "10.0.0.4:6379"}, NewComponent("redis-0", "10.0.0.4:6379"))
	require.Equal(t, Component{Name: "orders", Instance: "traefik:8082"}, NewComponent("orders@docker", "traefik:8082"))
	require.Equal(t, Component{Name: "jobs@night"}, NewComponent("jobs@night", ""))
	require.True(t, NewComponent("", "").IsZero())
}

func TestHost(t *testing.T) {
	for name, want := range map[string]string{
		"ip-10-0-1-2.eu-west-1.compute.internal": "ip-10-0-1-2",
		"ip-10-0-1-2.ec2.internal":               "ip-10-0-1-2",
		"web-3.europe-west1-b.c.shop.internal":   "web-3.europe-west1-b.c.shop.internal",
		"web-3.c.shop-314159.internal":           "web-3",
		"db-1.example.com":                       "db-1.example.com",
		"ip-10-0-1-2":                            "ip-10-0-1-2",
	} {
		require.Equal(t, want, Host(name), name)
	}
}
