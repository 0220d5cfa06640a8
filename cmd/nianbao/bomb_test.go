package main

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"nianbao/ingest/document"
)

// What reading any one file may take of the whole program. The time is that of a machine with much else to do.
const (
	bombMemory = 500 // MB
	bombTime   = time.Minute
)

// fill is a text that is written so many times.
type fill struct {
	text  string
	times int
}

// part is a file within a package: texts, each repeated.
type part struct {
	name  string
	fills []fill
}

// packed makes a package. A text is packed once and its packed form repeated, so that a gigabyte takes no time.
func packed(t *testing.T, parts ...part) []byte {
	t.Helper()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, p := range parts {
		var body bytes.Buffer
		w, err := flate.NewWriter(&body, flate.BestCompression)
		check(err)
		size := 0
		for _, f := range p.fills {
			chunk := f.times
			if len(f.text)*f.times > 1<<20 {
				chunk = max(1, 1<<20/len(f.text))
			}
			text := strings.Repeat(f.text, chunk)
			var block bytes.Buffer
			w.Reset(&block)
			_, err := w.Write([]byte(text))
			check(err)
			check(w.Flush()) // ends at a byte, so that blocks can be put together
			for range f.times / chunk {
				body.Write(block.Bytes())
				size += len(text)
			}
		}
		w.Reset(&body)
		check(w.Close())
		to, err := z.CreateRaw(&zip.FileHeader{Name: p.name, Method: zip.Deflate, CompressedSize64: uint64(body.Len()), UncompressedSize64: uint64(size)})
		check(err)
		_, err = to.Write(body.Bytes())
		check(err)
	}
	check(z.Close())
	return out.Bytes()
}

func one(name, text string) part { return part{name, []fill{{text, 1}}} }

// rar is an archive of RAR 5 with one packed member that states a size and how much memory its packing takes.
func rar(size uint64, packing uint64) []byte {
	number := func(n uint64) []byte { return binary.AppendUvarint(nil, n) }
	block := func(fields ...[]byte) []byte {
		body := bytes.Join(fields, nil)
		body = append(number(uint64(len(body))), body...)
		return append(binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(body)), body...)
	}
	data := bytes.Repeat([]byte{0x5a}, 1000)
	return bytes.Join([][]byte{[]byte("Rar!\x1A\x07\x01\x00"), block(number(1), number(0), number(0)),
		block(number(2), number(2), number(uint64(len(data))), number(0), number(size), number(0), number(packing), number(1), number(6), []byte("1.html")),
		data, block(number(5), number(0), number(0))}, nil)
}

// sevenZip is a 7z archive of a header and nothing else.
func sevenZip(header []byte) []byte {
	start := binary.LittleEndian.AppendUint64(make([]byte, 8), uint64(len(header)))
	start = binary.LittleEndian.AppendUint32(start, crc32.ChecksumIEEE(header))
	out := append([]byte("7z\xBC\xAF\x27\x1C\x00\x04"), binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(start))...)
	return append(append(out, start...), header...)
}

