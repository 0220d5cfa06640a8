package page

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"nianbao/dashboard/words"
	"nianbao/internal/form"
	"nianbao/internal/register"
	"nianbao/query/compare"
	"nianbao/query/coverage"
	"nianbao/query/findings"
	"nianbao/query/history"
	moments "nianbao/query/moment"
)

// address is the whole state of a page: its path and parameters. Every page takes a subset of the parameters; the
// same parameter means the same on every page.
type address struct {
	path   string // without the suffix of the format
	format format
	lang

	year     int      // 0 means the newest year with reports
	measure  string   // code
	den, x   string   // codes of readings of the measure, "" for the usual ones
	span     int      // years added up: 1 or 3
	peer     string   // all, type:x or list:id,id
	mark     []string // ids of highlighted agencies
	scope    form.Scope
	excl     string // what is left out: critical or none
	sort     compare.Sort
	page     int       // which sixty rows the picture shows, or which two hundred of a list, from 1
	asOf     time.Time // zero means now
	theme    string    // auto, light, dark
	part     string    // "" or option, with .json, or plot, with .svg: the picture without what stands around it
	bom      bool      // CSV begins with a byte order mark
	explicit []string  // names of the parameters given

	// What lists are narrowed to; empty means all.
	agency     string
	kinds      []register.Kind
	states     []coverage.State
	rules      []string
	severities []form.Severity
	outcomes   []form.Outcome
	decisions  []findings.Decision
	events     []history.Kind
	text       string // what has to stand in it

	order        findings.Sort
	older, newer string    // ids of the filings that are compared, from and to
	since        time.Time // after which moment; zero means from the beginning
	join         bool      // the years of the bodies before stand in the same table

	view  string // share or count: bars of shares or of numbers
	group string // of reasons: r3 … r6 or all
	up    string // code of the measure on the upright axis
	scale string // shared or own: the axes of small pictures

	viewed string // address of the page that is to be put on a wall
}

// format is how a page is delivered.
type format string

const (
	asHTML format = ""
	asJSON format = ".json"
	asCSV  format = ".csv"
	asXLSX format = ".xlsx"
	asSVG  format = ".svg" // the picture alone
)

// table reports whether the format is a table of values.
func (f format) table() bool { return f == asCSV || f == asXLSX }

// problem is a parameter that is unknown, or has a value that is not allowed.
type problem struct {
	Parameter string   `json:"parameter"`
	Value     string   `json:"value,omitempty"`
	Allowed   []string `json:"allowed"`
	unknown   bool     // the parameter itself; Allowed then lists parameters
}

func (p *problem) Error() string {
	if p.unknown {
		return fmt.Sprintf("parameter %q is not known here, want one of: %s", p.Parameter, strings.Join(p.Allowed, ", "))
	}
	return fmt.Sprintf("parameter %s has the value %q, want one of: %s", p.Parameter, p.Value, strings.Join(p.Allowed, ", "))
}

// parameter reads one parameter into an address and writes it back. The list is in canonical order.
type parameter struct {
	name string
	// read returns the values allowed if the given one is not.
	read func(a *address, value string) (allowed []string)
	// write returns "" for the default.
	write func(a *address) string
}

func oneOf[T ~string](value string, into *T, allowed ...T) []string {
	if slices.Contains(allowed, T(value)) {
		*into = T(value)
		return nil
	}
	return plainTexts(allowed)
}

// someOf reads values separated by commas. They are kept in the order in which pages list them, each once.
func someOf[T ~string](value string, into *[]T, allowed []T) []string {
	given := strings.Split(value, ",")
	if slices.ContainsFunc(given, func(s string) bool { return !slices.Contains(allowed, T(s)) }) {
		return plainTexts(allowed)
	}
	for _, a := range allowed {
		if slices.Contains(given, string(a)) {
			*into = append(*into, a)
		}
	}
	return nil
}

// several is a parameter that narrows a list to some of the allowed values.
func several[T ~string](name string, field func(*address) *[]T, allowed []T) parameter {
	return parameter{name, func(a *address, v string) []string { return someOf(v, field(a), allowed) },
		func(a *address) string { return strings.Join(plainTexts(*field(a)), ",") }}
}

// filingOf is a parameter with the id of a version of a report.
func filingOf(name string, field func(*address) *string) parameter {
	return parameter{name, func(a *address, v string) []string {
		if len(v) != 26 || !plainID(v) {
			return []string{"01J…"}
		}
		*field(a) = strings.ToUpper(v)
		return nil
	}, func(a *address) string { return *field(a) }}
}

func plainTexts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}

