package open_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nianbao/ingest/document"
	"nianbao/ingest/document/documenttest"
	"nianbao/ingest/document/open"
)

// pack makes a ZIP file of parts, in the order given: name, content, name, content.
func pack(parts ...string) string {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		w, err := z.CreateHeader(&zip.FileHeader{Name: parts[i]})
		if err != nil {
			panic(err)
		}
		if _, err := w.Write([]byte(parts[i+1])); err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.String()
}

func wide(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		b.WriteByte(c)
		b.WriteByte(0)
	}
	return b.String()
}

const ole = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"

var docxParts = []string{"word/document.xml",
	`<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>年报</w:t></w:r></w:p></w:body></w:document>`}

func TestSniff(t *testing.T) {
	for _, test := range []struct {
		name, file, content string
		want                open.Format
	}{
		{"page with a document type", "x", "\n <!DOCTYPE HTML><html>", open.HTML},
		{"page with a mark", "x", "\xEF\xBB\xBF<HTML>", open.HTML},
		{"page in UTF-16", "x", "\xFF\xFE" + wide("<html><p>a"), open.HTML},
		{"XHTML", "x", `<?xml version="1.0" encoding="gb2312"?>` + "\n<!-- c -->\n<!DOCTYPE html PUBLIC>", open.HTML},
		{"a table alone", "x.txt", "<table><tr><td>1</table>", open.HTML},
		{"page after words", "x", "cached copy:\r\n<html><body>", open.HTML},
		{"page after a long comment", "x", "<!--" + strings.Repeat("x", 9000) + "--><p>a", open.HTML},
		{"text about a tag", "x", "the tag <b> is bold, a<b and b>c", open.Text},
		{"text beginning with a sign", "x", "<10 of 20", open.Text},
		{"text beginning with a bracketed word", "x", "<附件> 年报", open.Text},
		{"other XML", "x", `<?xml version="1.0"?><report/>`, open.Text},
		{"text", "report.txt", "年报", open.Text},
		{"text in UTF-16", "x", "\xFF\xFE" + wide("abc"), open.Text},
		{"text in GBK", "x", "\xC4\xEA\xB1\xA8", open.Text},
		{"Markdown by its name", "report.md", "# 年报", open.Markdown},
		{"DOCX", "x", pack(docxParts...), open.DOCX},
		{"DOCX cut short", "x", pack(append(docxParts, "word/styles.xml", strings.Repeat("x", 900))...)[:700], open.DOCX},
		{"XLSX", "x", pack("[Content_Types].xml", "", "xl/workbook.xml", ""), open.XLSX},
		{"PPTX", "x", pack("ppt/presentation.xml", ""), open.PPTX},
		{"ODT", "x", pack("mimetype", "application/vnd.oasis.opendocument.text", "content.xml", ""), open.ODT},
		{"ODS", "x", pack("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), open.ODS},
		{"EPUB", "x", pack("mimetype", "application/epub+zip"), open.EPUB},
		{"OFD", "x", pack("OFD.xml", "<ofd/>"), open.OFD},
		{"archive", "x.docx", pack("a.txt", "a"), open.ZIP},
		{"empty archive", "x", pack(), open.ZIP},
		{"PDF", "x.html", "%PDF-1.7\n", open.PDF},
		{"PDF after rubbish", "x", "\r\n\r\n%PDF-1.4", open.PDF},
		{"page about PDF", "x", "<p>a file begins with %PDF-1.4", open.HTML},
		{"DOC", "x", ole + strings.Repeat("\x00", 99) + wide("WordDocument\x00"), open.DOC},
		{"XLS", "x", ole + wide("Workbook\x00"), open.XLS},
		{"old XLS", "x", ole + wide("Book\x00"), open.XLS},
		{"PPT", "x", ole + wide("PowerPoint Document\x00"), open.PPT},
		{"OLE", "x", ole + wide("Other\x00"), open.OLE},
		{"password", "x", ole + wide("EncryptionInfo\x00") + wide("EncryptedPackage\x00"), open.Encrypted},
		{"XML of Word 2003", "x.doc", "<?xml version=\"1.0\"?>\n<?mso-application progid=\"Word.Document\"?>\n<w:wordDocument>", open.WordXML},
		{"XML of Excel 2003", "x.xls", "<?xml version=\"1.0\"?>\r\n<?mso-application progid=\"Excel.Sheet\"?><Workbook>", open.ExcelXML},
		{"RTF", "x.doc", `{\rtf1\ansi`, open.RTF},
		{"web archive", "x", "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n<html>", open.MHTML},
		{"web archive of a browser", "x", "From: <Saved by Blink>\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype=\"text/html\"\r\n\r\n", open.MHTML},
		{"e-mail", "x", "Received: by a\r\nFrom: a@b.example\r\nTo: c@d.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n<html>", open.EML},
		{"e-mail of a mailbox", "x", "From a@b.example Mon\nFrom: a@b.example\nDate: x\n\nx", open.EML},
		{"words with a colon", "x", "from: here\nto: there", open.Text},
		{"RAR", "x", "Rar!\x1A\x07\x00", open.RAR},
		{"7z", "x", "7z\xBC\xAF\x27\x1C", open.SevenZip},
		{"gzip", "x", "\x1F\x8B\x08", open.GZIP},
		{"PNG", "x", "\x89PNG\r\n\x1A\n", open.PNG},
		{"JPEG", "x", "\xFF\xD8\xFF\xE0", open.JPEG},
		{"TIFF, little-endian", "x", "II*\x00", open.TIFF},
		{"TIFF, big-endian", "x", "MM\x00*", open.TIFF},
		{"GIF", "x", "GIF89a", open.GIF},
		{"WebP", "x", "RIFF\x00\x00\x00\x00WEBPVP8 ", open.WebP},
		{"BMP", "x", "BM\x36\x00\x00\x00\x00\x00\x00\x00" + strings.Repeat("\x01", 20), open.BMP},
		{"text beginning with BM", "x", "BMI is the body mass index of a person", open.Text},
		{"rubbish", "x.txt", "\x01\x02\x03\x04\x05\x06\x07\x08", open.Binary},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := open.Sniff(test.file, []byte(test.content)); got != test.want {
				t.Errorf("got %s, want %s", got.Name, test.want.Name)
			}
		})
	}
}

