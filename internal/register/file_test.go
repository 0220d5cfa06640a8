package register

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"

	"nianbao/internal/form"
)

const inCodes = `record,code,kind,region,parent,uscc,name,from,to,other,year,due,obliged,reason,page,scope
agency,bs-zf,government,370304,,11341702486344515H,博山区人民政府,,,,,,,,https://www.boshan.example.cn/年报?a=1,aggregate
agency,bs-wjj,bureau,370304,bs-zf,,,,,,,,,,,
name,bs-wjj,full,,,,博山区卫生和计划生育局,,2019-01-20,,,,,,,
name,bs-wjj,full,,,,博山区卫生健康局,2019-01-21,,,,,,,,
name,bs-wjj,short,,,,区卫健局,,,,,,,,,
agency,bs-gs,bureau,370304,bs-zf,,博山区工商局,,2019-01-20,,,,,,,
link,bs-gs,merger,,,,,2019-01-21,,bs-wjj,,,,,,
obligation,bs-wjj,,,,,,,,,2022,2023-02-28,yes,"疫情，""延期""",,
obligation,bs-gs,,,,,,,,,2018,,no,并入,,
`

// The same in Chinese words, columns in another order, days as a spreadsheet writes them, lines in any order.
const inChinese = `代码,类别,名称,类型,区划,上级,统一社会信用代码,起,止,对方,年度,期限,应报,理由,发布页,口径,
bs-wjj,名称,博山区卫生和计划生育局,全称,,,,,2019/1/20,,,,,,,,
bs-zf,,博山区人民政府,政府,370304,,11341702486344515h,,,,,,,,https://www.boshan.example.cn/年报?a=1,汇总,

bs-wjj,机关,,工作部门,370304,bs-zf,,,,,,,,,,,
bs-wjj,名称,博山区卫生健康局,全称,,,,2019年1月21日,,,,,,,,,
bs-wjj,例外,,,,,,,,,2022,2023.2.28,是,"疫情，""延期""",,
# a remark
bs-wjj,名称, 区卫健局 ,简称,,,,,,,,,,,,,
bs-gs,机关,博山区工商局,工作部门,370304,bs-zf,,,20190120,,,,,,,,
bs-gs,沿革,,并入,,,,2019-1-21,,bs-wjj,,,,,,,
bs-gs,例外,,,,,,,,,2018年,,否,并入,,,
`

func stated() *Register {
	return New([]Agency{
		{Code: "bs-zf", Kind: Government, Region: "370304", USCC: "11341702486344515H", Names: []Name{{Text: "博山区人民政府", Kind: Full}}, Page: "https://www.boshan.example.cn/年报?a=1", Scope: form.ScopeAggregate},
		{Code: "bs-wjj", Kind: Bureau, Region: "370304", Parent: "bs-zf", Names: []Name{
			{Text: "博山区卫生和计划生育局", Kind: Full, To: on("2019-01-20")}, {Text: "博山区卫生健康局", Kind: Full, From: on("2019-01-21")}, {Text: "区卫健局", Kind: Short}}},
		{Code: "bs-gs", Kind: Bureau, Region: "370304", Parent: "bs-zf", To: on("2019-01-20"), Names: []Name{{Text: "博山区工商局", Kind: Full}}, Links: []Link{{Merger, "bs-wjj", on("2019-01-21")}}},
	}, []Obligation{
		{Agency: "bs-wjj", Year: 2022, Due: on("2023-02-28"), Obliged: true, Reason: `疫情，"延期"`},
		{Agency: "bs-gs", Year: 2018, Reason: "并入"},
	})
}

func TestParse(t *testing.T) {
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(inChinese)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"codes": inCodes, "codes, byte order mark, CRLF": "\ufeff" + strings.ReplaceAll(inCodes, "\n", "\r\n"), "Chinese": inChinese, "GB18030": gb} {
		s, problems := Parse(strings.NewReader(text))
		if len(problems) > 0 {
			t.Errorf("%s: %v", name, problems)
		}
		got, want := New(s.Agencies, s.Obligations), stated()
		if diff := cmp.Diff(want.Agencies(), got.Agencies()); diff != "" {
			t.Errorf("%s: agencies (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(want.Obligations(), got.Obligations()); diff != "" {
			t.Errorf("%s: obligations (-want +got):\n%s", name, diff)
		}
		if p := got.Problems(); len(p) > 0 {
			t.Errorf("%s: %v", name, p)
		}
	}
}

