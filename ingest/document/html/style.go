package html

import "strings"

// style is what a style attribute says that decides whether and how text is seen.
type style struct {
	gone       bool // display: none and what amounts to it
	block      bool // display: block and the like
	visibility int8 // 0 not said, 1 visible, -1 hidden
	size       int8 // 0 not said, 1 a size above 0, -1 0
	lines      int8 // 0 not said, 1 white-space keeps line ends, -1 not
	struck     bool
	raised     bool
}

// parseStyle reads the declarations of a style attribute. Of two for one property the later holds, unless the earlier
// is important.
func parseStyle(s string) style {
	var out style
	var important [7]bool
	for s != "" {
		var one string
		one, s, _ = strings.Cut(s, ";")
		property, value, ok := strings.Cut(one, ":")
		if !ok {
			continue
		}
		property = strings.TrimSpace(property)
		value = strings.ToLower(strings.TrimSpace(value))
		must := false
		if v, found := strings.CutSuffix(value, "important"); found {
			v = strings.TrimRight(v, " ")
			if v, found = strings.CutSuffix(v, "!"); found {
				value, must = strings.TrimRight(v, " "), true
			}
		}
		set := func(i int, do func()) {
			if must || !important[i] {
				important[i] = must
				do()
			}
		}
		switch strings.ToLower(property) {
		case "display":
			set(0, func() {
				out.gone = value == "none"
				out.block = value == "block" || value == "flex" || value == "grid" || value == "list-item" || strings.HasPrefix(value, "table")
			})
		case "mso-hide":
			set(1, func() { out.gone = out.gone || value == "all" })
		case "opacity":
			set(2, func() { out.gone = out.gone || zero(value) })
		case "visibility":
			set(3, func() {
				out.visibility = -1
				if value == "visible" {
					out.visibility = 1
				} else if value != "hidden" && value != "collapse" {
					out.visibility = 0
				}
			})
		case "font-size":
			set(4, func() {
				switch {
				case zero(value):
					out.size = -1
				case strings.HasSuffix(value, "%") || strings.HasSuffix(value, "em") && !strings.HasSuffix(value, "rem") || value == "inherit":
					out.size = 0 // a share of nothing is nothing
				default:
					out.size = 1
				}
			})
		case "white-space":
			set(5, func() {
				out.lines = -1
				if strings.HasPrefix(value, "pre") || strings.HasPrefix(value, "break-spaces") {
					out.lines = 1
				}
			})
		case "text-decoration", "text-decoration-line":
			out.struck = strings.Contains(value, "line-through")
		case "vertical-align":
			set(6, func() { out.raised = value == "super" || value == "sub" })
		}
	}
	return out
}

// zero says whether a length or number is 0, in whatever unit.
func zero(v string) bool {
	digits := strings.TrimRight(v, "abcdefghijklmnopqrstuvwxyz%")
	if digits == "" {
		return false
	}
	return strings.Trim(digits, "0.+-") == "" && strings.Contains(digits, "0")
}
