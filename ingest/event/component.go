package event

import "strings"

// Component is what evidence is about.
type Component struct {
	// Name is the normalised name that everything about the same thing shares: "orders" for the pod "orders-7d9f8b6c5-x2x7q".
	Name string
	// Instance is the pod, host or host:port meant, empty if the whole.
	Instance string
}

// NewComponent makes a component of a service's and an instance's name, either of which may be empty. Without a
// service the instance is the component: a pod gives its workload, a host itself, without a port.
func NewComponent(service, instance string) Component {
	if service != "" {
		return Component{Name: Workload(withoutProvider(service)), Instance: instance}
	}
	name := Host(stripPort(instance))
	if w := Workload(name); len(name)-len(w) > 3 { // a hash, not a mere number: "web-3" may be a host
		name = w
	}
	return Component{Name: name, Instance: instance}
}

// withoutProvider cuts off where Traefik knows a service from: "orders@docker" is "orders".
func withoutProvider(service string) string {
	if name, provider, ok := strings.Cut(service, "@"); ok && name != "" {
		switch provider {
		case "file", "docker", "swarm", "ecs", "nomad", "consul", "consulcatalog", "etcd", "redis", "http", "kubernetes", "kubernetescrd", "kubernetesgateway":
			return name
		}
	}
	return service
}

// Host gives a machine's name without the domain that a cloud adds to all of a region: "ip-10-0-1-2.eu-west-1.compute.internal"
// is "ip-10-0-1-2", as exporters and shells call it. Other names come back unchanged.
func Host(name string) string {
	first, rest, _ := strings.Cut(name, ".")
	switch {
	case strings.HasSuffix(rest, "compute.internal"), rest == "ec2.internal": // EC2
		return first
	case strings.HasPrefix(rest, "c.") && strings.HasSuffix(rest, ".internal"): // Compute Engine
		return first
	}
	return name
}

// IsZero tells whether nothing is known of the component.
func (c Component) IsZero() bool { return c == Component{} }

// String gives the component's name.
func (c Component) String() string { return c.Name }

// Workload gives the name of the workload that a Kubernetes pod belongs to, by cutting the endings that controllers add:
// a Deployment's pod-template-hash and suffix ("api-7d9f8b6c5-x2x7q" is "api"), a ReplicaSet's or Job's suffix, a
// CronJob's schedule number and a StatefulSet's ordinal ("redis-0" is "redis"). Other names come back unchanged.
//
// Kubernetes draws both endings from the alphabet "bcdfghjklmnpqrstvwxz2456789" (apimachinery/pkg/util/rand), which
// has no vowels: ordinary words are not taken for endings.
func Workload(pod string) string {
	name := pod
	if i := strings.LastIndexByte(name, '-'); i > 0 && isSuffix(name[i+1:], 5, 5) {
		name = name[:i]
		if j := strings.LastIndexByte(name, '-'); j > 0 && (isSuffix(name[j+1:], 6, 10) || isDigits(name[j+1:], 8, 10)) {
			name = name[:j]
		}
		return name
	}
	if i := strings.LastIndexByte(name, '-'); i > 0 {
		switch end := name[i+1:]; {
		case isDigits(end, 8, 10), isSuffix(end, 8, 10) && hasDigit(end):
			return name[:i]
		case isDigits(end, 1, 2):
			return name[:i]
		}
	}
	return name
}

const podAlphabet = "bcdfghjklmnpqrstvwxz2456789"

func isSuffix(s string, least, most int) bool {
	if len(s) < least || len(s) > most {
		return false
	}
	for i := range len(s) {
		if strings.IndexByte(podAlphabet, s[i]) < 0 && (least <= 5 || strings.IndexByte("013ae", s[i]) < 0) {
			return false
		}
	}
	return true
}

func isDigits(s string, least, most int) bool {
	if len(s) < least || len(s) > most {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func hasDigit(s string) bool { return strings.ContainsAny(s, "0123456789") }

func stripPort(instance string) string {
	if i := strings.LastIndexByte(instance, ':'); i > 0 && isDigits(instance[i+1:], 1, 5) {
		return instance[:i]
	}
	return instance
}
