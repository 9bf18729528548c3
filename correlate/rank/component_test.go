package rank

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hindcast/hindcast/ingest/event"
)

func odd(component string, a Aspect, family string, strength, distance float64) Oddity {
	return Oddity{Component: component, Aspect: a, Family: family, Strength: strength, Distance: distance, Harm: 1, Onset: at(10, 0)}
}

func old(o Oddity) Oddity {
	o.Standing = true
	return o
}

func other(o Oddity) Oddity {
	o.Foreign = true
	return o
}

func namesOf(list []Component) []string {
	var out []string
	for _, c := range list {
		out = append(out, c.Name)
	}
	return out
}

func TestComponents(t *testing.T) {
	for name, c := range map[string]struct {
		odd      []Oddity
		alerting []string
		calls    [][2]string
		want     []string
	}{
		"a slow callee explains its callers": {
			odd:   []Oddity{odd("edge", LatencyAspect, "latency", 1, 40), odd("shop", LatencyAspect, "latency", 1, 40), odd("prices", LatencyAspect, "latency", 1, 30)},
			calls: [][2]string{{"edge", "shop"}, {"shop", "prices"}}, want: []string{"prices", "shop", "edge"},
		},
		"its own resources are its own fault": {
			odd:   []Oddity{odd("shop", OwnAspect, "cpu", 1, 30), odd("prices", LatencyAspect, "latency", 0.5, 10), odd("shop", LatencyAspect, "latency", 1, 40)},
			calls: [][2]string{{"shop", "prices"}}, want: []string{"shop", "prices"},
		},
		"what no trouble leads up from to the alert": {
			odd:      []Oddity{odd("batch", LatencyAspect, "latency", 1, 60), odd("prices", LatencyAspect, "latency", 0.6, 20)},
			alerting: []string{"shop"}, calls: [][2]string{{"shop", "prices"}, {"shop", "quiet"}, {"quiet", "batch"}}, want: []string{"prices", "batch"},
		},
		"what a caller sees of its callees is not its own": {
			odd:  []Oddity{odd("edge", CalleeAspect, "client latency", 1, 40), odd("prices", WayAspect, "network", 0.6, 20)},
			want: []string{"prices", "edge"},
		},
		"what stood before the alert": {
			odd:      []Oddity{old(odd("batch", ErrorAspect, "errors", 1, 60)), odd("prices", LatencyAspect, "latency", 0.6, 20)},
			alerting: []string{"shop"}, calls: [][2]string{{"shop", "prices"}, {"shop", "batch"}}, want: []string{"prices", "batch"},
		},
		"failures where alerts are about slowness": {
			odd:  []Oddity{other(odd("ads", ErrorAspect, "errors", 1, 30)), odd("prices", LatencyAspect, "latency", 0.9, 20)},
			want: []string{"prices", "ads"},
		},
		"callers do not water down what they echo": {
			odd: []Oddity{
				odd("edge", ErrorAspect, "errors", 1, 30), odd("shop", ErrorAspect, "errors", 1, 30), odd("prices", ErrorAspect, "errors", 1, 30),
				odd("ads", LatencyAspect, "latency", 0.8, 20),
			},
			calls: [][2]string{{"edge", "shop"}, {"shop", "prices"}, {"edge", "ads"}}, want: []string{"prices", "ads", "shop", "edge"},
		},
		"an alert alone is no oddity": {alerting: []string{"shop"}},
		"what all show says little about each": {
			odd: []Oddity{
				odd("a", OwnAspect, "clients", 0.9, 9), odd("b", OwnAspect, "clients", 0.9, 9), odd("c", OwnAspect, "clients", 0.9, 9), odd("d", OwnAspect, "clients", 0.9, 9),
				odd("b", OwnAspect, "memory", 0.8, 9),
			},
			want: []string{"b", "a", "c", "d"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var topology event.Topology
			for _, k := range c.calls {
				topology.AddCall(k[0], k[1])
			}
			require.Equal(t, c.want, namesOf(Components(c.odd, c.alerting, &topology)))
		})
	}
}
