package recognise

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"

	"nianbao/ingest/document"
	"nianbao/internal/form"
)

// Sites that copy pages of agencies change their text so that search engines take it for new: they print the reading
// behind a character (閩(guó)), convert to traditional characters, put words of their own into names. Recognition reads
// through what it can undo with certainty; a problem says that the page is no original. Text that was decoded from the
// wrong encoding is put right if every byte fits.

// wrongly are the encodings in which UTF-8 is taken for something else, with what becomes of 政府信息公开.
var wrongly = func() []struct {
	encoding encoding.Encoding
	mark     string
} {
	out := []struct {
		encoding encoding.Encoding
		mark     string
	}{{encoding: simplifiedchinese.GB18030}, {encoding: charmap.Windows1252}}
	for i := range out {
		s, err := out[i].encoding.NewDecoder().String("政府信息")
		if err != nil {
			panic(err) // decoders replace what they do not know
		}
		out[i].mark = s
		if cut := strings.IndexRune(s, utf8.RuneError); cut > 0 {
			out[i].mark = s[:cut]
		}
	}
	return out
}()

// decoded puts text right that was decoded from the wrong encoding. The document itself is left as it is.
func (r *result) decoded(doc *document.Document) *document.Document {
	for _, w := range wrongly {
		has := func(s string) bool { return strings.Contains(s, w.mark) }
		if !has(doc.Title) && !slices.ContainsFunc(doc.Blocks, func(b document.Block) bool {
			return has(b.Text) || b.Grid != nil && slices.ContainsFunc(b.Grid.Cells, func(c document.Cell) bool { return has(c.Text) })
		}) {
			continue
		}
		left := 0
		fix := func(s string) string {
			if isASCII(s) {
				return s
			}
			back, ok := encoded(w.encoding, s)
			if !ok || !utf8.ValidString(back) {
				left++
				return s
			}
			return back
		}
		out := *doc
		out.Title = fix(doc.Title)
		out.Blocks = slices.Clone(doc.Blocks)
		for i := range out.Blocks {
			b := &out.Blocks[i]
			b.Text = fix(b.Text)
			if b.Grid != nil {
				g := *b.Grid
				g.Cells = slices.Clone(g.Cells)
				for j := range g.Cells {
					g.Cells[j].Text = fix(g.Cells[j].Text)
				}
				b.Grid = &g
			}
		}
		message := "the text is UTF-8 that was decoded as another encoding; it was put right"
		if left > 0 {
			message = fmt.Sprintf("%s, except %d passages whose bytes were lost", message, left)
		}
		r.problem("mojibake", form.Position{}, message)
		return &out
	}
	return doc
}

// encoded is the text in an encoding; ok is false if it has no bytes for one of the characters. Browsers decode the
// user-defined parts of GB 18030 to private characters (Encoding Standard, index gb18030), which the encoder refuses:
// 公开 alone has one of them.
func encoded(e encoding.Encoding, s string) (string, bool) {
	var b strings.Builder
	encoder := e.NewEncoder()
	rest := s
	for rest != "" {
		i := strings.IndexFunc(rest, func(r rune) bool { return r == '€' || r >= 0xe000 && r <= 0xe4c5 })
		if i < 0 {
			i = len(rest)
		}
		out, err := encoder.String(rest[:i])
		if err != nil {
			return "", false
		}
		b.WriteString(out)
		if rest = rest[i:]; rest != "" {
			r, size := utf8.DecodeRuneInString(rest)
			rest = rest[size:]
			switch r -= 0xe000; {
			case r == '€'-0xe000:
				b.WriteByte(0x80) // in both encodings
			case r < 6*94:
				b.Write([]byte{byte(0xaa + r/94), byte(0xa1 + r%94)})
			default:
				r -= 6 * 94
				b.Write([]byte{byte(0xf8 + r/94), byte(0xa1 + r%94)})
			}
		}
	}
	return b.String(), true
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return c >= utf8.RuneSelf })
}

// mirrored notes the marks of a copied page. It looks at the first thousands of characters; a mirror treats them all alike.
func (r *result) mirrored(doc *document.Document) {
	const sample = 4000
	han, traditional, readings, seen := 0, 0, 0, 0
	example := ""
	look := func(s string) {
		if seen > sample {
			return
		}
		if strings.Contains(s, "(") || strings.Contains(s, "（") {
			if folded := compatible(s); readingAt(folded) {
				for _, m := range pinyin.FindAllStringIndex(folded, -1) {
					if before, _ := utf8.DecodeLastRuneInString(folded[:m[0]]); unicode.Is(unicode.Han, before) {
						readings++
						if example == "" {
							example = string(before) + folded[m[0]:m[1]]
						}
					}
				}
			}
		}
		for _, c := range s {
			seen++
			if ideograph(c) {
				han++
				if simplifiedOf[c-firstIdeograph] != 0 {
					traditional++
				}
			}
		}
	}
	look(doc.Title)
	for _, b := range doc.Blocks {
		look(b.Text)
		if b.Grid != nil {
			for i := range b.Grid.Cells {
				look(b.Grid.Cells[i].Text)
			}
		}
		if seen > sample {
			break
		}
	}
	if readings >= 2 {
		r.problem("mirror_pinyin", form.Position{}, "the page prints readings behind characters, as copies of agencies' pages do ("+example+"); they were left out")
	}
	if traditional >= 10 && traditional*25 > han {
		r.problem("mirror_traditional", form.Position{}, fmt.Sprintf("the page is in traditional characters (%d of %d looked at), as copies of agencies' pages are; names and labels were read as simplified ones", traditional, han))
	}
}

// foreignWord is a word in Latin letters that a copy puts into a title: 某市教育局uedbet2023年….
var foreignWord = regexp.MustCompile(`[A-Za-z][A-Za-z0-9.\-]*[A-Za-z]|[A-Za-z]{2,}`)

// withoutForeign takes foreign words out of a title. ok is false if there are none, or if little else is left.
func withoutForeign(title string) (cleaned, words string, ok bool) {
	found := foreignWord.FindAllString(title, -1)
	if len(found) == 0 || strings.Contains(title, "://") {
		return title, "", false
	}
	cleaned = foreignWord.ReplaceAllString(title, "")
	return cleaned, strings.Join(found, " "), utf8.RuneCountInString(cleaned) >= 12
}
