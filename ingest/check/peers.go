package check

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"nianbao/internal/form"
	"nianbao/internal/register"
	"nianbao/internal/sieve"
)

const (
	// leastText is how many shingles a text must have to be compared: about a hundred characters.
	leastText = 100
	// repeatedShare of a part that stands in last year's is copying. Published reports of different bodies share at most a
	// twentieth of such text (TestRepetitionOfStrangers), and a report with new figures alone shares all of it; where
	// between them copying begins is a convention.
	repeatedShare = 0.8
	// copiedShare of the words that are not common, in another body's report of the year. It is lower, because a report
	// has no reason to continue another body's.
	copiedShare = 0.6
	// leastPeers are needed to call a figure unusual.
	leastPeers = 8
)

// Peers is what the reports of other bodies for the same year say together.
type Peers struct {
	// Spread of the main figures over bodies of the same kind, by code.
	Spread map[string]Spread
	// Bodies of the same kind, and those of them without any application.
	Bodies, Without int
	// Texts of all bodies of the year; nil is not known.
	Texts *Texts
}

// Spread describes the values of one figure.
type Spread struct {
	Bodies int             // with a number there
	Median decimal.Decimal // of them
	MAD    decimal.Decimal // median of the absolute deviations from Median
}

// SpreadOf describes values; it sorts them.
func SpreadOf(values []decimal.Decimal) Spread {
	if len(values) == 0 {
		return Spread{}
	}
	s := Spread{Bodies: len(values), Median: median(values)}
	for i := range values {
		values[i] = values[i].Sub(s.Median).Abs()
	}
	s.MAD = median(values)
	return s
}

var half = decimal.RequireFromString("0.5")

func median(values []decimal.Decimal) decimal.Decimal {
	slices.SortFunc(values, decimal.Decimal.Cmp)
	n := len(values)
	return values[(n-1)/2].Add(values[n/2]).Mul(half)
}

// reach is how far from the median a value may be, in MAD: 3.5 × 1.4826022185056018.
var reach = decimal.RequireFromString("5.1891077647696063")

// outlier is H3.
func (r *run) outlier(id string) {
	switch {
	case r.old():
		r.says(id, form.NotApplicable, notOld)
		return
	case r.Peers == nil || r.Peers.Spread == nil:
		r.says(id, form.NotAssessable, "没有同类机关的报告可比")
		return
	}
	for _, m := range mainFigures {
		s := r.Peers.Spread[m.code]
		f := form.Finding{Rule: id, Table: m.cell.Table, Place: m.code, Expression: "|" + m.code + " − 中位数| ≤ 3.5 × 1.4826 × MAD", Cells: []form.Key{m.cell}, Status: form.Pass}
		value := r.sum(&f, f.Cells)
		switch {
		case lacks(r.Forms, m.cell):
			f.Status, f.Note = form.NotApplicable, notInForm
		case f.Status != form.Pass:
		case s.Bodies < leastPeers:
			f.Status, f.Note = form.NotApplicable, fmt.Sprintf("同类机关只有 %d 个", s.Bodies)
		case s.MAD.IsZero():
			f.Status, f.Note = form.NotApplicable, "同类机关半数以上数值相同"
		default:
			limit := s.MAD.Mul(reach).Round(2)
			compare(&f, value.Sub(s.Median).Abs(), limit, atMost)
			f.Note = fmt.Sprintf("同类 %d 个机关的中位数 %s", s.Bodies, s.Median)
		}
		r.add(f)
	}
}

// aloneWithoutApplications is H2.
func (r *run) aloneWithoutApplications(id string) {
	f := form.Finding{Rule: id, Table: form.Section3, Expression: "NEW + CARRY_IN > 0", Status: form.Pass, Cells: []form.Key{
		{Table: form.Section3, Row: "NEW", Column: "total"}, {Table: form.Section3, Row: "CARRY_IN", Column: "total"}}}
	handled := r.sum(&f, f.Cells)
	switch {
	case r.old():
		f.Status, f.Note = form.NotApplicable, notOld
	case f.Status != form.Pass:
	case !handled.IsZero():
		f.Status, f.Note = form.NotApplicable, "有申请"
	case r.Peers == nil:
		f.Status, f.Note = form.NotAssessable, "没有同类机关的报告可比"
	case r.Peers.Bodies < leastPeers:
		f.Status, f.Note = form.NotApplicable, fmt.Sprintf("同类机关只有 %d 个", r.Peers.Bodies)
	default:
		if r.Peers.Without*10 <= r.Peers.Bodies {
			f.Status = form.Fail
		}
		f.Note = fmt.Sprintf("同类 %d 个机关中 %d 个为零申请", r.Peers.Bodies, r.Peers.Without)
	}
	r.add(f)
}

