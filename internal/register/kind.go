package register

import (
	"slices"
	"strings"

	"nianbao/internal/form"
)

// Kind is the kind of a body. It decides by when it files and whether its report sums up others.
type Kind string

// The kinds.
const (
	Government  Kind = "government"  // 政府 of a county, district, city or province
	Office      Kind = "office"      // 政府办公厅（室）
	Bureau      Kind = "bureau"      // 工作部门: departments, commissions, offices
	Street      Kind = "street"      // 派出机关: subdistricts
	Township    Kind = "township"    // 乡镇政府
	Vertical    Kind = "vertical"    // 垂直管理: taxes, customs, weather, surveys; the region is only the place
	Zone        Kind = "zone"        // 管委会 of a functional area
	Institution Kind = "institution" // 公共企事业单位
	OtherKind   Kind = "other"       // 其他
)

// KindRule is what holds for a kind.
type KindRule struct {
	Kind
	Name    string // Chinese
	English string
	Due     DueRule
	Obliged bool // it files unless an exception says otherwise
	Scope   form.Scope
}

// KindRules are the kinds in the order in which pages list them, with what holds for each.
//
// 条例 第四十九条: departments of governments at county level and above hand in and publish their reports by 31 January;
// the report of the government itself is published by 31 March. Townships and committees of zones are not named there:
// they are governments or act as one, so that they are held to the later day; a notice that sets another day is entered as
// an exception. 第五十四条 puts authorised organisations on a par with agencies; 第五十五条 leaves public
// enterprises and institutions to their ministries.
var KindRules = []KindRule{
	{Bureau, "工作部门", "Department", ByJanuary, true, form.ScopeOwn},
	{Office, "政府办公厅（室）", "Government office", ByJanuary, true, form.ScopeOwn},
	{Street, "街道", "Subdistrict", ByJanuary, true, form.ScopeOwn},
	{Township, "乡镇政府", "Township", ByMarch, true, form.ScopeOwn},
	{Government, "政府", "Government", ByMarch, true, form.ScopeAggregate},
	{Vertical, "垂直管理机关", "Vertically managed body", ByJanuary, true, form.ScopeOwn},
	{Zone, "管委会", "Zone committee", ByMarch, true, form.ScopeOwn},
	{Institution, "公共企事业单位", "Public enterprise or institution", ByJanuary, false, form.ScopeOwn},
	{OtherKind, "其他", "Other", ByJanuary, true, form.ScopeOwn},
}

// Kinds are the codes of [KindRules].
var Kinds = func() []Kind {
	list := make([]Kind, len(KindRules))
	for i, r := range KindRules {
		list[i] = r.Kind
	}
	return list
}()

// Rule returns what holds for the kind; for a kind that does not exist, what holds for others.
func (k Kind) Rule() KindRule {
	if i := slices.IndexFunc(KindRules, func(r KindRule) bool { return r.Kind == k }); i >= 0 {
		return KindRules[i]
	}
	return KindRules[len(KindRules)-1]
}

func (k Kind) scope() form.Scope { return k.Rule().Scope }

// nameEnds tells kinds from the ends of names. The first line that fits counts.
var nameEnds = []struct {
	kind Kind
	ends []string
}{
	{Street, []string{"街道办事处", "街道", "街道办"}},
	{Township, []string{"乡人民政府", "镇人民政府", "乡政府", "镇政府", "乡", "镇", "苏木人民政府"}},
	{Government, []string{"人民政府", "政府"}},
	{Office, []string{"政府办公室", "政府办公厅", "政府办"}},
	{Zone, []string{"管理委员会", "管委会"}},
	{Zone, []string{"新区", "开发区", "实验区", "试验区", "示范区", "高新区", "园区", "合作区", "保税区", "度假区", "风景区"}}, // not districts
	{Government, []string{"省", "自治区", "市", "自治州", "盟", "县", "旗", "区"}},                          // some reports name the place for its government
	{Vertical, []string{"税务局", "海关", "气象局", "调查队", "海事局"}},
	{Bureau, []string{"局", "委", "委员会", "办", "办公室", "办公厅", "厅", "部", "署", "处", "所"}},
}

// KindOfName guesses the kind from the name, for bodies that are in no register. A bracketed second name at the end
// (国家新闻出版署（国家版权局）) is not looked at.
func KindOfName(name string) Kind {
	for _, bracket := range []string{"（", "("} {
		if i := strings.Index(name, bracket); i > 0 {
			name = name[:i]
		}
	}
	for _, line := range nameEnds {
		for _, end := range line.ends {
			if strings.HasSuffix(name, end) {
				return line.kind
			}
		}
	}
	return OtherKind
}

// Guess is the entry of a body of which nothing is known but the printed name.
func Guess(code, name string) Agency {
	return Agency{Code: code, Kind: KindOfName(name), Names: []Name{{Text: name, Kind: Full}}}
}
