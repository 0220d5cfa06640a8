package recognise

import (
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"nianbao/ingest/document"
	"nianbao/internal/form"
	"nianbao/internal/sieve"
)

// Agency and year are settled by weighing witnesses. Whatever speaks against the reading is kept as a problem that
// quotes both sides; where the witnesses balance, or there are none, nothing is settled and the candidates are named.

// opinion is one reading with its witnesses and their weight.
type opinion struct {
	value     string
	weight    int
	witnesses []Witness
}

// opinions groups witnesses by what they say, the heaviest first. The same kind of witness counts once.
func opinions(found []Witness) []opinion {
	at := map[string]int{}
	var out []opinion
	for _, w := range found {
		i, ok := at[w.Value]
		if !ok {
			i = len(out)
			at[w.Value] = i
			out = append(out, opinion{value: w.Value})
		}
		if !slices.ContainsFunc(out[i].witnesses, func(o Witness) bool { return o.From == w.From }) {
			out[i].weight += w.Weight
		}
		out[i].witnesses = append(out[i].witnesses, w)
	}
	sort.SliceStable(out, func(i, j int) bool {
		if out[i].weight != out[j].weight {
			return out[i].weight > out[j].weight
		}
		return out[i].value < out[j].value
	})
	return out
}

// quote names a reading with the words of its weightiest witnesses.
func (o opinion) quote() string {
	ws := slices.Clone(o.witnesses)
	sort.SliceStable(ws, func(i, j int) bool { return ws[i].Weight > ws[j].Weight })
	var parts []string
	for _, w := range ws {
		if len(parts) < 2 && !slices.ContainsFunc(parts, func(p string) bool { return strings.HasPrefix(p, w.From) }) {
			parts = append(parts, fmt.Sprintf("%s “%s”", w.From, shorten(w.Text, 40)))
		}
	}
	return fmt.Sprintf("%s (%s)", o.value, strings.Join(parts, ", "))
}

func candidates(list []opinion) string {
	var parts []string
	for _, o := range list[:min(len(list), 3)] {
		parts = append(parts, o.quote())
	}
	return strings.Join(parts, "; ")
}

const (
	enough  = 2 // weight from which a year is believed
	notable = 3 // weight from which another year is a conflict
)

func settleYear(f *form.Filing, found []Witness) {
	list := opinions(found)
	switch {
	case len(list) == 0:
		f.Problems = append(f.Problems, form.Problem{Code: "year_unknown", Message: "the document does not tell which year it reports on"})
		return
	case list[0].weight < enough:
		f.Problems = append(f.Problems, form.Problem{Code: "year_unknown", Message: "the document does not tell for sure which year it reports on; candidates: " + candidates(list)})
		return
	case len(list) > 1 && list[1].weight == list[0].weight:
		f.Problems = append(f.Problems, form.Problem{Code: "year_unknown", Message: "the document speaks for two years alike: " + candidates(list[:2])})
		return
	}
	for _, o := range list[1:] {
		if o.weight >= notable {
			f.Problems = append(f.Problems, form.Problem{Code: "year_conflict", At: o.witnesses[0].At,
				Message: "read as the report for " + list[0].quote() + ", but parts of the document speak for " + o.quote()})
		}
	}
	f.Year, _ = strconv.Atoi(list[0].value)
	for _, w := range list[0].witnesses {
		f.YearEvidence = append(f.YearEvidence, w.Evidence)
	}
}

