package event

import "slices"

// Topology is who calls whom and what runs where, as far as it is known.
type Topology struct {
	// Calls maps a component to those that it calls: its dependencies.
	Calls map[string][]string
	// Hosts maps a component to the hosts it was seen on.
	Hosts map[string][]string
}

// AddCall notes that caller calls callee.
func (t *Topology) AddCall(caller, callee string) {
	if caller == "" || callee == "" || caller == callee || slices.Contains(t.Calls[caller], callee) {
		return
	}
	if t.Calls == nil {
		t.Calls = map[string][]string{}
	}
	t.Calls[caller] = append(t.Calls[caller], callee)
	slices.Sort(t.Calls[caller])
}

// AddHost notes that a component was seen on a host.
func (t *Topology) AddHost(component, host string) {
	if component == "" || host == "" || component == host || slices.Contains(t.Hosts[component], host) {
		return
	}
	if t.Hosts == nil {
		t.Hosts = map[string][]string{}
	}
	t.Hosts[component] = append(t.Hosts[component], host)
	slices.Sort(t.Hosts[component])
}

// Distance is the number of calls from caller down to callee, 0 for the same component, and -1 if there is no way
// within most calls.
func (t *Topology) Distance(caller, callee string, most int) int {
	if caller == callee {
		return 0
	}
	seen := map[string]bool{caller: true}
	level := []string{caller}
	for d := 1; d <= most && len(level) > 0; d++ {
		var next []string
		for _, c := range level {
			for _, dep := range t.Calls[c] {
				if dep == callee {
					return d
				}
				if !seen[dep] {
					seen[dep] = true
					next = append(next, dep)
				}
			}
		}
		level = next
	}
	return -1
}
