package office

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"nianbao/ingest/document"
	"nianbao/ingest/document/documenttest"
)

// needSoffice skips a test where LibreOffice is not installed.
func needSoffice(t *testing.T) {
	t.Helper()
	if FindSoffice() == "" {
		t.Skip("LibreOffice is not installed: apt-get install libreoffice-writer-nogui libreoffice-calc-nogui")
	}
}

func codeOf(err error) string {
	var r *document.Refusal
	if errors.As(err, &r) {
		return r.Problem.Code
	}
	return ""
}

// rtf is a document with a merged table and a date that is a field.
const rtf = `{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fcharset134 SimSun;}}` +
	`{\pard \u26631?\u39064?\par}` +
	`\trowd\clbrdrt\brdrs\clbrdrl\brdrs\clbrdrb\brdrs\clbrdrr\brdrs\cellx6000\pard\intbl \u30002?\cell\row` +
	`\trowd\clbrdrt\brdrs\cellx3000\clbrdrt\brdrs\cellx6000\pard\intbl \u20057?\cell\pard\intbl 12\cell\row` +
	`\pard {\field{\*\fldinst DATE \\@ "yyyy-MM-dd"}{\fldrslt 2024-01-17}}\par}`

func TestRead(t *testing.T) {
	needSoffice(t)
	d, err := Read(t.Context(), RTF, []byte(rtf), document.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(d.Meta["converted by"], "LibreOffice") {
		t.Errorf("the document does not say by what it was converted: %q", d.Meta)
	}
	// A date that is a field shows the day of reading, not that of the report.
	if len(d.Problems) != 1 || d.Problems[0].Code != DateField {
		t.Errorf("got the problems %v, want %s", d.Problems, DateField)
	}
	d.Meta, d.Problems = nil, nil
	got := documenttest.Draw(d)
	got = regexp.MustCompile(`20\d\d-\d\d-\d\d`).ReplaceAllString(got, "(today)")
	want := "type application/rtf\n\n标题\n\ngrid 1: 2 × 2\n  1.1(1×2) 甲\n  2.1 乙 | 2.2 12\n\n(today)\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Systems of offices write workbooks in the XML of Office 2003 from templates.
func TestExcelXML(t *testing.T) {
	needSoffice(t)
	const sheet = `<?xml version="1.0" encoding="UTF-8"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">` +
		`<Worksheet ss:Name="表"><Table><Row><Cell ss:MergeAcross="1"><Data ss:Type="String">标题</Data></Cell></Row><Row><Cell><Data ss:Type="String">甲</Data></Cell><Cell><Data ss:Type="Number">12</Data></Cell></Row></Table></Worksheet></Workbook>`
	d, err := Read(t.Context(), ExcelXML, []byte(sheet), document.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	d.Meta = nil
	want := "type application/vnd.ms-excel+xml\n\n# 表\n\ngrid 1: 2 × 2\n  1.1(1×2) 标题\n  2.1 甲 | 2.2 12\n"
	if got := documenttest.Draw(d); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestWithoutLibreOffice(t *testing.T) {
	t.Setenv("NIANBAO_SOFFICE", filepath.Join(t.TempDir(), "none"))
	_, err := Read(t.Context(), XLS, []byte("x"), document.DefaultLimits)
	if codeOf(err) != NeedsLibreOffice || !strings.Contains(err.Error(), "apt-get install libreoffice-calc-nogui") {
		t.Errorf("got %v, want a refusal that names the package", err)
	}
}

// A program that is not LibreOffice, or one that hangs, harms only its own file.
func TestProgramsThatFail(t *testing.T) {
	script := func(t *testing.T, text string) {
		name := filepath.Join(t.TempDir(), "soffice")
		if err := os.WriteFile(name, []byte("#!/bin/sh\n"+text), 0o700); err != nil {
			t.Fatal(err)
		}
		t.Setenv("NIANBAO_SOFFICE", name)
	}
	// The folder for the result is the last argument but one.
	const result = `eval "out=\${$(($#-1))}"` + "\n"
	t.Run("says why and ends", func(t *testing.T) {
		script(t, "echo source file could not be loaded >&2; exit 1")
		_, err := Read(t.Context(), DOC, []byte("x"), document.DefaultLimits)
		if codeOf(err) != ConversionFailed || !strings.Contains(err.Error(), "could not be loaded") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("makes no document", func(t *testing.T) {
		script(t, result+"echo nonsense > $out/report.docx")
		_, err := Read(t.Context(), DOC, []byte("x"), document.DefaultLimits)
		if codeOf(err) != document.Damaged {
			t.Errorf("got %v, want the refusal of the reader", err)
		}
	})
	t.Run("makes a link", func(t *testing.T) {
		script(t, result+"ln -s /etc/passwd $out/report.docx")
		if _, err := Read(t.Context(), DOC, []byte("x"), document.DefaultLimits); codeOf(err) != ConversionFailed {
			t.Errorf("got %v, want that there is no result", err)
		}
	})
	t.Run("makes too much", func(t *testing.T) {
		script(t, result+"head -c 3000 /dev/zero > $out/report.docx")
		if _, err := Read(t.Context(), DOC, []byte("x"), document.Limits{Bytes: 2000}); codeOf(err) != document.TooLarge {
			t.Errorf("got %v, want too large", err)
		}
	})
	t.Run("hangs with a child", func(t *testing.T) {
		pipe := filepath.Join(t.TempDir(), "pipe")
		if err := exec.Command("mkfifo", pipe).Run(); err != nil {
			t.Skip("no mkfifo here")
		}
		script(t, "exec >"+pipe+"\nsleep 1000 &\nwait")
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() {
			_, err := Read(ctx, DOC, []byte("x"), document.DefaultLimits)
			done <- err
		}()
		f, err := os.Open(pipe) // waits for the program to open its end
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want the error of the context", err)
		}
		if _, err := io.ReadAll(f); err != nil { // ends when nobody holds the other end: the child is gone too
			t.Error(err)
		}
	})
}

// odt is an OpenDocument text with the body and further parts.
func odt(t *testing.T, body, scripts string, parts map[string]string) []byte {
	t.Helper()
	all := map[string]string{
		"content.xml": `<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"
 xmlns:script="urn:oasis:names:tc:opendocument:xmlns:script:1.0" xmlns:ooo="http://openoffice.org/2004/office" xmlns:dom="http://www.w3.org/2001/xml-events"
 xmlns:xlink="http://www.w3.org/1999/xlink" office:version="1.2">` + scripts + `<office:body><office:text>` + body + `</office:text></office:body></office:document-content>`,
	}
	manifest := `<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2"><manifest:file-entry manifest:full-path="/" manifest:media-type="` + ODT + `"/>`
	for name, content := range parts {
		all[name] = content
	}
	for name := range all {
		manifest += `<manifest:file-entry manifest:full-path="` + name + `" manifest:media-type="text/xml"/>`
	}
	all["META-INF/manifest.xml"] = manifest + `</manifest:manifest>`
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateHeader(&zip.FileHeader{Name: "mimetype", Method: zip.Store})
	if err != nil {
		t.Fatal(err)
	}
	w.Write([]byte(ODT))
	for name, content := range all {
		if w, err = z.Create(name); err != nil {
			t.Fatal(err)
		}
		w.Write([]byte(content))
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestDocumentsDoNothing: a macro that runs when the document is opened, and a picture and a section that stand on a
// server. In a profile that allows them, LibreOffice runs the one and asks for the others.
func TestDocumentsDoNothing(t *testing.T) {
	needSoffice(t)
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan bool, 10)
	go func() {
		defer close(asked)
		for {
			c, err := server.Accept()
			if err != nil {
				return
			}
			c.Close()
			asked <- true
		}
	}()
	address := "http://" + server.Addr().String()
	mark := filepath.Join(t.TempDir(), "ran")
	b := odt(t, `<text:p>正文<draw:frame svg:width="5cm" svg:height="5cm"><draw:image xlink:href="`+address+`/a.png" xlink:type="simple" xlink:show="embed" xlink:actuate="onLoad"/></draw:frame></text:p>
<text:section text:name="s"><text:section-source xlink:href="`+address+`/b.odt" xlink:type="simple"/><text:p>节</text:p></text:section>`,
		`<office:scripts><office:event-listeners><script:event-listener script:language="ooo:script" script:event-name="dom:load" xlink:href="vnd.sun.star.script:Standard.Module1.Main?language=Basic&amp;location=document" xlink:type="simple"/></office:event-listeners></office:scripts>`,
		map[string]string{
			"Basic/script-lc.xml":          `<?xml version="1.0" encoding="UTF-8"?><library:libraries xmlns:library="http://openoffice.org/2000/library" xmlns:xlink="http://www.w3.org/1999/xlink"><library:library library:name="Standard" library:link="false"/></library:libraries>`,
			"Basic/Standard/script-lb.xml": `<?xml version="1.0" encoding="UTF-8"?><library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard" library:readonly="false" library:passwordprotected="false"><library:element library:name="Module1"/></library:library>`,
			"Basic/Standard/Module1.xml":   `<?xml version="1.0" encoding="UTF-8"?><script:module xmlns:script="http://openoffice.org/2000/script" script:name="Module1" script:language="StarBasic">Sub Main` + "\n" + `Open "` + mark + `" For Output As #1` + "\n" + `Print #1, "ran"` + "\n" + `Close #1` + "\nEnd Sub\n</script:module>",
		})
	d, err := Read(t.Context(), ODT, b, document.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	if s := documenttest.Draw(d); !strings.Contains(s, "正文") {
		t.Errorf("the text is not there:\n%s", s)
	}
	if _, err := os.Stat(mark); err == nil {
		t.Error("the macro of the document ran")
	}
	server.Close()
	for range asked {
		t.Error("LibreOffice asked the server for what the document refers to")
	}
}

func TestEncrypted(t *testing.T) {
	doc := make([]byte, 2048)
	copy(doc[512:], []byte{0xEC, 0xA5, 0xC1, 0, 0, 0, 0, 0, 0, 0, 0, 1})
	xls := make([]byte, 2048)
	copy(xls[1024:], []byte{0x09, 0x08, 0x10, 0, 0, 6, 5, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0x2F, 0, 4, 0})
	for _, test := range []struct {
		name string
		b    []byte
		want bool
	}{
		{"a Word document", doc, true},
		{"an Excel workbook", xls, true},
		{"an OpenDocument package", []byte("PK\x03\x04 <manifest:encryption-data>"), true},
		{"a Word document without a password", append(append([]byte{}, doc[:522]...), make([]byte, 1000)...), false},
		{"a workbook without one", append(append([]byte{}, xls[:1044]...), make([]byte, 1000)...), false},
		{"nothing", nil, false},
	} {
		if got := encrypted(test.b); got != test.want {
			t.Errorf("%s: got %t", test.name, got)
		}
	}
}

// FuzzEncrypted: damaged files are looked at without a crash.
func FuzzEncrypted(f *testing.F) {
	f.Add(append(make([]byte, 512), 0xEC, 0xA5, 0xC1, 0, 0, 0, 0, 0, 0, 0, 0, 1))
	f.Add(append(make([]byte, 512), 0x09, 0x08, 0x10, 0, 0, 6, 5, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0x2F, 0, 4, 0))
	f.Fuzz(func(t *testing.T, b []byte) { encrypted(b) })
}
