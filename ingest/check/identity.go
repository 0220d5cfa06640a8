package check

import "nianbao/internal/form"

// prepared is an equation with what every finding of it shares.
type prepared struct {
	form.Equation
	expression string
	keys       []form.Key
}

type rule struct {
	id      string
	version form.Version
}

// equations are the identities expanded over the tables of each version, once.
var equations = func() map[rule][]prepared {
	out := map[rule][]prepared{}
	for _, f := range form.Forms {
		for _, t := range f.Tables {
			for _, e := range form.Equations(t) {
				k := rule{e.Identity.ID, f.Version}
				out[k] = append(out[k], prepared{e, e.Expression(), e.Keys()})
			}
		}
	}
	return out
}()

// tableOf is the table of each identity.
var tableOf = func() map[string]string {
	out := map[string]string{}
	for _, i := range form.Identities {
		out[i.ID] = i.Table
	}
	return out
}()

// identity evaluates an identity at all its places. Of a table that was not found there is one finding.
func (r *run) identity(id string) {
	table := tableOf[id]
	list := equations[rule{id, r.Forms[table]}]
	switch {
	case r.old():
		r.add(form.Finding{Rule: id, Table: table, Status: form.NotApplicable, Note: notOld})
		return
	case !r.present[table]:
		r.add(form.Finding{Rule: id, Table: table, Status: form.NotAssessable, Note: "没有读到这张表"})
		return
	case len(list) == 0:
		r.add(form.Finding{Rule: id, Table: table, Status: form.NotAssessable, Note: "不能确定这张表所用的表样"})
		return
	}
	for _, e := range list {
		finding := form.Finding{Rule: id, Table: table, Place: e.Place, Expression: e.expression, Cells: e.keys, Status: form.Pass}
		left, right := r.sum(&finding, e.Left), r.sum(&finding, e.Right)
		compare(&finding, left, right, equal)
		r.add(finding)
	}
}

// settle notes for each blank cell the first identity that holds exactly with the blank as 0. An identity in which no
// number is printed shows nothing: 0 = 0 over empty cells is no evidence.
func settle(f *form.Filing, index *form.Index) {
	for i := range f.Findings {
		finding := &f.Findings[i]
		if finding.Status != form.Pass || len(finding.Blanks) == 0 || len(finding.Blanks) == len(finding.Cells) || tableOf[finding.Rule] == "" {
			continue
		}
		for _, k := range finding.Blanks {
			i, _ := index.At(k) // every cell that was counted is there
			if c := &f.Cells[i]; c.State == form.Blank && c.SettledBy == "" {
				c.SettledBy = finding.Rule
			}
		}
	}
}
