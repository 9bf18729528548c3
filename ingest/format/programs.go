package format

import (
	"bytes"

	"github.com/hindcast/hindcast/ingest/event"
)

// This file holds the formats that are lists of layouts, by the program or the language that writes them.

var javaLayouts = []string{
	"$time $level $num --- [$service] [$thread] $logger~: $message", // Spring Boot 3 names the application
	"$time $level $num --- [$thread] $logger~: $message",
	"$time $level [$thread] $logger: $message",
	"$time $level [$thread] $logger - $message",
	"$time $num $level $logger: $message", // HDFS
	"$time [$thread] $level $logger - $message",
	"$time [$thread] $level $logger: $message",
	"$time - $level [$thread] - $message", // ZooKeeper
	"$time [myid:$thread] - $level [$thread] - $message",
	"$time $level [$logger] ($thread) $message", // JBoss, Quarkus
	"$time $level $logger [] - $message",        // Flink
	"$time $level $logger [$thread] - $message",
	"$time [$level] [$thread] $logger - $message",
	"$time [$level] [$thread] $logger: $message",
	"$time [$level] $logger - $message",
	"$time $level $logger - $message",
	"$time $level $logger: $message",
	"$level [$time] $logger: $message",           // Dropwizard
	"$level [$thread] $time $logger - $message",  // Cassandra
	"$time $level [$thread] $logger $message",    // Tomcat
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
	"[$time: $level/$thread] $message",            // Celery
	"[$time] [$num] [$level] $message",            // Gunicorn
	"[$time] $level in $logger: $message",         // Flask
	"[$time] $level [$logger:$num] $message",      // Django
	"$letter, [$time #$num] $level -- : $message", // Ruby
	"$letter, [$time #$num] $level -- $logger: $message",
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
}

// programTag takes "crond(pam_unix)[2915]: " off the message.
func programTag(r *event.Record) {
	if name, p := tag(r.Message, 0); name != nil {
		r.Service, r.Message = name, r.Message[p:]
	}
}

// slowQuery names the record whose statement stands in the lines that follow.
func slowQuery(r *event.Record) { r.Message = []byte("slow query") }
