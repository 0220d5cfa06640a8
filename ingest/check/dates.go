package check

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"nianbao/internal/form"
)

// firstDay is the day after the reporting year.
func (r *run) firstDay() string { return fmt.Sprintf("%04d-01-01", r.Year+1) }

// notBefore judges a date against the end of the period.
func (r *run) notBefore(id, date, missing string) {
	switch {
	case date == "":
		r.says(id, form.NotAssessable, missing)
	case r.Year == 0:
		r.says(id, form.NotAssessable, "不知道报告年度")
	default:
		r.judge(id, date >= r.firstDay(), fmt.Sprintf("%s，统计期至 %d-12-31", date, r.Year))
	}
}

// signedAfter is D1.
func (r *run) signedAfter(id string) { r.notBefore(id, r.Signed, "没有落款日期") }

// publishedAfter is D4.
func (r *run) publishedAfter(id string) { r.notBefore(id, r.Published, "页面没有公开日期") }

// oneYear is D2: what the reader found of other years in title, period, opening words and file name.
func (r *run) oneYear(id string) {
	for _, p := range r.Problems {
		if p.Code == "year_conflict" {
			r.says(id, form.Fail, fmt.Sprintf("读作 %d 年度的报告，但文中另有年份：%s", r.Year, p.Message))
			return
		}
	}
	if r.Year == 0 {
		r.says(id, form.NotAssessable, "不知道报告年度")
		return
	}
	r.says(id, form.Pass, "")
}

// inTime is D3.
func (r *run) inTime(id string) {
	published, err := time.Parse(time.DateOnly, r.Published)
	switch {
	case err != nil:
		r.says(id, form.NotAssessable, "页面没有公开日期")
	case r.Due.IsZero():
		r.says(id, form.NotAssessable, "没有登记应公开之日")
	default:
		note := fmt.Sprintf("公开 %s，应在 %s 前", r.Published, r.Due.Format(time.DateOnly))
		if late := int(published.Sub(r.Due).Hours() / 24); late > 0 {
			note = fmt.Sprintf("公开 %s，逾期 %d 天", r.Published, late)
		}
		r.judge(id, !published.After(r.Due), note)
	}
}

var (
	periodWords = regexp.MustCompile(`统计(?:期限|时限|期间|时间|周期)`)
	periodWhole = regexp.MustCompile(`(20\d\d)年1月1日[^0-9]{0,6}(?:(20\d\d)年?)?12月31日`)
)

// period is D5.
func (r *run) period(id string) {
	if len(r.Parts) == 0 {
		r.says(id, form.NotAssessable, noText)
		return
	}
	for _, p := range r.Parts {
		if !strings.Contains(p.Text, "统计") {
			continue
		}
		text := strings.Join(strings.Fields(fold(p.Text)), "") // lines of a page may break within a date
		at := periodWords.FindStringIndex(text)
		if at == nil {
			continue
		}
		text = text[at[0]:]
		if i := strings.IndexAny(text, "。;"); i >= 0 {
			text = text[:i]
		}
		m := periodWhole.FindStringSubmatch(text)
		year := strconv.Itoa(r.Year)
		good := m != nil && m[1] == year && (m[2] == "" || m[2] == year)
		r.judge(id, good || m != nil && r.Year == 0, shorten(text))
		return
	}
	r.says(id, form.NotApplicable, "正文没有提到统计期限")
}

// plan is a year in which a body says what it will do. The word 将 alone is also the sign of the object. Under a heading
// that speaks of what is to come it is not needed.
const (
	planYear = `(20\d\d)年度?[,，]?[\p{Han}]{0,8}?[,，]?`
	planBody = `(?:我[局镇乡县区市委办]|我们|本[机单]?[关位局])`
)

var (
	plan   = regexp.MustCompile(planYear + planBody + `?将(?:继续|进一步|加强|加大|不断|着力|重点|以|认真|持续|深入|严格|按照|从|在)`)
	ahead  = regexp.MustCompile(planYear + planBody + `(?:将|加强|加大|继续|进一步|不断)`)
	future = regexp.MustCompile(`下一步|整改措施|改进措施|今后`)
)

// plansAhead is D6.
func (r *run) plansAhead(id string) {
	p, ok := r.part(form.Section5)
	switch {
	case !ok:
		r.says(id, form.NotAssessable, "没有第五部分")
		return
	case r.Year == 0:
		r.says(id, form.NotAssessable, "不知道报告年度")
		return
	}
	found := false
	plans := plan.FindAllStringSubmatch(p.Text, -1)
	if at := future.FindStringIndex(p.Text); at != nil {
		plans = append(plans, ahead.FindAllStringSubmatch(p.Text[at[0]:], -1)...)
	}
	for _, m := range plans {
		found = true
		if year, _ := strconv.Atoi(m[1]); year <= r.Year {
			r.says(id, form.Fail, m[0])
			return
		}
	}
	if found {
		r.says(id, form.Pass, "")
	}
}
