package wall

import (
	"fmt"
	"strings"

	"github.com/boombuler/barcode/qr"

	"nianbao/dashboard/chart"
)

// quiet is the empty room around a QR code, in modules.
const quiet = 4

// code draws a QR code, and below it what may be typed in its place.
func (c *canvas) code(link, short string) {
	at := c.codeAt()
	if link != "" {
		if modules, err := qr.Encode(link, qr.M, qr.Auto); err != nil { // an address that is too long for a code
			c.misfit("code", len(link), 2000)
		} else {
			n := modules.Bounds().Dx()
			var d strings.Builder
			for y := range n {
				for x := range n {
					if r, _, _, _ := modules.At(x, y).RGBA(); r == 0 {
						fmt.Fprintf(&d, "M%d %dh1v1h-1z", x+quiet, y+quiet)
					}
				}
			}
			all := n + 2*quiet
			// Dark on light in both themes: not every phone reads the other way round.
			fmt.Fprintf(&c.b, `<svg x="%d" y="%d" width="%d" height="%d" viewBox="0 0 %d %d" shape-rendering="crispEdges"><rect width="%d" height="%d" fill="#FFFFFF"/><path d="%s" fill="#000000"/></svg>`+"\n",
				at.X, at.Y, at.W, at.H, all, all, all, all, d.String())
		}
	}
	if short != "" {
		c.write(at.X+max(0, (at.W-int(chart.TextWidth(short, c.text)))/2), at.Y+at.H+c.times(leading)/2, c.text, 400, c.p.Ink2, short)
	}
}
