package engine

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/ClickHouse/ch-go/compress"
)

// request is one HTTP request in ClickHouse's terms.
type request struct {
	queryID  string // the client's, or made up
	database string
	text     []byte // of the parameter query, with the line break a server adds; the body follows it
	format   string // of the answer, when the text has no FORMAT clause
	params   []parameter
	settings []parameter // everything that goes into SET, sorted by name; never readonly
	readonly string      // the value for the setting readonly, "" when not asked for
	revision uint64      // client_protocol_version; used for the hello alone
	whole    bool        // wait_end_of_query: no byte before the end is certain

	compressed   bool // compress=1: the answer in ClickHouse's compressed blocks
	decompress   bool // decompress=1: the body likewise
	method       compress.Method
	level        compress.Level
	acceptsGzip  bool
	comment      string // the client's own log_comment
	external     *multipart.Reader
	externalText map[string]string // X_structure, X_format and X_types of the URL, for external tables

	raw  *watchedBody
	body io.Reader // decoded
}

// notSettings are URL parameters that have a meaning of their own or none here; they never reach SET. Sessions do not
// exist: every request has a connection of its own. Roles, quotas and users do not either.
var notSettings = map[string]bool{
	"query": true, "database": true, "default_format": true, "query_id": true, "client_protocol_version": true,
	"compress": true, "decompress": true, "session_id": true, "session_timeout": true, "session_check": true, "close_session": true,
	"user": true, "password": true, "quota_key": true, "role": true, "wait_end_of_query": true, "buffer_size": true, "stacktrace": true,
}

// readRequest takes a request apart. The body is not read yet.
func readRequest(r *http.Request) (*request, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, refuse(codeBadArguments, "BAD_ARGUMENTS", "read the URL's parameters: %v", err)
	}
	q := &request{
		queryID: values.Get("query_id"), database: values.Get("database"), format: values.Get("default_format"),
		whole: isOn(values.Get("wait_end_of_query")), compressed: isOn(values.Get("compress")), decompress: isOn(values.Get("decompress")),
		raw: &watchedBody{body: r.Body},
	}
	if q.queryID == "" {
		q.queryID = randomID()
	}
	if q.database == "" {
		q.database = r.Header.Get("X-ClickHouse-Database")
	}
	if q.format == "" {
		q.format = r.Header.Get("X-ClickHouse-Format")
	}
	if q.format == "" {
		q.format = "TabSeparated"
	}
	if text := values.Get("query"); text != "" {
		q.text = append([]byte(text), '\n')
	}
	if v := values.Get("client_protocol_version"); v != "" {
		if q.revision, err = strconv.ParseUint(v, 10, 64); err != nil {
			return nil, refuse(codeBadArguments, "BAD_ARGUMENTS", "read client_protocol_version: %q is not a number", v)
		}
	}
	if q.method, q.level, err = compression(values); err != nil {
		return nil, err
	}
	q.acceptsGzip = accepts(r.Header.Get("Accept-Encoding"), "gzip")

	if kind, options, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil && kind == "multipart/form-data" {
		q.external = multipart.NewReader(q.raw, options["boundary"])
		q.externalText = map[string]string{}
	}
	if err := q.readSettings(values); err != nil {
		return nil, err
	}
	if r.Method == http.MethodGet && q.readonly == "" {
		q.readonly = "2" // as a server does: a link must not change anything
	}
	return q, q.openBody(r.Header.Get("Content-Encoding"))
}

func (q *request) readSettings(values url.Values) error {
	for name, all := range values {
		value := all[len(all)-1]
		switch {
		case notSettings[name]:
		case strings.HasPrefix(name, "param_"):
			q.params = append(q.params, parameter{strings.TrimPrefix(name, "param_"), value})
		case q.external != nil && isExternalText(name):
			q.externalText[name] = value
		case name == "readonly":
			q.readonly = value
		case name == "log_comment":
			q.comment = value
		case textSettings[name] && (name != "additional_table_filters" || !plainFilters(value)):
			return refuseSetting(name)
		case name == "dialect" && value != "clickhouse":
			return refuse(codeAccessDenied, "ACCESS_DENIED", "the embedded engine refuses the dialect %q: statements are judged as ClickHouse SQL", value)
		default:
			q.settings = append(q.settings, parameter{name, value})
		}
	}
	byName := func(a, b parameter) int { return strings.Compare(a.name, b.name) }
	slices.SortFunc(q.settings, byName)
	slices.SortFunc(q.params, byName)
	return nil
}

func isExternalText(name string) bool {
	return strings.HasSuffix(name, "_structure") || strings.HasSuffix(name, "_format") || strings.HasSuffix(name, "_types")
}

// openBody puts the decoders on the body.
func (q *request) openBody(encoding string) error {
	q.body = q.raw
	switch encoding {
	case "", "identity":
	case "gzip":
		// Made at the first read: the header of the stream may not be there yet.
		q.body = &lazyGzip{from: q.raw}
	default:
		return refuse(codeNotImplemented, "NOT_IMPLEMENTED", "the embedded engine takes bodies plain or with gzip, not with %s", encoding)
	}
	if q.decompress {
		q.body = newBlockReader(q.body)
	}
	return nil
}

func compression(values url.Values) (compress.Method, compress.Level, error) {
	level := func(name string) (compress.Level, error) {
		v := values.Get(name)
		if v == "" {
			return compress.LevelZero, nil
		}
		n, err := strconv.ParseUint(v, 10, 8)
		if err != nil {
			return 0, refuse(codeBadArguments, "BAD_ARGUMENTS", "read %s: %q is not a level", name, v)
		}
		return compress.Level(n), nil
	}
	switch method := strings.ToUpper(values.Get("network_compression_method")); method {
	case "", "LZ4":
		return compress.LZ4, compress.LevelZero, nil
	case "LZ4HC":
		return compress.LZ4HC, compress.LevelZero, nil
	case "NONE":
		return compress.None, compress.LevelZero, nil
	case "ZSTD":
		l, err := level("network_zstd_compression_level")
		return compress.ZSTD, l, err
	default:
		return 0, 0, refuse(codeBadArguments, "BAD_ARGUMENTS", "read network_compression_method: %q is not one of LZ4, LZ4HC, ZSTD and NONE", method)
	}
}

// set is the SET statement for the request, "" without settings. The engine refuses unknown names and bad values, which
// it would swallow as arguments of a connection.
func (q *request) set() string {
	if len(q.settings) == 0 {
		return ""
	}
	parts := make([]string, len(q.settings))
	for i, s := range q.settings {
		parts[i] = quoteName(s.name) + "=" + quoteText(s.value)
	}
	return "SET " + strings.Join(parts, ", ")
}

func quoteName(name string) string {
	return "`" + strings.NewReplacer("\\", "\\\\", "`", "\\`").Replace(name) + "`"
}

func quoteText(text string) string {
	return "'" + strings.NewReplacer("\\", "\\\\", "'", "\\'").Replace(text) + "'"
}

func isOn(v string) bool { return v == "1" || v == "true" }

// accepts reads an Accept-Encoding header; q=0 means no.
func accepts(header, encoding string) bool {
	for _, part := range strings.Split(header, ",") {
		name, options, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.TrimSpace(name) == encoding {
			v, is := strings.CutPrefix(strings.ReplaceAll(options, " ", ""), "q=")
			return !is || strings.Trim(v, "0.") != ""
		}
	}
	return false
}

func randomID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b[:])
	return fmt.Sprintf("%s-%s-%s-%s-%s", h[:8], h[8:12], h[12:16], h[16:20], h[20:])
}