// settleAgency takes the name with the greatest weight. A short name supports the long one that ends with it
// (教育局 and 前进区教育局); of two equally supported ones the longer says more. Two that have nothing in common and weigh
// the same settle nothing. self is how the text speaks of the body, 局 for 我局.
func settleAgency(f *form.Filing, found []Witness, self selfName) {
	list := opinions(found)
	for i := range list {
		if self.count > 0 && list[i].weight > 1 && self.names(list[i].value) {
			w := Witness{list[i].value, form.Evidence{From: "words of the text", Text: self.word, Weight: 1, At: self.at}}
			list[i].weight += w.Weight
			list[i].witnesses = append(list[i].witnesses, w)
		}
	}
	sure := slices.ContainsFunc(list, func(o opinion) bool { return o.weight > 1 })
	if len(list) == 0 {
		f.Problems = append(f.Problems, form.Problem{Code: "agency_unknown", Message: "the document does not name the body that made it"})
		return
	}
	if !sure && (len(list) > 1 || len(list[0].witnesses) < 2) { // subjects of sentences: believed if several say the same and none another
		f.Problems = append(f.Problems, form.Problem{Code: "agency_unknown", Message: "the document does not name the body that made it for sure; candidates: " + candidates(list)})
		return
	}
	support := make(map[string]int, len(list))
	for _, o := range list {
		support[o.value] = o.weight
		for _, other := range list {
			if other.value != o.value && strings.HasSuffix(o.value, other.value) && o.weight > 1 {
				support[o.value] += other.weight
			}
		}
	}
	sort.SliceStable(list, func(i, j int) bool {
		a, b := list[i], list[j]
		if support[a.value] != support[b.value] {
			return support[a.value] > support[b.value]
		}
		if len(a.value) != len(b.value) {
			return len(a.value) > len(b.value)
		}
		return a.value < b.value
	})
	best := 0
	if i := typed(list); i > 0 {
		f.Problems = append(f.Problems, form.Problem{Code: "agency_lookalike", At: list[0].witnesses[0].At,
			Message: "the text names " + list[0].quote() + "; taken for a misread " + list[i].quote()})
		best = i
	} else if len(list) > 1 && support[list[0].value] == support[list[1].value] && !related(list[0].value, list[1].value) {
		f.Problems = append(f.Problems, form.Problem{Code: "agency_unknown", Message: "the document names two bodies alike: " + candidates(list[:2])})
		return
	}
	name := list[best].value
	f.Agency.Name = name
	for _, w := range found {
		if strings.HasSuffix(name, w.Value) {
			f.Agency.Evidence = append(f.Agency.Evidence, w.Evidence)
		}
	}
	for _, w := range list[best].witnesses {
		if w.From == "words of the text" {
			f.Agency.Evidence = append(f.Agency.Evidence, w.Evidence)
		}
	}
	for i, o := range list {
		heaviest := 0
		for _, w := range o.witnesses {
			heaviest = max(heaviest, w.Weight)
		}
		if i != best && heaviest >= 4 && !strings.HasSuffix(name, o.value) && !lookalike(name, o.value) {
			f.Problems = append(f.Problems, form.Problem{Code: "agency_conflict", At: o.witnesses[0].At,
				Message: "read as the report of " + list[best].quote() + ", but " + o.witnesses[0].From + " names " + o.quote()})
		}
	}
	if self.count >= 3 && self.against(name) {
		f.Problems = append(f.Problems, form.Problem{Code: "agency_conflict", At: self.at,
			Message: fmt.Sprintf("read as the report of %s, but the text speaks of itself as %s (%d times)", list[best].quote(), self.word, self.count)})
	}
}

// related reports whether two names may be one body's: one holds the other, or they are readings of the same print.
func related(a, b string) bool {
	return strings.Contains(a, b) || strings.Contains(b, a) || lookalike(a, b)
}

// lookalike reports whether two names differ in one character only: the one is a misreading of the other. Recognition of
// pictures takes 沭 for 沐; nobody who types a file name or sets a page's title does.
func lookalike(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if len(x) != len(y) || len(x) < 4 {
		return false
	}
	differ := 0
	for i := range x {
		if x[i] != y[i] {
			if strings.ContainsRune("省市县区州旗盟乡镇局委办厅院处所站东西南北上下一二三四五六七八九十", x[i]) || strings.ContainsRune("省市县区州旗盟乡镇局委办厅院处所站东西南北上下一二三四五六七八九十", y[i]) {
				return false // another body, not another print
			}
			differ++
		}
	}
	return differ == 1
}

// typed finds the reading of the best name that somebody typed: of the file's name or the page's own properties. 0 if
// there is none, or if the best is typed itself.
func typed(list []opinion) int {
	byHand := func(o opinion) bool {
		return slices.ContainsFunc(o.witnesses, func(w Witness) bool {
			return w.From == "file name" || w.From == "page property" || w.From == "page title"
		})
	}
	if byHand(list[0]) {
		return 0
	}
	for i := 1; i < len(list); i++ {
		if lookalike(list[0].value, list[i].value) && byHand(list[i]) {
			return i
		}
	}
	return 0
}

// selfName is how the text speaks of the body: 我局, 本街道.
type selfName struct {
	word  string // 我局
	kind  string // 局
	count int
	at    form.Position
}