const oldestYear, newestYear = 2008, 2100 // the 条例 has been in force since 2008

var parameters = []parameter{
	{"year", func(a *address, v string) []string {
		n, err := strconv.Atoi(v)
		if err != nil || n < oldestYear || n > newestYear || strconv.Itoa(n) != v {
			return []string{fmt.Sprintf("%d…%d", oldestYear, newestYear)}
		}
		a.year = n
		return nil
	}, func(a *address) string {
		if a.year == 0 {
			return ""
		}
		return strconv.Itoa(a.year)
	}},
	{"m", func(a *address, v string) []string {
		if m, ok := form.LookupMeasure(v); ok && m.Offered() {
			a.measure = v
			return nil
		}
		return codesOf(form.Offered)
	}, func(a *address) string { return unless(a.measure, defaultMeasure) }},
	{"den", func(a *address, v string) []string {
		return oneReading(a, v, &a.den, func(m form.Measure) []form.Reading { return m.Denominators })
	}, func(a *address) string { return a.den }},
	{"x", func(a *address, v string) []string {
		return oneReading(a, v, &a.x, func(m form.Measure) []form.Reading { return m.Numerators })
	}, func(a *address) string { return a.x }},
	{"span", func(a *address, v string) []string {
		m, _ := form.LookupMeasure(a.measure)
		switch {
		case v == "1":
			a.span = 1
		case v == strconv.Itoa(compare.PooledYears) && m.Share():
			a.span = compare.PooledYears
		case m.Share():
			return []string{"1", strconv.Itoa(compare.PooledYears)}
		default: // numbers of several years are not added up: who filed more years would have more
			return []string{"1"}
		}
		return nil
	}, func(a *address) string {
		if a.span <= 1 {
			return ""
		}
		return strconv.Itoa(a.span)
	}},
	{"peer", func(a *address, v string) []string {
		switch kind, ids := strings.TrimPrefix(v, "type:"), strings.TrimPrefix(v, "list:"); {
		case v == "all":
		case kind != v && slices.Contains(compare.Kinds, compare.Kind(kind)):
		case ids != v && plainIDs(strings.Split(ids, ",")):
		default:
			allowed := []string{"all"}
			for _, k := range compare.Kinds {
				allowed = append(allowed, "type:"+string(k))
			}
			return append(allowed, "list:id,id…")
		}
		a.peer = v
		return nil
	}, func(a *address) string { return unless(a.peer, "all") }},
	{"mark", func(a *address, v string) []string {
		ids := strings.Split(v, ",")
		if !plainIDs(ids) || len(ids) > 8 {
			return []string{"id,id… (1–8)"}
		}
		a.mark = ids
		return nil
	}, func(a *address) string { return strings.Join(a.mark, ",") }},
	{"scope", func(a *address, v string) []string {
		return oneOf(v, &a.scope, form.ScopeOwn, form.ScopeAggregate)
	}, func(a *address) string { return unless(string(a.scope), string(form.ScopeOwn)) }},
	{"excl", func(a *address, v string) []string {
		return oneOf(v, &a.excl, exclCritical, exclNone)
	}, func(a *address) string { return unless(a.excl, exclCritical) }},
	{"sort", func(a *address, v string) []string {
		return oneOf(v, &a.sort, compare.ByValue, compare.ByName, compare.ByN)
	}, func(a *address) string { return unless(string(a.sort), string(compare.ByValue)) }},
	{"agency", func(a *address, v string) []string {
		if !plainID(v) {
			return []string{"id"}
		}
		a.agency = v
		return nil
	}, func(a *address) string { return a.agency }},
	several("kind", func(a *address) *[]register.Kind { return &a.kinds }, register.Kinds),
	several("state", func(a *address) *[]coverage.State { return &a.states }, coverage.States),
	several("rule", func(a *address) *[]string { return &a.rules }, ruleCodes),
	several("severity", func(a *address) *[]form.Severity { return &a.severities }, form.Severities),
	several("outcome", func(a *address) *[]form.Outcome { return &a.outcomes }, findings.Outcomes),
	several("decision", func(a *address) *[]findings.Decision { return &a.decisions }, findings.Decisions),
	several("event", func(a *address) *[]history.Kind { return &a.events }, history.Kinds),
	{"q", func(a *address, v string) []string {
		if !utf8.ValidString(v) || utf8.RuneCountInString(v) > longestText {
			return []string{fmt.Sprintf("1–%d", longestText)}
		}
		a.text = v
		return nil
	}, func(a *address) string { return a.text }},
	{"order", func(a *address, v string) []string {
		return oneOf(v, &a.order, findings.Sorts...)
	}, func(a *address) string { return unless(string(a.order), string(findings.BySeverity)) }},
	filingOf("from", func(a *address) *string { return &a.older }),
	filingOf("to", func(a *address) *string { return &a.newer }),
	{"since", func(a *address, v string) []string {
		t, ok := moments.Parse(v)
		if !ok {
			return []string{"2024-04-02", "2024-04-02T09:14:00+08:00"}
		}
		if _, err := time.Parse(time.DateOnly, v); err == nil { // the whole day counts
			t = t.AddDate(0, 0, -1)
		}
		a.since = t
		return nil
	}, func(a *address) string {
		if a.since.IsZero() {
			return ""
		}
		return a.since.UTC().Format(time.RFC3339Nano)
	}},
	{"join", func(a *address, v string) []string {
		if v != "0" && v != "1" {
			return []string{"0", "1"}
		}
		a.join = v == "1"
		return nil
	}, func(a *address) string {
		if a.join {
			return "1"
		}
		return ""
	}},
	{"page", func(a *address, v string) []string {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > 10000 || strconv.Itoa(n) != v {
			return []string{"1, 2, 3 …"}
		}
		a.page = n
		return nil
	}, func(a *address) string {
		if a.page <= 1 {
			return ""
		}
		return strconv.Itoa(a.page)
	}},
	{"as_of", func(a *address, v string) []string {
		t, ok := moments.Parse(v)
		if !ok {
			return []string{"2024-04-02", "2024-04-02T09:14:00+08:00"}
		}
		a.asOf = t
		return nil
	}, func(a *address) string {
		if a.asOf.IsZero() {
			return ""
		}
		return a.asOf.UTC().Format(time.RFC3339Nano)
	}},
	{"lang", func(a *address, v string) []string {
		return oneOf(v, (*words.Language)(&a.lang), words.Languages...)
	}, func(a *address) string { return unless(string(a.lang), string(zh)) }},
	{"view_of", func(a *address, v string) []string {
		if !strings.HasPrefix(v, "/") || len(v) > 600 {
			return []string{"/compare?m=open_rate…"}
		}
		a.viewed = v // whether it is a view is looked at where it is put on the wall
		return nil
	}, func(a *address) string { return a.viewed }},
	{"theme", func(a *address, v string) []string {
		return oneOf(v, &a.theme, "auto", "light", "dark")
	}, func(a *address) string { return unless(a.theme, "auto") }},
	{"view", func(a *address, v string) []string {
		return oneOf(v, &a.view, viewShare, viewCount)
	}, func(a *address) string { return unless(a.view, viewShare) }},
	{"group", func(a *address, v string) []string {
		return oneOf(v, &a.group, groupCodes...)
	}, func(a *address) string { return unless(a.group, groupCodes[0]) }},
	{"y", func(a *address, v string) []string {
		if m, ok := form.LookupMeasure(v); ok && m.Offered() {
			a.up = v
			return nil
		}
		return codesOf(form.Offered)
	}, func(a *address) string { return a.up }},
	{"yscale", func(a *address, v string) []string {
		return oneOf(v, &a.scale, scaleShared, scaleOwn)
	}, func(a *address) string { return unless(a.scale, scaleShared) }},
	{"part", func(a *address, v string) []string {
		if a.format == asJSON && v == partOption || a.format == asSVG && v == partPlot {
			a.part = v
			return nil
		}
		return []string{partOption + " (.json)", partPlot + " (.svg)"}
	}, func(a *address) string { return a.part }},
	{"bom", func(a *address, v string) []string {
		if a.format != asCSV || v != "0" && v != "1" {
			return []string{"0 (.csv)", "1 (.csv)"}
		}
		a.bom = v == "1"
		return nil
	}, func(a *address) string {
		if a.bom {
			return ""
		}
		return "0"
	}},
}

