package docx

import (
	"fmt"
	"strconv"
	"strings"

	"nianbao/ingest/document"
)

// Word keeps the numbers of a list, and of headings that are one, out of the text: 一、 and 1. are printed from a
// definition and counted while printing. They belong to the text as printed.

// numberedParagraph says which level of which list a paragraph belongs to.
type numberedParagraph struct {
	list  string // numId, "" for none; "0" takes a paragraph out of the list of its style
	level int    // -1 if not said
}

const levels = 9

// numbering is what numbering.xml defines, and the state of counting.
type numbering struct {
	lists    map[string]*list       // by numId
	abstract map[string]*definition // by abstractNumId
}

type list struct {
	abstract string
	restart  [levels]*int // startOverride
	used     bool
}

type definition struct {
	level [levels]listLevel
	style string // numStyleLink: the definition stands in the list of this style
	count [levels]int
	begun [levels]bool
}

type listLevel struct {
	start    int
	format   string
	text     string // %1 is the number of the first level
	suffix   string
	restart  int // lvlRestart, -1 if not said
	arabic   bool
	ofStyle  string // paragraphs of this style are of this level
	declared bool
}

// readNumbering reads the definitions, once the first numbered paragraph is met.
func (r *reader) readNumbering() {
	r.numbering = &numbering{lists: map[string]*list{}, abstract: map[string]*definition{}}
	part, err := r.archive.beside(r.main, "numbering", "numbering.xml")
	if err != nil {
		r.err = err
		return
	}
	b, err := r.archive.read(part)
	if b == nil || err != nil {
		r.err = err
		return
	}
	s := r.scan(part, b, r.limits)
	var def *definition
	var one *list
	level := -1
	value := func() string { v, _ := s.attr(word, "val"); return v }
	for {
		switch s.next() {
		case eof:
			if s.err != nil {
				r.flow.Problem(document.Unread, s.err.Error())
			}
			return
		case start:
			if s.space != word {
				continue
			}
			switch string(s.local()) {
			case "abstractNum":
				id, _ := s.attr(word, "abstractNumId")
				def, one = new(definition), nil
				r.numbering.abstract[id] = def
			case "num":
				id, _ := s.attr(word, "numId")
				def, one = nil, new(list)
				r.numbering.lists[id] = one
			case "abstractNumId":
				if one != nil {
					one.abstract = value()
				}
			case "numStyleLink":
				if def != nil {
					def.style = value()
				}
			case "lvl", "lvlOverride":
				v, _ := s.attr(word, "ilvl")
				level = -1
				if n, err := strconv.Atoi(v); err == nil && n >= 0 && n < levels {
					level = n
					if def != nil {
						def.level[n] = listLevel{start: 1, format: "decimal", suffix: "tab", restart: -1, declared: true}
					}
				}
			case "startOverride":
				if n, err := strconv.Atoi(value()); one != nil && level >= 0 && err == nil {
					one.restart[level] = &n
				}
			case "rPr", "pPr":
				s.skip()
			default:
				if def != nil && level >= 0 {
					def.level[level].property(s)
				}
			}
		}
	}
}

// property reads an element of w:lvl.
func (l *listLevel) property(s *scanner) {
	v, _ := s.attr(word, "val")
	switch string(s.local()) {
	case "start":
		if n, err := strconv.Atoi(v); err == nil {
			l.start = n
		}
	case "numFmt":
		l.format = v
	case "lvlText":
		l.text = v
	case "suff":
		l.suffix = v
	case "isLgl":
		l.arabic = on(s)
	case "pStyle":
		l.ofStyle = v
	case "lvlRestart":
		if n, err := strconv.Atoi(v); err == nil {
			l.restart = n
		}
	}
}

// label counts a paragraph and gives what is printed before it, "" if nothing.
func (r *reader) label(p numberedParagraph, style string) string {
	if p.list == "" || p.list == "0" {
		return ""
	}
	if r.numbering == nil {
		r.readNumbering()
	}
	one := r.numbering.lists[p.list]
	if one == nil {
		return ""
	}
	def := r.numbering.abstract[one.abstract]
	if def != nil && def.style != "" {
		if linked := r.numbering.lists[r.styles[def.style].number.list]; linked != nil {
			def = r.numbering.abstract[linked.abstract]
		}
	}
	if def == nil {
		return ""
	}
	n := p.level
	if n < 0 {
		n = 0
		for i := range def.level {
			if def.level[i].ofStyle != "" && def.level[i].ofStyle == style {
				n = i
			}
		}
	}
	if n >= levels || !def.level[n].declared {
		return ""
	}
	if !one.used {
		one.used = true
		for i, from := range one.restart {
			if from != nil {
				def.begun[i], def.count[i] = true, *from-1
			}
		}
	}
	def.advance(n)
	return r.printed(def, n)
}

