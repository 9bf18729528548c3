package change

import (
	"regexp"
	"strings"
)

// link is a link as Markdown writes it.
var link = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)

// flagPage is the address of a flag: its project, and the environment.
var flagPage = regexp.MustCompile(`\(https?://[^/)]+/([^/)]+)/([^/)]+)/features/`)

// plainFlag gives the records of services for feature flags the names that other changes have: LaunchDarkly's audit log
// (https://launchdarkly.com/docs/api/audit-log) and Unleash's events (the eventSchema of its API).
func (f fields) plainFlag() {
	switch {
	case f["kind"] == "flag" && f["titleverb"] != "":
		f["service"] = f["name"]
		if m := flagPage.FindStringSubmatch(f["title"]); m != nil {
			f["service"], f["environment"] = m[1], m[2]
		}
		f["description"] = link.ReplaceAllString(f["title"], "$1")
		f["by"] = f["member.email"]
	case strings.HasPrefix(f["type"], "feature-") && f["featurename"] != "" && f["createdby"] != "":
		f["description"] = f["featurename"] + ": " + f["type"]
		if f["environment"] != "" {
			f["description"] += " in " + f["environment"]
		}
		f["service"] = first(f["project"], f["featurename"])
		f["type"], f["by"] = "flag", f["createdby"]
	}
}
