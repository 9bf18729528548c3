// Package config reads hindcast.yml: where evidence is pulled from, how files are to be read, who calls whom, and what
// reports are to be made.
//
// It is read strictly, in the manner of Prometheus: unknown fields are errors, http_config is Prometheus' own, secrets
// stand in files, and paths are relative to the file. Every error says where it is and shows the place.
package config

import (
	"strings"
	"text/template"
	"time"
)

// Config is the whole file. The zero value is a valid one.
type Config struct {
	// Path is the file that was read, empty if there is none.
	Path string `yaml:"-"`
	// RulesWithout are the rule files to leave out, which only a command line can say.
	RulesWithout []string `yaml:"-"`

	Global    Global    `yaml:"global"`
	RuleFiles []string  `yaml:"rule_files"`
	Sources   []Source  `yaml:"sources"`
	Files     []File    `yaml:"files"`
	Services  []Service `yaml:"services"`
	Redaction Redaction `yaml:"redaction"`
	Reports   []Report  `yaml:"reports"`

	Incidents    Incidents     `yaml:"incidents"`
	Serve        Serve         `yaml:"serve"`
	Destinations []Destination `yaml:"destinations"`
}

// Global holds what counts for everything.
type Global struct {
	// Timezone is read into times that name none, and printed. UTC if empty.
	Timezone string `yaml:"timezone"`
	Window   Window `yaml:"window"`
	// Baseline is how much time before the window it is compared with, Lookback how far back changes and trends are searched.
	Baseline Duration `yaml:"baseline"`
	Lookback Duration `yaml:"lookback"`
	Limits   Limits   `yaml:"limits"`
}

// Window is what is added to a window that was taken from an alert.
type Window struct {
	Lead Duration `yaml:"lead"`
	Lag  Duration `yaml:"lag"`
}

// Limits end a run that would become too large.
type Limits struct {
	MaxEvents int64    `yaml:"max_events"`
	MaxBytes  Bytes    `yaml:"max_bytes"`
	Timeout   Duration `yaml:"timeout"`
}

// File says how to read files that match a glob, where their content alone does not tell.
type File struct {
	Path string `yaml:"path"`
	Hint `yaml:",inline"`
}

// Hint is what a person knows about files.
type Hint struct {
	// Format is the name of a format, see `hindcast help formats`.
	Format string `yaml:"format"`
	// Fields maps what the program looks for, one of [Roles], to what the file calls it.
	Fields map[string]string `yaml:"fields"`
	// Service and Host are what the file is about, for records that do not say.
	Service  string `yaml:"service"`
	Host     string `yaml:"host"`
	Timezone string `yaml:"timezone"`
	// Boot is when the machine was started whose kernel's ring buffer the file is, RFC 3339.
	Boot string `yaml:"boot"`
}

// Started gives the time that Boot says, in Unix nanoseconds, 0 if it says none.
func (h *Hint) Started() int64 {
	t, err := time.Parse(time.RFC3339, h.Boot)
	if err != nil { // checked when the file was read
		return 0
	}
	return t.UnixNano()
}

// Roles are the parts of a record that a field can play.
var Roles = []string{"time", "level", "message", "service", "instance", "logger", "error", "status", "duration"}

// Service is a component and what it depends on.
type Service struct {
	Name  string   `yaml:"name"`
	Calls []string `yaml:"calls"`
	Hosts []string `yaml:"hosts"`
}

// Redaction says what is masked in reports.
type Redaction struct {
	// Mode is on, strict or off; on if empty.
	Mode  string          `yaml:"mode"`
	Rules []RedactionRule `yaml:"rules"`
	// SaltFile holds the salt of the hashes that stand for what was masked, so that they are the same in all reports.
	SaltFile string `yaml:"salt_file"`
}

// RedactionRule masks what a regular expression finds.
type RedactionRule struct {
	Name  string `yaml:"name"`
	Regex string `yaml:"regex"`
}

// Report is a report that every run writes, unless -o is given.
type Report struct {
	Format string `yaml:"format"`
	// Path may hold what [ReportName] has, as {{.Incident}}, {{.From}} and {{.Date}}.
	Path string `yaml:"path"`
}

// ReportName is what the path of a report can be made of.
type ReportName struct {
	// Incident is its number or name, From the beginning of the window as 20260318-1341, Date the day of that as 2026-03-18.
	Incident, From, Date string
}

// File gives the path of a report. What is put into it is one name each, whatever characters are in it.
func (r Report) File(n ReportName) (string, error) {
	t, err := template.New("path").Option("missingkey=error").Parse(r.Path)
	if err != nil {
		return "", err
	}
	for _, s := range []*string{&n.Incident, &n.From, &n.Date} {
		*s = strings.Trim(strings.NewReplacer("/", "-", "\\", "-", "\x00", "").Replace(*s), ". ")
	}
	var b strings.Builder
	if err := t.Execute(&b, n); err != nil {
		return "", err
	}
	return b.String(), nil
}

// Location is the zone of the configuration.
func (c *Config) Location() *time.Location {
	if c.Global.Timezone == "" {
		return time.UTC
	}
	loc, err := time.LoadLocation(c.Global.Timezone)
	if err != nil {
		return time.UTC // checked when the file was read
	}
	return loc
}