func TestWhatALineMayNotSay(t *testing.T) {
	const header = "record,code,kind,region,parent,uscc,name,from,to,other,year,due,obliged,reason,page,scope\n"
	for _, test := range []struct{ text, want string }{
		{"", `the file is empty; want a first line with the names of columns`},
		{"name,region\n", `line 1: column code (代码) is missing`},
		{"code,colour\n", `line 1: column "colour" is not known; want some of record, code`},
		{"code,代码\n", `line 1: column code is there twice`},
		{"\xff\xfe\x00", `the file is neither UTF-8 nor GB18030`},
		{header + `agency,"a`, `line 2: extraneous or missing " in quoted-field`},
		{header + "agency,a.b,bureau,370304,,,某某局\n", `line 2, column code: got "a.b", want 1 to 40 letters`},
		{header + "body,ab,bureau,370304,,,某某局\n", `line 2, column record: got "body", want one of agency, name, link, obligation`},
		{header + "agency,ab,局,370304,,,某某局\n", `line 2, column kind: got "局", want one of bureau, office`},
		{header + "agency,ab,bureau,37030,,,某某局\n", `line 2, column region: got "37030", want six digits`},
		{header + "agency,ab,bureau,3.70304E+11,,,某某局\n", `line 2, column region: got "3.70304E+11"`},
		{header + "agency,ab,bureau,370304,ab,,某某局\n", `line 2, column parent: got "ab", want the code of another agency`},
		{header + "agency,ab,bureau,370304,,11341702486344515X,某某局\n", `line 2, column uscc: got "11341702486344515X", want 18 digits`},
		{header + "agency,ab,bureau,370304\n", `line 2, column name: got 0 names, want 1 to 100`},
		{header + "agency,ab,bureau,370304,,,局\n", `line 2, column name: got "局", want 2 to 100 characters`},
		{header + "agency,ab,bureau,370304,,,=HYPERLINK(1)\n", `not beginning with = + - @`},
		{header + "agency,ab,bureau,370304,,,\"某\n局\"\n", `without line breaks`},
		{header + "agency,ab,bureau,370304,,,某某局,2019-02-30\n", `line 2, column from: got "2019-02-30", want a day, 2019-01-16`},
		{header + "agency,ab,bureau,370304,,,某某局,2019-02-03,2019-02-02\n", `line 2, column to: got 2019-02-02, want a day not before the first, 2019-02-03`},
		{header + "agency,ab,bureau,370304,,,某某局,0019-02-03\n", `got 0019-02-03, want a day from 1900 to 2299`},
		{header + "agency,ab,bureau,370304,,,某某局,,,cd\n", `line 2, column other: got "cd", want nothing in a line of kind agency`},
		{header + "agency,ab,bureau,370304,,,某某局,,,,,,,,ftp://a/b\n", `line 2, column page: got "ftp://a/b", want an address`},
		{header + "agency,ab,bureau,370304,,,某某局,,,,,,,,https://u:p@a/b\n", `line 2, column page: got`},
		{header + "agency,ab,bureau,370304,,,某某局,,,,,,,,,全部\n", `line 2, column scope: got "全部", want own, aggregate or nothing`},
		{header + "agency,ab,bureau,370304,,,某某局\nagency,ab,bureau,370304,,,某某局\n", `line 3, column code: agency ab is stated in line 2 already`},
		{header + "name,ab,full,,,,某某局\n", `line 2, column code: there is no line of kind agency for ab`},
		{header + "agency,ab,bureau,370304,,,某某局\nname,ab,long,,,,某局\n", `line 2, column kind: of name "某局": got "long", want one of full, short, former, second`},
		{header + "agency,ab,bureau,370304,,,某某局\nlink,ab,same,,,,,,,cd\n", `an entry is the same as one other at most, and only a provisional one`},
		{header + "obligation,ab,,,,,,,,,2022,,,延期\n", `line 2, column obliged: got "", want yes or no`},
		{header + "obligation,ab,,,,,,,,,22,,yes,延期\n", `line 2, column year: got 22, want a reporting year from 1990 to 2200`},
		{header + "obligation,ab,,,,,,,,,MMXXII,,yes,延期\n", `line 2, column year: got "MMXXII"`},
		{header + "obligation,ab,,,,,,,,,2022,2022-12-31,yes,延期\n", `line 2, column due: got 2022-12-31, want a day in the five years after 2022`},
		{header + "obligation,ab,,,,,,,,,2022,2023-12-31,no,延期\n", `line 2, column due: got 2023-12-31, want no due day where there is no duty`},
		{header + "obligation,ab,,,,,,,,,2022,,no,\n", `line 2, column reason: want why`},
		{header + "obligation,ab,,,,,,,,,2022,,no,并入\nobligation,ab,,,,,,,,,2022,,no,并入\n", `line 3, column year: the exception of ab for 2022 is stated in line 2 already`},
		{"code,name\nab,某某局,x\n", `line 2: there is "x" in a column without a name`},
		{header + strings.Repeat("agency,a.b\n", 2000), `more than 1000 problems; the rest of the file was not read`},
	} {
		s, problems := Parse(strings.NewReader(test.text))
		var all strings.Builder
		for _, p := range problems {
			all.WriteString(p.String() + "\n")
		}
		if !strings.Contains(all.String(), test.want) {
			t.Errorf("%.120q\n got %s\nwant %s", test.text, all.String(), test.want)
		}
		if len(problems) > mostProblems+1 {
			t.Errorf("%.120q: %d problems", test.text, len(problems))
		}
		for _, a := range s.Agencies {
			if len(a.Check()) > 0 {
				t.Errorf("%.120q: entry %s is taken with a problem", test.text, a.Code)
			}
		}
	}
	if _, problems := Parse(bytes.NewReader(make([]byte, largestFile+1))); len(problems) != 1 || !strings.Contains(problems[0].Want, "more than 64 MB") {
		t.Errorf("a file of more than 64 MB: %v", problems)
	}
}

