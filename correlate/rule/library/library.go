// Package library holds the rules that ship with the program: one file a technology, its tests beside it.
package library

import "embed"

// FS holds the rule files.
//
//go:embed *.yml
var FS embed.FS

// Prepared is what [rule.Prepare] made of the files. Where it is older than they are, they are read themselves, which takes longer;
// "go test ./correlate/rule/library -update" makes it anew.
//
//go:embed prepared.jsonl
var Prepared []byte

// Globs name the rule files in FS.
var Globs = []string{"*.yml"}
