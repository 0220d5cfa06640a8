package docx_test

import (
	"fmt"
	"strings"
	"testing"

	"nianbao/ingest/document"
	"nianbao/ingest/document/documenttest"
	"nianbao/ingest/document/docx"
)

// reportBody is as large as that of a real report: three tables of 350 cells and the properties Word gives to each,
// 250 kB in all.
func reportBody() string {
	const look = `<w:rPr><w:rFonts w:hint="eastAsia" w:ascii="宋体" w:hAnsi="宋体" w:eastAsia="宋体" w:cs="宋体"/><w:sz w:val="20"/><w:szCs w:val="20"/></w:rPr>`
	const par = `<w:pPr><w:pStyle w:val="2"/><w:keepNext w:val="0"/><w:keepLines w:val="0"/><w:widowControl/><w:suppressLineNumbers w:val="0"/><w:spacing w:before="0" w:beforeAutospacing="0" w:after="0" w:afterAutospacing="0"/><w:jc w:val="center"/>` + look + `</w:pPr>`
	var b strings.Builder
	p := func(s string) {
		fmt.Fprintf(&b, `<w:p w14:paraId="28C57B0F">%s<w:r>%s<w:t>%s</w:t></w:r></w:p>`, par, look, s)
	}
	table := func(rows, columns int) {
		b.WriteString(`<w:tbl><w:tblPr><w:tblW w:w="0" w:type="auto"/></w:tblPr><w:tblGrid><w:gridCol w:w="1000"/></w:tblGrid>`)
		for y := range rows {
			b.WriteString(`<w:tr><w:tblPrEx><w:tblCellMar><w:top w:w="0" w:type="dxa"/></w:tblCellMar></w:tblPrEx><w:trPr><w:trHeight w:val="300"/></w:trPr>`)
			for x := range columns {
				b.WriteString(`<w:tc><w:tcPr><w:tcW w:w="705" w:type="dxa"/><w:tcBorders><w:top w:val="single" w:color="auto" w:sz="8" w:space="0"/></w:tcBorders><w:noWrap w:val="0"/><w:vAlign w:val="center"/></w:tcPr>`)
				if x == 0 {
					p("本机关不掌握相关政府信息")
				} else {
					p(fmt.Sprint(x * y))
				}
				b.WriteString(`</w:tc>`)
			}
			b.WriteString(`</w:tr>`)
		}
		b.WriteString(`</w:tbl>`)
	}
	p("二、主动公开政府信息情况")
	table(14, 3)
	p("三、收到和处理政府信息公开申请情况")
	table(28, 9)
	p("四、政府信息公开行政复议、行政诉讼情况")
	table(4, 12)
	for range 10 {
		p(strings.Repeat("一是公开内容不够细致；二是解读形式较为单一。", 5))
	}
	return b.String()
}

func BenchmarkRead(b *testing.B) {
	part := body(reportBody())
	file := pack(map[string]string{"word/document.xml": part})
	b.SetBytes(int64(len(part)))
	b.ReportAllocs()
	documenttest.PerCore(b)
	for b.Loop() {
		if _, err := docx.Read(b.Context(), file, document.DefaultLimits); err != nil {
			b.Fatal(err)
		}
	}
}
