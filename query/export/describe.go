package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"nianbao/internal/form"
)

// Names of the files that describe the others.
const (
	DescriptionFile = "datapackage.json"
	ReadmeFile      = "README.md"
	ManifestFile    = "MANIFEST.sha256"
)

// Description is the file datapackage.json: a Data Package of version 2, with what this program adds under its own name.
type Description struct {
	Schema      string     `json:"$schema"`
	Name        string     `json:"name"`
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Licenses    []License  `json:"licenses"`
	Resources   []Resource `json:"resources"`
	Nianbao     Origin     `json:"nianbao"`
}

// License is the licence of the package.
type License struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Path  string `json:"path"`
}

// Origin says where the package comes from.
type Origin struct {
	Format  int    `json:"format"` // of the package
	Program string `json:"program"`
	AsOf    string `json:"as_of"`
	Query   Asked  `json:"query"`
	Chain   Head   `json:"chain"`
	Totals  totals `json:"totals"`
}

// Asked is the query as the description has it.
type Asked struct {
	Years     []int    `json:"years"`
	Agencies  []string `json:"agencies"` // empty: all
	Documents bool     `json:"documents"`
	Sample    int      `json:"sample"`
	Seed      string   `json:"seed"`
	BOM       bool     `json:"bom"`
	Changes   string   `json:"changes_from,omitempty"`
}

// Head is the last link of the chain at the moment of the package.
type Head struct {
	Number uint64 `json:"number"`
	Hash   string `json:"hash"`
	Batch  string `json:"batch,omitempty"`
}

// Resource describes a file.
type Resource struct {
	Name      string   `json:"name"`
	Path      string   `json:"path"`
	Title     string   `json:"title,omitempty"`
	Format    string   `json:"format,omitempty"`
	Mediatype string   `json:"mediatype,omitempty"`
	Encoding  string   `json:"encoding,omitempty"`
	Dialect   *Dialect `json:"dialect,omitempty"`
	Bytes     int64    `json:"bytes"`
	Hash      string   `json:"hash"`
	Rows      *int     `json:"rows,omitempty"`
	Schema    *Schema  `json:"schema,omitempty"`
}

// Dialect says how the CSV is written.
type Dialect struct {
	Delimiter      string `json:"delimiter"`
	LineTerminator string `json:"lineTerminator"`
	QuoteChar      string `json:"quoteChar"`
	DoubleQuote    bool   `json:"doubleQuote"`
	Header         bool   `json:"header"`
}

// Schema says what the columns hold.
type Schema struct {
	Fields        []SchemaField `json:"fields"`
	MissingValues []string      `json:"missingValues"`
	PrimaryKey    []string      `json:"primaryKey"`
	ForeignKeys   []ForeignKey  `json:"foreignKeys,omitempty"`
	Sorted        string        `json:"sorted,omitempty"`
}

// SchemaField is a column.
type SchemaField struct {
	Name        string          `json:"name"`
	Type        string          `json:"type"`
	Title       string          `json:"title"`
	Description string          `json:"description,omitempty"`
	Missing     []string        `json:"missingValues,omitempty"`
	Constraints map[string]bool `json:"constraints,omitempty"`
}

// ForeignKey says that columns name a row of another file.
type ForeignKey struct {
	Fields    []string `json:"fields"`
	Reference struct {
		Resource string   `json:"resource"`
		Fields   []string `json:"fields"`
	} `json:"reference"`
}

// resourceName is the name of a file in the description.
func resourceName(file string) string {
	return strings.ToLower(strings.TrimSuffix(path.Base(file), path.Ext(file)))
}

// SchemaOf is the description of the columns of a file.
func SchemaOf(d form.Dataset) *Schema {
	s := &Schema{MissingValues: []string{""}, PrimaryKey: d.Key, Sorted: d.Sorted}
	for _, f := range d.Fields {
		sf := SchemaField{Name: f.Code, Type: string(f.Type), Title: f.Zh, Description: f.Words}
		if f.Type == form.TextField {
			sf.Missing = []string{"\\N"} // an empty text is a text; no file has this one unquoted
		}
		if !f.Optional {
			sf.Constraints = map[string]bool{"required": true}
		}
		s.Fields = append(s.Fields, sf)
	}
	for _, r := range d.Refers {
		k := ForeignKey{Fields: r.Fields}
		k.Reference.Resource, k.Reference.Fields = resourceName(r.File), r.To
		s.ForeignKeys = append(s.ForeignKeys, k)
	}
	return s
}

