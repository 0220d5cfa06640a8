package docx

import (
	"strconv"
	"strings"

	"nianbao/ingest/document"
)

// textStyle is what a style says that matters here.
type textStyle struct {
	based   string
	number  numberedParagraph
	heading int8 // 0 not said, 1 a heading, -1 body text
	hidden  int8 // 0 not said, 1 hidden, -1 shown
}

// readStyles reads the styles; a document without them has none.
func (r *reader) readStyles(z *archive, main string, l document.Limits) error {
	part, err := z.beside(main, "styles", "styles.xml")
	if err != nil {
		return err
	}
	b, err := z.read(part)
	if b == nil || err != nil {
		return err
	}
	r.styles = map[string]textStyle{}
	s := r.scan(part, b, l)
	id := ""
	var one textStyle
	for {
		switch s.next() {
		case eof:
			return s.err
		case start:
			if s.space != word {
				continue
			}
			switch string(s.local()) {
			case "latentStyles", "docDefaults", "tblPr", "tblStylePr":
				s.skip()
			case "style":
				id, _ = s.attr(word, "styleId")
				one = textStyle{number: numberedParagraph{level: -1}}
			case "name":
				if v, _ := s.attr(word, "val"); headingName(v) {
					one.heading = 1
				}
			case "basedOn":
				one.based, _ = s.attr(word, "val")
			case "outlineLvl":
				one.heading = outline(s)
			case "numId":
				one.number.list, _ = s.attr(word, "val")
			case "ilvl":
				v, _ := s.attr(word, "val")
				if n, err := strconv.Atoi(v); err == nil {
					one.number.level = n
				}
			case "vanish":
				one.hidden = -1
				if on(s) {
					one.hidden = 1
				}
			}
		case end:
			if s.space == word && string(s.local()) == "style" && id != "" {
				r.styles[id] = one
				id = ""
			}
		}
	}
}

// headingName says whether a style of this name is a heading: the names are the same in every language of Word, some
// programs translate them.
func headingName(name string) bool {
	name = strings.ToLower(name)
	return name == "title" || name == "subtitle" || name == "标题" || name == "副标题" ||
		numbered(name, "heading") || numbered(name, "标题")
}

func numbered(name, prefix string) bool {
	n, ok := strings.CutPrefix(name, prefix)
	n = strings.TrimSpace(n)
	return ok && len(n) == 1 && n[0] >= '1' && n[0] <= '9'
}

// outline reads the outline level: 0 to 8 are headings, 9 is body text.
func outline(s *scanner) int8 {
	if v, _ := s.attr(word, "val"); len(v) == 1 && v[0] >= '0' && v[0] <= '8' {
		return 1
	}
	return -1
}

// on reads a property that is set by its presence, unless it says otherwise.
func on(s *scanner) bool {
	v, ok := s.attr(word, "val")
	return !ok || v != "0" && v != "false" && v != "off"
}

// style follows a style to what it is based on.
func (r *reader) style(id string) (heading, hidden bool, number numberedParagraph) {
	var h, v int8
	number.level = -1
	for range 20 { // a circle of styles has no end
		s, ok := r.styles[id]
		if !ok {
			break
		}
		if h == 0 {
			h = s.heading
		}
		if v == 0 {
			v = s.hidden
		}
		if number.list == "" {
			number = s.number
		}
		id = s.based
	}
	return h > 0, v > 0, number
}
