package page

// The page of a wall display and what it asks for. A display has no account: its token shows one board and nothing else.

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/sync/singleflight"

	"nianbao/dashboard/wall"
	"nianbao/internal/board"
	"nianbao/internal/observe"
	"nianbao/internal/warehouse"
)

// walls is what the displays are served from. It outlives the warehouse being away.
type walls struct {
	watch *wall.Watch
	mu    sync.Mutex
	// displays by the hash of their token, and boards by their name, as last read; both nil before the first time.
	displays map[string]warehouse.Display
	boards   map[string]board.Board
	at       state                  // of which they are
	shown    map[string]*shownBoard // by board and origin, as last made
	drawing  singleflight.Group     // of boards
	codes    map[string]string      // addresses by their short code
	order    []string               // of the codes, oldest first
}

// shownBoard is a board as it is shown.
type shownBoard struct {
	key      string // what it is a function of
	state    []byte // JSON
	tag      string
	pictures map[string][]byte // by hash, of this state and of the one before: a display may be in between
	texts    []string          // of the slides
	database bool
}

// patienceOfWalls is how long a display waits for the warehouse before it gets the last good slides.
const patienceOfWalls = 4 * time.Second

// wallState is what the script of the page works by. Times of day are minutes in China.
type wallState struct {
	Page     string       `json:"page"` // version of the page; where it is another one the display loads anew
	Board    string       `json:"board"`
	Width    int          `json:"width"`
	Height   int          `json:"height"`
	Text     int          `json:"text"` // pixels
	Side     wall.Box     `json:"side"`
	Theme    string       `json:"theme"`
	Dim      dimState     `json:"dim"`
	Reload   int          `json:"reload"`
	Stale    int          `json:"stale"`  // days
	Loaded   int64        `json:"loaded"` // milliseconds since 1970, when reports last came in; 0 for never
	Database bool         `json:"database"`
	Slides   []slideState `json:"slides"`
}

type dimState struct {
	From    int `json:"from"`
	To      int `json:"to"`
	Percent int `json:"percent"`
}

type slideState struct {
	Hash    string `json:"hash"`
	Seconds int    `json:"seconds"`
	Text    string `json:"text"`
}

// readWalls reads displays and boards if the warehouse has changed. While it is away the last known ones count.
func (s *site) readWalls(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patienceOfWalls)
	defer cancel()
	now, err := s.current(ctx)
	if err != nil {
		return err
	}
	w := &s.walls
	w.mu.Lock()
	fresh := w.displays != nil && w.at.batch == now.batch && w.at.at.Equal(now.at)
	w.mu.Unlock()
	if fresh {
		return nil
	}
	displays, err := s.store.Displays(ctx)
	if err != nil {
		return err
	}
	saved, err := s.store.Boards(ctx)
	if err != nil {
		return err
	}
	byToken, byName := map[string]warehouse.Display{}, map[string]board.Board{}
	for _, d := range displays {
		byToken[d.Token] = d
	}
	for _, a := range saved {
		b, err := board.Parse([]byte(a.Statement))
		if err != nil { // a newer program wrote it
			s.log.Error("read board", "board", a.Name, "error", err)
			continue
		}
		byName[a.Name] = b
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.displays, w.boards, w.at = byToken, byName, now
	return nil
}

// display finds the display of a token. database says whether the warehouse answered.
func (s *site) display(ctx context.Context, token string) (d warehouse.Display, b board.Board, known, database bool) {
	err := s.readWalls(ctx)
	if err != nil {
		s.log.Warn("wall: the warehouse does not answer", "error", err)
	}
	s.walls.mu.Lock()
	defer s.walls.mu.Unlock()
	d, known = s.walls.displays[board.HashToken(token)]
	b, has := s.walls.boards[d.Board]
	return d, b, known && has, err == nil
}

