package change

import (
	"encoding/json"
	"strings"

	"github.com/hindcast/hindcast/ingest/document"
)

// subjects are the parameters of AWS calls that name what is changed, simplified, the most telling first.
var subjects = []string{
	"service", "functionname", "groupid", "networkaclid", "routetableid", "dbclusteridentifier", "dbinstanceidentifier", "cacheclusterid", "replicationgroupid",
	"clustername", "autoscalinggroupname", "loadbalancername", "loadbalancerarn", "targetgrouparn", "hostedzoneid", "rolename", "policyname", "secretid", "bucketname",
	"tablename", "queueurl", "topicarn", "alarmname", "family", "instanceid", "name",
}

// trailRecord is the record as CloudTrail writes it into files; lookup-events gives it as text inside another one.
type trailRecord struct {
	Parameters map[string]json.RawMessage `json:"requestParameters"`
	ErrorCode  string                     `json:"errorCode"`
}

// isTrail tells a record of AWS CloudTrail, of its files or of `aws cloudtrail lookup-events`
// (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html).
func (f fields) isTrail() bool {
	return strings.HasSuffix(f["eventsource"], ".amazonaws.com") && f["eventname"] != "" && f["eventtime"] != ""
}

// changesNothing tells a call that only reads, labels, signs in or opens a stream of logs.
func (f fields) changesNothing() bool {
	switch f["eventsource"] {
	case "sts.amazonaws.com", "signin.amazonaws.com", "logs.amazonaws.com":
		return true
	}
	return strings.EqualFold(f["readonly"], "true") || strings.HasSuffix(f["eventname"], "Tags") || strings.HasSuffix(f["eventname"], "tagResource") ||
		f["eventname"] == "TagResource"
}

// plainTrail gives CloudTrail's records the names that other changes have.
func (f fields) plainTrail() {
	if !f.isTrail() {
		return
	}
	failure := f["errorcode"]
	var inner trailRecord
	if json.Unmarshal([]byte(f["cloudtrailevent"]), &inner) == nil {
		failure = first(failure, inner.ErrorCode)
		for k, raw := range inner.Parameters {
			var t document.Text
			if t.UnmarshalJSON(raw) == nil {
				f["requestparameters."+document.Simple(k)] = string(t)
			}
		}
	}
	f["service"], _, _ = strings.Cut(f["eventsource"], ".")
	for _, name := range subjects {
		if v := f["requestparameters."+name]; v != "" {
			f["service"] = v[strings.LastIndexAny(v, "/:")+1:]
			break
		}
	}
	f["kind"] = "config"
	switch {
	case f["eventname"] == "UpdateService", strings.HasPrefix(f["eventname"], "UpdateFunctionCode"):
		f["kind"] = "deploy"
	}
	f["status"] = "succeeded"
	if failure != "" {
		f["status"] = "failed"
	}
	f["at"], f["id"], f["description"] = f["eventtime"], f["eventid"], f["eventname"]
	f["by"] = first(f["username"], f["useridentity.username"], f["useridentity.arn"])
}
