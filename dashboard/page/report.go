package page

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"nianbao/internal/form"
	"nianbao/internal/warehouse"
	"nianbao/query/api"
	"nianbao/query/compare"
	found "nianbao/query/findings"
	"nianbao/query/history"
)

var (
	reportPage = kind{template: "report.html", build: buildReport, acts: filingActs}
	filingPage = kind{template: "report.html", build: buildFiling, acts: filingActs}
)

var filingActs = map[string]act{
	"withdraw": func(ctx context.Context, _ *visit, d *api.Decisions, in *typed) error {
		return d.Withdraw(ctx, in.get("person"), in.get("filing"), in.get("reason"))
	},
	"restore": func(ctx context.Context, _ *visit, d *api.Decisions, in *typed) error {
		return d.Restore(ctx, in.get("person"), in.get("filing"), in.get("reason"))
	},
}

// reportContent is one version of a report: its tables as the form prints them, with what was read and what the
// checks found.
type reportContent struct {
	base
	Filing   warehouse.Filing
	Kind     string
	Agency   string // address of the agency
	Facts    []fact
	Versions []versionLink // of the agency and year
	Newer    string        // address of the version that counts, where this is not it
	Diffs    []link        // what changed against the version and the year before
	Problem  link          // the findings of this report in the list of all
	Form     *decisionForm // to withdraw or restore the version
	Tables   []reportTable
	Rest     []restCell // cells that no table of the form prints
	Problems []form.Problem
	Legend   []legendEntry
	Signs    []sign
	Document string
	cells    []form.Cell
	findings []form.Finding
	// decisions are what holds of each finding, by its id.
	decisions map[string]found.Decision
	// corrections are those of this version, and inForce the ones whose value counts in place of what was read.
	corrections []history.Correction
	inForce     map[form.Key]*warehouse.Correction
	link        func(path string) string
	cellPage    func(form.Key) string
}

// versionLink is a version of the report.
type versionLink struct {
	link
	Withdrawn bool
	Mended    string // how many cells of it were corrected, "" if none
}

// fact is a line about the file.
type fact struct{ Name, Text, Href string }

// reportTable is a table of the report, or the word that it is missing.
type reportTable struct {
	Code      string
	Title     string
	Version   string // of the form
	Missing   bool
	Table     statutory
	Findings  []finding
	Checked   string // how many checks were made with what outcome
	Uncertain bool
}

// printed is a cell as it stands in the report.
type printed struct {
	Path   string
	Href   string // of its own page
	Mended string // the corrected value; Text is then what is printed
	Text   string // as printed, or the word for what stands there
	Word   bool
	Read   string // the number, where it is printed otherwise
	Title  string // position, rule, raw text
	State  string
	Marks  []mark // of findings
	Absent bool
}

// mark leads from a cell to a finding.
type mark struct {
	Number int
	Fail   bool
	Sign   sign
	Href   string
}

// finding is a check that fails or is uncertain.
type finding struct {
	Number            int
	Sign              sign
	Page              string // the finding's own page
	Decision          string // what people decided, "" while it is open
	Rule, Name        string
	Place             string
	Fail              bool
	Outcome           string
	Expression        string
	InWords           string
	Left, Right, Diff string
	Blanks            []cellLink
	Cells             []cellLink
	Hindered          []cellLink // cells that keep an uncertain check from being made
}

type cellLink struct{ Text, Href string }

type restCell struct {
	Path, Text, Title, Href, Mended string
}

type legendEntry struct{ Mark, Text string }

func buildReport(ctx context.Context, v *visit) (content, error) {
	f, err := v.visible(ctx)
	if err != nil {
		return nil, err
	}
	return buildVersion(ctx, v, f)
}

// buildFiling shows one version whatever came after it. Only a past moment before it was received hides it.
func buildFiling(ctx context.Context, v *visit) (content, error) {
	f, err := v.filing(ctx)
	if err != nil {
		return nil, err
	}
	return buildVersion(ctx, v, f)
}

