package api

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"nianbao/internal/form"
	"nianbao/query/compare"
	"nianbao/query/stats"
)

// ValueRow is a measure of one agency in one year, with everything that it rests on.
type ValueRow struct {
	Body
	Year    int    `json:"year"`
	Measure string `json:"measure"`
	Figure
	Behind []Rests `json:"behind" nullable:"false" doc:"the report with the cells that were summed"`
}

// YearTotal is the total of a measure in a year.
type YearTotal struct {
	Measure string    `json:"measure"`
	Year    int       `json:"year"`
	Total   Sum       `json:"total"`
	LeftOut []LeftOut `json:"left_out" nullable:"false" doc:"agencies of the list that are not in the total, by reason"`
}

// Values is a page of values, with what the whole list is of. Its as_of is that of the list.
type Values struct {
	Basis
	Total  int         `json:"total" doc:"rows of the whole list"`
	Next   string      `json:"next,omitempty" doc:"cursor of the next page; absent on the last one"`
	Totals []YearTotal `json:"totals" nullable:"false"`
	Items  []ValueRow  `json:"items" nullable:"false"`
}

var valueColumns = slices.Concat(
	bodyColumns(func(r *ValueRow) *Body { return &r.Body }),
	[]column[ValueRow]{{"year", integer, func(r *ValueRow) string { return strconv.Itoa(r.Year) }}, {"measure", text, func(r *ValueRow) string { return r.Measure }}},
	figureColumns(func(r *ValueRow) *Figure { return &r.Figure }),
	[]column[ValueRow]{
		{"cells", text, func(r *ValueRow) string { return pathsOf(r.Behind, func(b Rests) []string { return b.Cells }) }},
		{"per_cells", text, func(r *ValueRow) string { return pathsOf(r.Behind, func(b Rests) []string { return b.PerCells }) }},
		{"corrected_cells", text, func(r *ValueRow) string { return pathsOf(r.Behind, func(b Rests) []string { return b.Corrected }) }},
	})

func pathsOf(list []Rests, of func(Rests) []string) string {
	var out []string
	for _, b := range list {
		out = append(out, of(b)...)
	}
	return strings.Join(out, " ")
}

// Structure is how the applications that agencies concluded were answered, as six parts of a whole.
type Structure struct {
	Basis
	Parts    []string      `json:"parts" nullable:"false" doc:"measures, in the order of counts and percents"`
	Agencies int           `json:"agencies" doc:"of which all six parts are known; they make the district"`
	Of       int           `json:"of" doc:"of how many"`
	District *Sixths       `json:"district" doc:"null where no agency has a whole"`
	Rows     []*OutcomeRow `json:"rows" nullable:"false"`
}

// OutcomeRow is the structure of one agency.
type OutcomeRow struct {
	Body
	Sixths
}

// Sixths are the six parts of a whole.
type Sixths struct {
	State    string   `json:"state" doc:"value, too_small or no_denominator where all six parts are known, else why not"`
	Counts   []Figure `json:"counts" nullable:"false"`
	Percents []string `json:"percents" nullable:"false" doc:"as pages print them, empty where the whole is below 10"`
	Whole    *int64   `json:"whole" doc:"sum of the parts, null where one is not known"`
	Class    string   `json:"class,omitempty"`
	Printed  *Exact   `json:"printed" doc:"(七)总计 as printed"`
	Off      int64    `json:"off" doc:"printed − whole where both are known; not 0 if the report breaks A2"`
}

var outcomeColumns = func() []column[*OutcomeRow] {
	out := bodyColumns(func(r **OutcomeRow) *Body { return &(*r).Body })
	out = append(out, column[*OutcomeRow]{"state", text, func(r **OutcomeRow) string { return (*r).State }})
	for k, code := range compare.Parts {
		out = append(out, column[*OutcomeRow]{code, number, func(r **OutcomeRow) string { return exactText((*r).Counts[k].X) }},
			column[*OutcomeRow]{code + "_state", text, func(r **OutcomeRow) string { return (*r).Counts[k].State }})
	}
	return append(out, column[*OutcomeRow]{"whole", integer, func(r **OutcomeRow) string {
		if (*r).Whole == nil {
			return ""
		}
		return strconv.FormatInt(*(*r).Whole, 10)
	}}, column[*OutcomeRow]{"class", text, func(r **OutcomeRow) string { return (*r).Class }}, column[*OutcomeRow]{"printed", number, func(r **OutcomeRow) string { return exactText((*r).Printed) }},
		column[*OutcomeRow]{"off", integer, func(r **OutcomeRow) string { return strconv.FormatInt((*r).Off, 10) }})
}()

func outcomeOf(t *compare.Table, o *compare.Outcome) *OutcomeRow {
	out := &OutcomeRow{Sixths: Sixths{State: string(o.State), Counts: []Figure{}, Percents: []string{}, Class: string(o.Class), Off: o.Off, Printed: exactly(o.Total, form.Measure{})}}
	if o.Line != nil {
		out.Body = bodyOf(o.Line)
	}
	for k, p := range o.Parts {
		out.Counts, out.Percents = append(out.Counts, figureOf(t.Measures[k], p)), append(out.Percents, o.Share[k])
	}
	if o.Class != "" {
		out.Whole = &o.Whole
	}
	return out
}

// Reasons is how often agencies used each reason of an outcome.
type Reasons struct {
	Basis
	Group    string      `json:"group"`
	Totals   []Sum       `json:"totals" nullable:"false" doc:"of each measure, in their order"`
	Whole    Sum         `json:"whole" doc:"of the subtotals"`
	MostUsed []string    `json:"most_used" nullable:"false" doc:"at most three measures"`
	Rows     []ReasonRow `json:"rows" nullable:"false" doc:"a row for each agency and reason, and one without a measure for the subtotal"`
}