// Files that are made to take all memory or all time are refused with a code, or read, within bounds that hold for the
// whole program. The command that unpacks archives is used throughout.
func TestBombs(t *testing.T) {
	if testing.Short() {
		t.Skip("the bombs take half a minute")
	}
	word := func(body ...fill) func(t *testing.T) []byte {
		return func(t *testing.T) []byte {
			fills := slices.Concat([]fill{{`<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>`, 1}}, body, []fill{{`</w:body></w:document>`, 1}})
			return packed(t, one("[Content_Types].xml", "<Types/>"), part{"word/document.xml", fills})
		}
	}
	excel := func(shared []fill, rows ...fill) func(t *testing.T) []byte {
		return func(t *testing.T) []byte {
			return packed(t, one("[Content_Types].xml", "<Types/>"),
				one("xl/workbook.xml", `<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="1" sheetId="1" r:id="r1"/></sheets></workbook>`),
				one("xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="r1" Type="x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="x/sharedStrings" Target="sharedStrings.xml"/></Relationships>`),
				part{"xl/sharedStrings.xml", slices.Concat([]fill{{`<sst>`, 1}}, shared, []fill{{`</sst>`, 1}})},
				part{"xl/worksheets/sheet1.xml", slices.Concat([]fill{{`<worksheet><sheetData>`, 1}}, rows, []fill{{`</sheetData></worksheet>`, 1}})})
		}
	}
	text := func(fills ...fill) func(t *testing.T) []byte {
		return func(*testing.T) []byte {
			var b bytes.Buffer
			for _, f := range fills {
				b.WriteString(strings.Repeat(f.text, f.times))
			}
			return b.Bytes()
		}
	}
	fixed := func(b []byte) func(t *testing.T) []byte { return func(*testing.T) []byte { return b } }
	page := func(fills ...fill) func(t *testing.T) []byte {
		return func(t *testing.T) []byte {
			return packed(t, one("OFD.xml", `<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016"><ofd:DocBody><ofd:DocRoot>D/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>`),
				one("D/Document.xml", `<ofd:Document xmlns:ofd="http://www.ofdspec.org/2016"><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea></ofd:CommonData><ofd:Pages><ofd:Page ID="1" BaseLoc="P.xml"/></ofd:Pages></ofd:Document>`),
				part{"D/P.xml", slices.Concat([]fill{{`<ofd:Page xmlns:ofd="http://www.ofdspec.org/2016"><ofd:Content><ofd:Layer ID="2">`, 1}}, fills, []fill{{`</ofd:Layer></ofd:Content></ofd:Page>`, 1}})})
		}
	}
	const mail = "From: a@b.example\r\nTo: c@d.example\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
	for _, bomb := range []struct {
		name, ending string
		make         func(t *testing.T) []byte
		codes        []string // one of which is told
	}{
		{"a gigabyte in a megabyte", "docx", word(fill{"<w:p><w:r><w:t>公开</w:t></w:r></w:p>", 1 << 25}), []string{document.TooLarge}},
		{"a gigabyte of blanks in a tag", "docx", word(fill{"<w:p", 1}, fill{" ", 1 << 30}, fill{"/>", 1}), []string{document.TooLarge}},
		{"an attribute of a gigabyte", "docx", word(fill{`<w:p a="`, 1}, fill{"x", 1 << 30}, fill{`"/>`, 1}), []string{document.TooLarge}},
		{"a million columns by a span", "docx", word(fill{`<w:tbl>`, 1}, fill{`<w:tr><w:tc><w:tcPr><w:gridSpan w:val="1000000"/></w:tcPr></w:tc></w:tr>`, 1 << 12}, fill{`</w:tbl>`, 1}), []string{document.TooManyCells}},
		{"tables in each other", "docx", word(fill{`<w:tbl><w:tr><w:tc>`, 1 << 11}), []string{document.Nesting}},
		{"a long text in many cells", "xlsx", excel([]fill{{`<si><t>`, 1}, {"公", 1 << 16}, {`</t></si>`, 1}}, fill{`<row><c t="s"><v>0</v></c><c t="s"><v>0</v></c></row>`, 1 << 12}),
			[]string{document.TooLarge, document.TooManyCells}},
		{"a million texts", "xlsx", excel([]fill{{`<si><t>x</t></si>`, 1 << 24}}, fill{`<row><c t="s"><v>0</v></c></row>`, 1}), []string{document.TooLarge, document.TooManyCells}},
		{"cells at the far end", "xlsx", excel(nil, fill{`<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>`, 1}), []string{"not_a_report"}},
		{"a million glyphs in a few bytes", "ofd", page(fill{`<ofd:TextObject ID="3" Boundary="0 0 9 9" Font="4" Size="3"><ofd:TextCode X="0" Y="0" DeltaX="g 100000000 1">`, 1}, fill{"公", 1 << 20}, fill{`</ofd:TextCode></ofd:TextObject>`, 1}),
			[]string{document.TooLarge}},
		{"a path of a hundred megabytes", "ofd", page(fill{`<ofd:PathObject ID="3" Boundary="0 0 9 9"><ofd:AbbreviatedData>`, 1}, fill{"M 0 0 L 9 9 ", 1 << 23}, fill{`</ofd:AbbreviatedData></ofd:PathObject>`, 1}), []string{document.TooLarge}},
		{"blocks in each other", "ofd", page(fill{`<ofd:PageBlock ID="3">`, 1 << 20}), []string{document.Nesting, document.Damaged, document.TooLarge}},
		{"a million columns by a span", "html", text(fill{"<table><tr>", 1}, fill{"<td colspan=1000000>1", 1 << 18}), []string{document.TooManyCells}},
		{"elements in each other", "html", text(fill{"<b><i><div>", 1 << 20}), []string{document.Nesting, document.TooLarge}},
		{"attributes without end", "html", text(fill{"<p ", 1}, fill{`a="b" `, 6 << 20}), []string{document.TooLarge}},
		{"rows of bars", "md", text(fill{"|", 1 << 20}, fill{"\n|-|\n", 1}, fill{"|", 1 << 20}), []string{"not_a_report", document.TooManyCells, document.TooLarge}},
		{"one line", "txt", text(fill{"本年新收政府信息公开申请数量1", 1 << 20}), []string{"not_a_report", document.TooLarge}},
		{"figures that can be cut in many ways", "txt", text(fill{"一、本年新收政府信息公开申请数量1111111111111111111111二、上年结转政府信息公开申请数量11111111111111111111111（七）总计111111111111111111111四、结转下年度继续办理1111111111111111111", 1 << 12}), []string{"not_a_report"}},
		{"messages one after the other", "eml", text(fill{mail + "--x\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n", 1 << 17}), []string{"not_a_report", "truncated"}},
		{"parts of a message in each other", "eml", func(*testing.T) []byte {
			var b bytes.Buffer
			b.WriteString("From: a@b.example\r\nTo: c@d.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n")
			for i := range 100_000 {
				fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=x%d\r\n\r\n--x%d\r\n", i, i)
			}
			return b.Bytes()
		}, []string{document.Nesting}},
		{"a million parts of a message", "eml", text(fill{mail, 1}, fill{"--x\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nx\r\n", 1 << 19}, fill{"--x--\r\n", 1}), []string{document.TooLarge, "archive_too_large"}},
		{"a gigabyte of zeros", "zip", func(t *testing.T) []byte { return packed(t, part{"1.html", []fill{{"0", 1 << 30}}}) }, []string{"archive_too_large"}},
		{"a zip in a zip in a zip in a zip", "zip", func(t *testing.T) []byte {
			b := packed(t, one("1.txt", "x"))
			for range 9 {
				b = packed(t, part{"z.zip", []fill{{string(b), 1}}})
			}
			return b
		}, []string{"archive_nesting"}},
		{"a packing that takes four gigabytes", "rar", fixed(rar(100_000, 1<<7|15<<10)), []string{"archive_damaged", "archive_too_large"}},
		{"a member of a terabyte", "rar", fixed(rar(1<<40, 1<<7)), []string{"archive_too_large"}},
		{"a header with four billion files", "7z", fixed(sevenZip(append([]byte{1, 5, 0xF0}, 0xFF, 0xFF, 0xFF, 0xFF))), []string{"archive_damaged", "archive_too_large"}},
	} {
		t.Run(bomb.ending+", "+bomb.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "bomb."+bomb.ending)
			if err := os.WriteFile(file, bomb.make(t), 0o600); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), bombTime)
			defer cancel()
			made := program(t, "ingest", "--dry-run", "--json", "--data", filepath.Join(t.TempDir(), "none"), file)
			c := exec.CommandContext(ctx, made.Path, made.Args[1:]...)
			c.Env = made.Env
			out, err := c.Output()
			if code := exitCode(t, err); code != rejected {
				t.Fatalf("exit code %d, want %d (%v)\n%.2000s", code, rejected, ctx.Err(), out)
			}
			told := map[string]bool{}
			for line := range bytes.Lines(out) {
				var r struct {
					Problems []struct{ Code string }
				}
				if json.Unmarshal(line, &r) == nil {
					for _, p := range r.Problems {
						told[p.Code] = true
					}
				}
			}
			if !slices.ContainsFunc(bomb.codes, func(code string) bool { return told[code] }) {
				t.Errorf("told %v, want one of %v\n%.1000s", told, bomb.codes, out)
			}
			peak := c.ProcessState.SysUsage().(*syscall.Rusage).Maxrss >> 10
			t.Log(fmt.Sprintf("%d MB, %v of the processor", peak, c.ProcessState.UserTime()+c.ProcessState.SystemTime()))
			if peak > bombMemory {
				t.Errorf("took %d MB, want at most %d", peak, bombMemory)
			}
		})
	}
}
