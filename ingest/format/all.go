package format

// All are the formats, in the order of preference where two read the same lines equally well: a program's own before
// what many write, and "text", which learns, last. Formats within formats (a container runtime's cri and docker,
// compose's prefix) are no entries here: see container.go.
var All = []Format{
	{Name: "json", Doc: "One JSON object a line, as ECS, zap, logrus, bunyan, pino, GELF, journald and others write it.", open: openJSON},
	{Name: "klog", Doc: "Kubernetes' components and glog: E1014 03:15:22.123456 1 file.go:12] message.", open: openKlog},
	{Name: "postgres", Doc: "PostgreSQL's stderr with any log_line_prefix that has a stamp.", open: openPostgres, loose: true, program: "postgresql"},
	{Name: "postgres-csv", Doc: "PostgreSQL's csvlog.", open: openPostgresCSV, loose: true, program: "postgresql"},
	{
		Name: "mysql", Doc: "The error log of MySQL and MariaDB: 2025-10-14T03:15:22.104566Z 0 [ERROR] [MY-012345] [InnoDB] message.", loose: true, program: "mysql",
		open: openLayouts(nil, mysqlLayouts...),
	},
	{
		Name: "mysql-slow", Doc: "The slow query logs of MySQL, MariaDB and Percona: # Time: 2025-10-14T03:15:22.104566Z and the lines behind it.", loose: true, program: "mysql",
		open: openMySQLSlow,
	},
	{Name: "redis", Doc: "Redis and Sentinel: 1:M 14 Oct 2025 03:15:22.104 # message.", open: openRedis, program: "redis"},
	{Name: "access", Doc: "Access logs of nginx, Apache and their kin, common or combined, with anything behind.", open: openAccess},
	{
		Name: "nginx", Doc: "nginx' error log: 2025/10/14 03:15:22 [error] 31#31: *5 message.", program: "nginx",
		open: openLayouts(nil, nginxLayouts...),
	},
	{Name: "php", Doc: "PHP's error log, PHP-FPM's, and Monolog's: [14-Oct-2025 03:15:22 UTC] PHP Warning:  message.", open: openPHP, loose: true},
	{Name: "apache", Doc: "Apache's error log: [Tue Oct 14 03:15:22.123456 2025] [proxy:error] [pid 7] message.", open: openApache, program: "apache"},
	{Name: "haproxy", Doc: "HAProxy's HTTP and TCP traffic lines without a syslog header.", open: openHAProxy, program: "haproxy"},
	{Name: "w3c", Doc: "IIS and other logs whose columns a #Fields line names.", open: openW3C},
	{
		Name: "airflow", Doc: "Airflow's tasks and scheduler: [2025-10-14T03:15:22.104+0000] {taskinstance.py:1332} INFO - message.", loose: true, program: "airflow",
		open: openLayouts(sourceLine, "[$time] {$logger} $level - $message", "[$time] {$thread} {$logger} $level - $message"),
	},
	{
		Name: "kafka", Doc: "Kafka: [2025-10-14 03:15:22,104] INFO message (kafka.server.KafkaServer).", loose: true,
		open: ifAny(endsInClass, openLayouts(trailingLogger, "[$time] $level $message")),
	},
	{
		Name: "elasticsearch", Doc: "Elasticsearch and OpenSearch: [2025-10-14T03:15:22,104][WARN ][o.e.c.Class] [node-1] message.", loose: true, program: "elasticsearch",
		open: openLayouts(nil, "[$time][$level~][$logger~] [$host] $message", "[$time][$level~][$logger~] [$host]$message"),
	},
	{
		Name: "logstash", Doc: "Logstash: [2025-10-14T03:15:22,104][WARN ][logstash.outputs][main] message.", loose: true, program: "logstash",
		open: ifSays(openLayouts(nil, "[$time][$level~][$logger~][$word][$word] $message", "[$time][$level~][$logger~][$word] $message",
			"[$time][$level~][$logger~] $message"), "[logstash."),
	},
	{
		Name: "rabbitmq", Doc: "RabbitMQ: 2025-10-14 03:15:22.104566+00:00 [error] <0.222.0> message, and the reports of old.", loose: true, program: "rabbitmq",
		open: openRabbitMQ,
	},
	{
		Name: "activemq", Doc: "ActiveMQ: 2025-10-14 03:15:22,104 | WARN  | message | org.apache.activemq.Class | thread.", loose: true, program: "activemq",
		open: ifSays(openLayouts(barredLogger, "$time | $level~| $message"), "| org.apache.activemq."),
	},
	{
		Name: "sidekiq", Doc: "Sidekiq: 2025-10-14T03:15:22.104Z pid=1 tid=abc class=Job jid=8a1c INFO: message.", loose: true,
		open: ifSays(openLayouts(sidekiqLevel, "$time pid=$num tid=$message"), " pid="),
	},
	{
		Name: "mongodb", Doc: "MongoDB before 4.4: 2025-10-14T03:15:22.104+0000 I NETWORK [conn1] message.", program: "mongodb",
		open: openLayouts(nil, "$time $letter $logger [$thread] $message"),
	},
	{
		Name: "clickhouse", Doc: "ClickHouse: 2025.10.14 03:15:22.104566 [ 7 ] {id} <Error> Class: message.", loose: true, program: "clickhouse",
		open: openLayouts(nil, "$time [ $num ] {$word} <$level> $logger: $message", "$time [ $num ] {} <$level> $logger: $message"),
	},
	{
		Name: "envoy", Doc: "Envoy's own log: [2025-10-14 03:15:22.104][1][warning][config] message.", program: "envoy",
		open: openLayouts(nil, "[$time][$num][$level][$logger] [$word:$num] $message", "[$time][$num][$level][$logger] $message"),
	},
	{
		Name: "fluentd", Doc: "Fluentd and Fluent Bit: 2025-10-14 03:15:22 +0000 [info]: message.",
		open: openLayouts(nil, "$time [$level]: #$num $message", "$time [$level]: $message", "[$time] [~$level] [$logger] $message"),
	},
	{
		Name: "certbot", Doc: "certbot's letsencrypt.log: 2025-10-14 03:15:22,104:DEBUG:certbot.main:message.", loose: true, program: "certbot",
		open: ifSays(openLayouts(nil, "$time:$level:$logger:$message"), ":certbot.", ":acme."),
	},
	{
		Name: "openstack", Doc: "OpenStack's services: 2025-10-14 03:15:22.104 7 INFO nova.compute [req-1 - - -] message.", loose: true,
		open: openLayouts(nil, "$time $num $level $logger [$thread] $message", "$word $time $num $level $logger [$thread] $message"),
	},
	{
		Name: "zookeeper", Doc: "ZooKeeper: 2025-10-14 03:15:22,104 - WARN [QuorumPeer[myid=1]/0:0:0:0:0:0:0:0:2181:Follower@89] - message.", loose: true, program: "zookeeper",
		open: openLayouts(quorumLogger, "$time - $level [$origin] - $message", "$time [myid:$thread] - $level [$origin] - $message", "$time [myid:] - $level [$origin] - $message"),
	},
	{
		Name: "android", Doc: "Android's logcat: 10-14 03:15:22.104  1702  2395 D Tag: message.",
		open: openLayouts(nil, "$time $num $num $letter $logger~: $message", "$time $num $num $letter $thread: $message"),
	},
	{
		Name: "windows-cbs", Doc: "Windows' component store: 2025-10-14 03:15:22, Info  CBS  message.",
		open: openLayouts(nil, "$time, $level $logger $message"),
	},
	{
		Name: "healthapp", Doc: "20171223-22:15:29:606|Step_LSC|30002312|message.",
		open: openLayouts(nil, "$time|$logger|$num|$message"),
	},
	{
		Name: "proxifier", Doc: "[10.30 16:49:06] chrome.exe - message.",
		open: ifAny(shortDate, openLayouts(nil, "[$time] $service - $message", "[$time] $service *$num - $message", "[$time] $thread - $message")),
	},
	{
		Name: "bgl", Doc: "Blue Gene's RAS events: - 1117838570 2005.06.03 NODE 2005-06-03-15.42.50.675363 NODE RAS KERNEL INFO message.",
		open: openLayouts(noPlace, "$word $time $word $host $word $word RAS $logger $level $message", "$word $time $word $host $word $word RAS $logger $word $message", "$word $time $word $host $word $word $word $logger $level $message"),
	},
	{
		Name: "thunderbird", Doc: "Supercomputers' syslog: - 1131566461 2005.11.09 dn228 Nov 9 12:01:01 dn228/dn228 crond[2915]: message.",
		open: openLayouts(programTag, "$word $time $word $host $word $num $num:$num:$num $word $message"),
	},
	{
		Name: "hpc", Doc: "134681 node-246 unix.hw state_change.unavailable 1077804742 1 message.",
		open: openLayouts(nil, "$num $host $logger $level $time $num $message", "$num $host $logger $word $time $num $message",
			"$num $host $logger $word $time -$num $message"),
	},
	{Name: "kernel", Doc: "The kernel's ring buffer: [12345.678901] message.", open: openKernel, program: "kernel"},
	{Name: "cockroach", Doc: "CockroachDB: E251014 03:15:22.104566 312 server/node.go:533 ⋮ [T1,n1] 78  message.", open: openCockroach, loose: true, program: "cockroachdb"},
	{
		Name: "pgbouncer", Doc: "PgBouncer: 2025-10-14 03:15:22.104 UTC [7] WARNING C-0x55d0: orders/app@10.0.0.7:5 message.", loose: true, program: "pgbouncer",
		open: ifSays(openLayouts(nil, "$time [$num] $level C-0x$word: $message", "$time [$num] $level S-0x$word: $message", "$time [$num] $level $message"),
			" C-0x", " S-0x", "PgBouncer"),
	},
	{
		Name: "mssql", Doc: "SQL Server's ERRORLOG: 2025-10-14 03:15:22.10 spid51      message.", loose: true, program: "mssql",
		open: ifSays(openLayouts(sqlSeverity, "$time $word $message"), " spid", "Microsoft SQL Server"),
	},
	{
		Name: "supervisord", Doc: "supervisord: 2025-10-14 03:15:22,104 INFO spawned: 'api' with pid 7.", program: "supervisord",
		open: ifSays(openLayouts(nil, "$time $level $message"), " INFO spawned: '", " exited: ", " INFO supervisord started"),
	},
	{
		Name: "etcd", Doc: "etcd before 3.5: 2025-10-14 03:15:22.104566 W | etcdserver: message.", program: "etcd",
		open: openLayouts(nil, "$time $letter | $logger: $message"),
	},
	{
		Name: "gluster", Doc: "GlusterFS: [2025-10-14 03:15:22.104566 +0000] E [MSGID: 114031] [client.c:216:name] 0-vol-client-0: message.", program: "gluster",
		open: ifSays(openLayouts(nil, "[$time] $letter [MSGID: $num] [$logger:$num:$word] $message", "[$time] $letter [$logger:$num:$word] $message"), "] 0-", "] 1-"),
	},
	{
		Name: "ceph", Doc: "Ceph: 2025-10-14T03:15:22.104+0000 7f1b2c3d4e50 -1 osd.3 12 message.", program: "ceph",
		open: ifAny(cephThread, openLayouts(cephLevel, "$time $word -$num $message", "$time $word $num $message")),
	},
	{
		Name: "audit", Doc: "Linux' audit log: type=SYSCALL msg=audit(1760411722.104:123): message.", program: "audit",
		open: openLayouts(nil, "type=$logger msg=audit($time:$num): $message"),
	},
	{Name: "squid", Doc: "Squid's access log: 1760411722.104 123 10.0.0.7 TCP_MISS/200 1234 GET http://example.com/ - message.", open: openSquid, program: "squid"},
	{Name: "alb", Doc: "Access logs of AWS' load balancers, the application's and the classic.", open: openALB},
	{Name: "vpc-flow", Doc: "AWS' VPC flow logs, version 2.", open: openFlow},
	{Name: "gitlab-ci", Doc: "GitLab's job logs with time stamps: 2025-10-14T03:15:22.104566Z 00O message.", open: openGitLab, program: "gitlab-runner"},
	{
		Name: "hclog", Doc: "Consul, Vault, Nomad: 2025-10-14T03:15:22.104Z [WARN]  agent.server: message.", loose: true,
		open: ifAny(paddedLevel, openLayouts(nil, "$time [$level] $logger: $message", "$time [$level] $message")),
	},
	{Name: "zap", Doc: "zap's console: the stamp, level, caller and message, parted by tabs.", open: openZapConsole},
	{
		Name: "dotnet", Doc: ".NET's console, with a stamp: 2025-10-14T03:15:22.104Z fail: Namespace.Class[20] and the message on the next line.", loose: true,
		open: openLayouts(trimmed, "$time $level: $logger[$num]$message"),
	},
	{
		Name: "serilog", Doc: "Serilog's console and files: [03:15:22 INF] message, 2025-10-14 03:15:22.104 +00:00 [INF] message.", loose: true,
		open: ifAny(shortLevel, openLayouts(nil, "[$clock $level] $message", "$time [$level] $message")),
	},
	{
		Name: "ruby", Doc: "Ruby's Logger: E, [2025-10-14T03:15:22.104566 #7] ERROR -- : message.", loose: true,
		open: openLayouts(nil, "$letter, [$time #$num] $level -- : $message", "$letter, [$time #$num] $level -- $logger: $message"),
	},
	{
		Name: "sidekiq", Doc: "Sidekiq: 2025-10-14T03:15:22.104Z pid=1 tid=abc class=ChargeJob jid=8a1c INFO: message.", loose: true, program: "sidekiq",
		open: ifSays(openLayouts(nil, "$time pid=$num tid=$word class=$logger jid=$word elapsed=$word $level: $message",
			"$time pid=$num tid=$word class=$logger jid=$word $level: $message", "$time pid=$num tid=$word $level: $message"), " tid="),
	},
	{Name: "java", Doc: "logback, log4j, Spring Boot, Tomcat, JBoss, Hadoop, Spark and the JVM.", loose: true, open: openLayouts(nil, javaLayouts...)},
	{Name: "java-logging", Doc: "java.util.logging: the date, class and method on one line, the level and message on the next.", loose: true, open: openJUL},
	{Name: "python", Doc: "logging's usual formats, Celery, Gunicorn, Flask, Django, loguru.", loose: true, open: openLayouts(nil, pythonLayouts...)},
	{Name: "syslog", Doc: "RFC 3164 and 5424, with or without the priority, and journalctl's short forms.", open: openSyslog, weight: 0.99},
	{Name: "logfmt", Doc: "key=value pairs.", open: openLogfmt, weight: 0.95},
	{
		Name: "unstamped", Doc: "Lines that say a level and no time: INFO:root:message, [INFO] message.", weight: 0.4,
		open: openUnstamped,
	},
	{Name: "text", Doc: "Lines with a time stamp near the beginning; the rest of the head is learnt.", open: openText, weight: 0.5},
}
