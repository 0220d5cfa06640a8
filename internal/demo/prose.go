package demo

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"nianbao/internal/form"
)

// statements are the figures that the prose states and no table holds. Nil is not stated.
type statements struct {
	disclosed      *decimal.Decimal // pieces of information made public
	roundDisclosed bool
	fee            *decimal.Decimal // 信息处理费 in 元
	notices        int64            // notices of that fee, where it is not zero
}

// speaker writes sentences and keeps the numbers they state.
type speaker struct {
	r     *Report
	cells map[form.Key]Cell
}

// state writes the number and records it as a claim.
func (s *speaker) state(code, words string, v decimal.Decimal, unit string) string {
	s.r.Claims = append(s.r.Claims, Claim{Code: code, Words: words, Value: v, Unit: unit})
	return v.String() + unit
}

func (s *speaker) total(row string) decimal.Decimal {
	return s.cells[form.Key{Table: form.Section3, Row: row, Column: "total"}].Value
}

func (s *speaker) group(code string) decimal.Decimal {
	var sum decimal.Decimal
	for _, g := range form.Groups {
		if g.Code == code {
			for _, row := range g.Rows {
				sum = sum.Add(s.total(row))
			}
		}
	}
	return sum
}

func (s *speaker) disclosure(row, column string) (decimal.Decimal, bool) {
	c, ok := s.cells[form.Key{Table: form.Section2, Row: row, Column: column}]
	return c.Value, ok && c.State == form.Number
}

// pick chooses one of the wordings, by agency and year, so that a report reads neither like its neighbour's nor like
// last year's.
func (s *speaker) pick(wordings ...string) string {
	var n uint32
	for _, c := range s.r.Agency {
		n = n*31 + uint32(c)
	}
	return wordings[(n%1000+uint32(s.r.Year))%uint32(len(wordings))] // another one than last year's, whatever the name
}

// omitted stands where a report that is not made up would have to say more than its figures.
const omitted = "（此处文字从略。）"

// compose writes the prose of a report from the cells given, which are what its author meant to print, and records
// what it states. A made-up report speaks of its work as reports do. Any other has a real author, in whose mouth
// nothing is put but the figures.
func compose(r *Report, cells map[form.Key]Cell, known statements) {
	s := &speaker{r: r, cells: cells}
	r.Claims = nil
	us := ourselves(r.Agency)
	document, _ := form.Lookup(r.Forms[form.Section2])
	period := fmt.Sprintf("本报告所列数据的统计期限自%d年1月1日起至%d年12月31日止。", r.Year, r.Year)
	if !r.Synthetic {
		r.Prose = Prose{
			Opening:  []string{fmt.Sprintf("%s%d年政府信息公开工作年度报告的数字，依照《%s》（%s）的表格列出如下。", r.Agency, r.Year, document.Title, document.Document) + period},
			Overall:  []string{s.disclosed(known), s.applications(us)},
			Problems: []string{omitted},
			Other:    []string{s.fee(us, known)},
		}
		return
	}
	r.Prose = Prose{
		Opening: []string{
			fmt.Sprintf("本报告由%s按照《中华人民共和国政府信息公开条例》（以下简称《条例》）和《%s》（%s）要求编制，内容包括总体情况、主动公开政府信息情况、收到和处理政府信息公开申请情况、政府信息公开行政复议和行政诉讼情况、存在的主要问题及改进情况、其他需要报告的事项等六个部分。",
				r.Agency, document.Title, document.Document) + period + scopeSentence(*r),
		},
		Overall: []string{
			fmt.Sprintf("%d年，%s%s", r.Year, us, s.pick(introductions...)),
			s.disclosed(known), s.applications(us),
			"（三）政府信息管理。" + s.pick(management...),
			"（四）政府信息公开平台建设。" + s.pick(platform...),
			"（五）监督保障。" + s.pick(supervision...),
		},
		Problems: []string{s.pick(problems...), s.pick(remedies...)},
		Other:    []string{s.fee(us, known)},
	}
}

