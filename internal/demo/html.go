package demo

import (
	"fmt"
	"html"
	"strings"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// page is what the HTML styles share: the chrome of a portal that the reader must look past.
type page struct {
	strings.Builder
	c content
}

func (p *page) line(format string, args ...any) {
	fmt.Fprintf(p, format+"\n", args...)
}

// title of the file. A synthetic document says so here too.
func (p *page) title() string {
	r := p.c.report
	t := r.Title()
	if r.Synthetic {
		t += "（" + r.Note + "）"
	}
	if r.Site != "" {
		t += "-" + r.Site + "门户网站"
	}
	return html.EscapeString(t)
}

// meta are the properties that portals state about a page.
func (p *page) meta() {
	r := p.c.report
	if r.Site != "" {
		p.line(`<meta name="SiteName" content="%s门户网站">`, html.EscapeString(r.Site))
	}
	p.line(`<meta name="ArticleTitle" content="%s">`, html.EscapeString(r.Title()))
	p.line(`<meta name="ContentSource" content="%s">`, html.EscapeString(r.Agency))
	if r.Published != "" {
		p.line(`<meta name="PubDate" content="%s">`, r.Published)
	}
	if r.Synthetic {
		p.line(`<meta name="description" content="%s">`, html.EscapeString(r.Note))
	}
}

// body writes paragraphs and tables by the functions of the style.
func (p *page) body(heading, paragraph func(string), table func(section)) {
	for _, s := range p.c.sections {
		if s.heading != "" {
			heading(s.heading)
		}
		for _, text := range s.paragraphs {
			paragraph(text)
		}
		if s.table != nil {
			table(s)
		}
	}
}

// spans writes the attributes of a merged cell.
func spans(c gridCell) string {
	var s string
	if c.rows > 1 {
		s += fmt.Sprintf(` rowspan="%d"`, c.rows)
	}
	if c.columns > 1 {
		s += fmt.Sprintf(` colspan="%d"`, c.columns)
	}
	return s
}

// portalPage is a page of a present-day portal: clean tables, navigation above, footer below.
func portalPage(c content) ([]byte, error) {
	p := &page{c: c}
	r := c.report
	p.line("<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n<title>%s</title>", p.title())
	p.meta()
	p.line("<style>.content table{border-collapse:collapse;width:100%%}.content td{border:1px solid #000;padding:4px;text-align:center}</style>\n</head>\n<body>")
	if r.Site != "" {
		p.line(`<div class="header"><span class="logo">%s</span><ul class="nav"><li>首页</li><li>政务公开</li><li>政务服务</li><li>政民互动</li><li>走进本区</li></ul></div>`, html.EscapeString(r.Site))
		p.line(`<div class="position">当前位置：<a href="/">首页</a> &gt; <a href="/zwgk/">政务公开</a> &gt; <a href="/zwgk/nb/">政府信息公开年报</a></div>`)
	}
	p.line("<div class=\"article\">\n<h1>%s</h1>\n<p class=\"note\">%s</p>", html.EscapeString(r.Title()), html.EscapeString(r.Note))
	if r.Published != "" {
		p.line(`<div class="info"><span>发布时间：%s</span><span>来源：%s</span><span>字体：[大 中 小]</span></div>`, r.Published, html.EscapeString(r.Agency))
	}
	p.line(`<div class="content">`)
	p.body(
		func(s string) { p.line("<h2>%s</h2>", html.EscapeString(s)) },
		func(s string) { p.line("<p>%s</p>", html.EscapeString(s)) },
		func(s section) {
			p.line("<table>")
			for _, line := range s.table.lines() {
				p.WriteString("<tr>")
				for _, cell := range line {
					fmt.Fprintf(p, "<td%s>%s</td>", spans(cell), html.EscapeString(cell.text))
				}
				p.line("</tr>")
			}
			p.line("</table>")
		})
	for _, s := range r.signature() {
		p.line(`<p style="text-align:right">%s</p>`, html.EscapeString(s))
	}
	p.line("</div>\n</div>")
	if r.Site != "" {
		p.line(`<div class="footer"><p>主办：%s　承办：%s办公室</p><p>网站地图 | 联系我们 | 关于我们</p></div>`, html.EscapeString(r.Site), html.EscapeString(r.Site))
	}
	p.line("</body>\n</html>")
	return []byte(p.String()), nil
}

// wordPage holds markup as it comes from Word through the editor of a portal.
func wordPage(c content) ([]byte, error) {
	const (
		text = `<span style="font-family:仿宋_GB2312;mso-hansi-font-family:仿宋_GB2312;font-size:16pt;mso-font-kerning:0pt">%s<o:p></o:p></span>`
		cell = `<td%s valign="center" style="border:1pt solid windowtext;mso-border-alt:solid windowtext .5pt;padding:0pt 5.4pt 0pt 5.4pt"><p class="MsoNormal" align="center" style="text-align:center;mso-pagination:widow-orphan">%s</p></td>`
	)
	p := &page{c: c}
	r := c.report
	p.line(`<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word">`)
	p.line("<head>\n<meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\">\n<title>%s</title>", p.title())
	p.meta()
	p.line("<!--[if gte mso 9]><xml><w:WordDocument><w:View>Normal</w:View><w:Zoom>0</w:Zoom></w:WordDocument></xml><![endif]-->\n</head>\n<body>")
	if r.Site != "" {
		p.line(`<div class="wz">您现在的位置：首页 &gt;&gt; 政府信息公开 &gt;&gt; 年度报告</div>`)
	}
	p.line(`<div class="TRS_Editor"><p class="MsoNormal" align="center"><b><span style="font-family:方正小标宋简体;font-size:22pt">%s<o:p></o:p></span></b></p>`, html.EscapeString(r.Title()))
	p.line(`<p class="MsoNormal" align="center">`+text+`</p>`, html.EscapeString(r.Note))
	p.body(
		func(s string) {
			p.line(`<p class="MsoNormal" style="text-indent:32pt;mso-char-indent-count:2.0000"><b>`+text+`</b></p>`, html.EscapeString(s))
		},
		func(s string) {
			p.line(`<p class="MsoNormal" style="text-indent:32pt;mso-char-indent-count:2.0000">%s</p>`, wordRuns(s))
		},
		func(s section) {
			p.line(`<table class="MsoNormalTable" border="1" cellspacing="0" style="border-collapse:collapse;mso-table-layout-alt:fixed"><tbody>`)
			for i, line := range s.table.lines() {
				p.WriteString(`<tr style="mso-yfti-irow:` + fmt.Sprint(i) + `;height:29.75pt">`)
				for _, c := range line {
					inner := "<o:p>&nbsp;</o:p>"
					if c.text != "" {
						inner = fmt.Sprintf(text, twoLines(c, "<br/>", html.EscapeString))
					}
					fmt.Fprintf(p, cell, spans(c), inner)
				}
				p.line("</tr>")
			}
			p.line("</tbody></table>")
		})
	for _, s := range r.signature() {
		p.line(`<p class="MsoNormal" align="right">`+text+`</p>`, html.EscapeString(s))
	}
	p.line("</div>\n</body>\n</html>")
	return []byte(p.String()), nil
}

// wordRuns puts digits into spans of their own, as Word does where the fonts differ.
func wordRuns(s string) string {
	var b strings.Builder
	for _, run := range runsOf(s) {
		font := "仿宋_GB2312"
		if run[0] >= '0' && run[0] <= '9' {
			font = "Times New Roman"
		}
		fmt.Fprintf(&b, `<span style="font-family:%s;font-size:16pt">%s</span>`, font, html.EscapeString(run))
	}
	return b.String()
}

// runsOf cuts text where digits begin and end.
func runsOf(s string) []string {
	var out []string
	digit := func(c byte) bool { return c >= '0' && c <= '9' }
	for start, i := 0, 0; i < len(s); i++ {
		if i+1 == len(s) || digit(s[i]) != digit(s[i+1]) {
			out = append(out, s[start:i+1])
			start = i + 1
		}
	}
	return out
}

// twoLines breaks a label of four characters over a column of figures, which is narrow, after the second.
func twoLines(c gridCell, lineBreak string, escape func(string) string) string {
	if r := []rune(c.text); !c.figure && c.columns == 1 && len(r) == 4 && c.column > 0 && c.rows == 1 {
		return escape(string(r[:2])) + lineBreak + escape(string(r[2:]))
	}
	return escape(c.text)
}

// layoutPage puts everything into tables for layout, with a table of properties above the report.
func layoutPage(c content) ([]byte, error) {
	p := &page{c: c}
	r := c.report
	p.line("<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\" \"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\">\n<html>\n<head>\n<meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\" />\n<title>%s</title>", p.title())
	p.meta()
	p.line("</head>\n<body>\n<table width=\"1000\" border=\"0\" align=\"center\" cellpadding=\"0\" cellspacing=\"0\"><tr><td>")
	if r.Site != "" {
		p.line(`<table width="100%%" border="0"><tr><td>网站首页</td><td>信息公开</td><td>在线办事</td><td>互动交流</td></tr></table>`)
		p.line(`<table width="100%%" border="0"><tr><td>当前位置：首页 &gt; 信息公开 &gt; 政府信息公开年报 &gt; 正文</td></tr></table>`)
	}
	p.line(`<table class="xxgk" width="100%%" border="1"><tr><td>名　　称</td><td colspan="3">%s</td></tr>`, html.EscapeString(r.Title()))
	if r.Published != "" {
		p.line(`<tr><td>发布机构</td><td>%s</td><td>公开日期</td><td>%s</td></tr>`, html.EscapeString(r.Agency), r.Published)
	}
	p.line("</table>")
	p.line("</td></tr><tr><td id=\"zoom\">\n<h1 align=\"center\">%s</h1>\n<div align=\"center\">%s</div>", html.EscapeString(r.Title()), html.EscapeString(r.Note))
	p.body(
		func(s string) { p.line("<div><strong>%s</strong></div>", html.EscapeString(s)) },
		func(s string) { p.line("<div>　　%s</div>", html.EscapeString(s)) },
		func(s section) {
			p.line(`<div style="overflow:auto"><table border="1" width="98%%" cellpadding="3"><tbody>`)
			for _, line := range s.table.lines() {
				p.WriteString("<tr>")
				for _, cell := range line {
					inner := "&nbsp;"
					if cell.text != "" {
						inner = "<div>" + html.EscapeString(cell.text) + "</div>"
					}
					fmt.Fprintf(p, "<td%s>%s</td>", spans(cell), inner)
				}
				p.line("</tr>")
			}
			p.line("</tbody></table></div>")
		})
	for _, s := range r.signature() {
		p.line(`<div align="right">%s</div>`, html.EscapeString(s))
	}
	p.line("</td></tr><tr><td>")
	if r.Site != "" {
		p.line(`<table width="100%%" border="0"><tr><td align="center">版权所有：%s</td></tr></table>`, html.EscapeString(r.Site))
	}
	p.line("</td></tr></table>\n</body>\n</html>")
	return []byte(p.String()), nil
}

// oldPage is a page of an old portal: upper-case tags, no end tags of cells, bytes in GBK.
func oldPage(c content) ([]byte, error) {
	p := &page{c: c}
	r := c.report
	p.line("<HTML>\n<HEAD>\n<META http-equiv=\"Content-Type\" content=\"text/html; charset=gb2312\">\n<TITLE>%s</TITLE>", p.title())
	p.meta()
	p.line("</HEAD>\n<BODY>")
	if r.Site != "" {
		p.line(`<DIV>您当前所在位置：首页 &gt; 信息公开目录 &gt; 年度报告</DIV>`)
	}
	p.line("<CENTER><FONT size=5><B>%s</B></FONT></CENTER>\n<CENTER>%s</CENTER>", html.EscapeString(r.Title()), html.EscapeString(r.Note))
	if r.Published != "" {
		p.line("<CENTER><FONT size=2>发布时间：%s　　来源：%s</FONT></CENTER><HR>", r.Published, html.EscapeString(r.Agency))
	}
	p.body(
		func(s string) { p.line("<P>　　<B>%s</B>", html.EscapeString(s)) },
		func(s string) { p.line("<P>　　%s", html.EscapeString(s)) },
		func(s section) {
			for _, part := range s.parts {
				p.line("<TABLE border=1 cellSpacing=0 width=600>")
				for _, line := range part.lines() {
					p.WriteString("<TR>")
					for _, cell := range line {
						inner := "&nbsp;"
						if cell.text != "" {
							inner = "<FONT face=宋体>" + html.EscapeString(cell.text) + "</FONT>"
						}
						fmt.Fprintf(p, "\n<TD%s>%s", spans(cell), inner)
					}
					p.line("")
				}
				p.line("</TABLE>")
			}
		})
	for _, s := range r.signature() {
		p.line("<P align=right>%s", html.EscapeString(s))
	}
	p.line("</BODY>\n</HTML>")
	encoded, err := simplifiedchinese.GBK.NewEncoder().String(p.String())
	if err != nil {
		return nil, fmt.Errorf("print report %s: encode page in GBK: %w", r.Title(), err)
	}
	return []byte(encoded), nil
}
