package engine

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLexer(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"SELECT 1", "word:SELECT word:1"},
		{"a.b(c)", "word:a sign:. word:b sign:( word:c sign:)"},
		{"-- x\nSELECT -- file('x')\n1", "word:SELECT word:1"},
		{"a-b", "word:a sign:- word:b"},
		{"# comment\n#! too\n#no", "sign:# word:no"},
		{"/* a */b/* open", "word:b"},
		{`'a\'b''c' x`, `string:'a\'b''c' word:x`},
		{"`a\\`b``c` \"d\"\"e\"", "quoted:`a\\`b``c` quoted:\"d\"\"e\""},
		{"'open", "string:'open"},
		{"‘x’ “y”", "string:‘x’ quoted:“y”"},
		{"$$a $ b$$ c", "string:$$a $ b$$ word:c"},
		{"$x$a$$b$x$ c", "string:$x$a$$b$x$ word:c"},
		{"a$b $c", "word:a$b word:$c"},
		{"$ 1", "word:$ word:1"},
		{"file\u00a0(", "word:file sign:("},
		{"1.5e3", "word:1 sign:. word:5e3"},
		{"列名", ""},
	} {
		l := &lexer{text: []byte(test.text)}
		var got []string
		for tok := l.next(); tok.kind != tokenEnd; tok = l.next() {
			kind := map[tokenKind]string{tokenWord: "word", tokenQuoted: "quoted", tokenString: "string", tokenSign: "sign"}[tok.kind]
			got = append(got, kind+":"+test.text[tok.start:tok.end])
		}
		if got := strings.Join(got, " "); got != test.want {
			t.Errorf("tokens of %q:\n got %s\nwant %s", test.text, got, test.want)
		}
	}
}

func TestLook(t *testing.T) {
	for _, test := range []struct {
		text string
		want shape
		rows string // what stands behind the FORMAT clause of an INSERT
	}{
		{text: "SELECT 1", want: shape{first: "select"}},
		{text: " ((select 1) union all (select 2)) Format csv", want: shape{first: "select", format: "csv"}},
		{text: "SELECT 1 FORMAT JSONEachRow;", want: shape{first: "select", format: "jsoneachrow"}},
		{text: "SELECT 1 FORMAT CSV SETTINGS max_threads=1", want: shape{first: "select", format: "csv"}},
		{text: "SELECT format FROM t", want: shape{first: "select"}},
		{text: "SELECT format('{}', 1) AS format", want: shape{first: "select"}},
		{text: "SELECT * FROM (SELECT 1 FORMAT CSV)", want: shape{first: "select"}},
		{text: "SELECT 1 -- FORMAT CSV", want: shape{first: "select"}},
		{text: "SELECT 'FORMAT CSV'", want: shape{first: "select"}},
		{text: "SELECT 1 SETTINGS output_format_json_array_of_rows=1", want: shape{first: "select", arrayOfRows: true}},
		{text: "CREATE OR REPLACE TEMPORARY TABLE t (a Int)", want: shape{first: "create", temporary: true, defines: true}},
		{text: "CREATE DICTIONARY d (a Int)", want: shape{first: "create", dictionary: true, defines: true}},
		{text: "DROP TEMPORARY TABLE t", want: shape{first: "drop", temporary: true, defines: true}},

		{text: "INSERT INTO t VALUES (1)", want: shape{first: "insert", values: 14}},
		{text: "INSERT INTO t FORMAT Values (1)", want: shape{first: "insert"}},
		{text: "INSERT INTO t SELECT 1 FORMAT CSV", want: shape{first: "insert"}},
		{text: "INSERT INTO t (format, b) VALUES", want: shape{first: "insert", values: 26}},
		{text: "INSERT INTO FUNCTION null('a Int') FORMAT CSV 1", want: shape{first: "insert"}},
		{text: "INSERT INTO t FORMAT Native\nxyz", want: shape{first: "insert", insertFormat: "Native", clause: 14, rows: 28, insertComplete: true}, rows: "xyz"},
		{text: "INSERT INTO t FORMAT CSV", want: shape{first: "insert", insertFormat: "CSV", clause: 14, rows: 24}},
		{text: "insert into `d b`.`t` (a, `format`) settings x=1 format TSV  \r\n1\t2", want: shape{first: "insert", insertFormat: "TSV", clause: 49, rows: 63, insertComplete: true}, rows: "1\t2"},
		{text: "INSERT INTO TABLE t FORMAT CSV 1,2", want: shape{first: "insert", insertFormat: "CSV", clause: 20, rows: 31, insertComplete: true}, rows: "1,2"},
		{text: "INSERT INTO into.table FORMAT CSV\n\n1", want: shape{first: "insert", insertFormat: "CSV", clause: 23, rows: 34, insertComplete: true}, rows: "\n1"},
		{text: "", want: shape{}},
	} {
		got := look([]byte(test.text))
		if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(shape{})); diff != "" {
			t.Errorf("look at %q (-want +got):\n%s", test.text, diff)
		}
		if got.rows > 0 && test.text[got.rows:] != test.rows {
			t.Errorf("rows of %q = %q, want %q", test.text, test.text[got.rows:], test.rows)
		}
	}
}

// FuzzLook: no text makes the lexer fail, stand still or leave the text.
func FuzzLook(f *testing.F) {
	for _, text := range []string{"SELECT 1 FORMAT CSV", "INSERT INTO t FORMAT CSV\n1", "$a$", "'\\", "`", "“", "/*", "--", "CREATE DICTIONARY d SOURCE(CLICKHOUSE(table"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := look([]byte(text))
		if s.clause > s.rows || s.rows > len(text) {
			t.Errorf("look at %q: clause at %d, rows at %d of %d bytes", text, s.clause, s.rows, len(text))
		}
		guardText([]byte(text), s)
		l := &lexer{text: []byte(text)}
		for last := (token{}); ; {
			tok := l.next()
			if tok.kind == tokenEnd {
				break
			}
			if tok.start < last.end || tok.end <= tok.start || tok.end > len(text) {
				t.Fatalf("tokens of %q: %v after %v", text, tok, last)
			}
			last = tok
		}
	})
}
