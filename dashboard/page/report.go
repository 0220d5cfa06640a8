package page

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"nianbao/internal/form"
	"nianbao/internal/warehouse"
	"nianbao/query/compare"
)

var (
	reportPage = kind{template: "report.html", build: buildReport}
	filingPage = kind{template: "report.html", build: buildFiling}
)

// reportContent is one version of a report: its tables as the form prints them, with what was read and what the
// checks found.
type reportContent struct {
	base
	Filing   warehouse.Filing
	Kind     string
	Agency   string // address of the agency
	Facts    []fact
	Versions []link // of the agency and year
	Newer    string // address of the newest version, where this is not it
	Tables   []reportTable
	Rest     []restCell // cells that no table of the form prints
	Problems []form.Problem
	Legend   []legendEntry
	Document string
	cells    []form.Cell
	findings []form.Finding
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
	Href   string
}

// finding is a check that fails or is uncertain.
type finding struct {
	Number            int
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
	Path, Text, Title string
}

type legendEntry struct{ Mark, Text string }

func buildReport(ctx context.Context, v *visit) (content, error) {
	year, err := strconv.Atoi(v.path["year"])
	if err != nil || year < oldestYear || year > newestYear || v.at.IsZero() {
		return nil, errNothing
	}
	filings, err := v.site.store.Filings(ctx, v.at, warehouse.Filter{Years: []int{year}, Agencies: []string{v.path["agency"]}})
	if err != nil {
		return nil, err
	}
	if len(filings) == 0 {
		return nil, errNothing
	}
	return buildVersion(ctx, v, filings[0])
}

// buildFiling shows one version whatever came after it. Only a past moment before it was received hides it.
func buildFiling(ctx context.Context, v *visit) (content, error) {
	if v.at.IsZero() {
		return nil, errNothing
	}
	f, err := v.site.store.Filing(ctx, strings.ToUpper(v.path["filing"]))
	if err != nil {
		return nil, err
	}
	if f.CommittedAt.After(v.at) {
		return nil, errNothing
	}
	return buildVersion(ctx, v, f)
}

func buildVersion(ctx context.Context, v *visit, f warehouse.Filing) (content, error) {
	cells, err := v.site.store.Cells(ctx, f)
	if err != nil {
		return nil, err
	}
	findings, err := v.site.store.Findings(ctx, v.at, f)
	if err != nil {
		return nil, err
	}
	p := &reportContent{Filing: f, cells: cells, findings: findings, Problems: f.Problems, Kind: kindName(compare.KindOf(f.AgencyName)),
		Agency: v.link("/agency/" + f.Agency), Document: "/document/" + f.SHA256}
	if v.format != asHTML {
		return p, nil
	}
	if p.Head, err = v.newHead(ctx, 0, nil); err != nil {
		return nil, err
	}
	p.Head.Synthetic = f.Synthetic
	p.Head.Title = say("report.title", f.AgencyName, f.Year)
	fails, uncertain := 0, 0
	for _, x := range findings {
		switch x.Status {
		case form.Fail:
			fails++
		case form.Uncertain:
			uncertain++
		}
	}
	p.Head.Line = say("report.line", len(findings), fails, uncertain)
	p.Head.Permanent = v.link("/filing/" + f.ID)
	if err := p.versions(ctx, v); err != nil {
		return nil, err
	}
	p.facts()
	p.tables()
	return p, nil
}

func (p *reportContent) versions(ctx context.Context, v *visit) error {
	f := p.Filing
	all, err := v.site.store.Versions(ctx, v.at, f.Agency, f.Year)
	if err != nil {
		return err
	}
	for _, one := range all {
		if one.CommittedAt.After(v.at) {
			continue
		}
		text := say("report.version", one.Version, moment(one.CommittedAt))
		p.Versions = append(p.Versions, link{text, v.link("/filing/" + one.ID), one.ID == f.ID})
	}
	if n := len(p.Versions); n > 0 && !p.Versions[n-1].Current {
		p.Newer = p.Versions[n-1].Href
	}
	return nil
}

