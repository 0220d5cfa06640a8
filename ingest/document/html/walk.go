package html

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"nianbao/ingest/document"
)

// look is how text appears at a place of the tree.
type look struct {
	invisible bool // visibility
	tiny      bool // font-size 0
	lines     bool // line ends of the source count
	heading   bool
}

// page walks the tree of a page into a flow.
type page struct {
	flow     *document.Flow
	deepest  int
	title    string
	meta     map[string]string
	styles   map[string]style // by the text of the style attribute; editors repeat few of them often
	pictures int
}

func (p *page) children(n *html.Node, l look, depth int) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		p.walk(c, l, depth+1)
	}
}

// walk takes a node and what is in it.
func (p *page) walk(n *html.Node, l look, depth int) {
	if p.flow.Err() != nil {
		return
	}
	switch n.Type {
	case html.TextNode:
		p.text(n.Data, l)
	case html.DocumentNode:
		p.children(n, l, depth)
	case html.ElementNode:
		if depth > p.deepest {
			p.flow.Refuse(document.Nesting, "elements stand more than %d deep in each other, at most so many are read", p.deepest)
			return
		}
		p.element(n, l, depth)
	}
}

func (p *page) text(s string, l look) {
	switch {
	case l.invisible || l.tiny:
		p.hide(s)
	case l.lines:
		p.flow.Lines(s)
	default:
		p.flow.Text(s)
	}
}

func (p *page) element(n *html.Node, l look, depth int) {
	kind := kinds[n.DataAtom]
	if n.Namespace != "" { // drawings and formulas: the names mean other things there
		kind = inline
		switch n.Data {
		case "title", "desc", "metadata", "style", "script":
			return
		}
	}
	s := p.style(n)
	if s.gone && kind != never {
		p.hideAll(n)
		return
	}
	around := l
	l = l.with(s)
	if s.block && kind == inline {
		kind = block
	}
	if (s.struck || kind == struck) && kind != never && kind != head {
		if t := document.Squeeze(allText(n)); t != "" {
			p.flow.Problem(document.StruckText, "text crossed out was left out: "+document.Excerpt(t))
		}
		return
	}
	if s.raised && kind == inline {
		kind = raised
	}
	if (kind == inline || kind == block) && attribute(n, "role") == "heading" {
		kind = heading
	}
	switch kind {
	case never:
	case head:
		p.head(n)
	case annotation:
		if t := document.Squeeze(allText(n)); t != "" {
			p.flow.Problem(document.RubyText, "the pronunciation above a word was left out: "+document.Excerpt(t))
		}
	case lineBreak:
		p.flow.Break()
	case table:
		p.table(n, l, depth)
	case cell:
		// Outside a table. Its text must not run into its neighbour's.
		p.flow.Text(" ")
		p.children(n, l, depth)
		p.flow.Text(" ")
	case raised:
		p.flow.Raise(true)
		p.children(n, l, depth)
		p.flow.Raise(false)
	case heading:
		l.heading = true
		p.block(n, around, l, depth)
	case lines:
		l.lines = true
		p.block(n, around, l, depth)
	case block:
		p.block(n, around, l, depth)
	case picture:
		p.pictures++
	default:
		p.children(n, l, depth)
	}
}

// block takes an element that begins and ends a paragraph. What stands before it belongs to the element around it.
func (p *page) block(n *html.Node, around, l look, depth int) {
	p.flow.End(around.heading)
	p.children(n, l, depth)
	p.flow.End(l.heading)
}

// head takes what the page says of itself.
func (p *page) head(n *html.Node) {
	switch n.DataAtom {
	case atom.Title:
		if p.title == "" {
			p.title = document.Squeeze(allText(n))
		}
	case atom.Meta:
		name := attribute(n, "name")
		if name == "" {
			name = attribute(n, "property")
		}
		name = strings.ToLower(strings.TrimSpace(name))
		content := document.Squeeze(attribute(n, "content"))
		if name != "" && content != "" && p.meta[name] == "" && len(p.meta) < maxMeta {
			p.meta[name] = content
		}
	}
}

// maxMeta is the number of properties kept; portals state about 20.
const maxMeta = 200

// table takes a table. Its rows come in the order in which they are seen: head, bodies, foot.
func (p *page) table(n *html.Node, l look, depth int) {
	role := attribute(n, "role")
	l.lines, l.heading = false, false // a table does not inherit them in quirks mode, and a heading is no table
	p.flow.OpenTable(role == "presentation" || role == "none")
	var header, footer *html.Node
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c.DataAtom == atom.Caption:
			p.walk(c, l, depth+1)
		case c.DataAtom == atom.Thead && header == nil:
			header = c
		case c.DataAtom == atom.Tfoot && footer == nil:
			footer = c
		}
	}
	if header != nil {
		p.rows(header, l, depth+1)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c != header && c != footer && (c.DataAtom == atom.Tbody || c.DataAtom == atom.Thead || c.DataAtom == atom.Tfoot) {
			p.rows(c, l, depth+1)
		}
	}
	if footer != nil {
		p.rows(footer, l, depth+1)
	}
	p.flow.CloseTable()
}

