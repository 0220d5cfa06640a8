package register

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"nianbao/internal/form"
)

// A Column is one column of a register file.
type Column struct {
	Code  string
	Label string   // Chinese; accepted in the header as well as the code
	In    []string // the kinds of lines that use it
	Means string
}

// The kinds of lines of a register file. An entry is stated as a whole: by its line of kind agency, with the lines of
// kinds name and link that have its code, wherever they stand. An exception is a statement of its own.
const (
	agencyLine     = "agency"
	nameLine       = "name"
	linkLine       = "link"
	obligationLine = "obligation"
)

// Columns are the columns of a register file. In a file they may stand in any order, and those that are not needed may
// be missing; only code must be there.
var Columns = []Column{
	{"record", "类别", []string{agencyLine, nameLine, linkLine, obligationLine}, "agency 机关, name 名称, link 沿革, obligation 例外; empty is agency"},
	{"code", "代码", []string{agencyLine, nameLine, linkLine, obligationLine}, "the agency's code: 1 to 40 letters, digits, - and _"},
	{"kind", "类型", []string{agencyLine, nameLine, linkLine}, "of the agency, of the name (full 全称, short 简称, former 曾用名, second 加挂名) or of the link (successor 更替, merger 并入, split 分设, same 归并)"},
	{"region", "区划", []string{agencyLine}, "GB/T 2260; 350128-Fshiyan for a functional area; 9 or 12 digits for a township"},
	{"parent", "上级", []string{agencyLine}, "code of the body above it"},
	{"uscc", "统一社会信用代码", []string{agencyLine}, "18 digits, check digit verified"},
	{"name", "名称", []string{agencyLine, nameLine}, "in a line of kind agency the full name of all times; names that came and went have lines of their own"},
	{"from", "起", []string{agencyLine, nameLine, linkLine}, "first day, of a link the day of the change; empty is open or not known"},
	{"to", "止", []string{agencyLine, nameLine}, "last day"},
	{"other", "对方", []string{linkLine}, "code of the agency the link leads to"},
	{"year", "年度", []string{obligationLine}, "reporting year"},
	{"due", "期限", []string{obligationLine}, "last day, empty by the rule of the kind"},
	{"obliged", "应报", []string{obligationLine}, "yes 是 or no 否"},
	{"reason", "理由", []string{obligationLine}, "why this is an exception"},
	{"page", "发布页", []string{agencyLine}, "address of the page where it publishes its reports"},
	{"scope", "口径", []string{agencyLine}, "own 本级 or aggregate 汇总; empty by the rule of the kind"},
}

// words are the Chinese words for codes in cells, by column and kind of line.
var words = map[string]map[string]string{
	"record":                    {"机关": agencyLine, "名称": nameLine, "沿革": linkLine, "例外": obligationLine},
	"kind " + nameLine:          {"全称": string(Full), "简称": string(Short), "曾用名": string(Former), "加挂名": string(Second)},
	"kind " + linkLine:          {"更替": string(Successor), "并入": string(Merger), "分设": string(Split), "归并": string(Same)},
	"scope " + agencyLine:       {"本级": string(form.ScopeOwn), "汇总": string(form.ScopeAggregate)},
	"obliged " + obligationLine: {"是": "yes", "否": "no", "true": "yes", "false": "no", "1": "yes", "0": "no"},
	"kind " + agencyLine: func() map[string]string {
		m := map[string]string{}
		for _, r := range KindRules {
			m[r.Name] = string(r.Kind)
		}
		return m
	}(),
}

// Limits on what is read from a file.
const (
	largestFile  = 64 << 20 // bytes
	mostProblems = 1000
)

// Statements are what a register file says, with the lines where it does.
type Statements struct {
	Agencies    []Agency // by first mention
	Obligations []Obligation
	lines       map[agencyYear]int
}

// Line is the line where an entry (year 0) or an exception is stated, 0 if it is not in the file.
func (s Statements) Line(agency string, year int) int { return s.lines[agencyYear{agency, year}] }