func (s *speaker) disclosed(known statements) string {
	var b strings.Builder
	b.WriteString("（一）主动公开。")
	if known.disclosed != nil {
		count := known.disclosed.String() + "条"
		if known.roundDisclosed {
			count = known.disclosed.String() + "余条"
		}
		s.r.Claims = append(s.r.Claims, Claim{Code: "disclosed", Words: "主动公开", Value: *known.disclosed, Unit: "条", Round: known.roundDisclosed})
		fmt.Fprintf(&b, "全年主动公开政府信息%s。", count)
	}
	made, old := "made", false
	if _, ok := s.cells[form.Key{Table: form.Section2, Row: "normative", Column: made}]; !ok {
		made, old = "made_new", true
	}
	n, ok := s.disclosure("normative", made)
	valid, validOK := s.disclosure("normative", "valid")
	switch {
	case !ok:
	case n.IsZero():
		s.state("normative_made", "制发规范性文件（正文：未制发）", n, "件")
		b.WriteString("本年度未制发行政规范性文件。")
	case old:
		fmt.Fprintf(&b, "本年度新制作规范性文件%s。", s.state("normative_made", "新制作规范性文件", n, "件"))
	case validOK:
		fmt.Fprintf(&b, "本年度制发行政规范性文件%s，现行有效%s。", s.state("normative_made", "制发行政规范性文件", n, "件"), s.state("normative_valid", "现行有效", valid, "件"))
	default:
		fmt.Fprintf(&b, "本年度制发行政规范性文件%s。", s.state("normative_made", "制发行政规范性文件", n, "件"))
	}
	return b.String()
}

// outcomes are the groups of section 三 with the codes of claims.
var outcomes = [...]struct{ group, claim, label string }{
	{"R1", "granted", "予以公开"}, {"R2", "partial", "部分公开"}, {"R3", "refused", "不予公开"},
	{"R4", "unavailable", "无法提供"}, {"R5", "not_processed", "不予处理"}, {"R6", "other_handling", "其他处理"},
}

func (s *speaker) applications(us string) string {
	var b strings.Builder
	b.WriteString("（二）依申请公开。")
	received, carried, concluded, pending := s.total("NEW"), s.total("CARRY_IN"), s.total("R7"), s.total("CARRY_OUT")
	switch {
	case received.IsZero() && carried.IsZero():
		s.state("applications", "收到申请（正文：未收到）", received, "件")
		fmt.Fprintf(&b, "全年%s未收到政府信息公开申请。", us)
	default:
		fmt.Fprintf(&b, "全年新收政府信息公开申请%s，", s.state("applications", "新收申请", received, "件"))
		if carried.IsZero() {
			b.WriteString("无上年结转申请，")
		} else {
			fmt.Fprintf(&b, "上年结转申请%s，", s.state("carry_in", "上年结转", carried, "件"))
		}
		fmt.Fprintf(&b, "本年度办结%s", s.state("answered", "办结", concluded, "件"))
		if pending.IsZero() {
			b.WriteString("，无结转下年度的申请。")
		} else {
			fmt.Fprintf(&b, "，结转下年度继续办理%s。", s.state("carry_out", "结转下年度", pending, "件"))
		}
		var parts []string
		for _, o := range outcomes {
			if n := s.group(o.group); !n.IsZero() {
				parts = append(parts, o.label+s.state(o.claim, o.label, n, "件"))
			}
		}
		if len(parts) > 0 {
			fmt.Fprintf(&b, "从办理结果看，%s。", strings.Join(parts, "，"))
		}
	}
	if !s.r.disputesAddUp(s.cells) {
		return b.String()
	}
	reviews := s.cells[form.Key{Table: form.Section4, Row: "review", Column: "total"}].Value
	lawsuits := s.cells[form.Key{Table: form.Section4, Row: "direct", Column: "total"}].Value.
		Add(s.cells[form.Key{Table: form.Section4, Row: "after", Column: "total"}].Value)
	if reviews.IsZero() && lawsuits.IsZero() {
		s.state("review", "行政复议（正文：未发生）", reviews, "件")
		s.state("litigation", "行政诉讼（正文：未发生）", lawsuits, "件")
		b.WriteString("未发生因政府信息公开引起的行政复议和行政诉讼。")
	} else {
		fmt.Fprintf(&b, "因政府信息公开引起的行政复议%s，", s.state("review", "行政复议", reviews, "件"))
		fmt.Fprintf(&b, "行政诉讼%s。", s.state("litigation", "行政诉讼", lawsuits, "件"))
	}
	return b.String()
}

