package sample

import (
	"strings"
	"testing"
	"time"

	"nianbao/internal/form"
	"nianbao/internal/warehouse"
)

// Names that a file can carry into the warehouse, each with what it tries.
var (
	HostileMarkup   = `<img src=x onerror=alert(1)></td></script><svg onload=alert(2)>&amp;{{.}}"'` + "`" + `局`
	HostileLong     = strings.Repeat("特别长的机关名称", 25)               // 200 characters without a place to break
	HostileControl  = "控制\x00\x07\x1b[31m\u0085\u2028\ufeff\r\n符局" // what no picture and no terminal may get
	HostileReversed = "\u202e局源资然自区山博\u2067\u2066x"                // turns the text after it round, and never ends
	HostileFormula  = `=HYPERLINK("http://example.test/"&A1,"局")`  // a spreadsheet runs it
	HostileBroken   = "\xff\xfe字节局"                                // no UTF-8
	HostileMissing  = "空"                                          // one character, and the report has no region, no title, no file and no table
	HostileAddress  = `../../%2e%2e/?m=x#"局`                       // of a file or a page
	HostileNames    = []string{HostileMarkup, HostileLong, HostileControl, HostileReversed, HostileFormula, HostileBroken, HostileMissing, HostileAddress}
)

// Hostiles are reports of agencies with those names. Everything else in them that is text attacks as the name does; the one
// without a name has nothing at all.
func Hostiles() (specs []Spec) {
	for i, name := range HostileNames {
		change := func(s *warehouse.Submission) {
			s.Filing.Title, s.Filing.File = name+"年报", name+".html"
			s.Filing.Problems = []form.Problem{{Code: "table_missing", Message: name}}
			for i := range s.Cells {
				if s.Cells[i].Key.String() == "section2.licensing.processed" {
					s.Cells[i].State, s.Cells[i].Raw = form.Text, name
				}
				if s.Cells[i].Key.String() == "section3.R7.total" { // so that findings name it
					s.Cells[i].Value, s.Cells[i].Raw = s.Cells[i].Value.Neg(), name
				}
			}
		}
		if name == HostileMissing {
			change = func(s *warehouse.Submission) {
				s.Filing.Region, s.Filing.Title, s.Filing.File, s.Filing.Published = "", "", "", time.Time{}
				s.Filing.Forms, s.Filing.Status, s.Cells = map[string]form.Version{}, form.Partial, nil
			}
		}
		specs = append(specs, Spec{name, Year, form.V2021, 40 + i, change}, Spec{name, Year - 1, form.V2021, 30 + i, nil})
	}
	return specs
}

// CommitTogether adds the reports as one batch.
func CommitTogether(t testing.TB, store *warehouse.Store, specs ...Spec) time.Time {
	t.Helper()
	return commit(t, store, specs)
}
