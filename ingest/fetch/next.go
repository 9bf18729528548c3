package fetch

import (
	"net/http"
	"strings"
)

// Next gives the URL of the next page that a Link header names (RFC 8288), empty if there is none.
func Next(h http.Header) string {
	for _, v := range h.Values("Link") {
		for v != "" {
			_, rest, ok := strings.Cut(v, "<")
			if !ok {
				break
			}
			target, rest, ok := strings.Cut(rest, ">")
			if !ok {
				break
			}
			parameters, after, _ := strings.Cut(rest, "<")
			if isNext(parameters) {
				return target
			}
			if after == "" {
				break
			}
			v = "<" + after
		}
	}
	return ""
}

// isNext tells whether the parameters of a link say that it is the next page.
func isNext(parameters string) bool {
	for _, p := range strings.FieldsFunc(parameters, func(r rune) bool { return r == ';' || r == ',' }) {
		name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		if strings.EqualFold(name, "rel") && strings.Trim(value, `"`) == "next" {
			return true
		}
	}
	return false
}
