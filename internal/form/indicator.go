package form

import (
	"regexp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// Versions of what reports before 2019 hold in the place of the form's tables.
const (
	Stat2014 Version = "2014-stat" // the national table 政府信息公开情况统计表 (国办发〔2014〕32号), reports for 2014 to 2018
	StatProv Version = "prov-stat" // tables of the provinces, 2008 to 2018; most with a sum over the years
	Prose    Version = "prose"     // no table at all
)

// Indicator is a row of the national table 政府信息公开情况统计表, or one that the tables of the provinces have in its
// place. Cells of such tables are named by the label as printed; indicators tell which labels mean the same.
type Indicator struct {
	Code  string
	Label string // as the national table prints it, without enumerator; as a province does where the nation has no such row
	// Labels are other wordings, of the provinces and of real reports.
	Labels []string
	Parent string // code of the row of which it counts a part, "" if of none
	Unit   string // 条, 件, 次, 篇, 个, 人, 人次, 元, 万元
	// National says that the national table has the row.
	National bool
}

// Indicators are the rows in the order of the national table, then those that only provinces print. Their codes are
// fixed for good. Labels that stand under several headings (被依法纠错数) are told apart by the row above them, see
// [Indicator.Parent].
var Indicators = []Indicator{
	// 一、主动公开情况
	{Code: "published", Label: "主动公开政府信息数", Labels: []string{"主动公开信息数", "主动公开文件数", "主动公开政府信息总数", "主动公开政府信息条数"}, Unit: "条", National: true},
	{Code: "published_normative", Label: "主动公开规范性文件数", Parent: "published", Unit: "条", National: true},
	{Code: "normative_made", Label: "制发规范性文件总数", Labels: []string{"制发规范性文件数"}, Unit: "件", National: true},
	{Code: "published_gazette", Label: "政府公报公开政府信息数", Labels: []string{"政府公报公开数", "政府公报公开"}, Parent: "published", Unit: "条", National: true},
	{Code: "published_web", Label: "政府网站公开政府信息数", Labels: []string{"政府网站公开数", "网站公开数", "网站公开"}, Parent: "published", Unit: "条", National: true},
	{Code: "published_weibo", Label: "政务微博公开政府信息数", Parent: "published", Unit: "条", National: true},
	{Code: "published_wechat", Label: "政务微信公开政府信息数", Parent: "published", Unit: "条", National: true},
	{Code: "published_other", Label: "其他方式公开政府信息数", Parent: "published", Unit: "条", National: true},
	// 二、回应解读情况
	{Code: "responses", Label: "回应公众关注热点或重大舆情数", Unit: "次", National: true},
	{Code: "press_conferences", Label: "参加或举办新闻发布会总次数", Labels: []string{"新闻发布会总次数", "举办新闻发布会总次数"}, Unit: "次", National: true},
	{Code: "press_conferences_chief", Label: "主要负责同志参加新闻发布会次数", Parent: "press_conferences", Unit: "次", National: true},
	{Code: "interviews", Label: "政府网站在线访谈次数", Unit: "次", National: true},
	{Code: "interviews_chief", Label: "主要负责同志参加政府网站在线访谈次数", Parent: "interviews", Unit: "次", National: true},
	{Code: "interpretations", Label: "政策解读稿件发布数", Unit: "篇", National: true},
	{Code: "responses_social", Label: "微博微信回应事件数", Unit: "次", National: true},
	{Code: "responses_other", Label: "其他方式回应事件数", Unit: "次", National: true},
	// 三、依申请公开情况
	{Code: "received", Label: "收到申请数", Labels: []string{"受理依申请公开信息总数", "受理政府信息依申请公开总数", "收到政府信息公开申请总数", "受理申请总数"}, Unit: "件", National: true},
	{Code: "received_person", Label: "当面申请数", Parent: "received", Unit: "件", National: true},
	{Code: "received_fax", Label: "传真申请数", Parent: "received", Unit: "件", National: true},
	{Code: "received_web", Label: "网络申请数", Labels: []string{"网上申请数"}, Parent: "received", Unit: "件", National: true},
	{Code: "received_letter", Label: "信函申请数", Parent: "received", Unit: "件", National: true},
	{Code: "concluded", Label: "申请办结数", Unit: "件", National: true},
	{Code: "concluded_in_time", Label: "按时办结数", Parent: "concluded", Unit: "件", National: true},
	{Code: "concluded_extended", Label: "延期办结数", Parent: "concluded", Unit: "件", National: true},
	{Code: "answered", Label: "申请答复数", Labels: []string{"对申请的答复总数", "对申请的答复数", "申请答复总数"}, Unit: "件", National: true},
	{Code: "already_public", Label: "属于已主动公开范围数", Labels: []string{"属于已主动公开范围"}, Parent: "answered", Unit: "件", National: true},
	{Code: "granted", Label: "同意公开答复数", Labels: []string{"同意公开数"}, Parent: "answered", Unit: "件", National: true},
	{Code: "partial", Label: "同意部分公开答复数", Labels: []string{"同意部分公开数", "部分公开答复数"}, Parent: "answered", Unit: "件", National: true},
	{Code: "refused", Label: "不同意公开答复数", Labels: []string{"不予公开答复数", "否决公开答复数", "不同意公开数"}, Parent: "answered", Unit: "件", National: true},
	{Code: "refused_secret", Label: "涉及国家秘密", Parent: "refused", Unit: "件", National: true},
	{Code: "refused_commercial", Label: "涉及商业秘密", Parent: "refused", Unit: "件", National: true},
	{Code: "refused_privacy", Label: "涉及个人隐私", Parent: "refused", Unit: "件", National: true},
	{Code: "refused_security", Label: "危及国家安全、公共安全、经济安全和社会稳定", Parent: "refused", Unit: "件", National: true},
	{Code: "refused_not_covered", Label: "不是《条例》所指政府信息", Parent: "refused", Unit: "件", National: true},
	{Code: "refused_other_law", Label: "法律法规规定的其他情形", Parent: "refused", Unit: "件", National: true},
	{Code: "other_body", Label: "不属于本行政机关公开数", Labels: []string{"不属于本行政机关公开"}, Parent: "answered", Unit: "件", National: true},
	{Code: "not_existing", Label: "申请信息不存在数", Labels: []string{"申请信息不存在"}, Parent: "answered", Unit: "件", National: true},
	{Code: "to_supplement", Label: "告知作出更改补充数", Labels: []string{"告知作出更改补充"}, Parent: "answered", Unit: "件", National: true},
	{Code: "other_way", Label: "告知通过其他途径办理数", Labels: []string{"告知通过其他途径办理"}, Parent: "answered", Unit: "件", National: true},
	// 四、五、六、七
	{Code: "reviews", Label: "行政复议数量", Labels: []string{"行政复议数", "政府信息公开行政复议数"}, Unit: "件", National: true},
	{Code: "reviews_upheld", Label: "维持具体行政行为数", Parent: "reviews", Unit: "件", National: true},
	{Code: "reviews_corrected", Label: "被依法纠错数", Parent: "reviews", Unit: "件", National: true},
	{Code: "reviews_other", Label: "其他情形数", Parent: "reviews", Unit: "件", National: true},
	{Code: "lawsuits", Label: "行政诉讼数量", Labels: []string{"行政诉讼数", "政府信息公开行政诉讼数"}, Unit: "件", National: true},
	{Code: "lawsuits_upheld", Label: "维持具体行政行为或者驳回原告诉讼请求数", Labels: []string{"维持具体行政行为数"}, Parent: "lawsuits", Unit: "件", National: true},
	{Code: "lawsuits_corrected", Label: "被依法纠错数", Parent: "lawsuits", Unit: "件", National: true},
	{Code: "lawsuits_other", Label: "其他情形数", Parent: "lawsuits", Unit: "件", National: true},
	{Code: "complaints", Label: "举报投诉数量", Labels: []string{"举报投诉数"}, Unit: "件", National: true},
	{Code: "fees", Label: "依申请公开信息收取的费用", Unit: "万元", National: true},
	// 八、机构建设和保障经费情况
	{Code: "offices", Label: "政府信息公开工作专门机构数", Unit: "个", National: true},
	{Code: "reading_points", Label: "设置政府信息公开查阅点数", Unit: "个", National: true},
	{Code: "staff", Label: "从事政府信息公开工作人员数", Unit: "人", National: true},
	{Code: "staff_full_time", Label: "专职人员数", Parent: "staff", Unit: "人", National: true},
	{Code: "staff_part_time", Label: "兼职人员数", Parent: "staff", Unit: "人", National: true},
	{Code: "budget", Label: "政府信息公开专项经费", Unit: "万元", National: true},
	// 九、政府信息公开会议和培训情况
	{Code: "meetings", Label: "召开政府信息公开工作会议或专题会议数", Unit: "次", National: true},
	{Code: "courses", Label: "举办各类培训班数", Unit: "次", National: true},
	{Code: "trained", Label: "接受培训人员数", Unit: "人次", National: true},

	// Only in tables of provinces.
	{Code: "received_email", Label: "电子邮件申请数", Parent: "received", Unit: "条"},
	{Code: "received_letter_fax", Label: "信函、传真申请数", Parent: "received", Unit: "条"},
	{Code: "received_other", Label: "其它形式申请数", Labels: []string{"其他形式申请数"}, Parent: "received", Unit: "条"},
	{Code: "answered_other", Label: "其他类型答复数", Labels: []string{"其它类型答复数"}, Parent: "answered", Unit: "条"},
	{Code: "fees_waived", Label: "政府信息公开收费减免金额", Labels: []string{"收费减免金额"}, Unit: "元"},
	{Code: "reports", Label: "接受行政诉讼、举报数", Unit: "件"},
	{Code: "appeals", Label: "行政申诉、举报数", Labels: []string{"行政申诉数"}, Unit: "件"},
}

var (
	indicatorEnumerator = regexp.MustCompile(`^(?:其中)?[:：]?(?:[（(]?(?:[一二三四五六七八九十]{1,3}|\d{1,2})[)）、.．])?(?:其中[:：]?)?`)
	indicatorRemark     = regexp.MustCompile(`[（(][^（()）]*[)）]$`)
)

// LookupIndicator tells which indicator a printed label names. above is the code of the indicator printed before it,
// which tells rows with the same words apart; "" if there is none. The enumerator, 其中 and a remark in brackets at
// the end do not count.
func LookupIndicator(printed, above string) (Indicator, bool) {
	s := strings.Join(strings.Fields(printed), "")
	s = indicatorRemark.ReplaceAllString(indicatorEnumerator.ReplaceAllString(s, ""), "")
	found := -1
	for i, x := range Indicators {
		if !x.is(s) {
			continue
		}
		if found < 0 || x.Parent != "" && within(above, x.Parent) {
			found = i
		}
	}
	if found < 0 {
		return Indicator{}, false
	}
	return Indicators[found], true
}

func (x Indicator) is(label string) bool {
	return label == x.Label || slices.Contains(x.Labels, label)
}

// within reports whether the indicator is the group or a part of it.
func within(code, group string) bool {
	for code != "" {
		if code == group {
			return true
		}
		parent := ""
		for _, x := range Indicators {
			if x.Code == code {
				parent = x.Parent
			}
		}
		code = parent
	}
	return false
}

// Comparability says whether figures before 2019 may stand beside those of the form.
type Comparability string

// The degrees.
const (
	Comparable  Comparability = "yes"
	WithCaveat  Comparability = "caveat"      // comparable with what [Crossing.Note] says in mind
	Approximate Comparability = "approximate" // a trend, no difference, may be read from it
	Not         Comparability = "no"          // the words are alike, what is counted is not
)

// Crossing leads from rows of tables before 2019 to a measure.
type Crossing struct {
	Measure string // code of the measure; "" where the form has no counterpart
	// Indicators are the rows whose sum is the counterpart. All must be there; those in Optional count if they are.
	Indicators []string
	Optional   []string
	Comparable Comparability
	Note       string // what differs, for people
}

// Crosswalk says what of the tables before 2019 can be compared with which measure. A measure that is not listed has no
// counterpart. Shares have none: their denominators are counted differently.
var Crosswalk = []Crossing{
	{Measure: "received", Indicators: []string{"received"}, Comparable: Comparable, Note: "2019年以前不分申请人类型"},
	{Measure: "concluded", Indicators: []string{"answered"}, Comparable: WithCaveat, Note: "2019年以前为答复数，含告知更改补充等非终结性答复"},
	{Measure: "granted", Indicators: []string{"granted"}, Optional: []string{"already_public"}, Comparable: WithCaveat,
		Note: "2014年统计表另列“属于已主动公开范围”，此处合并计入；地方统计表不单列"},
	{Measure: "partial", Indicators: []string{"partial"}, Comparable: WithCaveat, Note: "同意部分公开；2019年起区分处理的只计这一情形"},
	{Measure: "refused", Indicators: []string{"refused"}, Comparable: WithCaveat, Note: "只可比总数；六种不公开理由与现行八种不对应"},
	{Measure: "cannot", Indicators: []string{"other_body", "not_existing"}, Optional: []string{"to_supplement"}, Comparable: Approximate,
		Note: "不属于本机关公开、信息不存在与告知更改补充之和，口径近似"},
	{Measure: "other", Indicators: []string{"other_way"}, Comparable: Approximate, Note: "告知通过其他途径办理，口径近似"},
	{Measure: "reviews", Indicators: []string{"reviews"}, Comparable: WithCaveat, Note: "2019年以前不列尚未审结"},
	{Measure: "reviews_corrected", Indicators: []string{"reviews_corrected"}, Comparable: WithCaveat, Note: "被依法纠错数"},
	{Measure: "lawsuits", Indicators: []string{"lawsuits"}, Comparable: WithCaveat, Note: "2019年以前不分直接起诉与复议后起诉，不列尚未审结"},
	{Measure: "lawsuits_corrected", Indicators: []string{"lawsuits_corrected"}, Comparable: WithCaveat, Note: "被依法纠错数"},
	{Measure: "normative", Indicators: []string{"normative_made"}, Comparable: Comparable, Note: "与2019年表样“本年新制作数量”、2021年表样“本年制发件数”可比，不可与“现行有效件数”相比"},
	{Indicators: []string{"fees"}, Comparable: Not, Note: "2019年以前是依申请公开信息的收费；现行表二的行政事业性收费是另一回事"},
	{Indicators: []string{"reports"}, Comparable: Not, Note: "行政诉讼与举报合计，无法拆分"},
}

// Crossed is a figure of a table before 2019 in the place of a measure.
type Crossed struct {
	Crossing Crossing
	Value    decimal.Decimal
	Cells    []Cell // those it was summed from
}

// Cross finds the figure of a table before 2019 that stands for a measure, from a report's cells in printed order. ok is
// false if the measure has no counterpart there, or if one of its rows is not printed, printed twice or not read.
func Cross(cells []Cell, measure string) (x Crossed, ok bool) {
	for _, c := range Crosswalk {
		if c.Measure == measure && measure != "" && c.Comparable != Not {
			x.Crossing, ok = c, true
		}
	}
	if !ok {
		return Crossed{}, false
	}
	found := map[string]int{}
	above := ""
	for _, c := range cells {
		if c.Table != Legacy || c.Column != YearValue {
			continue
		}
		i, known := LookupIndicator(c.Row, above)
		if !known {
			continue
		}
		above = i.Code
		required := slices.Contains(x.Crossing.Indicators, i.Code)
		if !required && !slices.Contains(x.Crossing.Optional, i.Code) {
			continue
		}
		if found[i.Code]++; found[i.Code] > 1 || c.State != Number {
			return Crossed{}, false
		}
		x.Value = x.Value.Add(c.Value)
		x.Cells = append(x.Cells, c)
	}
	for _, code := range x.Crossing.Indicators {
		if found[code] == 0 {
			return Crossed{}, false
		}
	}
	return x, true
}