// ReasonRow is how often an agency used a reason.
type ReasonRow struct {
	Body
	Measure string `json:"measure" doc:"of the reason, empty for the subtotal of the group"`
	Figure
	Shade     int    `json:"shade" doc:"class of the count, the same in every year: 0 none, 1 to 2, 3 to 9, 10 to 29, from 30; −1 where there is no count"`
	Concluded *Exact `json:"concluded" doc:"(七)总计"`
}

var reasonColumns = slices.Concat(bodyColumns(func(r *ReasonRow) *Body { return &r.Body }), []column[ReasonRow]{{"measure", text, func(r *ReasonRow) string { return r.Measure }}},
	figureColumns(func(r *ReasonRow) *Figure { return &r.Figure }), []column[ReasonRow]{
		{"shade", integer, func(r *ReasonRow) string { return strconv.Itoa(r.Shade) }}, {"concluded", number, func(r *ReasonRow) string { return exactText(r.Concluded) }}})

// Disputes are the reviews and lawsuits of a year, in counts.
type Disputes struct {
	Basis
	Blocks []DisputeBlock `json:"blocks" nullable:"false"`
	Fixes  []Fix          `json:"fixes" nullable:"false" doc:"shares that ended with a correction, of three years; the agencies stand in /compare with span=3"`
	Rows   []DisputeRow   `json:"rows" nullable:"false" doc:"every agency and kind of case"`
}

// DisputeBlock is one kind of case.
type DisputeBlock struct {
	Kind    string `json:"kind" doc:"measure of its total: reviews, direct (lawsuits without a review), after (lawsuits after one)"`
	None    int    `json:"none" doc:"agencies that reported none"`
	Unknown int    `json:"unknown" doc:"agencies with a report of which the number is not known"`
	Results []Sum  `json:"results" nullable:"false" doc:"upheld, corrected, other, pending, and of all"`
}

// Fix is a share of cases that ended with a correction.
type Fix struct {
	Measure string `json:"measure"`
	Span    int    `json:"span"`
	Total   Sum    `json:"total"`
}

// DisputeRow is one agency and kind of case.
type DisputeRow struct {
	Body
	Block     string   `json:"block"`
	Upheld    Figure   `json:"upheld"`
	Corrected Figure   `json:"corrected"`
	Other     Figure   `json:"other"`
	Pending   Figure   `json:"pending"`
	All       Figure   `json:"all"`
	Lower     *float64 `json:"corrected_lower,omitempty" doc:"95 % limits of the number corrected, of agencies with a case"`
	Upper     *float64 `json:"corrected_upper,omitempty"`
	For100    *Figure  `json:"for_100,omitempty" doc:"reviews and lawsuits beside applications; no share, since a case may stem from an earlier year"`
}

var disputeColumns = func() []column[DisputeRow] {
	out := append(bodyColumns(func(r *DisputeRow) *Body { return &r.Body }), column[DisputeRow]{"block", text, func(r *DisputeRow) string { return r.Block }})
	for _, f := range []struct {
		name string
		of   func(*DisputeRow) *Figure
	}{{"upheld", func(r *DisputeRow) *Figure { return &r.Upheld }}, {"corrected", func(r *DisputeRow) *Figure { return &r.Corrected }}, {"other", func(r *DisputeRow) *Figure { return &r.Other }},
		{"pending", func(r *DisputeRow) *Figure { return &r.Pending }}, {"all", func(r *DisputeRow) *Figure { return &r.All }}} {
		out = append(out, column[DisputeRow]{f.name, number, func(r *DisputeRow) string { return exactText(f.of(r).X) }}, column[DisputeRow]{f.name + "_state", text, func(r *DisputeRow) string { return f.of(r).State }})
	}
	return append(out, column[DisputeRow]{"corrected_lower", real, func(r *DisputeRow) string { return floatText(r.Lower) }}, column[DisputeRow]{"corrected_upper", real, func(r *DisputeRow) string { return floatText(r.Upper) }})
}()

// Funnel is a share of all agencies against its denominator, with the limits of chance.
type Funnel struct {
	Basis
	Reason string        `json:"reason,omitempty" doc:"why there are no limits"`
	Total  Sum           `json:"total"`
	Theta  *float64      `json:"theta" doc:"share of the district; null where there are no limits"`
	Phi    float64       `json:"phi" doc:"by which the limits are widened; 0 where they are not"`
	Most   int64         `json:"most" doc:"the greatest n"`
	Small  int           `json:"small" doc:"agencies with n from 1 to 9, which have no point"`
	Curve  []FunnelCurve `json:"curve" nullable:"false"`
	Rows   []FunnelRow   `json:"rows" nullable:"false" doc:"every agency; those with a point first, by n"`
}

// FunnelCurve are the limits at one n.
type FunnelCurve struct {
	N       int64      `json:"n"`
	In95    [2]float64 `json:"limits95"`
	In998   [2]float64 `json:"limits998"`
	Exact95 [2]float64 `json:"exact95" doc:"as if chance alone were at work"`
	Ex998   [2]float64 `json:"exact998"`
}

// FunnelRow is one agency.
type FunnelRow struct {
	Body
	Figure
	Point  bool        `json:"point" doc:"it is drawn: n is at least 10"`
	Label  bool        `json:"label" doc:"pages write its name"`
	Status string      `json:"status,omitempty" doc:"against the district"`
	In95   *[2]float64 `json:"limits95,omitempty"`
	In998  *[2]float64 `json:"limits998,omitempty"`
}

