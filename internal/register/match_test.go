package register

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// several districts, two of them called 鼓楼区, with the cases of real reports.
func places() *Register {
	full := func(texts ...string) (names []Name) {
		for _, t := range texts {
			names = append(names, Name{Text: t, Kind: Full})
		}
		return names
	}
	return New([]Agency{
		{Code: "zb-kjj", Kind: Bureau, Region: "370300", Names: full("淄博市科学技术局")},
		{Code: "bs-zf", Kind: Government, Region: "370304", Names: full("淄博市博山区人民政府")},
		{Code: "bs-zfb", Kind: Office, Region: "370304", Names: full("博山区人民政府办公室")},
		{Code: "bs-kjj", Kind: Bureau, Region: "370304", Names: full("博山区科学技术局")},
		{Code: "bs-fgj", Kind: Bureau, Region: "370304", Names: full("博山区发展和改革局")},
		{Code: "bs-wjj", Kind: Bureau, Region: "370304", Names: []Name{
			{Text: "博山区卫生和计划生育局", Kind: Full, To: on("2019-01-20")},
			{Text: "博山区卫生健康局", Kind: Full, From: on("2019-01-21")},
			{Text: "博山卫生局", Kind: Former},
			{Text: "博山区疾病预防控制局", Kind: Second},
		}},
		{Code: "bs-gs", Kind: Bureau, Region: "370304", Names: full("博山区工商行政管理局"), To: on("2019-01-20"), Links: []Link{{Kind: Merger, Other: "bs-sj"}}},
		{Code: "bs-sj", Kind: Bureau, Region: "370304", Names: full("博山区市场监督管理局"), From: on("2019-01-21")},
		{Code: "bs-hj", Kind: Bureau, Region: "370304", Names: full("淄博市生态环境局博山分局")},
		{Code: "bs-sw", Kind: Vertical, Region: "370304", Names: full("国家税务总局淄博市博山区税务局")},
		{Code: "bs-cd", Kind: Street, Region: "370304", Names: full("博山区城东街道办事处")},
		{Code: "bs-bs", Kind: Township, Region: "370304", Names: full("博山区博山镇人民政府")},
		{Code: "nj-jyj", Kind: Bureau, Region: "320106", Names: full("鼓楼区教育局")},
		{Code: "xz-jyj", Kind: Bureau, Region: "320302", Names: full("鼓楼区教育局")},
		{Code: "hz-cz", Kind: Bureau, Region: "320813", Names: full("洪泽区财政局")},
		{Code: "pt-gwh", Kind: Zone, Region: "350128-Fshiyan", Names: full("平潭综合实验区管理委员会")},
		{Code: "pt-jjj", Kind: Bureau, Region: "350128-Fshiyan", Names: full("平潭综合实验区经济发展局")},
		{Code: "pt-zf", Kind: Government, Region: "350128", Names: full("平潭县人民政府")},
		{Code: "sz", Kind: Bureau, Region: "150525", Names: full("奈曼旗和平乡人民政府")},
		{Code: "gw", Kind: Office, Region: "100000", Names: full("国务院办公厅")},
		{Code: "cb", Kind: Bureau, Region: "100000", Names: append(full("国家新闻出版署"), Name{Text: "国家版权局", Kind: Second})},
		{Code: "cc-xq", Kind: Zone, Region: "100000", Names: full("某某新区管理委员会")}, // a zone is no name of the country
		{Code: "hl-gx", Kind: Zone, Region: "100000", Names: full("某某高新技术产业开发区")},
		{Code: "sl-zf", Kind: Government, Region: "990101", Names: full("示例市虚构区人民政府")},
		{Code: "sl-jyj", Kind: Bureau, Region: "990101", Names: full("示例市虚构区教育局")},
		{Code: "x000000000001", Names: full("博山城管大队"), Links: []Link{{Kind: Same, Other: "bs-kjj"}}},
		{Code: "x000000000002", Names: full("淄博市博山区科创办"), Links: []Link{{Kind: Same, Other: "bs-kjj"}}},
		{Code: "x000000000003", Kind: Bureau, Region: "370304", Names: full("博山区发改局")}, // not linked
		{Code: "noplace", Kind: Bureau, Names: full("某某局")},
	}, nil)
}

