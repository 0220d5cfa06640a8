package check

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"nianbao/internal/form"
	"nianbao/internal/sieve"
)

// proseEqualsTables is A10, a finding for each claim. A claim may mean any of the sums that its concept names; it fails
// only if none of them agrees, and is uncertain as long as one cannot be computed.
func (r *run) proseEqualsTables(id string) {
	if len(r.Claims) == 0 {
		if len(r.Parts) == 0 {
			r.says(id, form.NotAssessable, noText)
		} else {
			r.says(id, form.NotApplicable, "正文没有写出可核对的数")
		}
		return
	}
	for i := range r.Claims {
		if r.Claims[i].Unit != percent {
			r.add(r.claim(id, &r.Claims[i]))
		}
	}
}

const percent = "%"

func (r *run) claim(id string, c *form.Claim) form.Finding {
	f := form.Finding{Rule: id, Place: c.Concept, Status: form.Pass, Note: shorten(c.Sentence)}
	concept, known := form.LookupConcept(c.Concept)
	if !known {
		f.Status = form.NotApplicable
		return f
	}
	readings := r.readings(concept)
	if len(readings) == 0 {
		f.Status = form.NotApplicable
		if len(concept.Against)+len(concept.Indicators) > 0 && len(r.Cells) == 0 {
			f.Status = form.NotAssessable
		}
		return f
	}
	first := true
	worst := form.Pass
	for _, keys := range readings {
		reading := form.Finding{Rule: id, Table: keys[0].Table, Place: c.Concept, Expression: "正文“" + concept.Name + "” = " + terms(keys), Cells: keys, Status: form.Pass, Note: f.Note}
		right := r.sum(&reading, keys)
		holds := equal
		if c.Approx {
			holds = near
		}
		compare(&reading, c.Value, right, holds)
		switch {
		case reading.Status == form.Pass:
			return reading
		case reading.Status != form.Fail:
			worst = reading.Status
		}
		if first {
			f, first = reading, false
		}
	}
	if f.Status == form.Fail && worst != form.Pass { // the reading that cannot be computed may be the one that was meant
		f.Status, f.Left, f.Right, f.Delta = worst, nil, nil, nil
	}
	return f
}

// sumInForm is one of the sums that a concept names, in a version of the form.
type sumInForm struct {
	concept string
	sum     int
	version form.Version
}

// against are the cells of the sums as far as the version has them.
var against = func() map[sumInForm][]form.Key {
	out := map[sumInForm][]form.Key{}
	for _, f := range form.Forms {
		for _, c := range form.Concepts {
			for i, keys := range c.Against {
				out[sumInForm{c.Code, i, f.Version}] = slices.Clip(form.InForm(keys, f.Version))
			}
		}
	}
	return out
}()

// readings are the sums of cells that a concept may mean in this report.
func (r *run) readings(c form.Concept) [][]form.Key {
	var out [][]form.Key
	for i, keys := range c.Against {
		table := keys[0].Table
		if keys = against[sumInForm{c.Code, i, r.Forms[table]}]; len(keys) > 0 && r.present[table] {
			out = append(out, keys)
		}
	}
	if len(c.Indicators) > 0 && r.present[form.Legacy] {
		var keys []form.Key
		above := ""
		for i := range r.Cells {
			cell := &r.Cells[i]
			if cell.Table != form.Legacy || cell.Column != form.YearValue {
				continue
			}
			x, ok := form.LookupIndicator(cell.Row, above)
			if !ok {
				continue
			}
			above = x.Code
			for _, code := range c.Indicators {
				if x.Code == code {
					keys = append(keys, cell.Key)
				}
			}
		}
		if len(keys) == len(c.Indicators) {
			out = append(out, keys)
		}
	}
	return out
}

// terms writes keys as a sum; a long one by its first and last. Columns are named where a row has several of its own.
func terms(keys []form.Key) string {
	if len(keys) > 4 {
		return terms(keys[:1]) + " + … + " + terms(keys[len(keys)-1:])
	}
	names := make([]string, len(keys))
	for i, k := range keys {
		if names[i] = k.Row; k.Table == form.Section2 || k.Table == form.Section3 && k.Column != "total" {
			names[i] += "." + k.Column
		}
	}
	return strings.Join(names, " + ")
}