// visible is the version that counts of the agency and year in the path.
func (v *visit) visible(ctx context.Context) (warehouse.Filing, error) {
	year, err := strconv.Atoi(v.path["year"])
	if err != nil || year < oldestYear || year > newestYear || v.at.IsZero() {
		return warehouse.Filing{}, errNothing
	}
	filings, err := v.site.store.Filings(ctx, v.at, warehouse.Filter{Years: []int{year}, Agencies: []string{v.path["agency"]}})
	if err != nil {
		return warehouse.Filing{}, err
	}
	if len(filings) == 0 {
		return warehouse.Filing{}, errNothing
	}
	return filings[0], nil
}

// filing is the version in the path.
func (v *visit) filing(ctx context.Context) (warehouse.Filing, error) {
	if v.at.IsZero() {
		return warehouse.Filing{}, errNothing
	}
	return v.site.store.FilingAt(ctx, v.at, strings.ToUpper(v.path["filing"]))
}

func buildVersion(ctx context.Context, v *visit, f warehouse.Filing) (content, error) {
	cells, err := v.site.store.Cells(ctx, f)
	if err != nil {
		return nil, err
	}
	items, err := found.OfFiling(ctx, v.site.store, f.ID, v.at)
	if err != nil {
		return nil, err
	}
	findings, decisions := make([]form.Finding, len(items)), map[string]found.Decision{}
	for i := range items {
		findings[i], decisions[items[i].ID] = items[i].Finding, items[i].Decision
	}
	p := &reportContent{Filing: f, cells: cells, findings: findings, decisions: decisions, Problems: f.Problems, Kind: v.kindName(compare.KindOf(f.AgencyName)),
		Agency: v.link("/agency/" + f.Agency), Document: "/document/" + f.SHA256, link: v.link, cellPage: func(k form.Key) string { return v.cellPage(f.ID, k) }}
	if p.corrections, err = history.Corrections(ctx, v.site.store, history.CorrectionsRequest{Years: []int{f.Year}, Filing: f.ID, AsOf: v.at}); err != nil {
		return nil, err
	}
	p.inForce = inForceOf(cells, p.corrections)
	if v.format != asHTML {
		return p, nil
	}
	if p.Head, err = v.newHead(ctx, 0, nil); err != nil {
		return nil, err
	}
	p.Head.Synthetic = f.Synthetic
	p.Head.Title = v.say("report.title", f.AgencyName, f.Year)
	fails, uncertain := 0, 0
	for _, x := range findings {
		switch x.Status {
		case form.Fail:
			fails++
		case form.Uncertain:
			uncertain++
		}
	}
	p.Head.Line = v.say("report.line", len(findings), fails, uncertain)
	p.Head.Permanent = v.link("/filing/" + f.ID)
	if err := p.versions(ctx, v); err != nil {
		return nil, err
	}
	p.facts()
	p.tables()
	if err := p.differences(ctx, v); err != nil {
		return nil, err
	}
	p.Problem = link{Text: v.say("report.problem.list"), Href: v.to("/findings").with(func(b *address) { b.year, b.agency = f.Year, f.Agency }).String()}
	if v.mayDecide() {
		name := "withdraw"
		if f.Withdrawn {
			name = "restore"
		}
		form := v.form(name, name, v.say("form."+name), v.say("form."+name+".submit"), []field{{Name: "filing", Value: f.ID}})
		p.Form = &form
	}
	return p, nil
}

// inForceOf tells which of the corrections of one filing count, by cell.
func inForceOf(cells []form.Cell, corrections []history.Correction) map[form.Key]*warehouse.Correction {
	plain := make([]warehouse.Correction, len(corrections))
	for i, c := range corrections {
		plain[i] = c.Correction
	}
	_, by := warehouse.Overlay(cells, plain)
	return by
}

