package open

import (
	"archive/zip"
	"bytes"
	"path"
	"strings"
	"unicode/utf8"

	"nianbao/ingest/document/docx"
	"nianbao/ingest/document/html"
	"nianbao/ingest/document/mail"
	"nianbao/ingest/document/ofd"
	"nianbao/ingest/document/office"
	"nianbao/ingest/document/scan"
	"nianbao/ingest/document/text"
	"nianbao/ingest/document/xlsx"
)

// Format is what a file is, as its content tells.
type Format struct {
	MediaType string
	Name      string // for people: a PDF file
	Endings   string // of file names, space-separated, each with its dot
}

// The formats known by sight.
var (
	HTML      = Format{html.MediaType, "a web page", ".html .htm .shtml .xhtml .jsp .php .asp .aspx .jhtml .do"}
	DOCX      = Format{docx.MediaType, "a Word document (DOCX)", ".docx .docm .dotx .dotm .wps"}
	Text      = Format{text.Plain, "plain text", ".txt .text .log"}
	Markdown  = Format{text.Markdown, "Markdown", ".md .markdown"}
	PDF       = Format{"application/pdf", "a PDF file", ".pdf"}
	DOC       = Format{"application/msword", "a Word 97 to 2003 document (DOC, WPS)", ".doc .dot .wps"}
	XLS       = Format{"application/vnd.ms-excel", "an Excel 97 to 2003 workbook (XLS, ET)", ".xls .et"}
	PPT       = Format{"application/vnd.ms-powerpoint", "a PowerPoint 97 to 2003 file (PPT, DPS)", ".ppt .dps"}
	OLE       = Format{"application/x-ole-storage", "an OLE compound file", ".wps"}
	XLSX      = Format{xlsx.MediaType, "an Excel workbook (XLSX)", ".xlsx .xlsm .xltx .xltm .et"}
	PPTX      = Format{"application/vnd.openxmlformats-officedocument.presentationml.presentation", "a PowerPoint file (PPTX)", ".pptx"}
	ODT       = Format{"application/vnd.oasis.opendocument.text", "an OpenDocument text (ODT)", ".odt"}
	ODS       = Format{"application/vnd.oasis.opendocument.spreadsheet", "an OpenDocument spreadsheet (ODS)", ".ods"}
	OFD       = Format{ofd.MediaType, "an OFD document (GB/T 33190)", ".ofd"}
	EPUB      = Format{"application/epub+zip", "an EPUB book", ".epub"}
	ZIP       = Format{"application/zip", "a ZIP archive", ".zip"}
	RAR       = Format{"application/vnd.rar", "a RAR archive", ".rar"}
	SevenZip  = Format{"application/x-7z-compressed", "a 7z archive", ".7z"}
	GZIP      = Format{"application/gzip", "a gzip file", ".gz .tgz"}
	WordXML   = Format{office.WordXML, "a Word 2003 document in XML", ".xml .doc"}
	ExcelXML  = Format{office.ExcelXML, "an Excel 2003 workbook in XML", ".xml .xls .et"}
	RTF       = Format{"application/rtf", "an RTF document", ".rtf .doc"}
	MHTML     = Format{mail.MHTML, "a web archive (MHTML)", ".mht .mhtml .doc"}
	EML       = Format{mail.EML, "an e-mail message (EML)", ".eml"}
	PNG       = Format{scan.PNG, "a PNG image", ".png"}
	JPEG      = Format{scan.JPEG, "a JPEG image", ".jpg .jpeg"}
	TIFF      = Format{scan.TIFF, "a TIFF image", ".tif .tiff"}
	GIF       = Format{"image/gif", "a GIF image", ".gif"}
	BMP       = Format{"image/bmp", "a BMP image", ".bmp"}
	WebP      = Format{"image/webp", "a WebP image", ".webp"}
	Encrypted = Format{"application/x-ole-storage", "an Office document protected by a password", ".docx .xlsx .pptx"}
	// Binary is no format: bytes that are neither text nor of a known format.
	Binary = Format{"application/octet-stream", "no text and no known format", ""}
)

var known = []Format{HTML, DOCX, Text, Markdown, PDF, DOC, XLS, PPT, OLE, XLSX, PPTX, ODT, ODS, OFD, EPUB, ZIP, RAR, SevenZip, GZIP,
	WordXML, ExcelXML, RTF, MHTML, EML, PNG, JPEG, TIFF, GIF, BMP, WebP}

