package page

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"nianbao/dashboard/chart"
	"nianbao/query/compare"
	"nianbao/query/stats"
)

var matrixPage = kind{template: "matrix.html", parameters: []string{"year", "peer", "mark", "scope", "excl", "sort", "page", "part"}, build: buildMatrix}

// matrixMeasures are the columns of the matrix: how much, what came of it, and the shares that the funnel judges.
var matrixMeasures = []string{"received", "concluded", "open_rate", "refuse_rate", "cannot_rate", "noproc_rate", "other_rate", "done_rate", "carry_rate", "petition_rate"}

// matrixContent is several measures of all agencies of a year. The table is the picture: what a cell says is its figure
// and, of shares, the mark against the district.
type matrixContent struct {
	base
	Controls filters
	Picture  *picture
	Keys     []chart.Key
	Heads    []matrixHead
	Rows     []matrixRow
	Notes    []string
	matrix   compare.Matrix
	subject  *topic
}

type matrixHead struct{ Name, Href, Total string }

type matrixRow struct {
	named
	Cells []matrixCell
}

type matrixCell struct {
	judgedCell
	Glyph, Class, Status string
}

func buildMatrix(ctx context.Context, v *visit) (content, error) {
	s, err := v.subject(ctx)
	if err != nil {
		return nil, err
	}
	p := &matrixContent{subject: s}
	if s.roster != nil {
		request := s.request()
		request.Measure, request.Numerator, request.Denominator = "", "", ""
		if p.matrix, err = s.roster.MatrixOf(ctx, v.site.store.Conn(), request, matrixMeasures...); err != nil {
			return nil, err
		}
	}
	if !v.framed() {
		return p, nil
	}
	if p.Head, err = v.yearHead(ctx, s.year); err != nil {
		return nil, err
	}
	m := p.matrix
	outside := 0
	for i := range m.Lines {
		p.Rows = append(p.Rows, p.row(&m.Lines[i]))
		for _, c := range m.Lines[i].Cells {
			if c.Status.Far() {
				outside++
			}
		}
	}
	for k, measure := range m.Measures {
		total := totalText(m.Totals[k])
		if measure.Share() && m.Totals[k].N >= 10 {
			total = m.Totals[k].Percent()
		}
		p.Heads = append(p.Heads, matrixHead{v.nameOf(measure), v.to("/compare").with(func(b *address) {
			b.year, b.measure, b.peer, b.scope, b.excl = v.year, measure.Code, v.peer, v.scope, v.excl
		}).String(), total})
	}
	p.Head.Line = v.say("matrix.line", s.year)
	switch {
	case s.year == 0:
		p.Head.Title = v.say("home.empty")
	case len(m.Lines) == 0:
		p.Head.Title = v.say("compare.title.nobody")
	case outside == 0:
		p.Head.Title = v.say("matrix.title.none", len(m.Lines))
	default:
		p.Head.Title = v.say("matrix.title", len(m.Lines), outside)
	}
	p.Keys = v.statusKeys()[:5]
	p.Controls = s.controls(append(s.usualFields(), pick("sort", v.say("compare.sort"), string(v.address.sort), [2]string{string(compare.ByValue), v.say("matrix.sort.value")}, [2]string{string(compare.ByName), v.say("sort.name")}))...)
	p.Notes = []string{v.say("matrix.notice")}
	p.Picture, err = v.picture(p, v.say("matrix.picture", s.year, len(m.Lines)), len(m.Lines), perPicture)
	return p, err
}

func (p *matrixContent) row(l *compare.MatrixLine) matrixRow {
	r := matrixRow{named: p.subject.named(l.Agency, l.Name, l.Kind, p.subject.year, l.Filing, l.Synthetic)}
	for k, c := range l.Cells {
		cell := matrixCell{judgedCell: p.subject.judgedOf(c.Judged, p.matrix.Measures[k], r.Report)}
		cell.Absent = p.subject.absent(l.Agency).Word
		if c.Status != "" && c.Status != stats.Within {
			cell.Glyph, cell.Class, cell.Status = glyphOf(c.Status), string(c.Status), p.subject.say("status."+string(c.Status))
		}
		r.Cells = append(r.Cells, cell)
	}
	return r
}

