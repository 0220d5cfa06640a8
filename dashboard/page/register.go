package page

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"nianbao/internal/register"
	"nianbao/query/api"
	"nianbao/query/coverage"
)

var registerPage = kind{template: "register.html", parameters: []string{"year", "kind", "state"}, build: buildRegister, acts: map[string]act{
	"assign": func(ctx context.Context, v *visit, d *api.Decisions, in *typed) error {
		year, err := v.yearTyped(in.get("year"))
		if err != nil {
			return err
		}
		_, err = d.Assign(ctx, in.get("person"), in.get("file"), in.get("agency"), year)
		return err
	},
	"dismiss": func(ctx context.Context, _ *visit, d *api.Decisions, in *typed) error {
		return d.Dismiss(ctx, in.get("person"), in.get("file"), in.get("reason"))
	},
	"link": func(ctx context.Context, v *visit, d *api.Decisions, in *typed) error {
		code, err := v.agencyTyped(ctx, in.get("agency"))
		if err != nil {
			return err
		}
		return d.Link(ctx, in.get("person"), in.get("entry"), code, in.get("reason"))
	},
}}

// agencyTyped is the code of an agency of the register of which the code or the full name was typed.
func (v *visit) agencyTyped(ctx context.Context, text string) (string, error) {
	reg, err := v.site.registerAt(ctx, v.at)
	if err != nil {
		return "", err
	}
	if _, ok := reg.Agency(text); ok && !register.Provisional(text) {
		return text, nil
	}
	var found []string
	for _, a := range reg.Agencies() {
		if !register.Provisional(a.Code) && a.Name() == text {
			found = append(found, a.Code)
		}
	}
	if len(found) != 1 {
		return "", refusal(v.say("refused.agency"))
	}
	return found[0], nil
}

// registerContent is who had to file, who did, what waits for a decision, and what changed in the register.
type registerContent struct {
	base
	Registered  bool // there is a register
	Filters     filters
	Years       []link
	Blocks      []registerBlock
	Feet        []registerFoot
	Legend      []filedState
	Waiting     []waitingFile
	Names       []unknownName
	Matters     int     // all that wait
	More        string  // that some of them are not shown
	Agencies    []offer // of the register, for the forms
	Changes     []registerChange
	ChangesMore int // not shown here
	Rules       []dueRule
	Exceptions  []exception
	matrix      coverage.Matrix
	changes     []coverage.RegisterChange
	undecided   coverage.Undecided
}

type registerBlock struct {
	Label string
	Lines []registerLine
}

type registerLine struct {
	Agency, Name, Href, Kind string
	Page                     string // of the agency, "" not known
	Cells                    []filedState
}

// filedState is how a report stands: a mark and a word.
type filedState struct {
	State      coverage.State
	Mark, Word string
	Href       string // of the report
	Note       string
	Critical   bool
	Synthetic  bool
}

// registerFoot is a line under the matrix, a figure for each year.
type registerFoot struct {
	Label   string
	Figures []link
}

type waitingFile struct {
	File, Document, Name, Title, Received, By string
	Year                                      int
	Why                                       []string
	Candidates                                []candidate
	Assign, Dismiss                           *decisionForm
}

type candidate struct{ Name, Code, Href, Why string }

type unknownName struct {
	Agency, Name, Href, Kind string
	Years                    []link
	Candidates               []candidate
	Link                     *decisionForm
}

// registerChange is what one batch changed: several entries added at once are one line.
type registerChange struct {
	At, Person, Reason string
	Agency, Name, Href string // of a single one
	What               string
	Fields             []string
	Added              []link // more than one
}

type dueRule struct{ Kinds, Name, Day, Source string }

type exception struct {
	Name, Href, What, Reason string
	Year                     int
}

// years are those with a report, ascending.
func (v *visit) years(ctx context.Context) ([]int, error) {
	held, err := v.site.yearsAt(ctx, v.at)
	if err != nil {
		return nil, err
	}
	years := make([]int, len(held))
	for i, y := range held {
		years[i] = y.Year
	}
	return years, nil
}

