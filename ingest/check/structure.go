package check

import (
	"fmt"
	"regexp"
	"strings"

	"nianbao/internal/form"
)

func (r *run) part(code string) (form.Part, bool) {
	for _, p := range r.Parts {
		if p.Code == code {
			return p, true
		}
	}
	return form.Part{}, false
}

// partsThere is B1. A part whose table was read is there, whatever became of its heading.
func (r *run) partsThere(id string) {
	switch {
	case r.old():
		r.says(id, form.NotApplicable, notOld)
		return
	case len(r.Parts) == 0:
		r.says(id, form.NotAssessable, noText)
		return
	}
	var missing []string
	for _, h := range form.Headings {
		if _, ok := r.part(h.Code); !ok && !r.present[h.Code] {
			missing = append(missing, h.Numeral+"、"+h.Title)
		}
	}
	note := ""
	if len(missing) > 0 {
		note = "缺少：" + strings.Join(missing, "；")
	}
	r.judge(id, len(missing) == 0, note)
}

// tablesThere is B2, a finding for each table. Where rows or headers were seen but could not be read it is uncertain.
func (r *run) tablesThere(id string) {
	for _, table := range sections {
		f := form.Finding{Rule: id, Table: table, Status: form.Pass}
		switch {
		case r.old():
			f.Status, f.Note = form.NotApplicable, notOld
		case r.present[table]:
		case r.unread():
			f.Status, f.Note = form.Uncertain, "表格中有读不出的行或表头"
		default:
			f.Status, f.Note = form.Fail, "没有读到可识别的表格"
		}
		r.add(f)
	}
}

// unread reports whether the reader met a table that it could not take apart.
func (r *run) unread() bool {
	for _, p := range r.Problems {
		switch p.Code {
		case "header_unread", "row_unread", "several_reports", "form_unknown":
			return true
		}
	}
	return false
}

// noBlanks is B3, a finding for each of the tables 三 and 四.
func (r *run) noBlanks(id string) {
	for _, table := range []string{form.Section3, form.Section4} {
		f := form.Finding{Rule: id, Table: table, Status: form.Pass}
		n, open := 0, 0
		for i := range r.Cells {
			c := &r.Cells[i]
			if c.Table != table {
				continue
			}
			switch c.State {
			case form.Number:
			case form.Blank, form.Dash, form.NA:
				f.Cells = append(f.Cells, c.Key)
			default:
				open++
			}
			n++
		}
		switch {
		case r.old():
			f.Status, f.Note, f.Cells = form.NotApplicable, notOld, nil
		case n == 0:
			f.Status, f.Note = form.NotAssessable, "没有读到这张表"
		case len(f.Cells) > 0:
			f.Status, f.Note = form.Fail, fmt.Sprintf("%d 格中 %d 格为空或占位符", n, len(f.Cells))
		case open > 0:
			f.Status, f.Note = form.Uncertain, fmt.Sprintf("%d 格未能读定", open)
		}
		r.add(f)
	}
}

// nothing is what stands in a part that says nothing.
var nothing = regexp.MustCompile(`^(?:本年度?|我[局镇乡县区委]|本[机单][关位])?(?:无|没有|暂无|不存在(?:问题)?|无问题|略)?$`)

// problemsWritten is B4.
func (r *run) problemsWritten(id string) {
	p, ok := r.part(form.Section5)
	switch {
	case r.old():
		r.says(id, form.NotApplicable, notOld)
	case len(r.Parts) == 0:
		r.says(id, form.NotAssessable, noText)
	case !ok:
		r.says(id, form.NotAssessable, "没有第五部分")
	default:
		r.judge(id, !nothing.MatchString(letters(p.Text)), shorten(p.Text))
	}
}

// feeReported is B5.
func (r *run) feeReported(id string) {
	f := form.Finding{Rule: id, Status: form.Pass}
	p, ok := r.part(form.Section6)
	amount := form.Finding{Status: form.Pass}
	k := form.Key{Table: form.Section2, Row: "fees", Column: "amount_wan"}
	charged := r.sum(&amount, []form.Key{k})
	switch {
	case r.Year != 0 && r.Year < 2021 || r.old():
		f.Status, f.Note = form.NotApplicable, "2021年以前没有信息处理费"
	case len(r.Parts) == 0:
		f.Status, f.Note = form.NotAssessable, noText
	case !ok:
		f.Status, f.Note = form.NotAssessable, "没有第六部分"
	case !strings.Contains(p.Text, "费"):
		f.Status, f.Note = form.Fail, "第六部分没有提到收费："+shorten(p.Text)
		if amount.Status == form.Pass && charged.IsPositive() {
			f.Table, f.Place, f.Cells = form.Section2, "fees", []form.Key{k}
			f.Note = fmt.Sprintf("表二收费 %s 万元，第六部分没有提到收费：%s", charged, shorten(p.Text))
		}
	}
	r.add(f)
}

// formOfYear is B6, a finding for each table.
func (r *run) formOfYear(id string) {
	for _, table := range sections {
		f := form.Finding{Rule: id, Table: table, Status: form.Pass}
		switch v := r.Forms[table]; {
		case r.Year == 0:
			f.Status, f.Note = form.NotAssessable, "不知道报告年度"
		case r.Year < 2021:
			f.Status, f.Note = form.NotApplicable, "2021年以前的报告"
		case v == "":
			f.Status, f.Note = form.NotAssessable, "没有读到这张表"
		case table == form.Section4:
			f.Status, f.Note = form.NotApplicable, "两版表样的表四相同"
		case v != form.V2021:
			f.Status, f.Note = form.Fail, "使用表样 "+string(v)
		}
		r.add(f)
	}
}

// headings is B7, a finding for each heading that is there.
func (r *run) headings(id string) {
	switch {
	case r.Year != 0 && r.Year < 2021 || r.old():
		r.says(id, form.NotApplicable, "2021年以前的报告")
		return
	case len(r.Parts) == 0:
		r.says(id, form.NotAssessable, noText)
		return
	}
	for _, h := range form.Headings {
		p, ok := r.part(h.Code)
		if !ok || p.Title == "" {
			continue
		}
		f := form.Finding{Rule: id, Place: h.Code, Status: form.Pass}
		if !strings.HasSuffix(simplified.Replace(letters(p.Title)), letters(h.Title)) {
			f.Status, f.Note = form.Fail, shorten(p.Title)
		}
		r.add(f)
	}
}

// simplified writes the characters of the six headings as the form prints them; mirrors show reports in traditional ones.
var simplified = strings.NewReplacer("總", "总", "體", "体", "況", "况", "動", "动", "開", "开", "處", "处", "請", "请", "複", "复", "覆", "复", "復", "复",
	"議", "议", "訴", "诉", "訟", "讼", "問", "问", "題", "题", "進", "进", "報", "报", "項", "项", "資", "资", "務", "务")
