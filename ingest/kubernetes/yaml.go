package kubernetes

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"sigs.k8s.io/yaml"
)

const (
	headSize = 64 << 10
	// maxLine bounds a line, maxObject an object as YAML.
	maxLine   = 1 << 20
	maxObject = 8 << 20
)

var errLong = errors.New("the object is longer than 8 MiB")

var (
	yamlStart = regexp.MustCompile(`^(?:#[^\n]*\n|---\n)*(?:apiVersion|kind|items|metadata):`)
	// lived is what objects of a cluster have, and manifests have not.
	lived     = regexp.MustCompile(`(?m)^(?:- |  )?(?:status|involvedObject|regarding):`)
	yamlKinds = regexp.MustCompile(`(?m)^(?:- |  )?kind: (?:Pod|Node|Deployment|ReplicaSet|Event)\b`)
)

// isYAML tells objects as "kubectl get -o yaml" gives them.
func isYAML(head []byte) bool {
	head = bytes.TrimPrefix(bytes.ReplaceAll(head, []byte("\r\n"), []byte("\n")), []byte("\ufeff"))
	return yamlStart.Match(head) && lived.Match(head) && (yamlKinds.Match(head) || bytes.Contains(head, []byte("involvedObject:")))
}

// yaml reads objects one by one: documents, and the items of lists.
func (d *decoder) yaml(ctx context.Context, r io.Reader) error {
	scan := bufio.NewScanner(r)
	scan.Buffer(nil, maxLine)
	var (
		object strings.Builder
		begin  int64
		inside bool // an item of a list
		foot   bool // what a list says of itself after its items
	)
	end := func() {
		text := object.String()
		object.Reset()
		switch {
		case strings.TrimSpace(text) == "":
			return
		case len(text) > maxObject:
			d.sink.Broken(begin, errLong)
			return
		}
		raw, err := yaml.YAMLToJSON([]byte(text))
		if err == nil {
			err = d.object(begin, raw)
		}
		if err != nil {
			d.sink.Broken(begin, err)
		}
	}
	for n := int64(1); scan.Scan(); n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		line := strings.TrimRight(strings.TrimPrefix(scan.Text(), "\ufeff"), "\r")
		switch {
		case line == "---":
			end()
			inside, foot, begin = false, false, n+1
			continue
		case line == "items:":
			object.Reset() // what a list says of itself
			inside, foot, begin = true, false, n+1
			continue
		case inside && strings.HasPrefix(line, "- "):
			end()
			begin = n
			line = "  " + line[2:]
		case inside && line != "" && line[0] != ' ':
			end()
			inside, foot = false, true
		}
		if foot {
			continue
		}
		if begin == 0 {
			begin = n
		}
		if object.Len() <= maxObject {
			object.WriteString(line)
			object.WriteByte('\n')
		}
	}
	end()
	if err := scan.Err(); err != nil {
		return fmt.Errorf("reading YAML: %w", err)
	}
	return nil
}
