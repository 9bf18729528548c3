package format

import (
	"fmt"
	"slices"
	"strings"
)

// role is the part that a field plays in a record.
type role uint8

const (
	noRole role = iota
	timeRole
	nanosRole // log4j2 splits its instants
	levelRole
	priorityRole // a level on syslog's scale
	messageRole
	serviceRole
	instanceRole
	loggerRole
	errorRole
	errorTypeRole
	stackRole
	detailRole // PostgreSQL's further lines
	hintRole
	contextRole
	statementRole
	statusRole
	durationRole
	methodRole
	pathRole
	roleCount
)

// roleNames are the roles that a mapping may name.
var roleNames = map[string]role{
	"time": timeRole, "level": levelRole, "message": messageRole, "service": serviceRole, "instance": instanceRole, "host": instanceRole,
	"logger": loggerRole, "error": errorRole, "stack": stackRole, "status": statusRole, "duration": durationRole, "method": methodRole, "path": pathRole,
}

// usualFields are the names that fields have in logs of structured loggers, for each role the surest first. Dots part
// the names of nested objects; a field whose name itself has dots is found too.
var usualFields = []struct {
	role  role
	names string
}{
	{timeRole, `@timestamp __REALTIME_TIMESTAMP _SOURCE_REALTIME_TIMESTAMP timestamp time ts Timestamp instant.epochSecond t.$date @t datetime asctime
		event_time eventTime eventtime log_time logtime time_iso8601 StartUTC TimeGenerated receiveTimestamp date created_at t timeMillis msec time_local requestReceivedTimestamp TimeCreated`},
	{nanosRole, `instant.nanoOfSecond`},
	{levelRole, `log.level level severity error_severity levelname loglevel log_level logLevel LogLevel LevelDisplayName lvl Level severity_text severityText SeverityText @l s level_name`},
	{priorityRole, `PRIORITY syslog_severity_code`},
	{messageRole, `message msg MESSAGE short_message Message textPayload jsonPayload.message Body body @m @mt RenderedMessage event log text
		attr.message`},
	{serviceRole, `service.name service SYSLOG_IDENTIFIER resource.service.name app application app_name appname service_name serviceName
		kubernetes.labels.app kubernetes.labels.app.kubernetes.io/name kubernetes.container.name kubernetes.container_name container_name resource.labels.container_name
		Resource.service.name facility ProviderName _COMM`},
	{instanceRole, `kubernetes.pod.name kubernetes.pod_name pod pod_name host.name host.hostname _HOSTNAME hostname host HOSTNAME instance resource.labels.pod_name
		source_host elasticsearch.node.name node.name Resource.host.name MachineName container.name`},
	{loggerRole, `log.logger logger logger_name loggerName LoggerName caller component module c SourceContext Properties.SourceContext Category`},
	{errorRole, `error.message error err.message err exception.message exception.exception_message exception thrown.message exc errorMessage error_message err_msg attr.error.errmsg attr.error @x`},
	{errorTypeRole, `error.type err.type err.name error.name error.class exception.type exception.class exception.exception_class thrown.name`},
	{stackRole, `error.stack_trace error.stack err.stack stack_trace stacktrace stack exception.stacktrace exception.stack_trace thrown.extendedStackTrace exc_info
		full_message errorVerbose traceback StackTrace Exception error_detail`},
	{detailRole, `detail`},
	{hintRole, `hint`},
	{contextRole, `context`},
	{statementRole, `statement internal_query`},
	{statusRole, `http.response.status_code status_code statusCode http_status http.status_code status httpRequest.status res.statusCode response.status
		DownstreamStatus response_code responseStatus.code`},
	{durationRole, `event.duration duration_ms latency_ms elapsed_ms durationMs durationMillis responseTime response_time_ms request_time duration latency elapsed
		elapsed_time httpRequest.latency Duration took_ms response_time attr.durationMillis`},
	{methodRole, `http.request.method method request_method httpRequest.requestMethod req.method request.method RequestMethod http_method verb`},
	{pathRole, `url.path path request_uri uri url.original httpRequest.requestUrl req.url request.uri RequestPath url request_path requestURI`},
}

// node is a field, and the fields in it if it is an object.
type node struct {
	name string
	role role
	rank uint8
	// nanos is set for durations that are always in nanoseconds.
	nanos bool
	// wanted is the name to keep the field under, nil if nobody asked.
	wanted []byte
	kids   *[kidSlots]*node
	next   *node // further ones of the same slot
}

const kidSlots = 64

// roles is the table of fields to look at in structured records.
type roles struct{ root node }

func slotOf(name []byte) int {
	n := len(name)
	return (n*7 + int(name[0])*5 + int(name[n-1])*3 + int(name[n/2])) & (kidSlots - 1)
}

// kid finds the field of a name, nil if nobody is interested.
func (n *node) kid(name []byte) *node {
	if len(name) == 0 || n.kids == nil {
		return nil
	}
	for k := n.kids[slotOf(name)]; k != nil; k = k.next {
		if k.name == string(name) {
			return k
		}
	}
	return nil
}

func (n *node) add(name string) *node {
	if k := n.kid([]byte(name)); k != nil {
		return k
	}
	if n.kids == nil {
		n.kids = new([kidSlots]*node)
	}
	s := slotOf([]byte(name))
	k := &node{name: name, next: n.kids[s]}
	n.kids[s] = k
	return k
}

// nodes gives the places that a dotted name may stand at: as it is, and taken apart at its dots.
func (rs *roles) nodes(path string) []*node {
	list := []*node{rs.root.add(path)}
	at := &rs.root
	rest := path
	for {
		i := strings.IndexByte(rest, '.')
		if i <= 0 || i == len(rest)-1 {
			break
		}
		at = at.add(rest[:i])
		rest = rest[i+1:]
		list = append(list, at.add(rest))
	}
	return list
}

// newRoles makes the table for a mapping, which goes before the usual names, and for the fields wanted.
func newRoles(o Options) (*roles, error) {
	rs := &roles{}
	for _, u := range usualFields {
		for i, name := range strings.Fields(u.names) {
			for _, n := range rs.nodes(name) {
				if n.role == noRole {
					n.role, n.rank = u.role, uint8(i+2)
					n.nanos = name == "event.duration" || name == "Duration" // ECS's and Traefik's
				}
			}
		}
	}
	for name, field := range o.Fields {
		r, ok := roleNames[name]
		if !ok {
			known := make([]string, 0, len(roleNames))
			for n := range roleNames {
				known = append(known, n)
			}
			slices.Sort(known)
			return nil, fmt.Errorf("fields: unknown role %q (one of %s)", name, strings.Join(known, ", "))
		}
		if field == "" {
			return nil, fmt.Errorf("fields: the role %q has no field's name", name)
		}
		for _, n := range rs.nodes(field) {
			n.role, n.rank = r, 1
		}
	}
	for _, name := range o.Wanted {
		if name == "" {
			continue
		}
		for _, n := range rs.nodes(name) {
			n.wanted = []byte(name)
		}
	}
	return rs, nil
}