func buildRegister(ctx context.Context, v *visit) (content, error) {
	years, err := v.years(ctx)
	if err != nil {
		return nil, err
	}
	r := coverage.Request{Kinds: v.kinds, States: v.states, AsOf: v.at, Now: v.judged}
	switch {
	case v.address.year != 0:
		r.Years = []int{v.address.year}
	case len(years) == 0: // the first reports are awaited
		r.Years = []int{v.judged.In(china).Year() - 1}
	default:
		for y := years[0]; y <= years[len(years)-1]; y++ {
			r.Years = append(r.Years, y)
		}
	}
	p := &registerContent{}
	if p.matrix, err = coverage.MatrixOf(ctx, v.site.store, r); err != nil {
		return nil, err
	}
	if p.changes, err = coverage.RegisterChanges(ctx, v.site.store, time.Time{}, v.at); err != nil {
		return nil, err
	}
	slices.Reverse(p.changes) // the newest first
	if p.undecided, err = coverage.UndecidedOf(ctx, v.site.store, v.at); err != nil {
		return nil, err
	}
	if v.format != asHTML {
		return p, nil
	}
	if p.Head, err = v.newHead(ctx, v.address.year, func(y int) string {
		return v.with(func(b *address) { b.year = y }).String()
	}); err != nil {
		return nil, err
	}
	p.Registered = p.matrix.Entries > 0
	p.title(v)
	p.Filters = v.filtersOf(v.yearChoice(r.Years, v.address.year), v.kindChoice(v.kinds),
		choice(v.lang, "state", v.say("filter.state"), v.say("filter.all"), v.states, coverage.States, v.filedWord))
	if v.address.year != 0 {
		p.Filters.Fields[0] = v.yearChoice(years, v.address.year)
	}
	p.lines(v)
	p.foot(v)
	reg, err := v.site.registerAt(ctx, v.at)
	if err != nil {
		return nil, err
	}
	p.waiting(v, reg)
	p.rules(v, reg)
	p.history(v)
	return p, nil
}

func (p *registerContent) title(v *visit) {
	m := p.matrix
	switch last := m.Feet[len(m.Feet)-1]; {
	case m.Entries == 0:
		p.Head.Title, p.Head.Line = v.say("register.none"), v.say("register.none.line")
	case last.NotFiled == 0 && last.NotDue > 0:
		p.Head.Title = v.say("register.title.awaited", last.Year, last.Obliged, last.Filed, last.NotDue)
	case last.NotFiled == 0:
		p.Head.Title = v.say("register.title.all", last.Year, last.Obliged)
	default:
		p.Head.Title = v.say("register.title", last.Year, last.Obliged, last.Filed, last.NotFiled)
	}
	if m.Entries > 0 {
		p.Head.Line = v.say("register.line", m.Entries, v.day())
		for _, f := range m.Feet[:len(m.Feet)-1] {
			if f.NotFiled > 0 {
				p.Head.Line += v.say("register.line.also", f.Year, f.NotFiled)
			}
		}
	}
}

func (in lang) filedWord(s coverage.State) string { return in.say("filed." + string(s)) }
func (in lang) filedMark(s coverage.State) string { return in.say("filed." + string(s) + ".mark") }

func filedOf(v *visit, agency string, c coverage.Cell) filedState {
	s := filedState{State: c.State, Mark: v.filedMark(c.State), Word: v.filedWord(c.State), Note: c.Why, Critical: c.Critical, Synthetic: c.Synthetic}
	switch c.State {
	case register.Late:
		s.Word = v.say("filed.late.days", c.Days)
	case register.NotFiled:
		s.Word = v.say("filed.not_filed.days", c.Days)
	case register.NotDue:
		s.Word = v.say("filed.not_due.day", c.Due.Format(v.say("layout.day")))
	}
	note := func(text string) {
		if s.Note != "" {
			s.Note += v.say("clause")
		}
		s.Note += text
	}
	if c.Filing != "" {
		s.Href = v.link("/report/" + agency + "/" + strconv.Itoa(c.Year))
		if c.State == register.NotObliged {
			s.Word = v.say("filed.voluntary")
		}
		if !c.Published.IsZero() {
			note(v.say("filed.published", day(c.Published)))
		}
	}
	if !c.Due.IsZero() {
		note(v.say("filed.due", day(c.Due)))
	}
	if c.Zero {
		note(v.say("home.zero"))
	}
	return s
}

