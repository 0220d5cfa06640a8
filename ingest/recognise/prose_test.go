package recognise_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"nianbao/ingest/document"
	"nianbao/ingest/document/open"
	"nianbao/ingest/recognise"
	"nianbao/internal/demo"
	"nianbao/internal/form"
)

// stated is the part of a truth file that claims are compared with.
type stated struct {
	Files    []string
	Section3 map[string][]*json.Number
	Claims   []struct {
		Code     string
		Claim    string
		Value    json.Number
		Approx   bool
		AbsentIn []string `json:"absent_in"`
	} `json:"prose_claims"`
}

// claimsOfTruths compares the claims of every document with those of its truth file. A claim of another value than the
// truth's is wrong, and so is one of a concept of which the truth has none.
func claimsOfTruths(t *testing.T, reports, truths string, least float64) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(truths, "*.json"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no truth files in %s", truths)
	}
	var all []stated
	holds := map[string]int{}
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		var s stated
		if err := json.Unmarshal(b, &s); err != nil {
			t.Fatalf("%s: %v", p, err)
		}
		all = append(all, s)
		for _, f := range s.Files {
			holds[f]++
		}
	}
	right, want, wrong := 0, 0, 0
	for _, s := range all {
		for _, name := range s.Files {
			if holds[name] > 1 {
				continue // two reports in one document
			}
			if strings.Contains(name, "scanned") {
				continue // needs a program that reads pictures
			}
			doc, err := open.File(t.Context(), filepath.Join(reports, name), document.DefaultLimits)
			if err != nil {
				continue
			}
			f := recognise.Recognise(doc, name)
			for _, c := range f.Claims {
				if c.Unit == "%" {
					continue
				}
				ok, known := tabled(c, s, f), false
				for _, x := range s.Claims {
					if x.Code == c.Concept {
						known = true
						ok = ok || decimal.RequireFromString(x.Value.String()).Equal(c.Value) && x.Approx == c.Approx
					}
				}
				if !ok {
					wrong++
					t.Errorf("%s: WRONG: %s = %s (approx %t, in the truth: %t) from %q", name, c.Concept, c.Value, c.Approx, known, c.Sentence)
				}
			}
			for _, x := range s.Claims {
				if x.Code == "misc" || slices.Contains(x.AbsentIn, name) {
					continue
				}
				want++
				if slices.ContainsFunc(f.Claims, func(c form.Claim) bool { return c.Concept == x.Code && c.Unit != "%" }) {
					right++
				} else if testing.Verbose() {
					t.Logf("%s: missing %s = %s (%s)", name, x.Code, x.Value, x.Claim)
				}
			}
		}
	}
	t.Logf("%d of %d stated numbers found, %d wrong", right, want, wrong)
	if float64(right) < least*float64(want) {
		t.Errorf("%d of %d stated numbers found, want at least %.0f %%", right, want, 100*least)
	}
}

// tabled reports whether a claim that the truth does not list agrees with the table: a truth lists the zeros of the words
// only in part.
func tabled(c form.Claim, s stated, f form.Filing) bool {
	concept, _ := form.LookupConcept(c.Concept)
	for _, sum := range concept.Against {
		total, ok := decimal.Zero, len(sum) > 0
		for _, k := range form.InForm(sum, f.Forms[sum[0].Table]) {
			values := s.Section3[k.Row]
			if len(values) < 7 || k.Column != "total" {
				ok = false
				continue
			}
			if values[6] == nil {
				continue // a blank cell beside words that say 0
			}
			total = total.Add(decimal.RequireFromString(values[6].String()))
		}
		if ok && total.Equal(c.Value) {
			return true
		}
	}
	return false
}