// differences leads to what changed against the version before and the report of the year before.
func (p *reportContent) differences(ctx context.Context, v *visit) error {
	f := p.Filing
	to := func(older string) string {
		return v.to("/diff").with(func(b *address) { b.older, b.newer = older, f.ID }).String()
	}
	all, err := v.site.store.Versions(ctx, v.at, f.Agency, f.Year)
	if err != nil {
		return err
	}
	for i := range all {
		if i > 0 && all[i].ID == f.ID {
			p.Diffs = append(p.Diffs, link{Text: v.say("report.diff.version", all[i-1].Version), Href: to(all[i-1].ID)})
		}
	}
	before, err := v.site.store.Filings(ctx, v.at, warehouse.Filter{Years: []int{f.Year - 1}, Agencies: []string{f.Agency}})
	if err != nil {
		return err
	}
	if len(before) == 1 {
		p.Diffs = append(p.Diffs, link{Text: v.say("report.diff.year", f.Year-1), Href: to(before[0].ID)})
	}
	return nil
}

func (p *reportContent) versions(ctx context.Context, v *visit) error {
	f := p.Filing
	all, err := history.Versions(ctx, v.site.store, v.at, f.Agency, f.Year)
	if err != nil {
		return err
	}
	for _, one := range all {
		l := versionLink{link: link{v.say("report.version", one.Version, v.moment(one.CommittedAt)), v.link("/filing/" + one.ID), one.ID == f.ID}, Withdrawn: one.Withdrawn}
		n := 0
		for _, c := range one.Corrections {
			if c.Correction.InForce() && c.Standing != history.Overridden {
				n++
			}
		}
		if n > 0 {
			l.Mended = v.say("report.mended", n)
		}
		p.Versions = append(p.Versions, l)
		if one.Visible && one.ID != f.ID {
			p.Newer = l.Href
		}
	}
	return nil
}

func (p *reportContent) facts() {
	f := p.Filing
	add := func(name, text, href string) {
		if text != "" {
			p.Facts = append(p.Facts, fact{p.Head.say(name), text, href})
		}
	}
	add("fact.title", f.Title, "")
	add("fact.file", fileName(f.File), "")
	add("fact.sha256", f.SHA256, "")
	add("fact.status", p.Head.say("status."+string(f.Status)), "")
	add("fact.scope", p.Head.say("scope.read."+string(f.Scope)), "")
	add("fact.published", day(f.Published), "")
	add("fact.signed", day(f.Signed), "")
	add("fact.received", p.Head.moment(f.ReceivedAt), "")
	add("fact.by", f.ReceivedBy, "")
	add("fact.reason", f.Reason, "")
	if strings.HasPrefix(f.URL, "https://") || strings.HasPrefix(f.URL, "http://") {
		add("fact.url", f.URL, f.URL)
	} else {
		add("fact.url", f.URL, "")
	}
	add("fact.filing", f.ID, "")
	if f.Withdrawn {
		add("fact.withdrawn", p.Head.say("report.withdrawn.note"), "")
	}
}

func (p *reportContent) tables() {
	cells := map[form.Key]form.Cell{}
	for _, c := range p.cells {
		cells[c.Key] = c
	}
	p.sortFindings()
	findings, marks := p.judged()
	shown := map[form.Key]bool{}
	for _, code := range []string{form.Section2, form.Section3, form.Section4} {
		version := p.Filing.Forms[code]
		f, ok := form.Lookup(version)
		t := reportTable{Code: code, Version: string(version), Missing: !ok}
		if !ok {
			f = form.Forms[len(form.Forms)-1] // for the title only
		}
		table, _ := f.Table(code)
		t.Title = p.Head.printed(table.Title)
		if !t.Missing {
			table = withOptional(table, cells)
			t.Table = layOut(table)
			for i := range t.Table.Rows {
				for j := range t.Table.Rows[i].Cells {
					at := &t.Table.Rows[i].Cells[j]
					if at.Figure {
						c, has := cells[at.Key]
						at.Cell = p.Head.print(at.Key, c, has)
						at.Cell.Marks = marks[at.Key]
						at.Cell.Href = p.cellPage(at.Key)
						if c := p.inForce[at.Key]; c != nil {
							at.Cell.Mended = p.Head.valueText(c.State, c.Value)
						}
						shown[at.Key] = true
					}
				}
			}
		}
		t.Findings = findings[code]
		t.Checked = p.checked(code)
		p.Tables = append(p.Tables, t)
	}
	for _, c := range p.cells {
		if !shown[c.Key] {
			one := p.Head.print(c.Key, c, true)
			rest := restCell{Path: c.Key.String(), Text: one.Text, Title: one.Title, Href: p.cellPage(c.Key)}
			if c := p.inForce[c.Key]; c != nil {
				rest.Mended = p.Head.valueText(c.State, c.Value)
			}
			p.Rest = append(p.Rest, rest)
		}
	}
	for _, s := range []string{"settled", "blank", "dash", "ambiguous", "no_row"} {
		p.Legend = append(p.Legend, legendEntry{p.Head.say("legend.cell." + s + ".mark"), p.Head.say("legend.cell." + s)})
	}
	for _, s := range form.Severities {
		p.Signs = append(p.Signs, p.Head.signOf(s))
	}
}