// wallPath answers everything below /wall/.
func (s *site) wallPath(c *gin.Context) {
	path := strings.Trim(c.Param("path"), "/")
	if path == "worker.js" {
		s.wallWorker(c)
		return
	}
	token, rest, _ := strings.Cut(path, "/")
	token, asText := strings.CutSuffix(token, ".txt")
	if len(token) > 64 || !plainID(token) {
		s.missing(c)
		return
	}
	d, b, known, database := s.display(c.Request.Context(), token)
	c.Header("Cache-Control", "no-store")
	c.Header("Referrer-Policy", "no-referrer") // the address is the key
	switch {
	case !known && !database && s.neverRead():
		c.Header("Retry-After", "5")
		c.String(http.StatusServiceUnavailable, "the warehouse does not answer\n")
	case !known:
		s.missing(c)
	case !d.Revoked.IsZero() && rest != "":
		c.JSON(http.StatusGone, gin.H{"revoked": true})
	case rest == "" && !asText:
		s.wallPage(c, b)
	case rest == "state.json":
		s.wallState(c, d, b, database)
	case asText && rest == "":
		s.wallText(c, d, b, database)
	case strings.HasPrefix(rest, "slide/"):
		s.wallPicture(c, b, strings.TrimSuffix(strings.TrimPrefix(rest, "slide/"), ".svg"))
	default:
		s.missing(c)
	}
}

func (s *site) neverRead() bool {
	s.walls.mu.Lock()
	defer s.walls.mu.Unlock()
	return s.walls.displays == nil
}

// wallTemplate is the page: a fixed number of elements, which the script fills.
var wallTemplate = template.Must(template.New("wall").Parse(wallText))

const wallText = `<!DOCTYPE html>
<html lang="{{.Lang}}" data-theme="{{.Theme}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{{.Title}}</title>
<link rel="stylesheet" href="{{.Style}}">
<link rel="icon" href="{{.Icon}}" type="image/svg+xml">
<script src="{{.Script}}" defer></script>
</head>
<body data-page="{{.Page}}" data-words="{{.Words}}">
<div id="canvas">
<img id="a" class="layer" alt=""><img id="b" class="layer" alt="">
<div id="side"><div id="clock"></div><div id="place"></div><div id="offline" role="status" hidden></div><div id="database" role="status" hidden></div><div id="stale" role="status" hidden></div></div>
<div id="progress"></div>
<div id="message">{{.Waiting}}</div>
</div>
<noscript>{{.Noscript}} <a href="{{.Text}}">{{.Text}}</a></noscript>
</body>
</html>
`

// pageVersion changes with anything that a display has loaded.
func (s *site) pageVersion() string {
	sum := sha256.Sum256([]byte(s.files["wall.js"].Hash + s.files["wall.css"].Hash + s.version + wallText))
	return hex.EncodeToString(sum[:6])
}

func (s *site) wallPage(c *gin.Context, b board.Board) {
	in := lang(b.Language)
	texts := map[string]string{}
	for _, key := range []string{"offline", "showing", "database", "stale", "waiting", "gone"} {
		texts[key] = in.say("wall." + key)
	}
	said, err := json.Marshal(texts)
	if err != nil { // texts only
		panic(err)
	}
	file := func(name string) string { return "/assets/" + name + "?v=" + s.files[name].Hash }
	var page bytes.Buffer
	err = wallTemplate.Execute(&page, map[string]string{"Lang": string(in), "Theme": b.Theme, "Title": in.say("wall.title") + " · " + b.Name, "Style": file("wall.css"), "Icon": file("favicon.svg"), "Script": file("wall.js"),
		"Page": s.pageVersion(), "Words": string(said), "Waiting": in.say("wall.waiting"), "Noscript": in.say("wall.noscript"), "Text": strings.TrimSuffix(c.Request.URL.Path, "/") + ".txt"})
	if err != nil {
		s.log.Error("write wall", "error", err)
		c.String(http.StatusInternalServerError, "internal error\n")
		return
	}
	c.Header("Content-Security-Policy", wallPolicy)
	c.Data(http.StatusOK, "text/html; charset=utf-8", page.Bytes())
}

// wallPolicy is that of pages, with pictures that the script holds.
const wallPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; worker-src 'self'; " +
	"form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

// wallWorker is the script that keeps the page for a start without a server. Its place in the tree says which pages it is for.
func (s *site) wallWorker(c *gin.Context) {
	c.Header("Cache-Control", "no-cache")
	c.Data(http.StatusOK, "text/javascript; charset=utf-8", s.files["wall-worker.js"].Content)
}

