package format

import (
	"bytes"

	"github.com/hindcast/hindcast/ingest/event"
)

// This file holds the formats that are lists of layouts, by the program or the language that writes them.

var nginxLayouts = []string{"$time [$level] $num#$num: *$num $message", "$time [$level] $num#$num: $message"}

var mysqlLayouts = []string{"$time $word [$level] [MY-$num] [$logger] $message", "$time $num [$level] $message", "$time UTC - $message"}

var javaLayouts = []string{
	"$time $level $num --- [$service] [$thread] $logger~: $message", // Spring Boot 3 names the application
	"$time $level $num --- [$thread] $logger~: $message",
	"$time $level [$thread] $logger: $message",
	"$time $level [$thread] $logger - $message",
	"$time $num $level $logger: $message",        // HDFS
	"$clock [$thread] $level $logger - $message", // logback's default
	"$clock $level [$logger] ($thread) $message", // JBoss
	"$time [$thread] $level $logger - $message",
	"$time [$thread] $level $logger: $message",
	"$time $level [$logger] ($thread) $message", // JBoss, Quarkus
	"$time $level $logger [] - $message",        // Flink
	"$time $level $logger [$thread] - $message",
	"$time [$level] [$thread] $logger - $message",
	"$time [$level] [$thread] $logger: $message",
	"$time [$level] $logger - $message",
	"$time $level $logger - $message",
	"$time $level $class: $message",
	"$level [$time] $logger: $message",           // Dropwizard
	"$level [$thread] $time $logger - $message",  // Cassandra
	"$time $level [$thread] $class $message",     // Tomcat
	"[$time][$word][$level~][$logger~] $message", // the JVM's own
	"[$time][$level~][$logger~] $message",
	"$time|$level|$logger|$message", // NLog
}

var pythonLayouts = []string{
	"$time - $logger - $level - $message",
	"$time - $level - $logger - $message",
	"$time - $level - $message",
	"$time [$level] $logger: $message",
	"$time | $level~| $logger:$word:$num - $message", // loguru
	"$time $level:$logger:$message",
	"[$time: $level/$thread] $message",       // Celery
	"[$time] [$num] [$level] $message",       // Gunicorn
	"[$time] $level in $logger: $message",    // Flask
	"[$time] $level [$logger:$num] $message", // Django
	"$time:$level:$logger:$message",
}

// jvmDate tells java.util.logging's two lines by the first: the date, the class and the method.
var julLayouts = []string{"$time $logger $message"}

func openJUL(s *settings, sample [][]byte) lineReader {
	l := openLayouts(func(r *event.Record) { r.Message = nil }, julLayouts...)(s, sample)
	if l == nil {
		return nil
	}
	return &jul{l.(*layouts)}
}

// jul reads the first line of java.util.logging's records; the second says the rest.
type jul struct{ *layouts }

func (j *jul) clone(s *scratch) lineReader { return &jul{j.layouts.clone(s).(*layouts)} }

func (j *jul) read(b []byte, r *event.Record) verdict {
	if month(b) == 0 || b[len(b)-1] == '.' || bytes.IndexByte(b[:min(len(b), 9)], ',') < 0 {
		return none
	}
	v := j.layouts.read(b, r)
	if v != none && (bytes.IndexByte(r.Logger, '.') < 0 || bytes.Count(b, []byte{' '}) > 7) {
		return none
	}
	return v
}

// sourceLine cuts the line off a logger that is a place in the source: "taskinstance.py:1332".
func sourceLine(r *event.Record) {
	if i := bytes.IndexByte(r.Logger, ':'); i > 0 {
		r.Logger = r.Logger[:i]
	}
	r.Logger = bytes.TrimLeft(r.Logger, "{") // Composer doubles the braces
}

// programTag takes "crond(pam_unix)[2915]: " off the message.
func programTag(r *event.Record) {
	if name, p := tag(r.Message, 0); name != nil {
		r.Service, r.Message = name, r.Message[p:]
	}
}

// barredLogger takes off what ActiveMQ writes behind its messages: the class and the thread, each behind a bar.
func barredLogger(r *event.Record) {
	thread := bytes.LastIndex(r.Message, []byte(" | "))
	if thread < 0 {
		return
	}
	class := bytes.LastIndex(r.Message[:thread], []byte(" | "))
	if class < 0 || !classLike(r.Message[class+3:thread]) {
		return
	}
	r.Logger, r.Message = r.Message[class+3:thread], r.Message[:class]
}

// sidekiqLevel takes the level out of what stands behind the pairs of the job: "abc class=Job jid=8a1c WARN: message". The job is
// the logger.
func sidekiqLevel(r *event.Record) {
	const job = " class="
	for i, end := 0, 0; i < len(r.Message); i = end + 1 {
		for end = i; end < len(r.Message) && r.Message[end] != ' '; end++ {
		}
		w := r.Message[i:end]
		if len(w) > 1 && w[len(w)-1] == ':' && bytes.IndexByte(w, '=') < 0 {
			var lv levels
			if s := lv.read(w[:len(w)-1]); s != event.Unknown {
				if at := bytes.Index(r.Message[:i], []byte(job)); at >= 0 {
					r.Logger, _ = word(r.Message, at+len(job))
				}
				r.Severity, r.Message = s, bytes.TrimLeft(r.Message[end:], " ")
			}
			return
		}
	}
}

