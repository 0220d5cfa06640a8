package open_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"nianbao/ingest/document"
	"nianbao/ingest/document/open"
)

const bombName = "NIANBAO_TEST_BOMB"

// memoryLimit is what reading any one file may take of memory, the program itself included.
const memoryLimit = 500 // MB

// bombs are files made to exhaust whoever reads them. code "" means that the file is read.
var bombs = []struct {
	name string
	make func() []byte
	code string
}{
	{"a million columns", func() []byte {
		return []byte("<table>" + strings.Repeat("<tr><td colspan=1000000>1<td rowspan=1000000 colspan=1000000>2", 1000) + "</table>")
	}, document.TooManyCells},
	{"few cells, many places", func() []byte {
		return []byte("<table><tr>" + strings.Repeat("<td>1", 100_000) + strings.Repeat("<tr><td>1<td>2", 50_000) + "</table>")
	}, document.TooManyCells},
	{"elements in each other", func() []byte { return []byte(strings.Repeat("<div>", 100_000) + "x") }, document.Nesting},
	{"tables in each other", func() []byte { return []byte(strings.Repeat("<table><tr><td>1<td>", 100_000)) }, document.Nesting},
	{"tables in each other, just allowed", func() []byte { return []byte(strings.Repeat("<table><tr><td>1<td>", 120)) }, ""},
	{"tags only", func() []byte { return bytes.Repeat([]byte("<p>"), 60<<20/3) }, document.TooLarge},
	{"as many tags as allowed", func() []byte { return bytes.Repeat([]byte("<p>a"), 500_000) }, ""},
	{"attributes only", func() []byte { return append([]byte("<p "), bytes.Repeat([]byte("a "), 30<<20)...) }, document.TooLarge},
	{"attributes in many tags", func() []byte {
		return bytes.Repeat([]byte(`<p a="b"c='d'e=f/g h>`), 3<<20)
	}, document.TooLarge},
	{"formatting left open", func() []byte {
		var b bytes.Buffer
		b.WriteString("<p>") // whose end takes them off the stack
		for i := range 400 {
			fmt.Fprintf(&b, "<font color=%d>", i)
		}
		b.WriteString(strings.Repeat("<p>x", 200_000))
		return b.Bytes()
	}, ""},
	{"formatting left open, just allowed", func() []byte {
		var b bytes.Buffer
		b.WriteString("<p>") // whose end takes them off the stack
		for i := range 400 {
			fmt.Fprintf(&b, "<font color=%d size=%d face=%d>", i, i, i)
		}
		b.WriteString(strings.Repeat("<p>x", 1550))
		return b.Bytes()
	}, ""},
	{"words only", func() []byte { return append([]byte("<p>"), bytes.Repeat([]byte("公开"), 60<<20/6)...) }, document.TooLarge},
	{"words in GBK only", func() []byte { return append([]byte("<p>"), bytes.Repeat([]byte("\xB9\xAB\xBF\xAA"), 60<<20/4)...) }, document.TooLarge},
	{"words in GBK, as many as are parsed", func() []byte { return append([]byte("<p>"), bytes.Repeat([]byte("\xB9\xAB\xBF\xAA"), 20<<20/4)...) }, document.TooLarge},
	{"a picture within the page", func() []byte {
		return []byte(`<p>年报<img src="data:image/png;base64,` + strings.Repeat("AAAA", 15<<20) + `">`)
	}, ""},
	{"plain text", func() []byte { return bytes.Repeat([]byte("a|b\n"), 60<<20/4) }, document.TooLarge},
	{"a gigabyte in a megabyte", func() []byte { return deflated("<w:p><w:r><w:t>公开</w:t></w:r></w:p>", 1<<30, 1<<30) }, document.TooLarge},
	{"a gigabyte that claims to be ten bytes", func() []byte { return deflated("<w:p/>", 1<<30, 10) }, document.Damaged},
	{"many parts", func() []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for i := range 200_000 {
			if _, err := z.CreateHeader(&zip.FileHeader{Name: fmt.Sprint("word/document", i, ".xml")}); err != nil {
				panic(err)
			}
		}
		if err := z.Close(); err != nil {
			panic(err)
		}
		return b.Bytes()
	}, document.TooLarge},
	{"elements of XML in each other", func() []byte { return packBody(strings.Repeat("<w:sdt>", 100_000)) }, document.Nesting},
	{"cells of DOCX", func() []byte {
		return packBody("<w:tbl><w:tr>" + strings.Repeat("<w:tc/>", 300_000) + "</w:tr></w:tbl>")
	}, document.TooManyCells},
	{"spans of DOCX", func() []byte {
		return packBody("<w:tbl>" + strings.Repeat(`<w:tr><w:trPr><w:gridBefore w:val="999999999"/></w:trPr><w:tc><w:tcPr><w:gridSpan w:val="999999999"/><w:vMerge/></w:tcPr></w:tc></w:tr>`, 10_000) + "</w:tbl>")
	}, document.TooManyCells},
	{"a picture within a page in GBK", func() []byte {
		return []byte("<p>\xC4\xEA\xB1\xA8" + `<img src="data:image/png;base64,` + strings.Repeat("AAAA", 15<<20) + `">`)
	}, ""},
	{"paragraphs of DOCX", func() []byte {
		var b strings.Builder
		for i := range 300_000 {
			fmt.Fprintf(&b, `<w:p a="%x"><w:r><w:t>%d</w:t></w:r></w:p>`, i*2654435761, i)
		}
		return packBody(b.String())
	}, ""},
}