func (s *site) wallState(c *gin.Context, d warehouse.Display, b board.Board, database bool) {
	seen := wall.ParseSeen(c.GetHeader("X-Display"))
	seen.Display, seen.At = d.Display, s.now()
	s.walls.watch.Note(seen)
	now, err := s.showing(c.Request.Context(), b, originOf(c.Request), database)
	if err != nil {
		id := observe.RequestID(c.Request.Context())
		s.log.Error("make wall", "request", id, "board", b.Name, "error", err)
		c.Header("Retry-After", "5")
		c.String(http.StatusServiceUnavailable, "the slides cannot be made; request "+id+"\n")
		return
	}
	c.Header("ETag", now.tag)
	c.Header("Cache-Control", "no-cache")
	if matches(c.GetHeader("If-None-Match"), now.tag) {
		c.Status(http.StatusNotModified)
		return
	}
	c.Data(http.StatusOK, "application/json; charset=utf-8", now.state)
}

func (s *site) wallPicture(c *gin.Context, b board.Board, hash string) {
	s.walls.mu.Lock()
	var picture []byte
	if now := s.walls.shown[b.Name+"\x00"+originOf(c.Request)]; now != nil {
		picture = now.pictures[hash]
	}
	s.walls.mu.Unlock()
	if picture == nil {
		s.missing(c)
		return
	}
	c.Header("Cache-Control", "private, max-age=86400, immutable")
	c.Header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
	c.Data(http.StatusOK, "image/svg+xml", picture)
}

func (s *site) wallText(c *gin.Context, d warehouse.Display, b board.Board, database bool) {
	if !d.Revoked.IsZero() {
		c.String(http.StatusGone, lang(b.Language).say("wall.gone")+"\n")
		return
	}
	now, err := s.showing(c.Request.Context(), b, originOf(c.Request), database)
	if err != nil {
		s.log.Error("make wall", "board", b.Name, "error", err)
		c.String(http.StatusServiceUnavailable, "the slides cannot be made\n")
		return
	}
	c.String(http.StatusOK, "%s", strings.Join(now.texts, "\n\n")+"\n")
}

// originOf is the server as the display calls it: the code on the wall leads phones there.
func originOf(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}

// showing is the board as it is now. While the warehouse does not answer, it is as it last was.
func (s *site) showing(ctx context.Context, b board.Board, origin string, database bool) (*shownBoard, error) {
	key := b.Name + "\x00" + origin
	s.walls.mu.Lock()
	last := s.walls.shown[key]
	s.walls.mu.Unlock()
	if database {
		now, err, _ := s.walls.drawing.Do(key, func() (any, error) {
			return s.make(context.WithoutCancel(ctx), b, origin, key, last)
		})
		if err == nil {
			return now.(*shownBoard), nil
		}
		if last == nil {
			return nil, err
		}
		s.log.Warn("make wall: the last good slides go on", "board", b.Name, "error", err)
	}
	if last == nil {
		return nil, fmt.Errorf("make board %q: the warehouse does not answer, and nothing was shown before", b.Name)
	}
	return last.without(), nil
}

// without is the same state, telling that the warehouse is away.
func (x *shownBoard) without() *shownBoard {
	if !x.database {
		return x
	}
	y := *x
	y.database = false
	y.state = bytes.Replace(x.state, []byte(`"database":true`), []byte(`"database":false`), 1)
	y.tag = tagOf(y.state)
	return &y
}

func tagOf(b []byte) string {
	sum := sha256.Sum256(b)
	return `"` + hex.EncodeToString(sum[:12]) + `"`
}

// timeToMake bounds how long all slides of a board may take.
const timeToMake = 60 * time.Second

