package mail_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"mime/quotedprintable"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"nianbao/ingest/document"
	"nianbao/ingest/document/documenttest"
	"nianbao/ingest/document/mail"
)

func gbk(t testing.TB, s string) string {
	t.Helper()
	out, err := simplifiedchinese.GBK.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func quoted(t testing.TB, s string) string {
	t.Helper()
	var b strings.Builder
	w := quotedprintable.NewWriter(&b)
	if _, err := w.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(b.String(), "\r\n", "\n")
}

// message writes headers and parts with lines as mail has them. Parts are header and content divided by an empty line.
func message(headers, kind string, parts ...string) string {
	s := headers + "MIME-Version: 1.0\nContent-Type: " + kind + "; boundary=\"=_x\"\n\nis not shown\n"
	for _, p := range parts {
		s += "--=_x\n" + p + "\n"
	}
	return strings.ReplaceAll(s+"--=_x--\n", "\n", "\r\n")
}

const page = `<html><head><meta charset="gb2312"><title>年报</title></head><body><p>二〇二三年</p><table><tr><td>甲</td><td>12</td></tr><tr><td>乙</td><td>3</td></tr></table></body></html>`

const pageDrawn = "\n二〇二三年\n\ngrid 1: 2 × 2\n  1.1 甲 | 1.2 12\n  2.1 乙 | 2.2 3\n"

func TestRead(t *testing.T) {
	for _, test := range []struct {
		name, kind, message, want string
	}{
		{"web archive, base64", mail.MHTML, message("From: <Saved by Blink>\nSnapshot-Content-Location: http://a.example/1.html\nSubject: =?utf-8?B?"+b64("年报")+"?=\n", "multipart/related; type=\"text/html\"",
			"Content-Type: text/html\nContent-Transfer-Encoding: base64\nContent-Location: http://a.example/1.html\n\n"+b64(gbk(t, page)),
			"Content-Type: image/png\nContent-Transfer-Encoding: base64\nContent-Location: http://a.example/1.png\n\n!"),
			"type multipart/related, charset gb18030\ntitle 年报\nmeta location = http://a.example/1.html\n" + pageDrawn},
		{"web archive, quoted-printable, of the word processor", mail.MHTML, message("", "multipart/related",
			"Content-Location: file:///C:/1.htm\nContent-Transfer-Encoding: quoted-printable\nContent-Type: text/html; charset=\"gb2312\"\n\n"+quoted(t, gbk(t, page))),
			"type multipart/related, charset gb18030\ntitle 年报\nmeta location = file:///C:/1.htm\n" + pageDrawn},
		{"the page to begin with is named", mail.MHTML, message("", "multipart/related; start=\"<b>\"",
			"Content-Type: text/css\nContent-ID: <a>\n\np{}", "Content-Type: text/html\nContent-ID: <b>\n\n<p>正文</p>"),
			"type multipart/related, charset utf-8\n\n正文\n"},
		{"sheets in frames", mail.MHTML, message("", "multipart/related",
			"Content-Type: text/html\n\n<frameset><frame src=1></frameset>", "Content-Type: text/html\nContent-Location: 1\n\n<table><tr><td>1<td>2<tr><td>3<td>4</table>",
			"Content-Type: text/html\nContent-Location: 2\n\n<table><tr><td>5<td>6<tr><td>7<td>8</table>"),
			"type multipart/related, charset utf-8\n\ngrid 1: 2 × 2\n  1.1 1 | 1.2 2\n  2.1 3 | 2.2 4\n\ngrid 2: 2 × 2\n  1.1 5 | 1.2 6\n  2.1 7 | 2.2 8\n"},
		{"plain text in GBK", mail.EML, "From: a@b.example\nSubject: =?GB2312?B?" + b64(gbk(t, "年报")) + "?=\nMIME-Version: 1.0\nContent-Type: text/plain; charset=gbk\nContent-Transfer-Encoding: base64\n\n" + b64(gbk(t, "正文一\n正文二")) + "\n",
			"type message/rfc822, charset gb18030\ntitle 年报\n\n正文一\n\n正文二\n"},
		{"the page of two ways to say it, and what is attached", mail.EML, message("Subject: x\n", "multipart/mixed",
			"Content-Type: multipart/alternative; boundary=y\n\n--y\nContent-Type: text/plain\n\n文字\n--y\nContent-Type: text/html\n\n<p>网页</p>\n--y--",
			"Content-Type: application/msword; name=\"=?gb2312?B?"+b64(gbk(t, "附表.doc"))+"?=\"\nContent-Disposition: attachment\n\nx"),
			"type message/rfc822, charset utf-8\ntitle x\nproblem attachments: the message was read without the files that came with it: “附表.doc”\n\n网页\n"},
		{"from a mailbox, without MIME", mail.EML, "From a@b.example Mon Jan  1\nFrom: a@b.example\nTo: c@d.example\n\n正文\n",
			"type message/rfc822, charset utf-8\n\n正文\n"},
		{"bytes of GBK that are said to be UTF-8", mail.MHTML, message("", "multipart/related", "Content-Type: text/html; charset=utf-8\n\n"+gbk(t, "<p>政府信息公开</p>")),
			"type multipart/related, charset gb18030\nproblem charset_mismatch: the file says its encoding is \"utf-8\", but its bytes are not; read as gb18030\n\n政府信息公开\n"},
	} {
		d, err := mail.Read(t.Context(), test.kind, []byte(test.message), document.DefaultLimits)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if err := documenttest.Check(d); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if got := documenttest.Draw(d); got != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, got, test.want)
		}
	}
}

