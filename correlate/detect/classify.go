package detect

import (
	"slices"
	"strings"
	"unicode"
)

// unitMarks tell the unit of a metric by a part of its name, as [spelled] gives it; the first that fits holds.
var unitMarks = []struct {
	unit  string
	marks []string
}{
	{"ms", []string{"_milliseconds_", "_ms_", "timems_", "_upstream_rq_time_"}},
	{"/s", []string{"_per_sec_", "_per_second_"}},
	{"s", []string{"_seconds_", "_replication_lag_", "_replica_lag_"}},
	{"MiB", []string{"_mebibytes_", "_mib_"}},
	{"B", []string{"bytes"}},
	{"%", []string{"percent", "_pct_"}},
	{"ratio", []string{"_ratio_"}},
	{"°C", []string{"celsius"}},
}

// meaning is what a part of a metric's name says of its direction and role.
type meaning struct {
	bad  int
	role SignalRole
	// marks are parts of a name as [spelled] gives it: "_up_" is a word, "_fail" how a word begins, "error" anything.
	marks []string
}

// settings are what somebody has set, which is neither good nor bad.
var settings = []string{
	"_variables_", "_settings_", "_config_", "_spec_", "_timeout_seconds_", "_resource_limits_", "_resource_requests_", "_unit_state_", "_status_phase_",
	"_health_status_", "_status_code_", "breaker_state_", "_membership_total_", "_boot_time_", "_start_time_", "_node_time_", "_last_gc_time_", "_next_gc_", "_uptime",
	"_filefd_allocated_", "_created_", "_expiry_", "_info_", "_classes_loaded_", "_heap_idle_", "_objects_collected_",
}

// bounds say how much of a thing there may be or is. Behind a time, or something that went wrong, they are the largest seen.
var bounds = []string{
	"_limit_", "_limits_", "_max_", "_min_", "_maximum_", "_maxclients_", "_quota_", "_capacity_", "_mem_total_", "_swap_total_", "_filesystem_size_", "_filesystem_data_size_",
}

var slow = []string{
	"latenc", "duration", "response_time", "_rtt_", "_delay_", "_delay_seconds_", "_gc_pause_", "_gc_collection_", "_requests_seconds_", "_request_seconds_",
	"_query_time_", "_lock_time_", "_parse_time_", "_lookup_time_", "_read_time_", "_write_time_", "_acquire_seconds_", "_fork_seconds_", "_slow_queries_", "_slowlog_",
	"_rq_time_", "totaltime", "_event_loop_lag_", "_eventloop_lag_", "_elapsed_",
}

var wrong = []string{
	"error", "_errs_", "fail", "exception", "reject", "refus", "_drop", "_listen_drop", "_timeout", "_timed_out_", "_5xx", "_4xx", "restart", "_oom", "evict", "throttl", "retrans",
	"deadlock", "_retry", "_retries_", "abort", "rollback", "conflict", "overflow", "unavailable", "_unhealthy", "_un_healthy", "_unassigned", "_offline", "_under_repl", "_underrepl",
	"isr_shrink", "isrshrink", "_kill", "terminated", "_leader_changes_", "_timex_offset_", "readonly", "_read_only_", "_tripped_", "_ejections_", "_cx_open_", "_not_permitted_", "_misses_",
	"_miss_", "_loss_", "_lost_", "corrupt", "denied", "crash", "panic", "_dead_letter", "_exceeded_", "_rate_limited_", "unschedulable", "_asserts_",
}