var funnelColumns = slices.Concat(bodyColumns(func(r *FunnelRow) *Body { return &r.Body }), figureColumns(func(r *FunnelRow) *Figure { return &r.Figure }), []column[FunnelRow]{
	{"status", text, func(r *FunnelRow) string { return r.Status }},
	{"lower95", real, func(r *FunnelRow) string { return limitText(r.In95, 0) }}, {"upper95", real, func(r *FunnelRow) string { return limitText(r.In95, 1) }},
	{"lower998", real, func(r *FunnelRow) string { return limitText(r.In998, 0) }}, {"upper998", real, func(r *FunnelRow) string { return limitText(r.In998, 1) }}})

func limitText(l *[2]float64, side int) string {
	if l == nil {
		return ""
	}
	return floatText(&l[side])
}

// Trends is a measure of each agency over five years.
type Trends struct {
	Basis
	Years []YearTotal `json:"years" nullable:"false"`
	Rows  []TrendRow  `json:"rows" nullable:"false"`
}

// Trend says whether a share rises or falls.
type Trend struct {
	Marker string   `json:"marker" doc:"up, down, none, not_assessable"`
	Reason string   `json:"reason,omitempty" doc:"why no trend can be told: count, too_few, few_events, form, scope"`
	Chi2   *float64 `json:"chi2,omitempty"`
	P      *float64 `json:"p,omitempty"`
}

func trendOf(t stats.Trend, reason compare.TrendReason) Trend {
	out := Trend{Marker: string(t.Marker), Reason: string(reason)}
	if reason == "" {
		out.Chi2, out.P = &t.Chi2, &t.P
	}
	return out
}

// TrendRow is one agency.
type TrendRow struct {
	Body
	Trend
	Figures []YearFigure `json:"figures" nullable:"false" doc:"one for each year, the oldest first"`
}

// YearFigure is the figure of one year.
type YearFigure struct {
	Year   int     `json:"year"`
	Filing *string `json:"filing"`
	Figure
}

type trendFlat struct {
	TrendRow
	year YearFigure
}

var trendColumns = slices.Concat(bodyColumns(func(r *trendFlat) *Body { return &r.Body }), []column[trendFlat]{
	{"marker", text, func(r *trendFlat) string { return r.Marker }}, {"reason", text, func(r *trendFlat) string { return r.Reason }},
	{"year", integer, func(r *trendFlat) string { return strconv.Itoa(r.year.Year) }}, {"year_filing", text, func(r *trendFlat) string { return textOf(r.year.Filing) }}},
	figureColumns(func(r *trendFlat) *Figure { return &r.year.Figure }))

// Profile is one agency among its peers.
type Profile struct {
	Basis
	Agency string       `json:"agency"`
	Rows   []ProfileRow `json:"rows" nullable:"false"`
}

// ProfileRow is one share.
type ProfileRow struct {
	Measure string `json:"measure"`
	Figure
	Rank       int         `json:"rank,omitempty"`
	Ranked     int         `json:"ranked" doc:"of how many with a rank"`
	Best       int         `json:"best,omitempty" doc:"best rank that the figures allow"`
	Worst      int         `json:"worst,omitempty"`
	Status     string      `json:"status,omitempty" doc:"against the district"`
	District   Sum         `json:"district"`
	Peers      int         `json:"peers" doc:"with a share of at least 10"`
	Quantiles  []float64   `json:"quantiles" nullable:"false" doc:"0, 25, 50, 75 and 100 % of the peers; none with fewer than 8"`
	Difference *float64    `json:"difference,omitempty" doc:"to the year before, where both shares are of at least 10"`
	Within     *[2]float64 `json:"difference_within,omitempty" doc:"95 % interval"`
	Trend      Trend       `json:"trend"`
	Behind     []Rests     `json:"behind" nullable:"false"`
}

var profileColumns = slices.Concat([]column[ProfileRow]{{"measure", text, func(r *ProfileRow) string { return r.Measure }}}, figureColumns(func(r *ProfileRow) *Figure { return &r.Figure }), []column[ProfileRow]{
	{"rank", integer, func(r *ProfileRow) string { return unlessZero(r.Rank) }}, {"ranked", integer, func(r *ProfileRow) string { return strconv.Itoa(r.Ranked) }},
	{"best", integer, func(r *ProfileRow) string { return unlessZero(r.Best) }}, {"worst", integer, func(r *ProfileRow) string { return unlessZero(r.Worst) }},
	{"status", text, func(r *ProfileRow) string { return r.Status }}, {"district_x", number, func(r *ProfileRow) string { return exactText(r.District.X) }},
	{"district_n", number, func(r *ProfileRow) string { return exactText(r.District.N) }}, {"peers", integer, func(r *ProfileRow) string { return strconv.Itoa(r.Peers) }},
	{"difference", real, func(r *ProfileRow) string { return floatText(r.Difference) }}, {"trend", text, func(r *ProfileRow) string { return r.Trend.Marker }}})

// YearChange is a measure in a year and in the year before.
type YearChange struct {
	Basis
	This         Sum         `json:"this" doc:"of the year, over the agencies counted in both"`
	Last         Sum         `json:"last"`
	Difference   *float64    `json:"difference" doc:"of the two shares; null for counts and where there is none"`
	Within       *[2]float64 `json:"difference_within,omitempty" doc:"95 % interval"`
	Unchanged    int         `json:"unchanged" doc:"shares whose change is within noise"`
	CarriedWrong int         `json:"carried_wrong" doc:"agencies whose 上年结转 is not what they carried out the year before"`
	Rows         []ChangeRow `json:"rows" nullable:"false"`
}

