package svg

import (
	"regexp"
	"strconv"
	"strings"
)

// What the library writes for a pointer, which a picture does not meet. In texts quotes are escaped, so none of these can
// be part of one.
var pointer = regexp.MustCompile(` (?:class="zr[^"]*"|ecmeta_[a-z_]+="[^"]*"|pointer-events="[^"]*")`)

var (
	styles = regexp.MustCompile(`(?s)<style ?><!\[CDATA\[.*?\]\]>\s*</style>\n?`)
	root   = regexp.MustCompile(`^<svg [^>]*>\n?<rect [^>]*></rect>\n?`)
	id     = regexp.MustCompile(`(id="|url\(#|href="#)(zr[0-9]+-[a-z]+[0-9]+)`)
)

// fontStyle is what the library writes at each text; the picture says the faces once.
var fontStyle = regexp.MustCompile(`font-family:[^;"]*;?`)

// tidy takes out what only a pointer needs and the outermost element, and numbers ids by the order in which they come:
// the library numbers them through all pictures of a runtime, and the bytes would differ.
func tidy(plot string) string {
	plot = pointer.ReplaceAllString(plot, "")
	plot = styles.ReplaceAllString(plot, "")
	plot = fontStyle.ReplaceAllString(plot, "")
	plot = root.ReplaceAllString(plot, "")
	plot = strings.TrimSuffix(strings.TrimRight(plot, "\n"), "</svg>")
	numbers := map[string]string{}
	return id.ReplaceAllStringFunc(plot, func(found string) string {
		m := id.FindStringSubmatch(found)
		number, ok := numbers[m[2]]
		if !ok {
			number = "d" + strconv.Itoa(len(numbers))
			numbers[m[2]] = number
		}
		return m[1] + number
	})
}
