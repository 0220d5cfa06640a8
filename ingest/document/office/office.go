// Package office reads the formats that office programs save besides those of the Open XML kind — DOC and WPS, RTF,
// OpenDocument text, XLS and ET, OpenDocument spreadsheets, the XML of Office 2003 — by having LibreOffice convert them to DOCX or XLSX and
// reading the result. Where LibreOffice is not installed they are refused, and the refusal says what to install.
//
// LibreOffice is handed files that nobody vouches for. Each conversion is a process group of its own with a fresh
// profile, in which macros are forbidden and links are not followed; on Linux it has no network where the kernel
// grants that, and limits on memory, processor time and the size of files. It ends when the time is over, whatever it
// does. It may read what this program may read: run the program as a user who may read little.
package office

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"nianbao/ingest/document"
	"nianbao/ingest/document/docx"
	"nianbao/ingest/document/parts"
	"nianbao/ingest/document/xlsx"
	"nianbao/internal/form"
)

// Media types of what this package reads.
const (
	DOC = "application/msword"
	RTF = "application/rtf"
	ODT = "application/vnd.oasis.opendocument.text"
	XLS = "application/vnd.ms-excel"
	ODS = "application/vnd.oasis.opendocument.spreadsheet"
	// The XML of Office 2003, which programs of offices still write under the names .doc and .xls, has no registered types.
	WordXML  = "application/vnd.ms-word+xml"
	ExcelXML = "application/vnd.ms-excel+xml"
)

// Codes of refusals.
const (
	NeedsLibreOffice = "needs_libreoffice" // LibreOffice, or its part for this format, is not installed
	ConversionFailed = "conversion_failed" // LibreOffice made nothing of the file, or took too long
)

// Codes of problems.
const DateField = "date_field" // a date is printed anew each time the document is opened; the one read is that of today

// source is a format to convert from.
type source struct {
	name   string // for messages
	ending string // LibreOffice goes by the ending where the content leaves a choice
	target target
}

// target is a format to convert to.
type target struct {
	ending string
	filter string // as LibreOffice calls it
	debian string // the package of Debian that holds the program
	module string // a file of the program, beside soffice
	read   func(context.Context, []byte, document.Limits) (*document.Document, error)
}

var (
	writer = target{"docx", "docx:MS Word 2007 XML", "libreoffice-writer-nogui", "libswlo.so", docx.Read}
	calc   = target{"xlsx", "xlsx:Calc MS Excel 2007 XML", "libreoffice-calc-nogui", "libsclo.so", xlsx.Read}
)

var sources = map[string]source{
	DOC: {"a DOC document", ".doc", writer},
	RTF: {"an RTF document", ".rtf", writer},
	ODT: {"an OpenDocument text", ".odt", writer},
	XLS: {"an XLS workbook", ".xls", calc},
	ODS: {"an OpenDocument spreadsheet", ".ods", calc},

	WordXML:  {"a Word 2003 document in XML", ".xml", writer},
	ExcelXML: {"an Excel 2003 workbook in XML", ".xml", calc},
}

// FindSoffice finds the program of LibreOffice: what the environment variable NIANBAO_SOFFICE names, else soffice or
// libreoffice in the folders of PATH, else where LibreOffice's own installers put it. "" if there is none.
func FindSoffice() string {
	if name := os.Getenv("NIANBAO_SOFFICE"); name != "" {
		return look(name)
	}
	for _, name := range []string{"soffice", "libreoffice"} {
		if found := look(name); found != "" {
			return found
		}
	}
	for _, pattern := range []string{"/usr/lib/libreoffice/program/soffice", "/opt/libreoffice*/program/soffice",
		"/Applications/LibreOffice.app/Contents/MacOS/soffice", `C:\Program Files\LibreOffice\program\soffice.exe`} {
		if found, _ := filepath.Glob(pattern); len(found) > 0 {
			return found[len(found)-1]
		}
	}
	return ""
}

func look(name string) string {
	found, err := exec.LookPath(name)
	if err != nil {
		return ""
	}
	if found, err = filepath.Abs(found); err != nil {
		return ""
	}
	return found
}

// Read reads a document of one of the media types of this package. The error is a [*document.Refusal], that of the
// context, or one of this machine, such as a full disk.
func Read(ctx context.Context, mediaType string, b []byte, l document.Limits) (*document.Document, error) {
	from, ok := sources[mediaType]
	if !ok {
		return nil, fmt.Errorf("read a document of type %s by LibreOffice: the type is not known", mediaType)
	}
	if int64(len(b)) > l.Bytes {
		return nil, document.Refuse(document.TooLarge, form.Position{}, "the file has %d bytes, at most %d are read", len(b), l.Bytes)
	}
	soffice := FindSoffice()
	if soffice == "" {
		return nil, from.missing()
	}
	converted, err := convert(ctx, soffice, from, b, l)
	if err != nil {
		return nil, err
	}
	d, err := from.target.read(ctx, converted, l)
	if err != nil {
		return nil, err
	}
	d.MediaType = mediaType
	traces(ctx, converted, d, l)
	return d, nil
}

func (s source) missing() *document.Refusal {
	return document.Refuse(NeedsLibreOffice, form.Position{},
		"%s is read by LibreOffice, which is not installed; install it (on Debian: apt-get install %s) or save the file as %s",
		s.name, s.target.debian, strings.ToUpper(s.target.ending))
}

// traces notes by what the file was converted, and dates that LibreOffice computed. Damage was refused before.
func traces(ctx context.Context, b []byte, d *document.Document, l document.Limits) {
	p, err := parts.Open(ctx, b, l)
	if err != nil {
		return
	}
	each := func(part, element string, take func(text string)) {
		s, err := p.Scan(part)
		for err == nil && s != nil && s.Next() {
			if s.Start != nil && s.Start.Name.Local == element {
				take(s.Inner())
			}
		}
	}
	each("docProps/app.xml", "Application", func(text string) { d.Meta["converted by"] = document.Squeeze(text) })
	each("word/document.xml", "instrText", func(text string) {
		words := strings.Fields(strings.ToUpper(text))
		if len(words) > 0 && (words[0] == "DATE" || words[0] == "TIME") {
			d.Problems = append(d.Problems, form.Problem{Code: DateField,
				Message: "a date in the document is a field that shows the day on which it is opened; it was read as of today"})
		}
	})
}
