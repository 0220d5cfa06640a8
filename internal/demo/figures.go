package demo

import (
	"github.com/shopspring/decimal"

	"nianbao/internal/form"
)

// figures are what happened at one body in one year, in the cells of both versions of the form: what a report of
// either version ought to print. They satisfy every identity.
type figures map[form.Key]decimal.Decimal

func (f figures) set(table, row, column string, n int64) {
	f[form.Key{Table: table, Row: row, Column: column}] = decimal.NewFromInt(n)
}

// plus adds the figures of another body.
func (f figures) plus(g figures) figures {
	sum := figures{}
	for _, version := range form.Forms {
		for _, t := range version.Tables {
			for _, k := range t.Keys() {
				sum[k] = f[k].Add(g[k])
			}
		}
	}
	return sum
}

// cells are the figures that a report prints, by the versions of its tables, each as a plain number.
func (f figures) cells(versions map[string]form.Version) map[form.Key]Cell {
	out := map[form.Key]Cell{}
	r := Report{Forms: versions}
	for _, code := range tableCodes {
		t, err := r.table(code)
		if err != nil {
			continue
		}
		for _, k := range t.Keys() {
			out[k] = number(f[k])
		}
	}
	return out
}

// year is one body's year: its figures and what only the prose states.
type year struct {
	figures   figures
	disclosed int64 // pieces of information made public
	fee       int64 // 信息处理费 in 元
	notices   int64 // of that fee
}

func (y year) statements() statements {
	disclosed, fee := decimal.NewFromInt(y.disclosed), decimal.NewFromInt(y.fee)
	return statements{disclosed: &disclosed, fee: &fee, notices: y.notices}
}

// weights of the columns of section 三 without its total, and of the outcomes.
var (
	applicantWeights = []struct {
		column string
		weight int64
	}{{"natural", 860}, {"commercial", 90}, {"research", 3}, {"welfare", 5}, {"legal", 30}, {"other", 12}}

	outcomeWeights = []struct {
		row    string
		weight int64
	}{
		{"R1", 420}, {"R2", 90},
		{"R3_1", 2}, {"R3_2", 4}, {"R3_3", 1}, {"R3_4", 14}, {"R3_5", 14}, {"R3_6", 10}, {"R3_7", 10}, {"R3_8", 12},
		{"R4_1", 240}, {"R4_2", 35}, {"R4_3", 12},
		{"R5_1", 40}, {"R5_2", 14}, {"R5_3", 1}, {"R5_4", 2}, {"R5_5", 3},
		{"R6_1", 16}, {"R6_2", 4}, {"R6_3", 56},
	}

	// leanings are rows that a leaning makes so many times likelier.
	leanings = map[leaning]map[string]int64{
		registry:  {"R3_8": 6, "R3_4": 3, "R4_1": 2},
		enforcing: {"R3_7": 7, "R5_1": 2, "R3_4": 2},
		internal:  {"R3_5": 4, "R3_6": 5, "R4_1": 2},
		petitions: {"R5_1": 4, "R5_2": 2, "R4_2": 2},
	}
)