// make makes the slides of a board, unless nothing changed that they are a function of.
func (s *site) make(ctx context.Context, b board.Board, origin, name string, last *shownBoard) (*shownBoard, error) {
	ctx, cancel := context.WithTimeout(ctx, timeToMake)
	defer cancel()
	now, err := s.current(ctx)
	if err != nil {
		return nil, err
	}
	day := s.now().In(china).Format(time.DateOnly)
	sum := sha256.Sum256([]byte(strings.Join([]string{now.batch, now.at.String(), day, s.pageVersion(), string(b.YAML()), origin}, "\x00")))
	key := hex.EncodeToString(sum[:])
	if last != nil && last.key == key {
		return last, nil
	}
	loaded, err := s.store.LastLoad(ctx)
	if err != nil {
		return nil, err
	}
	w, h := b.Screen.Canvas()
	out := &shownBoard{key: key, pictures: map[string][]byte{}, database: true}
	st := wallState{Page: s.pageVersion(), Board: b.Name, Width: w, Height: h, Text: b.Screen.Text(), Side: wall.Side(b.Screen), Theme: b.Theme, Dim: dimState{int(b.Dim.From), int(b.Dim.To), b.Dim.Percent},
		Reload: int(b.Reload), Stale: b.Stale, Database: true}
	if !loaded.IsZero() {
		st.Loaded = loaded.UnixMilli()
	}
	if last != nil { // of the state before only its own
		for _, old := range last.hashes() {
			out.pictures[old] = last.pictures[old]
		}
	}
	for i, x := range b.Slides {
		picture, text, _, err := s.drawSlide(ctx, b, x, origin)
		if err != nil {
			return nil, fmt.Errorf("make slide %d of board %q: %w", i+1, b.Name, err)
		}
		sum := sha256.Sum256(picture)
		hash := hex.EncodeToString(sum[:12])
		out.pictures[hash] = picture
		out.texts = append(out.texts, text)
		st.Slides = append(st.Slides, slideState{hash, x.Seconds, text})
	}
	if out.state, err = json.Marshal(st); err != nil {
		return nil, err
	}
	out.tag = tagOf(out.state)
	s.walls.mu.Lock()
	defer s.walls.mu.Unlock()
	if s.walls.shown == nil || len(s.walls.shown) > 64 { // addresses by which nobody asks any more
		s.walls.shown = map[string]*shownBoard{}
	}
	s.walls.shown[name] = out
	return out, nil
}

// hashes are the pictures of the state itself.
func (x *shownBoard) hashes() (list []string) {
	var st wallState
	if json.Unmarshal(x.state, &st) == nil {
		for _, one := range st.Slides {
			list = append(list, one.Hash)
		}
	}
	return list
}

// drawSlide makes the picture of a slide, and its text for those who do not see it.
func (s *site) drawSlide(ctx context.Context, b board.Board, x board.Slide, origin string) (picture []byte, text string, misfits []wall.Misfit, err error) {
	slide, err := s.slideOf(ctx, b, x, origin)
	if err != nil {
		return nil, "", nil, err
	}
	in := lang(b.Language)
	picture, misfits, err = wall.Draw(slide, b.Screen, paletteOf(b.Theme), func(list []wall.Misfit) string { return in.say("wall.room", in.misfits(list)) })
	return picture, slide.Spoken(), misfits, err
}

// misfits says what has no room.
func (in lang) misfits(list []wall.Misfit) string {
	var out []string
	for _, m := range list {
		out = append(out, in.say("wall.room."+m.What, m.Got, m.Most))
	}
	slices.Sort(out)
	return strings.Join(slices.Compact(out), in.say("wall.between"))
}

// mostCodes bounds the short codes that are remembered.
const mostCodes = 4096

// shorten is the short code of an address: the same one for the same address. It leads there as long as a wall has shown it
// lately.
func (s *site) shorten(address string) string {
	sum := sha256.Sum256([]byte(address))
	code := base32.NewEncoding("ABCDEFGHJKLMNPQRSTUVWXYZ23456789").WithPadding(base32.NoPadding).EncodeToString(sum[:5])[:6]
	w := &s.walls
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, ok := w.codes[code]; ok {
		return code
	}
	if w.codes == nil {
		w.codes = map[string]string{}
	}
	if len(w.order) >= mostCodes {
		delete(w.codes, w.order[0])
		w.order = w.order[1:]
	}
	w.codes[code], w.order = address, append(w.order, code)
	return code
}

// short leads from a short code to its address.
func (s *site) short(c *gin.Context) {
	s.walls.mu.Lock()
	address, ok := s.walls.codes[strings.ToUpper(c.Param("code"))]
	s.walls.mu.Unlock()
	if !ok {
		s.missing(c)
		return
	}
	c.Header("Cache-Control", "no-store")
	c.Redirect(http.StatusFound, address)
}
