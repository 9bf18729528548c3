package kubernetes

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// isDescription tells what "kubectl describe pod" says.
func isDescription(head []byte) bool {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), "\r\n")
	if !bytes.HasPrefix(head, []byte("Name:")) {
		return false
	}
	text := string(head)
	return strings.Contains(text, "\nNamespace:") && strings.Contains(text, "\nContainers:") && strings.Contains(text, "\nStatus:")
}

// described is a pod as far as its description has been read.
type described struct {
	line            int64
	name, namespace string
	status, reason  string
	message, start  string
	containers      []*describedContainer
}

type describedContainer struct {
	name, image, limit string
	restarts           int64
	// states are the present one and the last.
	states [2]map[string]string
}

// descriptions reads what "kubectl describe pod" says of one or more pods. The table of events in it says how long ago
// something was, but not when it was made, and is left out.
func (d *decoder) descriptions(ctx context.Context, r io.Reader) error {
	scan := bufio.NewScanner(r)
	scan.Buffer(nil, maxLine)
	var (
		p       *described
		section string
		c       *describedContainer
		state   = -1
		limits  bool
	)
	end := func() {
		if p == nil {
			return
		}
		if err := d.object(p.line, p.object()); err != nil {
			d.sink.Broken(p.line, err)
		}
		p, c = nil, nil
	}
	for n := int64(1); scan.Scan(); n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		line := strings.TrimRight(strings.TrimPrefix(scan.Text(), "\ufeff"), " \t\r")
		key, value, ok := strings.Cut(strings.TrimSpace(line), ":")
		value = strings.TrimSpace(value)
		indent := len(line) - len(strings.TrimLeft(line, " "))
		if line == "" {
			continue
		}
		if indent == 0 {
			section, c, state, limits = key, nil, -1, false
			if key == "Name" {
				end()
				p = &described{line: n, name: value}
			}
			if p != nil {
				p.say(key, value)
			}
			continue
		}
		if section == "Events" {
			if p != nil && indent == 2 && !strings.HasPrefix(strings.TrimSpace(line), "Type ") && !strings.HasPrefix(strings.TrimSpace(line), "----") {
				d.sink.Drop("event that says only how long ago it was")
			}
			continue
		}
		if p == nil || !ok || section != "Containers" && section != "Init Containers" {
			continue
		}
		switch {
		case indent == 2 && value == "":
			c, state, limits = &describedContainer{name: key}, -1, false
			p.containers = append(p.containers, c)
		case c == nil:
		case indent == 4:
			state, limits = c.say(key, value), key == "Limits"
		case indent == 6 && state >= 0:
			c.states[state][key] = value
		case indent == 6 && limits && key == "memory":
			c.limit = value
		}
	}
	end()
	if err := scan.Err(); err != nil {
		return fmt.Errorf("reading a description: %w", err)
	}
	return nil
}

func (p *described) say(key, value string) {
	switch key {
	case "Namespace":
		p.namespace = value
	case "Status":
		p.status = value
	case "Reason":
		p.reason = value
	case "Message":
		p.message = value
	case "Start Time":
		p.start = value
	}
}

// say takes what stands in the first row of a container, and tells which state follows, -1 for none.
func (c *describedContainer) say(key, value string) int {
	switch key {
	case "Image":
		c.image = value
	case "Restart Count":
		c.restarts, _ = strconv.ParseInt(value, 10, 64)
	case "State":
		c.states[0] = map[string]string{"": value}
		return 0
	case "Last State":
		c.states[1] = map[string]string{"": value}
		return 1
	}
	return -1
}

// object gives the pod as the API does, as far as it is known.
func (p *described) object() []byte {
	type m = map[string]any
	var statuses, specs []m
	for _, c := range p.containers {
		status := m{"name": c.name, "image": c.image, "restartCount": c.restarts}
		for i, name := range [...]string{"state", "lastState"} {
			s := c.states[i]
			switch s[""] {
			case "Terminated":
				code, _ := strconv.Atoi(s["Exit Code"])
				status[name] = m{"terminated": m{
					"reason": s["Reason"], "message": s["Message"], "exitCode": code, "startedAt": stampOf(s["Started"]), "finishedAt": stampOf(s["Finished"]),
				}}
			case "Waiting":
				status[name] = m{"waiting": m{"reason": s["Reason"]}}
			}
		}
		statuses = append(statuses, status)
		spec := m{"name": c.name, "image": c.image}
		if c.limit != "" {
			spec["resources"] = m{"limits": m{"memory": c.limit}}
		}
		specs = append(specs, spec)
	}
	raw, err := json.Marshal(m{
		"kind": "Pod", "metadata": m{"name": p.name, "namespace": p.namespace}, "spec": m{"containers": specs},
		"status": m{"phase": p.status, "reason": p.reason, "message": p.message, "startTime": stampOf(p.start), "containerStatuses": statuses},
	})
	if err != nil {
		return []byte("null") // strings and numbers alone
	}
	return raw
}

// stampOf writes a description's time as the API does, nothing if there is none.
func stampOf(text string) any {
	t, err := time.Parse(time.RFC1123Z, text)
	if err != nil {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}