var ten = decimal.NewFromInt(10)

// near holds for a number stated as 约 or 余: the table's may differ by a tenth.
func near(stated, counted decimal.Decimal) bool {
	return stated.Sub(counted).Abs().Mul(ten).LessThanOrEqual(counted.Abs())
}

var (
	// ofWhole is a count and its share: 1397条，占73%; 26件，占比为3.1%.
	ofWhole = regexp.MustCompile(`(\d+)(余?)([件条个项次篇])[,，、(（]{0,2}(?:约?占)(?:[\p{Han}]{0,12}?)(?:比[为是]?)?(?:约|的)?(\d+(?:\.\d+)?)[%％]`)
	// growth is the change of the number of applications to the year before.
	growth = regexp.MustCompile(`申请[^。；;]{0,30}?(?:同比|比上年|较上年|比去年|较去年)(增长|增加|上升|提高|下降|减少|降低)了?(?:约)?(\d+(?:\.\d+)?)[%％]`)
	counts = regexp.MustCompile(`(\d+)(?:余|多)?([件条个项次篇])`)
)

// percentages is A11: each percentage that states its count, and the growth of applications.
func (r *run) percentages(id string) {
	if len(r.Parts) == 0 {
		r.says(id, form.NotAssessable, noText)
		return
	}
	for _, p := range r.Parts {
		if !strings.ContainsAny(p.Text, "%％") {
			continue
		}
		text := strings.Join(strings.Fields(fold(p.Text)), "")
		r.shares(id, text)
		for _, m := range growth.FindAllStringSubmatch(text, -1) {
			r.growth(id, m)
		}
	}
	for i := range r.Claims {
		if c := &r.Claims[i]; c.Unit == percent {
			r.claimedShare(id, c)
		}
	}
}

// shares looks for a denominator of each count with its percentage: any other count of the same unit before it in the
// text, or a total of section 三. If none gives the percentage it fails.
func (r *run) shares(id, text string) {
	for _, at := range ofWhole.FindAllStringSubmatchIndex(text, -1) {
		count, unit, stated := text[at[2]:at[3]], text[at[6]:at[7]], text[at[8]:at[9]]
		if at[4] != at[5] { // 余: the count is not known exactly
			continue
		}
		n, p := number(count), number(stated)
		var wholes []decimal.Decimal
		for _, m := range counts.FindAllStringSubmatch(text[:at[2]], -1) {
			if m[2] == unit {
				wholes = append(wholes, number(m[1]))
			}
		}
		for _, row := range []string{"NEW", "R7", "CARRY_IN", "CARRY_OUT"} {
			probe := form.Finding{Status: form.Pass}
			if v := r.sum(&probe, []form.Key{{Table: form.Section3, Row: row, Column: "total"}}); probe.Status == form.Pass {
				wholes = append(wholes, v)
				if row == "CARRY_IN" {
					wholes = append(wholes, v.Add(wholes[len(wholes)-3]))
				}
			}
		}
		f := form.Finding{Rule: id, Status: form.Fail, Note: shorten(text[at[0]:at[1]]), Expression: count + " / ? = " + stated + "%"}
		for _, whole := range wholes {
			if whole.IsPositive() && whole.GreaterThanOrEqual(n) && printsAs(n.Div(whole), stated, p) {
				f.Status, f.Expression = form.Pass, fmt.Sprintf("%s / %s = %s%%", count, whole, stated)
			}
		}
		if len(wholes) == 0 {
			f.Status = form.NotAssessable
		}
		r.add(f)
	}
}

