package page

import (
	"errors"
	"mime"
	"net/http"
	"regexp"

	"github.com/gin-gonic/gin"

	"nianbao/internal/warehouse"
	"nianbao/query/download"
)

var hash = regexp.MustCompile(`^[0-9a-f]{64}$`)

// document hands out the bytes of a file as they were handed in. They come from strangers: the browser is told to
// save them, not to show them, and what they are is not told to it either.
func (s *site) document(c *gin.Context) {
	sha := c.Param("sha256")
	if !hash.MatchString(sha) {
		s.missing(c)
		return
	}
	if matches(c.GetHeader("If-None-Match"), `"`+sha+`"`) {
		c.Header("ETag", `"`+sha+`"`)
		c.Status(http.StatusNotModified)
		return
	}
	d, err := s.store.Document(c.Request.Context(), sha)
	if errors.Is(err, warehouse.ErrNotFound) {
		s.missing(c)
		return
	}
	if err != nil {
		s.unavailable(c, addressed(c), err)
		return
	}
	c.Header("ETag", `"`+sha+`"`)
	c.Header("Cache-Control", "private, max-age=31536000, immutable") // the address is the hash of the content
	c.Header("Content-Security-Policy", "default-src 'none'; sandbox")
	file := download.File{Name: sha + extension(d.MediaType), MediaType: "application/octet-stream", Head: c.Request.Method == http.MethodHead}
	download.Bytes(c.Writer, c.Request, s.store, file, nil, d.Bytes)
}

// extension is the usual ending of the name of a file of this kind, "" if it is not one of those that reports have.
func extension(mediaType string) string {
	kind, _, err := mime.ParseMediaType(mediaType)
	if err != nil {
		return ""
	}
	known := map[string]string{
		"text/html": ".html", "text/plain": ".txt", "application/pdf": ".pdf", "application/msword": ".doc",
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":       ".xlsx",
		"application/rtf": ".rtf", "application/vnd.oasis.opendocument.text": ".odt",
	}
	return known[kind]
}
