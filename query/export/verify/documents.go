package verify

import (
	"io"
	"path"
	"slices"
	"strings"

	"nianbao/internal/form"
	"nianbao/query/export"
)

// documents reads the files again as they were handed in, and compares the cells.
func (c *checking) documents() {
	if !c.Origin.Query.Documents {
		return
	}
	bySum := map[string][]string{} // filings by the hash of their file
	for id, f := range c.filings {
		bySum[f.sha256] = append(bySum[f.sha256], id)
	}
	found := map[string]bool{}
	differ := map[string]form.Filing{} // filings whose cells are others in the file
	for _, name := range slices.Sorted(keys(c.files)) {
		if !strings.HasPrefix(name, export.DocumentsFolder) || c.ctx.Err() != nil {
			continue
		}
		content, ok := c.whole(name)
		if !ok {
			continue
		}
		sum := strings.TrimSuffix(path.Base(name), path.Ext(name))
		if c.hashes[name] != sum {
			c.problem("%s has the hash %s: it is not the file that was handed in", name, c.hashes[name])
			continue
		}
		if found[sum] = true; len(bySum[sum]) == 0 {
			c.problem("%s belongs to no filing", name)
		}
		if c.opt.Read == nil || !slices.ContainsFunc(bySum[sum], func(id string) bool { return c.filings[id].counts }) {
			continue
		}
		c.Read++
		for _, id := range bySum[sum] {
			f := c.filings[id]
			if !f.counts {
				continue
			}
			read := c.opt.Read(c.ctx, f.file, content)
			again := &filing{}
			for _, cell := range read.Cells {
				again.add(cell.Key, string(cell.State), valueOf(cell), cell.Raw)
			}
			if again.content != f.content {
				differ[id] = read
			}
		}
	}
	for sum, ids := range bySum {
		if !found[sum] {
			c.problem("the file of filing %s, %s, is not in the package", ids[0], sum)
		}
	}
	if len(differ) > 0 {
		c.differences(differ)
	}
}

func valueOf(cell form.Cell) string {
	if cell.State != form.Number {
		return ""
	}
	return cell.Value.String()
}

// differences names the cells that differ.
func (c *checking) differences(differ map[string]form.Filing) {
	held := map[string]map[string]int{}
	in, err := c.files[form.CellsFile].Open()
	if err != nil {
		return
	}
	defer in.Close()
	d, _ := form.LookupDataset(form.CellsFile)
	reader, err := export.NewReader(d, in)
	if err != nil {
		return
	}
	r := &row{of: &d, at: map[string]int{}}
	for i, f := range d.Fields {
		r.at[f.Code] = i
	}
	line := func(k form.Key, state, value, raw string) string {
		return k.String() + ": " + strings.TrimSpace(state+" "+value) + ", raw text " + raw
	}
	for {
		values, err := reader.Next()
		if err == io.EOF || err != nil {
			break
		}
		if r.values = values; len(values) != len(d.Fields) {
			continue
		}
		id := r.text("filing")
		if _, wanted := differ[id]; !wanted {
			continue
		}
		state, value := r.text("state"), string(r.bytes("value"))
		if r.truth("corrected") {
			state, value = r.text("read_state"), string(r.bytes("read_value"))
		}
		if state == "" {
			continue
		}
		if held[id] == nil {
			held[id] = map[string]int{}
		}
		held[id][line(form.Key{Table: r.text("table"), Row: r.text("row"), Column: r.text("column")}, state, value, r.text("raw"))]++
	}
	for _, id := range slices.Sorted(keys(differ)) {
		f, lines := c.filings[id], held[id]
		if lines == nil {
			lines = map[string]int{}
		}
		for _, cell := range differ[id].Cells {
			lines[line(cell.Key, string(cell.State), valueOf(cell), cell.Raw)]--
		}
		for _, l := range slices.Sorted(keys(lines)) {
			switch {
			case lines[l] > 0:
				c.problem("filing %s (agency %s, %d): cells.csv has %s; the file %s does not say so", id, f.agency, f.year, l, f.file)
			case lines[l] < 0:
				c.problem("filing %s (agency %s, %d): the file %s says %s; cells.csv does not have it", id, f.agency, f.year, f.file, l)
			}
		}
	}
}