// magic are the beginnings that a format is known by.
var magic = []struct {
	prefix string
	Format
}{
	{"%PDF-", PDF}, {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", OLE}, {"{\\rtf", RTF}, {"Rar!\x1A\x07", RAR},
	{"7z\xBC\xAF\x27\x1C", SevenZip}, {"\x1F\x8B", GZIP}, {"\x89PNG\r\n\x1A\n", PNG}, {"\xFF\xD8\xFF", JPEG},
	{"II*\x00", TIFF}, {"MM\x00*", TIFF}, {"GIF87a", GIF}, {"GIF89a", GIF}, {"BM", BMP},
}

// Sniff tells the format of a file from its content. The name decides only where the content cannot: between plain
// text and Markdown.
func Sniff(name string, b []byte) Format {
	for _, m := range magic {
		if !bytes.HasPrefix(b, []byte(m.prefix)) {
			continue
		}
		switch m.Format {
		case OLE:
			return inOLE(b)
		case BMP:
			// Two letters are little to go by: the four bytes after the size are reserved and 0.
			if len(b) < 26 || !bytes.Equal(b[6:10], []byte{0, 0, 0, 0}) {
				continue
			}
		}
		return m.Format
	}
	if len(b) > 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP" {
		return WebP
	}
	if bytes.HasPrefix(b, []byte("PK\x03\x04")) || bytes.HasPrefix(b, []byte("PK\x05\x06")) {
		return inZIP(b)
	}
	// Some portals put line ends or HTTP rubbish before the PDF; its own standard allows 1024 bytes.
	if i := bytes.Index(b[:min(len(b), 1024)], []byte("%PDF-1.")); i >= 0 && !looksLikeHTML(b[:i]) {
		return PDF
	}
	head := opening(b)
	if f, ok := message(head); ok {
		return f
	}
	switch {
	case bytes.Contains(head, []byte(`<?mso-application progid="word.document"`)):
		return WordXML
	case bytes.Contains(head, []byte(`<?mso-application progid="excel.sheet"`)):
		return ExcelXML
	case looksLikeHTML(head):
		return HTML
	case binary(b):
		return Binary
	case contains(Markdown.Endings, ending(name)):
		return Markdown
	}
	return Text
}

// inOLE tells apart what is packed as an OLE compound file by the names of its streams, which are in UTF-16.
func inOLE(b []byte) Format {
	for _, one := range []struct {
		stream string
		Format
	}{
		{"EncryptedPackage", Encrypted}, {"WordDocument", DOC}, {"Workbook", XLS}, {"PowerPoint Document", PPT}, {"Book", XLS},
	} {
		wide := make([]byte, 0, 2*len(one.stream)+2)
		for _, c := range []byte(one.stream + "\x00") {
			wide = append(wide, c, 0)
		}
		if bytes.Contains(b, wide) {
			return one.Format
		}
	}
	return OLE
}

// inZIP tells apart what is packed as ZIP by the names of the parts.
func inZIP(b []byte) Format {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		// A file cut short has no directory at its end. The names of its parts stand before each of them as well.
		if bytes.Contains(b, []byte("word/document.xml")) || bytes.Contains(b, []byte("word/styles.xml")) {
			return DOCX
		}
		return ZIP
	}
	for _, f := range z.File {
		name := strings.ReplaceAll(f.Name, "\\", "/")
		switch {
		case name == "word/document.xml" || docx.IsMainPart(name):
			return DOCX
		case name == "xl/workbook.xml":
			return XLSX
		case name == "ppt/presentation.xml":
			return PPTX
		case name == "OFD.xml":
			return OFD
		case name == "mimetype":
			// OpenDocument and EPUB state their type uncompressed in the first part.
			for _, known := range []Format{ODT, ODS, EPUB} {
				if bytes.Contains(b[:min(len(b), 200)], []byte(known.MediaType)) {
					return known
				}
			}
		}
	}
	return ZIP
}

// opening is the beginning of the file in lower case as far as it is ASCII, without byte order mark, white space and
// the zero bytes of UTF-16.
func opening(b []byte) []byte {
	b = b[:min(len(b), 8<<10)]
	if bytes.HasPrefix(b, []byte("\xEF\xBB\xBF")) {
		b = b[3:]
	}
	if bytes.HasPrefix(b, []byte("\xFF\xFE")) || bytes.HasPrefix(b, []byte("\xFE\xFF")) {
		b = bytes.ReplaceAll(b[2:], []byte{0}, nil)
	}
	low := bytes.Clone(bytes.TrimLeft(b, " \t\r\n\f\v"))
	for i, c := range low {
		if c >= 'A' && c <= 'Z' {
			low[i] = c + 'a' - 'A'
		}
	}
	return low
}

