package document

import (
	"encoding/json"
	"errors"
	"strings"
)

var errDeep = errors.New("nested too deep")

// shapeDepth is how deep Shape looks.
const shapeDepth = 6

// shapeSize is how much of a head Shape looks at: a few records say what the others are.
const shapeSize = 32 << 10

// Shape lists the members of the JSON values that head begins with, as far as it goes, and their first plain values:
// "data.resultType" is "matrix". Elements of an array are under its path and "[]", so "items[].kind"; an outermost array
// and several values behind each other look like one value. It is empty if head does not begin with a bracket.
func Shape(head []byte) map[string]string {
	s := shaper{found: map[string]string{}}
	head = head[:min(len(head), shapeSize)]
	dec := json.NewDecoder(strings.NewReader(strings.TrimPrefix(string(head), "\ufeff")))
	dec.UseNumber()
	s.dec = dec
	for {
		tok, err := dec.Token()
		if err != nil {
			return s.found
		}
		d, ok := tok.(json.Delim)
		if !ok {
			return s.found
		}
		if d == '[' {
			err = s.elements("", 0)
		} else {
			err = s.members("", 0)
		}
		if err != nil {
			return s.found
		}
	}
}

type shaper struct {
	dec   *json.Decoder
	found map[string]string
}

// maxShape bounds how many paths are kept: a document with more has keys that are data.
const maxShape = 4096

func (s *shaper) note(path, value string) {
	if len(s.found) >= maxShape {
		return
	}
	if old, ok := s.found[path]; !ok || old == "" {
		s.found[path] = value
	}
}

func (s *shaper) members(path string, depth int) error {
	for {
		tok, err := s.dec.Token()
		if err != nil {
			return err
		}
		key, ok := tok.(string)
		if !ok {
			return nil // the closing bracket
		}
		if path != "" {
			key = path + "." + key
		}
		if err := s.value(key, depth+1); err != nil {
			return err
		}
	}
}

func (s *shaper) elements(path string, depth int) error {
	for s.dec.More() {
		if err := s.value(path, depth+1); err != nil {
			return err
		}
	}
	_, err := s.dec.Token()
	return err
}

func (s *shaper) value(path string, depth int) error {
	tok, err := s.dec.Token()
	if err != nil {
		return err
	}
	if path != "" && depth <= shapeDepth {
		s.note(path, plain(tok))
	}
	switch tok {
	case json.Delim('{'):
		if depth > maxDepth {
			return errDeep
		}
		return s.members(path, depth)
	case json.Delim('['):
		if depth > maxDepth {
			return errDeep
		}
		if path != "" {
			path += "[]"
		}
		return s.elements(path, depth)
	}
	return nil
}

func plain(tok json.Token) string {
	switch v := tok.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "true"
		}
		return "false"
	}
	return ""
}
