package page

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"nianbao/internal/form"
	"nianbao/internal/warehouse"
	"nianbao/query/history"
)

var diffPage = kind{template: "diff.html", parameters: []string{"from", "to"}, build: buildDiff}

// diffContent is what differs between two versions of a report, or between the reports of two years.
type diffContent struct {
	base
	From, To   diffSide
	Swap       string // the other way round
	Same       string // where nothing differs
	Cells      []cellDiff
	SameCells  int
	Findings   []findingDiff
	Parts      []partDiff
	difference history.Diff
}

type diffSide struct {
	Text, Href, Hash, File string
	Withdrawn              bool
}

// cellDiff is a cell that differs.
type cellDiff struct {
	Path, Label, Old, New, Word string
	Href                        string // of the cell
	Note                        string
}

type findingDiff struct {
	Sign            sign
	Rule, Name      string
	Place           string
	Change          history.Change
	Word            string
	Old, New        string // what it says
	OldHref, NewRef string
}

type partDiff struct {
	Title    string
	Word     string
	Repeated string // share of the text that stands in the earlier one
	Lines    []history.Line
	Passages []string
}

func buildDiff(ctx context.Context, v *visit) (content, error) {
	for _, one := range []struct{ name, id string }{{"from", v.older}, {"to", v.newer}} {
		if one.id == "" {
			return nil, &problem{Parameter: one.name, Allowed: []string{"01J…"}}
		}
	}
	if v.at.IsZero() {
		return nil, errNothing
	}
	d, err := history.DiffOf(ctx, v.site.store, history.DiffRequest{From: v.older, To: v.newer, AsOf: v.at})
	if errors.Is(err, warehouse.ErrNotFound) {
		return nil, errNothing
	}
	if err != nil {
		return nil, err
	}
	p := &diffContent{difference: d}
	if v.format != asHTML {
		return p, nil
	}
	if p.Head, err = v.newHead(ctx, 0, nil); err != nil {
		return nil, err
	}
	p.Head.Synthetic = d.From.Synthetic || d.To.Synthetic
	side := func(f warehouse.Filing) diffSide {
		return diffSide{Text: v.say("diff.side", f.AgencyName, f.Year, f.Version), Href: v.link("/filing/" + f.ID), Hash: f.SHA256, File: fileName(f.File), Withdrawn: f.Withdrawn}
	}
	p.From, p.To = side(d.From), side(d.To)
	p.Swap = v.with(func(b *address) { b.older, b.newer = v.newer, v.older }).String()
	p.SameCells = d.Same
	p.show(v)
	return p, nil
}

func (p *diffContent) show(v *visit) {
	d := p.difference
	for _, c := range d.Cells {
		one := cellDiff{Path: c.Key.String(), Label: v.labelOf(c.Key), Word: v.say("change." + string(c.Change)), Old: v.cellText(c.Key, c.Old), New: v.cellText(c.Key, c.New), Href: v.cellPage(d.To.ID, c.Key)}
		if c.New == nil {
			one.Href = v.cellPage(d.From.ID, c.Key)
		}
		if c.Change == history.Changed && !c.State && !c.Value {
			one.Note = v.say("diff.printed", c.Old.Raw, c.New.Raw)
		}
		if c.OldCorrected {
			one.Old += " " + v.say("corrected.mark")
		}
		if c.NewCorrected {
			one.New += " " + v.say("corrected.mark")
		}
		p.Cells = append(p.Cells, one)
	}
	changed := 0
	for _, change := range []history.Change{history.Added, history.Removed, history.Stayed} {
		for _, x := range d.Findings {
			if x.Change != change {
				continue
			}
			if change != history.Stayed {
				changed++
			}
			c, _ := form.LookupCheck(x.Rule)
			one := findingDiff{Sign: v.signOf(severityOf(x.Rule)), Rule: x.Rule, Name: v.check(c).Name, Place: v.findingPlace(x.Table, x.Place), Change: x.Change,
				Word: v.say("diff.finding." + string(x.Change)), Old: v.findingText(x.Old), New: v.findingText(x.New)}
			if x.Old != nil {
				one.OldHref = v.findingPage(d.From.ID, *x.Old)
			}
			if x.New != nil {
				one.NewRef = v.findingPage(d.To.ID, *x.New)
			}
			p.Findings = append(p.Findings, one)
		}
	}
	parts := 0
	for _, x := range d.Parts {
		part := x.New
		if part == nil {
			part = x.Old
		}
		one := partDiff{Title: part.Title, Word: v.say("change." + string(x.Change)), Lines: x.Lines, Passages: x.Passages}
		if one.Title == "" {
			one.Title = v.tableName(x.Code)
		}
		if one.Title == "" {
			one.Title = v.say("part.before")
		}
		if x.New != nil && x.Old != nil {
			one.Repeated = v.say("diff.repeated", fmt.Sprintf("%.0f", x.Repeated*100))
		}
		if x.Change != history.Stayed {
			parts++
		}
		p.Parts = append(p.Parts, one)
	}
	h := p.Head
	h.Title = v.say("diff.title", len(d.Cells), changed, parts)
	h.Line = v.say("diff.line", p.From.Text, p.To.Text)
	if len(d.Cells) == 0 && changed == 0 && parts == 0 {
		h.Title = v.say("diff.same")
		p.Same = v.say("diff.same.line", p.From.Hash, p.To.Hash)
	}
}

