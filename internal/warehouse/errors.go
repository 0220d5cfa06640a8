package warehouse

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// ErrNotFound is the error of asking for one thing that the warehouse does not have.
var ErrNotFound = errors.New("not in the warehouse")

// Codes of ClickHouse exceptions.
const (
	unknownTable    = 60
	unknownDatabase = 81
)

func isException(err error, codes ...int32) bool {
	var e *clickhouse.Exception
	return errors.As(err, &e) && slices.Contains(codes, e.Code)
}

// broken reports whether there was no answer, so that nobody knows whether what was sent was done and sending it again
// may help. An answer of the server that only a moment explains counts as none.
func broken(err error) bool {
	var exception *clickhouse.Exception
	if errors.As(err, &exception) {
		// timeout, too many queries, network, aborted by shutdown, too many parts
		return slices.Contains([]int32{159, 202, 210, 236, 252}, exception.Code)
	}
	var status *clickhouse.HTTPError
	if errors.As(err, &status) {
		return status.StatusCode >= http.StatusInternalServerError
	}
	var network net.Error // *url.Error is one
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, clickhouse.ErrAcquireConnTimeout)
}

// short leaves out the address of a request that failed, in which the whole query stands. It is called on the error of
// the driver, before anything is wrapped around it.
func short(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return &unanswered{u}
	}
	return err
}

// unanswered prints an error of sending a request without the request.
type unanswered struct{ request *url.Error }

func (e *unanswered) Error() string { return "no answer: " + e.request.Err.Error() }
func (e *unanswered) Unwrap() error { return e.request }
