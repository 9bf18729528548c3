package file

import "io"

// aheadSize is how much is decompressed at a time, aheadBlocks how many pieces beside the one being parsed.
const (
	aheadSize   = 256 << 10
	aheadBlocks = 3
)

// ahead decompresses in a goroutine of its own while what is there already is parsed.
type ahead struct {
	full chan block
	free chan []byte
	stop chan struct{}
	done chan struct{}
	cur  []byte
	buf  []byte
	err  error
}

type block struct {
	b   []byte
	n   int
	err error
}

func readAhead(r io.ReadCloser) *ahead {
	a := &ahead{full: make(chan block, aheadBlocks), free: make(chan []byte, aheadBlocks), stop: make(chan struct{}), done: make(chan struct{})}
	for range aheadBlocks {
		a.free <- make([]byte, aheadSize)
	}
	go a.run(r)
	return a
}

func (a *ahead) run(r io.ReadCloser) {
	defer close(a.done)
	defer r.Close()
	for {
		var b []byte
		select {
		case b = <-a.free:
		case <-a.stop:
			return
		}
		n, err := fill(r, b)
		select {
		case a.full <- block{b, n, err}:
		case <-a.stop:
			return
		}
		if err != nil {
			return
		}
	}
}

// fill reads until b is full or the stream ends, and returns the stream's own error.
func fill(r io.Reader, b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var m int
		m, err = r.Read(b[n:])
		n += m
	}
	return n, err
}

func (a *ahead) Read(p []byte) (int, error) {
	for len(a.cur) == 0 {
		if a.err != nil {
			return 0, a.err
		}
		if a.buf != nil {
			a.free <- a.buf
		}
		b := <-a.full
		a.buf, a.cur, a.err = b.b, b.b[:b.n], b.err
	}
	n := copy(p, a.cur)
	a.cur = a.cur[n:]
	return n, nil
}

// Close stops the goroutine and waits for its end.
func (a *ahead) Close() error {
	close(a.stop)
	<-a.done
	return nil
}
