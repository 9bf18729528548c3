package event

import "fmt"

// Coverage accounts for every record that a source read:
//
//	Read = Kept + Outside + Unparsed + the sum of Dropped
type Coverage struct {
	// Source is the source's name.
	Source string
	// Read counts records; Bytes counts bytes before decompression.
	Read, Bytes int64
	// Kept counts records that went on; Outside those that lie outside the asked time.
	Kept, Outside int64
	// Unparsed counts records that could not be understood.
	Unparsed int64
	// Borrowed counts kept records that have no time stamp of their own.
	Borrowed int64
	// Dropped counts what was left out on purpose, by reason.
	Dropped map[string]int64
	// Gaps are the holes that are known.
	Gaps []Hole
	// Notes are remarks for a person: a clock that was corrected, a format that was guessed.
	Notes []string
}

// Hole is evidence that is missing.
type Hole struct {
	// Range is when it is missing, zero if that is not known.
	Range Range
	// Origin is what it is missing from.
	Origin Origin
	// Reason says why: "gzip stream ends too early", "HTTP 429".
	Reason string
	// Failed is set if the source is broken there, which makes the run end with exit status 4.
	Failed bool
}

// Drop counts n records left out for a reason.
func (c *Coverage) Drop(reason string, n int64) {
	if c.Dropped == nil {
		c.Dropped = map[string]int64{}
	}
	c.Dropped[reason] += n
}

// Add adds o's counts, gaps and notes to c.
func (c *Coverage) Add(o Coverage) {
	c.Read += o.Read
	c.Bytes += o.Bytes
	c.Kept += o.Kept
	c.Outside += o.Outside
	c.Unparsed += o.Unparsed
	c.Borrowed += o.Borrowed
	for reason, n := range o.Dropped {
		c.Drop(reason, n)
	}
	c.Gaps = append(c.Gaps, o.Gaps...)
	c.Notes = append(c.Notes, o.Notes...)
}

// Check returns an error if the account does not add up.
func (c *Coverage) Check() error {
	sum := c.Kept + c.Outside + c.Unparsed
	for _, n := range c.Dropped {
		sum += n
	}
	if sum != c.Read {
		return fmt.Errorf("source %s read %d records but accounts for %d", c.Source, c.Read, sum)
	}
	return nil
}