// meanings are tried in order; the first that fits holds.
var meanings = []meaning{
	{+1, Errors, []string{"_throttled_seconds_"}},
	{+1, Latency, slow},
	{0, Traffic, []string{"_successes_", "_succeeded_", "_success_total_", "_success_count_", "_successful_requests_"}},
	{-1, Availability, []string{"success", "availability", "_hit_ratio_", "_hit_rate_", "_hit_percent"}},
	{+1, Errors, wrong},
	{+1, Saturated, []string{"_messages_ready_", "_in_flight_", "_inflight_", "_messages_unacked_", "_age_of_oldest_"}},
	{-1, Availability, []string{
		"_up_", "healthy", "_ready_", "_alive_", "_replicas_available_", "_heartbeat", "_active_servers_", "_number_of_nodes_", "_kafka_brokers_", "_has_leader_",
		"_connected_slaves_", "_connected_replicas_", "_queue_consumers_", "_sync_status_", "_bgsave_status_", "_sql_running_", "_slave_io_running_",
	}},
	{-1, Saturated, []string{"_avail", "_free", "_idle_", "_remaining", "_open_slots_", "_burst_balance_", "_credit_balance_"}},
	{0, Traffic, []string{"_processed_", "_completed_", "_consumed_", "_published_", "_delivered_", "_opened_total_", "_network_io_", "_network_receive_", "_network_transmit_"}},
	{+1, Saturated, []string{
		"_waiting_", "_waits_", "_pending", "queue", "_lag_", "_backlog", "_blocked_", "_stalled_", "cpu", "_mem", "_heap_", "usage", "_used_", "utilization", "_load_", "_load1", "_load5",
		"_active", "_in_use_", "_inuse_", "_fds_", "connection", "_connected_", "_rss_", "_working_set_", "goroutines", "_threads_", "_pressure_", "_busy_", "_concurrent", "_depth_",
		"_io_now_", "_io_time_", "_numbackends_", "_activity_count_", "_locks_count_", "_dead_tup", "_database_size_", "_db_total_size_", "_temp_bytes_",
		"_messages_visible_", "_cache_bytes_", "_committed_bytes_", "_alloc_bytes_", "_allocated_", "_conntrack_entries_", "_starving_", "_behind_", "_clients_", "_sessions_",
		"_queued_", "_queue_messages_", "_temp_celsius_", "_temperature_", "_resident_", "_virtual_",
	}},
	{0, Traffic, []string{
		"request", "_running_", "_ops_", "queries", "span_count", "calls", "message", "_received_", "_receive_", "_transmit", "throughput", "_commit", "_bytes_total_", "_packets_", "_bytesin_",
		"_bytesout_", "_read_bytes_", "_written_bytes_", "_iops_", "_network_in_", "_network_out_", "_invocations_", "_events_total_", "_evaluated_", "_opcounters_", "_blks_hit_", "_hits_",
		"_offset_", "_expired_keys_", "_indexing_", "_2xx_", "_3xx_", "_rq_total_", "_read_iops_", "_write_iops_",
	}},
}

// classify reads unit, direction and role from a metric's name, as https://prometheus.io/docs/practices/naming/, OpenTelemetry's
// conventions, CloudWatch and usage have them.
func classify(name string) (unit string, bad int, role SignalRole) {
	n := spelled(name)
	for _, u := range unitMarks {
		if marked(n, u.marks) {
			unit = u.unit
			break
		}
	}
	if unit == "" && strings.HasSuffix(name, "_duration") {
		unit = "s"
	}
	timed := unit == "s" || unit == "ms"
	switch {
	case marked(n, settings):
		return unit, 0, Other
	case !timed && marked(n, bounds) && !marked(n, wrong) && !marked(n, slow):
		return unit, 0, Other
	}
	for _, m := range meanings {
		if marked(n, m.marks) {
			return unit, m.bad, m.role
		}
	}
	return unit, 0, Other
}

// RoleOf reads from words, such as an alert's, which golden signal they are about; Other if none.
func RoleOf(words string) SignalRole {
	_, _, role := classify(words)
	return role
}

// outgoing mark what a client sees of those that it calls: OpenTelemetry's http.client.request.duration and rpc.client.duration,
// Spring Boot's http.client.requests, Envoy's cluster.upstream_rq_time.
var outgoing = []string{"_client_request", "_client_latenc", "_client_duration", "_client_response", "_client_handling_", "_client_roundtrip_", "_upstream_", "_outgoing_", "_outbound_", "_egress_"}

// underway mark times between sending and receiving.
var underway = []string{"_network_latenc", "_network_delay", "_rtt_", "_round_trip_", "_connect_time_", "_connect_duration_", "_ping_"}

func placeOf(name string) Place {
	switch n := spelled(name); {
	case marked(n, underway):
		return OnTheWay
	case marked(n, outgoing):
		return AtCallees
	}
	return Here
}

func marked(name string, marks []string) bool {
	return slices.ContainsFunc(marks, func(m string) bool { return strings.Contains(name, m) })
}

// spelled gives a name's words in lower case, each between underscores: "_http_code_target_5xx_count_" for
// HTTPCode_Target_5XX_Count. What CloudWatch's exporters put behind a name, the statistic, is left out.
func spelled(name string) string {
	var b strings.Builder
	b.WriteByte('_')
	last := '_'
	runes := []rune(name)
	for i, r := range runes {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			r = '_'
		}
		if unicode.IsUpper(r) && i > 0 && (unicode.IsLower(runes[i-1]) || unicode.IsUpper(runes[i-1]) && i+1 < len(runes) && unicode.IsLower(runes[i+1])) && last != '_' {
			b.WriteByte('_')
		}
		if r == '_' && last == '_' {
			continue
		}
		b.WriteRune(unicode.ToLower(r))
		last = r
	}
	if last != '_' {
		b.WriteByte('_')
	}
	n := b.String()
	if strings.HasPrefix(n, "_aws_") {
		for _, statistic := range []string{"average_", "maximum_", "minimum_", "sum_", "sample_count_"} {
			n = strings.TrimSuffix(n, statistic)
		}
	}
	return n
}