// history makes up the years of one body, first year first.
func history(b body, o Options, plan plan) []year {
	d := stream(o.Seed, b.index, 1)
	applicants := make([]int64, len(applicantWeights))
	for i, w := range applicantWeights {
		applicants[i] = max(1, d.logNormal(w.weight, 8))
	}
	results := make([]int64, len(outcomeWeights))
	for i, w := range outcomeWeights {
		weight := w.weight
		if factor, ok := leanings[b.leaning][w.row]; ok {
			weight *= factor
		}
		results[i] = max(1, d.logNormal(weight, 10))
	}
	size := min(d.logNormal(b.applications, 20), 2_500_000)
	slowness := d.between(10, 90) // permille of applications that are still open at the year's end
	disputed := d.between(10, 60) // permille of applications that lead to a dispute
	usual := map[string]int64{"licensing": d.logNormal(b.licensing, 12), "other_services": d.logNormal(b.licensing/6, 12),
		"punishment": d.logNormal(b.punishment, 14), "coercion": d.logNormal(b.coercion, 14)}
	fees := d.logNormal(b.fees*10_000, 12) // 元
	items := map[string]int64{}            // on the lists of the form of 2019
	for _, row := range []string{"licensing", "other_services", "punishment", "coercion", "fees"} {
		if usual[row] > 0 || row == "fees" && fees > 0 {
			items[row] = d.between(2, 9) * d.between(1, 12)
		}
	}
	valid := d.count(b.normative * 6)
	public := valid

	open := make([]int64, len(applicantWeights)) // applications carried over, by column
	for i := range open {
		open[i] = d.binomial(d.count(size*applicants[i]/1000), int(slowness))
	}
	var out []year
	for y := o.FirstYear; y <= o.LastYear; y++ {
		f := figures{}
		this := year{figures: f, disclosed: d.logNormal(b.disclosed, 4)}
		size = size * d.between(850, 1200) / 1000

		// Section three, column by column, so that every sum holds in each.
		if plan.has(b, y, carryBroken) {
			open[0] += d.between(1, 3) // carried in, and by nobody carried out
		}
		received := make([]int64, len(open))
		for range d.count(size) {
			received[d.pick(applicants)]++
		}
		rows := map[string][]int64{"NEW": received, "CARRY_IN": append([]int64{}, open...)}
		for i := range open {
			handled := received[i] + open[i]
			open[i] = d.binomial(handled, int(slowness))
			for range handled - open[i] {
				row := outcomeWeights[d.pick(results)].row
				if rows[row] == nil {
					rows[row] = make([]int64, len(open))
				}
				rows[row][i]++
			}
		}
		rows["CARRY_OUT"] = append([]int64{}, open...)
		f.setApplications(rows)

		f.setDisputes(d, sum(received), disputed)

		made := d.count(b.normative)
		repealed := min(d.count(b.normative*2/3), valid+made)
		valid += made - repealed
		if plan.has(b, y, validJumps) {
			valid -= min(d.between(1, 4), valid) // lapsed, and not repealed
		}
		public += made
		f.set(form.Section2, "normative", "made", made)
		f.set(form.Section2, "normative", "repealed", repealed)
		f.set(form.Section2, "normative", "valid", valid)
		f.set(form.Section2, "normative", "made_new", made)
		f.set(form.Section2, "normative", "published_new", made)
		f.set(form.Section2, "normative", "total_public", public)
		for _, row := range []string{"licensing", "other_services", "punishment", "coercion"} {
			if n := usual[row]; n > 0 {
				f.set(form.Section2, row, "processed", n*d.between(700, 1300)/1000)
			}
		}
		for _, row := range []string{"licensing", "other_services", "punishment", "coercion", "fees"} {
			change := int64(0)
			if items[row] > 0 && d.chance(400) {
				change = d.between(-min(3, items[row]), 6)
			}
			f.set(form.Section2, row, "prev_items", items[row])
			f.set(form.Section2, row, "delta", change)
			items[row] += change
		}
		if fees > 0 {
			precision := int32(d.between(0, 4))
			amount := decimal.New(fees*d.between(800, 1200)/1000, -4).Round(precision)
			f[form.Key{Table: form.Section2, Row: "fees", Column: "amount_wan"}] = amount
		}
		if projects := d.count(min(b.disclosed*6, 6_000)); projects > 0 {
			f.set(form.Section2, "procurement", "projects", projects)
			f[form.Key{Table: form.Section2, Row: "procurement", Column: "amount_yuan"}] = decimal.New(d.logNormal(projects*30_000_000, 14), -2)
		}
		if y >= 2021 && sum(received) > 100 && d.chance(250) { // the fee exists since 2021
			this.notices = d.between(1, 4)
			this.fee = 10 * this.notices * d.between(5, 90)
		}
		out = append(out, this)
	}
	return out
}

func sum(list []int64) int64 {
	var n int64
	for _, v := range list {
		n += v
	}
	return n
}

// setApplications fills section 三 of both versions from its rows without totals: the totals are sums, and the single
// row (六) of 2019 is the sum of its three successors.
func (f figures) setApplications(rows map[string][]int64) {
	n := len(applicantWeights)
	total, others := make([]int64, n), make([]int64, n)
	for _, w := range outcomeWeights {
		for i, v := range rows[w.row] {
			total[i] += v
			if _, ok := group("R6", w.row); ok {
				others[i] += v
			}
		}
	}
	rows["R7"], rows["R6"] = total, others
	for _, version := range form.Forms {
		t, _ := version.Table(form.Section3)
		for _, row := range t.Rows() {
			values := rows[row.Code]
			if values == nil {
				values = make([]int64, n)
			}
			for i, w := range applicantWeights {
				f.set(form.Section3, row.Code, w.column, values[i])
			}
			f.set(form.Section3, row.Code, "total", sum(values))
		}
	}
}

// group reports whether the outcome belongs to the group of this code.
func group(code, row string) (form.Group, bool) {
	for _, g := range form.Groups {
		for _, r := range g.Rows {
			if g.Code == code && r == row {
				return g, true
			}
		}
	}
	return form.Group{}, false
}

// setDisputes fills section 四.
func (f figures) setDisputes(d draw, applications, permille int64) {
	for _, way := range []struct {
		row   string
		share int64 // permille of all disputes
	}{{"review", 640}, {"direct", 190}, {"after", 170}} {
		var results [4]int64
		for range d.binomial(applications, int(permille*way.share/1000)) {
			results[d.pick([]int64{56, 12, 18, 14})]++
		}
		for i, column := range []string{"upheld", "corrected", "other", "pending"} {
			f.set(form.Section4, way.row, column, results[i])
		}
		f.set(form.Section4, way.row, "total", sum(results[:]))
	}
}
