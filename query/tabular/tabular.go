// Package tabular is what tables are made of that people take away: kinds of columns, their names for people, texts that no
// spreadsheet runs, and workbooks.
package tabular

import "strings"

// Kind is what a column holds. Values come as texts; the kind says how a text is to be read, so that no two formats can say
// different things.
type Kind string

// The kinds. An empty text of any other kind than Text means that there is nothing.
const (
	Text    Kind = "text"
	Integer Kind = "integer"
	Decimal Kind = "decimal" // exact
	Real    Kind = "real"    // a share or a limit of an interval: computed, not printed anywhere
	Boolean Kind = "boolean"
	Date    Kind = "date"    // YYYY-MM-DD
	Instant Kind = "instant" // RFC 3339
)

// Column is a column of a table.
type Column struct {
	Name string // the code that stands in files for programs
	Kind Kind
	Zh   string // for people; "" where the dictionary has the name
}

// Apostrophe is the character before texts that a spreadsheet might calculate.
const Apostrophe = "'"

// Guarded are what such texts begin with. The wide forms count in spreadsheets set to Chinese or Japanese.
var Guarded = []string{"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", Apostrophe}

// Guard makes a text safe for spreadsheets that read it from CSV. [Unguard] takes it back: since a text that begins with an
// apostrophe gets one more, taking one away from every text that begins with one gives back what there was. Numbers are not
// guarded: -5 is -5.
func Guard(text string) string {
	for _, g := range Guarded {
		if strings.HasPrefix(text, g) {
			return Apostrophe + text
		}
	}
	return text
}

// Unguard gives back the text that [Guard] was given.
func Unguard(text string) string { return strings.TrimPrefix(text, Apostrophe) }