// claimedShare judges a claim that is a percentage of all answers.
func (r *run) claimedShare(id string, c *form.Claim) {
	concept, _ := form.LookupConcept(c.Concept)
	f := form.Finding{Rule: id, Place: c.Concept, Note: shorten(c.Sentence), Status: form.NotAssessable}
	whole := form.Key{Table: form.Section3, Row: "R7", Column: "total"}
	for _, keys := range r.readings(concept) {
		if keys[0].Table != form.Section3 {
			continue
		}
		f = form.Finding{Rule: id, Table: form.Section3, Place: c.Concept, Note: f.Note, Status: form.Pass,
			Expression: terms(keys) + " / R7 = " + c.Value.String() + "%", Cells: append(keys[:len(keys):len(keys)], whole)}
		n, all := r.sum(&f, keys), r.sum(&f, []form.Key{whole})
		switch {
		case f.Status != form.Pass:
		case all.IsZero():
			f.Status, f.Note = form.NotApplicable, "没有办结的申请"
		default:
			share := n.Div(all)
			left, right := share.Mul(hundred).Round(4), c.Value
			compare(&f, left, right, func(_, _ decimal.Decimal) bool { return printsAs(share, c.Value.String(), c.Value) })
		}
		break
	}
	r.add(f)
}

// growth judges a change stated against last year: of new applications, or of those with the carry-over.
func (r *run) growth(id string, m []string) {
	f := form.Finding{Rule: id, Table: form.Section3, Place: "applications", Note: shorten(m[0]), Status: form.Pass}
	if r.Prior == nil || r.Prior.Year != r.Year-1 || r.Prior.Scope != scopeOf(r.Filing) {
		f.Status, f.Note = form.NotAssessable, noPrior
		r.add(f)
		return
	}
	if r.Prior.ID != "" {
		f.Against = []string{r.Prior.ID}
	}
	f.Cells = []form.Key{{Table: form.Section3, Row: "NEW", Column: "total"}, {Table: form.Section3, Row: "CARRY_IN", Column: "total"}}
	p := number(m[2])
	if strings.ContainsAny(m[1], "下减降") {
		p = p.Neg()
	}
	newNow, inNow := r.sum(&f, f.Cells[:1]), r.sum(&f, f.Cells[1:])
	newThen, inThen := r.Prior.value(&f, f.Cells[0]), r.Prior.value(&f, f.Cells[1])
	if f.Status == form.Pass {
		f.Status = form.Fail
		for _, pair := range [][2]decimal.Decimal{{newNow, newThen}, {newNow.Add(inNow), newThen.Add(inThen)}} {
			if !pair[1].IsPositive() {
				continue
			}
			change := pair[0].Sub(pair[1]).Div(pair[1])
			if f.Left == nil || printsAs(change, m[2], p) {
				left, right := change.Mul(hundred).Round(4), p
				delta := left.Sub(right)
				f.Left, f.Right, f.Delta = &left, &right, &delta
				f.Expression = fmt.Sprintf("%s / %s − 1 = %s%%", pair[0], pair[1], p)
			}
			if printsAs(change, m[2], p) {
				f.Status = form.Pass
			}
		}
		if f.Left == nil {
			f.Status, f.Note = form.NotApplicable, "上年没有申请"
		}
	}
	r.add(f)
}

var hundred = decimal.NewFromInt(100)

func number(s string) decimal.Decimal {
	d, err := decimal.NewFromString(s)
	if err != nil {
		return decimal.Zero // only digits come here
	}
	return d
}

// printsAs reports whether a share is printed as a percentage, rounded or cut off at the places that are printed.
func printsAs(share decimal.Decimal, printed string, p decimal.Decimal) bool {
	places := int32(0)
	if _, fraction, ok := strings.Cut(printed, "."); ok {
		places = int32(len(fraction))
	}
	v := share.Mul(hundred)
	return v.Round(places).Equal(p) || v.Truncate(places).Equal(p)
}

var (
	// enumerated is an item of a list: its words, count, unit, and its share if that is given.
	enumerated = regexp.MustCompile(`([\p{Han}、“”《》]*)(\d+)([件条个项次篇])(?:[,(]?占[^,。;%\d]{0,12}(\d+(?:\.\d+)?)%)?`)
	remark     = regexp.MustCompile(`\([^()]*\)`)
	rest       = regexp.MustCompile(`^其[他它]`)
)