// LineProblem is a line of a file that cannot be taken as it is.
type LineProblem struct {
	Line   int    // from 1; 0 for the file as a whole
	Column string // "" for the line as a whole
	Want   string // what was found and what was expected
}

func (p LineProblem) String() string {
	switch {
	case p.Line == 0:
		return p.Want
	case p.Column == "":
		return fmt.Sprintf("line %d: %s", p.Line, p.Want)
	}
	return fmt.Sprintf("line %d, column %s: %s", p.Line, p.Column, p.Want)
}

// Parse reads a register file: CSV in UTF-8, with or without a byte order mark, or in GB18030. Entries with a problem are left
// out of the statements; what they say together with the rest of a register is for [Register.Problems] to judge.
func Parse(r io.Reader) (Statements, []LineProblem) {
	p := parser{entries: map[string]*draft{}, out: Statements{lines: map[agencyYear]int{}}}
	text, err := decode(r)
	if err != nil {
		p.problem(0, "", "%v", err)
		return p.out, p.problems
	}
	p.read(text)
	p.finish()
	slices.SortStableFunc(p.problems, func(a, b LineProblem) int { return a.Line - b.Line })
	return p.out, p.problems
}

func decode(r io.Reader) (string, error) {
	content, err := io.ReadAll(io.LimitReader(r, largestFile+1))
	if err != nil {
		return "", err
	}
	if len(content) > largestFile {
		return "", fmt.Errorf("the file has more than %d MB; a register of the whole country has less", largestFile>>20)
	}
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	if utf8.Valid(content) {
		return string(content), nil
	}
	content, err = simplifiedchinese.GB18030.NewDecoder().Bytes(content)
	if err != nil || bytes.ContainsRune(content, utf8.RuneError) {
		return "", errors.New("the file is neither UTF-8 nor GB18030; save it as CSV in UTF-8")
	}
	return string(content), nil
}

// draft is an entry of which not all lines have been read.
type draft struct {
	agency Agency
	line   int // of kind agency, 0 not met
	names  []Name
	links  []Link
	first  int // the first line of any kind
	wrong  bool
}

type parser struct {
	header   []string // code of each column
	entries  map[string]*draft
	order    []string
	out      Statements
	problems []LineProblem
}

func (p *parser) problem(line int, column, want string, args ...any) {
	if len(p.problems) < mostProblems {
		p.problems = append(p.problems, LineProblem{line, column, fmt.Sprintf(want, args...)})
	}
}

func (p *parser) read(text string) {
	reader := csv.NewReader(strings.NewReader(text))
	reader.FieldsPerRecord = -1
	reader.Comment = '#'
	reader.ReuseRecord = true
	for len(p.problems) < mostProblems {
		fields, err := reader.Read()
		var wrong *csv.ParseError
		switch {
		case err == io.EOF:
			if p.header == nil {
				p.problem(0, "", "the file is empty; want a first line with the names of columns: %s", oneOf(columnCodes()))
			}
			return
		case errors.As(err, &wrong):
			p.problem(wrong.StartLine, "", "%v; want a field with quotes to begin and end with one, and quotes inside it doubled", wrong.Err)
			if p.header == nil {
				return
			}
			continue
		case err != nil:
			p.problem(0, "", "%v", err)
			return
		}
		line, _ := reader.FieldPos(0)
		if p.header == nil {
			if !p.readHeader(line, fields) {
				return
			}
			continue
		}
		p.readLine(line, fields)
	}
	p.problems = append(p.problems, LineProblem{0, "", fmt.Sprintf("more than %d problems; the rest of the file was not read", mostProblems)})
}

func columnCodes() []string {
	var codes []string
	for _, c := range Columns {
		codes = append(codes, c.Code)
	}
	return codes
}

