package page

import (
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"nianbao/internal/access"
	"nianbao/internal/observe"
	"nianbao/query/api"
)

// Uploads takes reports that people send.
type Uploads struct {
	// Take ingests files, and says of each, and of each in an archive, what became of it.
	Take func(ctx context.Context, person string, files []SentFile) ([]Taken, error)
	// MostBytes of one file.
	MostBytes int64
}

// SentFile is a file as it was named, and where it lies until it was taken.
type SentFile struct{ Name, Path string }

// Taken is what became of a file.
type Taken struct {
	File, Outcome, Message string // Outcome: loaded, new_version, unchanged, waiting, rejected, failed
	Agency, AgencyID       string
	Year                   int
}

// Bounds on one upload.
const (
	mostUploads     = 1000
	mostUploadBytes = 2 << 30
	// uploadPause is how long a sender may send nothing.
	uploadPause = 30 * time.Second
	// takingTime is how long the files of one upload may take.
	takingTime = 15 * time.Minute
)

// uploading bounds the uploads that lie on the disk at one time.
var uploading = make(chan struct{}, 4)

// uploadContent is the page on which files are handed in.
type uploadContent struct {
	base
	Action, Script  string
	CSRF            string // text of the session, "" without one
	Asks            bool   // for a name: nobody is signed in
	Person, Refused string
	MiB             int64
	Most            int
	Results         []uploadResult
}

// uploadResult is a line of the results, as the page and its script show it.
type uploadResult struct {
	File    string `json:"file"`
	Outcome string `json:"outcome"`
	Result  string `json:"result"` // in words
	Report  string `json:"report,omitempty"`
	Href    string `json:"href,omitempty"`
	Note    string `json:"note,omitempty"`
}

func (s *site) uploadForm(c *gin.Context) {
	a := addressed(c)
	if s.uploads == nil {
		s.errorPage(c, http.StatusForbidden, a, a.say("upload.closed"), a.say("upload.closed.hint"), nil)
		return
	}
	s.uploadPage(c, a, http.StatusOK, &uploadContent{})
}

func (s *site) uploadPage(c *gin.Context, a *address, status int, page *uploadContent) {
	c.Header("Cache-Control", "no-store")
	page.base = base{Head: s.bareHead(a, a.say("upload.title"))}
	page.Action = a.String()
	who := access.From(c.Request.Context())
	page.CSRF, page.Asks = who.CSRF, who.Open
	page.Script = "/assets/upload.js?v=" + s.files["upload.js"].Hash
	page.MiB, page.Most = s.uploads.MostBytes>>20, mostUploads
	if strings.Contains(c.GetHeader("Accept"), "application/json") {
		body, err := json.Marshal(map[string]any{"results": page.Results, "detail": page.Refused})
		if err != nil { // texts only
			panic(err)
		}
		c.Data(status, "application/json; charset=utf-8", body)
		return
	}
	var b bytes.Buffer
	if err := s.templates[a.lang]["upload.html"].ExecuteTemplate(&b, "layout", page); err != nil {
		s.log.Error("write page", "request", observe.RequestID(c.Request.Context()), "address", a.String(), "error", err)
		c.String(http.StatusInternalServerError, a.say("error.internal", observe.RequestID(c.Request.Context()))+"\n")
		return
	}
	c.Data(status, "text/html; charset=utf-8", b.Bytes())
}

// upload takes files from the form: they are kept in a folder until they are read, ingested together, and answered for one by one.
func (s *site) upload(c *gin.Context) {
	a := addressed(c)
	if s.uploads == nil || s.foreign.Check(c.Request) != nil || !api.OwnName(c.Request) {
		s.errorPage(c, http.StatusForbidden, a, a.say("upload.closed"), a.say("upload.closed.hint"), nil)
		return
	}
	page := &uploadContent{}
	dir, err := os.MkdirTemp("", "nianbao-upload-")
	if err != nil {
		s.uploadFailed(c, a, page, err)
		return
	}
	defer os.RemoveAll(dir)
	select {
	case uploading <- struct{}{}:
		defer func() { <-uploading }()
	case <-c.Request.Context().Done():
		return
	}
	files, err := s.receive(c, a, dir, page)
	var mine refusal
	switch {
	case errors.As(err, &mine):
		page.Refused = string(mine)
		s.uploadPage(c, a, http.StatusUnprocessableEntity, page)
		return
	case err != nil: // the sender broke off, or sent what is no form
		page.Refused = a.say("upload.broken")
		c.Header("Connection", "close")
		s.uploadPage(c, a, http.StatusBadRequest, page)
		return
	}
	if len(files) > 0 {
		// What was sent is taken, though the sender should go away meanwhile.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request.Context()), takingTime)
		defer cancel()
		_ = http.NewResponseController(c.Writer).SetWriteDeadline(time.Now().Add(takingTime + uploadPause))
		taken, err := s.uploads.Take(ctx, page.Person, files)
		if err != nil && len(taken) == 0 {
			s.uploadFailed(c, a, page, err)
			return
		}
		for _, t := range taken {
			page.Results = append(page.Results, resultOf(a, t))
		}
	}
	s.uploadPage(c, a, http.StatusOK, page)
}

