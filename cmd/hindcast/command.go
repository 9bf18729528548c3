package main

import (
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hindcast/hindcast/ingest/bundle"
)

// askingSections are the headings of the flags that say what is asked, and not how the answer is to look.
var askingSections = []string{"Window", "Sources", "Rules"}

// askingGlobals are such flags among those of all commands.
var askingGlobals = []string{"config.file", "timezone"}

// commandOf is the command for people to repeat a run: what was asked, whatever the command that asked it. That of a
// bundle is the one that it was made with.
func (a *app) commandOf(c *cobra.Command, args []string) string {
	if a.bundle != nil {
		return a.bundle.Manifest().Command
	}
	words := []string{"hindcast", "run"}
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Changed && (inSection(f, askingSections...) || slices.Contains(askingGlobals, f.Name)) {
			words = append(words, flagWords(f)...)
		}
	})
	for _, a := range args {
		words = append(words, shellWord(a))
	}
	return strings.Join(words, " ")
}

func inSection(f *pflag.Flag, names ...string) bool {
	in := f.Annotations[sectionKey]
	return len(in) > 0 && slices.Contains(names, in[0])
}

// flagWords writes a flag as it would be typed.
func flagWords(f *pflag.Flag) []string {
	value := f.Value.String()
	if list, ok := f.Value.(pflag.SliceValue); ok {
		value = strings.Join(list.GetSlice(), ",")
	} else if f.Value.Type() == "stringToString" {
		value = strings.TrimSuffix(strings.TrimPrefix(value, "["), "]")
	} else if f.Value.Type() == "bool" {
		return []string{"--" + f.Name + "=" + value}
	}
	if u, err := url.Parse(value); err == nil && u.User != nil { // it ends in reports, where no password belongs
		value = bundle.URL(u)
	}
	return []string{"--" + f.Name, shellWord(value)}
}

// shellWord quotes an argument the way a shell needs it.
func shellWord(s string) string {
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-=./:,@%+", r)
	}) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