func (p *registerContent) lines(v *visit) {
	m := p.matrix
	for i, y := range m.Years {
		p.Years = append(p.Years, link{Text: strconv.Itoa(y), Href: v.with(func(b *address) { b.year = y }).String(), Current: m.Feet[i].Year == v.address.year})
	}
	blocks := []registerBlock{{Label: v.say("register.block.known")}, {Label: v.say("register.block.others")}}
	for _, l := range m.Lines {
		line := registerLine{Agency: l.Agency, Name: l.Name, Kind: v.kindName(l.Kind), Page: webAddress(l.Page)}
		for _, c := range l.Cells {
			line.Cells = append(line.Cells, filedOf(v, l.Agency, c))
			if c.Filing != "" {
				line.Href = v.link("/agency/" + l.Agency)
			}
			p.Head.Synthetic = p.Head.Synthetic || c.Synthetic
		}
		at := &blocks[0]
		if !l.Registered {
			at = &blocks[1]
		}
		at.Lines = append(at.Lines, line)
	}
	for _, b := range blocks {
		if len(b.Lines) > 0 {
			p.Blocks = append(p.Blocks, b)
		}
	}
	for _, s := range coverage.States {
		p.Legend = append(p.Legend, filedState{State: s, Mark: v.filedMark(s), Word: v.say("filed." + string(s) + ".note")})
	}
}

// webAddress is an address that a page may lead to, "" for any other text.
func webAddress(s string) string {
	if strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://") {
		return s
	}
	return ""
}

// foot counts the states of each year over all agencies, whatever the state that the list is narrowed to.
func (p *registerContent) foot(v *visit) {
	to := func(year int, states ...coverage.State) string {
		return v.with(func(b *address) { b.year, b.states = year, states }).String()
	}
	add := func(label string, always bool, of func(coverage.Foot) link) {
		line, any := registerFoot{Label: label}, always
		for _, f := range p.matrix.Feet {
			one := of(f)
			any = any || one.Text != "0"
			line.Figures = append(line.Figures, one)
		}
		if any {
			p.Feet = append(p.Feet, line)
		}
	}
	count := func(n int, href string) link {
		if n == 0 {
			href = ""
		}
		return link{Text: strconv.Itoa(n), Href: href}
	}
	if p.Registered {
		add(v.say("register.foot.filed"), true, func(f coverage.Foot) link {
			return link{Text: strconv.Itoa(f.Filed) + "/" + strconv.Itoa(f.Obliged), Href: to(f.Year, register.OnTime, register.Late, register.DateUnknown)}
		})
		for _, s := range []struct {
			state coverage.State
			n     func(coverage.Foot) int
		}{
			{register.Late, func(f coverage.Foot) int { return f.Late }}, {register.DateUnknown, func(f coverage.Foot) int { return f.DateUnknown }},
			{register.NotFiled, func(f coverage.Foot) int { return f.NotFiled }}, {register.NotDue, func(f coverage.Foot) int { return f.NotDue }},
		} {
			add(v.filedMark(s.state)+" "+v.filedWord(s.state), s.state == register.NotFiled, func(f coverage.Foot) link { return count(s.n(f), to(f.Year, s.state)) })
		}
	}
	add(v.filedMark(coverage.Received)+" "+v.filedWord(coverage.Received), !p.Registered, func(f coverage.Foot) link { return count(f.Received, to(f.Year, coverage.Received)) })
	add(v.say("home.zero"), true, func(f coverage.Foot) link { return count(f.Zero, "") })
	add(v.say("register.foot.critical"), true, func(f coverage.Foot) link { return count(f.Critical, v.criticalOf(f.Year)) })
}

func candidatesOf(v *visit, m register.Match, reg func(string) bool) []candidate {
	var out []candidate
	for _, c := range m.Candidates {
		one := candidate{Name: c.Name, Code: c.Code, Why: c.Why}
		if reg(c.Code) {
			one.Href = v.link("/agency/" + c.Code)
		}
		out = append(out, one)
	}
	return out
}

// mostMatters is how many waiting files, and how many unknown names, the page shows with their forms.
const mostMatters = 100