func (p *parser) readHeader(line int, fields []string) bool {
	p.header = []string{}
	before := len(p.problems)
	for _, f := range fields {
		f = strings.TrimSpace(f)
		i := slices.IndexFunc(Columns, func(c Column) bool { return c.Code == strings.ToLower(f) || c.Label == f })
		switch {
		case f == "": // a column to the right of the table
			p.header = append(p.header, "")
		case i < 0:
			p.problem(line, "", "column %q is not known; want some of %s", cut(f), oneOf(columnCodes()))
		case slices.Contains(p.header, Columns[i].Code):
			p.problem(line, "", "column %s is there twice", Columns[i].Code)
		default:
			p.header = append(p.header, Columns[i].Code)
		}
	}
	if !slices.Contains(p.header, "code") && len(p.problems) == before {
		p.problem(line, "", "column code (代码) is missing")
	}
	return len(p.problems) == before
}

// fields are the cells of a line by column.
type fields map[string]string

func (p *parser) readLine(line int, cells []string) {
	at := fields{}
	for i, cell := range cells {
		cell = strings.TrimSpace(cell)
		switch {
		case cell == "":
		case i >= len(p.header) || p.header[i] == "":
			p.problem(line, "", "there is %q in a column without a name", cut(cell))
			return
		default:
			at[p.header[i]] = cell
		}
	}
	if len(at) == 0 {
		return
	}
	record := at.word("record", "")
	if record == "" {
		record = agencyLine
	}
	before := len(p.problems)
	if !slices.Contains(Columns[0].In, record) {
		p.problem(line, "record", "got %q, want one of %s", cut(record), oneOf(Columns[0].In))
		return
	}
	for _, c := range Columns {
		if at[c.Code] != "" && !slices.Contains(c.In, record) {
			p.problem(line, c.Code, "got %q, want nothing in a line of kind %s", cut(at[c.Code]), record)
		}
	}
	code := at["code"]
	if !ValidCode(code) {
		p.problem(line, "code", "got %q, want 1 to 40 letters, digits, - and _", cut(code))
		return
	}
	if record == obligationLine {
		p.obligation(line, at, before)
		return
	}
	d := p.entries[code]
	if d == nil {
		d = &draft{first: line}
		p.entries[code] = d
		p.order = append(p.order, code)
	}
	day := func(column string) time.Time { return p.day(line, at, column) }
	switch record {
	case agencyLine:
		if d.line > 0 {
			p.problem(line, "code", "agency %s is stated in line %d already", code, d.line)
			break
		}
		d.line = line
		d.agency = Agency{Code: code, Kind: Kind(at.word("kind", record)), Region: at["region"], Parent: at["parent"], USCC: strings.ToUpper(at["uscc"]),
			From: day("from"), To: day("to"), Page: at["page"], Scope: form.Scope(at.word("scope", record))}
		if at["name"] != "" {
			d.agency.Names = []Name{{Text: at["name"], Kind: Full}}
		}
	case nameLine:
		d.names = append(d.names, Name{at["name"], NameKind(at.word("kind", record)), day("from"), day("to")})
		if len(d.names) > mostNames {
			p.problem(line, "name", "agency %s has more than %d names", code, mostNames)
		}
	case linkLine:
		d.links = append(d.links, Link{LinkKind(at.word("kind", record)), at["other"], day("from")})
		if len(d.links) > mostNames {
			p.problem(line, "other", "agency %s has more than %d links", code, mostNames)
		}
	}
	d.wrong = d.wrong || len(p.problems) > before
}

// word is the code in a cell that may hold its Chinese word.
func (f fields) word(column, record string) string {
	cell := f[column]
	if code, ok := words[strings.TrimSpace(column+" "+record)][strings.ToLower(cell)]; ok {
		return code
	}
	return strings.ToLower(cell)
}

