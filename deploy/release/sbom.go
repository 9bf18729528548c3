package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path/filepath"
	"runtime/debug"
	"time"
)

// bill is a bill of materials in the form of CycloneDX 1.6, as far as it is used.
type bill struct {
	Schema       string       `json:"$schema"`
	Format       string       `json:"bomFormat"`
	SpecVersion  string       `json:"specVersion"`
	Serial       string       `json:"serialNumber"`
	Version      int          `json:"version"`
	Metadata     metadata     `json:"metadata"`
	Components   []component  `json:"components"`
	Dependencies []dependency `json:"dependencies"`
}

type metadata struct {
	Timestamp string    `json:"timestamp"`
	Component component `json:"component"`
}

type component struct {
	Type       string     `json:"type"`
	Ref        string     `json:"bom-ref"`
	Name       string     `json:"name"`
	Version    string     `json:"version"`
	PURL       string     `json:"purl,omitempty"`
	Hashes     []sum      `json:"hashes,omitempty"`
	Licenses   []license  `json:"licenses,omitempty"`
	Properties []property `json:"properties,omitempty"`
}

type sum struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

type license struct {
	License struct {
		ID string `json:"id"`
	} `json:"license"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type dependency struct {
	Ref       string   `json:"ref"`
	DependsOn []string `json:"dependsOn,omitempty"`
}

// billOf lists what was linked into a program, which the program says itself, and the Go release that built it.
func billOf(path string, program []byte, version string, when time.Time) ([]byte, error) {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading what %s was built of: %w", path, err)
	}
	hash := sha256.Sum256(program)
	own := component{Type: "application", Ref: "hindcast", Name: info.Main.Path, Version: version, PURL: purl(info.Main.Path, version)}
	own.Hashes = []sum{{"SHA-256", hex.EncodeToString(hash[:])}}
	own.Licenses = make([]license, 1)
	own.Licenses[0].License.ID = "Apache-2.0"
	own.Properties = []property{{"file", filepath.Base(path)}}
	for _, s := range info.Settings {
		if s.Key == "GOOS" || s.Key == "GOARCH" || s.Key == "CGO_ENABLED" {
			own.Properties = append(own.Properties, property{"go:" + s.Key, s.Value})
		}
	}
	b := bill{
		Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", Format: "CycloneDX", SpecVersion: "1.6", Version: 1,
		Serial: serial(hash), Metadata: metadata{Timestamp: when.Format(time.RFC3339), Component: own},
	}
	b.add(component{Name: "std", Version: info.GoVersion, PURL: purl("std", info.GoVersion)})
	for _, m := range info.Deps {
		b.add(componentOf(m))
	}
	refs := dependency{Ref: "hindcast"}
	for _, c := range b.Components {
		refs.DependsOn = append(refs.DependsOn, c.Ref)
	}
	b.Dependencies = []dependency{refs}
	out, err := json.MarshalIndent(b, "", "  ")
	return append(out, '\n'), err
}

func componentOf(m *debug.Module) component {
	used := m
	if m.Replace != nil {
		used = m.Replace
	}
	c := component{Name: used.Path, Version: used.Version, PURL: purl(used.Path, used.Version)}
	if used.Sum != "" {
		c.Properties = []property{{"go:sum", used.Sum}}
	}
	return c
}

func (b *bill) add(c component) {
	c.Type, c.Ref = "library", c.PURL
	b.Components = append(b.Components, c)
}

// purl is the package URL of a Go module.
func purl(path, version string) string { return "pkg:golang/" + path + "@" + version }

// serial is a UUID made of the program's hash, so that the same program has the same.
func serial(hash [sha256.Size]byte) string {
	u := hash[:16]
	u[6], u[8] = u[6]&0x0f|0x80, u[8]&0x3f|0x80 // version 8: whatever the maker likes
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}
