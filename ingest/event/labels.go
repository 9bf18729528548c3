package event

import (
	"net/netip"
	"slices"
	"strings"
)

// The labels that name what a series or an alert is about, best first. Prometheus keeps a target's own label under
// "exported_" where a scrape adds one of the same name, so that form of each is looked at first.
var (
	serviceLabels = []string{
		"service_name", "service", "app", "application", "app_kubernetes_io_name", "destination_service_name",
		"destination_workload", "container_label_com_docker_compose_service",
	}
	workloadLabels = []string{"deployment", "statefulset", "daemonset", "cronjob", "job_name", "workload", "k8s_deployment_name", "horizontalpodautoscaler"}
	podLabels      = []string{"pod", "pod_name", "kubernetes_pod_name", "k8s_pod_name"}
	// targetLabels name what an exporter looks at from outside.
	targetLabels    = []string{"server", "target", "addr", "address"}
	containerLabels = []string{"container", "container_name"}
	hostLabels      = []string{"node", "nodename", "kubernetes_node", "host", "hostname", "host_name"}
	// groupLabels name the group of consumers that kafka_exporter and Kafka's lag exporters tell of: who is behind.
	groupLabels = []string{"consumergroup", "consumer_group", "groupid", "group_id"}
)

// controlPlane are the beginnings of the names that the alerts of kubernetes-mixin, etcd's mixin and CoreDNS's mixin have,
// and the part of Kubernetes that each is about; most bear no label that says so.
var controlPlane = [...][2]string{
	{"KubeAPI", "kube-apiserver"},
	{"KubeScheduler", "kube-scheduler"},
	{"KubeControllerManager", "kube-controller-manager"},
	{"KubeProxy", "kube-proxy"},
	{"etcd", "etcd"},
	{"CoreDNS", "coredns"},
}

// collectors are names of jobs that collect the metrics of others and say nothing about whose they are.
var collectors = []string{
	"node", "nodes", "kubelet", "cadvisor", "kube-state-metrics", "blackbox", "blackbox-http", "jmx", "snmp", "statsd",
	"pushgateway", "telegraf", "collectd", "otel-collector", "otelcol", "graphite", "windows", "process",
	"kubernetes-pods", "kubernetes-nodes", "kubernetes-cadvisor", "kubernetes-nodes-cadvisor", "kubernetes-services",
	"kubernetes-service-endpoints", "kubernetes-apiservers", "prometheus-pushgateway",
}

// exporterPorts are the usual ports of the exporters of databases, queues and proxies, whose job often has the name of
// the software ("postgres") while the instance tells which one.
var exporterPorts = []string{"9100", "9101", "9104", "9113", "9115", "9121", "9187", "9216", "9308", "9404", "9419", "9102"}

// ComponentOf tells what a series or alert is about from its labels; metric is the metric's name and may be empty.
//
// The first of these that is there decides: a label that names a service (service_name, service, app, application,
// app_kubernetes_io_name, destination_service_name, destination_workload); a Kubernetes workload (deployment,
// statefulset, daemonset, cronjob, job_name); the pod, which gives its workload; a group of consumers; the job, unless an exporter's or a
// collector's; what an exporter looks at (server, target, addr); the instance's host; the container; the node or
// host; an exporter's job without "exporter"; the instance's address. A value that names an exporter itself is
// passed over. Metrics of node_exporter are about the node or else the instance, those of cadvisor without Kubernetes
// about the container called name.
//
// The component's instance is the pod, else the instance label, else the node or host.
func ComponentOf(metric string, label func(string) string) Component {
	get := func(names []string) string {
		for _, n := range names {
			for _, v := range [2]string{label("exported_" + n), label(n)} {
				if v != "" && !isExporter(v) {
					return v
				}
			}
		}
		return ""
	}
	pod, host := get(podLabels), get(hostLabels)
	address := cmpOr(label("exported_instance"), label("instance"))
	instance := cmpOr(pod, address, host)
	if strings.HasPrefix(metric, "node_") {
		return Component{Name: cmpOr(host, hostOf(address)), Instance: cmpOr(address, host)}
	}
	if strings.HasPrefix(metric, "container_") && pod == "" {
		pod = label("name")
		instance = cmpOr(pod, instance)
	}
	if name := cmpOr(get(serviceLabels), get(workloadLabels), pod, get(groupLabels)); name != "" {
		return NewComponent(name, instance)
	}
	job := label("job")
	job = job[strings.LastIndexByte(job, '/')+1:]
	if job == "apiserver" { // as kube-prometheus calls it
		job = "kube-apiserver"
	}
	if alert := label("alertname"); alert != "" && job == "" {
		for _, c := range controlPlane {
			if strings.HasPrefix(alert, c[0]) {
				return Component{Name: c[1], Instance: instance}
			}
		}
	}
	if job != "" && !isExporter(job) && !onExporterPort(address) {
		return NewComponent(job, instance)
	}
	software := softwareOf(job, metric)
	for _, v := range [4]string{hostOf(get(targetLabels)), hostOf(address), get(containerLabels), host} {
		switch {
		case v == "" || v == "POD" || isExporter(v) || isLocal(v) || isAddress(v):
		case Workload(v) == software:
			return Component{Name: software, Instance: instance}
		default:
			c := NewComponent("", v)
			return Component{Name: c.Name, Instance: instance}
		}
	}
	if software == "" && isExporter(address) {
		return Component{}
	}
	return Component{Name: cmpOr(software, hostOf(address)), Instance: instance}
}

func cmpOr(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

func isExporter(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "exporter") || strings.Contains(name, "kube-state-metrics") || slices.Contains(collectors, name)
}

func onExporterPort(address string) bool {
	i := strings.LastIndexByte(address, ':')
	return i > 0 && slices.Contains(exporterPorts, address[i+1:])
}

// softwareOf names what an exporter's job is for: "postgres" for "postgres-exporter". A collector of anything has it
// from the metric: "airflow" for "airflow_dag_processing_total".
func softwareOf(job, metric string) string {
	name := strings.ToLower(job)
	for _, end := range [...]string{"-exporter", "_exporter", "exporter", "-metrics", "-statsd"} {
		name = strings.TrimSuffix(name, end)
	}
	name = strings.TrimPrefix(name, "prometheus-")
	if name == "" && job == "" {
		return ""
	}
	if slices.Contains([]string{"statsd", "pushgateway", "prometheus-pushgateway", "telegraf", "collectd", "graphite"}, name) {
		prefix, _, _ := strings.Cut(metric, "_")
		return prefix
	}
	if slices.Contains(collectors, name) {
		return ""
	}
	return Workload(name)
}

// hostOf gives the host of a URL, a host:port or a host.
func hostOf(address string) string {
	if i := strings.Index(address, "://"); i >= 0 {
		address = address[i+3:]
		address = address[strings.LastIndexByte(address[:indexOrEnd(address, '/')], '@')+1:]
	}
	return strings.Trim(stripPort(address[:indexOrEnd(address, '/')]), "[]")
}

func indexOrEnd(s string, c byte) int {
	if i := strings.IndexByte(s, c); i >= 0 {
		return i
	}
	return len(s)
}

func isLocal(host string) bool {
	return host == "localhost" || strings.HasPrefix(host, "127.") || host == "::1"
}

func isAddress(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}