func (p *registerContent) waiting(v *visit, reg *register.Register) {
	names := map[string]string{} // of the agencies that can be chosen
	held := map[string]bool{}
	for _, l := range p.matrix.Lines {
		held[l.Agency] = slices.ContainsFunc(l.Cells, func(c coverage.Cell) bool { return c.Filing != "" })
	}
	for _, a := range reg.Agencies() {
		if !register.Provisional(a.Code) {
			names[a.Code] = a.Name()
			p.Agencies = append(p.Agencies, offer{Value: a.Name(), Text: a.Code})
		}
	}
	has := func(code string) bool { return held[code] }
	p.Matters = len(p.undecided.Waiting) + len(p.undecided.Names)
	files, unknown := p.undecided.Waiting, p.undecided.Names
	files, unknown = files[:min(len(files), mostMatters)], unknown[:min(len(unknown), mostMatters)]
	if rest := p.Matters - len(files) - len(unknown); rest > 0 {
		p.More = v.say("register.waiting.more", rest)
	}
	if !v.mayDecide() || p.Matters == 0 {
		p.Agencies = nil
	}
	for i, w := range files {
		f := waitingFile{File: fileName(w.File), Document: "/document/" + w.SHA256, Name: w.AgencyName, Year: w.Year, Title: w.Title, Received: v.moment(w.ReceivedAt), By: w.Person,
			Candidates: candidatesOf(v, w.Match, has)}
		for _, problem := range w.Problems {
			f.Why = append(f.Why, problem.Message)
		}
		if v.mayDecide() {
			var proposed []offer
			for _, c := range f.Candidates {
				proposed = append(proposed, offer{Value: c.Name, Text: c.Why})
			}
			year := ""
			if w.Year != 0 {
				year = strconv.Itoa(w.Year)
			}
			id := []field{{Name: "file", Value: w.SHA256}}
			assign := v.form("assign-"+strconv.Itoa(i+1), "assign", v.say("form.assign"), v.say("form.assign.submit"), id,
				field{Name: "agency", Label: v.say("form.assign.agency"), Type: "text", Value: w.AgencyName, Options: proposed, List: "agencies", Most: 100, Note: v.say("form.assign.note")},
				field{Name: "year", Label: v.say("col.year"), Type: "text", Value: year, Most: 4})
			dismiss := v.form("dismiss-"+strconv.Itoa(i+1), "dismiss", v.say("form.dismiss"), v.say("form.dismiss.submit"), id)
			f.Assign, f.Dismiss = &assign, &dismiss
		}
		p.Waiting = append(p.Waiting, f)
	}
	for _, n := range unknown {
		u := unknownName{Agency: n.Agency, Name: n.Name, Href: v.link("/agency/" + n.Agency), Kind: v.kindName(n.Kind), Candidates: candidatesOf(v, n.Match, has)}
		if n.Match.Code != "" {
			u.Candidates = append([]candidate{{Name: names[n.Match.Code], Code: n.Match.Code, Href: v.link("/agency/" + n.Match.Code), Why: v.say("register.known")}}, u.Candidates...)
		}
		for _, y := range n.Years {
			u.Years = append(u.Years, link{Text: strconv.Itoa(y), Href: v.link("/report/" + n.Agency + "/" + strconv.Itoa(y))})
		}
		if v.mayDecide() && p.Registered {
			agency := field{Name: "agency", Label: v.say("form.link.agency"), Type: "text", List: "agencies", Most: 100, Required: true, Note: v.say("form.link.note")}
			for _, c := range u.Candidates {
				agency.Options = append(agency.Options, offer{Value: c.Code, Text: v.say("form.link.candidate", c.Name)})
			}
			form := v.form("link-"+n.Agency, "link", v.say("form.link"), v.say("form.link.submit"), []field{{Name: "entry", Value: n.Agency}}, agency)
			u.Link = &form
		}
		p.Names = append(p.Names, u)
	}
}

