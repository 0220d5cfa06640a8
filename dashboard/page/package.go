package page

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"nianbao/internal/access"
	"nianbao/internal/form"
	"nianbao/query/download"
	"nianbao/query/export"
)

// packagePage asks what an audit package shall hold; [site.pack] hands it out.
var packagePage = kind{template: "package.html", build: buildPackage}

type packageContent struct {
	base
	AsOf    string // the moment that stands in the form
	Years   string // all years with reports
	Partial bool   // the reader sees some agencies alone
	Sets    []form.Dataset
}

func buildPackage(ctx context.Context, v *visit) (content, error) {
	p := &packageContent{Sets: form.Datasets, Partial: v.site.store.Partial()}
	if v.format != asHTML {
		return p, nil
	}
	var err error
	if p.Head, err = v.newHead(ctx, 0, nil); err != nil {
		return nil, err
	}
	p.Head.Title, p.Head.Line = v.say("package.title"), v.say("package.line")
	if !v.at.IsZero() {
		p.AsOf = v.at.In(china).Format("2006-01-02T15:04:05.999999Z07:00")
	}
	years, err := v.site.yearsAt(ctx, v.at)
	if err != nil {
		return nil, err
	}
	if len(years) > 0 {
		p.Years = v.say("package.years.all", years[0].Year, years[len(years)-1].Year)
	}
	return p, nil
}

func (p *packageContent) json() ([]byte, error) {
	type file struct {
		File string `json:"file"`
		Name string `json:"name"`
	}
	out := []file{}
	for _, d := range p.Sets {
		out = append(out, file{d.File, d.Zh})
	}
	return json.Marshal(struct {
		Files []file `json:"files"`
	}{out})
}

func (p *packageContent) sheet() sheet {
	s := sheet{header: []string{"file", "name"}}
	for _, d := range p.Sets {
		s.rows = append(s.rows, []value{plainText(d.File), said(d.Zh)})
	}
	return s
}

// packing is how long a package may be worked at.
const packing = time.Hour

// pack hands out an audit package. It is for those who see everything: what is left out of it has to add up.
func (s *site) pack(c *gin.Context) {
	a := addressed(c)
	q, err := export.ParseQuery(c.Request.URL.Query())
	var wrong *export.WrongParameter
	switch {
	case s.store.Partial() || !access.From(c.Request.Context()).May(access.See):
		s.missing(c)
		return
	case errors.As(err, &wrong):
		s.refuse(c, a, &problem{Parameter: wrong.Name, Value: wrong.Value, Allowed: wrong.Want, unknown: wrong.Value == "" && wrong.Name != "seed"})
		return
	}
	if q.AsOf.After(s.now().Add(time.Minute)) {
		s.refuse(c, a, &problem{Parameter: "as_of", Value: c.Query("as_of"), Allowed: []string{a.say("error.future")}})
		return
	}
	if q.AsOf.IsZero() {
		now, err := s.current(c.Request.Context())
		if err != nil {
			s.unavailable(c, a, err)
			return
		}
		q.AsOf = now.at // the same state gives the same bytes
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), packing)
	defer cancel()
	c.Header("Cache-Control", "no-store")
	name := "nianbao-" + q.AsOf.In(china).Format("20060102-150405") + ".zip"
	file := download.File{Name: name, MediaType: "application/zip", AsOf: q.AsOf, Head: c.Request.Method == http.MethodHead}
	err = download.Stream(c.Writer, c.Request, s.store, file, nil, func(to io.Writer) (rows uint64, err error) {
		summary, err := export.Write(ctx, s.store, "nianbao "+s.version, q, to)
		for _, f := range summary.Files {
			rows += uint64(max(f.Rows, 0))
		}
		if err != nil && c.Request.Context().Err() == nil {
			s.log.Error("write package", "address", c.Request.URL.RequestURI(), "error", err)
		}
		return rows, err
	})
	if err != nil {
		s.unavailable(c, a, err)
	}
}
