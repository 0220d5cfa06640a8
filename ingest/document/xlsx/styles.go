package xlsx

import (
	"strconv"

	"nianbao/ingest/document/parts"
)

// style is what of a cell's style matters here.
type style struct {
	format *numberFormat
	border bool // has a line on at least one side
	struck bool // its text is crossed out
}

// most bounds the styles, fonts and borders of a workbook. Excel allows 65,490 styles.
const mostStyles = 100_000

// readStyles lists the cell styles, by index.
func readStyles(p *parts.Package, name string) ([]style, error) {
	s, err := p.Scan(name)
	if s == nil || err != nil {
		return nil, err
	}
	var (
		out     []style
		formats = map[int]*numberFormat{}
		fonts   []bool // struck
		borders []bool
		list    string // the list whose entries are read
	)
	custom := map[int]string{}
	format := func(id int) *numberFormat {
		if f := formats[id]; f != nil {
			return f
		}
		code, ok := custom[id]
		if !ok {
			code = builtin[id]
		}
		if code == "" {
			code = "General"
		}
		formats[id] = parseFormat(code)
		return formats[id]
	}
	for s.Next() {
		switch {
		case s.End != nil && s.Depth == 1:
			list = ""
		case s.Start == nil:
		case s.Depth == 2:
			list = s.Start.Name.Local
		case s.Depth == 3 && len(out) < mostStyles && len(fonts) < mostStyles && len(borders) < mostStyles && len(custom) < mostStyles:
			switch {
			case list == "numFmts" && s.Start.Name.Local == "numFmt":
				if id, err := strconv.Atoi(s.Attr("numFmtId")); err == nil {
					custom[id] = s.Attr("formatCode")
				}
			case list == "fonts":
				fonts = append(fonts, false)
			case list == "borders":
				borders = append(borders, false)
			case list == "cellXfs" && s.Start.Name.Local == "xf":
				var x style
				id, _ := strconv.Atoi(s.Attr("numFmtId"))
				x.format = format(id)
				if i, err := strconv.Atoi(s.Attr("fontId")); err == nil && i >= 0 && i < len(fonts) {
					x.struck = fonts[i]
				}
				if i, err := strconv.Atoi(s.Attr("borderId")); err == nil && i >= 0 && i < len(borders) {
					x.border = borders[i]
				}
				out = append(out, x)
			}
		case s.Depth == 4 && list == "fonts" && s.Start.Name.Local == "strike" && len(fonts) > 0:
			fonts[len(fonts)-1] = on(s.Attr("val"))
		case s.Depth == 4 && list == "borders" && len(borders) > 0:
			switch s.Start.Name.Local {
			case "left", "right", "top", "bottom", "start", "end":
				if v := s.Attr("style"); v != "" && v != "none" {
					borders[len(borders)-1] = true
				}
			}
		}
	}
	return out, s.Err()
}

// on reads a switch that is on when it is there, unless it says otherwise.
func on(v string) bool { return v != "0" && v != "false" && v != "off" }

// yes reads a switch that is off unless it says otherwise.
func yes(v string) bool { return v == "1" || v == "true" || v == "on" }
