package event

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// parse reads name{a="b",...} for tests.
func parse(t *testing.T, text string) *Series {
	name, rest, _ := strings.Cut(strings.TrimSuffix(text, "}"), "{")
	s := &Series{Name: name}
	for pair := range strings.SplitSeq(rest, ",") {
		k, v, ok := strings.Cut(pair, "=")
		require.True(t, ok, text)
		s.Labels = append(s.Labels, Label{Name: k, Value: strings.Trim(v, `"`)})
	}
	for i := 1; i < len(s.Labels); i++ { // sorted by insertion
		for j := i; j > 0 && s.Labels[j].Name < s.Labels[j-1].Name; j-- {
			s.Labels[j], s.Labels[j-1] = s.Labels[j-1], s.Labels[j]
		}
	}
	return s
}

func TestSeriesComponent(t *testing.T) {
	for series, want := range map[string]Component{
		// kube-state-metrics, scraped with honor_labels and without
		`kube_pod_container_status_restarts_total{namespace="shop",pod="orders-7d9f8b6c5-x2x7q",container="orders",job="kube-state-metrics",instance="10.1.2.3:8080"}`:                              {"orders", "orders-7d9f8b6c5-x2x7q"},
		`kube_pod_container_status_restarts_total{exported_pod="orders-7d9f8b6c5-x2x7q",pod="kube-state-metrics-5bd4c7f9d8-x9x9x",service="kube-state-metrics",job="ksm",instance="10.1.2.3:8080"}`: {"orders", "orders-7d9f8b6c5-x2x7q"},
		`kube_deployment_status_replicas_available{deployment="orders-api",namespace="shop",service="kube-state-metrics",job="kube-state-metrics",instance="10.1.2.3:8080"}`:                        {"orders-api", "10.1.2.3:8080"},
		`kube_job_status_failed{job_name="data-sync-28812345",namespace="etl",job="kube-state-metrics"}`:                                                                                            {"data-sync", ""},
		`kube_node_status_condition{node="worker-3",condition="DiskPressure",status="true",job="kube-state-metrics",instance="10.1.2.3:8080"}`:                                                      {"worker-3", "10.1.2.3:8080"},
		// cadvisor
		`container_memory_working_set_bytes{namespace="shop",pod="orders-7d9f8b6c5-x2x7q",container="orders",job="kubelet",service="kubelet",node="worker-3",instance="10.0.0.3:10250"}`: {"orders", "orders-7d9f8b6c5-x2x7q"},
		`container_memory_rss{container_label_com_docker_compose_service="web",name="shop_web_1",job="cadvisor",instance="cadvisor:8080"}`:                                               {"web", "shop_web_1"},
		`container_memory_rss{id="/docker/3f2a",name="orders-db",job="cadvisor",instance="cadvisor:8080"}`:                                                                               {"orders-db", "orders-db"},
		// node_exporter, plain and as a daemon set
		`node_filesystem_avail_bytes{instance="node-3:9100",job="node",mountpoint="/",device="/dev/sda1"}`:                                                     {"node-3", "node-3:9100"},
		`node_load1{instance="10.0.0.3:9100",job="node-exporter",pod="node-exporter-x2x7q",container="node-exporter",service="node-exporter",node="worker-2"}`: {"worker-2", "10.0.0.3:9100"},
		`node_load1{instance="10.0.0.3:9100",job="node"}`:                                                                                                      {"10.0.0.3", "10.0.0.3:9100"},
		// postgres_exporter
		`pg_stat_activity_count{datname="orders",state="active",server="orders-db:5432",job="postgres-exporter",instance="db-1:9187"}`: {"orders-db", "db-1:9187"},
		`pg_stat_activity_count{datname="orders",server="localhost:5432",job="postgres-exporter",instance="db-1:9187"}`:                {"db-1", "db-1:9187"},
		`pg_up{job="postgres",instance="10.0.0.9:9187"}`:                                                                               {"postgres", "10.0.0.9:9187"},
		`pg_up{job="postgres-exporter",instance="postgres-exporter:9187"}`:                                                             {"postgres", "postgres-exporter:9187"},
		`pg_up{job="postgres",instance="postgres-0:9187"}`:                                                                             {"postgres", "postgres-0:9187"},
		// blackbox
		`probe_success{instance="https://shop.example.com/health?x=1",job="blackbox"}`:           {"shop.example.com", "https://shop.example.com/health?x=1"},
		`probe_ssl_earliest_cert_expiry{instance="api.example.com:443",job="blackbox-exporter"}`: {"api.example.com", "api.example.com:443"},
		// redis_exporter
		`redis_connected_clients{addr="redis://redis-0:6379",job="redis-exporter",instance="redis-exporter:9121"}`: {"redis", "redis-exporter:9121"},
		`redis_up{job="redis",instance="redis://cache-master:6379"}`:                                               {"redis", "redis://cache-master:6379"},
		`redis_up{job="redis",instance="cache-master:9121"}`:                                                       {"cache-master", "cache-master:9121"},
		// Java
		`jvm_memory_used_bytes{area="heap",job="jmx",instance="orders-api:9404"}`:                                     {"orders-api", "orders-api:9404"},
		`hikaricp_connections_active{pool="HikariPool-1",application="orders",job="spring",instance="10.0.0.4:8080"}`: {"orders", "10.0.0.4:8080"},
		// consumers of Kafka, and parts of Kubernetes
		`kafka_consumergroup_lag{consumergroup="billing",topic="orders",partition="3",job="kafka-exporter",instance="kafka-exporter:9308"}`: {"billing", "kafka-exporter:9308"},
		`apiserver_request_total{code="504",job="apiserver",instance="10.0.0.5:6443"}`:                                                      {"kube-apiserver", "10.0.0.5:6443"},
		`ALERTS{alertname="KubeAPIErrorBudgetBurn",severity="critical"}`:                                                                    {"kube-apiserver", ""},
		`ALERTS{alertname="KubeAPIErrorBudgetBurn",service="mirror"}`:                                                                       {"mirror", ""},
		// services' own
		`http_requests_total{service="checkout",handler="/pay",code="500",method="post"}`:                      {"checkout", ""},
		`http_requests_total{job="orders",instance="orders-2:8080",code="200"}`:                                {"orders", "orders-2:8080"},
		`http_requests_total{job="shop/orders",pod="orders-7d9f8b6c5-x2x7q",instance="10.0.0.4:8080"}`:         {"orders", "orders-7d9f8b6c5-x2x7q"},
		`http_requests_total{job="kubernetes-pods",kubernetes_pod_name="cart-6c9f7d8b54-zzzzz"}`:               {"cart", "cart-6c9f7d8b54-zzzzz"},
		`istio_requests_total{destination_service_name="reviews",source_workload="productpage-v1",job="mesh"}`: {"reviews", ""},
		`traces_spanmetrics_calls_total{service_name="frontend",span_name="GET /"}`:                            {"frontend", ""},
		`up{job="rabbitmq",instance="rabbitmq-0:15692"}`:                                                       {"rabbitmq", "rabbitmq-0:15692"},
		`airflow_dag_processing_total{job="statsd-exporter",instance="statsd-exporter:9102"}`:                  {"airflow", "statsd-exporter:9102"},
		`airflow_pool_open_slots{job="airflow-statsd",instance="10.0.0.7:9102"}`:                               {"airflow", "10.0.0.7:9102"},
		`haproxy_server_up{proxy="orders",server="web1",job="haproxy",instance="lb-1:8404"}`:                   {"haproxy", "lb-1:8404"},
		// nothing at all
		`ratio{code="500"}`: {},
	} {
		require.Equal(t, want, parse(t, series).Component(), series)
	}
}