func (p *page) rows(group *html.Node, l look, depth int) {
	l, ok := p.enter(group, l)
	if !ok {
		return
	}
	p.flow.Group()
	for r := group.FirstChild; r != nil; r = r.NextSibling {
		if r.DataAtom != atom.Tr {
			continue
		}
		inRow, ok := p.enter(r, l)
		if !ok || attribute(r, "height") == "0" && document.Squeeze(allText(r)) == "" {
			continue // Word ends a table of merged cells with a row of no height that only states the widths
		}
		if p.flow.Err() != nil {
			return
		}
		p.flow.Row()
		for c := r.FirstChild; c != nil; c = c.NextSibling {
			if c.DataAtom != atom.Td && c.DataAtom != atom.Th {
				continue
			}
			if inCell, ok := p.enter(c, inRow); ok {
				p.flow.Cell(document.Span{Columns: span(c, "colspan", 1), Rows: span(c, "rowspan", 1)})
				p.children(c, inCell, depth+2)
				p.flow.EndCell()
			}
		}
	}
}

// enter gives the look of an element within a table, and whether it is there at all.
func (p *page) enter(n *html.Node, l look) (look, bool) {
	s := p.style(n)
	if s.gone {
		p.hideAll(n)
		return l, false
	}
	return l.with(s), true
}

// with is the look of an element with this style within l.
func (l look) with(s style) look {
	if s.visibility != 0 {
		l.invisible = s.visibility < 0
	}
	if s.size != 0 {
		l.tiny = s.size < 0
	}
	if s.lines != 0 {
		l.lines = s.lines > 0
	}
	return l
}

// span reads colspan or rowspan under the "rules for parsing non-negative integers" of the standard: leading digits
// count, 2px is 2.
func span(n *html.Node, key string, otherwise int) int {
	v := strings.TrimLeft(attribute(n, key), " \t\r\n\f")
	v = strings.TrimPrefix(v, "+")
	out, seen := 0, false
	for i := 0; i < len(v) && v[i] >= '0' && v[i] <= '9'; i++ {
		out, seen = min(out*10+int(v[i]-'0'), 1<<20), true
	}
	if !seen {
		return otherwise
	}
	return out
}

func attribute(n *html.Node, key string) string {
	for i := range n.Attr {
		if a := &n.Attr[i]; a.Key == key && a.Namespace == "" {
			return a.Val
		}
	}
	return ""
}

func (p *page) style(n *html.Node) style {
	var s style
	for i := range n.Attr {
		switch a := &n.Attr[i]; a.Key {
		case "style":
			var known bool
			gone := s.gone
			if s, known = p.styles[a.Val]; !known {
				s = parseStyle(a.Val)
				if p.styles == nil {
					p.styles = map[string]style{}
				}
				if len(p.styles) < maxStyles {
					p.styles[a.Val] = s
				}
			}
			s.gone = s.gone || gone
		case "hidden":
			s.gone = true
		}
	}
	return s
}

// maxStyles bounds the memory for styles that are all different.
const maxStyles = 10_000

// hide notes text that is not seen.
func (p *page) hide(s string) {
	if s = document.Squeeze(s); s != "" {
		p.flow.Problem(document.HiddenText, "text that is not shown was left out: "+document.Excerpt(s))
	}
}

// hideAll notes an element that is not there. Pages with two versions of a report behind tabs hide one of them, so a
// hidden table is worth a word of its own.
func (p *page) hideAll(n *html.Node) {
	for c := range n.Descendants() {
		if c.DataAtom == atom.Table && c.Namespace == "" {
			p.flow.Problem(document.HiddenText, "a part that is not shown holds a table, and was left out: "+document.Excerpt(document.Squeeze(allText(n))))
			return
		}
	}
	p.hide(allText(n))
}

// excerptBytes is how much of a text that is left out is looked at.
const excerptBytes = 400

// allText gives the beginning of the text in an element, for a message.
func allText(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type != html.TextNode {
			continue
		}
		if c.Parent != nil && kinds[c.Parent.DataAtom] == never && c.Parent.Namespace == "" {
			continue
		}
		b.WriteString(c.Data)
		if b.Len() > excerptBytes {
			break
		}
	}
	return b.String()
}