const defaultMeasure = "received"

// Values of parameters.
const (
	viewShare   = "share"
	viewCount   = "count"
	scaleShared = "shared"
	scaleOwn    = "own"
	partOption  = "option"
	partPlot    = "plot"
)

var groupCodes = func() []string {
	codes := make([]string, len(compare.ReasonGroups))
	for i, g := range compare.ReasonGroups {
		codes[i] = g.Code
	}
	return codes
}()

// longestText bounds the text that lists are searched for, in characters.
const longestText = 100

var ruleCodes = func() []string {
	codes := make([]string, len(form.Checks))
	for i, c := range form.Checks {
		codes[i] = c.ID
	}
	return codes
}()

// Which reports a comparison leaves out: those with an open critical finding, or none.
const (
	exclCritical = "critical"
	exclNone     = "none"
)

func codesOf(measures []form.Measure) []string {
	codes := make([]string, len(measures))
	for i, m := range measures {
		codes[i] = m.Code
	}
	return codes
}

// oneReading reads the code of a reading of the measure. Which there are depends on the measure; where it has none, the
// measures that have some are what is allowed.
func oneReading(a *address, v string, into *string, of func(form.Measure) []form.Reading) []string {
	m, _ := form.LookupMeasure(a.measure)
	var allowed []string
	for i, r := range of(m) {
		if r.Code == v {
			*into = v
			if i == 0 { // the usual one
				*into = ""
			}
			return nil
		}
		allowed = append(allowed, r.Code)
	}
	if allowed == nil {
		for _, m := range form.Offered {
			if len(of(m)) > 0 {
				allowed = append(allowed, "m="+m.Code)
			}
		}
	}
	return allowed
}