func packBody(body string) []byte {
	return []byte(pack("word/document.xml", `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>`+body+`</w:body></w:document>`))
}

// deflated makes a package whose body repeats a piece up to the size, in no more time than its packed form takes, and
// states a size of its own choice.
func deflated(piece string, size, stated int) []byte {
	var head, block bytes.Buffer
	w, err := flate.NewWriter(&head, flate.BestCompression)
	if err != nil {
		panic(err)
	}
	compress := func(to *bytes.Buffer, s string) {
		w.Reset(to)
		if _, err := w.Write([]byte(s)); err != nil {
			panic(err)
		}
		if err := w.Flush(); err != nil { // ends at a byte, so that blocks can be put together
			panic(err)
		}
	}
	compress(&head, `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>`)
	megabyte := strings.Repeat(piece, 1<<20/len(piece))
	compress(&block, megabyte)
	packed := append(head.Bytes(), bytes.Repeat(block.Bytes(), size/len(megabyte))...)
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	part, err := z.CreateRaw(&zip.FileHeader{Name: "word/document.xml", Method: zip.Deflate,
		CompressedSize64: uint64(len(packed)), UncompressedSize64: uint64(stated)})
	if err != nil {
		panic(err)
	}
	if _, err := part.Write(packed); err != nil {
		panic(err)
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// TestBombs reads each bomb in a process of its own and looks at the most memory it took.
func TestBombs(t *testing.T) {
	if name := os.Getenv(bombName); name != "" {
		readBomb(t, name)
		return
	}
	if testing.Short() {
		t.Skip("the bombs take half a minute")
	}
	for _, bomb := range bombs {
		t.Run(bomb.name, func(t *testing.T) {
			path := t.TempDir() + "/bomb.html"
			if err := os.WriteFile(path, bomb.make(), 0o600); err != nil {
				t.Fatal(err)
			}
			c := exec.Command(os.Args[0], "-test.run", "^TestBombs$")
			c.Env = append(os.Environ(), bombName+"="+path)
			out, err := c.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			_, result, _ := strings.Cut(string(out), "result: ")
			result, _, _ = strings.Cut(result, "\n")
			if code, _, _ := strings.Cut(result, " "); code != bomb.code {
				t.Errorf("got %q, want code %q", result, bomb.code)
			}
			t.Log(result)
			if _, after, ok := strings.Cut(result, "peak "); ok {
				var peak int
				if _, err := fmt.Sscanf(after, "%d MB", &peak); err != nil || peak > memoryLimit {
					t.Errorf("took %d MB (%v), want at most %d", peak, err, memoryLimit)
				}
			}
		})
	}
}

func readBomb(t *testing.T, path string) {
	d, err := open.File(t.Context(), path, document.DefaultLimits)
	var refusal *document.Refusal
	switch {
	case errors.As(err, &refusal):
		fmt.Printf("result: %s (%s)%s\n", refusal.Problem.Code, refusal, peak())
	case err != nil:
		t.Fatal(err)
	default:
		fmt.Printf("result:  (%d blocks)%s\n", len(d.Blocks), peak())
	}
}

// peak tells the most memory this process had, where the system says so (Linux).
func peak() string {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return ""
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	var kilobytes int
	if _, err := fmt.Sscan(after, &kilobytes); err != nil {
		return ""
	}
	return fmt.Sprintf(", peak %d MB", kilobytes>>10)
}
