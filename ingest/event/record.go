package event

// Record is one log record: a line, or several that belong together, or a document. Its byte slices point into a block
// owned by whoever made it and are valid only until the next batch is asked for: copy what is kept.
type Record struct {
	// Time is the record's stamp, in Unix nanoseconds. For a record with no stamp of its own (Borrowed) it is its neighbour's.
	Time int64
	// Line is the 1-based line in the file where the record begins, or its number in the part. Below 0 it is
	// -(byte offset + 1): counting the lines of a very large file would cost more than the search in it.
	Line     int64
	Severity Severity
	Borrowed bool
	// Status is the HTTP status of an access record, otherwise 0.
	Status int16
	// Duration is how long the request of an access record took, in nanoseconds; 0 if not known.
	Duration int64
	// Service and Instance name the speaker where the record itself does: service or program, and host or pod.
	// Nil means the batch's Component.
	Service, Instance []byte
	// Logger is the logger, class, module or program unit that spoke, nil where not known.
	Logger []byte
	// Raw is the record's first line as it stands in the file, header and all; nil for JSON and documents, whose whole is no
	// line for a person.
	Raw []byte
	// Message is the first line of what was said, without time stamp, level and other header parts.
	Message []byte
	// Detail is what follows: the error field, stack trace, further lines.
	Detail []byte
	// Fields are the other fields that were asked for (see [Wanted]).
	Fields []Field
	// ID is the document's id, nil for files.
	ID []byte
}

// Field is one named value of a record, both as they are written there.
type Field struct{ Key, Value []byte }

// Wanted lists the names of fields, beyond time, level, speaker and message, that someone will look at.
// Decoders fill [Record.Fields] with these only.
type Wanted []string

// Batch is what a part yields at a time. It belongs to the part: everything that is not copied is gone with the next one.
type Batch struct {
	// Origin tells where the batch comes from; its Line is not used.
	Origin Origin
	// Component is the speaker of records that do not name one.
	Component Component
	Records   []Record
	Events    []Event
	Series    []Series
	// Coverage is the account of what was read for this batch, to be added to the source's.
	Coverage Coverage
}