// message takes the opening of a file. A message begins with header fields, each on a line; a web archive is a message
// that was sent to nobody.
func message(head []byte) (Format, bool) {
	fields := map[string]string{}
	if bytes.HasPrefix(head, []byte("from ")) { // of a mailbox
		_, head, _ = bytes.Cut(head, []byte("\n"))
	}
	name := ""
	for line := range bytes.SplitSeq(head, []byte("\n")) {
		line = bytes.TrimSuffix(line, []byte("\r"))
		switch field, value, ok := bytes.Cut(line, []byte(":")); {
		case len(line) == 0:
			return kindOf(fields)
		case name != "" && (line[0] == ' ' || line[0] == '\t'):
			fields[name] += string(line)
		case ok && len(field) > 0 && bytes.Trim(field, "abcdefghijklmnopqrstuvwxyz0123456789-") == nil:
			name = string(field)
			fields[name] = string(value)
		default:
			return Format{}, false
		}
	}
	return kindOf(fields) // headers longer than what is looked at
}

func kindOf(fields map[string]string) (Format, bool) {
	has := func(names ...string) bool {
		for _, n := range names {
			if _, ok := fields[n]; ok {
				return true
			}
		}
		return false
	}
	switch {
	case has("mime-version", "content-type") && strings.Contains(fields["content-type"], mail.MHTML) && !has("to", "cc", "received"):
		return MHTML, true
	case has("from", "to", "received", "return-path") && has("mime-version", "date", "message-id", "received"):
		return EML, true
	}
	return Format{}, false
}

// elements are those that a page, or a piece of one, is known by. Text that merely mentions a tag has none of them as
// its first.
var elements = []string{"html", "head", "body", "table", "div", "p", "meta", "title", "center", "font", "span", "h1", "h2",
	"h3", "article", "section", "tbody", "tr", "td", "style", "script", "link", "br", "ul", "form", "a", "b", "strong", "pre"}

// looksLikeHTML takes the opening of a file. A page begins with a tag, after comments and an XML declaration.
func looksLikeHTML(head []byte) bool {
	for {
		head = bytes.TrimLeft(head, " \t\r\n\f\v")
		switch {
		case bytes.HasPrefix(head, []byte("<!doctype html")):
			return true
		case bytes.HasPrefix(head, []byte("<!--")), bytes.HasPrefix(head, []byte("<?xml")), bytes.HasPrefix(head, []byte("<!")):
			end := ">"
			if bytes.HasPrefix(head, []byte("<!--")) {
				end = "-->"
			}
			_, rest, ok := bytes.Cut(head, []byte(end))
			if !ok {
				return bytes.HasPrefix(head, []byte("<!--")) // a comment longer than what is looked at
			}
			head = rest
			continue
		}
		break
	}
	if len(head) > 1 && head[0] == '<' {
		for _, e := range elements {
			if rest, ok := bytes.CutPrefix(head[1:], []byte(e)); ok && (len(rest) == 0 || bytes.IndexByte([]byte(" \t\r\n/>:"), rest[0]) >= 0) {
				return true
			}
		}
	}
	// Words or a notice may stand before the page.
	return bytes.Contains(head, []byte("<html")) || bytes.Contains(head, []byte("<!doctype html")) ||
		bytes.Contains(head, []byte("<body")) || bytes.Contains(head, []byte("<table")) && bytes.Contains(head, []byte("<td"))
}

// binary says whether bytes are no text in any encoding read here: control characters that no text has.
func binary(b []byte) bool {
	if bytes.HasPrefix(b, []byte("\xFF\xFE")) || bytes.HasPrefix(b, []byte("\xFE\xFF")) {
		return len(b) < 4
	}
	control := 0
	sample := b[:min(len(b), 64<<10)]
	for _, c := range sample {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != '\v' && c != 0x1A && c != 0x1B {
			control++
		}
	}
	if utf8.Valid(b) {
		return control*50 > len(sample)
	}
	return control*200 > len(sample)
}

func ending(name string) string {
	name, _, _ = strings.Cut(name, "?")
	return strings.ToLower(path.Ext(strings.ReplaceAll(name, "\\", "/")))
}

func contains(endings, ending string) bool {
	if ending == "" {
		return false
	}
	for _, e := range strings.Fields(endings) {
		if e == ending {
			return true
		}
	}
	return false
}
