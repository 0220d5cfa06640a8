package observe

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// header carries the id of a request, from a proxy in front and to the reader.
const header = "X-Request-Id"

type requestKey struct{}

// RequestID is the id of the request that ctx belongs to, or a new one.
func RequestID(ctx context.Context) string {
	if id, ok := ctx.Value(requestKey{}).(string); ok {
		return id
	}
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// given is the id that a proxy gave the request, "" if it is not one to be repeated in a log.
func given(r *http.Request) string {
	id := r.Header.Get(header)
	if len(id) > 64 || strings.Trim(id, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_.") != "" {
		return ""
	}
	return id
}

// Requests counts requests and gives each an id. With a log, each is written there when its answer ends.
func (m *Metrics) Requests(next http.Handler, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := given(r)
		if id == "" {
			id = RequestID(context.Background())
		}
		w.Header().Set(header, id)
		answer := &answer{ResponseWriter: w}
		began := time.Now()
		m.running.Inc()
		defer func() {
			m.running.Dec()
			status := answer.status
			switch cause := recover(); {
			case cause != nil:
				defer panic(cause) // the answer is cut off
				if status == 0 {
					status = http.StatusInternalServerError
				}
			case status == 0:
				status = http.StatusOK
			}
			lasted := time.Since(began)
			route := m.route(r.URL.Path, status)
			m.requests.WithLabelValues(route, method(r.Method), strconv.Itoa(status)).Inc()
			m.requestSeconds.WithLabelValues(route).Observe(lasted.Seconds())
			if log != nil {
				log.Info("request", "request", id, "method", r.Method, "path", r.URL.Path, "status", status, "bytes", answer.bytes,
					"milliseconds", lasted.Milliseconds(), "client", r.RemoteAddr)
			}
		}()
		next.ServeHTTP(answer, r.WithContext(context.WithValue(r.Context(), requestKey{}, id)))
	})
}

func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "other"
}

// mostRoutes bounds the counters, whatever addresses are asked for.
const mostRoutes = 100

// route is the first element of a path without its format, or of a path of the API the first after its base.
func (m *Metrics) route(path string, status int) string {
	switch status {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusTooManyRequests, http.StatusUnauthorized, http.StatusForbidden:
		return "other" // nobody knows whether there is something at the address
	}
	base, rest := "/", strings.TrimPrefix(path, "/")
	if below, ok := strings.CutPrefix(path, "/api/v1/"); ok {
		base, rest = "/api/v1/", below
	}
	first, _, _ := strings.Cut(rest, "/")
	if i := strings.IndexByte(first, '.'); i >= 0 {
		first = first[:i]
	}
	route := base + first
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.routes[route] {
		if len(m.routes) >= mostRoutes || len(route) > 60 {
			return "other"
		}
		m.routes[route] = true
	}
	return route
}

// answer counts what is written.
type answer struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (a *answer) WriteHeader(status int) {
	if a.status == 0 && status >= http.StatusOK {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	n, err := a.ResponseWriter.Write(b)
	a.bytes += int64(n)
	return n, err
}

// Flush sends on what was written; gin asks for it.
func (a *answer) Flush() {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	if f, ok := a.ResponseWriter.(http.Flusher); ok {
		f.Flush()
	}
}

// Unwrap is for [http.ResponseController].
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