// ChangeRow is one agency.
type ChangeRow struct {
	Body
	Now        Figure      `json:"now"`
	Before     Figure      `json:"before"`
	LastFiling *string     `json:"last_filing"`
	Difference *float64    `json:"difference,omitempty"`
	Within     *[2]float64 `json:"difference_within,omitempty"`
	Clear      bool        `json:"clear" doc:"the interval leaves out 0"`
	CarriedOut *Exact      `json:"carried_out" doc:"the year before"`
	CarriedIn  *Exact      `json:"carried_in"`
	Off        int64       `json:"off" doc:"carried_in − carried_out where both are known"`
}

var changeColumns = slices.Concat(bodyColumns(func(r *ChangeRow) *Body { return &r.Body }), []column[ChangeRow]{
	{"state", text, func(r *ChangeRow) string { return r.Now.State }}, {"x", number, func(r *ChangeRow) string { return exactText(r.Now.X) }}, {"n", number, func(r *ChangeRow) string { return exactText(r.Now.N) }},
	{"last_filing", text, func(r *ChangeRow) string { return textOf(r.LastFiling) }}, {"last_state", text, func(r *ChangeRow) string { return r.Before.State }},
	{"last_x", number, func(r *ChangeRow) string { return exactText(r.Before.X) }}, {"last_n", number, func(r *ChangeRow) string { return exactText(r.Before.N) }},
	{"difference", real, func(r *ChangeRow) string { return floatText(r.Difference) }}, {"lower", real, func(r *ChangeRow) string { return limitText(r.Within, 0) }},
	{"upper", real, func(r *ChangeRow) string { return limitText(r.Within, 1) }}, {"clear", boolean, func(r *ChangeRow) string { return yes(r.Clear) }},
	{"carried_out", number, func(r *ChangeRow) string { return exactText(r.CarriedOut) }}, {"carried_in", number, func(r *ChangeRow) string { return exactText(r.CarriedIn) }},
	{"off", integer, func(r *ChangeRow) string { return strconv.FormatInt(r.Off, 10) }}})

func changeOf(c stats.Change, known bool) (*float64, *[2]float64) {
	if !known {
		return nil, nil
	}
	return &c.Difference, &[2]float64{c.Lower, c.Upper}
}

// Matrix is several measures of all agencies.
type Matrix struct {
	Basis
	Totals []Sum       `json:"totals" nullable:"false" doc:"of each measure, in their order"`
	Rows   []MatrixRow `json:"rows" nullable:"false" doc:"a row for each agency and measure, agencies in the order of the first measure"`
}

// MatrixRow is one measure of one agency.
type MatrixRow struct {
	Body
	Measure string `json:"measure"`
	Figure
	Status string `json:"status,omitempty" doc:"against the district"`
}

var matrixColumns = slices.Concat(bodyColumns(func(r *MatrixRow) *Body { return &r.Body }), []column[MatrixRow]{{"measure", text, func(r *MatrixRow) string { return r.Measure }}},
	figureColumns(func(r *MatrixRow) *Figure { return &r.Figure }), []column[MatrixRow]{{"status", text, func(r *MatrixRow) string { return r.Status }}})

// Scatter is two measures of all agencies against each other.
type Scatter struct {
	Basis
	Drawn   int          `json:"drawn" doc:"agencies of which both can be drawn"`
	LeftOut int          `json:"left_out" doc:"agencies with a report of which one cannot"`
	Missing int          `json:"missing" doc:"agencies without a report"`
	Rows    []ScatterRow `json:"rows" nullable:"false" doc:"every agency"`
}

// ScatterRow is one agency.
type ScatterRow struct {
	Body
	Across Figure `json:"across"`
	Up     Figure `json:"up"`
	Drawn  bool   `json:"drawn"`
}

var scatterColumns = slices.Concat(bodyColumns(func(r *ScatterRow) *Body { return &r.Body }), []column[ScatterRow]{
	{"drawn", boolean, func(r *ScatterRow) string { return yes(r.Drawn) }},
	{"across_state", text, func(r *ScatterRow) string { return r.Across.State }}, {"across", real, func(r *ScatterRow) string { return exactText(r.Across.Value) }},
	{"across_x", number, func(r *ScatterRow) string { return exactText(r.Across.X) }}, {"across_n", number, func(r *ScatterRow) string { return exactText(r.Across.N) }},
	{"up_state", text, func(r *ScatterRow) string { return r.Up.State }}, {"up", real, func(r *ScatterRow) string { return exactText(r.Up.Value) }},
	{"up_x", number, func(r *ScatterRow) string { return exactText(r.Up.X) }}, {"up_n", number, func(r *ScatterRow) string { return exactText(r.Up.N) }}})

// OfMeasure are the parameters of comparisons of one measure.
type OfMeasure struct {
	Comparing
	Measure MeasureCode `query:"m" required:"true" doc:"code of the measure"`
	X       string      `query:"x" doc:"code of another reading of the numerator; see numerators of the measure"`
	Den     string      `query:"den" doc:"code of another denominator"`
}

// OfMeasures are the parameters of comparisons of several measures.
type OfMeasures struct {
	Comparing
	Measures []MeasureCode `query:"m" required:"true" minItems:"1" maxItems:"24" doc:"codes of measures"`
}

