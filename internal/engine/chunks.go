package engine

import "bytes"

// framing says how the chunks of a streamed answer join. The engine makes every chunk a complete document of its
// format: of CSVWithNames each has a header, of JSON each is an object, of Parquet each is a file.
type framing int

const (
	framedWhole framing = iota // chunks do not join; the answer must come in one piece, from a plain call
	framedPlain                // chunks join as they are
	framedNames                // the first line of each chunk is the same header
	framedTypes                // the first two lines are
)

// framings are the formats whose chunks join, in lower case, for format names are not told apart by case. All others
// are framedWhole.
var framings = map[string]framing{
	"native": framedPlain, "null": framedPlain,
	"tabseparated": framedPlain, "tsv": framedPlain, "tabseparatedraw": framedPlain, "tsvraw": framedPlain, "raw": framedPlain,
	"csv": framedPlain, "tskv": framedPlain, "lineasstring": framedPlain, "rowbinary": framedPlain,
	"jsoneachrow": framedPlain, "jsonlines": framedPlain, "ndjson": framedPlain, "jsonstringseachrow": framedPlain,
	"jsoncompacteachrow": framedPlain, "jsoncompactstringseachrow": framedPlain,

	"tabseparatedwithnames": framedNames, "tsvwithnames": framedNames, "csvwithnames": framedNames,
	"jsoncompacteachrowwithnames": framedNames, "jsoncompactstringseachrowwithnames": framedNames,
	"tabseparatedwithnamesandtypes": framedTypes, "tsvwithnamesandtypes": framedTypes, "csvwithnamesandtypes": framedTypes,
	"jsoncompacteachrowwithnamesandtypes": framedTypes, "jsoncompactstringseachrowwithnamesandtypes": framedTypes,
}

// headerOnce keeps the header of the first chunk and takes it off the others.
type headerOnce struct {
	framing framing
	csv     bool // a line break inside double quotes belongs to a name
	header  []byte
}

// strip returns what of the chunk goes out. A chunk that does not start with the header is an error: what is a header
// and what is a row would be a guess.
func (h *headerOnce) strip(chunk []byte) ([]byte, error) {
	lines := 0
	switch h.framing {
	case framedNames:
		lines = 1
	case framedTypes:
		lines = 2
	default:
		return chunk, nil
	}
	if h.header == nil {
		end := linesEnd(chunk, lines, h.csv)
		if end < 0 {
			return nil, refuse(codeUnknown, "UNKNOWN_EXCEPTION", "the engine's first chunk has no header of %d lines", lines)
		}
		h.header = bytes.Clone(chunk[:end])
		return chunk, nil
	}
	rest, found := bytes.CutPrefix(chunk, h.header)
	if !found {
		return nil, refuse(codeUnknown, "UNKNOWN_EXCEPTION", "a chunk of the engine does not start with the header of the first")
	}
	return rest, nil
}

// linesEnd is the place behind the first n lines, -1 when there are fewer.
func linesEnd(text []byte, n int, csv bool) int {
	quoted := false
	for i, c := range text {
		switch {
		case csv && c == '"':
			quoted = !quoted // a doubled quote toggles twice
		case c == '\n' && !quoted:
			if n--; n == 0 {
				return i + 1
			}
		}
	}
	return -1
}
