package check

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"github.com/shopspring/decimal"

	"nianbao/internal/form"
	"nianbao/internal/register"
)

// Extract is what the checks of other filings look at in one: a few cells and the shingles of its text. It holds a
// tenth of what the filing holds.
type Extract struct {
	ID     string // of the filing, "" if it is not held
	Agency string // code of the body in the register, its name if it has none
	Name   string
	Year   int
	Scope  form.Scope // unknown resolved by the kind of body
	Forms  map[string]form.Version
	cells  map[form.Key]figure // those of [Compared]
	text   map[string][]uint32 // shingles of parts 一 and 五, sorted
}

// figure is what another filing needs of a cell.
type figure struct {
	state form.State
	value decimal.Decimal
}

// Compared are the cells that checks of other filings look at. An extract needs no others, besides all of a table of
// indicators before 2019.
var Compared = func() []form.Key {
	var keys []form.Key
	for _, column := range applicants {
		for _, row := range []string{"NEW", "CARRY_IN", "R7", "CARRY_OUT"} {
			keys = append(keys, form.Key{Table: form.Section3, Row: row, Column: column})
		}
	}
	for _, row := range []string{"regulations", "normative"} {
		for _, column := range []string{"made", "repealed", "valid", "made_new", "published_new", "total_public"} {
			keys = append(keys, form.Key{Table: form.Section2, Row: row, Column: column})
		}
	}
	for _, row := range itemRows {
		for _, column := range []string{"prev_items", "delta", "processed", "amount_wan"} {
			keys = append(keys, form.Key{Table: form.Section2, Row: row, Column: column})
		}
	}
	for _, row := range []string{"review", "direct", "after"} {
		keys = append(keys, form.Key{Table: form.Section4, Row: row, Column: "total"})
	}
	return keys
}()

var compared = func() map[form.Key]bool {
	out := map[form.Key]bool{}
	for _, k := range Compared {
		out[k] = true
	}
	return out
}()

// applicants are the columns of section 三.
var applicants = func() []string {
	fm, _ := form.Lookup(form.V2021)
	t, _ := fm.Table(form.Section3)
	var out []string
	for _, c := range t.Blocks[0].Columns {
		out = append(out, c.Code)
	}
	return out
}()

// ExtractOf takes the extract of a filing: id is that under which it is held, agency the code of the body that it counts
// for, "" if there is none. The filing needs agency, year, scope and forms, the cells of [Compared] and the parts.
func ExtractOf(id, agency string, f *form.Filing) *Extract {
	x := &Extract{ID: id, Agency: cmp.Or(agency, f.Agency.Name), Name: f.Agency.Name, Year: f.Year, Scope: scopeOf(f), Forms: f.Forms, cells: make(map[form.Key]figure, min(len(f.Cells), len(Compared))), text: map[string][]uint32{}}
	above := ""
	for i := range f.Cells {
		if c := &f.Cells[i]; c.Table == form.Legacy {
			k := c.Key
			k.Row, above = indicator(k.Row, above)
			x.cells[k] = figure{c.State, c.Value}
		} else if compared[c.Key] {
			x.cells[c.Key] = figure{c.State, c.Value}
		}
	}
	for _, p := range f.Parts {
		if copiable[p.Code] {
			x.text[p.Code] = shingles(p.Text)
		}
	}
	return x
}

// scopeOf is whose figures a filing holds. Where the report does not say, governments are taken to sum up.
func scopeOf(f *form.Filing) form.Scope {
	switch {
	case f.Scope == form.ScopeOwn || f.Scope == form.ScopeAggregate:
		return f.Scope
	case register.KindOfName(f.Agency.Name) == register.Government:
		return form.ScopeAggregate
	}
	return form.ScopeOwn
}

// value is the number of a cell of another filing, as count is of one's own.
func (x *Extract) value(finding *form.Finding, k form.Key) decimal.Decimal {
	c, ok := x.cells[k]
	if !ok {
		finding.Status = form.NotAssessable
		return decimal.Zero
	}
	switch c.state {
	case form.Number:
		return c.value
	case form.Blank, form.Dash, form.NA:
	default:
		if finding.Status == form.Pass {
			finding.Status = form.Uncertain
		}
	}
	return decimal.Zero
}

// indicator names a row of the tables before 2019 in the same way for every year: by the code of the indicator that its
// label means, else by the label's words. Above is the code of the row before it, as this function gave it.
func indicator(label, above string) (name, next string) {
	if x, ok := form.LookupIndicator(label, above); ok {
		return x.Code, x.Code
	}
	return letters(label), above
}

// fold writes full-width characters as half-width ones.
func fold(s string) string {
	return strings.Map(func(c rune) rune {
		if c >= '！' && c <= '～' {
			return c - '！' + '!'
		}
		return c
	}, s)
}

// copiable are the parts whose words a body has to find for itself. The others hold tables or one fixed sentence.
var copiable = map[string]bool{form.Section1: true, form.Section5: true}

// shingleLength is how many characters make a shingle. Eight run over the words that every report uses (政府信息公开工作 is
// just eight) and fit into most sentences several times.
const shingleLength = 8

// shingles are the hashes of all runs of eight characters of a text, sorted, each once. Sentences that state figures are
// left out, because they are alike every year and everywhere by nature; a year is no figure. Spaces and punctuation do
// not count, so that layout and full-width signs make no difference.
func shingles(text string) []uint32 {
	signs := make([]rune, 0, len(text)/3)
	start, figures := 0, 0 // of the sentence: its first sign, and its digits that belong to no year
	digits := 0            // at the end of what was read
	for _, c := range text {
		if c >= '！' && c <= '～' && c != '；' {
			c = c - '！' + '!'
		}
		if c >= '0' && c <= '9' {
			digits++
			continue
		}
		if digits > 0 && (c != '年' || digits != 4) {
			figures += digits
		}
		digits = 0
		switch {
		case c == '。' || c == '；' || c == ';' || c == '\n':
			if figures > 0 {
				signs = signs[:start]
			}
			start, figures = len(signs), 0
		case unicode.IsLetter(c):
			signs = append(signs, c)
		}
	}
	if figures+digits > 0 {
		signs = signs[:start]
	}
	if len(signs) < shingleLength {
		return nil
	}
	out := make([]uint32, 0, len(signs))
	for i := 0; i+shingleLength <= len(signs); i++ {
		h := uint64(14695981039346656037)
		for _, c := range signs[i : i+shingleLength] {
			h = (h ^ uint64(c)) * 1099511628211
		}
		out = append(out, uint32(h^h>>32))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// shared counts the shingles of a that b has as well; both are sorted.
func shared(a, b []uint32) int {
	n := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			n++
			i++
			j++
		case a[i] < b[j]:
			i++
		default:
			j++
		}
	}
	return n
}