func TestRefusals(t *testing.T) {
	deep := "Content-Type: text/plain\n\nx"
	for i := range 12 {
		deep = fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n%s\n--b%d--", i, i, deep, i)
	}
	small := document.Limits{Bytes: 100_000, Cells: 100, Nesting: 50, Text: 10_000}
	for _, test := range []struct {
		name, message, code string
	}{
		{"cut off", strings.TrimSuffix(message("", "multipart/related", "Content-Type: text/html\n\n<p>x"), "\r\n--=_x--\r\n"), document.Truncated},
		{"cut off behind the page", strings.TrimSuffix(message("", "multipart/related", "Content-Type: text/html\n\n<p>x", "Content-Type: text/html\n\n<p>y"), "\r\n--=_x--\r\n"), document.Truncated},
		{"no boundary", "MIME-Version: 1.0\nContent-Type: multipart/related\n\nx", document.Damaged},
		{"base64 with other characters", message("", "multipart/related", "Content-Type: text/html\nContent-Transfer-Encoding: base64\n\n<p>正文</p>"), document.Damaged},
		{"pictures alone", message("", "multipart/related", "Content-Type: image/png\n\nx"), document.Empty},
		{"deep", deep, document.Nesting},
		{"many parts", message("", "multipart/mixed", strings.Split(strings.Repeat("Content-Type: image/png\n\n|", 2100), "|")...), document.TooLarge},
		{"many tables together", message("", "multipart/related", strings.Split(strings.Repeat("Content-Type: text/html\n\n<table><tr><td>1<td>2<tr><td>3<td>4</table>|", 30), "|")...), document.TooManyCells},
		{"no header", ": x\n\nx", document.Damaged},
	} {
		_, err := mail.Read(t.Context(), mail.MHTML, []byte(test.message), small)
		var refusal *document.Refusal
		if !errors.As(err, &refusal) || refusal.Problem.Code != test.code {
			t.Errorf("%s: got %v, want the refusal %s", test.name, err, test.code)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := mail.Read(ctx, mail.MHTML, []byte(message("", "multipart/related", "Content-Type: text/html\n\nx")), small); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the error of the context", err)
	}
}

func TestAttachments(t *testing.T) {
	m := message("Subject: x\n", "multipart/mixed",
		"Content-Type: multipart/related; boundary=y\n\n--y\nContent-Type: text/html; charset=gbk\n\n"+gbk(t, "<p>网页</p>")+"\n--y\nContent-Type: image/png; name=logo.png\nContent-ID: <1>\n\nx\n--y--",
		"Content-Type: application/pdf; name=\"=?gb2312?B?"+b64(gbk(t, "一.pdf"))+"?=\"\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n\n"+b64("%PDF"),
		"Content-Type: application/octet-stream\nContent-Disposition: attachment; filename*=gb2312''"+strings.ToUpper(percent(gbk(t, "二")))+".doc\n\nDOC",
		"Content-Type: application/octet-stream\nContent-Disposition: attachment; filename*=UTF-8''"+percent("三")+".docx\n\nx",
		"Content-Type: application/octet-stream; name=\"../../etc/passwd\"\nContent-Disposition: attachment\n\nx",
		"Content-Type: application/octet-stream\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n\n!!!!",
		"Content-Type: message/rfc822\n\nSubject: y\n\nz")
	files, body, err := mail.Attachments(t.Context(), []byte(m), document.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, f := range files {
		fmt.Fprintf(&got, "%s: %q %v\n", f.Name, f.Content, f.Err)
	}
	want := "一.pdf: \"%PDF\" <nil>\n二.doc: \"DOC\" <nil>\n三.docx: \"x\" <nil>\npasswd: \"x\" <nil>\n" +
		"附件5: \"\" a part of the message cannot be decoded: illegal base64 data at input byte 0\n附件6.eml: \"Subject: y\\r\\n\\r\\nz\" <nil>\n"
	if got.String() != want {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
	if body == nil || body.Name != "正文.html" || string(body.Content) != "<p>网页</p>" {
		t.Errorf("got the text %+v", body)
	}
}

func percent(s string) string {
	out := ""
	for _, c := range []byte(s) {
		out += fmt.Sprintf("%%%02x", c)
	}
	return out
}

// FuzzRead: whatever the message, it is read to a sound document or refused.
func FuzzRead(f *testing.F) {
	f.Add(message("Subject: =?utf-8?B?"+b64("年报")+"?=\n", "multipart/related; start=\"<b>\"", "Content-Type: text/html; charset=gbk\nContent-Transfer-Encoding: base64\nContent-ID: <b>\n\n"+b64(page), "Content-Type: text/html\n\n"+page))
	f.Add(message("", "multipart/mixed", "Content-Type: multipart/alternative; boundary=y\n\n--y\nContent-Type: text/plain\n\nx\n--y\nContent-Transfer-Encoding: quoted-printable\nContent-Type: text/html\n\n<p>=E4\n--y--", "Content-Type: application/pdf\nContent-Disposition: attachment; filename*=gb2312''%C4.pdf\n\nx"))
	small := document.Limits{Bytes: 1 << 20, Cells: 2000, Nesting: 100, Text: 1 << 16}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := mail.Read(t.Context(), mail.MHTML, []byte(s), small)
		var refusal *document.Refusal
		if err != nil && !errors.As(err, &refusal) {
			t.Fatal(err)
		}
		if err == nil {
			if err := documenttest.Check(d); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := mail.Attachments(t.Context(), []byte(s), small); err != nil && !errors.As(err, &refusal) {
			t.Fatal(err)
		}
	})
}
