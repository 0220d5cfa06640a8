package api

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"nianbao/query/tabular"
)

// format is a way to write an answer.
type format struct {
	code, mediaType, ending string
}

// The formats. The first is what is written where nobody asks for anything.
var (
	asJSON    = format{"json", "application/json", ".json"}
	asCSV     = format{"csv", "text/csv", ".csv"}
	asParquet = format{"parquet", "application/vnd.apache.parquet", ".parquet"}
	asXLSX    = format{"xlsx", tabular.MediaType, ".xlsx"}
	formats   = []format{asJSON, asCSV, asParquet, asXLSX}
)

// contentType is the media type with what has to be known of it.
func (f format) contentType() string {
	if f == asCSV {
		return f.mediaType + "; charset=utf-8; header=present"
	}
	return f.mediaType
}

// holds says why a table cannot be written in the format, before its first byte.
func (f format) holds(s *sheet) error {
	if f == asXLSX && s.total > tabular.MostRows {
		return &refusal{status: http.StatusUnprocessableEntity, location: "query.format", value: f.code,
			detail: fmt.Sprintf("the table has %d rows, and a worksheet takes %d; want csv or parquet, or fewer years, agencies or findings", s.total, tabular.MostRows)}
	}
	return nil
}

// write writes a table in the format.
func (f format) write(s *sheet, to io.Writer, program string, about map[string]string) error {
	switch f {
	case asParquet:
		return s.parquet(to, program, about)
	case asXLSX:
		columns := make([]tabular.Column, len(s.columns))
		for i, c := range s.columns {
			columns[i] = tabular.Column{Name: c.name, Kind: tabular.Kind(c.kind)}
		}
		return tabular.XLSX(to, columns, about, s.each)
	}
	return s.csv(to)
}

// Codings of a body that is sent, the one to prefer first. Parquet and XLSX are compressed as they are.
const (
	zstdCoding = "zstd"
	gzipCoding = "gzip"
)

var codings = []string{zstdCoding, gzipCoding}

// weight is what a header of RFC 9110 with weights (Accept, Accept-Encoding) gives to a name: that of the most precise
// range that holds it, −1 if it names none.
func weight(header, name string) float64 {
	best, precision := -1.0, -1
	kind, _, typed := strings.Cut(name, "/")
	for part := range strings.SplitSeq(header, ",") {
		options := strings.Split(part, ";")
		at := -1
		switch one := strings.ToLower(strings.TrimSpace(options[0])); {
		case one == name:
			at = 2
		case typed && one == kind+"/*":
			at = 1
		case one == "*" || typed && one == "*/*":
			at = 0
		}
		if at < 0 || at <= precision {
			continue
		}
		q := 1.0
		for _, o := range options[1:] {
			if v, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(o)), "q="); ok {
				if parsed, err := strconv.ParseFloat(v, 64); err == nil {
					q = min(max(parsed, 0), 1)
				}
			}
		}
		best, precision = q, at
	}
	return best
}

// accepted is the format that a header Accept prefers of some, ok is false if it takes none of them.
func accepted(header string, offered []format) (best format, ok bool) {
	if strings.TrimSpace(header) == "" {
		return offered[0], true
	}
	most := 0.0
	for _, f := range offered {
		if q := weight(header, f.mediaType); q > most {
			best, most = f, q
		}
	}
	return best, most > 0
}

// codingOf is the coding that a header Accept-Encoding prefers, "" for none.
func codingOf(header string) string {
	best, most := "", 0.0
	for _, c := range codings {
		if q := weight(header, c); q > most {
			best, most = c, q
		}
	}
	if plain := weight(header, "identity"); plain > most {
		return ""
	}
	return best
}
