package render

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/hindcast/hindcast/correlate/timeline"
)

// writeCSV writes one row an entry. Cells that a spreadsheet would take for a formula get an apostrophe before them.
func writeCSV(w io.Writer, t *timeline.Timeline, _ Options) error {
	out := csv.NewWriter(w)
	out.Write([]string{"id", "time", "error_seconds", "end", "kind", "role", "component", "source", "title", "count", "confidence", "starred", "evidence"}) //nolint:errcheck // Error tells below
	for _, e := range t.Entries {
		end := ""
		if e.End != nil {
			end = e.End.UTC().Format(time.RFC3339Nano)
		}
		row := []string{
			e.ID, e.Time.UTC().Format(time.RFC3339Nano), number(e.ErrorSeconds), end, e.Kind, string(e.Role), e.Component,
			e.Source, e.Title, strconv.FormatInt(e.Count, 10), number(e.Confidence), strconv.FormatBool(e.Starred), strings.Join(e.Evidence, " "),
		}
		for i := range row {
			row[i] = cell(row[i])
		}
		out.Write(row) //nolint:errcheck // Error tells below
	}
	out.Flush()
	return out.Error()
}

func cell(s string) string {
	s = clean(s)
	if s != "" && strings.ContainsRune("=+-@", rune(s[0])) {
		return "'" + s
	}
	return s
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