func TestMatch(t *testing.T) {
	r := places()
	for _, test := range []struct {
		printed, region string
		year            int
		want            string // code and how, or the candidates
	}{
		{"博山区科学技术局", "", 2023, "bs-kjj exact"},
		{" 博山区 科学技术局", "", 2023, "bs-kjj exact"},
		{"博山区科技局", "", 2023, "bs-kjj normalised"},
		{"山东省淄博市博山区科技局", "", 2023, "bs-kjj normalised"},
		{"淄博博山区科学技术局", "", 2023, "bs-kjj normalised"},
		{"山东淄博博山科技局", "", 2023, "bs-kjj normalised"},
		{"科学技术局", "370304", 2023, "bs-kjj normalised"},
		{"区科技局", "370304", 2023, "bs-kjj normalised"},
		{"区科技局", "370304001", 2023, "bs-kjj normalised"},
		{"博山科技局", "370304", 2023, "bs-kjj normalised"},
		{"博山区发改局", "", 2023, "bs-fgj normalised"},
		{"博山区发展改革局", "", 2023, "bs-fgj normalised"},
		{"博山区发改委", "", 2023, "none"},
		// The place is not certain.
		{"科学技术局", "", 2023, "none bs-kjj(名称未写明所在地) zb-kjj(名称未写明所在地)"},
		{"区科技局", "", 2023, "none bs-kjj(名称未写明所在地)"},
		{"市科技局", "", 2023, "none zb-kjj(名称未写明所在地)"},
		{"市科技局", "370304", 2023, "none"},
		{"市科技局", "370300", 2023, "zb-kjj normalised"},
		{"区科技局", "370300", 2023, "none"},
		{"博山科技局", "", 2023, "none bs-kjj(名称未写明所在地)"},
		{"博山区科技局", "370300", 2023, "bs-kjj normalised"},
		{"博山区科技局", "370303", 2023, "none bs-kjj(报告来自山东省淄博市张店区)"},
		{"博山区科学技术局", "320106", 2023, "none bs-kjj(报告来自江苏省南京市鼓楼区)"},
		{"临淄区科技局", "", 2023, "none"},
		{"临淄区科技局", "370304", 2023, "none"},
		{"淄博市科技局", "370304", 2023, "none zb-kjj(报告来自山东省淄博市博山区)"},
		{"鼓楼区教育局", "", 2023, "none nj-jyj(同名的地方另有 江苏省徐州市鼓楼区、福建省福州市鼓楼区、河南省开封市鼓楼区) xz-jyj(同名的地方另有 江苏省南京市鼓楼区、福建省福州市鼓楼区、河南省开封市鼓楼区)"},
		{"鼓楼区教育局", "320302", 2023, "xz-jyj exact"},
		{"鼓楼区教育局", "320300", 2023, "xz-jyj exact"},
		{"鼓楼区教育局", "320000", 2023, "none nj-jyj(同名的地方另有 江苏省徐州市鼓楼区、福建省福州市鼓楼区、河南省开封市鼓楼区) xz-jyj(同名的地方另有 江苏省南京市鼓楼区、福建省福州市鼓楼区、河南省开封市鼓楼区)"},
		{"鼓楼区教育局", "350102", 2023, "none nj-jyj(报告来自福建省福州市鼓楼区) xz-jyj(报告来自福建省福州市鼓楼区)"},
		{"南京市鼓楼区教育局", "", 2023, "nj-jyj normalised"},
		{"福州市鼓楼区教育局", "", 2023, "none"},
		{"江苏省鼓楼区教育局", "", 2023, "none nj-jyj(同名的地方另有 江苏省徐州市鼓楼区) xz-jyj(同名的地方另有 江苏省南京市鼓楼区)"},
		// Governments, offices, towns, branches.
		{"博山区人民政府", "", 2023, "bs-zf normalised"},
		{"淄博市博山区", "", 2023, "bs-zf normalised"},
		{"区政府", "370304", 2023, "bs-zf normalised"},
		{"博山", "370304", 2023, "none"},
		{"博山区政府办", "", 2023, "bs-zfb normalised"},
		{"区政府办公室", "370304", 2023, "bs-zfb normalised"},
		{"博山区城东街道", "", 2023, "bs-cd normalised"},
		{"城东街道办事处", "370304", 2023, "bs-cd normalised"},
		{"城东街道办事处", "", 2023, "none bs-cd(名称未写明所在地)"},
		{"博山区博山镇", "", 2023, "bs-bs normalised"},
		{"博山镇人民政府", "", 2023, "none bs-bs(名称未写明所在地)"},
		{"博山镇人民政府", "370304", 2023, "bs-bs normalised"},
		{"淄博市生态环境局博山分局", "", 2023, "bs-hj exact"},
		{"博山区税务局", "", 2023, "bs-sw normalised"},
		{"国家税务总局博山区税务局", "", 2023, "bs-sw normalised"},
		{"国家税务总局淄博市博山区税务局", "", 2023, "bs-sw exact"},
		{"奈曼旗和平乡人民政府", "", 2023, "sz exact"},
		{"内蒙古自治区通辽市奈曼旗和平乡", "", 2023, "sz normalised"},
		// Places without a code, made-up places, the country.
		{"平潭综合实验区管委会", "", 2023, "pt-gwh normalised"},
		{"平潭综合实验区", "", 2023, "pt-gwh normalised"},
		{"福建省平潭综合实验区经济发展局", "", 2023, "pt-jjj normalised"},
		{"平潭县经济发展局", "", 2023, "none"},
		{"平潭县", "", 2023, "pt-zf normalised"},
		{"经济发展局", "350128", 2023, "none"},
		{"虚构区教育局", "", 2023, "sl-jyj normalised"},
		{"区教育局", "990101", 2023, "sl-jyj normalised"},
		{"某某新区管委会", "", 2023, "cc-xq normalised"},
		{"国务院办公厅", "", 2023, "gw exact"},
		{"国家新闻出版署（国家版权局）", "", 2023, "cb exact"},
		{"国家版权局", "", 2023, "cb exact"},
		{"某办公室（博山区科学技术局）", "", 2023, "none bs-kjj(只有括号内的名称相符)"},
		{"某某局", "", 2023, "none noplace(名称未写明所在地)"},
		// Names and bodies in their times.
		{"博山区卫生和计划生育局", "", 2018, "bs-wjj exact"},
		{"博山区卫生和计划生育局", "", 2022, "bs-wjj alias"},
		{"博山区卫计局", "", 2022, "bs-wjj normalised"},
		{"博山区卫生健康局", "", 2018, "bs-wjj exact"}, // the report for 2018 came out under the new name
		{"博山区卫生健康局", "", 0, "bs-wjj exact"},
		{"博山区疾病预防控制局", "", 2022, "bs-wjj exact"},
		{"博山卫生局", "370304", 2012, "bs-wjj alias"},
		{"博山区工商局", "", 2018, "bs-gs normalised"},
		{"博山区工商局", "", 2021, "none bs-gs(已于 2019-01-20 撤销，由博山区市场监督管理局接续)"},
		{"博山区市场监管局", "", 2015, "none bs-sj(2019-01-21 才成立)"},
		{"洪泽县财政局", "", 2014, "hz-cz normalised"},
		{"财政局", "320829", 2014, "hz-cz normalised"},
		// Decisions of people.
		{"淄博市博山区科创办", "", 2023, "bs-kjj exact"},
		{"博山城管大队", "", 2023, "none bs-kjj(名称未写明所在地)"},
		{"博山城管大队", "370304", 2023, "bs-kjj exact"},
		{"", "", 2023, "none"},
		{"（）", "370304", 2023, "none"},
	} {
		m := r.Match(test.printed, test.region, test.year)
		got := strings.TrimSpace(m.Code + " " + string(m.How))
		for _, c := range m.Candidates {
			got += fmt.Sprintf(" %s(%s)", c.Code, c.Why)
		}
		if got != test.want {
			t.Errorf("Match(%q, %q, %d)\n got %s\nwant %s", test.printed, test.region, test.year, got, test.want)
		}
	}
}

