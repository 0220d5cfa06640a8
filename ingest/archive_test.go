package ingest

import (
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// rarEntry is a file in a RAR archive, stored as it is.
type rarEntry struct {
	name  string
	bytes []byte
	extra []byte // records of encryption or of links
	size  uint64 // stated, if not that of bytes
}

// vint writes a number seven bits a byte.
func vint(n uint64) []byte { return binary.AppendUvarint(nil, n) }

// block is a header of RAR 5.
func block(kind uint64, flags uint64, fields ...[]byte) []byte {
	var body []byte
	for _, f := range append([][]byte{vint(kind), vint(flags)}, fields...) {
		body = append(body, f...)
	}
	body = append(vint(uint64(len(body))), body...)
	return append(binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(body)), body...)
}

// rar5 writes an archive of RAR 5.
func rar5(entries ...rarEntry) []byte {
	out := []byte("Rar!\x1A\x07\x01\x00")
	out = append(out, block(1, 0, vint(0))...)
	for _, e := range entries {
		size := uint64(len(e.bytes))
		if e.size > 0 {
			size = e.size
		}
		flags, fields := uint64(2), [][]byte{}
		if len(e.extra) > 0 {
			flags |= 1
			fields = append(fields, vint(uint64(len(e.extra))))
		}
		kind := uint64(4)
		if strings.HasSuffix(e.name, "/") {
			kind |= 1
		}
		fields = append(fields, vint(uint64(len(e.bytes))), vint(kind), vint(size), vint(0), binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(e.bytes)),
			vint(0), vint(1), vint(uint64(len(e.name))), []byte(e.name), e.extra)
		out = append(append(out, block(2, flags, fields...)...), e.bytes...)
	}
	return append(out, block(5, 0, vint(0))...)
}

// rar4 writes an archive of RAR 4, in which names have no stated encoding.
func rar4(entries ...rarEntry) []byte {
	head := func(b []byte) []byte {
		return append(binary.LittleEndian.AppendUint16(nil, uint16(crc32.ChecksumIEEE(b))), b...)
	}
	out := []byte("Rar!\x1A\x07\x00")
	out = append(out, head([]byte{0x73, 0, 0, 13, 0, 0, 0, 0, 0, 0, 0})...)
	for _, e := range entries {
		b := []byte{0x74, 0, 0x80}
		b = binary.LittleEndian.AppendUint16(b, uint16(32+len(e.name)))
		b = binary.LittleEndian.AppendUint32(b, uint32(len(e.bytes)))
		b = binary.LittleEndian.AppendUint32(b, uint32(len(e.bytes)))
		b = append(b, 2)
		b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(e.bytes))
		b = append(b, 0, 0, 0x21, 0x58, 20, 0x30)
		b = binary.LittleEndian.AppendUint16(b, uint16(len(e.name)))
		b = binary.LittleEndian.AppendUint32(b, 0x20)
		out = append(append(out, head(append(b, e.name...))...), e.bytes...)
	}
	return append(out, head([]byte{0x7B, 0, 0x40, 7, 0})...)
}

func record(kind uint64, fields ...[]byte) []byte {
	b := vint(kind)
	for _, f := range fields {
		b = append(b, f...)
	}
	return append(vint(uint64(len(b))), b...)
}

func TestRAR(t *testing.T) {
	report := page(education, 2023, 1)
	locked := record(1, vint(0), vint(0), []byte{15}, make([]byte, 32))
	link := record(5, vint(1), vint(0), vint(4), []byte("/etc"))
	inner := rar5(rarEntry{name: "1.html", bytes: report})
	nested := inner
	for range archiveDepth {
		nested = rar5(rarEntry{name: "n.rar", bytes: nested})
	}
	many := make([]rarEntry, archiveFiles+1)
	for i := range many {
		many[i].name = "x"
	}
	spoilt := []byte(strings.Replace(string(inner), "工作年度报告", "工作年度报吿", 1))
	volume := append([]byte("Rar!\x1A\x07\x01\x00"), block(1, 0, vint(1))...)
	headers := append([]byte("Rar!\x1A\x07\x01\x00"), block(4, 0, vint(0), vint(0), []byte{15}, make([]byte, 16))...)
	for _, test := range []struct {
		name  string
		bytes []byte
		want  []string
	}{
		{"members", rar5(rarEntry{name: "甲/"}, rarEntry{name: "甲/1.html", bytes: report}, rarEntry{name: "2.txt", bytes: []byte("放假通知")}),
			[]string{"loaded a.rar!/甲/1.html v1", "rejected a.rar!/2.txt not_a_report"}},
		{"RAR 4 with names in GBK", rar4(rarEntry{name: gbk(t, `二〇二三年\教育局.html`), bytes: report}, rarEntry{name: "2.txt", bytes: []byte("放假通知")}),
			[]string{"loaded a.rar!/二〇二三年/教育局.html v1", "rejected a.rar!/2.txt not_a_report"}},
		{"left out", rar5(rarEntry{name: "1.html", bytes: report}, rarEntry{name: "Thumbs.db", bytes: report}), []string{"loaded a.rar!/1.html v1"}},
		{"escape", rar5(rarEntry{name: "../1.html", bytes: report}, rarEntry{name: "/etc/1.html", bytes: report}),
			[]string{"rejected a.rar!/../1.html archive_path", "rejected a.rar!//etc/1.html archive_path"}},
		{"link", rar5(rarEntry{name: "1.html", extra: link}), []string{"rejected a.rar!/1.html archive_path"}},
		{"encrypted member", rar5(rarEntry{name: "1.html", bytes: report, extra: locked}, rarEntry{name: "2.html", bytes: report}),
			[]string{"rejected a.rar!/1.html archive_encrypted", "loaded a.rar!/2.html v1"}},
		{"encrypted headers", headers, []string{"rejected a.rar archive_encrypted"}},
		{"one of several volumes", volume, []string{"rejected a.rar archive_damaged"}},
		{"zip in RAR", rar5(rarEntry{name: "b.zip", bytes: archive(t, entry{name: "1.html", bytes: report})}), []string{"loaded a.rar!/b.zip!/1.html v1"}},
		{"RAR in RAR", rar5(rarEntry{name: "b.rar", bytes: inner}), []string{"loaded a.rar!/b.rar!/1.html v1"}},
		{"too deep", nested, []string{"rejected a.rar!/n.rar!/n.rar!/n.rar archive_nesting"}},
		{"too many", rar5(many...), []string{"rejected a.rar archive_too_large"}},
		{"lying about the size", rar5(rarEntry{name: "1.html", bytes: report, size: uint64(len(report)) + 7}), []string{"rejected a.rar!/1.html archive_damaged"}},
		{"more than is accepted", rar5(rarEntry{name: "1.html", bytes: report, size: 1 << 50}), []string{"rejected a.rar archive_too_large"}},
		{"ratio", rar5(rarEntry{name: "1.html", bytes: []byte("x"), size: 1 << 20}), []string{"rejected a.rar archive_too_large"}},
		{"wrong checksum", spoilt, []string{"rejected a.rar!/1.html archive_damaged"}},
		{"empty", rar5(), []string{"rejected a.rar archive_empty"}},
		{"cut off", inner[:len(inner)-30], []string{"rejected a.rar archive_damaged"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, _ := ingest(t, Options{DryRun: true}, write(t, map[string][]byte{"a.rar": test.bytes}))
			wantLines(t, got, test.want...)
		})
	}
}