// disputesAddUp reports whether the totals of section 四 are the sums they claim to be; where they are not, no
// sentence can state them.
func (r *Report) disputesAddUp(cells map[form.Key]Cell) bool {
	t, err := r.table(form.Section4)
	if err != nil {
		return false
	}
	meant := Report{Cells: cells}
	for _, e := range form.Equations(t) {
		if !meant.sum(e.Left).Equal(meant.sum(e.Right)) {
			return false
		}
	}
	return true
}

func (s *speaker) fee(us string, known statements) string {
	switch {
	case known.fee == nil:
		return omitted
	case known.fee.IsZero():
		s.state("fee", "信息处理费（正文：未收取）", *known.fee, "元")
		return fmt.Sprintf("%d年度，%s未收取信息处理费。", s.r.Year, us)
	case known.notices == 0:
		return fmt.Sprintf("%d年度，%s收取信息处理费%s。", s.r.Year, us, s.state("fee", "信息处理费", *known.fee, "元"))
	}
	return fmt.Sprintf("%d年度，%s依法发出收费通知%d件，收取信息处理费%s。", s.r.Year, us, known.notices, s.state("fee", "信息处理费", *known.fee, "元"))
}

// ourselves is how a body speaks of itself.
func ourselves(agency string) string {
	for _, s := range []struct{ ending, word string }{
		{"街道办事处", "本街道"}, {"镇人民政府", "我镇"}, {"区人民政府", "我区"}, {"办公室", "本办公室"}, {"局", "我局"},
	} {
		if strings.HasSuffix(agency, s.ending) {
			return s.word
		}
	}
	return "本机关"
}

func scopeSentence(r Report) string {
	if r.Scope != form.ScopeAggregate {
		return ""
	}
	return "本报告数据为全区汇总数据，包括区政府各部门、各街道办事处和各镇人民政府。"
}

// The sentences that hold no figures.
var (
	introductions = []string{
		"坚持以公开为常态、不公开为例外，认真落实《条例》各项要求，政府信息公开工作有序开展。",
		"紧扣年度重点任务，依法依规做好政府信息公开工作，保障公众的知情权。",
		"把政府信息公开作为改进工作作风的重要抓手，细化分工、压实责任，较好完成了全年任务。",
	}
	management = []string{
		"严格执行政府信息公开审查制度，坚持先审查、后公开，规范文件公开属性的确定，定期清理已公开的文件。",
		"完善信息制作、获取、保存和更新的全流程管理，落实三审三校制度，确保公开的信息准确、及时。",
		"建立政府信息动态管理台账，对已公开的信息定期评估，及时更新失效内容。",
	}
	platform = []string{
		"按照统一规范维护政府信息公开专栏，优化栏目设置，便于公众查阅。",
		"充分发挥政府网站第一平台作用，做好政务新媒体的内容保障，线上线下同步提供查阅服务。",
		"落实网站和政务新媒体日常巡查，及时整改错链、错字等问题。",
	}
	supervision = []string{
		"将政府信息公开纳入年度考核，组织业务培训，全年未发生责任追究情形。",
		"明确分管负责人和专职工作人员，定期通报工作进展，接受社会监督。",
		"健全工作机制，加强业务指导和培训，认真听取公众意见建议。",
	}
	problems = []string{
		"存在的主要问题：一是政策解读的形式较为单一；二是主动公开的时效性有待增强；三是工作人员的业务能力还需提高。",
		"存在的主要问题：一是部分栏目更新不够及时；二是依申请公开答复的规范化水平有待提升。",
		"存在的主要问题：一是公开内容与公众期待相比还有差距；二是科室之间的配合不够紧密。",
	}
	remedies = []string{
		"改进情况：一是丰富解读方式，增加图表和问答；二是完善信息发布机制，缩短审核时间；三是加强培训和交流。",
		"改进情况：一是明确栏目责任人，定期检查更新情况；二是统一答复文书格式，加强合法性审核。",
		"改进情况：一是围绕群众关心的事项拓展公开内容；二是建立会商机制，形成工作合力。",
	}
)
