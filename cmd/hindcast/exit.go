package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/hindcast/hindcast/cmd/hindcast/config"
)

// The exit statuses, as `hindcast help exit-codes` describes them.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitFindings    = 3
	exitPartial     = 4
	exitFailOn      = 5
	exitInterrupted = 130
)

// A fault is an error with an exit status and, where there is one, a hint what to do.
type fault struct {
	code int
	hint string
	err  error
	// quiet faults have been told already: only the status is left to give.
	quiet bool
}

func (f *fault) Error() string { return f.err.Error() }
func (f *fault) Unwrap() error { return f.err }

// ExitCode is the status the program ends with.
func (f *fault) ExitCode() int { return f.code }

// usage is a fault of how the program was called.
func usage(hint, format string, args ...any) error {
	return &fault{code: exitUsage, hint: hint, err: fmt.Errorf(format, args...)}
}

// failed is a fault that came up while running.
func failed(hint, format string, args ...any) error {
	return &fault{code: exitFailed, hint: hint, err: fmt.Errorf(format, args...)}
}

// exitWith ends with a status and says nothing more.
func exitWith(code int, why string) error {
	return &fault{code: code, err: errors.New(why), quiet: true}
}

// exitCode finds the status of an error.
func exitCode(err error) int {
	var f *fault
	var c *config.Error
	switch {
	case err == nil:
		return 0
	case errors.As(err, &f):
		return f.code
	case errors.As(err, &c):
		return exitUsage
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	default:
		return exitFailed
	}
}

// report tells a person about an error: what, where, the place, and what to do. Joined errors are told one by one.
func report(w io.Writer, err error) {
	var f *fault
	if err == nil || errors.As(err, &f) && f.quiet {
		return
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			report(w, e)
		}
		return
	}
	if f != nil {
		if joined, ok := f.err.(interface{ Unwrap() []error }); ok && f.hint == "" {
			for _, e := range joined.Unwrap() {
				report(w, e)
			}
			return
		}
	}
	fmt.Fprintf(w, "hindcast: error: %s\n", strings.TrimRight(err.Error(), "\n"))
	if c, ok := errors.AsType[*config.Error](err); ok {
		if c.Picture != "" {
			fmt.Fprintln(w, c.Picture)
		}
		if c.Hint != "" {
			fmt.Fprintf(w, "hint: %s\n", c.Hint)
		}
	}
	if f != nil && f.hint != "" {
		fmt.Fprintf(w, "hint: %s\n", f.hint)
	}
}