func TestBytes(t *testing.T) {
	for _, test := range []struct {
		name, file, content string
		want                string // the drawing, or the error
	}{
		{"page named as one", "a/报告.HTML", "<p>a", "type text/html, charset utf-8\n\na\n"},
		{"page at an address", "index.jsp?id=1.2", "<p>a", "type text/html, charset utf-8\n\na\n"},
		{"page named as a document", "x.doc", "<p>a",
			"type text/html, charset utf-8\nproblem extension_mismatch: the name ends in .doc, but the content is a web page and was read as such\n\na\n"},
		{"document named as an old one", "x.doc", pack(docxParts...),
			"type application/vnd.openxmlformats-officedocument.wordprocessingml.document\nproblem extension_mismatch: the name ends in .doc, but the content is a Word document (DOCX) and was read as such\n\n年报\n"},
		{"an ending that says nothing", "x.2023", "<p>a", "type text/html, charset utf-8\n\na\n"},
		{"text in GBK", "x.txt", "\xC4\xEA\xB1\xA8", "type text/plain, charset gb18030\n\n年报\n"},
		{"text in UTF-16", "x.txt", "\xFF\xFE" + wide("ab"), "type text/plain, charset utf-16le\n\nab\n"},
		{"empty", "x.txt", "", "read x.txt: the file is empty (0 bytes)"},
		{"only a mark and white space", "x.txt", "\xEF\xBB\xBF \r\n", "read x.txt: the file is empty (6 bytes)"},
		{"page without text", "x.html", "<html><p>&nbsp;<img src=a><img src=b>",
			"read x.html: a web page without any text; images not looked at: 2; there is no table, which may be in one of them"},
		{"page with hidden text", "x.html", "<p hidden>a", "read x.html: a web page without any text; text that is not shown was left out: “a”"},
		{"PDF", "x.html", "%PDF-1.7\n", "read x.html: the PDF is damaged: its table of contents cannot be read (PDFium's error 3)"},
		{"password", "x.docx", ole + wide("EncryptedPackage\x00"), "read x.docx: an Office document protected by a password; save it without a password"},
		{"rubbish", "x.txt", "\x01\x02\x03\x04", "read x.txt: no text and no known format: it begins with the bytes 01 02 03 04"},
		{"too large", "x.txt", strings.Repeat("a", 1001), "read x.txt: the file has 1001 bytes, at most 1000 are read"},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := document.DefaultLimits
			l.Bytes = 1000
			d, err := open.Bytes(t.Context(), test.file, []byte(test.content), l)
			got := ""
			if err != nil {
				got = err.Error()
				var refusal *document.Refusal
				if !errors.As(err, &refusal) {
					t.Errorf("the error is no refusal")
				}
			} else {
				got = documenttest.Draw(d)
			}
			if got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func TestFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.html")
	if err := os.WriteFile(path, []byte("<p>a"), 0o644); err != nil {
		t.Fatal(err)
	}
	if d, err := open.File(t.Context(), path, document.DefaultLimits); err != nil || len(d.Blocks) != 1 {
		t.Errorf("got %v, %v", d, err)
	}
	if _, err := open.File(t.Context(), filepath.Join(dir, "none"), document.DefaultLimits); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want %v", err, os.ErrNotExist)
	}
	if _, err := open.File(t.Context(), dir, document.DefaultLimits); err == nil {
		t.Errorf("a folder was read")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := open.File(ctx, path, document.DefaultLimits); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

// TestHugeFile: a file of 2 GB is refused from its size. It is sparse and takes no room.
func TestHugeFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "huge.html")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(2 << 30); err != nil {
		t.Skipf("no sparse file of 2 GB can be made here: %v", err)
	}
	_, err = open.File(t.Context(), path, document.DefaultLimits)
	var refusal *document.Refusal
	if !errors.As(err, &refusal) || refusal.Problem.Code != document.TooLarge {
		t.Fatalf("got %v, want a refusal as %s", err, document.TooLarge)
	}
	if want := "the file has 2147483648 bytes, at most 67108864 are read"; refusal.Error() != want {
		t.Errorf("got  %s\nwant %s", refusal, want)
	}
}

// FuzzBytes: whatever the bytes, there is a document of good shape or a refusal.
func FuzzBytes(f *testing.F) {
	for _, content := range []string{"<p>a", "年报", "\xFF\xFEa\x00", pack(docxParts...), "%PDF-1.7", ole + wide("Book\x00"), "a|b\n---|---\n1|2\n", "BM"} {
		f.Add("x.html", []byte(content))
	}
	l := document.Limits{Bytes: 1 << 20, Cells: 10_000, Nesting: 100, Text: 1 << 20}
	f.Fuzz(func(t *testing.T, name string, b []byte) {
		d, err := open.Bytes(t.Context(), name, b, l)
		if err != nil {
			var refusal *document.Refusal
			if !errors.As(err, &refusal) || refusal.Problem.Code == "" {
				t.Fatalf("no refusal: %v", err)
			}
			return
		}
		if d.MediaType == "" || len(d.Blocks) == 0 {
			t.Errorf("a document of type %q with %d blocks", d.MediaType, len(d.Blocks))
		}
		if d.MediaType == open.HTML.MediaType || d.MediaType == open.DOCX.MediaType {
			if err := documenttest.Check(d); err != nil {
				t.Error(err)
			}
		}
	})
}
