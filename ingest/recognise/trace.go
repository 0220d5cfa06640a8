package recognise

import (
	"fmt"
	"slices"
	"strings"

	"nianbao/ingest/document"
	"nianbao/internal/form"
)

// Explain is [Recognise] with the reasons: what was read the same way, and what was refused.
func Explain(doc *document.Document, name string) (form.Filing, *Trace) {
	trace := &Trace{}
	f := recognise(doc, name, trace)
	trace.choices(&f)
	trace.grids(doc, &f)
	return f, trace
}

// Trace is what recognition did not take and why, and the witnesses it weighed, for a person who asks. It is nil in
// normal work; every method of a nil trace does nothing.
type Trace struct {
	Refusals []Refusal
	Choices  []Choice
	Agencies []Witness
	Years    []Witness
}

// Refusal is something printed that was not taken.
type Refusal struct {
	Where string // the table or part in whose reading it was refused, in Chinese
	Text  string
	At    form.Position
	Why   string
}

// Choice is a decision by words of the document.
type Choice struct {
	What  string // the table
	Taken string // the version of the form
	Words string // the words that decided
}

// Witness is an indication of the agency or the year with its weight.
type Witness struct {
	Value string
	form.Evidence
}

func (t *Trace) refuse(where, text string, at form.Position, why string) {
	if t != nil {
		t.Refusals = append(t.Refusals, Refusal{where, text, at, why})
	}
}

func (t *Trace) choose(what, taken, words string) {
	if t != nil {
		t.Choices = append(t.Choices, Choice{what, taken, words})
	}
}

// rows notes the printed rows of section 三 whose own label did not name them, with the labels they come nearest to.
func (t *Trace) rows(lines []line, taken map[int]match, labels memo) {
	if t == nil {
		return
	}
	for i, l := range lines {
		text := strings.Join(l.labels, " ")
		if _, ok := taken[i]; ok || text == "" {
			continue
		}
		_, similar := likenesses(l, applicationTargets, labels)
		order := make([]int, len(similar))
		for j := range order {
			order[j] = j
		}
		slices.SortStableFunc(order, func(a, b int) int {
			switch {
			case similar[a] > similar[b]:
				return -1
			case similar[a] < similar[b]:
				return 1
			}
			return 0
		})
		first, second := order[0], order[1]
		name := func(j int) string { return fmt.Sprintf("“%s”（%.2f）", applicationRows[j].Printed(), similar[j]) }
		why := ""
		switch {
		case similar[first] < probable:
			why = fmt.Sprintf("与表样各行都不相像，相似度均低于 %.2f", probable)
		case similar[first] == similar[second]:
			why = "两行同样相像：" + name(first) + "、" + name(second)
		case similar[first] < certain:
			why = fmt.Sprintf("最像 %s，低于 %.2f；其次 %s", name(first), certain, name(second))
		default:
			why = "像 " + name(first) + "，但与前后各行的次序不合，或该行已由另一行占用"
		}
		t.refuse("表三的行", text, l.at, why)
	}
}

// header notes a header of section 二 that does not name the columns of a row below it.
func (t *Trace) header(h header, row form.Row, at form.Position, labels memo) {
	if t == nil {
		return
	}
	if len(h.texts) == 0 {
		t.refuse("表二的行", row.Label, at, "上方没有读出表头")
		return
	}
	why := "表头与该行所在各版表样的列不符"
	for i := len(form.Forms) - 1; i >= 0; i-- {
		b := disclosureBlocks[form.Forms[i].Version][row.Code]
		if b == nil {
			continue
		}
		if len(h.texts) != len(b.columns) {
			why += fmt.Sprintf("；%s：应有 %d 列，读出 %d 列", form.Forms[i].Version, len(b.columns), len(h.texts))
			continue
		}
		for j := range b.targets {
			if x := b.targets[j].similarity(labels.prepare(h.texts[j])); x < certain {
				why += fmt.Sprintf("；%s：“%s”与“%s”的相似度 %.2f，低于 %.2f", form.Forms[i].Version, h.texts[j], b.columns[j].Label, x, certain)
				break
			}
		}
	}
	t.refuse("表二的表头", strings.Join(h.texts, " | ")+" → "+row.Label, at, why)
}

// choices says by which words each table's version was told.
func (t *Trace) choices(f *form.Filing) {
	if v := f.Forms[form.Section2]; v != "" {
		var own, all []string // labels that only this version has, and all
		for _, c := range f.Cells {
			fm, _ := form.Lookup(v)
			table, _ := fm.Table(form.Section2)
			_, column, ok := table.Find(c.Row, c.Column)
			if label := "“" + column.Label + "”"; c.Table == form.Section2 && ok && !slices.Contains(all, label) {
				all = append(all, label)
				if !inBoth(c.Key) {
					own = append(own, label)
				}
			}
		}
		if len(own) == 0 {
			own = all
		}
		t.choose("表二", string(v), "表头"+strings.Join(own, ""))
	}
	if v := f.Forms[form.Section3]; v != "" {
		words := "（六）其他处理没有读出"
		switch {
		case slices.ContainsFunc(f.Cells, func(c form.Cell) bool { return c.Table == form.Section3 && strings.HasPrefix(c.Row, "R6_") }):
			words = "（六）其他处理下有分行"
		case slices.ContainsFunc(f.Cells, func(c form.Cell) bool { return c.Table == form.Section3 && c.Row == "R6" }):
			words = "（六）其他处理只有一行"
		}
		t.choose("表三", string(v), words)
	}
	if v := f.Forms[form.Section4]; v != "" {
		t.choose("表四", string(v), "两版相同，随表三、表二")
	}
}

// inBoth reports whether every version of the form has the cell.
func inBoth(k form.Key) bool {
	for _, f := range form.Forms {
		if !f.Has(k) {
			return false
		}
	}
	return true
}

// grids notes the grids of which no cell was taken.
func (t *Trace) grids(doc *document.Document, f *form.Filing) {
	for _, b := range doc.Blocks {
		if b.Grid == nil || slices.ContainsFunc(f.Cells, func(c form.Cell) bool { return c.At.Grid == b.Grid.Number }) {
			continue
		}
		if !slices.ContainsFunc(b.Grid.Cells, func(c document.Cell) bool { return strings.TrimSpace(c.Text) != "" && !ofTable(c.Text) }) {
			continue // a header whose rows stand in another grid
		}
		lines := false // ragged grids of text give their lines as places
		for _, c := range b.Grid.Cells {
			lines = lines || c.At.Line > 0 && slices.ContainsFunc(f.Cells, func(x form.Cell) bool { return x.At.Line == c.At.Line })
		}
		if lines {
			continue
		}
		var words []string
		for _, c := range b.Grid.Cells {
			if s := strings.TrimSpace(c.Text); s != "" && len(words) < 4 {
				words = append(words, shorten(s, 16))
			}
		}
		t.refuse(fmt.Sprintf("第 %d 个表格", b.Grid.Number), strings.Join(words, " | "), b.At, fmt.Sprintf("%d 行 %d 列，没有认出表样的表头和行名", b.Grid.Rows, b.Grid.Columns))
	}
}
