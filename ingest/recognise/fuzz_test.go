package recognise_test

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"nianbao/ingest/document"
	"nianbao/ingest/recognise"
	"nianbao/internal/form"
)

// words are what documents of any bytes are made of: all that the forms print, figures of all kinds, and what stands
// between them.
var words = func() []string {
	out := []string{"", "0", "1", "12", "3", "0", "7", "1,234", "0000000", "1200345", "/", "-", "无", "-3", "增8", "2.5", "251000元", "55（含自然失效29件）", "①", "5²", "３", "32件",
		"注：数据含上年结转 3 件", "示例区财政局2023年政府信息公开工作年度报告", "申请人情况", "法人或其他组织", "行政复议", "行政诉讼", "未经复议直接起诉", "复议后起诉", "信息内容",
		"指标名称", "计量单位", "2013年度", "历年累计", "条", "— 5 —", "五、存在的主要问题及改进情况", "2023年，本机关共收到申请3件。"}
	for _, heading := range headings {
		out = append(out, heading)
	}
	for _, f := range form.Forms {
		for _, code := range []string{form.Section2, form.Section3, form.Section4} {
			t, _ := f.Table(code)
			for _, b := range t.Blocks {
				out = append(out, b.Heading, b.Corner)
				for _, c := range b.Columns {
					out = append(out, c.Label)
				}
				for _, r := range b.Rows {
					out = append(append(out, r.Printed()), r.Parents...)
				}
			}
		}
	}
	return out
}()

// compose makes a document of any bytes: tables with merged cells, paragraphs, and texts whose cells are parted in one
// way or another. Two bytes are one cell.
func compose(t *testing.T, b []byte) *document.Document {
	d := &document.Document{MediaType: "text/html"}
	grids := 0
	for len(b) > 2 {
		kind, n := b[0], min(2*(1+int(b[1])), len(b)-2)
		part := b[2 : 2+n]
		b = b[2+n:]
		var rows []row
		var cur row
		for i := 0; i+1 < len(part); i += 2 {
			cur.cells = append(cur.cells, c(words[int(part[i])%len(words)], 1+int(part[i+1]>>6)%3, 1+int(part[i+1]>>4&3)*int(part[i+1]>>3&1)))
			if part[i+1]&7 == 0 {
				rows, cur = append(rows, cur), row{}
			}
		}
		if rows = append(rows, cur); kind%4 == 0 {
			if g := grid(grids+1, table{rows: rows}); g.Columns > 0 {
				grids++
				g.Ragged = kind&8 != 0
				d.Blocks = append(d.Blocks, document.Block{Grid: g, At: form.Position{Grid: grids}})
			}
			continue
		}
		var s strings.Builder
		for _, r := range rows {
			for _, x := range r.cells {
				s.WriteString(x.text + []string{"", " ", "\t", "\n", " | ", "\n\n"}[kind/4%6])
			}
			s.WriteString([]string{"", "\n"}[kind/32%2])
		}
		if kind%4 == 1 {
			d.Blocks = append(d.Blocks, document.Block{Text: strings.TrimSpace(s.String()), At: form.Position{Line: 1}})
			continue
		}
		for _, x := range read(t, s.String()).Blocks {
			if x.Grid != nil {
				grids++
				x.Grid.Number = grids
			}
			d.Blocks = append(d.Blocks, x)
		}
	}
	return d
}

// digitsOf are the digits of a text in their order.
func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		}
		return -1
	}, s)
}

// Whatever a document holds, its filing names each cell once and by the form, holds no figure that is not printed, and is
// the same when it is read again.
func FuzzRecognise(f *testing.F) {
	f.Add([]byte("\x00\x20a seed that is some table, and more than one row of it, with figures"), uint8(1))
	f.Add([]byte{}, uint8(7))
	f.Fuzz(func(t *testing.T, b []byte, seed uint8) {
		if len(b) > 1<<12 {
			return
		}
		d := compose(t, b)
		if seed < 128 { // a whole report beside it
			r := rand.New(rand.NewPCG(uint64(seed), 1))
			p := newPrinted(r, form.Forms[seed%2].Version)
			damages[int(seed)%len(damages)].do(r, &p)
			whole := layouts[int(seed)%len(layouts)].print(t, p)
			d.Blocks = append(whole.Blocks, d.Blocks...)
			for i, n := 0, 0; i < len(d.Blocks); i++ {
				if g := d.Blocks[i].Grid; g != nil {
					n++
					g.Number = n
				}
			}
		}
		got := recognise.Recognise(d, "report")
		if again := recognise.Recognise(d, "report"); !reflect.DeepEqual(got, again) {
			t.Error("read again, the same document gives another filing")
		}
		seen := map[form.Key]bool{}
		for _, c := range got.Cells {
			if c.Table == form.Legacy {
				continue
			}
			if seen[c.Key] || !form.Forms[0].Has(c.Key) && !form.Forms[1].Has(c.Key) {
				t.Errorf("%s stands twice or in no form", c.Key)
			}
			seen[c.Key] = true
			switch c.State {
			case form.Number:
				if c.Unit == "" && !strings.ContainsAny(c.Raw, "零〇○") && !strings.Contains(digitsOf(c.Raw), digitsOf(c.Value.String())) {
					t.Errorf("%s: the figure %s does not stand in %q (%s)", c.Key, c.Value, c.Raw, c.Rule)
				}
			case form.Blank:
				if strings.TrimSpace(c.Raw) != "" {
					t.Errorf("%s: %q was read as blank (%s)", c.Key, c.Raw, c.Rule)
				}
			case form.Ambiguous, form.Dash, form.NA, form.Text:
			default:
				t.Errorf("%s has the state %q", c.Key, c.State)
			}
		}
	})
}