// partsOfWhole is P1: after 其中 the counts in the unit of the total before it. A list that ends with 其他, or whose shares
// add up to the whole, is complete: then the sum has to be the total.
func (r *run) partsOfWhole(id string) {
	if len(r.Parts) == 0 {
		r.says(id, form.NotAssessable, noText)
		return
	}
	for _, p := range r.Parts {
		if !strings.Contains(p.Text, "其中") {
			continue
		}
		for _, paragraph := range strings.Split(p.Text, "\n") {
			text := strings.Join(strings.Fields(fold(paragraph)), "")
			for _, at := range among.FindAllStringIndex(text, -1) {
				r.list(id, text[:at[0]], text[at[1]:])
			}
		}
	}
}

var among = regexp.MustCompile(`其中`)

// list judges one enumeration: what stands before 其中 and after it.
func (r *run) list(id, before, after string) {
	bracket := strings.HasSuffix(before, "(")
	before = strings.TrimRight(before, "。,:;、(")
	if i := strings.LastIndexAny(before, "。;"); i >= 0 {
		before = before[i:]
	}
	totals := counts.FindAllStringSubmatchIndex(before, -1)
	if len(totals) == 0 {
		return
	}
	at := totals[len(totals)-1]
	if len([]rune(before[at[1]:])) > 12 { // another subject stands between
		return
	}
	total, unit := number(before[at[2]:at[3]]), before[at[4]:at[5]]

	end := len(after)
	if i := strings.Index(after, ")"); bracket && i >= 0 {
		end = i
	}
	if i := strings.Index(after[:end], "其中"); i >= 0 { // a list within the list
		end = i
	}
	// The list ends with its sentence; one with shares may run over several.
	for i := strings.Index(after[:end], "。"); i >= 0; {
		next := after[i+len("。") : end]
		j := strings.Index(next, "。")
		if j >= 0 {
			next = next[:j]
		}
		if !strings.Contains(after[:i], "占") || !strings.Contains(next, "占") {
			end = i
			break
		}
		if j < 0 {
			break
		}
		i += len("。") + j
	}
	sum, share, items := decimal.Zero, decimal.Zero, []string{}
	exhaustive := false
	for _, m := range enumerated.FindAllStringSubmatch(remark.ReplaceAllString(after[:end], ""), -1) {
		if m[3] != unit {
			continue
		}
		sum = sum.Add(number(m[2]))
		items = append(items, m[2])
		exhaustive = rest.MatchString(m[1])
		if m[4] != "" {
			if share = share.Add(number(m[4])); share.GreaterThanOrEqual(ninetyNine) {
				exhaustive = true
				break
			}
		}
	}
	if len(items) < 2 {
		return
	}
	f := form.Finding{Rule: id, Status: form.Pass, Note: shorten(before[at[0]:] + "，其中" + after[:end])}
	if exhaustive {
		f.Expression = strings.Join(items, " + ") + " = " + total.String()
		compare(&f, sum, total, equal)
	} else {
		f.Expression = strings.Join(items, " + ") + " ≤ " + total.String()
		compare(&f, sum, total, atMost)
	}
	r.add(f)
}

var ninetyNine = decimal.NewFromInt(99)

// slip is a word twice in a row, a rounded number without a unit, a term turned round.
var slip = sieve.MustCompile(`公开公开|信息信息|政府政府|申请申请|工作工作|部门部门|\d余\s*(?:[,，。；;、]|$)|上年转结|转结(?:下年|下一年|上年)`)

// slips is P2.
func (r *run) slips(id string) {
	if len(r.Parts) == 0 {
		r.says(id, form.NotAssessable, noText)
		return
	}
	for i, p := range r.Parts {
		for _, text := range []string{p.Title, p.Text} {
			if text == p.Text && !r.may(i, slip) {
				continue
			}
			if at := slip.FindStringIndex(text); at != nil {
				before, after := []rune(text[:at[0]]), []rune(text[at[1]:])
				r.says(id, form.Fail, string(before[max(0, len(before)-12):])+text[at[0]:at[1]]+string(after[:min(12, len(after))]))
				return
			}
		}
	}
	r.says(id, form.Pass, "")
}
