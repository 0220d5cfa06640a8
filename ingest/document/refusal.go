package document

import (
	"fmt"

	"nianbao/internal/form"
)

// CutMark stands behind the text at which a file ends that was not transferred completely: how that text goes on is not
// known, least of all if it is a figure.
const CutMark = "…"

// Codes of refusals: the file is not read at all.
const (
	Empty             = "empty"              // no bytes, or nothing in them that could be seen
	TooLarge          = "too_large"          // the file, what it unpacks to, or its text exceeds a limit
	TooManyCells      = "too_many_cells"     // its grids exceed Limits.Cells
	Nesting           = "nesting"            // its elements stand deeper in each other than Limits.Nesting
	Damaged           = "damaged"            // the format is known, but its rules are broken
	Truncated         = "truncated"          // the file ends before its format does
	NotText           = "not_text"           // bytes of no known format that are no text either
	Encrypted         = "encrypted"          // a password is needed
	FormatUnsupported = "format_unsupported" // the format is known by sight and not read
)

// Codes of problems: the file was read, and this was left out, repaired or doubtful.
const (
	CharsetInvalid    = "charset_invalid"    // bytes that the encoding does not know; they stand as U+FFFD
	CharsetUnknown    = "charset_unknown"    // the file names an encoding that nobody knows
	CharsetMismatch   = "charset_mismatch"   // the file names an encoding that its bytes are not in
	ExtensionMismatch = "extension_mismatch" // the name says one format and the content another
	HiddenText        = "hidden_text"        // text that a reader of the page does not see was left out
	TrackedChanges    = "tracked_changes"    // text deleted under change tracking was left out
	StruckText        = "struck_text"        // text crossed out was left out
	RubyText          = "ruby_text"          // pronunciation printed above words was left out
	Footnotes         = "footnotes"          // notes printed elsewhere stand at the end
	CellOverlap       = "cell_overlap"       // two cells claimed the same place; the later one was cut
	SpanCapped        = "span_capped"        // a cell claimed more columns than any table has
	NumberingUnknown  = "numbering_unknown"  // a number that the program would print before a paragraph was left out
	SymbolUnknown     = "symbol_unknown"     // a sign of a font without standard meaning stands as U+FFFD
	Unread            = "unread_part"        // a part of the file that may hold text was not read
	Images            = "images"             // pictures were not looked at; they may show text or tables
)

// Refuse makes the error of a reader that does not accept a file. The message says what was found where, and what
// the limit is.
func Refuse(code string, at form.Position, format string, args ...any) *Refusal {
	return &Refusal{form.Problem{Code: code, Message: fmt.Sprintf(format, args...), At: at}}
}