func (s *service) describeComparisons() {
	const tag = "comparison"
	type years struct {
		OfMeasures
		Paging
		From int `query:"from" minimum:"2008" maximum:"2100" doc:"first year; usually that of year"`
	}
	read[years, Values](s, operation{path: "/compare/values", id: "list-values", tag: tag, summary: "measures of all agencies over several years, each with the cells that it rests on",
		description: "A row for each measure, agency and year, those without a report included. In the list are the agencies whose newest report up to each block of five years is of the scope."},
		names(valueColumns), func(v *visit, in *years) (answer, error) { return values(v, in.OfMeasures, in.From) })
	read[Comparing, Structure](s, operation{path: "/compare/structure", id: "structure", tag: tag, summary: "how applications were answered, as six parts of a whole"}, names(outcomeColumns),
		func(v *visit, in *Comparing) (answer, error) {
			c, err := v.compares(*in)
			if err != nil {
				return nil, err
			}
			found, err := c.roster.StructureOf(v.ctx, v.Store.Conn(), c.s)
			if err != nil {
				return nil, err
			}
			out := Structure{Basis: c.basisOf(&found.Table, found.Table.Measures...), Parts: compare.Parts[:], Agencies: found.Agencies, Of: len(found.Lines), Rows: []*OutcomeRow{}}
			if found.Agencies > 0 {
				out.District = &outcomeOf(&found.Table, &found.District).Sixths
			}
			for i := range found.Lines {
				out.Rows = append(out.Rows, outcomeOf(&found.Table, &found.Lines[i]))
			}
			return listed[*OutcomeRow]{out, out.Rows, outcomeColumns}, nil
		})
	type group struct {
		Comparing
		Group string `query:"group" enum:"r3,r4,r5,r6,all" default:"r3" doc:"reasons of 不予公开, 无法提供, 不予处理, 其他处理, or of all"`
	}
	read[group, Reasons](s, operation{path: "/compare/reasons", id: "reasons", tag: tag, summary: "how often each reason was used"}, names(reasonColumns), func(v *visit, in *group) (answer, error) {
		c, err := v.compares(in.Comparing)
		if err != nil {
			return nil, err
		}
		found, err := c.roster.ReasonsOf(v.ctx, v.Store.Conn(), c.s, in.Group)
		if err != nil {
			return nil, err
		}
		lines := len(found.Lines)
		out := Reasons{Basis: c.basisOf(&found.Table, found.Columns...), Group: found.Group, Totals: []Sum{}, Whole: sumOf(form.Measure{}, found.Whole, lines), MostUsed: []string{}, Rows: []ReasonRow{}}
		for k, t := range found.Totals {
			out.Totals = append(out.Totals, sumOf(found.Columns[k], t, lines))
		}
		for _, k := range found.MostUsed {
			out.MostUsed = append(out.MostUsed, found.Columns[k].Code)
		}
		for _, l := range found.Lines {
			body, of := bodyOf(l.Line), exactly(l.Of, form.Measure{})
			for k, cell := range l.Cells {
				out.Rows = append(out.Rows, ReasonRow{body, found.Columns[k].Code, figureOf(found.Columns[k], cell.Judged), cell.Shade, of})
			}
			shade := -1
			if l.Total.Counted() {
				shade = compare.Shade(l.Total.X.Sum)
			}
			out.Rows = append(out.Rows, ReasonRow{body, "", figureOf(form.Measure{}, l.Total), shade, of})
		}
		return listed[ReasonRow]{out, out.Rows, reasonColumns}, nil
	})
	read[Comparing, Disputes](s, operation{path: "/compare/disputes", id: "disputes", tag: tag, summary: "reviews and lawsuits, in counts"}, names(disputeColumns), func(v *visit, in *Comparing) (answer, error) {
		c, err := v.compares(*in)
		if err != nil {
			return nil, err
		}
		found, err := c.roster.DisputesOf(v.ctx, v.Store.Conn(), c.s)
		if err != nil {
			return nil, err
		}
		out := disputesOf(&c, &found)
		return listed[DisputeRow]{out, out.Rows, disputeColumns}, nil
	})
	read[OfMeasure, Funnel](s, operation{path: "/compare/funnel", id: "funnel", tag: tag, summary: "a share against its denominator, with the limits of chance"}, names(funnelColumns),
		func(v *visit, in *OfMeasure) (answer, error) {
			m, _ := form.LookupMeasure(string(in.Measure))
			if !m.Share() {
				return nil, wrongValue("m", m.Code, "want a share: only they have limits of chance; see kind in /measures")
			}
			c, r, err := oneMeasure(v, in)
			if err != nil {
				return nil, err
			}
			out := funnelOf(&c, &r)
			return listed[FunnelRow]{out, out.Rows, funnelColumns}, nil
		})
	read[OfMeasure, Trends](s, operation{path: "/compare/trends", id: "trends", tag: tag, summary: "a measure of each agency over five years, and whether it rises or falls"}, names(trendColumns),
		func(v *visit, in *OfMeasure) (answer, error) {
			c, asked, err := oneAsked(v, in)
			if err != nil {
				return nil, err
			}
			found, err := c.roster.TrendsOf(v.ctx, v.Store.Conn(), c.s, asked)
			if err != nil {
				return nil, err
			}
			out := Trends{Basis: c.basisOf(&found.Table, found.Measure), Years: []YearTotal{}, Rows: []TrendRow{}}
			for k, year := range found.Years {
				out.Years = append(out.Years, yearTotal(&found.Table, found.Measure, 0, k, year))
			}
			var flat []trendFlat
			for _, l := range found.Lines {
				row := TrendRow{Body: bodyOf(l.Line), Trend: trendOf(l.Trend, l.Reason), Figures: []YearFigure{}}
				for k, j := range l.Figures {
					row.Figures = append(row.Figures, YearFigure{found.Years[k], filingOrNil(l.Line.Reports[k].Filing), figureOf(found.Measure, j)})
				}
				out.Rows = append(out.Rows, row)
				for _, y := range row.Figures {
					flat = append(flat, trendFlat{row, y})
				}
			}
			return listed[trendFlat]{out, flat, trendColumns}, nil
		})
	type one struct {
		Comparing
		ID       string        `path:"agency"`
		Measures []MeasureCode `query:"m" doc:"codes of shares; usually all"`
	}
	read[one, Profile](s, operation{path: "/agencies/{agency}/profile", id: "profile", tag: tag, summary: "one agency among its peers: every share, that of all, and how the peers spread"}, names(profileColumns),
		func(v *visit, in *one) (answer, error) { return profile(v, in.Comparing, in.ID, in.Measures) })
	read[OfMeasure, YearChange](s, operation{path: "/compare/changes", id: "year-change", tag: tag, summary: "a measure in a year and the year before, and whether what was carried over agrees"}, names(changeColumns),
		func(v *visit, in *OfMeasure) (answer, error) {
			c, asked, err := oneAsked(v, in)
			if err != nil {
				return nil, err
			}
			found, err := c.roster.ChangesOf(v.ctx, v.Store.Conn(), c.s, asked)
			if err != nil {
				return nil, err
			}
			m, lines := found.Measure, len(found.Lines)
			out := YearChange{Basis: c.basisOf(&found.Table, found.Table.Measures...), This: sumOf(m, found.Both, lines), Last: sumOf(m, found.Last, lines), Unchanged: found.Unchanged,
				CarriedWrong: found.CarriedWrong, Rows: []ChangeRow{}}
			out.Difference, out.Within = changeOf(found.Change, found.Changed)
			for i := range found.Lines {
				l := &found.Lines[i]
				row := ChangeRow{Body: bodyOf(l.Line), Now: figureOf(m, l.Now), Before: figureOf(m, l.Before), LastFiling: filingOrNil(l.Line.Reports[0].Filing), Clear: l.Changed && l.Change.Clear(),
					CarriedOut: exactly(l.CarriedOut, form.Measure{}), CarriedIn: exactly(l.CarriedIn, form.Measure{}), Off: l.Off()}
				row.Difference, row.Within = changeOf(l.Change, l.Changed)
				out.Rows = append(out.Rows, row)
			}
			return listed[ChangeRow]{out, out.Rows, changeColumns}, nil
		})
	read[OfMeasures, Matrix](s, operation{path: "/compare/matrix", id: "matrix", tag: tag, summary: "several measures of all agencies of a year"}, names(matrixColumns), func(v *visit, in *OfMeasures) (answer, error) {
		c, err := v.compares(in.Comparing)
		if err != nil {
			return nil, err
		}
		found, err := c.roster.MatrixOf(v.ctx, v.Store.Conn(), c.request(), as[string](in.Measures)...)
		if err != nil {
			return nil, err
		}
		out := Matrix{Basis: c.basisOfMatrix(&found), Totals: []Sum{}, Rows: []MatrixRow{}}
		for k, t := range found.Totals {
			out.Totals = append(out.Totals, sumOf(found.Measures[k], t, len(found.Lines)))
		}
		for _, l := range found.Lines {
			for k, cell := range l.Cells {
				out.Rows = append(out.Rows, MatrixRow{bodyOfMatrix(&l), found.Measures[k].Code, figureOf(found.Measures[k], cell.Judged), string(cell.Status)})
			}
		}
		return listed[MatrixRow]{out, out.Rows, matrixColumns}, nil
	})
	type two struct {
		Comparing
		Across MeasureCode `query:"m" required:"true" doc:"code of the measure across"`
		Up     MeasureCode `query:"up" required:"true" doc:"code of the measure upwards"`
	}
	read[two, Scatter](s, operation{path: "/compare/scatter", id: "scatter", tag: tag, summary: "two measures of all agencies against each other"}, names(scatterColumns), func(v *visit, in *two) (answer, error) {
		if in.Across == in.Up {
			return nil, wrongValue("up", string(in.Up), "want another measure than m")
		}
		c, err := v.compares(in.Comparing)
		if err != nil {
			return nil, err
		}
		across, up := string(in.Across), string(in.Up)
		drawn, err := c.roster.ScatterOf(v.ctx, v.Store.Conn(), c.request(), across, up)
		if err != nil {
			return nil, err
		}
		found, err := c.roster.MatrixOf(v.ctx, v.Store.Conn(), c.request(), across, up) // from the sums that are kept
		if err != nil {
			return nil, err
		}
		out := Scatter{Basis: c.basisOfMatrix(&found), Drawn: len(drawn.Points), LeftOut: drawn.LeftOut, Missing: drawn.Missing, Rows: []ScatterRow{}}
		points := map[string]bool{}
		for _, p := range drawn.Points {
			points[p.Agency] = true
		}
		for _, l := range found.Lines {
			out.Rows = append(out.Rows, ScatterRow{bodyOfMatrix(&l), figureOf(found.Measures[0], l.Cells[0].Judged), figureOf(found.Measures[1], l.Cells[1].Judged), points[l.Agency]})
		}
		return listed[ScatterRow]{out, out.Rows, scatterColumns}, nil
	})
}