func TestProblems(t *testing.T) {
	bureau := func(code, name string) Agency {
		return Agency{Code: code, Kind: Bureau, Region: "370304", Names: []Name{{Text: name, Kind: Full}}}
	}
	with := func(a Agency, change func(*Agency)) Agency { change(&a); return a }
	for _, test := range []struct {
		name        string
		agencies    []Agency
		obligations []Obligation
		want        string
	}{
		{"right", []Agency{bureau("a1", "甲局"), with(bureau("a2", "甲局"), func(a *Agency) { a.Region = "370303" })}, nil, ""},
		{"no parent", []Agency{with(bureau("a1", "甲局"), func(a *Agency) { a.Parent = "zz" })}, nil, "a1: parent: zz is not in the register"},
		{"parents in a circle", []Agency{with(bureau("a1", "甲局"), func(a *Agency) { a.Parent = "a2" }), with(bureau("a2", "乙局"), func(a *Agency) { a.Parent = "a1" })}, nil,
			"a1: parent: the bodies above it lead back to it\na2: parent: the bodies above it lead back to it"},
		{"link to nobody", []Agency{with(bureau("a1", "甲局"), func(a *Agency) { a.Links = []Link{{Successor, "zz", time.Time{}}} })}, nil, "a1: other: zz is not in the register"},
		{"links in a circle", []Agency{with(bureau("x000000000001", "甲局"), func(a *Agency) { a.Links = []Link{{Same, "x000000000002", time.Time{}}} }),
			with(bureau("x000000000002", "乙局"), func(a *Agency) { a.Links = []Link{{Same, "x000000000001", time.Time{}}} })}, nil,
			"x000000000001: other: the links lead back to it\nx000000000002: other: the links lead back to it"},
		{"one name, two bodies", []Agency{bureau("a1", "甲局"), bureau("a2", "甲局")}, nil, "a2: name: a1 bears the name 甲局 in the same place at the same time"},
		{"one name, one after the other", []Agency{with(bureau("a1", "甲局"), func(a *Agency) { a.To = on("2019-01-01") }), with(bureau("a2", "甲局"), func(a *Agency) { a.From = on("2019-01-02") })}, nil, ""},
		{"one credit code", []Agency{with(bureau("a1", "甲局"), func(a *Agency) { a.USCC = "11341702486344515H" }), with(bureau("a2", "乙局"), func(a *Agency) { a.USCC = "11341702486344515H" })}, nil,
			"a2: uscc: 11341702486344515H is that of a1"},
		{"exception of nobody", nil, []Obligation{{Agency: "zz", Year: 2022, Reason: "并入"}}, "zz 2022: code: the agency is not in the register"},
	} {
		var got []string
		for _, p := range New(test.agencies, test.obligations).Problems() {
			got = append(got, p.String())
		}
		if text := strings.Join(got, "\n"); text != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, text, test.want)
		}
	}
}

