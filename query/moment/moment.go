// Package moment reads and writes moments as addresses have them: the text of as_of, and the cursor of a page of a list.
package moment

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// China is the zone in which days are read. It has had no summer time since 1991.
var China = time.FixedZone("UTC+8", 8*60*60)

// Parse reads a time of RFC 3339, or a day, which means its end in China: everything received on it counts. Times are cut
// to microseconds, which is what the warehouse counts. ok is false for other texts and for years before 2000 or after 2200.
func Parse(s string) (t time.Time, ok bool) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		if t, err = time.ParseInLocation(time.DateOnly, s, China); err != nil {
			return time.Time{}, false
		}
		t = t.AddDate(0, 0, 1).Add(-time.Microsecond)
	}
	if t.Year() < 2000 || t.Year() > 2200 {
		return time.Time{}, false
	}
	return t.UTC().Truncate(time.Microsecond), true
}

// ErrCursor is the error of a cursor that was not given by the same list.
var ErrCursor = errors.New("the cursor is not of this list")

// A Cursor says where a page of a list begins: how many rows come before it, in the list of which moment and question. A
// list of a past moment never changes, so the next page begins where the last one ended.
type Cursor struct {
	After int       `json:"n"`
	AsOf  time.Time `json:"t"` // zero means now
	Of    string    `json:"q"` // see [Digest]
}

// Digest names a question, so that a cursor is not taken for that of another list. The question must not hold its moment.
func Digest(question any) string {
	text, err := json.Marshal(question)
	if err != nil {
		panic(fmt.Errorf("name a question: %w", err)) // questions are texts and numbers
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:6])
}

// String writes the cursor.
func (c Cursor) String() string {
	text, err := json.Marshal(c)
	if err != nil {
		panic(fmt.Errorf("write a cursor: %w", err))
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// ParseCursor reads what [Cursor.String] wrote; "" is the beginning of every list. Whether it is of a list, [Cursor.For] says.
func ParseCursor(text string) (Cursor, error) {
	var c Cursor
	if text == "" {
		return c, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(raw, &c)
	}
	if err != nil || c.After < 0 || c.Of == "" {
		return Cursor{}, ErrCursor
	}
	return c, nil
}

// For reports whether the cursor is of the list that a question asks for.
func (c Cursor) For(question any) error {
	if c.Of != "" && c.Of != Digest(question) {
		return ErrCursor
	}
	return nil
}
