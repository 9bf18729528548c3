// Command hindcast reconstructs an incident from what the systems recorded.
//
// It pulls logs, series, alerts and changes of a window, folds them into one small summary and explains that as an
// ordered timeline with suspected root causes. The commands stand in this folder, one file each.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	os.Exit(mainStatus())
}

// mainStatus runs the program. The first signal asks it to finish with what it has, the second ends it.
func mainStatus() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // from then on a signal has its usual effect
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	report(os.Stderr, err)
	return exitCode(err)
}

// run is the program: everything it reads and writes is handed in.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	return execute(ctx, newRoot(&app{stdin: stdin, stdout: stdout, stderr: stderr}), args)
}
