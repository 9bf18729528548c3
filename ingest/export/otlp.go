package export

import (
	"encoding/json"
	"strconv"
	"time"
)

// otlp is the JSON form of OpenTelemetry's ExportLogsServiceRequest, as the collector's file exporter writes it: see
// opentelemetry/proto/logs/v1/logs.proto, and for the JSON https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding.
type otlp struct {
	Resource struct {
		Attributes []attribute `json:"attributes"`
	} `json:"resource"`
	ScopeLogs []struct {
		Scope struct {
			Name string `json:"name"`
		} `json:"scope"`
		LogRecords []json.RawMessage `json:"logRecords"`
	} `json:"scopeLogs"`
}

type otlpRecord struct {
	Time         json.Number     `json:"timeUnixNano"`
	ObservedTime json.Number     `json:"observedTimeUnixNano"`
	Severity     json.RawMessage `json:"severityNumber"`
	SeverityText string          `json:"severityText"`
	Body         anyValue        `json:"body"`
	Attributes   []attribute     `json:"attributes"`
	TraceID      string          `json:"traceId"`
	SpanID       string          `json:"spanId"`
}

type attribute struct {
	Key   string   `json:"key"`
	Value anyValue `json:"value"`
}

// anyValue is one of the kinds of value that OpenTelemetry knows.
type anyValue struct {
	String *string         `json:"stringValue"`
	Bool   *bool           `json:"boolValue"`
	Int    json.RawMessage `json:"intValue"`
	Double *float64        `json:"doubleValue"`
	Bytes  *string         `json:"bytesValue"`
	Array  *struct {
		Values []anyValue `json:"values"`
	} `json:"arrayValue"`
	Map *struct {
		Values []attribute `json:"values"`
	} `json:"kvlistValue"`
}

// plain gives a value as JSON has it. Whole numbers come as strings or as numbers.
func (v *anyValue) plain() any {
	switch {
	case v.String != nil:
		return *v.String
	case v.Bool != nil:
		return *v.Bool
	case len(v.Int) > 0:
		if s, err := strconv.Unquote(string(v.Int)); err == nil {
			return json.Number(s)
		}
		return v.Int
	case v.Double != nil:
		return *v.Double
	case v.Bytes != nil:
		return *v.Bytes
	case v.Array != nil:
		all := make([]any, len(v.Array.Values))
		for i := range v.Array.Values {
			all[i] = v.Array.Values[i].plain()
		}
		return all
	case v.Map != nil:
		all := map[string]any{}
		for i := range v.Map.Values {
			all[v.Map.Values[i].Key] = v.Map.Values[i].Value.plain()
		}
		return all
	}
	return nil
}

// records gives a line of JSON for each record. What cannot be read is handed out as it is, so that it is counted.
func (o *otlp) records() [][]byte {
	var all [][]byte
	for _, scope := range o.ScopeLogs {
		for _, raw := range scope.LogRecords {
			var r otlpRecord
			if json.Unmarshal(raw, &r) != nil {
				all = append(all, compact(raw))
				continue
			}
			record := map[string]any{}
			for _, list := range [][]attribute{o.Resource.Attributes, r.Attributes} {
				for i := range list {
					record[list[i].Key] = list[i].Value.plain()
				}
			}
			if scope.Scope.Name != "" {
				record["logger"] = scope.Scope.Name
			}
			r.fill(record)
			b, err := json.Marshal(record)
			if err != nil {
				b = compact(raw)
			}
			all = append(all, b)
		}
	}
	return all
}

// fill adds what a record has of its own to its attributes, which must not take its place.
func (r *otlpRecord) fill(record map[string]any) {
	for name, v := range map[string]string{"trace.id": r.TraceID, "span.id": r.SpanID, "level": r.level()} {
		if v != "" {
			record[name] = v
		}
	}
	delete(record, "@timestamp")
	for _, t := range []json.Number{r.Time, r.ObservedTime} {
		if ns, err := t.Int64(); err == nil && ns > 0 {
			record["@timestamp"] = time.Unix(0, ns).UTC().Format(time.RFC3339Nano)
			break
		}
	}
	switch body := r.Body.plain().(type) {
	case nil:
	case map[string]any: // a record with fields of its own
		for name, v := range body {
			if _, taken := record[name]; !taken {
				record[name] = v
			}
		}
	default:
		record["message"] = body
	}
}

// level is the severity's text, or the name of its number: four numbers for each from TRACE (1) to FATAL (21).
func (r *otlpRecord) level() string {
	if r.SeverityText != "" {
		return r.SeverityText
	}
	n, err := strconv.Atoi(string(r.Severity))
	if err != nil || n < 1 || n > 24 {
		return ""
	}
	return [...]string{"trace", "debug", "info", "warn", "error", "fatal"}[(n-1)/4]
}
