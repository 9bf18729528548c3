package rule

import (
	"errors"
	"regexp"
	"strings"

	"github.com/expr-lang/expr/file"
)

var unknownName = regexp.MustCompile(`unknown name (\w+)`)

// explainWhere turns an error of the expression language into one line, a hint and the byte where it lies.
func explainWhere(err error, names []string) (what, hint string, offset int) {
	e, ok := errors.AsType[*file.Error](err)
	if !ok {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return first, "", 0
	}
	if m := unknownName.FindStringSubmatch(e.Message); m != nil {
		hint = nearest(m[1], names)
	}
	return e.Message, hint, e.From
}