func bodyOfMatrix(l *compare.MatrixLine) Body {
	return Body{Agency: l.Agency, Name: l.Name, Kind: Kind(l.Kind), Filing: filingOrNil(l.Filing)}
}

func (c *comparing) basisOfMatrix(m *compare.Matrix) Basis {
	received := 0
	for _, l := range m.Lines {
		if l.Filing != "" {
			received++
		}
	}
	return c.basis(c.in.Year, len(m.Lines), received, m.OtherScope, m.Measures...)
}

// oneAsked is a comparison of one measure over years.
func oneAsked(v *visit, in *OfMeasure) (comparing, compare.Asked, error) {
	asked, err := reading(in.Measure, in.X, in.Den)
	if err != nil {
		return comparing{}, asked, err
	}
	if m, _ := form.LookupMeasure(asked.Measure); m.Kind == form.GrowthOf {
		return comparing{}, asked, wrongValue("m", m.Code, "want another measure: growth compares two years already; see /compare")
	}
	c, err := v.compares(in.Comparing)
	return c, asked, err
}

// oneMeasure is a comparison of one measure in a year.
func oneMeasure(v *visit, in *OfMeasure) (comparing, compare.Result, error) {
	asked, err := reading(in.Measure, in.X, in.Den)
	if err != nil {
		return comparing{}, compare.Result{}, err
	}
	c, err := v.compares(in.Comparing)
	if err != nil {
		return c, compare.Result{}, err
	}
	request := c.request()
	request.Measure, request.Numerator, request.Denominator = asked.Measure, asked.Numerator, asked.Denominator
	r, err := c.roster.Run(v.ctx, v.Store.Conn(), request)
	return c, r, err
}