// describe writes the files that describe the others.
func (e *export) describe() error {
	head := e.head()
	d := Description{
		Schema: "https://datapackage.org/profiles/2.0/datapackage.json", Name: "nianbao-audit-package", Title: "政府信息公开工作年度报告 审计包",
		Description: "Annual reports on the disclosure of government information: every cell with its source, every check, decision and omission.",
		Licenses:    []License{{"CC0-1.0", "CC0 1.0 Universal", "https://creativecommons.org/publicdomain/zero/1.0/"}},
		Nianbao: Origin{Format: Format, Program: e.program, AsOf: e.query.AsOf.Format(Moment), Totals: e.totals, Chain: Head{head.Number, head.Hash, head.Batch},
			Query: Asked{Years: e.query.Years, Agencies: e.query.Agencies, Documents: e.query.Documents, Sample: e.query.Sample, Seed: e.query.Seed, BOM: e.query.BOM}},
	}
	if !e.query.Changes.IsZero() {
		d.Nianbao.Query.Changes = e.query.Changes.UTC().Format(Moment)
	}
	if d.Nianbao.Query.Agencies == nil {
		d.Nianbao.Query.Agencies = []string{}
	}
	if d.Nianbao.Query.Years == nil {
		d.Nianbao.Query.Years = []int{}
	}
	d.Resources = []Resource{}
	for _, f := range e.files {
		r := Resource{Name: resourceName(f.Name), Path: f.Name, Bytes: f.Bytes, Hash: "sha256:" + f.SHA256}
		if of, ok := form.LookupDataset(f.Name); ok {
			rows := f.Rows
			r.Title, r.Format, r.Mediatype, r.Encoding, r.Rows, r.Schema = of.Zh+" · "+of.En, "csv", "text/csv", "utf-8", &rows, SchemaOf(of)
			r.Dialect = &Dialect{",", "\r\n", `"`, true, true}
		}
		d.Resources = append(d.Resources, r)
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(d); err != nil {
		return fmt.Errorf("describe the package: %w", err)
	}
	for _, one := range []struct {
		name    string
		content []byte
	}{{DescriptionFile, text.Bytes()}, {ReadmeFile, []byte(e.readme())}} {
		p, err := e.archive.add(one.name, func(w io.Writer) error {
			_, err := w.Write(one.content)
			return err
		})
		if err != nil {
			return err
		}
		e.files = append(e.files, File{p.name, p.sha256, p.bytes, 0})
	}
	p, err := e.archive.add(ManifestFile, func(w io.Writer) error {
		for _, f := range e.files {
			if _, err := fmt.Fprintf(w, "%s  %s\n", f.SHA256, f.Name); err != nil {
				return err
			}
		}
		return nil
	})
	e.files = append(e.files, File{p.name, p.sha256, p.bytes, 0})
	return err
}

// Format is the version of the form of the package.
const Format = 1

// Script checks sums by column of section 三 from cells.csv alone: the identity that the form itself prints. It stands in
// the README of every package and is run by a test.
const Script = `import csv, collections, decimal
rows = csv.DictReader(open('cells.csv', encoding='utf-8-sig', newline=''))
t = collections.defaultdict(dict)
for r in rows:
    if r['table'] == 'section3' and r['row'] in ('NEW', 'CARRY_IN', 'R7', 'CARRY_OUT'):
        t[r['filing'], r['agency_name'].removeprefix("'"), r['column']][r['row']] = decimal.Decimal(r['value'] or 0) if r['state'] in ('number', 'blank', 'dash', 'na') else None
for k, v in t.items():
    if len(v) == 4 and None not in v.values() and v['NEW'] + v['CARRY_IN'] != v['R7'] + v['CARRY_OUT']:
        print('A1', *k, v['NEW'], '+', v['CARRY_IN'], '!=', v['R7'], '+', v['CARRY_OUT'])
`

func (e *export) readme() string {
	var b strings.Builder
	head := e.head()
	day := e.query.AsOf.In(time.FixedZone("UTC+8", 8*60*60))
	scope := "全部机关"
	if n := len(e.query.Agencies); n > 0 {
		scope = fmt.Sprintf("%d 个机关（见 datapackage.json）", n)
	}
	fmt.Fprintf(&b, `# 政府信息公开工作年度报告 审计包

数据截至 %s（北京时间），%s，年度 %s。由 %s 导出；链首第 %d 环，哈希 %s。
同一数据、同一查询、同一程序版本导出的文件逐字节相同。

## 文件

| 文件 | 内容 | 行数 |
|---|---|---|
`, day.Format("2006-01-02 15:04:05.000000"), scope, strings.Trim(strings.ReplaceAll(fmt.Sprint(e.query.Years), " ", "、"), "[]"), e.program, head.Number, head.Hash)
	for _, f := range e.files {
		if d, ok := form.LookupDataset(f.Name); ok {
			fmt.Fprintf(&b, "| %s | %s · %s | %d |\n", f.Name, d.Zh, d.En, f.Rows)
		}
	}
	if e.query.Documents {
		b.WriteString("| documents/ | 原件，以哈希为名 · the files as they were handed in | |\n")
	}
	fmt.Fprintf(&b, `| datapackage.json | 各列的含义、类型、主键与外键（Data Package v2） · description for programs | |
| MANIFEST.sha256 | 各文件的哈希 · hashes | |

## 对得上的数

filings.csv %d 行 = 计入 %d + 旧版本 %d + 撤回 %d。
register.csv %d 行 = 有报告 %d + 没有报告 %d；有报告的数等于计入的数，没有报告的逐一列在 excluded.csv。
另有待认领的文件 %d 件，不参加比较的报告 %d 份，也列在 excluded.csv。

## 怎样核验

1. `+"`nianbao verify 本文件.zip`"+`：不联网、不用数据库，逐项核对哈希、行数、主键、类型，用 cells.csv 重算勾稽关系和指标；带原件的重新读取原件比对。
2. 不用本程序：解压后运行 `+"`sha256sum -c MANIFEST.sha256`"+`（Windows 可用 certutil -hashfile），再用下面十行脚本重算表三的勾稽关系（没有输出就是全部成立）：

`+"```python\n%s```"+`

## 读 CSV 时注意

- 编码 UTF-8，行尾 CRLF，符合 RFC 4180。带引号的是文字，不带引号的是数、日期和真假；两个逗号之间什么也没有是“没有值”，不是 0。
- 文字以 = + - @（含全角）、制表符、回车、换行或单引号开头的，前面加了一个单引号 '，以免电子表格当公式计算。去掉开头的一个单引号即为原文。数字不加。
- 状态：number 读出一个数；blank 空格；dash 占位符；na 不适用；text 文字；ambiguous 读法不唯一。没有这一行表示报告没有这一格。后五种都没有数值，不能当作 0。
- 抽样：每格的抽签值是 SHA-256(种子、filing、table、row、column、page、grid、grid_row、grid_column、line，用换行连接)，最小的若干格为样本，任何人可以重抽。

## 引用

年报审计包（%s，截至 %s，链首 %s）。引用单个数字请写 filing、table、row、column 和 sha256。
cells.csv 等由程序整理的部分以 CC0 1.0 提供；原件的权利属于各机关。

# Audit package (English)

Everything that counted at the moment above, as CSV with descriptions and hashes. `+"`nianbao verify FILE.zip`"+` checks it offline; without this
program, `+"`sha256sum -c MANIFEST.sha256`"+` and the script above do. Quoted values are texts, unquoted ones numbers, days and truths; nothing between two
commas is no value, which is not 0. A text that begins with = + - @ (also wide), TAB, CR, LF or an apostrophe has one apostrophe more: take one away.
A cell whose state is not "number" has no value. Cite a figure by filing, table, row, column and sha256, and the package by its moment and head of the chain.
`, e.totals.Filings, e.totals.Counted, e.totals.Superseded, e.totals.Withdrawn, e.totals.Register, e.totals.Held, e.totals.Missing, e.totals.Waiting, e.totals.LeftOut, Script,
		e.program, day.Format(time.DateOnly), head.Hash)
	return b.String()
}