// sumsUp is A13, for the figures that any member has.
func (r *run) sumsUp(id string) {
	switch {
	case r.old():
		r.says(id, form.NotApplicable, notOld)
		return
	case scopeOf(r.Filing) != form.ScopeAggregate:
		r.says(id, form.NotApplicable, "不是汇总报告")
		return
	case len(r.Members) == 0:
		r.says(id, form.NotAssessable, "没有所属机关的报告")
		return
	}
	for _, k := range summed {
		f := form.Finding{Rule: id, Table: k.Table, Place: k.Row, Expression: k.Row + " ≥ Σ " + k.Row + "（所属机关）", Cells: []form.Key{k}, Status: form.Pass}
		whole := r.sum(&f, f.Cells)
		total, without := decimal.Zero, 0
		var largest []part
		for _, m := range r.Members {
			probe := form.Finding{Status: form.Pass}
			v := m.value(&probe, k)
			if probe.Status != form.Pass {
				without++
				continue
			}
			total = total.Add(v)
			if v.IsPositive() {
				largest = append(largest, part{m.Name, v})
			}
			if m.ID != "" {
				f.Against = append(f.Against, m.ID)
			}
		}
		if f.Status == form.NotAssessable || without == len(r.Members) {
			f.Status, f.Against = form.NotAssessable, nil
		} else {
			compare(&f, whole, total, atLeast)
			f.Note = explain(largest, len(r.Members)-without, without)
		}
		r.add(f)
	}
}

// summed are the figures that an aggregate sums up.
var summed = []form.Key{
	{Table: form.Section3, Row: "NEW", Column: "total"}, {Table: form.Section3, Row: "CARRY_IN", Column: "total"},
	{Table: form.Section3, Row: "R7", Column: "total"}, {Table: form.Section3, Row: "CARRY_OUT", Column: "total"},
	{Table: form.Section2, Row: "licensing", Column: "processed"}, {Table: form.Section2, Row: "punishment", Column: "processed"},
	{Table: form.Section2, Row: "coercion", Column: "processed"},
}

type part struct {
	agency string
	value  decimal.Decimal
}

// explain names the members that make up the sum, the largest first.
func explain(parts []part, counted, without int) string {
	slices.SortStableFunc(parts, func(a, b part) int { return b.value.Cmp(a.value) })
	var b strings.Builder
	fmt.Fprintf(&b, "所属 %d 个机关", counted)
	for i, p := range parts {
		if i == 5 {
			fmt.Fprintf(&b, "等 %d 个", len(parts))
			break
		}
		fmt.Fprintf(&b, "%s%s %s", map[bool]string{true: "：", false: "、"}[i == 0], p.agency, p.value)
	}
	if without > 0 {
		fmt.Fprintf(&b, "；另有 %d 个机关的数不可知", without)
	}
	return b.String()
}

// scopeStated is S1.
func (r *run) scopeStated(id string) {
	switch {
	case r.old():
		r.says(id, form.NotApplicable, notOld)
	case register.KindOfName(r.Agency.Name) != register.Government:
		r.says(id, form.NotApplicable, "不是政府的报告")
	case len(r.Parts) == 0:
		r.says(id, form.NotAssessable, noText)
	default:
		r.judge(id, r.Scope == form.ScopeOwn || r.Scope == form.ScopeAggregate, "")
	}
}

