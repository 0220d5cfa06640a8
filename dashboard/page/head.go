package page

import (
	"context"
	"slices"
	"strconv"
	"time"

	"nianbao/dashboard/words"
	"nianbao/internal/form"
	"nianbao/internal/register"
	"nianbao/internal/warehouse"
	"nianbao/query/coverage"
)

// head is the frame of a page: what stands above and below its content.
type head struct {
	lang
	Title     string // of the document and the heading: a sentence with the finding
	Line      string // the statistical line under it
	Theme     string // auto, light, dark
	Themes    []link
	Languages []language
	Menu      []link
	More      []link // of the menu, behind a word
	Years     []link // the year switch; a year without data has no address
	Ribbon    []link // coverage of the year, figure by figure
	Past      string // the band of a page that shows a past state, "" if it shows the present
	Now       string // where the present state is
	Refused   string // why a decision was not carried out, "" if none was sent
	Form      string // where that form is
	Note      string // who decides, "" where the page has no forms
	Account   string // link to the account, "" where nobody signs in
	Access    string // that nobody signs in, and what that means
	Synthetic bool   // numbers of made-up reports are shown
	Source    string // the source line
	Downloads []link
	Permanent string // the address that shows the same figures for good
	Version   string // of the program
	Style     string // addresses of the files
	Print     string
	Script    string
	Charts    string // "" where the page has no picture, or the build left the library out
	Icon      string
}

// link is a text that leads somewhere.
type link struct {
	Text    string
	Href    string // "" where there is nothing
	Current bool
}

// language is the same page in a language, whose name stands in itself.
type language struct {
	link
	lang
}

// base is what all contents have.
type base struct{ Head *head }

func (b *base) head() *head { return b.Head }

// bareHead is the frame without anything from the warehouse.
func (s *site) bareHead(a *address, title string) *head {
	file := func(name string) string {
		f, ok := s.files[name]
		if !ok {
			return ""
		}
		return "/assets/" + name + "?v=" + f.Hash
	}
	h := &head{
		lang: a.lang, Title: title, Theme: a.theme, Version: s.version,
		Style: file("style.css"), Print: file(printSheet(words.Language(a.lang))), Script: file("page.js"), Icon: file("favicon.svg"),
	}
	menu := func(list []entry) (out []link) {
		for _, m := range list {
			if m.path == "/upload" && s.uploads == nil {
				continue
			}
			out = append(out, link{a.say(m.text), a.to(m.path).String(), a.path == m.path})
		}
		return out
	}
	h.Menu, h.More = menu(menuFirst), menu(menuMore)
	for _, theme := range []string{"auto", "light", "dark"} {
		href := a.with(func(b *address) { b.theme, b.format = theme, asHTML }).String()
		h.Themes = append(h.Themes, link{a.say("theme." + theme), href, a.theme == theme || a.theme == "" && theme == "auto"})
	}
	for _, l := range words.Languages {
		href := a.with(func(b *address) { b.lang, b.format = lang(l), asHTML }).String()
		h.Languages = append(h.Languages, language{link{l.Say("language"), href, a.lang == lang(l)}, lang(l)})
	}
	return h
}

// entry is an entry of the menu.
type entry struct{ path, text string }

// The menu: what stands in it, and what stands behind a word.
var (
	menuFirst = []entry{{"/", "menu.home"}, {"/compare", "menu.compare"}, {"/outcomes", "menu.outcomes"}, {"/disputes", "menu.disputes"}, {"/findings", "menu.findings"}, {"/register", "menu.register"}}
	menuMore  = []entry{{"/reasons", "menu.reasons"}, {"/funnel", "menu.funnel"}, {"/trends", "menu.trends"}, {"/changes/years", "menu.years.two"}, {"/matrix", "menu.matrix"}, {"/scatter", "menu.scatter"},
		{"/changes", "menu.changes"}, {"/measures", "menu.measures"}, {"/package", "menu.package"}, {"/journal", "menu.journal"}, {"/boards", "menu.boards"}, {"/help", "menu.help"}, {"/upload", "menu.upload"}}
)

