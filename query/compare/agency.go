package compare

import (
	"strings"

	"nianbao/internal/form"
)

// Kind is the kind of an agency, told from its name as long as there is no register that says it.
type Kind string

// The kinds of agencies.
const (
	Bureau     Kind = "bureau"     // 局、委、办: departments and offices
	Street     Kind = "street"     // 街道
	Township   Kind = "township"   // 乡、镇
	Government Kind = "government" // 人民政府 of a county, district, city or province
	OtherKind  Kind = "other"      // 管委会, 税务, companies, and names that tell nothing
)

// Kinds are the kinds in the order in which pages list them.
var Kinds = []Kind{Bureau, Street, Township, Government, OtherKind}

// KindOf tells the kind from the name. A bracketed second name at the end (国家新闻出版署（国家版权局）) is not looked at.
func KindOf(name string) Kind {
	for _, bracket := range []string{"（", "("} {
		if i := strings.Index(name, bracket); i > 0 {
			name = name[:i]
		}
	}
	ends := func(suffixes ...string) bool {
		for _, s := range suffixes {
			if strings.HasSuffix(name, s) {
				return true
			}
		}
		return false
	}
	switch {
	case ends("街道办事处", "街道", "街道办"):
		return Street
	case ends("乡人民政府", "镇人民政府", "乡政府", "镇政府", "乡", "镇", "苏木人民政府"):
		return Township
	case ends("人民政府", "政府"):
		return Government
	case ends("管理委员会", "管委会"): // of a development zone: neither a department nor a government
		return OtherKind
	case ends("新区", "开发区", "实验区", "试验区", "示范区", "高新区", "园区", "合作区", "保税区", "度假区", "风景区"): // zones, not districts
		return OtherKind
	case ends("省", "自治区", "市", "自治州", "盟", "县", "旗", "区"): // some reports name the place for its government
		return Government
	case ends("局", "委", "委员会", "办", "办公室", "办公厅", "厅", "部", "署", "处", "所"):
		return Bureau
	}
	return OtherKind
}

// ScopeOf says in which list a report stands: with the reports of one body, or with those that sum up a whole district.
// A report whose scope is not known counts as a sum if it is a government's (above the townships), and else as the
// body's own. The two are never in one list: the sums contain their members.
func ScopeOf(name string, read form.Scope) form.Scope {
	switch {
	case read == form.ScopeAggregate:
		return form.ScopeAggregate
	case read != form.ScopeOwn && KindOf(name) == Government:
		return form.ScopeAggregate
	}
	return form.ScopeOwn
}
