package page

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	markdowns "github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"

	"nianbao/docs/manual"
)

var helpPage = kind{template: "help.html", build: buildHelp}

// helpContent is a page of the manual.
type helpContent struct {
	base
	Topic    string
	Topics   []link
	Body     template.HTML // made from the program's own Markdown; markup inside it is escaped
	markdown string
}

// markdown reads the manual. HTML inside it is left out.
var markdown = goldmark.New(goldmark.WithExtensions(markdowns.Table))

func buildHelp(ctx context.Context, v *visit) (content, error) {
	language := string(v.lang)
	topics := manual.Topics[language]
	topic := v.path["topic"]
	if topic == "" {
		topic = topics[0]
	}
	if !slices.Contains(topics, topic) {
		if slices.Contains(manual.Topics[string(zh)], topic) { // the short manual has it on its only page
			topic = topics[0]
		} else {
			return nil, errNothing
		}
	}
	h, err := v.newHead(ctx, 0, nil)
	if err != nil {
		return nil, err
	}
	h.Source = "" // nothing here is data
	h.Downloads = nil
	p := &helpContent{base: base{h}, Topic: topic}
	for _, t := range topics {
		title, _, err := v.manualPage(t)
		if err != nil {
			return nil, err
		}
		to := "/help/" + t
		if t == topics[0] {
			to = "/help"
		}
		p.Topics = append(p.Topics, link{title, v.link(to), t == topic})
	}
	h.Title, p.markdown, err = v.manualPage(topic)
	if err != nil {
		return nil, err
	}
	source := []byte(p.markdown)
	document := markdown.Parser().Parse(text.NewReader(source))
	err = ast.Walk(document, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if l, ok := n.(*ast.Link); ok && entering && strings.HasPrefix(string(l.Destination), "/") && !strings.Contains(string(l.Destination), "?") {
			l.Destination = []byte(v.link(string(l.Destination))) // the language, the theme and the moment stay
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the manual: %s: %w", topic, err)
	}
	var body bytes.Buffer
	if err := markdown.Renderer().Render(&body, source, document); err != nil {
		return nil, fmt.Errorf("write the manual: %s: %w", topic, err)
	}
	p.Body = template.HTML(body.String())
	return p, nil
}

// manualPage is a page of the manual in this language: its title and what follows.
func (in lang) manualPage(topic string) (title, body string, err error) {
	b, err := manual.Files.ReadFile(string(in) + "/" + topic + ".md")
	if err != nil {
		return "", "", fmt.Errorf("read the manual: %w", err)
	}
	title, body, _ = strings.Cut(string(b), "\n")
	return strings.TrimPrefix(title, "# "), body, nil
}

// helpPicture hands out a picture of the manual.
func (s *site) helpPicture(c *gin.Context) {
	b, err := manual.Files.ReadFile("pictures/" + path.Base(c.Param("picture")))
	if err != nil {
		s.missing(c)
		return
	}
	c.Header("Cache-Control", "public, max-age=3600")
	c.Data(http.StatusOK, "image/png", b)
}

func (p *helpContent) json() ([]byte, error) {
	return json.Marshal(struct {
		Topic    string `json:"topic"`
		Title    string `json:"title"`
		Language string `json:"language"`
		Markdown string `json:"markdown"`
	}{p.Topic, p.Head.Title, string(p.Head.lang), p.markdown})
}

func (p *helpContent) sheet() sheet {
	s := sheet{header: []string{"topic", "title"}}
	for _, t := range p.Topics {
		s.rows = append(s.rows, []value{said(t.Href), said(t.Text)})
	}
	return s
}
