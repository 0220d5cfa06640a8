package pdf

import (
	"embed"
	"io/fs"
)

// A file need not hold the fonts it uses: many older reports rely on 宋体 being installed. Without a font PDFium takes
// characters for empty, and leaves out text that is a single character, which is what most figures of a table are. So it
// is given one font, in which every character is a box as high and wide as characters are. Where they stand, how wide
// they are and what they mean, the file says.
//
//go:embed box
var boxes embed.FS

// fonts is the root folder that PDFium sees. It looks for fonts where Linux has them.
func fonts() fs.FS {
	root, err := fs.Sub(boxes, "box")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	return root
}