// TestClaims: what single sentences state, and what they do not.
func TestClaims(t *testing.T) {
	for _, tc := range []struct{ name, text, want string }{
		{"plain", "2023年，我局共收到政府信息公开申请1,204件，上年结转3件，办结1200件，结转下年度7件。", "applications=1204 carry_in=3 answered=1200 carry_out=7"},
		{"figure first", "全年收到12件政府信息公开申请，均按时答复。", "applications=12"},
		{"full width, spaces, line end", "全年共收到政府信息公开申请 １２ 件。", "applications=12"},
		{"none", "2023年度，我镇未收到政府信息公开申请，没有收取信息处理费。", "applications=0 fee=0"},
		{"none, short", "本年度无依申请公开事项。", "applications=0"},
		{"other years", "2022年收到政府信息公开申请15件。", ""},
		{"other year in the same sentence", "2022年收到政府信息公开申请15件，2023年收到政府信息公开申请20件。", "applications=20"},
		{"last year", "上年度收到政府信息公开申请15件。", ""},
		{"comparison", "新收政府信息公开申请20件，较上年增加政府信息公开申请5件。", "applications=20"},
		{"comparison before", "较上年多收到政府信息公开申请5件。", ""},
		{"since", "条例施行以来，共收到政府信息公开申请305件。", ""},
		{"channels", "网络收到政府信息公开申请5件，信函收到申请2件。", ""},
		{"members", "各街道收到政府信息公开申请9件。", ""},
		{"office and area", "全区收到政府信息公开申请95件，其中区政府办公室收到政府信息公开申请17件。", "applications=95"},
		{"office only", "区政府办公室收到政府信息公开申请17件。", ""},
		{"other work", "全年收到行政许可申请310件，办结建议提案12件，受理群众来信申请3件。", ""},
		{"two that differ", "全年收到政府信息公开申请20件。综上，共收到政府信息公开申请21件。", ""},
		{"outcomes", "收到政府信息公开申请40件。其中予以公开12件，部分公开3件，不予公开5件，无法提供10件，不予处理6件，其他处理4件。",
			"applications=40 granted=12 partial=3 refused=5 unavailable=10 not_processed=6 other_handling=4"},
		{"not granted is refused", "收到申请公开政府信息2件，不同意公开2件。", "applications=2 refused=2"},
		{"shares", "依申请公开办结40件，其中予以公开12件（30.00%），不予公开5件（12.50%）。", "answered=40 granted=12 granted=30% refused=5 refused=12.5%"},
		{"shares in words", "办结依申请公开81件，其中：予以公开及部分公开42件，占51.85%；不予公开5件，占6.17%。", "answered=81 granted_or_partial=42 granted_or_partial=51.85% refused=5 refused=6.17%"},
		{"shares of applications", "收到政府信息公开申请40件，其中予以公开12件（30.00%）。", "applications=40 granted=12"},
		{"several channels", "全区接收通过邮寄、网络提交的各类政府信息公开申请共计81件。", "applications=81"},
		{"the hotline's answers", "信息公开申请渠道畅通。热线共收到咨询投诉300件，已办结295件。", ""},
		{"reviews of other work beside disclosure", "政府信息公开工作有序开展。认真履行职责。全年办理行政复议案件210件。", ""},
		{"applicants", "全区收到政府信息公开申请75件，涉及自然人72件、商业企业3件。", "applications=75 applications_natural=72 applications_commercial=3"},
		{"late answers are no answers", "政府信息公开申请超期答复2件。", ""},
		{"disputes", "因政府信息公开引起的行政复议3件、行政诉讼2件。", "review=3 litigation=2"},
		{"no disputes", "未发生因政府信息公开引起的行政复议和行政诉讼。", "review=0 litigation=0"},
		{"none, one", "政府信息公开方面无行政复议、行政诉讼1件。", "review=0 litigation=1"},
		{"nothing corrected", "全年未发生因政府信息公开被行政复议纠错或行政诉讼败诉情形。", ""},
		{"both in one", "政府信息公开行政复议、行政诉讼案件5件。", "review_and_litigation=5"},
		{"reviews of other work", "全年办理行政复议案件210件。", ""},
		{"no review of an application", "未收到有关政府信息公开行政复议申请。", "review=0"},
		{"rounded", "全年主动公开政府信息约1.8万余条。", "disclosed=18000~"},
		{"rounded, more", "主动公开政府信息7700余条。", "disclosed=7700~"},
		{"part of the disclosed", "主动公开政府信息300条，其中通过微信公众号主动公开政府信息50条。", "disclosed=300"},
		{"disclosed elsewhere", "微信公众号发布政务信息50条。", ""},
		{"fee", "依法收取信息处理费2,950元。", "fee=2950"},
		{"fee in 万元", "信息处理费0.295万元。", "fee=2950"},
		{"other fees", "无行政事业性收费。", ""},
		{"documents", "本年制发行政规范性文件5件，废止行政规范性文件2件，现行有效行政规范性文件18件。", "normative_made=5 normative_repealed=2 normative_valid=18"},
		{"documents in force", "制发行政规范性文件5件，现行有效18件。", "normative_made=5 normative_valid=18"},
		{"dates and numbers", "根据国办公开办函〔2021〕30号，政府信息公开申请电话0533-4180826，2023年1月17日答复。", ""},
		{"a plan", "下一步计划主动公开政府信息500条。", ""},
		{"no reason", "无正当理由大量反复申请0件。", ""},
		{"carried over, none", "无上年结转申请，无结转下年度的申请。", "carry_in=0 carry_out=0"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			doc := &document.Document{Blocks: []document.Block{
				{Text: "某区民政局2023年政府信息公开工作年度报告"}, {Text: "一、总体情况"}, {Text: tc.text},
			}}
			var got []string
			for _, c := range recognise.Recognise(doc, "").Claims {
				s := c.Concept + "=" + c.Value.String()
				if c.Unit == "%" {
					s += "%"
				}
				if c.Approx {
					s += "~"
				}
				got = append(got, s)
			}
			if s := strings.Join(got, " "); s != tc.want {
				t.Errorf("%s\n got %s\nwant %s", tc.text, s, tc.want)
			}
		})
	}
}

// TestClaimsCorpus reads the documents of NIANBAO_CORPUS.
func TestClaimsCorpus(t *testing.T) {
	folder := os.Getenv("NIANBAO_CORPUS")
	if folder == "" {
		t.Skip("NIANBAO_CORPUS is not set: no published documents to read")
	}
	claimsOfTruths(t, filepath.Join(folder, "reports"), filepath.Join(folder, "truth"), 0.85)
}

func TestClaimsSamples(t *testing.T) {
	claimsOfTruths(t, "../../samples", "../../samples/truth", 0.85)
}

func TestClaimsDemo(t *testing.T) {
	folder := t.TempDir()
	if _, err := demo.Write(folder, demo.Options{Agencies: 12, LastYear: 2022, Seed: 3}); err != nil {
		t.Fatal(err)
	}
	claimsOfTruths(t, folder, filepath.Join(folder, "truth"), 0.98)
}