// withOptional leaves out the optional rows that the report does not print: their absence says nothing.
func withOptional(t form.Table, cells map[form.Key]form.Cell) form.Table {
	t.Blocks = slices.Clone(t.Blocks)
	for i, b := range t.Blocks {
		t.Blocks[i].Rows = slices.DeleteFunc(slices.Clone(b.Rows), func(r form.Row) bool {
			if !r.Optional {
				return false
			}
			for _, c := range b.Columns {
				if _, has := cells[form.Key{Table: t.Code, Row: r.Code, Column: c.Code}]; has {
					return false
				}
			}
			return true
		})
	}
	return t
}

// print says what stands in a cell.
func (in lang) print(k form.Key, c form.Cell, has bool) printed {
	p := printed{Path: k.String()}
	if !has {
		p.Text, p.Word, p.Absent, p.State = in.say("cell.absent"), true, true, "no_row"
		p.Title = in.cellLabel(k) + "\n" + in.say("cell.absent.note")
		return p
	}
	p.State = string(c.State)
	raw := strings.TrimSpace(c.Raw)
	switch c.State {
	case form.Number:
		p.Text = raw
		if raw != c.Value.String() {
			p.Read = c.Value.String()
		}
		if raw == "" { // a number that is printed elsewhere, as in glued digits
			p.Text, p.Read = c.Value.String(), ""
		}
	case form.Blank:
		p.Text, p.Word = in.say("cell.blank"), true
		if c.SettledBy != "" {
			p.Text, p.State = in.say("cell.settled"), "settled"
		}
	case form.Ambiguous:
		p.Text, p.Word = in.say("cell.ambiguous", short(raw, 24)), true
	default:
		p.Text, p.Word = short(raw, 40), true
		if raw == "" {
			p.Text = in.say("state." + string(c.State))
		}
	}
	p.Title = strings.Join(p.lines(in, k, c), "\n")
	return p
}

// lines are what the title of a cell tells: what it is, how it is printed, where, and by which rule it was read.
func (p printed) lines(in lang, k form.Key, c form.Cell) []string {
	lines := []string{in.cellLabel(k), k.String(), in.say("cell.raw", c.Raw)}
	if c.State == form.Number {
		lines = append(lines, in.say("cell.value", c.Value.String(), c.Unit))
	} else {
		lines = append(lines, in.say("cell.state."+string(c.State)))
	}
	if c.SettledBy != "" {
		lines = append(lines, in.say("cell.settledby", c.SettledBy))
	}
	if len(c.Candidates) > 0 {
		lines = append(lines, in.say("cell.candidates", strings.Join(c.Candidates, in.say("list"))))
	}
	if at := in.position(c.At); at != "" {
		lines = append(lines, in.say("cell.at", at))
	}
	if c.Rule != "" {
		lines = append(lines, in.say("cell.rule", c.Rule))
	}
	return lines
}

func (in lang) position(at form.Position) string {
	var parts []string
	for _, one := range []struct {
		n    int
		text string
	}{{at.Page, "at.page"}, {at.Grid, "at.grid"}, {at.Row, "at.row"}, {at.Column, "at.column"}, {at.Line, "at.line"}} {
		if one.n > 0 {
			parts = append(parts, in.say(one.text, one.n))
		}
	}
	return strings.Join(parts, " ")
}

