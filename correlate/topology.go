package correlate

import (
	"net"
	"slices"
	"strings"

	"github.com/hindcast/hindcast/correlate/detect"
	"github.com/hindcast/hindcast/correlate/summary"
	"github.com/hindcast/hindcast/ingest/event"
)

// places knows which components there are, who calls whom, what runs where, and which address is whose.
type places struct {
	event.Topology
	known map[string]bool
	// address maps an IP address, listener a host:port, and port a port that only one component listens on to the component;
	// a port of several maps to the empty name.
	address, listener, port map[string]string
}

// locate gathers what the evidence itself tells of the topology: pods and their nodes and addresses from labels and
// events, hosts from streams, calls from series that name both ends and from log lines that blame a target.
func locate(given event.Topology, in *detect.Input, s *summary.Summary) *places {
	p := &places{known: map[string]bool{}, address: map[string]string{}, listener: map[string]string{}, port: map[string]string{}}
	for caller, callees := range given.Calls {
		for _, callee := range callees {
			p.AddCall(caller, callee)
			p.known[caller], p.known[callee] = true, true
		}
	}
	for c, hosts := range given.Hosts {
		for _, h := range hosts {
			p.AddHost(c, h)
		}
	}
	for _, c := range s.Components() {
		p.known[c.Name] = true
	}
	for i := range in.Signals {
		p.fromSignal(&in.Signals[i])
	}
	for _, st := range s.Streams() {
		if st.Instance != "" && event.NewComponent("", st.Instance).Name == st.Instance {
			p.AddHost(st.Component, st.Instance)
		}
	}
	for i := range in.Events {
		e := &in.Events[i]
		// Where something was changed is known by names of folders and packages too, which say nothing about what runs.
		if e.Component.Name != "" && e.Kind != event.Change {
			p.known[e.Component.Name] = true
		}
		p.listens(e.Labels["instance"], e.Component.Name)
		for _, l := range []string{"node", "host", "nodename"} {
			if h := e.Labels[l]; h != "" {
				p.AddHost(e.Component.Name, h)
			}
		}
	}
	delete(p.known, "")
	for _, m := range s.Matches() {
		if m.Target != "" && !strings.HasPrefix(m.Target, "unix:") {
			p.AddCall(m.Component, p.resolve(m.Target))
		}
	}
	return p
}

// callLabels are pairs of labels that name both ends of a call, as service meshes and tracing's span metrics write them.
var callLabels = [][2]string{
	{"source_workload", "destination_workload"},
	{"source_app", "destination_app"},
	{"client", "server"},
	{"caller", "callee"},
	{"source_service", "destination_service"},
	{"upstream_service", "downstream_service"},
}

func (p *places) fromSignal(s *detect.Signal) {
	p.known[s.Component.Name] = true
	if s.Series == nil {
		return
	}
	for _, l := range []string{"node", "kubernetes_node", "host", "nodename"} {
		if h := s.Series.Label(l); h != "" {
			p.AddHost(s.Component.Name, h)
		}
	}
	p.listens(s.Series.Label("instance"), s.Component.Name)
	for _, l := range []string{"pod_ip", "host_ip"} {
		if ip := s.Series.Label(l); ip != "" && s.Series.Label("pod") != "" {
			p.address[ip] = s.Component.Name
		}
	}
	for _, pair := range callLabels {
		a, b := s.Series.Label(pair[0]), s.Series.Label(pair[1])
		if a != "" && b != "" {
			p.AddCall(event.Workload(a), event.Workload(b))
		}
	}
}

// everyonesPorts are those that say nothing about who listens.
var everyonesPorts = []string{"80", "443", "8080", "8443"}

// softwareOn says what listens on ports that IANA gave it or that everybody leaves as they are; a component may be called
// after it.
var softwareOn = map[string][]string{
	"5432": {"postgres", "postgresql"}, "3306": {"mysql", "mariadb"}, "6379": {"redis", "valkey"}, "27017": {"mongodb", "mongo", "mongod"}, "9092": {"kafka"},
	"5672": {"rabbitmq"}, "9200": {"elasticsearch", "opensearch"}, "11211": {"memcached"}, "2379": {"etcd"}, "2181": {"zookeeper"}, "9042": {"cassandra"},
}

// databaseWords are the words of names that components have which are called after their database's purpose, by port.
var databaseWords = map[string][]string{
	"5432": {"db", "database", "pg", "postgres", "postgresql"}, "3306": {"db", "database", "mysql", "mariadb"}, "6379": {"cache", "redis", "valkey"},
	"27017": {"db", "database", "mongo", "mongodb"},
}

// database is the one known component whose name has a word for what listens on a port, "orders-db" for 5432; empty if there
// is none, or more than one.
func (p *places) database(port string) string {
	one := ""
	for name := range p.known {
		words := strings.FieldsFunc(name, func(r rune) bool { return r == '-' || r == '_' })
		if !slices.ContainsFunc(words, func(w string) bool { return slices.Contains(databaseWords[port], w) }) {
			continue
		}
		if one != "" {
			return ""
		}
		one = name
	}
	return one
}

// listens notes that a component answers scrapes at host:port, which is where a service answers its callers too. Exporters
// have components that are called after the host.
func (p *places) listens(instance, component string) {
	host, port, err := net.SplitHostPort(instance)
	if err != nil || component == "" || component == host || component == event.NewComponent("", instance).Name {
		return
	}
	p.listener[instance] = component
	if slices.Contains(everyonesPorts, port) {
		return
	}
	if c, ok := p.port[port]; ok && c != component {
		component = ""
	}
	p.port[port] = component
}

// resolve finds the component that a target in a log line means: "10.0.0.7:8080", "http://orders.shop.svc.cluster.local/",
// "redis-master:6379", "orders-7d9f8b6c5-x2x7q". A target nobody knows keeps its own name.
func (p *places) resolve(target string) string {
	t := target
	if i := strings.Index(t, "://"); i >= 0 {
		t = t[i+3:]
	}
	if i := strings.IndexAny(t, "/?# "); i >= 0 {
		t = t[:i]
	}
	if i := strings.LastIndexByte(t, '@'); i >= 0 {
		t = t[i+1:]
	}
	if host, port, err := net.SplitHostPort(t); err == nil {
		if c := p.listener[t]; c != "" {
			return c
		}
		if c := p.port[port]; c != "" && isIP(host) {
			return c
		}
		if isIP(host) && p.address[host] == "" {
			for _, name := range softwareOn[port] {
				if p.known[name] {
					return name
				}
			}
			if name := p.database(port); name != "" {
				return name
			}
		}
		t = host
	}
	t = strings.Trim(t, `"'[]()`)
	if c, ok := p.address[t]; ok {
		return c
	}
	if p.known[t] {
		return t
	}
	if net.ParseIP(t) != nil {
		return t
	}
	first, _, _ := strings.Cut(t, ".")
	for _, name := range []string{event.Workload(t), first, event.Workload(first)} {
		if p.known[name] {
			return name
		}
	}
	if strings.Contains(t, ".svc") || !strings.Contains(t, ".") {
		return event.Workload(first)
	}
	return t
}