func (d *definition) advance(n int) {
	if !d.begun[n] {
		d.begun[n], d.count[n] = true, d.level[n].start-1
	}
	d.count[n]++
	for i := n + 1; i < levels; i++ {
		// A level begins again after any of those above it, or after the one it names and those above that.
		if after := d.level[i].restart; after < 0 || after > 0 && n < after {
			d.begun[i] = false
		}
	}
}

func (r *reader) printed(d *definition, n int) string {
	l := &d.level[n]
	if l.format == "bullet" || l.format == "none" || l.text == "" {
		return ""
	}
	var out strings.Builder
	for text := l.text; text != ""; {
		i := strings.IndexByte(text, '%')
		if i < 0 || i+1 >= len(text) || text[i+1] < '1' || text[i+1] > '9' {
			out.WriteString(text)
			break
		}
		out.WriteString(text[:i])
		at := int(text[i+1] - '1')
		text = text[i+2:]
		value, format := d.count[at], d.level[at].format
		if !d.begun[at] {
			value = d.level[at].start
		}
		if l.arabic {
			format = "decimal"
		}
		s, ok := numeral(value, format)
		if !ok {
			r.flow.Problem(document.NumberingUnknown, fmt.Sprintf("a paragraph is numbered in the way %q, which is not known; its number %d was left out", format, value))
			return ""
		}
		out.WriteString(s)
	}
	if l.suffix != "nothing" {
		out.WriteByte(' ')
	}
	return out.String()
}

// numeral writes a number in one of the ways of ST_NumberFormat (ISO/IEC 29500-1, 17.18.59) that are in use in China.
func numeral(n int, format string) (string, bool) {
	switch format {
	case "decimal", "decimalHalfWidth", "":
		return strconv.Itoa(n), true
	case "decimalZero":
		return fmt.Sprintf("%02d", n), true
	case "decimalFullWidth", "decimalFullWidth2":
		var b strings.Builder
		for _, c := range strconv.Itoa(n) {
			b.WriteRune(c - '0' + '０')
		}
		return b.String(), n >= 0
	case "chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCounting", "taiwaneseCountingThousand":
		return counting(n, []rune("〇一二三四五六七八九十"))
	case "chineseLegalSimplified":
		return counting(n, []rune("零壹贰叁肆伍陆柒捌玖拾"))
	case "decimalEnclosedCircle", "decimalEnclosedCircleChinese":
		if n >= 1 && n <= 20 {
			return string(rune('①' + n - 1)), true
		}
	case "decimalEnclosedParen":
		if n >= 1 && n <= 20 {
			return string(rune('⑴' + n - 1)), true
		}
	case "decimalEnclosedFullstop":
		if n >= 1 && n <= 20 {
			return string(rune('⒈' + n - 1)), true
		}
	case "ideographEnclosedCircle":
		if n >= 1 && n <= 10 {
			return string(rune('㊀' + n - 1)), true
		}
	case "ideographTraditional":
		if n >= 1 && n <= 10 {
			return string([]rune("甲乙丙丁戊己庚辛壬癸")[n-1]), true
		}
	case "upperLetter", "lowerLetter":
		if n >= 1 && n <= 26 {
			c := rune('A' + n - 1)
			if format == "lowerLetter" {
				c += 'a' - 'A'
			}
			return string(c), true
		}
	case "upperRoman", "lowerRoman":
		if n >= 1 && n < 100 {
			s := []string{"", "X", "XX", "XXX", "XL", "L", "LX", "LXX", "LXXX", "XC"}[n/10] +
				[]string{"", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"}[n%10]
			if format == "lowerRoman" {
				s = strings.ToLower(s)
			}
			return s, true
		}
	}
	return "", false
}

// counting writes 1 to 99 as they are counted in Chinese: 十, 十一, 二十.
func counting(n int, digits []rune) (string, bool) {
	switch {
	case n < 0 || n > 99:
		return "", false
	case n <= 10:
		return string(digits[n]), true
	}
	s := string(digits[10])
	if n >= 20 || digits[1] == '壹' {
		s = string(digits[n/10]) + s
	}
	if n%10 > 0 {
		s += string(digits[n%10])
	}
	return s, true
}