func TestRecognise(t *testing.T) {
	pending := func(code, name, region string) Agency {
		return Agency{Code: code, Kind: Bureau, Region: region, Names: []Name{{Text: name, Kind: Full}}}
	}
	r := New(append(places().Agencies(),
		pending("x000000000011", "科技局", "370304"), pending("x000000000012", "科技局", ""), pending("x000000000013", "博山区工商局", ""), pending("x000000000014", "博山区城管局", ""),
		pending("x000000000015", "博山区市场监管局", ""),
	), nil)
	var got []string
	for _, x := range r.Recognise(func(code string) []int {
		return map[string][]int{"x000000000013": {2017, 2018}, "x000000000015": {2015, 2020}}[code]
	}) {
		got = append(got, x.Entry.Code+" "+x.Code+" "+string(x.How))
		linked, _ := New(append(r.Agencies(), x.Entry.As("elsewhere").As(x.Code)), nil).Agency(x.Entry.Code)
		if code, _ := linked.SameAs(); code != x.Code || len(linked.Links) != 1 {
			t.Errorf("links of %s: %+v, want one to %s", x.Entry.Code, linked.Links, x.Code)
		}
	}
	// 博山区市场监管局 did not exist in 2015, so that its reports are not all of one body; 城管局 is in no register.
	want := []string{"x000000000003 bs-fgj normalised", "x000000000011 bs-kjj normalised", "x000000000013 bs-gs normalised"}
	if !slices.Equal(got, want) {
		t.Errorf("recognised %q, want %q", got, want)
	}
	if n := len(r.Pending()); n != 6 {
		t.Errorf("%d entries pend, want 6", n)
	}
}

