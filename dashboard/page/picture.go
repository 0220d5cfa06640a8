package page

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"sync"

	"github.com/gin-gonic/gin"

	"nianbao/dashboard/assets"
	"nianbao/dashboard/chart"
	"nianbao/dashboard/chart/svg"
	"nianbao/internal/observe"
	"nianbao/query/compare"
	"nianbao/query/stats"
)

// drawn is a page with a picture.
type drawn interface {
	content
	draw(chart.Palette) (chart.Drawing, error) // errNoPicture where there is nothing to draw
}

// errNoPicture is the error of drawing where nothing is to be drawn.
var errNoPicture = errors.New("nothing to draw")

// picture is how a picture stands in a page: an image that the server drew, in whose place the script puts one that
// answers to the pointer.
type picture struct {
	Option        string // address of what the script draws
	Image         string // address of the image; Dark is the same for readers whose system is dark, "" where a theme is chosen
	Dark          string
	Width, Height int // of the image
	Legend        []chart.Key
	Description   string
	Pages         []link // where one picture has not room for all rows
	Shown         string // rows 1–60 of 214
	File          string // address of the picture with its title and source
	Name          string // of the file to be saved, without ending
	Wall          string // where the view is put on a wall display, "" where that cannot be done
}

// pictureWidth is the width of pictures in CSS pixels, that of the page on a usual screen.
const pictureWidth = 1280

// picture says how the picture of a page stands in it, nil if the build has no chart library. Of the rows, one picture shows
// at most so many.
func (v *visit) picture(page drawn, text string, rows, most int) (*picture, error) {
	file, ok := v.site.files[assets.Charts]
	if !ok {
		return nil, nil
	}
	d, err := page.draw(chart.Light)
	if errors.Is(err, errNoPicture) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	page.head().Charts = "/assets/" + assets.Charts + "?v=" + file.Hash
	pages := max(1, (rows+most-1)/most)
	at := min(v.address.page, pages)
	addressOf := func(f format, part, theme string) string {
		return v.with(func(b *address) { b.format, b.part, b.theme, b.page = f, part, theme, at }).String()
	}
	theme := "light"
	if v.theme == "dark" {
		theme = "dark"
	}
	p := &picture{Option: addressOf(asJSON, partOption, "auto"), Image: addressOf(asSVG, partPlot, theme), File: addressOf(asSVG, "", "auto"),
		Width: pictureWidth, Height: d.Height, Legend: d.Legend, Description: text, Name: downloadStem(v)}
	if v.theme == "auto" || v.theme == "" {
		p.Image, p.Dark = addressOf(asSVG, partPlot, "auto"), addressOf(asSVG, partPlot, "dark")
	}
	if slices.Contains(wallPaths, v.address.path) && v.mayDecide() {
		view := v.with(func(b *address) {
			b.format, b.part, b.lang, b.theme, b.page, b.sort = asHTML, "", zh, "auto", 1, compare.ByValue
		}).String()
		p.Wall = v.to("/boards").with(func(b *address) { b.viewed = view }).String()
	}
	if pages > 1 {
		p.Shown = v.say("picture.rows", (at-1)*most+1, min(at*most, rows), rows)
		for n := 1; n <= pages; n++ {
			p.Pages = append(p.Pages, link{strconv.Itoa(n), v.with(func(b *address) { b.page = n }).String(), n == at})
		}
	}
	page.head().Downloads = append(page.head().Downloads, link{Text: "SVG", Href: p.File})
	return p, nil
}

// pageOf are the rows that a picture shows.
func pageOf[T any](rows []T, page, most int) []T {
	first := min((page-1)*most, len(rows))
	return rows[first:min(first+most, len(rows))]
}

// statusKeys are the entries of the legend for shares against the district.
func (in lang) statusKeys() []chart.Key {
	return []chart.Key{{Mark: "within", Text: in.say("legend.within")}, {Mark: "higher95", Text: in.say("legend.higher95")}, {Mark: "higher998", Text: in.say("legend.higher998")},
		{Mark: "lower95", Text: in.say("legend.lower95")}, {Mark: "lower998", Text: in.say("legend.lower998")}, {Mark: "small", Text: in.say("legend.hollow")}}
}

// glyphOf is the character for a status.
func glyphOf(s stats.Status) string {
	if s == "" {
		return ""
	}
	return chart.Glyphs[chart.KeyOf(s)].Text
}

func paletteOf(theme string) chart.Palette {
	if theme == "dark" {
		return chart.Dark
	}
	return chart.Light
}

// optionOf is a picture for the script. Where there is nothing to draw its height is 0.
func optionOf(page drawn, palette chart.Palette) ([]byte, error) {
	d, err := page.draw(palette)
	if err != nil && !errors.Is(err, errNoPicture) {
		return nil, err
	}
	return json.Marshal(d)
}

// renderer draws the pictures of all sites of this process; the library is part of the program.
var renderer = sync.OnceValue(func() *svg.Renderer { return svg.New(assets.Files()[assets.Charts].Content) })

// Warm makes the drawing of pictures ready, so that the first does not wait for it.
func Warm() error { return renderer().Warm() }

// writeSVG writes the picture of a page. A picture that cannot be drawn says so: it stands in pages as an image.
func (s *site) writeSVG(c *gin.Context, v *visit, page drawn) {
	h := c.Writer.Header()
	// A picture styles itself and does nothing else.
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
	const mediaType = "image/svg+xml"
	palette := paletteOf(v.theme)
	frame := svg.Frame{Width: pictureWidth, Palette: palette}
	if v.part != partPlot {
		top := page.head()
		frame.Title, frame.Line, frame.Source = top.Title, top.Line, []string{top.Source + v.say("picture.address", top.Permanent)}
	}
	d, err := page.draw(palette)
	if errors.Is(err, errNoPicture) {
		s.send(c, v, http.StatusOK, mediaType, svg.Words(v.say("picture.nothing"), pictureWidth, palette))
		return
	}
	if v.part == partPlot { // the page has the legend
		d.Legend = nil
	}
	var picture []byte
	if err == nil {
		picture, err = renderer().Draw(c.Request.Context(), d, frame)
	}
	if err != nil {
		if errors.Is(c.Request.Context().Err(), context.Canceled) {
			c.Abort()
			return
		}
		h.Del("ETag")
		h.Set("Cache-Control", "no-store")
		s.log.Error("draw picture", "request", observe.RequestID(c.Request.Context()), "address", v.String(), "error", err)
		c.Data(http.StatusServiceUnavailable, mediaType, svg.Words(v.say("picture.failed"), pictureWidth, palette))
		return
	}
	s.send(c, v, http.StatusOK, mediaType, picture)
}
