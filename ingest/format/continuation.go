package format

import "bytes"

// continues tells whether a line without a head looks like part of the record before: indented, a closing bracket, or
// what follows in a stack trace.
func continues(b []byte) bool {
	switch b[0] {
	case ' ', '\t', '}', ')', ']', '^', '|':
		return true
	case 'C':
		return bytes.HasPrefix(b, []byte("Caused by"))
	case 'S':
		return bytes.HasPrefix(b, []byte("Suppressed:")) || bytes.HasPrefix(b, []byte("Stack trace"))
	case 'T':
		return bytes.HasPrefix(b, []byte("Traceback (most recent")) || bytes.HasPrefix(b, []byte("The above exception"))
	case 'D':
		return bytes.HasPrefix(b, []byte("During handling of the above"))
	case 'a':
		if bytes.HasPrefix(b, []byte("at ")) {
			return true
		}
	case 'g':
		if bytes.HasPrefix(b, []byte("goroutine ")) {
			return true
		}
	case '.':
		return bytes.HasPrefix(b, []byte("... "))
	case '-', '=', '*', '+', '~', '#':
		return ruler(b)
	}
	return exceptionLine(b) || call(b)
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
	return false
}

// call tells a frame of a Go stack, "main.(*server).run(0xc000118000)", or "created by net/http.(*Server).Serve".
func call(b []byte) bool {
	if bytes.HasPrefix(b, []byte("created by ")) {
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
