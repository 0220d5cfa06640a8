package xlsx

import (
	"strconv"
	"strings"
	"unicode/utf16"

	"nianbao/ingest/document"
	"nianbao/ingest/document/parts"
	"nianbao/internal/form"
)

// run is text of one look.
type run struct {
	text   string
	raised bool // set above or below the line
	struck bool // crossed out
}

// readStrings lists the strings that cells refer to, by index.
func (r *reader) readStrings(p *parts.Package, name string) error {
	s, err := p.Scan(name)
	if s == nil || err != nil {
		return err
	}
	for s.Next() {
		if s.Start != nil && s.Start.Name.Local == "si" {
			r.strings = append(r.strings, r.readString(s))
		}
	}
	return s.Err()
}

// readString reads the string item or inline string just started.
func (r *reader) readString(s *parts.Scanner) []run {
	var out []run
	cur := run{}
	for depth := s.Depth; s.Depth >= depth && s.Next(); {
		if s.Start == nil {
			continue
		}
		switch s.Start.Name.Local {
		case "r":
			cur = run{}
		case "strike":
			cur.struck = on(s.Attr("val"))
		case "vertAlign":
			v := s.Attr("val")
			cur.raised = v == "superscript" || v == "subscript"
		case "t":
			cur.text = unescape(s.Inner())
			if cur.text != "" {
				out = append(out, cur)
			}
		case "rPh":
			s.Skip()
			r.flow.Problem(document.RubyText, "pronunciation printed above words was left out")
		}
	}
	return out
}

// unescape resolves _x000D_: characters that XML does not allow are written so (ECMA-376 part 1, §22.9.2.19).
func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var b strings.Builder
	var pair uint16 // the first half of a character beyond the basic plane
	for i := 0; i < len(s); i++ {
		if strings.HasPrefix(s[i:], "_x") && len(s) >= i+7 && s[i+6] == '_' {
			if v, err := strconv.ParseUint(s[i+2:i+6], 16, 16); err == nil {
				switch c := rune(v); {
				case pair != 0 && utf16.IsSurrogate(c):
					b.WriteRune(utf16.DecodeRune(rune(pair), c))
					pair = 0
				case utf16.IsSurrogate(c):
					pair = uint16(v)
				default:
					b.WriteRune(c)
				}
				i += 6
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// index reads a reference to a shared string.
func (r *reader) shared(v string, at string) ([]run, error) {
	i, err := strconv.Atoi(strings.TrimSpace(v))
	if err != nil || i < 0 || i >= len(r.strings) {
		return nil, document.Refuse(document.Damaged, form.Position{}, "cell %s refers to text %.20q, the file has %d texts", at, v, len(r.strings))
	}
	return r.strings[i], nil
}