// anothersText is C2.
func (r *run) anothersText(id string) {
	switch {
	case len(r.Parts) == 0:
		r.says(id, form.NotAssessable, noText)
		return
	case r.Peers == nil || r.Peers.Texts == nil:
		r.says(id, form.NotAssessable, "没有其他机关的报告可比")
		return
	}
	other, share, own := r.Peers.Texts.nearest(r.extract())
	switch {
	case own < leastText/sampling:
		r.says(id, form.NotApplicable, "除通用语句外不足一百字")
	case other == nil:
		r.says(id, form.Pass, "")
	default:
		f := form.Finding{Rule: id, Status: form.Pass, Note: fmt.Sprintf("与%s的报告重复 %.0f%%", other.Name, 100*share)}
		if other.ID != "" {
			f.Against = []string{other.ID}
		}
		if share >= copiedShare {
			f.Status = form.Fail
		}
		r.add(f)
	}
}

// author and contact name the body that speaks, in the words that reports use for it.
var (
	author  = sieve.MustCompile(`(?:报告|年报)(?:是|系)?由([\p{Han}（）]{2,40}?)(?:按照|根据|依据|编制|汇总|组织)`)
	contact = sieve.MustCompile(`请(?:与|联系|向)([\p{Han}（）]{2,40}?)(?:联系|（|，|,|咨询|反映)`)
)

// anothersName is C3.
func (r *run) anothersName(id string) {
	name := strings.TrimSpace(r.Agency.Name)
	if name == "" {
		r.says(id, form.NotAssessable, "不知道是哪个机关的报告")
		return
	}
	for _, p := range r.Problems {
		if p.Code == "agency_conflict" {
			r.says(id, form.Fail, "读作"+name+"的报告，但文中另有机关："+p.Message)
			return
		}
	}
	if len(r.Parts) == 0 {
		r.says(id, form.NotAssessable, noText)
		return
	}
	var known map[string]bool
	if r.Peers != nil && r.Peers.Texts != nil {
		known = r.Peers.Texts.names
	}
	foreign := ""
	for i, p := range r.Parts {
		for _, words := range []*sieve.Regexp{author, contact} {
			if !r.may(i, words) {
				continue
			}
			for _, m := range words.FindAllStringSubmatch(p.Text, -1) {
				switch other := m[1]; {
				case strings.HasSuffix(name, other), strings.HasSuffix(other, name), strings.Contains(other, name), strings.HasPrefix(other, "本"), strings.HasPrefix(other, "我"):
				case known[other]:
					r.says(id, form.Fail, m[0])
					return
				case register.KindOfName(other) != register.OtherKind:
					foreign = m[0] // a body, but one that is not known: its office, a successor, or another
				}
			}
		}
	}
	switch {
	case foreign != "" && known == nil:
		r.says(id, form.NotAssessable, foreign)
	case foreign != "":
		r.says(id, form.Uncertain, foreign)
	default:
		r.says(id, form.Pass, "")
	}
}

// MayRegulate tells from name and region whether a body may make regulations: ministries, and governments of provinces
// and of cities with districts (立法法). Of a city without region it cannot be told whether it has districts.
func MayRegulate(a form.Agency) Answer {
	region := a.Region
	name := strings.ReplaceAll(a.Name, "自治区", "省")
	switch register.KindOfName(name) {
	case register.Township, register.Street, register.Zone, register.Institution:
		return No
	}
	if len(region) >= 6 && region[4:6] != "00" {
		return No
	}
	if len(region) > 6 {
		return No
	}
	switch kind := register.KindOfName(name); kind {
	case register.Government, register.Office:
		place := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, "办公厅"), "办公室"), "政府"), "人民")
		switch {
		case hasSuffix(place, "省", "自治州"), municipality.MatchString(place):
			return Yes
		case hasSuffix(place, "县", "旗", "区"):
			return No
		case len(region) == 6:
			return Yes
		}
	case register.Bureau, register.Vertical:
		if below.MatchString(name) {
			return No
		}
	}
	return Unknown
}

var (
	municipality = regexp.MustCompile(`^(北京|天津|上海|重庆)市$`)
	// below is a department of a county or district.
	below = regexp.MustCompile(`(?:县|区|旗)[^县区旗]*(?:局|委|委员会|办|办公室)$`)
)

func hasSuffix(s string, suffixes ...string) bool {
	return slices.ContainsFunc(suffixes, func(x string) bool { return strings.HasSuffix(s, x) })
}
