package detect

// limits are the series that say how much there may be of one thing. A use is paired with those that agree with it on
// every label both have. Where every limit has a label, such as the pod's, only those of the same value can agree: they are
// found by the label that tells them apart best, or a hundred thousand series would be compared with each other.
type limits struct {
	all   []*Signal
	label string
	by    map[string][]*Signal
}

// index chooses the label. It is called once, when all limits are there.
func (l *limits) index() {
	values := map[string]map[string]bool{}
	has := map[string]int{}
	for _, s := range l.all {
		for _, label := range s.Series.Labels {
			if values[label.Name] == nil {
				values[label.Name] = map[string]bool{}
			}
			values[label.Name][label.Value] = true
			has[label.Name]++
		}
	}
	for name, n := range has {
		if n < len(l.all) {
			continue
		}
		if d, best := len(values[name]), len(values[l.label]); d > best || d == best && name < l.label {
			l.label = name
		}
	}
	if l.label == "" {
		return
	}
	l.by = map[string][]*Signal{}
	for _, s := range l.all {
		v := s.Series.Label(l.label)
		l.by[v] = append(l.by[v], s)
	}
}

// of gives the limits that may agree with a use, in the order of the series.
func (l *limits) of(use *Signal) []*Signal {
	if l == nil {
		return nil
	}
	if l.label != "" {
		for _, label := range use.Series.Labels {
			if label.Name == l.label {
				return l.by[label.Value]
			}
		}
	}
	return l.all
}