// cellText is a cell as the comparison prints it.
func (in lang) cellText(k form.Key, c *form.Cell) string {
	if c == nil {
		return in.say("cell.absent")
	}
	if as := in.print(k, *c, true); as.Read == "" {
		return as.Text
	}
	return c.Value.String()
}

// findingText is what a check found, in short.
func (in lang) findingText(x *form.Finding) string {
	switch {
	case x == nil:
		return in.say("diff.finding.none")
	case x.Left != nil:
		return in.outcomeWord(x.Status) + in.say("colon") + in.say("finding.sides", amount(x.Left), amount(x.Right), difference(x.Delta))
	}
	return in.outcomeWord(x.Status)
}

// findingPage is the address of a finding of a filing.
func (v *visit) findingPage(filing string, x form.Finding) string {
	return v.link("/findings/" + findingID(filing, x))
}

func (p *diffContent) json() ([]byte, error) {
	d := p.difference
	type cell struct {
		Cell         string         `json:"cell"`
		Change       history.Change `json:"change"`
		Old          *form.Cell     `json:"old"`
		New          *form.Cell     `json:"new"`
		OldCorrected bool           `json:"old_corrected"`
		NewCorrected bool           `json:"new_corrected"`
	}
	type finding struct {
		Rule   string         `json:"rule"`
		Table  string         `json:"table"`
		Place  string         `json:"place"`
		Change history.Change `json:"change"`
		Old    *form.Finding  `json:"old"`
		New    *form.Finding  `json:"new"`
	}
	type line struct {
		Change history.Change `json:"change"`
		Text   string         `json:"text"`
	}
	type part struct {
		Code     string         `json:"code"`
		Change   history.Change `json:"change"`
		Repeated float64        `json:"repeated"`
		Lines    []line         `json:"lines"`
		Passages []string       `json:"passages"`
	}
	out := struct {
		From     string    `json:"from"`
		To       string    `json:"to"`
		FromHash string    `json:"from_sha256"`
		ToHash   string    `json:"to_sha256"`
		Same     int       `json:"same_cells"`
		Cells    []cell    `json:"cells"`
		Findings []finding `json:"findings"`
		Parts    []part    `json:"parts"`
	}{d.From.ID, d.To.ID, d.From.SHA256, d.To.SHA256, d.Same, []cell{}, []finding{}, []part{}}
	for _, c := range d.Cells {
		out.Cells = append(out.Cells, cell{c.Key.String(), c.Change, c.Old, c.New, c.OldCorrected, c.NewCorrected})
	}
	for _, f := range d.Findings {
		out.Findings = append(out.Findings, finding{f.Rule, f.Table, f.Place, f.Change, f.Old, f.New})
	}
	for _, x := range d.Parts {
		one := part{x.Code, x.Change, x.Repeated, []line{}, orNone(x.Passages)}
		for _, l := range x.Lines {
			one.Lines = append(one.Lines, line{l.Change, l.Text})
		}
		out.Parts = append(out.Parts, one)
	}
	return json.Marshal(out)
}

// sheet has a row for each cell, finding and part that differs, and for findings that stayed.
func (p *diffContent) sheet() sheet {
	d := p.difference
	s := sheet{header: []string{"what", "cell_or_rule", "label", "change", "old_value", "old_state", "old_raw", "new_value", "new_state", "new_raw", "old_corrected", "new_corrected", "repeated"}}
	side := func(c *form.Cell) []value {
		if c == nil {
			return []value{{}, plainText("no_row"), {}}
		}
		v := value{}
		if c.State == form.Number {
			v = plainText(c.Value.String())
		}
		return []value{v, plainText(string(c.State)), said(c.Raw)}
	}
	for _, c := range d.Cells {
		line := []value{plainText("cell"), said(c.Key.String()), said(form.Label(c.Key)), plainText(string(c.Change))}
		line = append(append(line, side(c.Old)...), side(c.New)...)
		s.rows = append(s.rows, append(line, plainText(strconv.FormatBool(c.OldCorrected)), plainText(strconv.FormatBool(c.NewCorrected)), value{}))
	}
	outcome := func(x *form.Finding) []value {
		if x == nil {
			return []value{{}, {}, {}}
		}
		return []value{plainText(amount(x.Delta)), plainText(string(x.Status)), {}}
	}
	for _, f := range d.Findings {
		line := []value{plainText("finding"), plainText(f.Rule), said(p.Head.findingPlace(f.Table, f.Place)), plainText(string(f.Change))}
		line = append(append(line, outcome(f.Old)...), outcome(f.New)...)
		s.rows = append(s.rows, append(line, value{}, value{}, value{}))
	}
	for _, x := range d.Parts {
		if x.Change != history.Stayed {
			s.rows = append(s.rows, []value{plainText("part"), plainText(x.Code), said(p.Head.tableName(x.Code)), plainText(string(x.Change)), {}, {}, {}, {}, {}, {}, {}, {},
				plainText(strconv.FormatFloat(x.Repeated, 'f', 4, 64))})
		}
	}
	return s
}