// yearTotal adds up a measure in one year of a table, and says what it leaves out.
func yearTotal(t *compare.Table, m form.Measure, measure, at, year int) YearTotal {
	var total compare.Totals
	leftOut := map[compare.State]int{}
	for i := range t.Lines {
		j := t.Lines[i].Reports[at].Figures[measure]
		if !j.Counted() {
			leftOut[j.State]++
			continue
		}
		total.Agencies++
		total.X += j.X.Sum
		total.N += j.N.Sum
	}
	out := YearTotal{Measure: m.Code, Year: year, Total: sumOf(m, total, len(t.Lines)), LeftOut: []LeftOut{}}
	for _, state := range compare.States {
		if n := leftOut[state]; n > 0 {
			out.LeftOut = append(out.LeftOut, LeftOut{string(state), n})
		}
	}
	return out
}

// values lists measures over years, five years at a time: so many a roster holds.
func values(v *visit, in OfMeasures, from int) (answer, error) {
	if from == 0 {
		from = in.Year
	}
	if from > in.Year {
		return nil, wrongValue("from", strconv.Itoa(from), "want a year up to year, "+strconv.Itoa(in.Year))
	}
	for _, code := range in.Measures {
		if m, _ := form.LookupMeasure(string(code)); m.Kind == form.GrowthOf {
			return nil, wrongValue("m", m.Code, "want other measures: growth compares two years already; see /compare")
		}
	}
	c, err := v.compares(in.Comparing)
	if err != nil {
		return nil, err
	}
	out := Values{Totals: []YearTotal{}, Items: []ValueRow{}}
	var all []ValueRow
	for last := in.Year; last >= from; last -= stats.TrendYears {
		roster, selection := c.roster, c.s
		if last != in.Year {
			if roster, err = v.roster(last); err != nil {
				return nil, err
			}
		}
		selection.Year, selection.Years = last, min(stats.TrendYears, last-from+1)
		t, err := roster.Table(v.ctx, v.Store.Conn(), selection, compare.Usual(as[string](in.Measures)...)...)
		if err != nil {
			return nil, err
		}
		if last == in.Year {
			out.Basis = c.basisOf(&t, t.Measures...)
			out.From = from
		}
		for k := range t.Measures {
			for at := range t.Selection.Years {
				out.Totals = append(out.Totals, yearTotal(&t, t.Measures[k], k, at, last-t.Selection.Years+1+at))
			}
		}
		for i := range t.Lines {
			l := &t.Lines[i]
			for _, report := range l.Reports {
				for k, j := range report.Figures {
					row := ValueRow{Body: Body{l.Agency, l.Name, Kind(l.Kind), filingOrNil(report.Filing), report.Synthetic, report.Flawed}, Year: report.Year, Measure: t.Measures[k].Code,
						Figure: figureOf(t.Measures[k], j), Behind: []Rests{}}
					if report.Filing != "" {
						row.Behind = rests(roster.Behind(t.Measures[k], l.Agency, report.Year))
					}
					all = append(all, row)
				}
			}
		}
	}
	order := func(code string) int { return slices.Index(in.Measures, MeasureCode(code)) }
	slices.SortStableFunc(all, func(a, b ValueRow) int {
		if a.Measure != b.Measure {
			return order(a.Measure) - order(b.Measure)
		}
		if a.Agency != b.Agency {
			return strings.Compare(a.Agency, b.Agency)
		}
		return a.Year - b.Year
	})
	slices.SortStableFunc(out.Totals, func(a, b YearTotal) int {
		if a.Measure != b.Measure {
			return order(a.Measure) - order(b.Measure)
		}
		return a.Year - b.Year
	})
	page, err := whole(v, all, valueColumns)
	if err != nil {
		return nil, err
	}
	list := page.(rows[ValueRow]).page
	out.Total, out.Next, out.Items = list.Total, list.Next, list.Items
	return listed[ValueRow]{out, all, valueColumns}, nil
}