var (
	selfWords = sieve.MustCompile(`[我本](局|镇|乡|街道|委|厅|院|海关|管委会)`)
	// selfKinds are the endings of names that the words may stand for.
	selfKinds = map[string]*regexp.Regexp{
		"局": regexp.MustCompile(`局$`), "镇": regexp.MustCompile(`镇(?:人民政府|政府)?$`), "乡": regexp.MustCompile(`乡(?:人民政府|政府)?$`),
		"街道": regexp.MustCompile(`街道(?:办|办事处)?$`), "委": regexp.MustCompile(`委$|委员会$`), "厅": regexp.MustCompile(`厅$`),
		"院": regexp.MustCompile(`院$`), "海关": regexp.MustCompile(`海关$`), "管委会": regexp.MustCompile(`管委会$|管理委员会$`),
	}
)

// selfNamed finds the word by which the text mostly speaks of its body.
func selfNamed(texts []textLine) selfName {
	counts := map[string]*selfName{}
	for _, t := range texts {
		for _, m := range selfWords.FindAllStringSubmatchIndex(t.text) {
			word, kind := t.text[m[0]:m[1]], t.text[m[2]:m[3]]
			if counts[kind] == nil {
				counts[kind] = &selfName{word: word, kind: kind, at: t.at}
			}
			counts[kind].count++
		}
	}
	var best selfName
	for _, s := range counts {
		if s.count > best.count || s.count == best.count && s.kind < best.kind {
			best = *s
		}
	}
	return best
}

// names reports whether the word can stand for the name.
func (s selfName) names(name string) bool { return selfKinds[s.kind].MatchString(name) }

// against reports whether the word cannot stand for the name, which is of one of the other kinds.
func (s selfName) against(name string) bool {
	if s.names(name) || s.kind == "院" || s.kind == "厅" {
		return false
	}
	for kind, ends := range selfKinds {
		if kind != s.kind && kind != "委" && ends.MatchString(name) {
			return true
		}
	}
	return false
}

var (
	addressLine = regexp.MustCompile(`(?:链接|网址|来源|地址|URL|url)[:：]\s*(https?://\S+)`)
	// addressDate is the date that portals put into the address of a page: /202401/t20240131_80629.htm.
	addressDate = regexp.MustCompile(`[/_t](20[0-4]\d)(?:[/\-]?)(0[1-9]|1[0-2])(?:[/\-]?([0-3]\d))?(?:[/_.\-]|\d*[/_.])`)
)

// addresses finds where the page was published: its own properties, the header of a saved page, a line at its head.
func addresses(doc *document.Document, texts []textLine) []textLine {
	var out []textLine
	for _, key := range []string{"location", "og:url", "url", "canonical"} {
		if u := doc.Meta[key]; strings.HasPrefix(u, "http") {
			out = append(out, textLine{text: u})
		}
	}
	for i, t := range texts {
		if i >= head {
			break
		}
		if m := find(addressLine, "://", t.text); m != nil {
			out = append(out, textLine{m[1], t.at})
		}
	}
	return out
}

// publishedIn reads year and month of publication from the address of a page.
func publishedIn(address string) (year, month int, ok bool) {
	m := addressDate.FindStringSubmatch(address)
	if m == nil {
		return 0, 0, false
	}
	year, _ = strconv.Atoi(m[1])
	month, _ = strconv.Atoi(m[2])
	return year, month, true
}

// datesAgainstYear notes dates that lie before the end of the year reported on. They settle nothing: signatures are often
// copied from last year's report.
func datesAgainstYear(f *form.Filing, urls []textLine) {
	if f.Year == 0 {
		return
	}
	told := ""
	for _, e := range f.YearEvidence[:min(1, len(f.YearEvidence))] {
		told = fmt.Sprintf(" (%s “%s”)", e.From, shorten(e.Text, 40))
	}
	early := func(what, date string, at form.Position) {
		f.Problems = append(f.Problems, form.Problem{Code: "date_conflict", At: at,
			Message: fmt.Sprintf("read as the report for %d%s, but %s %s, before that year had ended", f.Year, told, what, date)})
	}
	end := fmt.Sprintf("%d-12-31", f.Year)
	if f.Signed != "" && f.Signed < end {
		early("it is signed on", f.Signed, form.Position{})
	}
	if f.Published != "" && f.Published < end {
		early("it was published on", f.Published, form.Position{})
	}
	for _, u := range urls {
		if y, m, ok := publishedIn(u.text); ok && y <= f.Year && utf8.RuneCountInString(u.text) < 500 {
			early("its address "+shorten(u.text, 80)+" is of", fmt.Sprintf("%d-%02d", y, m), u.at)
		}
	}
}