func (p *parser) obligation(line int, at fields, before int) {
	o := Obligation{Agency: at["code"], Due: p.day(line, at, "due"), Reason: at["reason"]}
	var err error
	if o.Year, err = strconv.Atoi(strings.TrimSuffix(at["year"], "年")); err != nil {
		p.problem(line, "year", "got %q, want a reporting year from %d to %d", cut(at["year"]), firstYear, lastYear)
		return
	}
	switch at.word("obliged", obligationLine) {
	case "yes":
		o.Obliged = true
	case "no":
	default:
		p.problem(line, "obliged", "got %q, want yes or no", cut(at["obliged"]))
	}
	for _, wrong := range o.Check() {
		p.problem(line, wrong.Field, "%s", wrong.Want)
	}
	key := agencyYear{o.Agency, o.Year}
	if other := p.out.lines[key]; other > 0 {
		p.problem(line, "year", "the exception of %s for %d is stated in line %d already", o.Agency, o.Year, other)
	}
	if len(p.problems) == before {
		p.out.Obligations = append(p.out.Obligations, o)
		p.out.lines[key] = line
	}
}

// dayForms are the ways in which people and spreadsheets write days.
var dayForms = []string{"2006-1-2", "2006/1/2", "2006.1.2", "2006年1月2日", "20060102"}

func (p *parser) day(line int, at fields, column string) time.Time {
	if at[column] == "" {
		return time.Time{}
	}
	for _, form := range dayForms {
		if t, err := time.Parse(form, at[column]); err == nil {
			return t
		}
	}
	p.problem(line, column, "got %q, want a day, 2019-01-16", cut(at[column]))
	return time.Time{}
}

// finish puts the lines of each entry together.
func (p *parser) finish() {
	for _, code := range p.order {
		d := p.entries[code]
		if d.line == 0 {
			p.problem(d.first, "code", "there is no line of kind agency for %s; an entry is stated as a whole (export, edit, import)", code)
			continue
		}
		a := d.agency
		a.Names = append(a.Names, d.names...)
		a.Links = d.links
		for _, wrong := range a.Check() {
			p.problem(d.line, wrong.Field, "%s", wrong.Want)
			d.wrong = true
		}
		if !d.wrong {
			p.out.Agencies = append(p.out.Agencies, a)
			p.out.lines[agencyYear{code, 0}] = d.line
		}
	}
}

// Write writes the register as a file that [Parse] reads back as it is: UTF-8 with a byte order mark, so that
// spreadsheets show it right, entries by code, then exceptions.
func Write(w io.Writer, r *Register) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	codes := columnCodes()
	line := func(at fields) error {
		cells := make([]string, len(codes))
		for i, c := range codes {
			cells[i] = at[c]
		}
		return out.Write(cells)
	}
	if err := out.Write(codes); err != nil {
		return err
	}
	for _, a := range r.Agencies() {
		first := fields{"record": agencyLine, "code": a.Code, "kind": string(a.Kind), "region": a.Region, "parent": a.Parent, "uscc": a.USCC,
			"from": dayText(a.From), "to": dayText(a.To), "page": a.Page, "scope": string(a.Scope)}
		names := a.Names
		if len(names) > 0 && names[0] == (Name{Text: names[0].Text, Kind: Full}) {
			first["name"], names = names[0].Text, names[1:]
		}
		if err := line(first); err != nil {
			return err
		}
		for _, n := range names {
			if err := line(fields{"record": nameLine, "code": a.Code, "kind": string(n.Kind), "name": n.Text, "from": dayText(n.From), "to": dayText(n.To)}); err != nil {
				return err
			}
		}
		for _, l := range a.Links {
			if err := line(fields{"record": linkLine, "code": a.Code, "kind": string(l.Kind), "other": l.Other, "from": dayText(l.On)}); err != nil {
				return err
			}
		}
	}
	for _, o := range r.Obligations() {
		obliged := "no"
		if o.Obliged {
			obliged = "yes"
		}
		if err := line(fields{"record": obligationLine, "code": o.Agency, "year": strconv.Itoa(o.Year), "due": dayText(o.Due), "obliged": obliged, "reason": o.Reason}); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func dayText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}