func (p *reportContent) facts() {
	f := p.Filing
	add := func(name, text, href string) {
		if text != "" {
			p.Facts = append(p.Facts, fact{say(name), text, href})
		}
	}
	add("fact.title", f.Title, "")
	add("fact.file", fileName(f.File), "")
	add("fact.sha256", f.SHA256, "")
	add("fact.status", say("status."+string(f.Status)), "")
	add("fact.scope", say("scope.read."+string(f.Scope)), "")
	add("fact.published", day(f.Published), "")
	add("fact.signed", day(f.Signed), "")
	add("fact.received", moment(f.ReceivedAt), "")
	add("fact.by", f.ReceivedBy, "")
	add("fact.reason", f.Reason, "")
	if strings.HasPrefix(f.URL, "https://") || strings.HasPrefix(f.URL, "http://") {
		add("fact.url", f.URL, f.URL)
	} else {
		add("fact.url", f.URL, "")
	}
	add("fact.filing", f.ID, "")
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
		t.Title = table.Title
		if !t.Missing {
			table = withOptional(table, cells)
			t.Table = layOut(table)
			for i := range t.Table.Rows {
				for j := range t.Table.Rows[i].Cells {
					at := &t.Table.Rows[i].Cells[j]
					if at.Figure {
						c, has := cells[at.Key]
						at.Cell = print(at.Key, c, has)
						at.Cell.Marks = marks[at.Key]
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
			one := print(c.Key, c, true)
			p.Rest = append(p.Rest, restCell{c.Key.String(), one.Text, one.Title})
		}
	}
	for _, s := range []string{"settled", "blank", "dash", "ambiguous", "no_row"} {
		p.Legend = append(p.Legend, legendEntry{say("legend.cell." + s + ".mark"), say("legend.cell." + s)})
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
func print(k form.Key, c form.Cell, has bool) printed {
	p := printed{Path: k.String()}
	if !has {
		p.Text, p.Word, p.Absent, p.State = say("cell.absent"), true, true, "no_row"
		p.Title = form.Label(k) + "\n" + say("cell.absent.note")
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
		p.Text, p.Word = say("cell.blank"), true
		if c.SettledBy != "" {
			p.Text, p.State = say("cell.settled"), "settled"
		}
	case form.Ambiguous:
		p.Text, p.Word = say("cell.ambiguous", short(raw, 24)), true
	default:
		p.Text, p.Word = short(raw, 40), true
		if raw == "" {
			p.Text = say("state." + string(c.State))
		}
	}
	p.Title = strings.Join(p.lines(k, c), "\n")
	return p
}

// lines are what the title of a cell tells: what it is, how it is printed, where, and by which rule it was read.
func (p printed) lines(k form.Key, c form.Cell) []string {
	lines := []string{form.Label(k), k.String(), say("cell.raw", c.Raw)}
	if c.State == form.Number {
		lines = append(lines, say("cell.value", c.Value.String(), c.Unit))
	} else {
		lines = append(lines, say("cell.state."+string(c.State)))
	}
	if c.SettledBy != "" {
		lines = append(lines, say("cell.settledby", c.SettledBy))
	}
	if len(c.Candidates) > 0 {
		lines = append(lines, say("cell.candidates", strings.Join(c.Candidates, "、")))
	}
	if at := position(c.At); at != "" {
		lines = append(lines, say("cell.at", at))
	}
	if c.Rule != "" {
		lines = append(lines, say("cell.rule", c.Rule))
	}
	return lines
}

func position(at form.Position) string {
	var parts []string
	for _, one := range []struct {
		n    int
		text string
	}{{at.Page, "at.page"}, {at.Grid, "at.grid"}, {at.Row, "at.row"}, {at.Column, "at.column"}, {at.Line, "at.line"}} {
		if one.n > 0 {
			parts = append(parts, say(one.text, one.n))
		}
	}
	return strings.Join(parts, " ")
}

func (p *reportContent) json() ([]byte, error) {
	f := p.Filing
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
		Problems  []form.Problem          `json:"problems"`
		Cells     []form.Cell             `json:"cells"`
		Findings  []form.Finding          `json:"findings"`
	}{f.ID, f.Agency, f.AgencyName, f.Year, f.Version, f.Title, fileName(f.File), f.SHA256, f.Forms, f.Scope, f.Status, day(f.Published), day(f.Signed), f.URL,
		f.Synthetic, f.ReceivedAt.Format("2006-01-02T15:04:05.999999Z07:00"), f.CommittedAt.Format("2006-01-02T15:04:05.999999Z07:00"),
		orNone(f.Problems), orNone(p.cells), orNone(p.findings)})
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
		"page", "grid", "grid_row", "grid_column", "line", "rule", "sha256"}}
	place := func(n int) value {
		if n == 0 {
			return value{}
		}
		return figure(int64(n))
	}
	for _, c := range p.cells {
		number := value{}
		if c.State == form.Number {
			number = plainText(c.Value.String())
		}
		s.rows = append(s.rows, []value{plainText(p.Filing.ID), plainText(p.Filing.Agency), words(p.Filing.AgencyName), plainText(strconv.Itoa(p.Filing.Year)),
			plainText(c.Table), plainText(c.Row), plainText(c.Column), words(form.Label(c.Key)), number, plainText(string(c.State)), words(c.Raw), plainText(c.Unit),
			plainText(c.SettledBy), plainText(strings.Join(c.Candidates, " ")), place(c.At.Page), place(c.At.Grid), place(c.At.Row), place(c.At.Column), place(c.At.Line),
			plainText(c.Rule), plainText(p.Filing.SHA256)})
	}
	return s
}
