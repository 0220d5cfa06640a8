package html

import "golang.org/x/net/html/atom"

// kind is how an element takes part in the page.
type kind uint8

const (
	inline     kind = iota // also every unknown element
	block                  // begins and ends a paragraph
	heading                // a block that is a heading
	lines                  // a block in which line ends count
	lineBreak              // <br>
	table                  // <table>
	cell                   // a cell that stands in no table
	raised                 // set above or below the line
	struck                 // crossed out
	annotation             // the pronunciation above a word
	head                   // says something of the page
	picture                // an image
	never                  // never text of the page
)

var kinds = map[atom.Atom]kind{
	atom.Address: block, atom.Article: block, atom.Aside: block, atom.Blockquote: block, atom.Body: block,
	atom.Caption: block, atom.Center: block, atom.Dd: block, atom.Details: block, atom.Dialog: block, atom.Dir: block,
	atom.Div: block, atom.Dl: block, atom.Dt: block, atom.Fieldset: block, atom.Figcaption: block, atom.Figure: block,
	atom.Footer: block, atom.Form: block, atom.Header: block, atom.Hgroup: block, atom.Hr: block, atom.Html: block,
	atom.Legend: block, atom.Li: block, atom.Main: block, atom.Menu: block, atom.Nav: block, atom.Ol: block,
	atom.Optgroup: block, atom.Option: block, atom.P: block, atom.Search: block, atom.Section: block,
	atom.Summary: block, atom.Ul: block, atom.Tr: block, atom.Tbody: block, atom.Thead: block, atom.Tfoot: block,
	atom.H1: heading, atom.H2: heading, atom.H3: heading, atom.H4: heading, atom.H5: heading, atom.H6: heading,
	atom.Pre: lines, atom.Listing: lines, atom.Xmp: lines, atom.Plaintext: lines, atom.Textarea: lines,
	atom.Br: lineBreak, atom.Table: table, atom.Td: cell, atom.Th: cell,
	atom.Sup: raised, atom.Sub: raised,
	atom.Del: struck, atom.S: struck, atom.Strike: struck,
	atom.Rt: annotation, atom.Title: head, atom.Meta: head, atom.Img: picture,
	atom.Script: never, atom.Style: never, atom.Noscript: never, atom.Template: never, atom.Iframe: never,
	atom.Noframes: never, atom.Noembed: never, atom.Object: never, atom.Audio: never, atom.Video: never,
	atom.Canvas: never, atom.Rp: never, atom.Datalist: never, atom.Area: never,
}