func (p *registerContent) rules(v *visit, reg *register.Register) {
	for _, r := range register.KindRules {
		what := time.Date(2000, r.Due.Month, r.Due.Day, 0, 0, 0, 0, time.UTC).Format(v.say("layout.day"))
		if !r.Obliged {
			what = v.say("register.noduty")
		}
		i := slices.IndexFunc(p.Rules, func(d dueRule) bool { return d.Day == what && d.Source == v.printed(r.Due.Source) })
		if i < 0 {
			p.Rules = append(p.Rules, dueRule{Kinds: v.kindName(r.Kind), Name: v.printed(r.Due.Name), Day: what, Source: v.printed(r.Due.Source)})
		} else {
			p.Rules[i].Kinds += v.say("list") + v.kindName(r.Kind)
		}
	}
	for _, o := range reg.Obligations() {
		a, ok := reg.Agency(o.Agency)
		if !ok || v.address.year != 0 && o.Year != v.address.year {
			continue
		}
		e := exception{Name: a.NameIn(o.Year), Href: v.link("/register"), Year: o.Year, Reason: o.Reason, What: v.say("register.exception.none")}
		if o.Obliged {
			e.What = v.say("register.exception.yes")
			if !o.Due.IsZero() {
				e.What = v.say("register.exception.due", day(o.Due))
			}
		}
		p.Exceptions = append(p.Exceptions, e)
	}
}

// history lists what changed in the register, the newest first.
func (p *registerContent) history(v *visit) {
	for i := 0; i < len(p.changes); i++ {
		c := p.changes[i]
		one := registerChange{At: v.moment(c.At), Person: c.Person, Reason: c.Reason, Agency: c.Agency, Name: cmp.Or(c.Name, c.Agency), Href: v.link("/agency/" + c.Agency)}
		var words []string
		for _, w := range c.What {
			words = append(words, v.say("changed."+string(w)))
		}
		one.What = strings.Join(words, v.say("list"))
		for _, f := range c.Fields {
			one.Fields = append(one.Fields, v.say("register.field", fieldName(f.Field), v.orNothing(f.Old), v.orNothing(f.New)))
		}
		for slices.Equal(c.What, []coverage.What{coverage.Added}) && i < len(p.changes) && p.changes[i].Batch == c.Batch && slices.Equal(p.changes[i].What, c.What) {
			one.Added = append(one.Added, link{Text: p.changes[i].Name})
			i++
		}
		if len(one.Added) > 0 {
			i--
		}
		if len(p.Changes) == listed {
			p.ChangesMore++
			continue
		}
		p.Changes = append(p.Changes, one)
	}
}

func fieldName(code string) string {
	for _, c := range register.Columns {
		if c.Code == code {
			return c.Label
		}
	}
	return code
}

func (in lang) orNothing(s string) string {
	if s == "" {
		return in.say("none")
	}
	return s
}

