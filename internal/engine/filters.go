package engine

import "regexp"

// plainFilters reports whether the value of additional_table_filters, a map of tables to conditions, can do no more than leave
// rows out. A condition may hold names, lists of plain words, IN and SELECT … FROM: no function, so nothing of what [guardText] keeps out, and no escape
// but that of a quotation mark.
func plainFilters(value string) bool { return filtersForm.MatchString(value) }

var filtersForm = regexp.MustCompile(`^\{(?:` + filterForm + `(?:,` + filterForm + `)*)?\}$`)

const (
	filterForm = `'[a-z_]+':'(?:0|` + inForm + `)'`
	inForm     = `[a-z0-9_]+ IN (?:` + listForm + `|\(SELECT [a-z0-9_]+ FROM [a-z_]+\))`
	listForm   = `\[(?:\\'[A-Za-z0-9_-]*\\',?)*\]`
)