func TestDistinct(t *testing.T) {
	for _, test := range []struct{ name, region, want string }{
		{"科技局", "", "科技局"},
		{"科技局", "370304", "370304科技局"},
		{"科技局", "370304101", "370304科技局"},
		{"博山区科技局", "370304", "博山区科技局"},
		{"淄博市生态环境局博山分局", "370304", "淄博市生态环境局博山分局"},
		{"洪泽县科技局", "320813", "洪泽县科技局"},
		{"科技局", "320829", "320813科技局"},
		{"博山区科技局", "370303", "370303博山区科技局"},
	} {
		if got := Distinct(test.name, test.region); got != test.want {
			t.Errorf("Distinct(%q, %q) = %s, want %s", test.name, test.region, got, test.want)
		}
	}
}

// duties of bureaus, with another way to write each.
var duties = [][2]string{{"科学技术局", "科技局"}, {"教育局", "教育局"}, {"发展和改革局", "发改局"}, {"卫生健康委员会", "卫健委"}, {"人民政府", "政府"}, {"人民政府办公室", "政府办"},
	{"住房和城乡建设局", "住建局"}, {"和平街道办事处", "和平街道"}, {"城关镇人民政府", "城关镇"}, {"市场监督管理局", "市场监管局"}}

// districtsOf picks districts of the country, every third called like another one.
func districtsOf(random *rand.Rand, n int) []string {
	g := divisions()
	var all, shared []string
	for _, code := range sorted(keys(g.names)) {
		if r, _ := LookupRegion(code); code[4:] == "00" || !r.Last.IsZero() {
			continue
		}
		all = append(all, code)
		for _, form := range []string{g.names[code][0], shortRegion(g.names[code][0])} {
			if len(g.bearers[form]) > 1 {
				shared = append(shared, code)
				break
			}
		}
	}
	var list []string
	for len(list) < n {
		from := all
		if random.IntN(3) == 0 {
			from = shared
		}
		if code := from[random.IntN(len(from))]; !slices.Contains(list, code) {
			list = append(list, code)
		}
	}
	return list
}