func (p *registerContent) json() ([]byte, error) {
	type cell struct {
		Year      int            `json:"year"`
		State     coverage.State `json:"state"`
		Due       string         `json:"due,omitempty"`
		Days      int            `json:"days,omitempty"`
		Why       string         `json:"why,omitempty"`
		Filing    string         `json:"filing,omitempty"`
		Version   int            `json:"version,omitempty"`
		Published string         `json:"published,omitempty"`
		Zero      bool           `json:"zero,omitempty"`
		Critical  bool           `json:"critical,omitempty"`
		Synthetic bool           `json:"synthetic,omitempty"`
	}
	type agency struct {
		Agency     string        `json:"agency"`
		Name       string        `json:"name"`
		Kind       register.Kind `json:"kind"`
		Region     string        `json:"region"`
		Parent     string        `json:"parent,omitempty"`
		Registered bool          `json:"registered"`
		Years      []cell        `json:"years"`
	}
	type foot struct {
		Year        int `json:"year"`
		Obliged     int `json:"obliged"`
		Filed       int `json:"filed"`
		OnTime      int `json:"on_time"`
		Late        int `json:"late"`
		DateUnknown int `json:"date_unknown"`
		NotFiled    int `json:"not_filed"`
		NotDue      int `json:"not_due"`
		NotObliged  int `json:"not_obliged"`
		Received    int `json:"received"`
		NotReceived int `json:"not_received"`
		Zero        int `json:"zero"`
		Critical    int `json:"critical"`
	}
	type change struct {
		At     string                 `json:"at"`
		Person string                 `json:"person"`
		Reason string                 `json:"reason"`
		Agency string                 `json:"agency"`
		Name   string                 `json:"name"`
		What   []coverage.What        `json:"what"`
		Fields []register.FieldChange `json:"fields"`
	}
	type match struct {
		Code string `json:"agency"`
		Name string `json:"name"`
		Why  string `json:"why"`
	}
	type waiting struct {
		SHA256     string  `json:"sha256"`
		File       string  `json:"file"`
		Name       string  `json:"name"`
		Year       int     `json:"year"`
		Received   string  `json:"received_at"`
		Candidates []match `json:"candidates"`
	}
	type unknown struct {
		Agency     string  `json:"agency"`
		Name       string  `json:"name"`
		Years      []int   `json:"years"`
		Candidates []match `json:"candidates"`
	}
	matches := func(list []register.Candidate) []match {
		out := []match{}
		for _, c := range list {
			out = append(out, match{c.Code, c.Name, c.Why})
		}
		return out
	}
	out := struct {
		Entries  int       `json:"entries"`
		Years    []foot    `json:"years"`
		Agencies []agency  `json:"agencies"`
		Waiting  []waiting `json:"waiting"`
		Names    []unknown `json:"names"`
		Changes  []change  `json:"changes"`
	}{Entries: p.matrix.Entries, Years: []foot{}, Agencies: []agency{}, Waiting: []waiting{}, Names: []unknown{}, Changes: []change{}}
	for _, f := range p.matrix.Feet {
		out.Years = append(out.Years, foot{f.Year, f.Obliged, f.Filed, f.OnTime, f.Late, f.DateUnknown, f.NotFiled, f.NotDue, f.NotObliged, f.Received, f.NotReceived, f.Zero, f.Critical})
	}
	for _, l := range p.matrix.Lines {
		a := agency{l.Agency, l.Name, l.Kind, l.Region, l.Parent, l.Registered, nil}
		for _, c := range l.Cells {
			a.Years = append(a.Years, cell{c.Year, c.State, day(c.Due), c.Days, c.Why, c.Filing, c.Version, day(c.Published), c.Zero, c.Critical, c.Synthetic})
		}
		out.Agencies = append(out.Agencies, a)
	}
	for _, w := range p.undecided.Waiting {
		out.Waiting = append(out.Waiting, waiting{w.SHA256, fileName(w.File), w.AgencyName, w.Year, exactTime(w.ReceivedAt), matches(w.Match.Candidates)})
	}
	for _, n := range p.undecided.Names {
		out.Names = append(out.Names, unknown{n.Agency, n.Name, n.Years, matches(n.Match.Candidates)})
	}
	for _, c := range p.changes {
		out.Changes = append(out.Changes, change{exactTime(c.At), c.Person, c.Reason, c.Agency, c.Name, c.What, orNone(c.Fields)})
	}
	return json.Marshal(out)
}

// exactTime writes a moment for programs.
func exactTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func (p *registerContent) sheet() sheet {
	s := sheet{header: []string{"agency", "name", "kind", "region", "registered", "year", "state", "due", "days", "why", "filing", "version", "published", "received_at",
		"zero", "critical", "synthetic", "checks_failed"}}
	for _, l := range p.matrix.Lines {
		for _, c := range l.Cells {
			line := []value{plainText(l.Agency), said(l.Name), plainText(string(l.Kind)), plainText(l.Region), plainText(strconv.FormatBool(l.Registered)),
				plainText(strconv.Itoa(c.Year)), plainText(string(c.State)), plainText(day(c.Due)), value{}, said(c.Why)}
			if c.Days > 0 {
				line[8] = figure(int64(c.Days))
			}
			if c.Filing == "" {
				line = append(line, value{}, value{}, value{}, value{}, value{}, value{}, value{}, value{})
			} else {
				line = append(line, plainText(c.Filing), figure(int64(c.Version)), plainText(day(c.Published)), plainText(exactTime(c.Received)),
					plainText(strconv.FormatBool(c.Zero)), plainText(strconv.FormatBool(c.Critical)), plainText(strconv.FormatBool(c.Synthetic)), figure(int64(c.Checks.Fail)))
			}
			s.rows = append(s.rows, line)
		}
	}
	return s
}