func disputesOf(c *comparing, found *compare.Disputes) Disputes {
	t := &found.Table
	lines, width := len(t.Lines), (len(t.Measures)-1)/len(found.Blocks)
	out := Disputes{Basis: c.basisOf(t, t.Measures...), Blocks: []DisputeBlock{}, Fixes: []Fix{}, Rows: []DisputeRow{}}
	for b := range found.Blocks {
		block := &found.Blocks[b]
		one := DisputeBlock{Kind: block.Kind, None: block.None, Unknown: len(block.Unknown), Results: []Sum{}}
		for k, total := range block.Totals {
			one.Results = append(one.Results, sumOf(t.Measures[b*width+k], total, lines))
		}
		out.Blocks = append(out.Blocks, one)
		limits := map[string]*compare.DisputeLine{}
		for i := range block.Lines {
			limits[block.Lines[i].Line.Agency] = &block.Lines[i]
		}
		for i := range t.Lines {
			l := &t.Lines[i]
			var f []Figure
			for k := range width {
				f = append(f, figureOf(t.Measures[b*width+k], l.Last().Figures[b*width+k]))
			}
			row := DisputeRow{Body: bodyOf(l), Block: block.Kind, Upheld: f[0], Corrected: f[1], Other: f[2], Pending: f[3], All: f[4]}
			if d := limits[l.Agency]; d != nil && d.LimitsKnown {
				row.Lower, row.Upper = &d.Limits.Lower, &d.Limits.Upper
			}
			if b == 0 {
				per := figureOf(t.Measures[len(t.Measures)-1], found.For100[i])
				row.For100 = &per
			}
			out.Rows = append(out.Rows, row)
		}
	}
	for i := range found.Fixes {
		f := &found.Fixes[i]
		out.Fixes = append(out.Fixes, Fix{f.Measure.Code, f.Request.Span, sumOf(f.Measure, f.Totals, f.Known)})
	}
	return out
}

func funnelOf(c *comparing, r *compare.Result) Funnel {
	p := r.Funnel()
	out := Funnel{Basis: c.basis(c.in.Year, r.Known, r.Received, r.OtherScope, r.Measure), Reason: string(p.Reason), Total: sumOf(r.Measure, r.Totals, r.Known), Phi: p.Phi, Most: p.Most, Small: p.Small,
		Curve: []FunnelCurve{}, Rows: []FunnelRow{}}
	if p.Reason == stats.None {
		theta := p.Theta.Share()
		out.Theta = &theta
	}
	for _, at := range p.Curve {
		l, e := at.Limits, at.Exact
		out.Curve = append(out.Curve, FunnelCurve{at.N, [2]float64{l.Lower95, l.Upper95}, [2]float64{l.Lower998, l.Upper998}, [2]float64{e.Lower95, e.Upper95}, [2]float64{e.Lower998, e.Upper998}})
	}
	drawn := map[int]bool{}
	add := func(i int, point, label bool) {
		row := &r.Rows[i]
		one := FunnelRow{Body: bodyOfRow(row), Figure: figureOfRow(r.Measure, row), Point: point, Label: label, Status: string(row.Judgement.Status)}
		if one.Status != "" {
			l := row.Judgement.Limits
			one.In95, one.In998 = &[2]float64{l.Lower95, l.Upper95}, &[2]float64{l.Lower998, l.Upper998}
		}
		out.Rows = append(out.Rows, one)
	}
	for _, point := range p.Points {
		drawn[point.Row] = true
		add(point.Row, true, point.Label)
	}
	for i := range r.Rows {
		if !drawn[i] {
			add(i, false, false)
		}
	}
	return out
}

func figureOfRow(m form.Measure, r *compare.Row) Figure {
	return figureOf(m, compare.Judged{State: r.State, X: r.X, N: r.N, Class: r.Class})
}

func profile(v *visit, in Comparing, id string, asked []MeasureCode) (answer, error) {
	var codes []string
	for _, m := range form.Offered {
		if m.Share() && (len(asked) == 0 || slices.Contains(asked, MeasureCode(m.Code))) {
			codes = append(codes, m.Code)
		}
	}
	for _, code := range asked {
		if !slices.Contains(codes, string(code)) {
			return nil, wrongValue("m", string(code), "want shares; see kind in /measures")
		}
	}
	c, err := v.compares(in)
	if err != nil {
		return nil, err
	}
	if len(c.s.Agencies) > 0 && !slices.Contains(c.s.Agencies, id) {
		return nil, wrongValue("peers", string(in.Peers), "the agency is not among these peers; want of to be the agency itself, or a set that has it")
	}
	found, err := c.roster.ProfileOf(v.ctx, v.Store.Conn(), c.s, id, codes...)
	if errors.Is(err, compare.ErrNoAgency) {
		return nil, notFound
	}
	if err != nil {
		return nil, err
	}
	results, err := c.roster.RunAll(v.ctx, v.Store.Conn(), c.request(), codes...) // from the sums that are kept
	if err != nil {
		return nil, err
	}
	var measures []form.Measure
	out := Profile{Agency: id, Rows: []ProfileRow{}}
	for k := range found.Lines {
		l, r := &found.Lines[k], &results[k]
		measures = append(measures, l.Measure)
		row := ProfileRow{Measure: l.Measure.Code, Figure: figureOfRow(l.Measure, &l.Own), Rank: l.Own.Rank, Ranked: r.Ranked, Best: l.Own.Range.Best, Worst: l.Own.Range.Worst,
			Status: string(l.Own.Judgement.Status), District: sumOf(l.Measure, r.Totals, r.Known), Peers: l.Spread.Peers, Quantiles: []float64{}, Trend: trendOf(l.Trend, l.Reason),
			Behind: rests(c.roster.Behind(l.Measure, id, in.Year))}
		if l.Spread.Known {
			row.Quantiles = []float64{l.Spread.Least, l.Spread.Lower, l.Spread.Middle, l.Spread.Upper, l.Spread.Most}
		}
		row.Difference, row.Within = changeOf(l.Own.Change, l.Own.Changed)
		out.Rows = append(out.Rows, row)
	}
	if len(results) > 0 {
		out.Basis = c.basis(in.Year, results[0].Known, results[0].Received, results[0].OtherScope, measures...)
	}
	return listed[ProfileRow]{out, out.Rows, profileColumns}, nil
}
