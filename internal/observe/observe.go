// Package observe counts what the program does, for Prometheus, and gives every request an id, which stands in its answer, in
// the log and on the page that reports its failure.
//
// What flows in are requests, queries and files as they pass; what flows out is the text of /metrics and lines of the log.
package observe

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are the counters of one process.
type Metrics struct {
	registry *prometheus.Registry

	requests       *prometheus.CounterVec
	requestSeconds *prometheus.HistogramVec
	running        prometheus.Gauge
	queries        *prometheus.CounterVec
	querySeconds   *prometheus.HistogramVec
	files          *prometheus.CounterVec

	mu     sync.Mutex
	routes map[string]bool
}

// seconds are the bounds of durations: from an answer out of memory to a table of a whole store.
var seconds = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300}

// New returns counters at zero.
func New(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "nianbao_http_requests_total",
			Help: "Requests answered, by route (first element of the path), method and status."}, []string{"route", "method", "status"}),
		requestSeconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "nianbao_http_request_seconds", Buckets: seconds,
			Help: "Time from a request to the end of its answer, which the reader may take in slowly."}, []string{"route"}),
		running: prometheus.NewGauge(prometheus.GaugeOpts{Name: "nianbao_http_requests_running", Help: "Requests that are being answered."}),
		queries: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "nianbao_queries_total",
			Help: "Questions to ClickHouse, by kind (query, insert) and outcome (answered, refused, broken)."}, []string{"kind", "outcome"}),
		querySeconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "nianbao_query_seconds", Buckets: seconds,
			Help: "Time until ClickHouse begins its answer."}, []string{"kind"}),
		files: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "nianbao_ingest_files_total",
			Help: "Files handed in, by format and outcome (loaded, new_version, unchanged, waiting, rejected, failed)."}, []string{"format", "outcome"}),
		routes: map[string]bool{},
	}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		m.requests, m.requestSeconds, m.running, m.queries, m.querySeconds, m.files)
	about := prometheus.NewGauge(prometheus.GaugeOpts{Name: "nianbao_build", Help: "1; the label is the version of the program.", ConstLabels: prometheus.Labels{"version": version}})
	about.Set(1)
	m.registry.MustRegister(about)
	return m
}

// Handler answers with all counters.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Gauge adds a number that is asked for each time the counters are read.
func (m *Metrics) Gauge(name, help string, value func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value))
}

// Counter is Gauge for a number that only grows.
func (m *Metrics) Counter(name, help string, value func() float64) {
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, value))
}

// File counts a file that was handed in.
func (m *Metrics) File(mediaType, outcome string) {
	m.files.WithLabelValues(format(mediaType), outcome).Inc()
}

// format is a short word for a media type: "html", "pdf"; "unknown" for a file that was not opened.
func format(mediaType string) string {
	mediaType, _, _ = strings.Cut(mediaType, ";")
	switch mediaType {
	case "":
		return "unknown"
	case "text/plain":
		return "text"
	case "application/vnd.openxmlformats-officedocument.wordprocessingml.document":
		return "docx"
	case "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":
		return "xlsx"
	case "application/msword":
		return "doc"
	case "application/vnd.ms-excel":
		return "xls"
	}
	_, word, _ := strings.Cut(mediaType, "/")
	return word
}

// Queries counts what is asked of ClickHouse over a transport.
func (m *Metrics) Queries(next http.RoundTripper) http.RoundTripper { return queries{m, next} }

type queries struct {
	*Metrics
	next http.RoundTripper
}

func (q queries) RoundTrip(r *http.Request) (*http.Response, error) {
	kind := "query"
	if text := r.URL.Query().Get("query"); len(text) >= 6 && strings.EqualFold(text[:6], "insert") { // its rows are the body
		kind = "insert"
	}
	began := time.Now()
	answer, err := q.next.RoundTrip(r)
	outcome := "answered"
	switch {
	case err != nil:
		outcome = "broken"
	case answer.StatusCode != http.StatusOK:
		outcome = "refused"
	}
	q.queries.WithLabelValues(kind, outcome).Inc()
	q.querySeconds.WithLabelValues(kind).Observe(time.Since(began).Seconds())
	return answer, err
}