// shortDate tells Proxifier's "[10.30 16:49:06]".
func shortDate(b []byte) bool { return len(b) > 15 && b[0] == '[' && b[3] == '.' && b[6] == ' ' }

// paddedLevel tells hclog's "[INFO]  ", which pads the levels to one width behind the bracket.
func paddedLevel(b []byte) bool {
	return bytes.Contains(b, []byte(" [INFO]  ")) || bytes.Contains(b, []byte(" [WARN]  "))
}

// shortLevel tells Serilog's levels of three letters.
func shortLevel(b []byte) bool {
	b = b[:min(len(b), 48)]
	for _, l := range [...]string{"INF]", "WRN]", "ERR]", "FTL]", "DBG]", "VRB]"} {
		if bytes.Contains(b, []byte(l)) {
			return true
		}
	}
	return false
}

// quorumLogger takes the class out of what ZooKeeper puts into brackets: the thread, a colon, the class, an at sign and
// the line.
func quorumLogger(r *event.Record) {
	l := r.Logger
	if i := bytes.LastIndexByte(l, '@'); i > 0 {
		l = l[:i]
	}
	r.Logger = l[bytes.LastIndexByte(l, ':')+1:]
}

// trimmed takes the blanks before the message off.
func trimmed(r *event.Record) { r.Message = bytes.TrimLeft(r.Message, " ") }

// noPlace drops what Blue Gene writes where it knows of no place.
func noPlace(r *event.Record) {
	if s := string(r.Instance); s == "NULL" || s == "UNKNOWN_LOCATION" {
		r.Instance = nil
	}
}

// sqlSeverity reads the severity out of "Error: 9002, Severity: 17, State: 2."; from 20 on connections end, from 11 to 16
// the fault is the client's.
func sqlSeverity(r *event.Record) {
	const name = ", Severity: "
	i := bytes.Index(r.Message, []byte(name))
	if i < 0 || !bytes.HasPrefix(r.Message, []byte("Error: ")) {
		return
	}
	n := digitRun(r.Message[i+len(name):])
	switch s := number(r.Message[i+len(name) : i+len(name)+n]); {
	case s >= 20:
		r.Severity = event.Critical
	case s >= 11:
		r.Severity = event.Error
	default:
		r.Severity = event.Info
	}
}

// endsInClass tells a line that ends in a class in parentheses, as Kafka's do.
func endsInClass(b []byte) bool {
	r := event.Record{Message: b}
	trailingLogger(&r)
	return r.Logger != nil
}

// unstamped reads lines that say a level and no time.
type unstamped struct{ *layouts }

func openUnstamped(s *settings, sample [][]byte) lineReader {
	l := openLayouts(trimmed, "$level: $logger[$num]$message", "$level:$logger:$message", "$level:  $message", "[$level] $message", "$level: $message")(s, sample)
	if l == nil {
		return nil
	}
	return &unstamped{l.(*layouts)}
}

func (u *unstamped) clone(s *scratch) lineReader { return &unstamped{u.layouts.clone(s).(*layouts)} }

// read leaves "panic: runtime error" whole: there the word is no level.
func (u *unstamped) read(b []byte, r *event.Record) verdict {
	if bytes.HasPrefix(b, []byte("panic:")) {
		return none
	}
	return u.layouts.read(b, r)
}

// rabbitmq reads RabbitMQ. Since 3.9 every line of a message has the head; what can be told to go on from the message before
// by the line alone is joined to it.
type rabbitmq struct{ *layouts }

func openRabbitMQ(s *settings, sample [][]byte) lineReader {
	l := openLayouts(nil, "$time [$level] <$word> $message", "=$level REPORT==== $time ===$message")(s, sample)
	if l == nil {
		return nil
	}
	return &rabbitmq{l.(*layouts)}
}

func (m *rabbitmq) clone(s *scratch) lineReader { return &rabbitmq{m.layouts.clone(s).(*layouts)} }

func (m *rabbitmq) read(b []byte, r *event.Record) verdict {
	v := m.layouts.read(b, r)
	if v != whole || b[0] == '=' {
		return v
	}
	text := bytes.TrimSpace(r.Message)
	switch {
	case len(text) == 0 || ruler(text):
		r.Message = nil
		return joins
	case bytes.HasSuffix(b[:len(b)-len(r.Message)], []byte("  ")), rabbitReason(text):
		return joins
	}
	return v
}

// rabbitReason tells the line that says why a connection was closed or an operation failed, which stands behind the one that
// says what was: an Erlang term or one of two sentences.
func rabbitReason(text []byte) bool {
	return text[0] == '{' || bytes.HasPrefix(text, []byte("missed heartbeats from client")) || bytes.HasPrefix(text, []byte("client unexpectedly closed TCP connection"))
}

// cephThread tells the thread behind the stamp, twelve hexadecimal digits.
func cephThread(b []byte) bool {
	i := bytes.IndexByte(b, ' ')
	if i < 20 || len(b) < i+16 || b[10] != 'T' || b[i+13] != ' ' {
		return false
	}
	for _, ch := range b[i+1 : i+13] {
		if !hexDigit(ch) {
			return false
		}
	}
	return true
}

// cephLevel finds the level of what the cluster says; the number before the message says how detailed a remark is.
func cephLevel(r *event.Record) {
	var lv levels
	r.Severity = lv.find(r.Message)
}