// The archives themselves are tested where they are read; here, that their members arrive.
func TestSevenZip(t *testing.T) {
	for _, test := range []struct {
		name string
		want []string
	}{
		{"LZMA2", []string{"rejected a.7z!/年报/空.txt empty", "rejected a.7z!/年报/乙.txt not_a_report", "rejected a.7z!/年报/甲.html not_a_report"}},
		{"PPMd", []string{"rejected a.7z!/年报/空.txt empty", "rejected a.7z!/年报/乙.txt archive_damaged", "rejected a.7z!/年报/甲.html archive_damaged"}},
		{"encrypted", []string{"rejected a.7z!/年报/空.txt empty", "rejected a.7z!/年报/乙.txt archive_encrypted", "rejected a.7z!/年报/甲.html archive_encrypted"}},
		{"encryptedheader", []string{"rejected a.7z archive_encrypted"}},
		{"link", []string{"rejected a.7z!/年报/link archive_path"}},
	} {
		b, err := os.ReadFile(filepath.Join("sevenzip", "testdata", test.name+".7z"))
		if err != nil {
			t.Fatal(err)
		}
		got, _ := ingest(t, Options{DryRun: true}, write(t, map[string][]byte{"a.7z": b}))
		wantLines(t, got, test.want...)
		got, _ = ingest(t, Options{DryRun: true}, write(t, map[string][]byte{"a.7z": b[:len(b)/2]}))
		wantLines(t, got, "rejected a.7z archive_damaged")
	}
}

// An e-mail gives what is attached to it, and its text where a report stands in it.
func TestMessages(t *testing.T) {
	mail := func(body string, files ...string) []byte {
		s := "From: a@b.example\r\nTo: c@d.example\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + body
		for _, f := range files {
			name, content, _ := strings.Cut(f, ":")
			s += "\r\n--x\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"" + name + "\"\r\n\r\n" + content
		}
		return []byte(s + "\r\n--x--\r\n")
	}
	report := string(page(education, 2023, 1))
	for _, test := range []struct {
		name  string
		bytes []byte
		want  []string
	}{
		{"a letter with a report", mail("<p>见附件。</p>", "1.html:"+report, "2.txt:放假通知"), []string{"loaded a.eml!/1.html v1", "rejected a.eml!/2.txt not_a_report"}},
		{"a report with a file", mail(report, "2.txt:放假通知"), []string{"loaded a.eml!/正文.html v1", "rejected a.eml!/2.txt not_a_report"}},
		{"a report alone", mail(report), []string{"loaded a.eml v1"}},
		{"an archive", mail("<p>见附件。</p>", "b.rar:"+string(rar5(rarEntry{name: "1.html", bytes: []byte(report)}))), []string{"loaded a.eml!/b.rar!/1.html v1"}},
		{"cut off", mail(report, "1.html:"+report)[:len(report)+500], []string{"rejected a.eml truncated"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, r := ingest(t, Options{DryRun: true}, write(t, map[string][]byte{"a.eml": test.bytes}))
			wantLines(t, got, test.want...)
			if want := map[string]int{"a letter with a report": 1, "an archive": 1}[test.name]; r.LeftOut["letters"] != want {
				t.Errorf("%d letters were left out, want %d", r.LeftOut["letters"], want)
			}
		})
	}
}
