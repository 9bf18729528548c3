// Package library holds the rules that ship with the program: one file a technology, its tests beside it.
package library

import "embed"

// FS holds the rule files.
//
//go:embed *.yml
var FS embed.FS

// Globs name the rule files in FS.
var Globs = []string{"*.yml"}
