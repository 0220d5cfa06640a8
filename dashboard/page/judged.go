package page

import (
	"cmp"
	"encoding/json"
	"strconv"

	"nianbao/internal/form"
	"nianbao/query/compare"
)

// judgedCell shows what is known of a measure in one report.
type judgedCell = agencyCell

// judged shows a figure of a report at this address, "" if there is none.
func (in lang) judgedOf(j compare.Judged, m form.Measure, report string) judgedCell {
	c := judgedCell{Share: len(m.Denominator) > 0}
	if j.State == compare.NotFiled && report == "" {
		c.Missing = true
		return c
	}
	c.fill(in, j, m, report)
	return c
}

// line is the figure in words: 60.0%（18/30）, 18, or the word for its absence.
func (c judgedCell) line(in lang) string {
	switch {
	case c.Missing:
		return cmp.Or(c.Absent, in.say("state.not_filed"))
	case c.Share && c.Percent != "":
		return in.say("fraction", c.Percent, c.X.Text, c.N.Text)
	case c.Share && c.X.known && c.N.known:
		return c.X.Text + "/" + c.N.Text + " " + c.State
	case c.State != "":
		return c.State
	}
	return c.X.Text
}

// valueJSON is a figure in a file: a number or its state, never a number that is not there.
type valueJSON struct {
	State   compare.State `json:"state"`
	X       *json.Number  `json:"x"`
	N       *json.Number  `json:"n,omitempty"`
	Percent string        `json:"percent,omitempty"`
	Flags   []string      `json:"flags,omitempty"`
}

func valueOf(j compare.Judged, m form.Measure) valueJSON {
	v := valueJSON{State: j.State, X: exactOf(j.X, m), Percent: j.Percent()}
	if len(m.Denominator) > 0 {
		v.N = exactOf(j.N, m)
	}
	if j.X.BlankAsZero || j.N.BlankAsZero {
		v.Flags = []string{"blank_as_zero"}
	}
	if j.X.Corrected || j.N.Corrected {
		v.Flags = append(v.Flags, "corrected")
	}
	return v
}

func exactOf(f compare.Figure, m form.Measure) *json.Number {
	if !f.Known() {
		return nil
	}
	n := json.Number(compare.Decimal(f.Sum, m.Scale()))
	return &n
}

// fields are the figure in a sheet: state, x, n, percent, flags.
func (v valueJSON) fields() []value {
	of := func(n *json.Number) value {
		if n == nil {
			return value{}
		}
		return plainText(n.String())
	}
	flags := ""
	for i, f := range v.Flags {
		if i > 0 {
			flags += " "
		}
		flags += f
	}
	return []value{plainText(string(v.State)), of(v.X), of(v.N), plainText(v.Percent), plainText(flags)}
}

// valueHeads are the columns of [valueJSON.fields].
var valueHeads = []string{"state", "x", "n", "percent", "flags"}

// totalsJSON are sums over agencies; of nothing there is no sum.
type totalsJSON struct {
	Agencies int          `json:"agencies"`
	X        *json.Number `json:"x"`
	N        *json.Number `json:"n,omitempty"`
	Percent  string       `json:"percent,omitempty"`
}

func totalsOf(t compare.Totals, m form.Measure) totalsJSON {
	out := totalsJSON{Agencies: t.Agencies}
	if t.Agencies == 0 {
		return out
	}
	exact := func(n int64) *json.Number {
		number := json.Number(compare.Decimal(n, m.Scale()))
		return &number
	}
	out.X = exact(t.X)
	if len(m.Denominator) > 0 {
		out.N, out.Percent = exact(t.N), t.Percent()
	}
	return out
}

// agencyJSON is how a row of a file names its agency.
type agencyJSON struct {
	Agency string       `json:"agency"`
	Name   string       `json:"name"`
	Kind   compare.Kind `json:"kind"`
	Filing string       `json:"filing,omitempty"`
}

func agencyOf(l *compare.Line) agencyJSON {
	return agencyJSON{l.Agency, l.Name, l.Kind, l.Last().Filing}
}

// fields are the agency in a sheet.
func (a agencyJSON) fields(year int) []value {
	return []value{plainText(strconv.Itoa(year)), plainText(a.Agency), said(a.Name), plainText(string(a.Kind)), plainText(a.Filing)}
}

// agencyHeads are the columns of [agencyJSON.fields].
var agencyHeads = []string{"year", "agency", "name", "kind", "filing"}

// exact prints a computed number for files.
func exact(f float64) value { return plainText(strconv.FormatFloat(f, 'f', -1, 64)) }
