package format

import "bytes"

// continues tells whether a line without a head looks like part of the record before: indented, a closing bracket, or
// what follows in a stack trace.
func continues(b []byte) bool {
	switch b[0] {
	case ' ', '\t', '}', ')', ']', '^', '|':
		return true
	case '#': // PHP's frames
		return ruler(b) || len(b) > 1 && b[1]-'0' <= 9
	case '-', '=', '*', '+', '~':
		return ruler(b)
	}
	for _, start := range continuations {
		if start[0] == b[0] && len(b) >= len(start) && string(b[:len(start)]) == start {
			return true
		}
	}
	return exceptionLine(b) || call(b) || rubyFrame(b)
}

// rubyFrame tells a frame of a Ruby backtrace, "/app/models/cart.rb:3:in `find'".
func rubyFrame(b []byte) bool {
	i := bytes.Index(b, []byte(".rb:"))
	if i <= 0 || bytes.IndexByte(b[:i], ' ') >= 0 {
		return false
	}
	rest := bytes.TrimLeft(b[i+len(".rb:"):], "0123456789")
	return len(rest) < len(b)-i-len(".rb:") && bytes.HasPrefix(rest, []byte(":in "))
}

// continuations are what lines of stack traces and other further lines begin with.
var continuations = [...]string{
	"Caused by", "Suppressed:", "Stack trace", "Traceback (most recent", "The above exception", "During handling of the above", "at ", "goroutine ", "... ",
	"[stacktrace]", "\"} ",
}

// ruler tells a line drawn from one character.
func ruler(b []byte) bool {
	for _, ch := range b {
		if ch != b[0] {
			return false
		}
	}
	return len(b) > 2
}

// exceptionLine tells the line a stack trace ends or begins with, "java.sql.SQLException: reason" or "ValueError: reason":
// one word that ends as exceptions are named, before a colon or the end.
func exceptionLine(b []byte) bool {
	n := 0
	for n < len(b) && n < 200 && (isWord(b[n]) || b[n] == '.' || b[n] == '$') {
		n++
	}
	if n < 5 || n < len(b) && b[n] != ':' {
		return false
	}
	for _, end := range [...]string{"Error", "Exception", "Failure", "Interrupt", "Warning", "Exit", "Timeout", "Throwable"} {
		if n > len(end) && string(b[n-len(end):n]) == end {
			return true
		}
	}
	return string(b[:n]) == "Error" || string(b[:n]) == "Exception"
}

// call tells a frame of a Go stack, "main.(*server).run(0xc000118000)" or zap's "main.(*server).run", or "created by
// net/http.(*Server).Serve".
func call(b []byte) bool {
	if bytes.HasPrefix(b, []byte("created by ")) {
		return true
	}
	if goFrame(b) {
		return true
	}
	if len(b) < 5 || b[len(b)-1] != ')' || len(b) > 300 {
		return false
	}
	dot := false
	for i, ch := range b {
		switch {
		case ch == '(':
			return dot && i > 2
		case ch == '.' || ch == '/':
			dot = true
		case !isWord(ch) && ch != '-' && ch != '*' && ch != '%':
			return false
		}
	}
	return false
}

// goFrame tells the name of a Go function alone on its line: a path or a receiver before the last dot, or the package main.
func goFrame(b []byte) bool {
	if len(b) < 6 || len(b) > 200 || !isWord(b[len(b)-1]) {
		return false
	}
	dot, path := -1, bytes.HasPrefix(b, []byte("main.")) || bytes.HasPrefix(b, []byte("runtime."))
	for i, ch := range b {
		switch {
		case ch == '.':
			dot = i
		case ch == '/':
			path = true
		case ch == '(' || ch == '*' || ch == ')':
			path = true
		case !isWord(ch) && ch != '-':
			return false
		}
	}
	return path && dot > 0 && bytes.LastIndexByte(b, '/') < dot
}