func keys[V any](m map[string]V) map[string]bool {
	set := map[string]bool{}
	for k := range m {
		set[k] = true
	}
	return set
}

// registerOf makes a register of those districts, with names in full or from the district on.
func registerOf(random *rand.Rand, districts []string) *Register {
	var agencies []Agency
	for _, code := range districts {
		for i, duty := range duties {
			district, _ := LookupRegion(code)
			name := district.Name
			if random.IntN(2) == 0 {
				name = FullName(code)
			}
			agencies = append(agencies, Agency{Code: fmt.Sprintf("%s-%d", code, i), Kind: KindOfName(duty[0]), Region: code, Names: []Name{{Text: name + duty[0], Kind: Full}}})
		}
	}
	return New(agencies, nil)
}

// printedName is a way in which a body of a district may print its name, and what may be known of where it comes from.
func printedName(random *rand.Rand, code string) (printed, hint string, certain bool, duty int) {
	chain := Chain(code)
	district := chain[len(chain)-1]
	var words strings.Builder
	whole := true // all divisions above are named
	for _, r := range chain[:len(chain)-1] {
		switch random.IntN(4) {
		case 0:
			words.WriteString(r.Short())
		case 1, 2:
			words.WriteString(r.Name)
		default:
			whole = false
		}
	}
	named := true
	switch random.IntN(8) {
	case 0: // may be called like another one in the same city: 宣化县 and 宣化区
		words.WriteString(district.Short())
		whole = false
	case 1:
		words.Reset()
		words.WriteString([]string{"", "区", "县", "市"}[random.IntN(4)])
		named, whole = false, false
	default:
		words.WriteString(district.Name)
	}
	duty = random.IntN(len(duties))
	words.WriteString(duties[duty][random.IntN(2)])
	switch random.IntN(4) {
	case 0:
		hint = code
	case 1:
		hint = chain[0].Code
	}
	return words.String(), hint, named && (whole && len(chain) > 2 || hint == code), duty
}

// No report is ever given to an agency of another district, whether or not its own is in the register; and where a name
// says all there is to say, it is recognised.
func TestNoReportGoesToAnotherDistrict(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	matched, tried := 0, 0
	for range 12 {
		districts := districtsOf(random, 60)
		held := districts[:40]
		r := registerOf(random, held)
		for range 4000 {
			code := districts[random.IntN(len(districts))]
			printed, hint, certain, duty := printedName(random, code)
			m := r.Match(printed, hint, 2023)
			want := fmt.Sprintf("%s-%d", code, duty)
			tried++
			switch {
			case m.Code != "" && m.Code != want:
				t.Fatalf("%q from %q, a report of %s (%s), is given to %s (%s)", printed, hint, FullName(code), want, m.Code, FullName(m.Code[:6]))
			case m.Code != "":
				matched++
			case certain && slices.Contains(held, code):
				t.Fatalf("%q from %q, a report of %s, is not recognised: %+v", printed, hint, FullName(code), m)
			}
		}
	}
	if matched < tried/4 {
		t.Errorf("%d of %d names recognised: the test tries too little", matched, tried)
	}
}

func BenchmarkMatch(b *testing.B) {
	random := rand.New(rand.NewPCG(3, 4))
	districts := districtsOf(random, 300)
	r := registerOf(random, districts)
	type printed struct{ name, hint string }
	list := make([]printed, 10_000)
	for i := range list {
		list[i].name, list[i].hint, _, _ = printedName(random, districts[random.IntN(len(districts))])
	}
	r.Match("", "", 0)
	for i := 0; b.Loop(); i++ {
		p := list[i%len(list)]
		r.Match(p.name, p.hint, 2023)
	}
}

func BenchmarkNames(b *testing.B) {
	r := registerOf(rand.New(rand.NewPCG(3, 4)), districtsOf(rand.New(rand.NewPCG(3, 4)), 300))
	divisions()
	for b.Loop() {
		newNames(r)
	}
}