func (p *reportContent) json() ([]byte, error) {
	f := p.Filing
	type correction struct {
		Cell   string     `json:"cell"`
		State  form.State `json:"state"`
		Value  string     `json:"value,omitempty"`
		ID     string     `json:"correction"`
		Person string     `json:"person"`
		Reason string     `json:"reason"`
	}
	mended := []correction{}
	for _, c := range p.corrections {
		if p.inForce[c.Key] == nil || p.inForce[c.Key].CorrectionAct.Correction != c.CorrectionAct.Correction {
			continue
		}
		one := correction{Cell: c.Key.String(), State: c.State, ID: c.CorrectionAct.Correction, Person: c.Person, Reason: c.Reason}
		if c.State == form.Number {
			one.Value = c.Value.String()
		}
		mended = append(mended, one)
	}
	return json.Marshal(struct {
		Filing    string                  `json:"filing"`
		Agency    string                  `json:"agency"`
		Name      string                  `json:"name"`
		Year      int                     `json:"year"`
		Version   int                     `json:"version"`
		Title     string                  `json:"title"`
		File      string                  `json:"file"`
		SHA256    string                  `json:"sha256"`
		Forms     map[string]form.Version `json:"forms"`
		Scope     form.Scope              `json:"scope"`
		Status    form.Status             `json:"status"`
		Published string                  `json:"published,omitempty"`
		Signed    string                  `json:"signed,omitempty"`
		URL       string                  `json:"url,omitempty"`
		Synthetic bool                    `json:"synthetic,omitempty"`
		Received  string                  `json:"received_at"`
		Committed string                  `json:"committed_at"`
		Withdrawn bool                    `json:"withdrawn"`
		Problems  []form.Problem          `json:"problems"`
		Cells     []form.Cell             `json:"cells"`
		Mended    []correction            `json:"corrections"` // in force
		Findings  []form.Finding          `json:"findings"`
	}{f.ID, f.Agency, f.AgencyName, f.Year, f.Version, f.Title, fileName(f.File), f.SHA256, f.Forms, f.Scope, f.Status, day(f.Published), day(f.Signed), f.URL,
		f.Synthetic, f.ReceivedAt.Format("2006-01-02T15:04:05.999999Z07:00"), f.CommittedAt.Format("2006-01-02T15:04:05.999999Z07:00"),
		f.Withdrawn, orNone(f.Problems), orNone(p.cells), mended, orNone(p.findings)})
}

// orNone is an empty list rather than null.
func orNone[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func (p *reportContent) sheet() sheet {
	s := sheet{header: []string{"filing", "agency", "name", "year", "table", "row", "column", "label", "value", "state", "raw", "unit", "settled_by", "candidates",
		"page", "grid", "grid_row", "grid_column", "line", "rule", "sha256", "corrected", "corrected_state"}}
	place := func(n int) value {
		if n == 0 {
			return value{}
		}
		return figure(int64(n))
	}
	for _, c := range p.cells {
		mended, mendedState := value{}, value{}
		if by := p.inForce[c.Key]; by != nil {
			if mendedState = plainText(string(by.State)); by.State == form.Number {
				mended = plainText(by.Value.String())
			}
		}
		number := value{}
		if c.State == form.Number {
			number = plainText(c.Value.String())
		}
		s.rows = append(s.rows, []value{plainText(p.Filing.ID), plainText(p.Filing.Agency), said(p.Filing.AgencyName), plainText(strconv.Itoa(p.Filing.Year)),
			plainText(c.Table), plainText(c.Row), plainText(c.Column), said(form.Label(c.Key)), number, plainText(string(c.State)), said(c.Raw), plainText(c.Unit),
			plainText(c.SettledBy), plainText(strings.Join(c.Candidates, " ")), place(c.At.Page), place(c.At.Grid), place(c.At.Row), place(c.At.Column), place(c.At.Line),
			plainText(c.Rule), plainText(p.Filing.SHA256), mended, mendedState})
	}
	return s
}