func unless(value, usual string) string {
	if value == usual {
		return ""
	}
	return value
}

// plainIDs reports whether the texts can be ids of agencies: letters and digits, no dot.
func plainIDs(ids []string) bool {
	for _, id := range ids {
		if !plainID(id) {
			return false
		}
	}
	return true
}

func plainID(id string) bool {
	if id == "" || len(id) > 64 {
		return false
	}
	for _, r := range id {
		if !('0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || r == '-' || r == '_') {
			return false
		}
	}
	return true
}

// china is the zone in which pages print times and read days.
var china = moments.China

// usual is an address without parameters.
func usual(path string) *address {
	return &address{path: path, measure: defaultMeasure, peer: "all", scope: form.ScopeOwn, excl: exclCritical, sort: compare.ByValue, order: findings.BySeverity, page: 1, lang: zh, theme: "auto", bom: true,
		view: viewShare, group: groupCodes[0], scale: scaleShared}
}

// parseAddress reads the parameters that a page knows. An unknown parameter, one given twice or a value that is not
// allowed is a [problem]: an address that ignores half its filters lies.
func parseAddress(path string, f format, query url.Values, known []string) (*address, *problem) {
	a := usual(path)
	a.format = f
	names := append(slices.Clone(known), "lang", "theme", "as_of")
	switch f {
	case asJSON, asSVG:
	case asCSV:
		names = append(names, "bom")
		fallthrough
	default: // only pictures have parts
		names = slices.DeleteFunc(names, func(s string) bool { return s == "part" })
	}
	given := make([]string, 0, len(query))
	for name := range query {
		given = append(given, name)
	}
	slices.Sort(given) // the same complaint every time
	for _, name := range given {
		if !slices.Contains(names, name) {
			return a, &problem{Parameter: name, Allowed: names, unknown: true}
		}
	}
	for _, p := range parameters {
		values, ok := query[p.name]
		if !ok {
			continue
		}
		if len(values) != 1 {
			return a, &problem{Parameter: p.name, Value: strings.Join(values, " "), Allowed: []string{"one value"}}
		}
		if values[0] == "" { // an empty field of a form
			continue
		}
		if allowed := p.read(a, values[0]); allowed != nil {
			return a, &problem{Parameter: p.name, Value: values[0], Allowed: allowed}
		}
		a.explicit = append(a.explicit, p.name)
	}
	return a, nil
}

// String is the canonical address: fixed order, no defaults.
func (a *address) String() string {
	var b strings.Builder
	b.WriteString(a.path)
	b.WriteString(string(a.format))
	mark := byte('?')
	for _, p := range parameters {
		if v := p.write(a); v != "" && (p.name != "bom" || a.format == asCSV) {
			b.WriteByte(mark)
			b.WriteString(p.name)
			b.WriteByte('=')
			// The separators of lists stay legible.
			b.WriteString(strings.NewReplacer("%2C", ",", "%3A", ":").Replace(url.QueryEscape(v)))
			mark = '&'
		}
	}
	return b.String()
}

// with returns a changed copy.
func (a *address) with(change func(*address)) *address {
	b := *a
	change(&b)
	return &b
}

// to is the address of another page that keeps the moment, the language and the theme.
func (a *address) to(path string) *address {
	b := usual(path)
	b.lang, b.theme, b.asOf = a.lang, a.theme, a.asOf
	return b
}

// in is the same page in another format, without what concerns the picture or the screen.
func (a *address) in(f format) *address {
	return a.with(func(b *address) { b.format, b.page, b.theme, b.part, b.bom = f, 1, "auto", "", true })
}
