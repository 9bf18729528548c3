package fetch

import (
	"net/http"
	"time"
)

// Clock tells by how much a server's clock is ahead of this machine's, from the header of an answer and the times when the
// request was sent and the answer was there. It is known to ± uncertain, which is 0 if the header has no date: that has
// whole seconds only.
func Clock(h http.Header, sent, received time.Time) (ahead, uncertain time.Duration) {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0, 0
	}
	took := received.Sub(sent)
	return date.Add(time.Second / 2).Sub(sent.Add(took / 2)), (time.Second + took) / 2
}
