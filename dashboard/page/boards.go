package page

// The pages that look after wall displays: what each shows, whether it is there, and the forms by which boards are made.

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"nianbao/internal/board"
	"nianbao/internal/observe"
	"nianbao/internal/warehouse"
	"nianbao/query/api"
)

var (
	boardsPage = kind{template: "boards.html", parameters: []string{"view_of"}, build: buildBoards, acts: map[string]act{"create": createBoard, "slide": addSlide, "yaml": saveYAML, "display": addDisplay, "revoke": revokeDisplay}}
	boardPage  = kind{template: "board.html", build: buildBoard, acts: map[string]act{"settings": saveSettings, "slide": addSlide, "change": changeSlide, "yaml": saveYAML, "withdraw": withdrawBoard, "back": putBack}}
)

// boardID names a board in addresses.
func boardID(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:6])
}

// lostAfter is how long a display may be silent: it asks once a minute.
const lostAfter = 3 * time.Minute

// boardsContent lists boards and displays.
type boardsContent struct {
	base
	Boards   []boardRow
	Displays []displayRow
	Forms    []decisionForm
	Issued   string // address of a display that was just added: it is seen this once
	View     string // what is to be put on the wall
}

type boardRow struct {
	Name, Href, Shape, Saved, Person, Reason string
	Slides                                   int
}

type displayRow struct {
	ID, Name, Board, Href, Tail string
	State, StateCode            string // online, lost, revoked, unseen
	Seen, Slide, Page, Size     string
	Errors, Missed, Nodes       string
	Heap                        string
	Revoke                      *decisionForm
}

