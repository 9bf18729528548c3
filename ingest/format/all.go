package format

// All are the formats, in the order of preference where two read the same lines equally well.
var All = []Format{
	{Name: "json", Doc: "One JSON object a line, as ECS, zap, logrus, bunyan, pino, GELF, journald and others write it.", open: openJSON},
	{Name: "logfmt", Doc: "key=value pairs.", open: openLogfmt},
	{Name: "klog", Doc: "Kubernetes' components and glog.", open: openKlog},
	{Name: "syslog", Doc: "RFC 3164 and 5424, with or without the priority, and journalctl's short forms.", open: openSyslog},
	{Name: "text", Doc: "Lines with a time stamp near the beginning; the rest of the head is learnt.", open: openText, weight: 0.5},
}
