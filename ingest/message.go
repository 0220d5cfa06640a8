package ingest

import (
	"bytes"
	"context"
	"io"
	"unicode/utf8"

	"nianbao/ingest/document"
	"nianbao/ingest/document/mail"
	"nianbao/ingest/document/open"
)

var messageFormat = format{"e-mail", messageMembers}

// lettersAlone is how many characters the text of a message with attachments has where it is no more than a letter that
// goes with them. The shortest report has some 3,000.
const lettersAlone = 1500

// looksLikeMessage reports whether the file is an e-mail that files are attached to.
func looksLikeMessage(name string, r io.ReaderAt, size int64) bool {
	var head [8 << 10]byte
	n, _ := r.ReadAt(head[:1], 0)
	if n < 1 || !letter(head[0]) && head[0] != 0xEF || size > document.DefaultLimits.Bytes {
		return false // a header field begins with a letter, behind a byte order mark at most
	}
	n, _ = r.ReadAt(head[:], 0)
	if open.Sniff(name, head[:n]) != open.EML {
		return false
	}
	b, err := readAll(io.NewSectionReader(r, 0, size), size)
	if err != nil {
		return false
	}
	files, _, err := mail.Attachments(context.Background(), b, document.DefaultLimits)
	return err == nil && len(files) > 0
}

func letter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// messageMembers lists the files attached to a message, and its text where that is more than a letter.
func messageMembers(ctx context.Context, r io.ReaderAt, size int64, most int) ([]member, error) {
	b, err := readAll(io.NewSectionReader(r, 0, size), size)
	if err != nil {
		return nil, err
	}
	files, body, err := mail.Attachments(ctx, b, document.DefaultLimits)
	if err != nil {
		return nil, err
	}
	var out []member
	add := func(f mail.Attachment, leave string) {
		out = append(out, member{name: f.Name, size: int64(len(f.Content)), regular: true, leave: leave, open: func() (io.ReadCloser, error) {
			if f.Err != nil {
				return nil, f.Err
			}
			return io.NopCloser(bytes.NewReader(f.Content)), nil
		}})
	}
	if body != nil {
		leave := ""
		if !bytes.Contains(bytes.ToLower(body.Content), []byte("<table")) && utf8.RuneCount(body.Content) < lettersAlone {
			leave = "letters"
		}
		add(*body, leave)
	}
	for _, f := range files {
		add(f, "")
	}
	if len(out) > most {
		return nil, tooMany()
	}
	return out, nil
}