func buildBoards(ctx context.Context, v *visit) (content, error) {
	h, err := v.newHead(ctx, 0, nil)
	if err != nil {
		return nil, err
	}
	p := &boardsContent{base: base{h}, View: v.viewed, Issued: v.issued}
	h.Title, h.Line = v.say("boards.title"), v.say("boards.line")
	saved, err := v.site.store.Boards(ctx)
	if err != nil {
		return nil, err
	}
	var names []offer
	for _, a := range saved {
		row := boardRow{Name: a.Name, Href: v.link("/boards/" + boardID(a.Name)), Saved: v.moment(a.At), Person: a.Person, Reason: a.Reason}
		if b, err := board.Parse([]byte(a.Statement)); err == nil {
			row.Shape, row.Slides = string(b.Screen.Shape), len(b.Slides)
		}
		p.Boards = append(p.Boards, row)
		names = append(names, offer{Value: a.Name, Text: a.Name})
	}
	displays, err := v.site.store.Displays(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range displays {
		p.Displays = append(p.Displays, v.displayRow(d))
	}
	if !v.mayDecide() {
		return p, nil
	}
	if v.viewed != "" && len(names) > 0 {
		f := v.form("slide", "slide", v.say("boards.put"), v.say("boards.put.do"), nil, slices.Concat([]field{{Name: "board", Label: v.say("boards.board"), Type: "select", Options: names}}, v.slideFields(board.Slide{View: v.viewed, Seconds: board.UsualSeconds}))...)
		f.Open = true
		p.Forms = append(p.Forms, f)
	}
	p.Forms = append(p.Forms, v.form("create", "create", v.say("boards.create"), v.say("boards.create.do"), nil, append([]field{{Name: "name", Label: v.say("boards.name"), Type: "text", Required: true, Most: 60}}, v.settings(board.Usual(""))...)...),
		v.form("yaml", "yaml", v.say("boards.yaml"), v.say("boards.save"), nil, field{Name: "yaml", Label: "YAML", Type: "area", Required: true, Most: 100000}))
	if len(names) > 0 {
		p.Forms = append(p.Forms, v.form("display", "display", v.say("boards.display"), v.say("boards.display.do"), nil, field{Name: "name", Label: v.say("boards.display.name"), Type: "text", Required: true, Most: 60},
			field{Name: "board", Label: v.say("boards.board"), Type: "select", Options: names}))
	}
	return p, nil
}

func (v *visit) displayRow(d warehouse.Display) displayRow {
	row := displayRow{ID: d.Display, Name: d.Name, Board: d.Board, Href: v.link("/boards/" + boardID(d.Board)), Tail: d.Tail, StateCode: "unseen"}
	seen, ok := v.site.walls.watch.Last(d.Display)
	switch {
	case !d.Revoked.IsZero():
		row.StateCode = "revoked"
	case ok && v.site.now().Sub(seen.At) <= lostAfter:
		row.StateCode = "online"
	case ok:
		row.StateCode = "lost"
	}
	row.State = v.say("boards.state." + row.StateCode)
	if ok {
		row.Seen, row.Slide, row.Page = v.moment(seen.At), strconv.Itoa(seen.Slide), seen.Page
		row.Size, row.Errors, row.Missed, row.Nodes = fmt.Sprintf("%d×%d", seen.Width, seen.Height), strconv.Itoa(seen.Errors), strconv.Itoa(seen.Missed), strconv.Itoa(seen.Nodes)
		if seen.Heap > 0 {
			row.Heap = decimalOf(float64(seen.Heap)/1e6) + " MB"
		}
	}
	if v.mayDecide() && d.Revoked.IsZero() {
		f := v.form("revoke-"+d.Display, "revoke", v.say("boards.revoke"), v.say("boards.revoke.do"), []field{{Name: "display", Value: d.Display}})
		row.Revoke = &f
	}
	return row
}

// choices are the options of a field with a word for each code.
func (v *visit) choices(key string, chosen string, codes ...string) (list []offer) {
	for _, c := range codes {
		list = append(list, offer{c, v.say("boards." + key + "." + c), c == chosen})
	}
	return list
}

// settings are the fields of a board without its name and slides.
func (v *visit) settings(b board.Board) []field {
	plain := func(codes []string, chosen string) (list []offer) {
		for _, c := range codes {
			list = append(list, offer{c, c, c == chosen})
		}
		return list
	}
	var seams []string
	for _, x := range b.Screen.Seams {
		seams = append(seams, strconv.Itoa(x))
	}
	text := func(name, value string, most int) field {
		return field{Name: name, Label: v.say("boards." + name), Type: "text", Value: value, Most: most}
	}
	dim := func(c board.Clock) string {
		if b.Dim.From == b.Dim.To {
			return ""
		}
		return c.String()
	}
	percent := ""
	if b.Dim.From != b.Dim.To {
		percent = strconv.Itoa(b.Dim.Percent)
	}
	return []field{text("place", b.Place, 16),
		{Name: "shape", Label: v.say("boards.shape"), Type: "select", Options: plain(plainTexts(board.Shapes), string(b.Screen.Shape))},
		text("diagonal", decimalText(b.Screen.Diagonal), 8), text("distance", decimalText(b.Screen.Distance), 8), text("seams", strings.Join(seams, ","), 60),
		{Name: "theme", Label: v.say("boards.theme"), Type: "select", Options: v.choices("theme", b.Theme, "dark", "light")},
		{Name: "language", Label: v.say("boards.language"), Type: "select", Options: v.choices("language", b.Language, "zh", "en")},
		{Name: "names", Label: v.say("boards.names"), Type: "select", Options: v.choices("names", string(b.Names), plainTexts(board.AllNames)...)},
		text("dimfrom", dim(b.Dim.From), 5), text("dimto", dim(b.Dim.To), 5), text("percent", percent, 3), text("reload", b.Reload.String(), 5), text("stale", strconv.Itoa(b.Stale), 3)}
}

func decimalText(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// readSettings puts what was typed into a board.
func readSettings(v *visit, in *typed, b *board.Board) error {
	wrong := func(name string) error {
		return refusal(v.say("boards.wrong", v.say("boards."+name), short(in.get(name), 30)))
	}
	var err error
	b.Place, b.Theme, b.Language, b.Names, b.Screen.Shape = in.get("place"), in.get("theme"), in.get("language"), board.Names(in.get("names")), board.Shape(in.get("shape"))
	if b.Screen.Diagonal, err = strconv.ParseFloat(in.get("diagonal"), 64); err != nil {
		return wrong("diagonal")
	}
	if b.Screen.Distance, err = strconv.ParseFloat(in.get("distance"), 64); err != nil {
		return wrong("distance")
	}
	b.Screen.Seams = nil
	for one := range strings.SplitSeq(strings.ReplaceAll(in.get("seams"), "，", ","), ",") {
		if one = strings.TrimSpace(one); one == "" {
			continue
		}
		x, err := strconv.Atoi(one)
		if err != nil {
			return wrong("seams")
		}
		b.Screen.Seams = append(b.Screen.Seams, x)
	}
	b.Dim = board.Dim{}
	if in.get("dimfrom")+in.get("dimto")+in.get("percent") != "" {
		if b.Dim.From, err = board.ParseClock(in.get("dimfrom")); err != nil {
			return wrong("dimfrom")
		}
		if b.Dim.To, err = board.ParseClock(in.get("dimto")); err != nil {
			return wrong("dimto")
		}
		if b.Dim.Percent, err = strconv.Atoi(in.get("percent")); err != nil {
			return wrong("percent")
		}
	}
	if b.Reload, err = board.ParseClock(in.get("reload")); err != nil {
		return wrong("reload")
	}
	if b.Stale, err = strconv.Atoi(in.get("stale")); err != nil {
		return wrong("stale")
	}
	return nil
}

func (v *visit) slideFields(x board.Slide) []field {
	return []field{{Name: "view", Label: v.say("boards.view"), Type: "text", Value: x.View, Most: 600, Note: v.say("boards.view.note")},
		{Name: "title", Label: v.say("boards.slide.title"), Type: "text", Value: x.Title, Most: 40}, {Name: "text", Label: v.say("boards.slide.text"), Type: "area", Value: x.Text, Most: 200},
		{Name: "seconds", Label: v.say("boards.seconds"), Type: "text", Value: strconv.Itoa(x.Seconds), Most: 3, Required: true}}
}

func readSlide(v *visit, in *typed) (board.Slide, error) {
	seconds, err := strconv.Atoi(in.get("seconds"))
	if err != nil {
		return board.Slide{}, refusal(v.say("boards.wrong", v.say("boards.seconds"), short(in.get("seconds"), 30)))
	}
	return board.Slide{View: in.get("view"), Title: in.get("title"), Text: in.get("text"), Seconds: seconds}, nil
}

// save checks a board on the data that are held, and saves it.
func (v *visit) save(ctx context.Context, d *api.Decisions, in *typed, b board.Board) error {
	problems, err := v.site.checkBoard(ctx, b)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		var said []string
		for _, p := range problems[:min(len(problems), 5)] {
			said = append(said, p.Error())
		}
		return refusal(strings.Join(said, "；"))
	}
	return d.SaveBoard(ctx, in.get("person"), string(b.YAML()), in.get("reason"))
}

func createBoard(ctx context.Context, v *visit, d *api.Decisions, in *typed) error {
	if _, err := v.boardNamed(ctx, func(b *board.Board) bool { return b.Name == in.get("name") }); err == nil {
		return refusal(v.say("boards.exists", in.get("name")))
	}
	b := board.Usual(in.get("name"))
	if err := readSettings(v, in, &b); err != nil {
		return err
	}
	b.Slides = []board.Slide{{View: "/", Seconds: board.UsualSeconds}} // who filed comes first everywhere
	return v.save(ctx, d, in, b)
}

func saveYAML(ctx context.Context, v *visit, d *api.Decisions, in *typed) error {
	b, err := board.Parse([]byte(in.Fields["yaml"]))
	if err != nil {
		return refusal(err.Error())
	}
	if id := v.path["board"]; id != "" && boardID(b.Name) != id {
		return refusal(v.say("boards.renamed"))
	}
	return v.save(ctx, d, in, b)
}

// addSlide adds a slide at the end of a board: of the page's, or of the one that was chosen.
func addSlide(ctx context.Context, v *visit, d *api.Decisions, in *typed) error {
	b, err := v.boardNamed(ctx, func(b *board.Board) bool {
		return boardID(b.Name) == v.path["board"] || v.path["board"] == "" && b.Name == in.get("board")
	})
	if err != nil {
		return err
	}
	x, err := readSlide(v, in)
	if err != nil {
		return err
	}
	b.Slides = append(slices.Clone(b.Slides), x)
	return v.save(ctx, d, in, b)
}

// changeSlide changes a slide, moves it, or takes it out.
func changeSlide(ctx context.Context, v *visit, d *api.Decisions, in *typed) error {
	b, err := v.boardNamed(ctx, func(b *board.Board) bool { return boardID(b.Name) == v.path["board"] })
	if err != nil {
		return err
	}
	n, err1 := strconv.Atoi(in.get("slide"))
	to, err2 := strconv.Atoi(in.get("place"))
	if err1 != nil || err2 != nil || n < 1 || n > len(b.Slides) || to < 1 || to > len(b.Slides) {
		return refusal(v.say("boards.wrong", v.say("boards.slide.place"), short(in.get("place"), 30)))
	}
	x, err := readSlide(v, in)
	if err != nil {
		return err
	}
	rest := slices.Delete(slices.Clone(b.Slides), n-1, n)
	if b.Slides = rest; in.get("remove") == "" {
		b.Slides = slices.Insert(rest, to-1, x)
	}
	return v.save(ctx, d, in, b)
}

func saveSettings(ctx context.Context, v *visit, d *api.Decisions, in *typed) error {
	b, err := v.boardNamed(ctx, func(b *board.Board) bool { return boardID(b.Name) == v.path["board"] })
	if err != nil {
		return err
	}
	if err := readSettings(v, in, &b); err != nil {
		return err
	}
	return v.save(ctx, d, in, b)
}

// putBack saves a board as it was.
func putBack(ctx context.Context, v *visit, d *api.Decisions, in *typed) error {
	acts, err := v.site.store.BoardActs(ctx, time.Time{})
	if err != nil {
		return err
	}
	for _, a := range acts {
		if boardID(a.Name) == v.path["board"] && a.At.Format(time.RFC3339Nano) == in.get("saved") && a.Act == warehouse.Save {
			b, err := board.Parse([]byte(a.Statement))
			if err != nil {
				return refusal(err.Error())
			}
			return v.save(ctx, d, in, b)
		}
	}
	return errNothing
}

func withdrawBoard(ctx context.Context, v *visit, d *api.Decisions, in *typed) error {
	b, err := v.boardNamed(ctx, func(b *board.Board) bool { return boardID(b.Name) == v.path["board"] })
	if err != nil {
		return err
	}
	return d.WithdrawBoard(ctx, in.get("person"), b.Name, in.get("reason"))
}

func addDisplay(ctx context.Context, v *visit, d *api.Decisions, in *typed) error {
	token, err := d.AddDisplay(ctx, in.get("person"), in.get("name"), in.get("board"), in.get("reason"))
	if err == nil {
		v.issued = "/wall/" + token
	}
	return err
}

func revokeDisplay(ctx context.Context, v *visit, d *api.Decisions, in *typed) error {
	return d.RevokeDisplay(ctx, in.get("person"), in.get("display"), in.get("reason"))
}

func (v *visit) boardNamed(ctx context.Context, is func(*board.Board) bool) (board.Board, error) {
	saved, err := v.site.store.Boards(ctx)
	if err != nil {
		return board.Board{}, err
	}
	for _, a := range saved {
		b, err := board.Parse([]byte(a.Statement))
		if err != nil {
			continue
		}
		if is(&b) {
			return b, nil
		}
	}
	return board.Board{}, errNothing
}

// boardContent is one board with a preview of each slide.
type boardContent struct {
	base
	Slides   []slidePreview
	Forms    []decisionForm
	YAML     string
	Versions []boardVersion
	Width    int // of a preview
	Height   int
	name     string
}

type slidePreview struct {
	Number      int
	Image, Text string
	View, Href  string
	Seconds     int
	Problems    []string
	Form        *decisionForm
}

type boardVersion struct {
	Saved, Person, Reason, Act string
	Back                       *decisionForm
}

func buildBoard(ctx context.Context, v *visit) (content, error) {
	b, err := v.boardNamed(ctx, func(b *board.Board) bool { return boardID(b.Name) == v.path["board"] })
	if err != nil {
		return nil, err
	}
	h, err := v.newHead(ctx, 0, nil)
	if err != nil {
		return nil, err
	}
	w, height := b.Screen.Canvas()
	p := &boardContent{base: base{h}, YAML: string(b.YAML()), Width: w / 4, Height: height / 4, name: b.Name}
	h.Title = v.say("board.title", b.Name, len(b.Slides))
	h.Line = v.say("board.line", string(b.Screen.Shape), decimalText(b.Screen.Diagonal), decimalText(b.Screen.Distance), b.Screen.Text())
	for i, x := range b.Slides {
		one := slidePreview{Number: i + 1, Image: fmt.Sprintf("/boards/%s/slide/%d.svg", boardID(b.Name), i+1), View: x.View, Href: x.View, Seconds: x.Seconds}
		if v.framed() {
			said, err := v.site.checkSlide(ctx, b, x)
			if err != nil {
				return nil, err
			}
			for _, s := range said {
				one.Problems = append(one.Problems, s.Text)
			}
		}
		if v.mayDecide() {
			fields := append(v.slideFields(x), field{Name: "place", Label: v.say("boards.slide.place"), Type: "text", Value: strconv.Itoa(i + 1), Most: 2, Required: true}, field{Name: "remove", Label: v.say("boards.slide.remove"), Type: "check"})
			f := v.form(fmt.Sprintf("slide-%d", i+1), "change", v.say("boards.slide.change"), v.say("boards.save"), []field{{Name: "slide", Value: strconv.Itoa(i + 1)}}, fields...)
			one.Form = &f
		}
		p.Slides = append(p.Slides, one)
	}
	acts, err := v.site.store.BoardActs(ctx, time.Time{})
	if err != nil {
		return nil, err
	}
	last := true
	for _, a := range slices.Backward(acts) {
		if a.Name != b.Name {
			continue
		}
		one := boardVersion{Saved: v.moment(a.At), Person: a.Person, Reason: a.Reason, Act: v.say("board.act." + a.Act)}
		if v.mayDecide() && !last && a.Act == warehouse.Save {
			f := v.form("back-"+strconv.FormatInt(a.At.UnixMicro(), 10), "back", v.say("board.back"), v.say("board.back.do"), []field{{Name: "saved", Value: a.At.Format(time.RFC3339Nano)}})
			one.Back = &f
		}
		last = false
		p.Versions = append(p.Versions, one)
	}
	if v.mayDecide() {
		p.Forms = []decisionForm{v.form("slide", "slide", v.say("boards.slide.add"), v.say("boards.put.do"), nil, v.slideFields(board.Slide{Seconds: board.UsualSeconds})...),
			v.form("settings", "settings", v.say("boards.settings"), v.say("boards.save"), nil, v.settings(b)...),
			v.form("yaml", "yaml", v.say("boards.yaml.edit"), v.say("boards.save"), nil, field{Name: "yaml", Label: "YAML", Type: "area", Value: p.YAML, Required: true, Most: 100000}),
			v.form("withdraw", "withdraw", v.say("board.withdraw"), v.say("board.withdraw.do"), nil)}
	}
	return p, nil
}

// slidePicture is the preview of a slide: the picture that the wall shows.
func (s *site) slidePicture(c *gin.Context) {
	n, err := strconv.Atoi(strings.TrimSuffix(c.Param("slide"), ".svg"))
	if err != nil || !plainID(c.Param("board")) {
		s.missing(c)
		return
	}
	ctx := c.Request.Context()
	v := &visit{address: usual("/boards"), site: s}
	b, err := v.boardNamed(ctx, func(b *board.Board) bool { return boardID(b.Name) == c.Param("board") })
	if errors.Is(err, errNothing) || err == nil && (n < 1 || n > len(b.Slides)) {
		s.missing(c)
		return
	}
	var picture []byte
	if err == nil {
		picture, _, _, err = s.drawSlide(ctx, b, b.Slides[n-1], originOf(c.Request))
	}
	if err != nil {
		s.log.Error("draw slide", "request", observe.RequestID(ctx), "error", err)
		c.String(http.StatusServiceUnavailable, "the slide cannot be drawn\n")
		return
	}
	c.Header("Cache-Control", "no-cache")
	c.Header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
	c.Data(http.StatusOK, "image/svg+xml", picture)
}

func (p *boardsContent) json() ([]byte, error) {
	type boardJSON struct {
		Name   string `json:"name"`
		Shape  string `json:"shape"`
		Slides int    `json:"slides"`
		Saved  string `json:"saved"`
		Person string `json:"person"`
		Reason string `json:"reason"`
	}
	type displayJSON struct {
		Display string `json:"display"`
		Name    string `json:"name"`
		Board   string `json:"board"`
		State   string `json:"state"`
		Seen    string `json:"seen,omitempty"`
		Slide   string `json:"slide,omitempty"`
		Page    string `json:"page,omitempty"`
		Size    string `json:"size,omitempty"`
		Errors  string `json:"errors,omitempty"`
		Missed  string `json:"missed,omitempty"`
		Nodes   string `json:"nodes,omitempty"`
		Heap    string `json:"heap,omitempty"`
	}
	out := struct {
		Boards   []boardJSON   `json:"boards"`
		Displays []displayJSON `json:"displays"`
	}{[]boardJSON{}, []displayJSON{}}
	for _, b := range p.Boards {
		out.Boards = append(out.Boards, boardJSON{b.Name, b.Shape, b.Slides, b.Saved, b.Person, b.Reason})
	}
	for _, d := range p.Displays {
		out.Displays = append(out.Displays, displayJSON{d.ID, d.Name, d.Board, d.StateCode, d.Seen, d.Slide, d.Page, d.Size, d.Errors, d.Missed, d.Nodes, d.Heap})
	}
	return json.Marshal(out)
}

func (p *boardsContent) sheet() sheet {
	s := sheet{header: []string{"display", "name", "board", "state", "seen", "slide", "page", "size", "errors", "missed", "nodes", "heap"}}
	for _, d := range p.Displays {
		s.rows = append(s.rows, []value{plainText(d.ID), said(d.Name), said(d.Board), plainText(d.StateCode), plainText(d.Seen), plainText(d.Slide), plainText(d.Page), plainText(d.Size), plainText(d.Errors), plainText(d.Missed), plainText(d.Nodes), plainText(d.Heap)})
	}
	return s
}

func (p *boardContent) json() ([]byte, error) {
	return json.Marshal(struct {
		Name string `json:"name"`
		YAML string `json:"yaml"`
	}{p.name, p.YAML})
}

func (p *boardContent) sheet() sheet {
	s := sheet{header: []string{"slide", "view", "seconds"}}
	for _, x := range p.Slides {
		s.rows = append(s.rows, []value{plainText(strconv.Itoa(x.Number)), said(x.View), plainText(strconv.Itoa(x.Seconds))})
	}
	return s
}
