package register

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Region is a division of county level or above by GB/T 2260, or a functional area (开发区, 新区 …), for which that standard has
// no codes. The code of a functional area is that of the division it lies in, -F, and a word: 350128-Fshiyan.
type Region struct {
	Code, Name string
	// First and Last are the editions of the list between which it stands under this code and name, zero where that is
	// the oldest (2015) or the newest (2024): before and after these days nothing is known.
	First, Last time.Time
	Next        string // the code under which it goes on after Last, "" not known
}

var (
	//go:embed regions.csv
	regionsCSV string
	//go:embed areas.csv
	areasCSV string
)

// regions are the rows of the embedded lists by code, oldest first.
var regions = sync.OnceValue(func() map[string][]Region {
	byCode := make(map[string][]Region, 4000)
	for _, list := range []string{regionsCSV, areasCSV} {
		for i, line := range strings.Split(strings.TrimSpace(list), "\n") {
			if strings.HasPrefix(line, "#") || strings.HasPrefix(line, "code,") {
				continue
			}
			fields := append(strings.Split(line, ","), "", "", "")
			r := Region{Code: fields[0], Name: fields[1], Next: fields[4]}
			for _, d := range []struct {
				text string
				date *time.Time
			}{{fields[2], &r.First}, {fields[3], &r.Last}} {
				if d.text == "" {
					continue
				}
				var err error
				if *d.date, err = time.Parse(time.DateOnly, d.text); err != nil {
					panic(fmt.Sprintf("read embedded list of regions: line %d: %v", i+1, err))
				}
			}
			byCode[r.Code] = append(byCode[r.Code], r)
		}
	}
	return byCode
})

// LookupRegion returns the division or functional area with this code in the embedded lists, under its newest name.
func LookupRegion(code string) (Region, bool) {
	rows := regions()[code]
	if len(rows) == 0 {
		return Region{}, false
	}
	return rows[len(rows)-1], true
}

var (
	divisionForm = regexp.MustCompile(`^[1-9][0-9]{5}$`)
	localForm    = regexp.MustCompile(`^([1-9][0-9]{5})([0-9]{3}|[0-9]{6})$`)
	areaForm     = regexp.MustCompile(`^([1-9][0-9]{5})-F[A-Za-z0-9]{1,20}$`)
)

// ValidRegion tells whether a text is the code of a known division, of a functional area in one, or of a township in one
// (the 9 or 12 digits of 统计用区划代码). Functional areas and townships need not be in the embedded lists. 100000 is the whole
// country, and what begins with 99, which the standard gives to no province, is for made-up places.
func ValidRegion(code string) bool {
	division := Division(code)
	_, ok := LookupRegion(division)
	return ok || division == country || strings.HasPrefix(division, "99")
}

// country is the code of the whole country.
const country = "100000"

// Division is the code of the division that a region is or lies in: its first six digits. It is "" if the text is no
// code of a region.
func Division(code string) string {
	if divisionForm.MatchString(code) {
		return code
	}
	for _, form := range []*regexp.Regexp{localForm, areaForm} {
		if m := form.FindStringSubmatch(code); m != nil {
			return m[1]
		}
	}
	return ""
}

// Chain lists the regions from the province down to the one with this code, as far as the embedded lists know them.
func Chain(code string) []Region {
	division := Division(code)
	if division == "" {
		return nil
	}
	codes := []string{division[:2] + "0000", division[:4] + "00", division, code}
	var chain []Region
	for _, c := range slices.Compact(codes) {
		if r, ok := LookupRegion(c); ok {
			chain = append(chain, r)
		}
	}
	return chain
}

// FullName is the name of the region after those of the divisions above it: 江苏省淮安市洪泽区. It is "" if nothing is known.
func FullName(code string) string {
	var b strings.Builder
	for _, r := range Chain(code) {
		b.WriteString(r.Name)
	}
	return b.String()
}

// CurrentRegion follows a division to the code under which it goes on today: 320829 (洪泽县) to 320813 (洪泽区).
func CurrentRegion(code string) string {
	for range 10 {
		r, ok := LookupRegion(code)
		if !ok || r.Next == "" || r.Last.IsZero() {
			break
		}
		code = r.Next
	}
	return code
}

var (
	levelWords = []string{"特别行政区", "自治区", "自治州", "自治县", "自治旗", "地区", "特区", "新区", "省", "市", "盟", "县", "区", "旗"}
	// nationalities stand in the names of autonomous divisions, with or without 族.
	nationalities = strings.Fields(`蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 水 东乡 纳西 景颇 柯尔克孜 土 达斡尔 仫佬 羌
		布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 京 塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺 各`)
)

// Short is the name without the word for its level and without nationalities: 山东, 博山, 石柱 for 石柱土家族自治县. Less
// than two characters are no name (城区, 陕县), so that these stay whole.
func (r Region) Short() string { return shortRegion(r.Name) }

func shortRegion(name string) string {
	if name == "神农架林区" { // the only one; in 万柏林区 the 林 belongs to the name
		return "神农架"
	}
	for _, word := range levelWords {
		rest, ok := strings.CutSuffix(name, word)
		if !ok {
			continue
		}
		if strings.HasPrefix(word, "自治") {
			rest = withoutNationalities(rest)
		}
		if utf8.RuneCountInString(rest) >= 2 {
			return rest
		}
	}
	return name
}

// withoutNationalities cuts 土家族 off 石柱土家族, and all of several. Without 族 only names of two characters and more count:
// 回 and 水 are parts of other words.
func withoutNationalities(name string) string {
	for {
		before := name
		for _, n := range nationalities {
			rest, ok := strings.CutSuffix(name, n+"族")
			if !ok && utf8.RuneCountInString(n) > 1 {
				rest, ok = strings.CutSuffix(name, n)
			}
			if ok && utf8.RuneCountInString(rest) >= 2 {
				name = rest
				break
			}
		}
		if name == before {
			return name
		}
	}
}