func TestDiff(t *testing.T) {
	before := stated()
	s, problems := Parse(strings.NewReader(strings.NewReplacer(
		"区卫健局", "卫健局", "并入,,\n", "并入卫健局,,\n", "merger,,,,,2019-01-21", "successor,,,,,2019-01-21",
	).Replace(inCodes) + "agency,bs-kjj,bureau,370304,bs-zf,,博山区科学技术局\nobligation,bs-kjj,,,,,,,,,2022,,no,新设\n"))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	var got []string
	for _, c := range Diff(before, s) {
		line := fmt.Sprintf("%d %s %d %s", c.Line, c.Agency, c.Year, c.Outcome)
		for _, f := range c.Fields {
			line += fmt.Sprintf(" | %s: %s => %s", f.Field, f.Old, f.New)
		}
		got = append(got, line)
	}
	want := []string{
		"2 bs-zf 0 unchanged",
		"3 bs-wjj 0 changed | name: 区卫健局 (short); 博山区卫生健康局 (full 2019-01-21..); 博山区卫生和计划生育局 (full ..2019-01-20) => " +
			"博山区卫生健康局 (full 2019-01-21..); 博山区卫生和计划生育局 (full ..2019-01-20); 卫健局 (short)",
		"7 bs-gs 0 changed | other: merger bs-wjj 2019-01-21 => successor bs-wjj 2019-01-21",
		"9 bs-wjj 2022 unchanged",
		"10 bs-gs 2018 changed | reason: 并入 => 并入卫健局",
		"11 bs-kjj 0 added",
		"12 bs-kjj 2022 added",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	after := Apply(before, s)
	for _, c := range Diff(after, s) {
		if c.Outcome != Unchanged {
			t.Errorf("stating the same again: line %d is %s", c.Line, c.Outcome)
		}
	}
	if after.Len() != 4 || before.Len() != 3 {
		t.Errorf("%d agencies after and %d before, want 4 and 3", after.Len(), before.Len())
	}
}

// anyRegister makes up entries with everything that an entry may say.
func anyRegister(random *rand.Rand) *Register {
	pick := func(list ...string) string { return list[random.IntN(len(list))] }
	day := func() time.Time {
		if random.IntN(2) == 0 {
			return time.Time{}
		}
		return on("1950-01-01").AddDate(0, 0, random.IntN(40_000))
	}
	span := func() (from, to time.Time) {
		if from, to = day(), day(); !from.IsZero() && !to.IsZero() && to.Before(from) {
			from, to = to, from
		}
		return from, to
	}
	text := func() string {
		var b strings.Builder
		for range 2 + random.IntN(8) {
			b.WriteString(pick("局", "区", `"`, ",", "；", "#", "ａ", "'", "。", "𠮷", "x", "1", "（", "/", "\\", "#"))
		}
		return b.String()
	}
	var agencies []Agency
	var obligations []Obligation
	for i := range random.IntN(12) {
		a := Agency{Code: fmt.Sprintf("a-%d", i), Kind: Kinds[random.IntN(len(Kinds))], Region: pick("370304", "320829", "350128-Fshiyan", "370304101", "370304101002", "990101", "100000"),
			Parent: pick("", "a-99", "370304-zf"), USCC: pick("", "11341702486344515H"), Page: pick("", "http://a.cn", `https://a.cn/"x",y?z=1#q`), Scope: form.Scope(pick("", "own", "aggregate"))}
		if random.IntN(4) == 0 {
			a.Code = fmt.Sprintf("x%012x", i)
			a.Region = pick(a.Region, "")
			a.Links = append(a.Links, Link{Same, "a-99", day()})
		}
		a.From, a.To = span()
		for range 1 + random.IntN(4) {
			n := Name{Text: text(), Kind: NameKinds[random.IntN(len(NameKinds))]}
			n.From, n.To = span()
			a.Names = append(a.Names, n)
		}
		for range random.IntN(3) {
			a.Links = append(a.Links, Link{LinkKinds[random.IntN(3)], "a-99", day()})
		}
		agencies = append(agencies, a)
		for year := range random.IntN(3) {
			o := Obligation{Agency: a.Code, Year: 2019 + year, Obliged: random.IntN(2) == 0, Reason: text()}
			if o.Obliged && random.IntN(2) == 0 {
				o.Due = date(2020+year, time.June, 1+random.IntN(30))
			}
			obligations = append(obligations, o)
		}
	}
	return New(agencies, obligations)
}

func TestWhatIsWrittenReadsBack(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 200 {
		r := anyRegister(random)
		var file bytes.Buffer
		if err := Write(&file, r); err != nil {
			t.Fatal(err)
		}
		s, problems := Parse(bytes.NewReader(file.Bytes()))
		if len(problems) > 0 {
			t.Fatalf("%v\n%s", problems, file.String())
		}
		back := New(s.Agencies, s.Obligations)
		if diff := cmp.Diff(r.Agencies(), back.Agencies()); diff != "" {
			t.Fatalf("agencies (-want +got):\n%s\n%s", diff, file.String())
		}
		if diff := cmp.Diff(r.Obligations(), back.Obligations()); diff != "" {
			t.Fatalf("obligations (-want +got):\n%s\n%s", diff, file.String())
		}
		for _, c := range Diff(r, s) {
			if c.Outcome != Unchanged {
				t.Fatalf("an export that is imported changes %s: %+v", c.Agency, c)
			}
		}
		var again bytes.Buffer
		if err := Write(&again, back); err != nil || !bytes.Equal(file.Bytes(), again.Bytes()) {
			t.Fatalf("written twice, the files differ (%v)", err)
		}
	}
}

// A file of any bytes is read without a crash, and what is taken of it can be written and read back.
func FuzzParse(f *testing.F) {
	f.Add([]byte(inCodes))
	f.Add([]byte(inChinese))
	f.Add([]byte("code,name\n\"a"))
	f.Fuzz(func(t *testing.T, content []byte) {
		s, _ := Parse(bytes.NewReader(content))
		r := New(s.Agencies, s.Obligations)
		r.Problems()
		var file bytes.Buffer
		if err := Write(&file, r); err != nil {
			t.Fatal(err)
		}
		back, problems := Parse(bytes.NewReader(file.Bytes()))
		if len(problems) > 0 || len(back.Agencies) != len(s.Agencies) || len(back.Obligations) != len(s.Obligations) {
			t.Fatalf("%v\n%s", problems, file.String())
		}
		for _, a := range s.Agencies {
			r.Match(a.Name(), a.Region, 2023)
		}
	})
}

// The manual explains every column and every word.
func TestTheManualExplainsTheFile(t *testing.T) {
	manual, err := os.ReadFile(filepath.Join("..", "..", "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range Columns {
		if !strings.Contains(string(manual), "| `"+c.Code+"` | "+c.Label+" |") {
			t.Errorf("docs/operations.md does not explain column %s (%s)", c.Code, c.Label)
		}
	}
	for _, k := range KindRules {
		if !strings.Contains(string(manual), "`"+string(k.Kind)+"` "+k.Name) {
			t.Errorf("docs/operations.md does not explain kind %s (%s)", k.Kind, k.Name)
		}
	}
}