func (s *site) uploadFailed(c *gin.Context, a *address, page *uploadContent, err error) {
	id := observe.RequestID(c.Request.Context())
	s.log.Error("take files", "request", id, "error", err)
	page.Refused = a.say("upload.unavailable", id)
	s.uploadPage(c, a, http.StatusServiceUnavailable, page)
}

func resultOf(a *address, t Taken) uploadResult {
	r := uploadResult{File: t.File, Outcome: t.Outcome, Result: a.say("upload." + t.Outcome), Note: t.Message}
	if t.Agency != "" && t.Year != 0 {
		r.Report = a.say("upload.report", t.Agency, t.Year)
		switch t.Outcome {
		case "loaded", "new_version", "unchanged":
			r.Href = a.to("/report/" + t.AgencyID + "/" + strconv.Itoa(t.Year)).String()
		case "waiting":
			r.Href = a.to("/register").String()
		}
	}
	return r
}

// receive keeps the files of a form. One that is too large is a result of its own, and the others are taken.
func (s *site) receive(c *gin.Context, a *address, dir string, page *uploadContent) ([]SentFile, error) {
	deadline := http.NewResponseController(c.Writer)
	body := &patient{r: http.MaxBytesReader(c.Writer, c.Request.Body, mostUploadBytes), wait: func() { _ = deadline.SetReadDeadline(time.Now().Add(uploadPause)) }}
	c.Request.Body = io.NopCloser(body)
	form, err := c.Request.MultipartReader()
	if err != nil {
		return nil, refusal(a.say("upload.missing"))
	}
	who := access.From(c.Request.Context())
	token := c.GetHeader("X-CSRF-Token")
	var files []SentFile
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		switch name := filepath.Base(filepath.Clean("/" + strings.ReplaceAll(part.FileName(), `\`, "/"))); {
		case part.FormName() == "csrf":
			text, err := io.ReadAll(io.LimitReader(part, 200))
			if err != nil {
				return nil, err
			}
			token = string(text)
		case who.CSRF != "" && subtle.ConstantTimeCompare([]byte(token), []byte(who.CSRF)) != 1: // it comes before everything else
			return nil, refusal(a.say("signin.stale"))
		case part.FormName() == "person":
			text, err := io.ReadAll(io.LimitReader(part, 4*longestPerson+1))
			if err != nil {
				return nil, err
			}
			page.Person = strings.TrimSpace(string(text))
		case part.FormName() == "files" && part.FileName() != "":
			if len(files) >= mostUploads {
				return nil, refusal(a.say("upload.too_many", mostUploads))
			}
			path := filepath.Join(dir, strconv.Itoa(len(files)))
			large, err := keepPart(part, path, s.uploads.MostBytes)
			if err != nil {
				return nil, err
			}
			if large {
				page.Results = append(page.Results, uploadResult{File: name, Outcome: "rejected", Result: a.say("upload.rejected"), Note: a.say("upload.too_large", s.uploads.MostBytes>>20)})
				continue
			}
			files = append(files, SentFile{name, path})
		}
	}
	if !who.Open {
		page.Person = who.Name
	}
	if n := len([]rune(page.Person)); n == 0 || n > longestPerson || len(files)+len(page.Results) == 0 {
		return nil, refusal(a.say("upload.missing"))
	}
	return files, nil
}

// keepPart writes a file of a form to the disk, unless it is too large.
func keepPart(part *multipart.Part, path string, most int64) (large bool, err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return false, err
	}
	n, err := io.Copy(f, io.LimitReader(part, most+1))
	if err := errors.Join(err, f.Close()); err != nil {
		return false, fmt.Errorf("keep a file that was sent: %w", err)
	}
	if n > most {
		return true, os.Remove(path)
	}
	return false, nil
}

// patient lets a sender take its time as long as something comes.
type patient struct {
	r    io.Reader
	wait func()
}

func (p *patient) Read(b []byte) (int, error) {
	p.wait()
	return p.r.Read(b)
}