func (p *matrixContent) draw(palette chart.Palette) (chart.Drawing, error) {
	lines := pageOf(p.matrix.Lines, p.subject.address.page, perPicture)
	if len(lines) == 0 {
		return chart.Drawing{}, errNoPicture
	}
	var columns []string
	for _, m := range p.matrix.Measures {
		columns = append(columns, p.subject.nameOf(m))
	}
	rows := make([]chart.HeatRow, len(lines))
	for i := range lines {
		r := p.row(&lines[i])
		rows[i].Row = chart.Row{Label: r.Name, Detail: r.Name, Link: r.Report, Mark: r.Marked}
		for k, cell := range r.Cells {
			out := chart.HeatCell{Class: -1, Detail: strings.TrimSpace(r.Name + "\n" + columns[k] + " " + cell.line(p.subject.lang) + "\n" + cell.Status), Link: cell.X.Href, Open: unsettled(lines[i].Cells[k].State), Bold: cell.Glyph != ""}
			switch {
			case out.Open:
				out.Text = "?"
			case r.Report == "" && k > 0:
			case cell.Percent != "":
				out.Text = strings.TrimSpace(cell.Glyph + " " + cell.Percent)
			default:
				out.Text = short(cell.line(p.subject.lang), 8)
			}
			rows[i].Cells = append(rows[i].Cells, out)
		}
	}
	d, err := chart.Heat(rows, columns, palette)
	d.Legend = append(p.subject.statusKeys()[1:5:5], chart.Key{Mark: "open", Text: p.subject.say("heat.open"), Decal: 5})
	return d, err
}

type matrixJSON struct {
	Agency string                 `json:"agency"`
	Name   string                 `json:"name"`
	Kind   compare.Kind           `json:"kind"`
	Filing string                 `json:"filing,omitempty"`
	Values map[string]matrixValue `json:"values"`
}

type matrixValue struct {
	valueJSON
	Status stats.Status `json:"status,omitempty"` // against the district
}

func (p *matrixContent) rowJSON(l *compare.MatrixLine) matrixJSON {
	out := matrixJSON{l.Agency, l.Name, l.Kind, l.Filing, map[string]matrixValue{}}
	for k, c := range l.Cells {
		m := p.matrix.Measures[k]
		out.Values[m.Code] = matrixValue{valueOf(c.Judged, m), c.Status}
	}
	return out
}

func (p *matrixContent) json() ([]byte, error) {
	out := struct {
		Year   int                   `json:"year"`
		Totals map[string]totalsJSON `json:"totals"`
		Rows   []matrixJSON          `json:"rows"`
	}{Year: p.subject.year, Totals: map[string]totalsJSON{}, Rows: []matrixJSON{}}
	for k, m := range p.matrix.Measures {
		out.Totals[m.Code] = totalsOf(p.matrix.Totals[k], m)
	}
	for i := range p.matrix.Lines {
		out.Rows = append(out.Rows, p.rowJSON(&p.matrix.Lines[i]))
	}
	return json.Marshal(out)
}

func (p *matrixContent) sheet() sheet {
	s := sheet{header: slices.Concat(agencyHeads, []string{"measure"}, valueHeads, []string{"status"})}
	for i := range p.matrix.Lines {
		l := p.rowJSON(&p.matrix.Lines[i])
		for _, m := range p.matrix.Measures {
			v := l.Values[m.Code]
			s.rows = append(s.rows, slices.Concat(agencyJSON{l.Agency, l.Name, l.Kind, l.Filing}.fields(p.subject.year), []value{plainText(m.Code)}, v.fields(), []value{plainText(string(v.Status))}))
		}
	}
	return s
}
