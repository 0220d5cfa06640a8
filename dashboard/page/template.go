package page

import (
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"path"

	"nianbao/dashboard/chart"
)

//go:embed templates/*.html
var templateFiles embed.FS

// frame is the template of what all pages share.
const frame = "templates/layout.html"

// parts is the template of what several pages have: figures, pictures, controls.
const parts = "templates/parts.html"

// parseTemplates reads the frame together with each page, in one language.
func parseTemplates(in lang) (map[string]*template.Template, error) {
	functions := template.FuncMap{"t": in.say, "span": span, "number": func(n int) string { return number(int64(n)) },
		"add": func(a, b int) int { return a + b }, "mixed": in.mixed, "form": in.printed, "gloss": in.gloss, "glyph": func(mark string) string { return chart.Glyphs[mark].Text }}
	pages := map[string]*template.Template{}
	names, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		page := path.Base(name)
		if name == frame || name == parts {
			continue
		}
		t, err := template.New(page).Funcs(functions).Option("missingkey=error").ParseFS(templateFiles, frame, parts, name)
		if err != nil {
			return nil, fmt.Errorf("parse template %s: %w", page, err)
		}
		pages[page] = t
	}
	return pages, nil
}