// newHead is the frame of a page about a year. The addresses in the year switch come from toYear, which may be nil.
func (v *visit) newHead(ctx context.Context, year int, toYear func(year int) string) (*head, error) {
	h := v.site.bareHead(v.address, "")
	v.asOfBand(h)
	h.Source = v.say("source", v.say("source.reports"), v.moment(v.at))
	h.Permanent = v.with(func(b *address) { b.asOf, b.format, b.theme = v.permanent(), asHTML, "auto" }).String()
	if v.typed != nil {
		h.Refused, h.Form = v.typed.Message, "#"+v.typed.Form
	}
	switch {
	case v.who.Open:
		h.Access = v.say("access.open")
	case v.who.Name == "":
		h.Access = v.say("access.everybody")
	default: // without the name, so that a page without forms is the same for everybody who sees the same
		h.Account = v.say("account.title")
	}
	if v.mayDecide() && v.who.Open {
		h.Note = v.say("form.note")
	} else if v.mayDecide() {
		h.Note = v.say("form.note.account", v.who.Name)
	}
	for _, f := range []struct {
		format format
		text   string
	}{{asCSV, "CSV"}, {asXLSX, "Excel"}, {asJSON, "JSON"}} {
		h.Downloads = append(h.Downloads, link{Text: f.text, Href: v.in(f.format).String()})
	}
	years, err := v.site.yearsAt(ctx, v.at)
	if err != nil {
		return nil, err
	}
	if toYear != nil && len(years) > 0 {
		for y := years[0].Year; y <= years[len(years)-1].Year; y++ {
			l := link{Text: strconv.Itoa(y), Current: y == year}
			if slices.ContainsFunc(years, func(has warehouse.Year) bool { return has.Year == y }) {
				l.Href = toYear(y)
			}
			h.Years = append(h.Years, l)
		}
	}
	if year != 0 && !v.at.IsZero() {
		y, err := v.site.coverageOf(ctx, year, v.at)
		if err != nil {
			return nil, err
		}
		m, err := v.matrixOf(ctx, year)
		if err != nil {
			return nil, err
		}
		if h.Ribbon = v.ribbon(y); m.Entries > 0 {
			h.Ribbon = v.registerRibbon(m.Feet[0])
		}
		h.Synthetic = y.Synthetic() > 0
	}
	return h, nil
}

// permanent is a moment as of which the page is the same for good: the last commit, and on a later day that day, since
// reports become overdue without one.
func (v *visit) permanent() time.Time {
	if v.at.IsZero() || !v.asOf.IsZero() {
		return v.at
	}
	day := v.judged.In(china)
	midnight := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, china)
	if midnight.After(v.at) {
		return midnight.UTC()
	}
	return v.at
}

func (v *visit) asOfBand(h *head) {
	if v.asOf.IsZero() || !v.at.Before(v.newest) {
		return
	}
	h.Past = v.say("past", v.moment(v.asOf))
	h.Now = v.with(func(b *address) { b.asOf, b.format = time.Time{}, asHTML }).String()
}

// ribbon is the coverage of the year in one line. Each figure leads to the list behind it.
func (v *visit) ribbon(y coverage.Year) []link {
	home := func(anchor string) string {
		return v.to("/").with(func(b *address) { b.year = y.Year }).String() + anchor
	}
	out := []link{
		{Text: v.say("ribbon.known", y.Year, y.Known()), Href: home("#agencies")},
		{Text: v.say("ribbon.received", len(y.Reports), y.Zero()), Href: home("#agencies")},
		{Text: v.say("ribbon.missing", len(y.Missing)), Href: home("#missing")},
	}
	if n := y.Failing(); n > 0 {
		out = append(out, link{Text: v.say("ribbon.failing", n), Href: home("#failing")})
	}
	if n := len(y.Aggregates); n > 0 {
		out = append(out, link{Text: v.say("ribbon.aggregates", n), Href: home("#aggregates")})
	}
	return append(out, link{Text: v.say("ribbon.at", v.moment(v.at))})
}

// registerRibbon is the same where there is a register: who had to file, and did not.
func (v *visit) registerRibbon(f coverage.Foot) []link {
	to := func(states ...coverage.State) string {
		return v.to("/register").with(func(b *address) { b.year, b.states = f.Year, states }).String()
	}
	home := v.to("/").with(func(b *address) { b.year = f.Year }).String()
	out := []link{
		{Text: v.say("ribbon.obliged", f.Year, f.Obliged), Href: to(register.OnTime, register.Late, register.DateUnknown, register.NotFiled, register.NotDue)},
		{Text: v.say("ribbon.filed", f.Filed, f.Zero), Href: to(register.OnTime, register.Late, register.DateUnknown)},
		{Text: v.say("ribbon.notfiled", f.NotFiled), Href: to(register.NotFiled)},
		{Text: v.say("ribbon.notdue", f.NotDue), Href: to(register.NotDue)},
	}
	if n := f.Voluntary + f.Received; n > 0 {
		out = append(out, link{Text: v.say("ribbon.besides", n), Href: home + "#agencies"})
	}
	out = append(out, link{Text: v.say("ribbon.critical", f.Critical), Href: v.criticalOf(f.Year)})
	return append(out, link{Text: v.say("ribbon.at", v.moment(v.at))})
}

// criticalOf is the list of the findings of a year that forbid comparison.
func (v *visit) criticalOf(year int) string {
	return v.to("/findings").with(func(b *address) {
		b.year, b.severities, b.outcomes = year, []form.Severity{form.Critical}, []form.Outcome{form.Fail}
	}).String()
}

// yearAsked is the year of the address or, where it names none, the newest that most agencies have reported on: the
// newest with at least half as many reports as the fullest. Else the first report of a new year would empty the pages
// of all others. It is 0 while there are none.
func (v *visit) yearAsked(ctx context.Context) (int, error) {
	if v.year != 0 {
		return v.year, nil
	}
	years, err := v.site.yearsAt(ctx, v.at)
	if err != nil {
		return 0, err
	}
	most, year := 0, 0
	for _, y := range years {
		most = max(most, y.Filings)
	}
	for _, y := range years {
		if 2*y.Filings >= most {
			year = y.Year
		}
	}
	return year, nil
}
